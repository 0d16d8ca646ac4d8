#pragma once
// Private to this room: how verifiers of folders and bundles judge a signed
// head.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/policy.h"
#include "node/ledger/verify.h"

namespace entente::ledger {

// A finding that ends a check.
struct Finding {
  Verdict verdict = Verdict::kTampered;
  Fault fault;
};

struct HeadFault {
  enum class Part : std::uint8_t { kOrigin, kSignature, kQuorum };
  Part part = Part::kSignature;
  Verdict verdict = Verdict::kUntrusted;
  std::string why;
};
struct JudgedHead {
  std::optional<merkle::TrustPolicy::Trusted> head;  // when it opens at all
  std::optional<HeadFault> fault;
};
// Opens the note under the policy, demands the quorum, and refuses a line that
// half belongs to a known key.
JudgedHead JudgeHead(std::string_view note, const merkle::TrustPolicy& policy);

// One sentence for each witness that cosigned long before `last_time`
// (microseconds) of the last entry.
std::vector<std::string> TimeWarnings(
    const merkle::TrustPolicy& policy,
    std::span<const merkle::TrustPolicy::Cosigned> cosigned,
    std::int64_t last_time);

}  // namespace entente::ledger
