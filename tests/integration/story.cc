#include "tests/integration/story.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "crypto/base/status.h"
#include "node/base/time.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

std::string Word(std::uint32_t number, std::size_t letters) {
  static constexpr std::string_view kOnsets = "BDFGHKLMNPRSTVZ";
  static constexpr std::string_view kVowels = "AEIOU";
  std::uint32_t state = number * 2'654'435'761U + 12'345U;
  std::string out;
  while (out.size() < letters) {
    state = state * 1'664'525U + 1'013'904'223U;
    const std::uint32_t draw = state >> 16U;
    out += kOnsets[draw % kOnsets.size()];
    out += kVowels[(draw / 16) % kVowels.size()];
  }
  return out;
}

// YYMMDDHHMM out of `2027-01-31T10:20:30Z`.
std::string Stamp(std::int64_t time, bool with_clock) {
  const std::string text = base::FormatTime(time);
  const std::string day =
      text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2);
  return with_clock ? day + text.substr(11, 2) + text.substr(14, 2) : day;
}

}  // namespace

Somebody Stranger(std::uint32_t number) {
  static const std::vector<std::string> kStates = {"QMA", "QMB", "QNC",
                                                   "QRS", "QSD", "QTM"};
  const std::string year = std::to_string(1950 + number * 7 % 50);
  const std::string month = std::to_string(101 + number % 12).substr(1);
  const std::string day = std::to_string(110 + number % 19).substr(1);
  return {Word(number, 8),
          Word(number + 7777, 6),
          year + month + day,
          number % 2 == 0 ? "F" : "M",
          kStates[number % kStates.size()],
          "SN" + std::to_string(4'100'000 + number * 37)};
}

Cast MakeCast(std::size_t other_listed, std::size_t other_flying) {
  const Somebody exact = {"VALDERMAN", "ORSINA", "19870412",
                          "F",         "QOR",    "KX4410982"};
  const Somebody typo = {"HARROWEN", "MALDRIK", "19790923",
                         "M",        "QTM",     "PT5520174"};
  const Somebody typo_flies = {"MALDRIK", "HAROWEN", "19790923",
                               "M",       "QTM",     "PT9907313"};
  const Somebody cyrillic = {"Тешков", "Ивен", "19901130", "M", "QZZ", ""};
  const Somebody cyrillic_flies = {"TESHKOV", "IVEN", "19901130",
                                   "M",       "QZZ",  "ZZ3381105"};
  const Somebody hidden = {"KHALDANE", "SAMIRA", "19950617",
                           "F",        "QMB",    "MB7712043"};
  const Somebody near = {"OLDENRAY", "MARTA", "19681205",
                         "F",        "QSD",   "SD1450026"};
  const Somebody near_flies = {"OLDENRAY", "MARTA", "19750318",
                               "F",        "QSD",   "SD9450777"};
  Cast cast;
  cast.listed = {exact, typo, cyrillic, hidden, near};
  cast.flying = {near_flies, hidden, cyrillic_flies, typo_flies, exact};
  cast.hidden = hidden;
  for (std::uint32_t i = 0; i < other_listed; ++i)
    cast.listed.push_back(Stranger(1000 + i));
  for (std::uint32_t i = 0; i < other_flying; ++i)
    cast.flying.push_back(Stranger(2000 + i));
  return cast;
}

std::string ListCsv(const std::vector<Somebody>& people) {
  std::string out =
      "entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,"
      "doc_type,ground,grade,expires\n";
  for (const Somebody& p : people) {
    // Named after its row's content: a removed row keeps no number for another.
    const std::string id = "V-" + (p.number.empty() ? p.dob : p.number);
    const std::string document =
        p.number.empty() ? ",," : p.number + "," + p.nationality + ",P";
    out += id + "," + p.surname + "," + p.given + "," + p.dob + "," + p.sex +
           "," + p.nationality + "," + document +
           ",terrorism.travel,B2,2090-12-31\n";
  }
  return out;
}

std::string ProtectedCsv(const Somebody& p) {
  return "pax_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,"
         "doc_type\nR000001," +
         p.surname + "," + p.given + "," + p.dob + "," + p.sex + "," +
         p.nationality + "," + p.number + "," + p.nationality + ",P\n";
}

