#include "node/rehearsal/pack_check.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/ingest/files.h"
#include "node/match/recipe.h"
#include "policy/nationals.h"

namespace entente::rehearsal {
namespace {

using Json = nlohmann::ordered_json;

absl::Status Malformed(std::string_view what) {
  return WithNext(WithReason(Invalid("the test pack is malformed: ", what),
                             "test-pack-malformed"),
                  "make it again from the agreement and the seed");
}

// --- Reading, as a node does.

struct Persons final : ingest::Sink {
  void OnDiagnostic(const ingest::Diagnostic&) override {}
  void OnMessage(const ingest::MessageReport&) override {}
  void OnJourney(const model::Journey&) override {}
  void OnPerson(model::Person&& person) override {
    persons.push_back(std::move(person));
  }
  std::vector<model::Person> persons;
};

absl::StatusOr<std::vector<model::Person>> ReadPersons(std::string_view text) {
  Persons sink;
  ingest::PassengerFileReader reader(ingest::FileFormat::kCsv, {}, sink);
  TRY_OK(reader.Feed(AsBytes(text)));
  TRY_OK(reader.Finish());
  if (reader.totals().lines_skipped != 0)
    return Malformed("a line of travellers or protected persons is skipped");
  return std::move(sink.persons);
}

struct Stage final : ingest::EntryStage {
  absl::StatusOr<std::optional<ingest::GatheredEntry>> Get(
      const std::string& id) override {
    const auto found = rows.find(id);
    if (found == rows.end()) return std::optional<ingest::GatheredEntry>();
    return std::optional<ingest::GatheredEntry>(found->second);
  }
  absl::Status Put(const ingest::GatheredEntry& gathered) override {
    rows[gathered.entry.entry_id] = gathered;
    return absl::OkStatus();
  }
  absl::Status ForEach(
      const std::function<absl::Status(ingest::GatheredEntry&&)>& take)
      override {
    for (const auto& [id, gathered] : rows)
      TRY_OK(take(ingest::GatheredEntry(gathered)));
    return absl::OkStatus();
  }
  std::map<std::string, ingest::GatheredEntry> rows;
};

struct Entries final : ingest::EntrySink {
  void OnDiagnostic(const ingest::Diagnostic&) override {}
  void OnEntry(model::ListEntry&& entry) override {
    entries.push_back(std::move(entry));
  }
  std::vector<model::ListEntry> entries;
};

absl::StatusOr<std::vector<model::ListEntry>> ReadEntries(
    std::string_view text) {
  Stage stage;
  Entries sink;
  ingest::WatchlistReader reader(ingest::FileFormat::kCsv, {}, stage, sink);
  TRY_OK(reader.Feed(AsBytes(text)));
  TRY_OK(reader.Finish());
  if (reader.totals().lines_skipped != 0)
    return Malformed("a line of the list is skipped");
  return std::move(sink.entries);
}

// --- The recipe, in clear.

// Key text -> who has it, under which rule.
class Index {
 public:
  void Add(std::size_t entry,
           const std::vector<std::vector<match::Key>>& units) {
    for (const std::vector<match::Key>& unit : units) {
      for (const match::Key& key : unit)
        keys_[key.text].emplace_back(entry, key.rule);
    }
  }
  // The rules that agree, by entry.
  std::map<std::size_t, std::set<std::uint8_t>> Ask(
      const std::vector<match::Key>& keys) const {
    std::map<std::size_t, std::set<std::uint8_t>> out;
    for (const match::Key& key : keys) {
      const auto found = keys_.find(key.text);
      if (found == keys_.end()) continue;
      for (const auto& [entry, rule] : found->second) out[entry].insert(rule);
    }
    return out;
  }

