#include "node/cli/agreement_lint_command.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "crypto/base/status.h"
#include "node/cli/output.h"
#include "policy/civil.h"
#include "policy/lint.h"
#include "policy/text/embedded.h"

namespace entente::cli {
namespace {

// NAME=NUMBER.
absl::StatusOr<std::pair<std::string, std::uint64_t>> Counted(
    const std::string& text, std::string_view option) {
  const std::size_t equals = text.find('=');
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  if (equals != std::string::npos) {
    const auto read = std::from_chars(text.data() + equals + 1, end, number);
    if (read.ec == std::errc() && read.ptr == end) {
      return std::pair(text.substr(0, equals), number);
    }
  }
  return Invalid(option, " is NAME=NUMBER");
}

absl::StatusOr<policy::Opinion> OpinionOf(const std::string& text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const auto verdict = policy::FromWord<policy::OpinionVerdict>(
      std::string_view(text).substr(std::min(equals + 1, text.size())));
  if (!verdict) {
    return Invalid("--opinion is PARTY=VERDICT: agree, conditions or object");
  }
  return policy::Opinion{text.substr(0, equals), *verdict};
}

// What the rules need besides the document, and the agreements it points to.
struct Surroundings {
  policy::LintContext context;
  std::optional<policy::Agreement> previous;
  std::vector<policy::Agreement> others;
};

absl::Status ReadAgreements(Values& v, Surroundings& out) {
  if (!v.one["previous"].empty()) {
    TRY(const Bytes bytes, DocumentIn(v.one["previous"]));
    TRY(out.previous, policy::Agreement::Parse(bytes));
    out.context.previous_hash = policy::DocumentHash(bytes);
  }
  for (const std::string& file : v.many["other"]) {
    TRY(const Bytes bytes, DocumentIn(file));
    TRY(policy::Agreement other, policy::Agreement::Parse(bytes));
    out.others.push_back(std::move(other));
  }
  return absl::OkStatus();
}

absl::Status ReadFacts(Values& v, policy::LintContext& context) {
  context.now = std::time(nullptr);
  if (!v.one["now"].empty()) {
    context.now = policy::ParseInstant(v.one["now"]);
    if (!context.now) return Invalid("--now is YYYY-MM-DDThh:mm:ssZ");
  }
  for (const std::string& text : v.many["use"]) {
    TRY(const auto use, Counted(text, "--use"));
    context.use.push_back({use.first, use.second});
  }
  for (const std::string& text : v.many["rows"]) {
    TRY(const auto rows, Counted(text, "--rows"));
    context.own_lists.push_back({rows.first, rows.second});
  }
  for (const std::string& text : v.many["opinion"]) {
    TRY(policy::Opinion opinion, OpinionOf(text));
    if (!context.opinions) context.opinions.emplace();
    context.opinions->push_back(std::move(opinion));
  }
  if (v.ask) context.change = policy::Change::kWider;
  return absl::OkStatus();
}

absl::StatusOr<policy::Findings> FindingsOf(Values& v) {
  TRY(const Bytes document, DocumentIn(v.one["file"]));
  Surroundings around;
  TRY_OK(ReadFacts(v, around.context));
  TRY_OK(ReadAgreements(v, around));
  if (around.previous) around.context.previous = &*around.previous;
  for (const policy::Agreement& other : around.others) {
    around.context.others.push_back(&other);
  }
  const policy::ParsedAgreement parsed = policy::ParseAgreement(document);
  if (!parsed.agreement) return parsed.findings;
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  return policy::Lint(*parsed.agreement, catalogues, around.context);
}

std::string Counts(std::size_t errors, std::size_t warnings) {
  const auto many = [](std::size_t n, const std::string& one) {
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
  };
  return many(errors, "error") + ", " + many(warnings, "warning");
}

bool IsHash(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdefABCDEF") ==
             std::string_view::npos;
}

// At the node, with its own version before, other agreements, use and lists.
int LintAtNode(Values& v, const RemoteOptions& options) {
  if (IsHash(v.one["file"]))
    return RunRemote(options, "agreement lint", {{"agreement", v.one["file"]}},
                     "");
  return RunRemote(options, "agreement lint", {}, v.one["file"]);
}

int AgreementLint(Values& v, const RemoteOptions& options) {
  if (v.number != 0 || IsHash(v.one["file"])) return LintAtNode(v, options);
  const absl::StatusOr<policy::Findings> findings = FindingsOf(v);
  if (!findings.ok()) return ReportError(findings.status(), options.json);
  Json rows = Json::array();
  std::string text;
  std::size_t errors = 0;
  for (const policy::Finding& finding : *findings) {
    const bool error = policy::IsError(finding);
    errors += error ? 1 : 0;
    rows.push_back({{"code", policy::CodeName(finding.code)},
                    {"severity", error ? "error" : "warning"},
                    {"line", finding.line},
                    {"column", finding.column},
                    {"message", finding.message},
                    {"next", finding.next}});
    text += policy::Format(finding, v.one["file"]) + "\n";
  }
  const std::size_t warnings = findings->size() - errors;
  const Json json = {{"file", v.one["file"]},
                     {"errors", errors},
                     {"warnings", warnings},
                     {"findings", std::move(rows)}};
  // A refused document may hold bytes that are no text.
  return ReportResult(errors == 0 ? kDone : kRefused,
                      json.dump(-1, ' ', false, Json::error_handler_t::replace),
                      text + Counts(errors, warnings), options.json);
}

}  // namespace

void AddAgreementLint(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "agreement", "lint",
                    "what is wrong with the document, or worth a second "
                    "look; exit code 3 on errors (offline, or at the node)");
  at.Add("file", values->one["file"],
         "document or envelope; or the hash of a draft or agreement at "
         "the node")
      .Required();
  at.Flag("--at-node", values->number,
          "send the document to the node, which knows the version before, "
          "the other agreements, the use of 90 days and its lists");
  at.Add("--now", values->one["now"],
         "the moment of the proposal (default: the clock)");
  at.Add("--previous", values->one["previous"], "the version that it replaces");
  at.Add("--other", values->many["other"],
         "another agreement in force; may be given again");
  at.Add("--use", values->many["use"],
         "CLAUSE=N: requests or travellers of the last 90 days; may "
         "be given again");
  at.Add("--rows", values->many["rows"],
         "PARTY=N: rows of the own list; may be given again");
  at.Add("--opinion", values->many["opinion"],
         "PARTY=VERDICT of its data protection officer: agree, "
         "conditions or object; may be given again");
  at.Flag("--wider", values->ask,
          "the diff says that it is wider than the version before");
  BindRun(shared, at, values, AgreementLint);
}

}  // namespace entente::cli