std::string Paxlst::Text(const std::vector<Somebody>& people) const {
  const std::int64_t leaves = now + 2 * 3600;
  const std::string sent = Stamp(leaves - 3000, true);
  std::vector<std::string> body = {
      "UNH+" + number + "01+PAXLST:D:05B:UN:IATA+" + number +
          Stamp(leaves, false) + "+01:F'",
      "BGM+745'",
      "NAD+MS+++Q7 DATA DESK'",
      "TDT+20+" + number + "+++Q7'",
      "LOC+125+QVL'",
      "DTM+189:" + Stamp(leaves, true) + ":201'",
      "LOC+87+QOE'",
      "DTM+232:" + Stamp(leaves + 12'300, true) + ":201'"};
  for (const Somebody& p : people) {
    for (std::string segment :
         {"NAD+FL+++" + p.surname + ":" + p.given + "'",
          "ATT+2++" + p.sex + "'", "DTM+329:" + p.dob.substr(2) + "'",
          std::string("LOC+178+QVL'"), std::string("LOC+179+QOE'"),
          "NAT+2+" + p.nationality + "'", "DOC+P+" + p.number + "'",
          std::string("DTM+36:330411'"), "LOC+91+" + p.nationality + "'"})
      body.push_back(std::move(segment));
  }
  body.push_back(
      "CNT+42:" + std::to_string(static_cast<int>(people.size()) + cnt_off) +
      "'");
  std::string out = junk + "UNA:+.? '\nUNB+UNOA:4+Q7+QORGOV+" +
                    sent.substr(0, 6) + ":" + sent.substr(6) + "+" + number +
                    "01++APIS'\n";
  for (const std::string& segment : body) out += segment + "\n";
  return out + "UNT+" +
         std::to_string(static_cast<int>(body.size()) + 1 + unt_off) + "+" +
         number + "01'\nUNZ+1+" + number + "01'\n";
}

std::filesystem::path WriteFile(const std::filesystem::path& path,
                                std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

json MustDo(TestNode& node, const std::string& person, const std::string& name,
            const Words& words, int exit_code) {
  const absl::StatusOr<rpc::AdminReply> reply = node.Do(person, name, words);
  EXPECT_THAT(reply, IsOk())
      << name << " by " << person << ": " << ReasonOf(reply.status());
  if (!reply.ok()) return json::object();
  EXPECT_EQ(reply->exit_code, exit_code) << name << ": " << reply->text;
  json out = json::parse(reply->json, nullptr, false);
  EXPECT_FALSE(out.is_discarded()) << name << ": " << reply->json;
  return out;
}

std::vector<json> Entries(TestNode& node, const std::string& type) {
  const std::string auditor = node.party() == "QOR" ? "qor-audit" : "qva-audit";
  const json shown =
      MustDo(node, auditor, "audit show", {{"type", type}, {"limit", "1000"}});
  std::vector<json> out;
  if (!shown.contains("entries")) return out;
  for (const json& entry : shown["entries"]) out.push_back(entry["leaf"]);
  return out;
}

std::string ExactHit(TestNode& asker) {
  const nlohmann::json queue = MustDo(asker, "qor-one", "hits list");
  for (const nlohmann::json& hit : queue["hits"]) {
    const std::string rules = " " + hit["rules"].get<std::string>() + " ";
    if (rules.find(" A1 ") != std::string::npos)
      return hit["hit"].get<std::string>();
  }
  return "none";
}

// Confirmed and asked for on one side, approved on the other.
void AskAndApprove(TestNode& asker, TestNode& holder, const std::string& hit) {
  MustDo(asker, "qor-one", "review",
         {{"hit", hit},
          {"verdict", "confirmed"},
          {"reason", "face and passport"}});
  MustDo(asker, "qor-one", "disclose ask",
         {{"hit", hit},
          {"clause", "disclose-terrorism"},
          {"fields", "person.family-name,hit.reason"},
          {"case", "QOR-2026-0018"},
          {"necessity", "arrival tonight"}});
  Words review = Story::AllFlagsAbsent();
  review.insert(
      review.end(),
      {{"hit", hit}, {"verdict", "approve"}, {"reason", "the same person"}});
  MustDo(holder, "qva-two", "review", review);
}

absl::Status Story::Begin(TwoNodes::Options options, Cast who) {
  cast = std::move(who);
  TRY(two, TwoNodes::Make(folder.path(), std::move(options)));
  TRY_OK(ImportList(cast.listed));
  const std::string hidden =
      WriteFile(Path("protected.csv"), ProtectedCsv(cast.hidden)).string();
  TRY_OK(two.asker->Do("qor-dpo", "protect import", {{"@", hidden}}).status());
  TRY(flight, ImportFlight(cast.flying));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Story::ImportFlight(
    const std::vector<Somebody>& people, const std::string& number) {
  Paxlst message;
  message.number = number;
  message.now = two.asker->clock().NowSeconds();
  const std::string file =
      WriteFile(Path(number + ".edi"), message.Text(people)).string();
  TRY(const rpc::AdminReply reply,
      two.asker->Do("qor-one", "flight import", {{"@", file}}));
  const json read = json::parse(reply.json, nullptr, false);
  if (read.is_discarded() || read["flights"].empty())
    return Internal("no flight came out of the import");
  return read["flights"][0]["flight"].get<std::string>();
}

absl::Status Story::ImportList(const std::vector<Somebody>& people) {
  const std::string file =
      WriteFile(Path("list.csv"), ListCsv(people)).string();
  return two.holder
      ->Do("qva-one", "list import", {{"@", file}, {"list", "subjects"}})
      .status();
}

Words Story::AllFlagsAbsent() {
  Words out;
  for (const char* flag : {"death-penalty-risk", "identity-unconfirmed",
                           "political-offence", "refoulement-risk",
                           "torture-risk", "own-national-minor", "no-air-link"})
    out.emplace_back("flag", std::string(flag) + "=absent");
  return out;
}

}  // namespace entente::testing