 private:
  std::map<match::KeyText, std::vector<std::pair<std::size_t, std::uint8_t>>>
      keys_;
};

match::Tier TierOf(const std::set<std::uint8_t>& rules) {
  return match::Classify(std::vector<std::uint8_t>(rules.begin(), rules.end()));
}

std::string RuleNames(const std::set<std::uint8_t>& rules) {
  std::string out;
  for (const std::uint8_t rule : rules)
    out += (out.empty() ? "" : " ") + std::string(match::RuleName(rule));
  return out;
}

model::ListEntry EntryOf(const model::Person& person) {
  model::ListEntry entry;
  entry.names = person.names;
  if (!person.dob.empty()) entry.dobs.push_back(person.dob);
  entry.sex = person.sex;
  entry.nationalities = person.nationalities;
  entry.documents = person.documents;
  return entry;
}

model::Person PersonOf(const model::ListEntry& entry) {
  model::Person person;
  person.names = entry.names;
  if (!entry.dobs.empty()) person.dob = entry.dobs.front();
  person.sex = entry.sex;
  person.nationalities = entry.nationalities;
  person.documents = entry.documents;
  return person;
}

// In doubt, protected.
bool Covers(const Index& hidden, const model::Person& person) {
  for (const auto& [entry, rules] :
       hidden.Ask(match::QueryKeys(person, match::Set::kStandard))) {
    if (TierOf(rules) != match::Tier::kNothing) return true;
  }
  return false;
}

// --- The text.

std::string HashOf(std::string_view text) {
  return ToHex(primitive::Sha256(AsBytes(text)));
}

Json Header(const TestPack& pack) {
  const PackSpec& s = pack.spec;
  return {{"format", "test-pack/1"},
          {"agreement", ToHex(s.agreement)},
          {"clause", s.clause},
          {"holder", s.holder},
          {"asker", s.asker},
          {"ground", s.ground},
          {"recipe", match::kRecipe},
          {"match_set", match::SetName(s.set)},
          {"exclude_nationals", policy::Word(s.exclude)},
          {"date", s.date},
          {"seed", s.seed},
          {"travellers", s.travellers},
          {"listed", s.listed},
          {"flight_sha256", HashOf(pack.flight)},
          {"list_sha256", HashOf(pack.list)},
          {"protected_sha256", HashOf(pack.protect)},
          {"planted", Json::array()}};
}

std::string Line(const Found& found) {
  return found.traveller + " in " + found.entry + " by " + found.rules + " (" +
         std::string(match::TierName(found.tier)) + ")";
}

std::optional<match::Set> SetOf(const std::string& name) {
  for (const match::Set set :
       {match::Set::kStandard, match::Set::kNarrow, match::Set::kWide}) {
    if (match::SetName(set) == name) return set;
  }
  return std::nullopt;
}

// A value of the type; none: it is not there.
template <class T>
std::optional<T> Value(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name)) return std::nullopt;
  const Json& value = json[name];
  if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return std::nullopt;
  } else if (!value.is_number_unsigned()) {
    return std::nullopt;
  }
  return value.get<T>();
}

absl::StatusOr<PackSpec> SpecIn(const Json& json) {
  PackSpec s;
  const auto hash = Value<std::string>(json, "agreement");
  const auto set = SetOf(Value<std::string>(json, "match_set").value_or(""));
  const auto exclude = policy::FromWord<policy::Nationals>(
      Value<std::string>(json, "exclude_nationals").value_or(""));
  const auto seed = Value<std::uint64_t>(json, "seed");
  const auto travellers = Value<std::uint32_t>(json, "travellers");
  const auto listed = Value<std::uint32_t>(json, "listed");
  if (Value<std::string>(json, "format") != "test-pack/1" || !hash || !set ||
      !exclude || !seed || !travellers || !listed)
    return Malformed("its heading is not the one of test-pack/1");
  TRY(const Bytes raw, FromHex(*hash));
  if (raw.size() != sizeof(Hash)) return Malformed("no hash of an agreement");
  s.agreement = *ToArray<32>(raw);
  s.set = *set;
  s.exclude = *exclude;
  s.seed = *seed;
  s.travellers = *travellers;
  s.listed = *listed;
  for (const auto& [name, to] :
       {std::pair("clause", &s.clause), std::pair("holder", &s.holder),
        std::pair("asker", &s.asker), std::pair("ground", &s.ground),
        std::pair("date", &s.date)}) {
    const auto text = Value<std::string>(json, name);
    if (!text) return Malformed("a word of its heading is missing");
    *to = *text;
  }
  return s;
}

}  // namespace

