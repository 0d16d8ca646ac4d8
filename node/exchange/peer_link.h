#pragma once
// The seam to other nodes. The exchange does not know the network: node/rpc
// stands behind it, and tests stand in for it.

#include <absl/status/statusor.h>

#include <chrono>
#include <string_view>

#include "node/model/statements.h"

namespace entente::exchange {

// Names of the calls; the same words as the methods of the Peer service.
namespace method {
inline constexpr std::string_view kHello = "Hello";
inline constexpr std::string_view kAnnounce = "Announce";
inline constexpr std::string_view kStatus = "Status";
inline constexpr std::string_view kPropose = "Propose";
inline constexpr std::string_view kTagSet = "TagSet";
inline constexpr std::string_view kTagSetChunk = "TagSetChunk";
inline constexpr std::string_view kScreen = "Screen";
inline constexpr std::string_view kRequestDisclosure = "RequestDisclosure";
inline constexpr std::string_view kDeliver = "Deliver";
inline constexpr std::string_view kOutcome = "Outcome";
inline constexpr std::string_view kRecall = "Recall";
inline constexpr std::string_view kRecallReceipt = "RecallReceipt";
inline constexpr std::string_view kWitness = "Witness";
inline constexpr std::string_view kSwapCheckpoints = "SwapCheckpoints";
inline constexpr std::string_view kGetConsistency = "GetConsistency";
}  // namespace method

class PeerLink {
 public:
  virtual ~PeerLink() = default;
  // One call to `party`. A refusal by the peer carries its reason id
  // (ReasonOf); UNAVAILABLE: it could not be reached within `deadline`.
  // Thread-safe.
  virtual absl::StatusOr<model::SignedStatement> Call(
      std::string_view party, std::string_view method,
      const model::SignedStatement& statement,
      std::chrono::milliseconds deadline) = 0;
};

}  // namespace entente::exchange
