#include "policy/explain.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "crypto/base/status.h"
#include "policy/evaluate.h"
#include "policy/evaluate_parts.h"
#include "policy/explain_parts.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

using explain::Case;
using enum Reason;

constexpr Reason kOfAgreement[] = {kS01, kS02, kS03, kS04, kS05,
                                   kS06, kS07, kS08, kA01};
constexpr Reason kOfSelector[] = {kW01, kW03, kW04, kP01,
                                  kP02, kW02, kC05, kC06};
constexpr Reason kOfClause[] = {kF01, kF02, kF04, kP03, kF03, kX01, kX02, kW05,
                                kW06, kC03, kC07, kC04, kL01, kH01, kC01, kC02};
constexpr Reason kOfRetain[] = {kA01, kS04, kW01, kT01, kT02, kT03};
constexpr Reason kOfUnmask[] = {kW01, kT01, kC08, kH01, kF01, kL01, kC02};
constexpr Reason kOfCorrect[] = {kW01};

class Tests {
 public:
  explicit Tests(const Case& c) : case_(c) {}

  // One line a reason: failed when `reasons` has it, else passed.
  void Judge(std::span<const Reason> tests, std::uint64_t reasons) {
    for (const Reason reason : tests) {
      const bool failed = (reasons & Bit(reason)) != 0;
      Add(reason, failed ? TestState::kFailed : TestState::kPassed);
    }
  }
  // The same where the first failure ends the questions.
  void JudgeInTurn(std::span<const Reason> tests, std::uint64_t reasons) {
    bool ended = false;
    for (const Reason reason : tests) {
      const bool failed = (reasons & Bit(reason)) != 0;
      Add(reason, failed  ? TestState::kFailed
                  : ended ? TestState::kNotReached
                          : TestState::kPassed);
      ended = ended || failed;
    }
  }
  void NotReached(std::span<const Reason> tests) {
    for (const Reason reason : tests) Add(reason, TestState::kNotReached);
  }
  std::vector<ExplainedTest> Take() && { return std::move(tests_); }

 private:
  // A test that the action does not have is no line.
  bool Asked(Reason reason) const {
    const Action action = case_.facts.action;
    if (reason == kW05)
      return action == Action::kScreen || action == Action::kQuery;
    if (reason == kW06)
      return action == Action::kOnward || action == Action::kExport;
    return true;
  }
  void Add(Reason reason, TestState state) {
    if (!Asked(reason)) return;
    tests_.push_back(
        {reason, state,
         state == TestState::kNotReached ? "" : explain::Found(case_, reason)});
  }
  const Case& case_;
  std::vector<ExplainedTest> tests_;
};

std::vector<ExplainedTest> TestsOf(const Case& c, const Decision& now,
                                   const Decision& in_force) {
  Tests tests(c);
  if (now.Has(kA04)) {
    constexpr Reason kForm[] = {kA04};
    tests.Judge(kForm, now.reasons);
    return std::move(tests).Take();
  }
  if (c.facts.action == Action::kRetain) {
    tests.JudgeInTurn(kOfRetain, now.reasons);
    return std::move(tests).Take();
  }
  tests.Judge(kOfAgreement, now.reasons);
  if (c.facts.action == Action::kUnmask || c.facts.action == Action::kCorrect) {
    const bool unmask = c.facts.action == Action::kUnmask;
    tests.Judge(unmask ? std::span<const Reason>(kOfUnmask) : kOfCorrect,
                in_force.reasons);
    return std::move(tests).Take();
  }
  tests.Judge(kOfSelector, in_force.clause == kNoClause ? in_force.reasons : 0);
  if (in_force.clause == kNoClause) {
    tests.NotReached(kOfClause);
  } else {
    tests.Judge(kOfClause, in_force.reasons);
  }
  return std::move(tests).Take();
}

// --- Fields.

// The restrictions that have to do with one field, by the ids that the document
// gives them.
std::vector<std::string> Restricting(const Case& c, std::uint64_t field,
                                     std::uint8_t releasing,
                                     std::uint64_t reasons) {
  const Agreement& agreement = c.compiled.agreement();
  const std::size_t prohibitions = agreement.prohibitions.size();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < c.compiled.restrictions().size(); ++i) {
    const RestrictionBits& r = c.compiled.restrictions()[i];
    const bool by = r.by == kNobody || r.by == releasing;
    if (!by || (r.fields & field) == 0 ||
        !r.Touches(static_cast<std::uint8_t>(c.facts.action), c.facts.purpose))
      continue;
    const std::uint64_t why = r.flag_pairs != 0
                                  ? Bit(kX01) | Bit(kX02)
                                  : Bit(i < prohibitions ? kP03 : kF03);
    if ((reasons & why) == 0) continue;
    out.push_back(i < prohibitions
                      ? agreement.prohibitions[i].id
                      : agreement.reservations[i - prohibitions].id);
  }
  return out;
}

