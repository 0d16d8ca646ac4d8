#pragma once
// An explanation for programs. `Json` is an ordered JSON value of the caller's
// library: this room has none of its own.

#include "policy/explain.h"

namespace entente::policy {

template <class Json>
Json ReasonsJson(std::uint64_t reasons) {
  Json out = Json::array();
  for (const Reason reason : ReasonsIn(reasons))
    out.push_back(std::string(ReasonName(reason)));
  return out;
}

template <class Json>
Json ExplainedTestJson(const ExplainedTest& test) {
  const ReasonText& text = TextOf(test.reason);
  return {{"code", text.code},
          {"name", text.name},
          {"state", TestStateWord(test.state)},
          {"sentence", text.sentence},
          {"found", test.found}};
}

template <class Json>
Json ExplanationJson(const Explanation& e) {
  constexpr std::string_view kOutcomes[] = {"deny", "pend", "permit"};
  Json out = {
      {"outcome", kOutcomes[static_cast<std::size_t>(e.decision.outcome)]},
      {"reasons", ReasonsJson<Json>(e.decision.reasons)},
      {"clause", e.clause},
      {"nearest", e.nearest},
      {"as_if_in_force", e.as_if_in_force},
      {"peer_is_told", e.peer},
      {"tests", Json::array()},
      {"fields", Json::array()},
      {"cures", Json::array()},
      {"duties", e.duties}};
  for (const ExplainedTest& test : e.tests)
    out["tests"].push_back(ExplainedTestJson<Json>(test));
  for (const ExplainedField& field : e.fields) {
    out["fields"].push_back({{"field", field.code},
                             {"offered", field.offered},
                             {"goes", field.goes},
                             {"reasons", ReasonsJson<Json>(field.reasons)},
                             {"by", field.by}});
  }
  for (const Cure& cure : e.cures) {
    out["cures"].push_back({{"code", ReasonName(cure.reason)},
                            {"kind", CureKindWord(cure.kind)},
                            {"who", cure.who},
                            {"what", cure.what}});
  }
  return out;
}

}  // namespace entente::policy
