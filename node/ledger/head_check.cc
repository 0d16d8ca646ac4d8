#include "node/ledger/head_check.h"

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"

namespace entente::ledger {

using merkle::TrustPolicy;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kCosignSlack = 300;  // seconds

bool KnowsOrigin(std::string_view note, const TrustPolicy& policy) {
  const std::string_view origin = note.substr(0, note.find('\n'));
  for (const TrustPolicy::Log& log : policy.logs()) {
    if (log.key.name() == origin) return true;
  }
  return false;
}

// A signed note ignores lines of unknown keys. Here a line that has the name of
// a witness of the policy but another id, or a known id under another name, is
// refused: it is what a damaged line of a known key looks like. The log's own
// name is exempt, since two keys sign while its key changes.
std::optional<HeadFault> HalfKnownLine(const TrustPolicy::Trusted& head,
                                       const TrustPolicy& policy) {
  for (const merkle::NoteLine& line : head.note.lines) {
    for (const TrustPolicy::Witness& witness : policy.witnesses()) {
      const bool name = witness.key.name() == line.name;
      const bool id = witness.key.id() == line.id;
      if (name != id) {
        return HeadFault{HeadFault::Part::kQuorum, Verdict::kUntrusted,
                         "a signature line that half belongs to a known "
                         "witness"};
      }
    }
    for (const TrustPolicy::Log& log : policy.logs()) {
      if (log.key.id() == line.id && log.key.name() != line.name) {
        return HeadFault{HeadFault::Part::kSignature, Verdict::kUntrusted,
                         "a signature line that half belongs to the log"};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

JudgedHead JudgeHead(std::string_view note, const TrustPolicy& policy) {
  JudgedHead out;
  auto head = policy.Open(note);
  if (!head.ok()) {
    const bool malformed =
        head.status().code() == absl::StatusCode::kInvalidArgument;
    out.fault = {malformed || KnowsOrigin(note, policy)
                     ? HeadFault::Part::kSignature
                     : HeadFault::Part::kOrigin,
                 malformed ? Verdict::kTampered : Verdict::kUntrusted,
                 MessageOf(head.status())};
    return out;
  }
  out.head = *std::move(head);
  if (!merkle::IsOrigin(out.head->checkpoint.origin)) {
    out.fault = {HeadFault::Part::kOrigin, Verdict::kUntrusted,
                 "the origin is not that of an audit log"};
  } else if (!out.head->quorum_met) {
    out.fault = {HeadFault::Part::kQuorum, Verdict::kUntrusted,
                 "too few witnesses cosigned this head"};
  } else {
    out.fault = HalfKnownLine(*out.head, policy);
  }
  return out;
}

std::vector<std::string> TimeWarnings(
    const TrustPolicy& policy, std::span<const TrustPolicy::Cosigned> cosigned,
    std::int64_t last_time) {
  std::vector<std::string> out;
  for (const TrustPolicy::Cosigned& line : cosigned) {
    if (last_time / kSecond <=
        static_cast<std::int64_t>(line.time) + kCosignSlack) {
      continue;
    }
    out.push_back(Join({"witness `", policy.witnesses()[line.witness].name,
                        "` cosigned this head long before its last entry says "
                        "it was written"}));
  }
  return out;
}

}  // namespace entente::ledger
