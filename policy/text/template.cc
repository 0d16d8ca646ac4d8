#include "policy/text/template.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "policy/agreement.h"
#include "policy/civil.h"
#include "policy/rewrite.h"
#include "policy/shape.h"
#include "policy/text/embedded.h"
#include "policy/toml.h"

namespace entente::policy {
namespace {

constexpr std::size_t kMaxTemplateParties = kMaxParties;

// What only the parties know.
constexpr std::string_view kAskedAtTop[] = {"id", "instrument"};
constexpr std::string_view kAskedOfAParty[] = {"name",
                                               "authority",
                                               "data_protection_officer",
                                               "supervisor",
                                               "legal_profile",
                                               "assessment_date",
                                               "assessment_hash",
                                               "sign_legal",
                                               "sign_technical",
                                               "suspend"};

absl::StatusOr<std::vector<std::string>> Sorted(
    std::vector<std::string> parties) {
  std::sort(parties.begin(), parties.end());
  for (const std::string& code : parties) {
    if (!IsPartyCode(code)) {
      return Invalid("`", code, "` is no party code: three capital letters");
    }
  }
  if (std::adjacent_find(parties.begin(), parties.end()) != parties.end()) {
    return Invalid("a party is named twice");
  }
  if (parties.size() < 2 || parties.size() > kMaxTemplateParties) {
    return Invalid("an agreement has 2 to 64 parties");
  }
  return parties;
}

// The sample parties' codes, in order.
std::vector<std::string> SampleCodes(const toml::Document& document) {
  std::vector<std::string> out;
  for (const toml::Table& table : document.tables) {
    if (table.name == "party") out.emplace_back(table.Label());
  }
  return out;
}

// `CODE.body` of the first sample party, once for each party.
void SpreadReceivers(toml::Value& value, const std::string& sample,
                     const std::vector<std::string>& parties) {
  std::vector<toml::Item> out;
  for (const std::string& code : parties) {
    for (const toml::Item& item : value.items) {
      if (item.text.starts_with(sample + ".")) {
        out.push_back({code + item.text.substr(3), {}});
      }
    }
  }
  value.items = std::move(out);
}

void SpreadProvisions(toml::Table& basis, const std::string& sample,
                      const std::vector<std::string>& parties) {
  const toml::Value prototype = basis.Find(sample)->value;
  std::erase_if(basis.entries, [](const toml::Entry& entry) {
    return IsPartyCode(entry.key);
  });
  for (const std::string& code : parties) {
    basis.entries.push_back({code, prototype, {}});
  }
}

// The template with these parties in the place of its own, each a copy of the
// first sample.
absl::StatusOr<toml::Document> Spread(std::string_view name,
                                      const std::vector<std::string>& parties) {
  TRY(const Bytes bytes, Template(name));
  toml::Document in;
  Findings findings;
  toml::Read(bytes, in, findings);
  TRY_OK(ToStatus(findings));
  const std::string sample = SampleCodes(in).front();
  toml::Document out;
  bool spread = false;
  for (toml::Table& table : in.tables) {
    if (table.name == "basis") SpreadProvisions(table, sample, parties);
    if (toml::Entry* to = table.Find("onward_to")) {
      SpreadReceivers(to->value, sample, parties);
    }
    if (table.name != "party") {
      out.tables.push_back(table);
      continue;
    }
    for (const std::string& code : parties) {
      if (spread) break;
      out.tables.push_back(table);
      out.tables.back().Find("code")->value.text = code;
    }
    spread = true;
  }
  return out;
}

std::string SampleOf(const toml::Value& value) {
  std::string out = value.text;
  for (const toml::Item& item : value.items) {
    out.append(out.empty() ? "" : ",").append(item.text);
  }
  return out;
}

std::vector<Question> QuestionsOf(const toml::Document& document) {
  std::vector<Question> out;
  const auto ask = [&out](const toml::Table& table, const std::string& prefix,
                          std::string_view key) {
    out.push_back(
        {prefix + std::string(key), SampleOf(table.Find(key)->value)});
  };
  for (const toml::Table& table : document.tables) {
    const std::string prefix = Join({table.name, ".", table.Label(), "."});
    if (table.name.empty()) {
      for (std::string_view key : kAskedAtTop) ask(table, "", key);
    } else if (table.name == "validity") {
      ask(table, "validity.", "from");
    } else if (table.name == "party") {
      for (std::string_view key : kAskedOfAParty) ask(table, prefix, key);
    } else if (table.name == "basis") {
      for (const toml::Entry& entry : table.entries) {
        if (IsPartyCode(entry.key)) ask(table, prefix, entry.key);
      }
    }
  }
  return out;
}

// Two years, reviewed after one; nobody gets what is older than the agreement.
absl::Status AddDates(const std::vector<std::string>& parties,
                      Answers& answers) {
  const std::optional<std::int64_t> from =
      ParseInstant(answers["validity.from"]);
  if (!from) {
    return Invalid("validity.from is an instant such as 2027-01-01T00:00:00Z");
  }
  answers.emplace("validity.until", FormatInstant(AddYears(*from, 2)));
  answers.emplace("validity.review_by", FormatInstant(AddYears(*from, 1)));
  for (const std::string& code : parties) {
    answers.emplace("party." + code + ".history_from", FormatInstant(*from));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> TemplateNames() { return EmbeddedNames("templates"); }

absl::StatusOr<Bytes> Template(std::string_view name) {
  const std::string_view content = EmbeddedFile(Join({"templates/", name}));
  if (!content.empty()) return ToBytes(content);
  std::string names;
  for (const std::string& known : TemplateNames()) {
    names.append(names.empty() ? "" : ", ").append(known);
  }
  return WithNext(NotFound("there is no template `", name, "`"),
                  "take one of " + names);
}

absl::StatusOr<std::vector<Question>> Questions(
    std::string_view name, const std::vector<std::string>& parties) {
  TRY(const std::vector<std::string> codes, Sorted(parties));
  TRY(const toml::Document document, Spread(name, codes));
  return QuestionsOf(document);
}

absl::StatusOr<Bytes> FillTemplate(std::string_view name,
                                   const std::vector<std::string>& parties,
                                   const Answers& answers) {
  TRY(const std::vector<std::string> codes, Sorted(parties));
  TRY(const toml::Document document, Spread(name, codes));
  std::string missing;
  for (const Question& question : QuestionsOf(document)) {
    const auto answer = answers.find(question.path);
    if (answer != answers.end() && !answer->second.empty()) continue;
    missing.append(missing.empty() ? "" : ", ").append(question.path);
  }
  if (!missing.empty()) {
    return WithNext(Invalid("these answers are missing: ", missing),
                    "entente agreement new --template ... --questions prints "
                    "the file to fill in");
  }
  Answers all = answers;
  TRY_OK(AddDates(codes, all));
  return Rewrite(toml::Write(document), all);
}

absl::StatusOr<Answers> ParseAnswers(std::string_view text) {
  Answers out;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find(" = ");
    // A line that ends behind the equals sign is a question not yet answered.
    const bool open = line.ends_with(" =");
    if (equals == std::string_view::npos && !open) {
      return Invalid("line ", std::to_string(number),
                     " of the answers is not PATH = VALUE");
    }
    const std::string path(line.substr(
        0,
        open && equals == std::string_view::npos ? line.size() - 2 : equals));
    const std::string value(equals == std::string_view::npos
                                ? std::string_view()
                                : line.substr(equals + 3));
    if (!out.emplace(path, value).second) {
      return Invalid("line ", std::to_string(number), " answers `", path,
                     "` a second time");
    }
  }
  return out;
}

}  // namespace entente::policy
