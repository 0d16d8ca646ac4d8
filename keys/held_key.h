#pragma once
// Private to this room: a key in memory, ready for use.

#include <absl/status/statusor.h>

#include <string>
#include <variant>

#include "crypto/base/secret.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"
#include "keys/key_folder.h"
#include "keys/purpose.h"

namespace entente::keys {

// Immutable once made, so threads share it. Move-only.
struct HeldKey {
  KeyLabel label;
  std::variant<SecretBytes, primitive::SigningKey, primitive::HpkePrivateKey>
      key;  // SecretBytes: kRaw, kMac, kBox

  const SecretBytes& secret() const;  // what the key file seals
};

// A fresh key; its kid and public key go into the label.
HeldKey NewHeldKey(KeyKind kind, std::string purpose, std::string name,
                   std::uint32_t generation);
// A key from its file. DATA_LOSS: the secret is not that of the label.
absl::StatusOr<HeldKey> RestoreHeldKey(KeyKind kind, LoadedKey loaded);

// kid(16) || box, and back. `held` is a kBox key.
Bytes SealUnder(const HeldKey& held, ByteView aad, ByteView plaintext);
// DATA_LOSS: it does not open. `box` names the kid of `held`.
absl::StatusOr<Bytes> OpenUnder(const HeldKey& held, ByteView aad,
                                ByteView box);
// DATA_LOSS: too short to name one.
absl::StatusOr<Id16> KidOfBox(ByteView box);

}  // namespace entente::keys
