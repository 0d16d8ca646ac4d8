#pragma once
// Why a decision is what it is: every test with what was found and what is
// allowed, what would change the answer, and who has to do it. There is no
// second decision here: each line comes from Evaluate, asked again about the
// same facts with one thing changed, and a cure is only named when Evaluate
// says that it cures.
// Nothing can be done with an Explanation but look. Pure, thread-safe.
// Source: agreements.md 3.4 (`explain`) and 5.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/act_words.h"
#include "policy/compiled.h"
#include "policy/decision.h"
#include "policy/local.h"

namespace entente::policy {

enum class TestState : std::uint8_t {
  kPassed,
  kFailed,
  kNotReached,  // an earlier test failed, and this one cannot be judged alone
  kLast = kNotReached
};

struct ExplainedTest {
  Reason reason;
  TestState state = TestState::kNotReached;
  std::string found;  // `5 h; at most 48 h`; may be empty
};

// A field of the request: whether it would go, else why not and by what.
struct ExplainedField {
  std::string code;
  bool offered = false;  // the asker shows it, rather than receives it
  bool goes = false;
  std::uint64_t reasons = 0;
  std::vector<std::string> by;  // ids of prohibitions and reservations
};

enum class CureKind : std::uint8_t {
  kStep,   // people do what is missing; the request stays as it is
  kWait,   // time does
  kAsk,    // another request
  kAmend,  // only a new version, or its parties, can
  kNone,   // nothing can
  kLast = kNone
};

struct Cure {
  Reason reason;
  CureKind kind = CureKind::kNone;
  std::string who;   // `QVA, officer`
  std::string what;  // `approve: 1 more of QVA`
};

struct Explanation {
  Decision decision;   // Evaluate's, of the facts as they are
  std::string clause;  // the clause that answers; else the nearest one
  bool nearest = false;
  // The tests after the state of the agreement were asked as if it were in
  // force.
  bool as_if_in_force = false;
  std::vector<ExplainedTest> tests;
  std::vector<ExplainedField> fields;
  std::vector<Cure> cures;
  std::vector<std::string> duties;  // on permit and pend
  std::string peer;                 // what the other side is told; empty: all
};

Explanation Explain(const Compiled& compiled, const Local& local,
                    const Facts& facts);

std::string_view TestStateWord(TestState state);  // `passed`
std::string_view CureKindWord(CureKind kind);     // `step`
// For people: the answer, the tests, the fields, the cures.
std::string Format(const Explanation& explanation);

// The same for a document that nobody has signed yet. It gives explanations
// and nothing else; no Permit can come of it.
class Explainer {
 public:
  // INVALID_ARGUMENT with the first finding of lint as the reason.
  static absl::StatusOr<Explainer> Create(const Agreement& draft,
                                          const Catalogues& catalogues);
  // Errors as FactsOfWords.
  absl::StatusOr<Explanation> Explain(const ActWords& words,
                                      std::int64_t now) const;

 private:
  explicit Explainer(Compiled draft) : draft_(std::move(draft)) {}
  Compiled draft_;
};

}  // namespace entente::policy