absl::StatusOr<std::vector<Found>> ScreenInClear(const PackSpec& spec,
                                                 const PackFiles& files) {
  TRY(const std::vector<model::Person> travellers, ReadPersons(files.flight));
  TRY(const std::vector<model::Person> protect, ReadPersons(files.protect));
  TRY(const std::vector<model::ListEntry> entries, ReadEntries(files.list));
  Index hidden;
  for (std::size_t i = 0; i < protect.size(); ++i)
    hidden.Add(i, match::ListUnits(EntryOf(protect[i]), match::Set::kStandard));
  Index listed;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (Covers(hidden, PersonOf(entries[i]))) continue;
    listed.Add(i, match::ListUnits(entries[i], spec.set));
  }
  std::vector<Found> out;
  for (const model::Person& person : travellers) {
    if (Covers(hidden, person) ||
        policy::KeptOut(spec.exclude, person.nationalities, spec.holder,
                        spec.asker) ||
        !match::AsksPeers(person))
      continue;
    for (const auto& [entry, rules] :
         listed.Ask(match::QueryKeys(person, spec.set))) {
      const match::Tier tier = TierOf(rules);
      if (tier == match::Tier::kNothing) continue;
      out.push_back(
          {person.reference, entries[entry].entry_id, tier, RuleNames(rules)});
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::string> Expectation(const TestPack& pack) {
  TRY(const std::vector<Found> found, ScreenInClear(pack.spec, FilesOf(pack)));
  Json out = Header(pack);
  std::size_t explained = 0;
  for (const Plant& plant : pack.plants) {
    const auto hit =
        std::find_if(found.begin(), found.end(), [&plant](const Found& f) {
          return f.traveller == plant.traveller && f.entry == plant.entry;
        });
    const bool shows = hit != found.end();
    explained += shows ? 1 : 0;
    if (shows != MustShow(plant.kind)) {
      return WithNext(
          WithReason(Unready("this recipe ", shows ? "finds" : "does not find",
                             " the planted kind `", KindName(plant.kind),
                             "` with this seed"),
                     "test-pack-expectation"),
          "take another seed; if it stays so, the recipe of this machine is "
          "not the published one: `entente bench screen` checks its vectors");
    }
    out["planted"].push_back(
        {{"traveller", plant.traveller},
         {"entry", plant.entry},
         {"kind", KindName(plant.kind)},
         {"tier", match::TierName(shows ? hit->tier : match::Tier::kNothing)},
         {"rules", shows ? hit->rules : ""}});
  }
  if (explained != found.size()) {
    return WithNext(WithReason(Unready("invented strangers match by chance "
                                       "with this seed"),
                               "test-pack-expectation"),
                    "take another seed");
  }
  return out.dump(1) + "\n";
}

absl::StatusOr<Expected> ReadExpectation(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Malformed("expected.json is no JSON");
  Expected out;
  TRY(out.spec, SpecIn(json));
  if (!json.contains("planted") || !json["planted"].is_array())
    return Malformed("nothing is planted");
  for (const Json& row : json["planted"]) {
    const auto traveller = Value<std::string>(row, "traveller");
    const auto entry = Value<std::string>(row, "entry");
    const auto tier = Value<std::string>(row, "tier");
    const auto rules = Value<std::string>(row, "rules");
    if (!traveller || !entry || !tier || !rules)
      return Malformed("a planted row lacks a value");
    for (const match::Tier t : {match::Tier::kPossible, match::Tier::kHit}) {
      if (match::TierName(t) == *tier)
        out.found.push_back({*traveller, *entry, t, *rules});
    }
  }
  std::sort(out.found.begin(), out.found.end());
  return out;
}

absl::StatusOr<std::vector<std::string>> CheckPack(std::string_view expectation,
                                                   const PackFiles& files) {
  TRY(const Expected expected, ReadExpectation(expectation));
  TRY(const TestPack again, MakePack(expected.spec));
  std::vector<std::string> out;
  const auto same = [&out](std::string_view name, const std::string& have,
                           const std::string& made) {
    if (have != made)
      out.push_back(std::string(name) +
                    " is not what the agreement and the seed give");
  };
  same("flight.csv", files.flight, again.flight);
  same("list.csv", files.list, again.list);
  same("protected.csv", files.protect, again.protect);
  TRY(const std::vector<Found> found, ScreenInClear(expected.spec, files));
  for (const Found& f : expected.found) {
    if (!std::binary_search(found.begin(), found.end(), f))
      out.push_back("not found: " + Line(f));
  }
  for (const Found& f : found) {
    if (!std::binary_search(expected.found.begin(), expected.found.end(), f))
      out.push_back("found, and not expected: " + Line(f));
  }
  TRY(const std::string text, Expectation(again));
  if (out.empty() && text != expectation)
    out.emplace_back("expected.json is not the one text of this pack");
  return out;
}

absl::StatusOr<std::vector<std::string>> CheckHits(std::string_view expectation,
                                                   std::string_view hits_json) {
  TRY(const Expected expected, ReadExpectation(expectation));
  const Json json = Json::parse(hits_json, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("hits") ||
      !json["hits"].is_array())
    return Malformed("this is no `entente hits list --json`");
  std::map<std::pair<std::string, std::string>, int> balance;
  for (const Found& f : expected.found)
    ++balance[{std::string(match::TierName(f.tier)), f.rules}];
  for (const Json& hit : json["hits"]) {
    const auto peer = Value<std::string>(hit, "peer");
    const auto tier = Value<std::string>(hit, "tier");
    const auto rules = Value<std::string>(hit, "rules");
    if (!peer || !tier || !rules) return Malformed("a hit lacks a value");
    if (*peer == expected.spec.holder) --balance[{*tier, *rules}];
  }
  std::vector<std::string> out;
  for (const auto& [what, left] : balance) {
    if (left == 0) continue;
    out.push_back(std::to_string(left > 0 ? left : -left) +
                  (left > 0 ? " not found: " : " found, and not expected: ") +
                  what.first + " by " + what.second);
  }
  return out;
}

}  // namespace entente::rehearsal
