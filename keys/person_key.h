#pragma once
// The personal key of someone who works with a node: custodian, officer, data
// protection officer. It lives in one sealed file, mode 0600, away from the
// node.

#include <absl/status/statusor.h>

#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"
#include "keys/node_card.h"
#include "keys/sealing.h"

namespace entente::keys {

// What a key file says in clear.
struct PersonPublic {
  std::string label;
  primitive::PublicKey key{};           // Ed25519
  primitive::HpkePublicKey hpke_key{};  // for what is sealed to the person
};

// Move-only. Thread-safe once made.
class PersonKey {
 public:
  // A fresh key. `label` names it in key ids: `[a-z0-9-]{1,64}`.
  // INVALID_ARGUMENT: another label.
  static absl::StatusOr<PersonKey> Create(const std::string& label);
  // The key that a 32-byte Ed25519 seed gives, for vectors and examples.
  static absl::StatusOr<PersonKey> FromSeed(const std::string& label,
                                            SecretBytes seed);

  // Writes the file, mode 0600. ALREADY_EXISTS: never overwrites.
  absl::Status Save(const std::string& path, const Sealing& sealing) const;
  //   NOT_FOUND             no such file
  //   FAILED_PRECONDITION   the mode is not 0600 or stricter, or it belongs to
  //                         somebody else
  //   DATA_LOSS             wrong passphrase or key file, or a damaged file
  static absl::StatusOr<PersonKey> Load(const std::string& path,
                                        const Sealing& sealing);
  // What the file says in clear, unverified: to find out whose it is and
  // whether to ask for a passphrase. Errors as Load.
  static absl::StatusOr<PersonPublic> Peek(const std::string& path);
  static absl::StatusOr<SealingKind> PeekKind(const std::string& path);

  const std::string& label() const { return public_.label; }
  const primitive::PublicKey& public_key() const { return public_.key; }
  const primitive::HpkePublicKey& hpke_key() const { return public_.hpke_key; }
  // `ed25519:label:kid`.
  std::string key_id() const;
  CardKey ForCard(CardKeyKind kind) const;

  primitive::Signature Sign(ByteView message) const;
  Signer signer() const;  // borrows this
  // DATA_LOSS: it does not open.
  absl::StatusOr<Bytes> OpenSealed(ByteView enc, ByteView info, ByteView aad,
                                   ByteView ciphertext) const;

 private:
  PersonKey(std::string label, primitive::SigningKey signing,
            primitive::HpkePrivateKey hpke);
  PersonPublic public_;
  primitive::SigningKey signing_;
  primitive::HpkePrivateKey hpke_;
};

}  // namespace entente::keys
