// An explanation in lines for a person.

#include <array>

#include "policy/civil.h"
#include "policy/explain_parts.h"

namespace entente::policy {
namespace {

constexpr std::array<std::string_view, 3> kStates{"passed", "failed",
                                                  "not reached"};
constexpr std::array<std::string_view, 5> kKinds{"step", "wait", "ask", "amend",
                                                 "none"};
constexpr std::array<std::string_view, 3> kMarks{"[x]", "[ ]", "[-]"};
constexpr std::array<std::string_view, 3> kOutcomes{"DENIED", "PENDING",
                                                    "PERMITTED"};

std::string Header(const Explanation& e) {
  std::string out(kOutcomes[static_cast<std::size_t>(e.decision.outcome)]);
  if (e.decision.reasons != 0) out += " " + ReasonList(e.decision.reasons);
  if (!e.clause.empty())
    out += (e.nearest ? ": no clause answers; nearest is " : ": clause ") +
           e.clause;
  out += "\n";
  if (!e.peer.empty()) out += "the other side is told: " + e.peer + "\n";
  if (e.as_if_in_force)
    out +=
        "the tests below the line are asked as if the agreement were in "
        "force\n";
  return out;
}

std::string Line(const ExplainedTest& test) {
  const ReasonText& text = TextOf(test.reason);
  const bool failed = test.state == TestState::kFailed;
  std::string out = "  " +
                    std::string(kMarks[static_cast<std::size_t>(test.state)]) +
                    " " + std::string(text.code) + " " + std::string(text.name);
  if (failed) out += ": " + std::string(text.sentence);
  if (!test.found.empty()) out += " (" + test.found + ")";
  return out + "\n";
}

std::string Line(const ExplainedField& field) {
  std::string out = "  " + std::string(field.goes ? "+" : "-") + " " +
                    field.code + (field.offered ? " (offered)" : "");
  if (field.reasons != 0) out += ": " + ReasonList(field.reasons);
  if (!field.by.empty()) out += " by " + explain::Listed(field.by);
  return out + "\n";
}

std::string Line(const Cure& cure) {
  return "  " + std::string(TextOf(cure.reason).code) + " (" +
         std::string(CureKindWord(cure.kind)) + ")  " + cure.who + ": " +
         cure.what + "\n";
}

}  // namespace

std::string_view TestStateWord(TestState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::string_view CureKindWord(CureKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string Format(const Explanation& e) {
  std::string out = Header(e) + "tests:\n";
  bool below = !e.as_if_in_force;
  for (const ExplainedTest& test : e.tests) {
    const bool of_agreement =
        (explain::kAgreementReasons & Bit(test.reason)) != 0;
    if (!below && !of_agreement) {
      out += "  ----\n";
      below = true;
    }
    out += Line(test);
  }
  if (!e.fields.empty()) out += "fields (+ goes, - stays):\n";
  for (const ExplainedField& field : e.fields) out += Line(field);
  if (!e.cures.empty()) out += "what would change it:\n";
  for (const Cure& cure : e.cures) out += Line(cure);
  if (!e.duties.empty()) out += "duties:\n";
  for (const std::string& duty : e.duties) out += "  " + duty + "\n";
  return out;
}

}  // namespace entente::policy

namespace entente::policy::explain {

std::vector<std::string> Duties(const Case& c, const Decision& decision) {
  std::vector<std::string> out;
  if (decision.outcome == Outcome::kDeny) return out;
  const Obligations& o = decision.obligations;
  const std::string asker(c.compiled.PartyCode(c.facts.asker));
  if (o.answer_by != 0)
    out.push_back("answer by " + FormatInstant(o.answer_by));
  if (o.mask_at != 0)
    out.push_back(asker + ": mask at " + FormatInstant(o.mask_at));
  if (o.retain_until != 0)
    out.push_back(asker + ": delete at " + FormatInstant(o.retain_until));
  out.push_back(asker + ": handling " +
                std::string(Word(static_cast<Handling>(o.handling))));
  if (o.caveats != 0)
    out.push_back(asker + ": " + Words(WordSet<Caveat>{o.caveats}));
  if ((o.notify & kNotifyAskerDpo) != 0)
    out.push_back(asker + ": tell the data protection officer");
  if (o.frozen != 0) out.emplace_back("keep it frozen: no reading or use");
  return out;
}

}  // namespace entente::policy::explain
