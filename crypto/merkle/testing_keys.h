#pragma once
// Private to the tests of this room: keys from a small number.

#include <string_view>

#include "crypto/merkle/note.h"
#include "crypto/primitive/signature.h"

namespace entente::merkle {

struct TestKey {
  primitive::SigningKey key;
  VerifierKey verifier;

  TestKey(std::string_view name, NoteKeyType type, std::uint8_t seed)
      : key(*primitive::SigningKey::FromSeed(
            SecretBytes::CopyOf(Bytes(32, seed)))),
        verifier(*VerifierKey::Make(name, type, key.public_key())) {}
  Signer Sign() const {
    return [this](ByteView message) -> absl::StatusOr<primitive::Signature> {
      return key.Sign(message);
    };
  }
};

}  // namespace entente::merkle