// Evaluate, asked about one field alone. Of the local restrictions only those
// of fields: the others concern the whole act.
class FieldProbe {
 public:
  explicit FieldProbe(const Case& c) : case_(c) {
    local_.fields = c.local.fields;
    // Fields to ask for beside an offered one, such that no reason of their own
    // is common to all of them.
    std::uint64_t common = explain::kFieldReasons;
    for (std::uint64_t rest = c.compiled.fields().all();
         rest != 0 && common != 0; rest &= rest - 1) {
      const std::uint64_t one = rest & (~rest + 1);
      const std::uint64_t left = common & ReasonsOf(one, 0);
      if (left != common) beside_.push_back(one);
      common = left;
    }
  }
  std::uint64_t Asked(std::uint64_t field) const { return ReasonsOf(field, 0); }
  // What stays whatever is asked for is the offered field's own.
  std::uint64_t Offered(std::uint64_t field) const {
    std::uint64_t own = explain::kFieldReasons;
    for (const std::uint64_t one : beside_) own &= ReasonsOf(one, field);
    return own;
  }

 private:
  std::uint64_t ReasonsOf(std::uint64_t asked, std::uint64_t offered) const {
    Facts one = case_.in_force;
    one.asked = asked;
    one.offered = offered;
    return Evaluate(case_.compiled, local_, one).reasons &
           explain::kFieldReasons;
  }
  const Case& case_;
  Local local_;
  std::vector<std::uint64_t> beside_;
};

std::vector<ExplainedField> FieldsOf(const Case& c) {
  std::vector<ExplainedField> out;
  const FieldProbe probe(c);
  const auto add = [&](std::uint64_t bits, bool offered) {
    for (std::uint64_t rest = bits; rest != 0; rest &= rest - 1) {
      const std::uint64_t bit = rest & (~rest + 1);
      ExplainedField field;
      field.code = c.compiled.FieldCodes(bit).front();
      field.offered = offered;
      field.reasons = offered ? probe.Offered(bit) : probe.Asked(bit);
      field.goes = (field.reasons & explain::kCutReasons) == 0;
      field.by = Restricting(c, bit, offered ? c.facts.asker : c.facts.holder,
                             field.reasons);
      out.push_back(std::move(field));
    }
  };
  add(c.in_force.asked, false);
  add(c.in_force.offered, true);
  return out;
}

// --- What would change the answer.

// A cure that does not take its reason away is none.
Cure Checked(const Case& c, Reason reason) {
  explain::Remedy remedy = explain::RemedyFor(c, reason);
  Cure& cure = remedy.cure;
  if (remedy.changed &&
      Evaluate(c.compiled, c.local, *remedy.changed).Has(reason)) {
    cure.kind = CureKind::kNone;
    cure.who = "nobody";
    cure.what = "nothing under this document";
  }
  return std::move(cure);
}

std::vector<Cure> CuresOf(const Case& c) {
  std::vector<Cure> out;
  for (const Reason reason : ReasonsIn(c.reasons))
    out.push_back(Checked(c, reason));
  return out;
}

}  // namespace

Explanation Explain(const Compiled& compiled, const Local& local,
                    const Facts& facts) {
  Explanation out;
  out.decision = Evaluate(compiled, local, facts);
  Case c{
      compiled, local, facts, facts, out.decision.clause, out.decision.reasons};
  Decision in_force = out.decision;
  const bool clause_action =
      static_cast<std::size_t>(facts.action) < kClauseActions;
  if ((out.decision.reasons & explain::kAgreementReasons) != 0 &&
      facts.action != Action::kRetain) {
    c.in_force = explain::AsIfInForce(compiled, facts);
    in_force = Evaluate(compiled, local, c.in_force);
    out.as_if_in_force = true;
    c.clause = in_force.clause;
    c.reasons |= in_force.reasons;
  }
  if (!out.decision.Has(kA04)) {
    if (c.clause == kNoClause && clause_action) {
      c.clause = evaluate::NearestClause(compiled, c.in_force);
      out.nearest = true;
    }
    if (c.text() != nullptr) out.clause = c.text()->id;
    if (clause_action && in_force.clause != kNoClause) out.fields = FieldsOf(c);
    out.cures = CuresOf(c);
    out.duties = explain::Duties(c, out.decision);
  }
  out.tests = TestsOf(c, out.decision, in_force);
  if (out.decision.outcome != Outcome::kPermit)
    out.peer = AnswerForPeer(out.decision.reasons).Text();
  return out;
}

absl::StatusOr<Explainer> Explainer::Create(const Agreement& draft,
                                            const Catalogues& catalogues) {
  TRY_OK(ToStatus(Lint(draft, catalogues)));
  // No signature is claimed: the value never leaves this class.
  return Explainer(
      Compiled(VerifiedAgreement(draft, Emit(draft), {}), catalogues));
}

absl::StatusOr<Explanation> Explainer::Explain(const ActWords& words,
                                               std::int64_t now) const {
  TRY(const Facts facts, FactsOfWords(draft_, words, now));
  return policy::Explain(draft_, Local{}, facts);
}

}  // namespace entente::policy
