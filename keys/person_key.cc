#include "keys/person_key.h"

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/aead.h"
#include "crypto/primitive/hkdf.h"
#include "keys/armor.h"
#include "keys/files.h"
#include "keys/label.h"

namespace entente::keys {
namespace {

constexpr std::string_view kTitle = "ENTENTE PERSON KEY";
constexpr std::size_t kMaxFile = 8192;
constexpr std::size_t kSeedSize = 32;

struct PersonFile {
  static constexpr std::string_view kLabel = "entente/person-key/1";
  std::string label;
  primitive::PublicKey key{};
  primitive::HpkePublicKey hpke_key{};
  SealingHeader sealing;
  Bytes box;  // the seed
  template <class A>
  void Fields(A& f) {
    f(label, key, hpke_key, sealing, box);
  }
};

// All that the file says in clear: the same file with an empty box.
Bytes AadOf(PersonFile file) {
  file.box.clear();
  return EncodeStatement(file);
}

absl::StatusOr<PersonFile> ReadPersonFile(const std::string& path) {
  const absl::Status damaged = ProofFailed("the person's key file is damaged");
  const absl::StatusOr<Bytes> raw =
      ReadPrivateFile(path, kMaxFile, Privacy::kOwnerOnly);
  if (!raw.ok()) {
    return absl::IsInvalidArgument(raw.status()) ? damaged : raw.status();
  }
  const absl::StatusOr<Bytes> bytes = ReadArmor(kTitle, AsText(*raw));
  if (!bytes.ok()) return damaged;
  absl::StatusOr<PersonFile> file = DecodeStatement<PersonFile>(*bytes);
  if (!file.ok() || !IsKeyLabel(file->label)) return damaged;
  return file;
}

}  // namespace

PersonKey::PersonKey(std::string label, primitive::SigningKey signing,
                     primitive::HpkePrivateKey hpke)
    : signing_(std::move(signing)), hpke_(std::move(hpke)) {
  public_.label = std::move(label);
  public_.key = signing_.public_key();
  public_.hpke_key = hpke_.public_key();
}

absl::StatusOr<PersonKey> PersonKey::Create(const std::string& label) {
  return FromSeed(label, SecretBytes::Random(kSeedSize));
}

absl::StatusOr<PersonKey> PersonKey::FromSeed(const std::string& label,
                                              SecretBytes seed) {
  if (!IsKeyLabel(label)) {
    return Invalid("a key's label is 1 to 64 of a-z, 0-9 and `-`");
  }
  // One seed, two keys that tell nothing of each other: HKDF stands between.
  TRY(primitive::HpkePrivateKey hpke,
      primitive::HpkePrivateKey::FromBytes(primitive::Hkdf(
          seed, {}, AsBytes("entente/person-hpke/1"), kSeedSize)));
  TRY(primitive::SigningKey signing,
      primitive::SigningKey::FromSeed(std::move(seed)));
  return PersonKey(label, std::move(signing), std::move(hpke));
}

absl::Status PersonKey::Save(const std::string& path,
                             const Sealing& sealing) const {
  PersonFile file;
  file.label = public_.label;
  file.key = public_.key;
  file.hpke_key = public_.hpke_key;
  file.sealing = sealing.NewHeader();
  TRY(const SecretBytes key, sealing.KeyUnder(file.sealing));
  file.box = primitive::SealSecret(key, AadOf(file), signing_.seed());
  return WriteNewFile(path, AsBytes(WriteArmor(kTitle, EncodeStatement(file))));
}

absl::StatusOr<PersonKey> PersonKey::Load(const std::string& path,
                                          const Sealing& sealing) {
  TRY(const PersonFile file, ReadPersonFile(path));
  TRY(const SecretBytes key, sealing.KeyUnder(file.sealing));
  absl::StatusOr<SecretBytes> seed =
      primitive::OpenSecret(key, AadOf(file), file.box);
  if (!seed.ok() || seed->size() != kSeedSize) {
    return ProofFailed(
        "the person's key file does not open: another passphrase or key file, "
        "or it is damaged");
  }
  TRY(PersonKey out, FromSeed(file.label, *std::move(seed)));
  if (out.public_key() != file.key || out.hpke_key() != file.hpke_key) {
    return ProofFailed("the person's key file holds another key than it says");
  }
  return out;
}

absl::StatusOr<PersonPublic> PersonKey::Peek(const std::string& path) {
  TRY(PersonFile file, ReadPersonFile(path));
  return PersonPublic{std::move(file.label), file.key, file.hpke_key};
}

absl::StatusOr<SealingKind> PersonKey::PeekKind(const std::string& path) {
  TRY(const PersonFile file, ReadPersonFile(path));
  return file.sealing.kind;
}

CardKey PersonKey::ForCard(CardKeyKind kind) const {
  return {.label = label(),
          .kid = primitive::KeyId(public_key()),
          .key = public_key(),
          .kind = kind};
}

std::string PersonKey::key_id() const {
  return KeyIdText(ForCard(CardKeyKind::kLegal));  // the kind is not part of it
}

primitive::Signature PersonKey::Sign(ByteView message) const {
  return signing_.Sign(message);
}

Signer PersonKey::signer() const {
  return [this](ByteView message) -> absl::StatusOr<primitive::Signature> {
    return Sign(message);
  };
}

absl::StatusOr<Bytes> PersonKey::OpenSealed(ByteView enc, ByteView info,
                                            ByteView aad,
                                            ByteView ciphertext) const {
  return primitive::HpkeOpen(hpke_, enc, info, aad, ciphertext);
}

}  // namespace entente::keys
