#include "keys/held_key.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/aead.h"
#include "crypto/primitive/hash.h"

namespace entente::keys {
namespace {

constexpr std::size_t kKeySize = 32;

// The kid of a symmetric key (audit.md 3): it tells nothing about the key.
Id16 SymmetricKid(const SecretBytes& key) {
  const Hash mac = primitive::HmacSha256(key, {AsBytes("entente/kid/1")});
  Id16 kid;
  std::copy_n(mac.begin(), kid.size(), kid.begin());
  return kid;
}

// Fills in kid and public key. `secret` is 32 bytes.
HeldKey Make(KeyKind kind, SecretBytes secret, KeyLabel label) {
  CHECK(secret.size() == kKeySize);
  if (kind == KeyKind::kSigning) {
    auto key = primitive::SigningKey::FromSeed(std::move(secret));
    CHECK(key.ok());
    label.public_key = ToBytes(key->public_key());
    label.kid = primitive::KeyId(label.public_key);
    return {std::move(label), *std::move(key)};
  }
  if (kind == KeyKind::kHpke) {
    auto key = primitive::HpkePrivateKey::FromBytes(std::move(secret));
    CHECK(key.ok());
    label.public_key = ToBytes(key->public_key());
    label.kid = primitive::KeyId(label.public_key);
    return {std::move(label), *std::move(key)};
  }
  label.public_key.clear();
  label.kid = SymmetricKid(secret);
  return {std::move(label), std::move(secret)};
}

}  // namespace

const SecretBytes& HeldKey::secret() const {
  if (const auto* signing = std::get_if<primitive::SigningKey>(&key)) {
    return signing->seed();
  }
  if (const auto* hpke = std::get_if<primitive::HpkePrivateKey>(&key)) {
    return hpke->secret();
  }
  return *std::get_if<SecretBytes>(&key);
}

HeldKey NewHeldKey(KeyKind kind, std::string purpose, std::string name,
                   std::uint32_t generation) {
  KeyLabel label;
  label.purpose = std::move(purpose);
  label.name = std::move(name);
  label.generation = generation;
  return Make(kind, SecretBytes::Random(kKeySize), std::move(label));
}

absl::StatusOr<HeldKey> RestoreHeldKey(KeyKind kind, LoadedKey loaded) {
  if (loaded.secret.size() != kKeySize) {
    return ProofFailed("a key file holds a key of another length");
  }
  const KeyLabel label = loaded.label;
  HeldKey held = Make(kind, std::move(loaded.secret), std::move(loaded.label));
  if (held.label.kid != label.kid ||
      held.label.public_key != label.public_key) {
    return ProofFailed("a key file holds another key than it says");
  }
  return held;
}

Bytes SealUnder(const HeldKey& held, ByteView aad, ByteView plaintext) {
  return Concat(
      {held.label.kid, primitive::SealBox(held.secret(), aad, plaintext)});
}

absl::StatusOr<Bytes> OpenUnder(const HeldKey& held, ByteView aad,
                                ByteView box) {
  absl::StatusOr<Bytes> out = primitive::OpenBox(
      held.secret(), aad, box.subspan(held.label.kid.size()));
  if (!out.ok()) {
    return ProofFailed("a sealed row does not open: it is damaged");
  }
  return out;
}

absl::StatusOr<Id16> KidOfBox(ByteView box) {
  if (box.size() < Id16().size()) {
    return ProofFailed("a sealed row does not open: it is cut short");
  }
  return ToArray<16>(box.first(Id16().size()));
}

}  // namespace entente::keys
