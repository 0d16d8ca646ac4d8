#pragma once
// The pinned node cards, the own one among them, kept in the store and answered
// from memory.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/note.h"
#include "keys/node_card.h"
#include "keys/trust_store.h"
#include "node/base/clock.h"
#include "node/base/mutex.h"
#include "node/store/store.h"

namespace entente::exchange {

// The key of the card's log, under the name that its heads carry.
absl::StatusOr<merkle::VerifierKey> LogKeyOf(const keys::NodeCard& card);

// Thread-safe.
class TrustBook {
 public:
  explicit TrustBook(base::Clock& clock) : clock_(clock) {}

  // Reads every pinned card from the store.
  absl::Status Load(store::Reader& reader) EXCLUDES(mutex_);

  // NOT_FOUND `peer-unknown`: no card of this party is pinned.
  // FAILED_PRECONDITION `card-expired`.
  absl::StatusOr<keys::NodeCard> Card(std::string_view party) const
      EXCLUDES(mutex_);
  absl::StatusOr<primitive::PublicKey> StatementKey(
      std::string_view party) const;
  // Cards that are valid now.
  std::vector<keys::NodeCard> All() const EXCLUDES(mutex_);
  // The party known by this certificate, both name and key. Any error refuses.
  absl::StatusOr<std::string> Admits(std::string_view uri,
                                     const Hash& spki) const EXCLUDES(mutex_);
  // Certificates of all parties, for the roots file of TLS.
  std::string TlsRoots() const EXCLUDES(mutex_);

  // A copy to change, to store, and to take over once the change is in the log.
  keys::TrustStore Copy() const EXCLUDES(mutex_);
  static absl::Status StoreEntry(store::Writer& writer,
                                 const keys::TrustStore& trust,
                                 std::string_view party);
  void Replace(keys::TrustStore trust) EXCLUDES(mutex_);

 private:
  base::Clock& clock_;
  mutable base::Mutex mutex_;
  keys::TrustStore trust_ GUARDED_BY(mutex_);
};

}  // namespace entente::exchange
