#include "policy/simulate.h"

#include <limits>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "policy/evaluate.h"
#include "policy/lint.h"
#include "policy/reason.h"

namespace entente::policy {
namespace {

Decision Denied(Reason reason) {
  Decision out;
  out.outcome = Outcome::kDeny;
  out.reasons = Bit(reason);
  return out;
}

std::uint64_t Sum(const std::map<std::string, SimulationTally::Change>& all) {
  std::uint64_t out = 0;
  for (const auto& [what, change] : all) out += change.count;
  return out;
}

}  // namespace

absl::StatusOr<Simulation> Simulation::Create(const Agreement& draft,
                                              const Catalogues& catalogues) {
  TRY_OK(ToStatus(Lint(draft, catalogues)));
  Agreement open = draft;
  open.validity.from = 0;
  open.validity.until = std::numeric_limits<std::int64_t>::max();
  // No signature is claimed: the value never leaves this class.
  return Simulation(Compiled(
      VerifiedAgreement(std::move(open), Emit(draft), {}), catalogues));
}

Decision Simulation::Evaluate(const Compiled& was, const Facts& facts) const {
  Facts now = facts;
  now.agreement = draft_.hash();
  now.state = static_cast<std::uint8_t>(State::kActive);
  now.ended = 0;
  const auto holder = draft_.PartyIndex(was.PartyCode(facts.holder));
  const auto asker = draft_.PartyIndex(was.PartyCode(facts.asker));
  if (!holder || !asker) return Denied(Reason::kW01);
  now.holder = *holder;
  now.asker = *asker;
  const std::vector<Basis>& bases = was.agreement().bases;
  if (facts.basis >= bases.size()) return Denied(Reason::kP02);
  const auto basis = draft_.BasisIndex(bases[facts.basis].code);
  if (!basis) return Denied(Reason::kP02);
  now.basis = *basis;
  return policy::Evaluate(draft_, Local{}, now);
}

void SimulationTally::Add(std::uint64_t number, std::string_view clause,
                          const Decision& was, const Decision& now) {
  ++decisions;
  const bool did = was.outcome != Outcome::kDeny;
  const bool would = now.outcome != Outcome::kDeny;
  if (did == would) {
    ++same;
    return;
  }
  std::string what(clause);
  if (!would) what += " " + ReasonList(now.reasons);
  Change& change = did ? denied[what] : allowed[what];
  ++change.count;
  if (change.examples.size() < kExamples) change.examples.push_back(number);
}

std::uint64_t SimulationTally::Denied() const { return Sum(denied); }
std::uint64_t SimulationTally::Allowed() const { return Sum(allowed); }

}  // namespace entente::policy
