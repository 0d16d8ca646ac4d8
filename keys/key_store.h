#pragma once
// The node's keys. A key is used here and never leaves, with two documented
// exceptions: the database's raw key (StoreKey) and the TLS key (tls.h).
//
// Errors that every call may give, besides its own:
//   NOT_FOUND          there is no such key, or it was destroyed
//   INVALID_ARGUMENT   the purpose's key is of another kind
//   UNAVAILABLE        the disk fails; RESOURCE_EXHAUSTED: it is full
// Callers bring their own domain separation: what is signed or authenticated
// starts with a label. All of it is thread-safe.

#include <absl/status/statusor.h>

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/oprf/element.h"
#include "crypto/oprf/server.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"
#include "keys/destruction.h"
#include "keys/purpose.h"

namespace entente::keys {

struct KeyInfo {
  Purpose purpose = Purpose::kStatement;
  Id16 kid{};                    // audit.md 3; symmetric keys have one too
  std::uint32_t generation = 0;  // from 1, rises with each rotation
  Bytes public_key;              // 32 bytes; empty for symmetric keys
};

// A retention unit that can be made unreadable by destroying one key, such as
// the passengers of a day: {"api", "2027-01-31"}.
struct Partition {
  std::string dataset;  // `[a-z0-9-]{1,32}`
  std::string part;     // `[a-z0-9.-]{1,32}`
  friend auto operator<=>(const Partition&, const Partition&) = default;
};

// The public half of an agreement's OPRF key in one epoch.
struct EpochPublic {
  Hash agreement{};
  std::uint64_t epoch = 0;
  Id16 kid{};
  oprf::PublicKey key;
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // --- Keys by purpose. The newest generation is the one in use; older ones
  // stay to open and, named by kid, to sign, until they are destroyed.

  // The first key of a purpose. ALREADY_EXISTS: there is one.
  virtual absl::Status Generate(Purpose purpose) = 0;
  // A next key. FAILED_PRECONDITION: kStore, whose key the database holds.
  virtual absl::StatusOr<KeyInfo> Rotate(Purpose purpose) = 0;
  // Newest first; empty when there is none.
  virtual std::vector<KeyInfo> Keys(Purpose purpose) const = 0;
  // FAILED_PRECONDITION: the newest key is in use; rotate first. A destruction
  // that a crash cut short gives the same certificate again.
  virtual absl::StatusOr<DestructionCertificate> Destroy(Purpose purpose,
                                                         const Id16& kid,
                                                         std::int64_t now) = 0;

  // Ed25519.
  virtual absl::StatusOr<primitive::PublicKey> Public(
      Purpose purpose) const = 0;
  virtual absl::StatusOr<primitive::Signature> Sign(Purpose purpose,
                                                    ByteView message) const = 0;
  // With an older key, while peers move to the new one.
  virtual absl::StatusOr<primitive::Signature> SignWith(
      Purpose purpose, const Id16& kid, ByteView message) const = 0;

  // HPKE. DATA_LOSS: no generation of the key opens it.
  virtual absl::StatusOr<primitive::HpkePublicKey> HpkePublic(
      Purpose purpose) const = 0;
  virtual absl::StatusOr<Bytes> OpenSealed(Purpose purpose, ByteView enc,
                                           ByteView info, ByteView aad,
                                           ByteView ciphertext) const = 0;

  // HMAC-SHA256 under the newest key.
  virtual absl::StatusOr<Hash> Mac(Purpose purpose, ByteView message) const = 0;

  // kid(16) || XChaCha20-Poly1305 box, under the newest key; `aad` says what
  // and whose it is. OpenLocal: DATA_LOSS, it does not open; NOT_FOUND, the key
  // that sealed it is gone.
  virtual absl::StatusOr<Bytes> SealLocal(Purpose purpose, ByteView aad,
                                          ByteView plaintext) const = 0;
  virtual absl::StatusOr<Bytes> OpenLocal(Purpose purpose, ByteView aad,
                                          ByteView box) const = 0;

  // The raw 32 bytes of kStore, lent to node/store only, which hands them to
  // the database once and wipes them.
  virtual absl::StatusOr<SecretBytes> StoreKey() const = 0;

  // --- Partition keys.

  // Makes the key if there is none. FAILED_PRECONDITION: it was destroyed.
  virtual absl::Status EnsurePartition(const Partition& partition) = 0;
  virtual std::vector<Partition> Partitions() const = 0;
  // As SealLocal and OpenLocal.
  virtual absl::StatusOr<Bytes> SealPartition(const Partition& partition,
                                              ByteView aad,
                                              ByteView plaintext) const = 0;
  virtual absl::StatusOr<Bytes> OpenPartition(const Partition& partition,
                                              ByteView aad,
                                              ByteView box) const = 0;
  virtual absl::StatusOr<DestructionCertificate> DestroyPartition(
      const Partition& partition, std::int64_t now) = 0;

  // --- OPRF keys, one per agreement and epoch (exchange.md 2).

  // Makes the key if there is none; asked again, the same public key.
  //   FAILED_PRECONDITION   the epoch's key was destroyed, or the agreement is
  //                         suspended (`agreement-suspended`)
  virtual absl::StatusOr<EpochPublic> CreateEpochKey(const Hash& agreement,
                                                     std::uint64_t epoch) = 0;
  virtual absl::StatusOr<EpochPublic> EpochKey(const Hash& agreement,
                                               std::uint64_t epoch) const = 0;
  // All epoch keys that are not destroyed, by agreement and epoch.
  virtual std::vector<EpochPublic> EpochKeys() const = 0;

  // As oprf::Evaluate and oprf::Tokens; several may run at once.
  //   FAILED_PRECONDITION   `agreement-suspended`
  virtual absl::StatusOr<oprf::Evaluation> EvaluateEpoch(
      const Hash& agreement, std::uint64_t epoch, ByteView info,
      std::span<const oprf::Blinded> blinded) = 0;
  virtual absl::StatusOr<std::vector<oprf::Token>> TokensFor(
      const Hash& agreement, std::uint64_t epoch, ByteView info,
      std::span<const Bytes> inputs) = 0;

  // Stops an agreement: new evaluations are refused from the first moment on;
  // when it returns, none is running, no key of it is in memory, and a restart
  // keeps it so. UNAVAILABLE: as before, but a restart would not keep it.
  // Suspending a suspended agreement is OK.
  virtual absl::Status SuspendAgreement(const Hash& agreement) = 0;
  virtual absl::Status ResumeAgreement(const Hash& agreement) = 0;
  virtual bool IsSuspended(const Hash& agreement) const = 0;

  // Destroys the key for good, in a suspended agreement too. Asked again, the
  // same certificate. Afterwards every use is NOT_FOUND. Without a statement
  // key nothing is destroyed: NOT_FOUND.
  virtual absl::StatusOr<DestructionCertificate> DestroyEpochKey(
      const Hash& agreement, std::uint64_t epoch, std::int64_t now) = 0;
};

}  // namespace entente::keys
