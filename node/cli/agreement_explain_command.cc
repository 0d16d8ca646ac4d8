#include "node/cli/agreement_explain_command.h"

#include <algorithm>
#include <cctype>
#include <ctime>

#include "crypto/base/status.h"
#include "node/cli/agreement_commands.h"
#include "node/cli/output.h"
#include "policy/explain.h"
#include "policy/explain_json.h"
#include "policy/text/embedded.h"

namespace entente::cli {
namespace {

bool IsHash(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

policy::ActWords WordsOf(Values& v) {
  policy::ActWords words;
  for (const policy::ActWord& word : policy::ActWordList()) {
    const std::string& value = v.one[std::string(word.name)];
    if (!value.empty()) words.one.emplace(word.name, value);
  }
  words.flags = v.many["flag"];
  return words;
}

// At the node: what is held, on the table, or in the log.
int AtNode(Values& v, const RemoteOptions& options) {
  std::vector<model::Argument> arguments;
  for (const auto& [name, value] : WordsOf(v).one)
    arguments.push_back({name, value});
  for (const std::string& flag : v.many["flag"])
    arguments.push_back({"flag", flag});
  if (!v.one["entry"].empty()) arguments.push_back({"entry", v.one["entry"]});
  if (!v.one["what"].empty()) arguments.push_back({"agreement", v.one["what"]});
  return RunRemote(options, "agreement explain", std::move(arguments), "");
}

absl::StatusOr<policy::Explanation> OffLine(Values& v) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["what"]));
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  TRY(const policy::Explainer explainer,
      policy::Explainer::Create(agreement, catalogues));
  return explainer.Explain(WordsOf(v), std::time(nullptr));
}

int Explain(Values& v, const RemoteOptions& options) {
  const bool entry = !v.one["entry"].empty();
  if (entry && !v.one["what"].empty()) {
    return ReportError(WithReason(Invalid("--entry names its agreement itself: "
                                          "give no document beside it"),
                                  kUsageReason),
                       options.json);
  }
  if (entry || IsHash(v.one["what"])) return AtNode(v, options);
  if (v.one["what"].empty()) {
    return ReportError(
        WithReason(Invalid("give a document, the hash of one, or --entry"),
                   kUsageReason),
        options.json);
  }
  const absl::StatusOr<policy::Explanation> said = OffLine(v);
  if (!said.ok()) return ReportError(said.status(), options.json);
  return ReportResult(kDone, policy::ExplanationJson<Json>(*said).dump(),
                      policy::Format(*said), options.json);
}

}  // namespace

void AddAgreementExplain(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(
      app, "agreement", "explain",
      "which clause answers an act, each test with what was found, what would "
      "change the answer and who must do it; for a document (offline), a hash "
      "at the node, or an entry of its log (dpo, logged)");
  at.Add("what", values->one["what"],
         "document or envelope; or the hash of a draft or agreement at "
         "the node");
  at.Add("--entry", values->one["entry"],
         "number of an entry of the log, whose sealed facts are "
         "opened (dpo)");
  for (const policy::ActWord& word : policy::ActWordList()) {
    const std::string name(word.name);
    at.Add("--" + name, values->one[name], std::string(word.help));
  }
  at.Add("--flag", values->many["flag"],
         "FLAG=absent, FLAG=present or FLAG=not-checked (default); "
         "all=... for every flag; may be given again");
  BindRun(shared, at, values, Explain);
}

}  // namespace entente::cli
