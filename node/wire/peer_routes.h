#pragma once
// What a peer may call, and which room answers. The doors stand above: they
// bring the party that the certificate proved.

#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "node/audit/witness.h"
#include "node/base/mutex.h"
#include "node/exchange/desk.h"
#include "node/exchange/holder.h"
#include "node/exchange/protected.h"
#include "node/model/statements.h"

namespace entente::wire {

// This node as a witness: C2SP's own answer, which carries its own signature.
// Needs no log of its own, so it is given while that is still being opened.
absl::StatusOr<model::SignedStatement> AnswerAsWitness(
    audit::Witness& witness, const model::SignedStatement& in);

// Thread-safe; borrows what it is given.
class PeerRoutes {
 public:
  PeerRoutes(exchange::Desk& desk, exchange::ProtectedSet& hidden,
             audit::Witness& witness)
      : desk_(desk), hidden_(hidden), witness_(witness), holder_(desk) {}

  // UNIMPLEMENTED: no such method. Other errors carry the reason id that the
  // peer is told.
  absl::StatusOr<model::SignedStatement> Serve(
      std::string_view party, std::string_view method,
      const model::SignedStatement& in);

  // Refusals that no room logged by itself (a wrong signature, a clock that is
  // off, another version of the agreement), by party and reason, since the last
  // call.
  std::map<std::pair<std::string, std::string>, std::uint64_t> TakeRefusals()
      EXCLUDES(mutex_);

 private:
  absl::StatusOr<model::SignedStatement> Route(
      std::string_view party, std::string_view method,
      const model::SignedStatement& in);
  absl::StatusOr<model::SignedStatement> ServeTagSet(
      std::string_view party, const model::SignedStatement& in);
  absl::StatusOr<model::SignedStatement> Kept(
      absl::StatusOr<model::SignedStatement> answer, std::string_view party,
      std::string_view method, const model::SignedStatement& in);
  exchange::Desk& desk_;
  exchange::ProtectedSet& hidden_;
  audit::Witness& witness_;
  exchange::Holder holder_;
  std::atomic<bool> building_ = false;
  base::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> refusals_
      GUARDED_BY(mutex_);
};

}  // namespace entente::wire
