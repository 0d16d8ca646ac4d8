#include "node/cli/agreement_text_commands.h"

#include "crypto/base/status.h"
#include "node/cli/agreement_commands.h"
#include "node/cli/agreement_lint_command.h"
#include "policy/rewrite.h"
#include "policy/text/embedded.h"
#include "policy/text/fingerprint.h"
#include "policy/text/format.h"
#include "policy/text/matrix.h"
#include "policy/text/prose.h"
#include "policy/text/template.h"

namespace entente::cli {
namespace {

using Result = absl::StatusOr<std::pair<Json, std::string>>;

Result AgreementShow(Values& v, const RemoteOptions&) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["file"]));
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  TRY(const std::string text,
      policy::Prose(agreement, catalogues, v.one["lang"]));
  const std::string hash = policy::HashText(policy::ProseHash(text));
  return std::pair(
      Json{{"id", agreement.id},
           {"version", agreement.version},
           {"language", v.one["lang"]},
           {"hash",
            policy::HashText(policy::DocumentHash(policy::Emit(agreement)))},
           {"text", text},
           {"text_hash", hash}},
      text + "\nhash of this text: " + hash);
}

absl::StatusOr<policy::Answers> AnswersIn(Values& v) {
  policy::Answers answers;
  if (!v.one["answers"].empty()) {
    TRY(const Bytes file, ReadInput(v.one["answers"]));
    TRY(answers, policy::ParseAnswers(AsText(file)));
  }
  for (const std::string& set : v.many["set"]) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos) return Invalid("--set is PATH=VALUE");
    answers[set.substr(0, equals)] = set.substr(equals + 1);
  }
  return answers;
}

// The answers file to fill in: what is asked, with the sample beside it.
Result QuestionsFile(Values& v) {
  TRY(const std::vector<policy::Question> questions,
      policy::Questions(v.one["template"], v.many["party"]));
  TRY(const policy::Answers answers, AnswersIn(v));
  std::string text =
      "# Answers for the template " + v.one["template"] +
      ". Fill in what stands behind each equals sign; lines with # are "
      "samples.\n";
  Json json = Json::array();
  for (const policy::Question& question : questions) {
    const auto known = answers.find(question.path);
    text += "# " + question.sample + "\n" + question.path + " =" +
            (known == answers.end() ? "" : " " + known->second) + "\n";
    json.push_back({{"path", question.path}, {"sample", question.sample}});
  }
  return std::pair(Json{{"questions", std::move(json)}}, text);
}

absl::StatusOr<Bytes> Draft(Values& v) {
  TRY(const policy::Answers answers, AnswersIn(v));
  if (v.one["from"].empty()) {
    return policy::FillTemplate(v.one["template"], v.many["party"], answers);
  }
  TRY(const Bytes from, ReadInput(v.one["from"]));
  return policy::Rewrite(from, answers);
}

Result AgreementNew(Values& v, const RemoteOptions&) {
  if (v.one["from"].empty() == v.one["template"].empty()) {
    return WithNext(Invalid("a draft begins with --from FILE or --template "
                            "NAME"),
                    "entente agreement templates lists the templates");
  }
  if (v.ask && !v.one["template"].empty()) return QuestionsFile(v);
  if (v.one["out"].empty()) return Invalid("--out names the draft to write");
  TRY(const Bytes draft, Draft(v));
  TRY_OK(WriteOutput(v.one["out"], draft));
  const std::string hash = policy::HashText(policy::DocumentHash(draft));
  return std::pair(Json{{"hash", hash}, {"bytes", draft.size()}},
                   "draft written, " + hash);
}

Result AgreementTemplates(Values&, const RemoteOptions&) {
  Json json = Json::array();
  std::string text;
  for (const std::string& name : policy::TemplateNames()) {
    TRY(const Bytes bytes, policy::Template(name));
    TRY(const policy::Agreement agreement, policy::Agreement::Parse(bytes));
    const std::string hash = policy::HashText(policy::DocumentHash(bytes));
    json.push_back(
        {{"name", name}, {"title", agreement.title}, {"hash", hash}});
    text += name + "\n  " + agreement.title + "\n  " + hash + "\n";
  }
  return std::pair(Json{{"templates", std::move(json)}}, text);
}

// With what the other side read out: does it match?
Result AgreementFingerprint(Values& v, const RemoteOptions&) {
  TRY(const Bytes document, DocumentIn(v.one["file"]));
  const Hash hash = policy::DocumentHash(document);
  const std::string words = policy::FingerprintText(hash);
  const std::string groups = policy::FingerprintGroups(hash);
  Json json = {
      {"hash", policy::HashText(hash)}, {"words", words}, {"groups", groups}};
  if (v.one["heard"].empty()) return std::pair(json, words + "\n" + groups);
  if (!policy::FingerprintMatches(hash, v.one["heard"])) {
    return WithNext(ProofFailed("the words are not those of this document"),
                    "read them out again; if they still differ, one side "
                    "holds another file");
  }
  json["match"] = true;
  return std::pair(json, "the same: " + words);
}

