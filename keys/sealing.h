#pragma once
// What opens a key store or a person's key file: a key file, a systemd
// credential, or a passphrase.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/primitive/argon2.h"

namespace entente::keys {

enum class SealingKind : std::uint8_t {
  kKey,
  kPassphrase,
  kLast = kPassphrase
};

// Stands in clear at the start of what is sealed and is bound to it.
struct SealingHeader {
  SealingKind kind = SealingKind::kKey;
  ByteArray<16> salt{};
  std::uint32_t passes = 0;        // of Argon2id; 0 for a key
  std::uint64_t memory_bytes = 0;  // of Argon2id; 0 for a key
  template <class A>
  void Fields(A& f) {
    f(kind, salt, passes, memory_bytes);
  }
};

// Move-only; the secret lives in guarded memory. Thread-safe once made.
class Sealing {
 public:
  // 32 raw random bytes in a regular file that only its owner, this user or
  // root, may read or write.
  //   NOT_FOUND             no such file
  //   FAILED_PRECONDITION   the mode is not 0600 or stricter, or it belongs to
  //                         somebody else
  //   INVALID_ARGUMENT      not 32 bytes, or 32 equal ones
  static absl::StatusOr<Sealing> FromKeyFile(const std::string& path);

  // The same from $CREDENTIALS_DIRECTORY/name, as systemd gives it. `name` is
  // `[A-Za-z0-9._-]{1,64}`. systemd may grant the service's user its right by
  // an access list, which shows as a readable group: that is accepted, the
  // folder itself is closed to others.
  //   FAILED_PRECONDITION   no credentials were given to this process, or the
  //                         file is open to all or can be written by a group
  static absl::StatusOr<Sealing> FromCredential(const std::string& name);

  // Argon2id under `cost`, which is kept in the header of what is sealed.
  // INVALID_ARGUMENT: shorter than 8 bytes.
  static absl::StatusOr<Sealing> FromPassphrase(
      SecretBytes passphrase, const primitive::Argon2Cost& cost = {});

  // Writes a fresh key file, mode 0600. ALREADY_EXISTS: never overwrites.
  static absl::Status MakeKeyFile(const std::string& path);

  SealingKind kind() const { return kind_; }

  // A header for something new: fresh salt, this sealing's cost.
  SealingHeader NewHeader() const;
  // The 32-byte key under `header`.
  //   DATA_LOSS            `header` asks for the other kind, or for a cost out
  //                        of bounds (at most 16 passes, 1 GiB)
  //   RESOURCE_EXHAUSTED   as Argon2id
  absl::StatusOr<SecretBytes> KeyUnder(const SealingHeader& header) const;

 private:
  Sealing(SealingKind kind, SecretBytes secret, primitive::Argon2Cost cost)
      : kind_(kind), secret_(std::move(secret)), cost_(cost) {}
  SealingKind kind_;
  SecretBytes secret_;
  primitive::Argon2Cost cost_;
};

}  // namespace entente::keys
