// What differs beside the set of permitted acts: obligations of the clauses,
// and the keys of every other table.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "crypto/base/status.h"
#include "policy/agreement_schema.h"
#include "policy/diff_parts.h"
#include "policy/schema_writer.h"

namespace entente::policy {
namespace {

// In which direction a change of a value widens.
enum class Widens : std::uint8_t { kNever, kMore, kLess, kAny };

// `key` is TABLE.KEY. `words` says the value at `@`. More and less are compared
// as numbers, else by bytes, which is right for instants and for the words
// below (alarm before stop, H0 before H1, no-hit before refused).
struct KeyRule {
  std::string_view key;
  Widens widens;
  std::string_view words;
  std::string_view more = "more";
  std::string_view less = "less";
};

constexpr KeyRule kRules[] = {
    {"purposes_catalogue", Widens::kAny, "another file of purposes: @"},
    {"fields_catalogue", Widens::kAny, "another file of fields: @"},
    {"profiles_catalogue", Widens::kAny, "another file of legal profiles: @"},
    {"match_recipe", Widens::kAny, "another recipe of match keys: @"},
    {"validity.from", Widens::kLess, "in force from @", "later", "earlier"},
    {"validity.until", Widens::kMore, "in force until @", "later", "earlier"},
    {"screening.epoch_hours", Widens::kMore, "an OPRF key lives @ hours",
     "longer", "shorter"},
    {"screening.epoch_grace_hours", Widens::kMore,
     "open batches may finish @ hours after the epoch", "longer", "shorter"},
    {"screening.tag_set_padding", Widens::kMore, "padding of tag sets @",
     "finer", "coarser"},
    {"screening.suppressed_hit", Widens::kMore, "a suppressed hit shows as @",
     "it shows", "it no longer shows"},
    {"party.history_from", Widens::kLess, "may receive data from @ on", "later",
     "earlier"},
    {"party.assessment_renew_days", Widens::kMore,
     "human-rights assessment is renewed after @ days", "later", "sooner"},
    {"clause.list_rows_max", Widens::kMore, "list of at most @ rows", "more",
     "fewer"},
    {"clause.rescreen", Widens::kMore,
     "new rows are tested inside the epoch: @", "allowed", "not allowed"},
    {"clause.retain_days", Widens::kMore, "retention @ days without a case",
     "longer", "shorter"},
    {"clause.retain_days_case", Widens::kMore,
     "retention @ days with an open case", "longer", "shorter"},
    {"clause.mask_after_days", Widens::kMore, "masking after @ days", "later",
     "sooner"},
    {"clause.handling", Widens::kLess, "handling @", "higher", "lower"},
    {"clause.answer_within_hours", Widens::kNever, "answer within @ hours",
     "longer", "shorter"},
    {"rights.access_answer_days", Widens::kMore,
     "a request for access is answered within @ days", "slower", "faster"},
    {"rights.correction_propagates_hours", Widens::kMore,
     "a correction reaches the other side within @ hours", "slower", "faster"},
    {"rights.erasure_propagates_hours", Widens::kMore,
     "an erasure reaches the other side within @ hours", "slower", "faster"},
    {"rights.overdue_receipt_stops_questions", Widens::kLess,
     "an overdue receipt stops questions: @", "it stops them",
     "it no longer does"},
    {"rights.false_hit_notice", Widens::kLess, "notice of a false hit: @",
     "given", "no longer given"},
    {"audit.log_years", Widens::kLess, "the log is kept @ years", "longer",
     "shorter"},
    {"audit.witness_grace_seconds", Widens::kMore,
     "a missing witness is tolerated for @ seconds", "longer", "shorter"},
    {"audit.split_view", Widens::kLess, "a split view of the log means @",
     "stricter", "weaker"},
    {"audit.mutual_inspection_per_year", Widens::kLess,
     "mutual inspections a year @", "more", "fewer"},
    {"audit.statistics_every_months", Widens::kMore,
     "statistics every @ months", "rarer", "more often"},
    {"ending.delete_within_days", Widens::kMore,
     "at the end data is deleted within @ days", "later", "sooner"},
    {"ending.open_case_extension_max_days", Widens::kMore,
     "at the end open cases may keep data @ days more", "longer", "shorter"},
    {"ending.proof_of_deletion", Widens::kLess, "proof of deletion: @",
     "demanded", "no longer demanded"},
};

const KeyRule* RuleFor(std::string_view key) {
  const auto* found =
      std::find_if(std::begin(kRules), std::end(kRules),
                   [key](const KeyRule& rule) { return rule.key == key; });
  return found == std::end(kRules) ? nullptr : found;
}

// Of a clause: everything else about it is in the boxes.
constexpr std::string_view kClauseKeys[] = {"article",
                                            "list_rows_max",
                                            "rescreen",
                                            "exclude_nationals",
                                            "answer_within_hours",
                                            "third_states",
                                            "retain_days",
                                            "retain_days_case",
                                            "mask_after_days",
                                            "handling",
                                            "caveats"};
// The place in the chain of versions: different in every two versions.
constexpr std::string_view kChainKeys[] = {"id", "version", "replaces"};

bool IsOneOf(std::string_view key, const auto& keys) {
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

std::string Full(const toml::Value& value) {
  switch (value.kind) {
    case toml::Value::Kind::kInteger:
      return std::to_string(value.integer);
    case toml::Value::Kind::kBoolean:
      return value.boolean ? "yes" : "no";
    case toml::Value::Kind::kArray: {
      std::string out;
      for (const toml::Item& item : value.items) {
        out += (out.empty() ? "" : ", ") + item.text;
      }
      return out.empty() ? "none" : out;
    }
    default:
      break;
  }
  return value.text;
}

// A hash is known by its start.
std::string Shown(const toml::Value& value) {
  constexpr std::size_t kShortHash = 15;
  return HashFromText(value.text) ? value.text.substr(0, kShortHash) + "..."
                                  : Full(value);
}

// -1, 0, 1 as `now` is less than, equal to or more than `was`.
int Compared(const toml::Value& was, const toml::Value& now) {
  const auto sign = [](auto a, auto b) { return (b > a) - (b < a); };
  if (was.kind == toml::Value::Kind::kInteger) {
    return sign(was.integer, now.integer);
  }
  if (was.kind == toml::Value::Kind::kBoolean) {
    return sign(was.boolean ? 1 : 0, now.boolean ? 1 : 0);
  }
  const int order = was.text.compare(now.text);
  return (order < 0) - (order > 0);
}

std::set<std::string> Members(const toml::Value& value) {
  std::set<std::string> out;
  for (const toml::Item& item : value.items) out.insert(item.text);
  return out;
}

// Caveats bind the receiver: one less is wider.
Bearing CaveatBearing(const toml::Value& was, const toml::Value& now) {
  const std::set<std::string> old_ones = Members(was);
  const std::set<std::string> new_ones = Members(now);
  return std::includes(new_ones.begin(), new_ones.end(), old_ones.begin(),
                       old_ones.end())
             ? Bearing::kNarrower
             : Bearing::kWider;
}

// Whose nationals are left out of the questions.
Bearing NationalsBearing(const toml::Value& was, const toml::Value& now) {
  const auto spared = [](const toml::Value& value) {
    switch (FromWord<Nationals>(value.text).value_or(Nationals::kNone)) {
      case Nationals::kHolder:
        return 1U;
      case Nationals::kAsker:
        return 2U;
      case Nationals::kBoth:
        return 3U;
      default:
        return 0U;
    }
  };
  return (spared(was) & ~spared(now)) != 0 ? Bearing::kWider
                                           : Bearing::kNarrower;
}

Bearing BearingOf(const KeyRule& rule, const toml::Value& was,
                  const toml::Value& now) {
  const int order = Compared(was, now);
  switch (rule.widens) {
    case Widens::kMore:
      return order > 0 ? Bearing::kWider : Bearing::kNarrower;
    case Widens::kLess:
      if (order < 0) return Bearing::kWider;
      // Until a later start the version before it holds.
      return rule.key == "validity.from" ? Bearing::kOther : Bearing::kNarrower;
    case Widens::kAny:
      return Bearing::kWider;
    case Widens::kNever:
      break;
  }
  return Bearing::kOther;
}

std::string Worded(const KeyRule& rule, const toml::Value& was,
                   const toml::Value& now) {
  std::string out(rule.words);
  out.replace(out.find('@'), 1, Shown(was) + " -> " + Shown(now));
  if (rule.widens == Widens::kAny) {
    return out + " (what it says is not compared: counts as wider)";
  }
  return out + " (" +
         std::string(Compared(was, now) > 0 ? rule.more : rule.less) + ")";
}

KeyChange ChangeOf(std::string_view table, std::string path,
                   const toml::Entry& was, const toml::Entry& now) {
  const std::string key = table.empty() ? was.key : Join({table, ".", was.key});
  KeyChange out{std::move(path), Full(was.value), Full(now.value),
                Bearing::kOther, ""};
  if (const KeyRule* rule = RuleFor(key); rule != nullptr) {
    out.bearing = BearingOf(*rule, was.value, now.value);
    out.text = Worded(*rule, was.value, now.value);
    return out;
  }
  if (key == "clause.caveats") {
    out.bearing = CaveatBearing(was.value, now.value);
  } else if (key == "clause.exclude_nationals") {
    out.bearing = NationalsBearing(was.value, now.value);
  }
  std::string name = was.key;
  std::replace(name.begin(), name.end(), '_', ' ');
  out.text = Join({name, ": ", Shown(was.value), " -> ", Shown(now.value)});
  return out;
}

bool SameValue(const toml::Value& a, const toml::Value& b) {
  return a.kind == b.kind && a.text == b.text && a.integer == b.integer &&
         a.boolean == b.boolean && Members(a) == Members(b);
}

std::string PathOf(const toml::Table& table, std::string_view key) {
  std::string out = table.name;
  if (table.repeated) out = Join({out, ".", table.Label()});
  if (out.empty()) return std::string(key);
  return key.empty() ? out : Join({out, ".", key});
}

void CompareTable(const toml::Table& was, const toml::Table& now,
                  std::vector<KeyChange>& out) {
  for (const toml::Entry& entry : was.entries) {
    if (was.name.empty() && IsOneOf(entry.key, kChainKeys)) continue;
    const toml::Entry* other = now.Find(entry.key);
    if (other == nullptr || SameValue(entry.value, other->value)) continue;
    out.push_back(ChangeOf(was.name, PathOf(was, entry.key), entry, *other));
  }
  // Provisions of a basis: a party that joins or leaves.
  for (const toml::Entry& entry : now.entries) {
    if (was.Find(entry.key) != nullptr) continue;
    out.push_back({PathOf(now, entry.key), "", Full(entry.value),
                   Bearing::kOther,
                   Join({entry.key, ": ", Shown(entry.value)})});
  }
}

class KeyComparer {
 public:
  KeyComparer(const Version& before, const Version& after)
      : was_(DocumentOf(before.agreement)), now_(DocumentOf(after.agreement)) {
    for (const toml::Table& table : now_.tables) {
      by_path_[PathOf(table, "")] = &table;
    }
  }

  std::vector<KeyChange> Tables() const {
    std::vector<KeyChange> out;
    std::set<std::string> seen;
    for (const toml::Table& table : was_.tables) {
      const std::string path = PathOf(table, "");
      seen.insert(path);
      const auto found = by_path_.find(path);
      if (found == by_path_.end()) {
        out.push_back({path, std::string(table.Label()), "", Bearing::kOther,
                       "no longer in the agreement"});
      } else if (table.name != "clause") {
        CompareTable(table, *found->second, out);
      }
    }
    for (const toml::Table& table : now_.tables) {
      const std::string path = PathOf(table, "");
      if (seen.count(path) != 0) continue;
      out.push_back({path, "", std::string(table.Label()), Bearing::kOther,
                     "new in the agreement"});
    }
    return out;
  }

 private:
  toml::Document was_;
  toml::Document now_;
  std::map<std::string, const toml::Table*, std::less<>> by_path_;
};

toml::Table TableOf(const Clause& clause) {
  toml::Table table;
  table.name = "clause";
  table.repeated = true;
  TableWriter writer(table);
  // SAFETY: the writer only reads values.
  Visit(writer, const_cast<Clause&>(clause));
  return table;
}

}  // namespace

std::vector<KeyChange> CompareKeys(const Version& before, const Version& after,
                                   const std::vector<Box>& boxes_before,
                                   const std::vector<Box>& boxes_after) {
  std::set<std::pair<std::uint16_t, std::uint16_t>> meeting;
  for (const Box& b : boxes_after) {
    for (const Box& a : boxes_before) {
      if (Meet(a, b)) meeting.insert({a.clause, b.clause});
    }
  }
  std::vector<KeyChange> out = KeyComparer(before, after).Tables();
  for (const auto& [a, b] : meeting) {
    std::vector<KeyChange> more = CompareClauseKeys(before.agreement.clauses[a],
                                                    after.agreement.clauses[b]);
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

std::vector<KeyChange> CompareClauseKeys(const Clause& before,
                                         const Clause& after) {
  std::vector<KeyChange> out;
  const toml::Table was = TableOf(before);
  const toml::Table now = TableOf(after);
  for (std::string_view key : kClauseKeys) {
    const toml::Entry* a = was.Find(key);
    const toml::Entry* b = now.Find(key);
    if (a == nullptr || b == nullptr || SameValue(a->value, b->value)) continue;
    out.push_back(ChangeOf("clause", PathOf(now, key), *a, *b));
    if (before.id != after.id) {
      out.back().text += Join({" (for what ", before.id, " allowed before)"});
    }
  }
  return out;
}

std::vector<DiffLine> KeyLines(const std::vector<KeyChange>& keys) {
  std::vector<DiffLine> out;
  for (const KeyChange& key : keys) {
    // `clause.ID.key` is told by the clause, `party.QOR.key` by table and row.
    std::string_view place = key.path;
    const std::size_t dots =
        static_cast<std::size_t>(std::count(place.begin(), place.end(), '.'));
    const bool row = key.was.empty() || key.now.empty();
    if (dots > 0 && !row) place = place.substr(0, place.rfind('.'));
    if (place.starts_with("clause.")) place.remove_prefix(7);
    DiffLine line{'=', key.bearing, std::string(place), key.text};
    if (key.bearing == Bearing::kWider &&
        key.text.find("counts as wider") == std::string::npos) {
      line.text += "; counts as wider";
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace entente::policy