// The text itself, or its place when it was written to a file.
Result AgreementFormat(Values& v, const RemoteOptions&) {
  TRY(const Bytes text, ReadInput(v.one["file"]));
  TRY(const Bytes formatted, policy::FormatAgreement(text));
  const std::string hash = policy::HashText(policy::DocumentHash(formatted));
  const Json json = {{"changed", formatted != text}, {"hash", hash}};
  if (v.one["out"].empty()) return std::pair(json, ToString(formatted));
  TRY_OK(WriteOutput(v.one["out"], formatted));
  return std::pair(json, "written in the one spelling, " + hash);
}

Json PairJson(const policy::Agreement& agreement,
              const policy::Catalogues& catalogues,
              const policy::PairFlows& pair) {
  Json flows = Json::array();
  for (const policy::Flow& flow : pair.flows) {
    flows.push_back(
        {{"clause", flow.clause},
         {"action", policy::Word(flow.action)},
         {"fields", catalogues.fields.Codes(flow.fields)},
         {"purposes", policy::PurposeWords(catalogues, flow.purposes)}});
  }
  return {{"holder", agreement.parties[pair.holder].code},
          {"asker", agreement.parties[pair.asker].code},
          {"flows", std::move(flows)}};
}

Result AgreementMatrix(Values& v, const RemoteOptions&) {
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  Json json = Json::array();
  std::string text;
  for (const std::string& file : v.many["files"]) {
    TRY(const policy::Agreement agreement, ReadAgreement(file));
    const std::vector<policy::PairFlows> pairs =
        policy::Matrix(agreement, catalogues);
    Json rows = Json::array();
    for (const policy::PairFlows& pair : pairs) {
      rows.push_back(PairJson(agreement, catalogues, pair));
    }
    json.push_back({{"id", agreement.id},
                    {"version", agreement.version},
                    {"pairs", std::move(rows)}});
    text += text.empty() ? "" : "\n";
    text += v.ask ? policy::MatrixCsv(agreement, pairs)
                  : policy::MatrixText(agreement, catalogues, pairs);
  }
  return std::pair(Json{{"agreements", std::move(json)}}, text);
}

void AddShow(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  values->one["lang"] = "en";
  Command at = Leaf(app, "agreement", "show",
                    "the agreement in plain words, clause by clause, and the "
                    "hash of that text (offline)");
  at.Add("file", values->one["file"], "document or envelope").Required();
  at.Add("--lang", values->one["lang"], "en, fr or ru (default en)");
  Bind(shared, at, values, AgreementShow);
}

void AddNew(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(
      app, "agreement", "new",
      "write a draft from a template, or from a document with values replaced "
      "(offline)");
  at.Add("--from", values->one["from"], "document to begin with");
  at.Add("--template", values->one["template"],
         "template to begin with (`entente agreement templates`)");
  at.Add("--party", values->many["party"],
         "code of a party of the template; once for each");
  at.Add("--answers", values->one["answers"], "file of PATH = VALUE lines");
  at.Add("--set", values->many["set"],
         "PATH=VALUE, such as party.QOR.sign_legal=ed25519:...; may "
         "be given again");
  at.Flag("--questions", values->ask,
          "print the answers file that the template needs");
  at.Add("--out", values->one["out"], "draft to write");
  Bind(shared, at, values, AgreementNew);
}

void AddTemplates(Command app, const Shared& shared) {
  Command at = Leaf(app, "agreement", "templates",
                    "templates that this program carries (offline)");
  Bind(shared, at, std::make_shared<Values>(), AgreementTemplates);
}

void AddFingerprint(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "agreement", "fingerprint",
                    "eight words to read over the telephone, and the whole "
                    "hash (offline)");
  at.Add("file", values->one["file"], "document or envelope").Required();
  at.Add("--heard", values->one["heard"],
         "the words that the other side read out: exit code 4 if they "
         "are others");
  Bind(shared, at, values, AgreementFingerprint);
}

void AddFormat(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "agreement", "format",
                    "the one spelling of a draft written by hand (offline)");
  at.Add("file", values->one["file"], "draft").Required();
  at.Add("--out", values->one["out"], "file to write (default: print it)");
  Bind(shared, at, values, AgreementFormat);
}

void AddMatrix(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "agreement", "matrix",
                    "who gives what to whom, for each ordered pair of "
                    "parties (offline)");
  at.Add("files", values->many["files"], "documents or envelopes").Required();
  at.Flag("--csv", values->ask, "one line for each ordered pair");
  Bind(shared, at, values, AgreementMatrix);
}

}  // namespace

void AddAgreementTextCommands(Command app, const Shared& shared) {
  AddShow(app, shared);
  AddNew(app, shared);
  AddTemplates(app, shared);
  AddFingerprint(app, shared);
  AddFormat(app, shared);
  AddMatrix(app, shared);
  AddAgreementLint(app, shared);
}

}  // namespace entente::cli
