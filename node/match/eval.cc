#include "node/match/eval.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "node/match/local.h"
#include "node/match/units.h"

namespace entente::match {
namespace {

// The order of the recipe; a bit of RuleBits each.
constexpr std::uint8_t kCodes[] = {
    0x11, 0x12, 0x13, 0x14, 0x21, 0xA1, 0x22, 0xA2, 0x26, 0x27, 0xA7, 0x25,
    0xA5, 0x23, 0x24, 0x31, 0x32, 0xB3, 0x34, 0xB5, 0x33, 0x35, 0x41, 0x42};
constexpr std::array kSets{match::Set::kStandard, match::Set::kNarrow,
                           match::Set::kWide};
using RuleBits = std::uint32_t;
using SetBits = std::uint8_t;
constexpr SetBits kLocalBit = 8;

constexpr SetBits BitOf(match::Set set) {
  return static_cast<SetBits>(1U << static_cast<unsigned>(set));
}

struct Union {
  std::string_view name;
  SetBits sets;
};
constexpr SetBits kTogether =
    BitOf(match::Set::kStandard) | BitOf(match::Set::kWide);
constexpr Union kUnions[] = {{"standard", BitOf(match::Set::kStandard)},
                             {"narrow", BitOf(match::Set::kNarrow)},
                             {"standard+wide", kTogether},
                             {"standard+wide+local", kTogether | kLocalBit}};

RuleBits RuleBit(std::uint8_t code) {
  const auto* at = std::find(std::begin(kCodes), std::end(kCodes), code);
  return RuleBits{1} << static_cast<unsigned>(at - std::begin(kCodes));
}

// A key with the sets that still hold it after their limits.
struct RatedKey {
  LocalKey key;
  SetBits sets = 0;
};

struct Side {
  std::vector<std::size_t> counts[kSets.size()];  // keys a record, by set
  std::size_t cut[kSets.size()] = {};
  std::size_t without_name_keys = 0;
};

std::size_t LimitOf(match::Set set, bool listed) {
  return listed ? EntriesPerUnit(set) : ElementsPerPerson(set);
}

std::vector<RatedKey> Rate(std::vector<LocalKey> keys, bool listed,
                           Side& side) {
  std::array<std::size_t, kSets.size()> counts{};
  std::vector<RatedKey> rated;
  bool named = false;
  for (LocalKey& key : keys) {
    SetBits sets = 0;
    bool peers = false;
    for (std::size_t s = 0; s < kSets.size(); ++s) {
      if (!Holds(kSets[s], key.rule)) continue;
      peers = true;
      if (counts[s]++ < LimitOf(kSets[s], listed)) sets |= BitOf(kSets[s]);
    }
    named = named || key.rule > 0x12;
    rated.push_back({std::move(key), peers ? sets : kLocalBit});
  }
  for (std::size_t s = 0; s < kSets.size(); ++s) {
    const std::size_t limit = LimitOf(kSets[s], listed);
    side.counts[s].push_back(std::min(counts[s], limit));
    if (counts[s] > limit) ++side.cut[s];
  }
  if (!named) ++side.without_name_keys;
  return rated;
}

model::ListEntry EntryOf(const model::Person& person) {
  model::ListEntry entry;
  entry.names = person.names;
  entry.dobs = {person.dob};
  entry.sex = person.sex;
  entry.nationalities = person.nationalities;
  entry.documents = person.documents;
  return entry;
}

struct Found {
  RuleBits rules = 0;
  SetBits sets = 0;
};
using Pair = std::pair<std::uint32_t, std::uint32_t>;

class Evaluation {
 public:
  Evaluation(std::span<const EvalRecord> query,
             std::span<const EvalRecord> list, std::span<const EvalTruth> truth,
             EvalFiles files)
      : query_(query), list_(list), truth_(truth), files_(files) {}

  EvalReport Run() {
    IndexList();
    ReadTruth();
    for (std::uint32_t q = 0; q < query_.size(); ++q) Ask(q);
    EvalReport report;
    report.truths = pairs_true_.size();
    AddRules(report);
    AddUnions(report);
    AddKinds(report);
    AddKeys(report);
    return report;
  }

 private:
  struct Listed {
    std::uint32_t row;
    SetBits sets;
  };

  void IndexList() {
    for (std::uint32_t l = 0; l < list_.size(); ++l) {
      const model::Person& person = list_[l].person;
      auto units = LocalListUnits(EntryOf(person), person.source);
      for (RatedKey& key : Rate(std::move(units.front()), true, listed_)) {
        index_[ToString(key.key.text)].push_back({l, key.sets});
      }
    }
  }

  void ReadTruth() {
    std::unordered_map<std::string_view, std::uint32_t> rows_query, rows_list;
    for (std::uint32_t q = 0; q < query_.size(); ++q) {
      rows_query[query_[q].id] = q;
    }
    for (std::uint32_t l = 0; l < list_.size(); ++l) rows_list[list_[l].id] = l;
    for (const EvalTruth& truth : truth_) {
      const auto q = rows_query.find(truth.query_id);
      const auto l = rows_list.find(truth.list_id);
      if (q == rows_query.end() || l == rows_list.end()) continue;
      pairs_true_.insert({q->second, l->second});
      known_.insert(q->second);
    }
  }

  void Ask(std::uint32_t q) {
    std::map<std::uint32_t, Found> found;
    for (const RatedKey& key :
         Rate(LocalQueryKeys(query_[q].person), false, asked_)) {
      const auto at = index_.find(ToString(key.key.text));
      if (at == index_.end()) continue;
      for (const Listed& listed : at->second) {
        if (files_ == EvalFiles::kOne && query_[q].id >= list_[listed.row].id) {
          continue;
        }
        Found& pair = found[listed.row];
        const SetBits both = key.sets & listed.sets;
        if (both != 0) pair.rules |= RuleBit(key.key.rule);
        pair.sets |= both;
      }
    }
    for (const auto& [row, pair] : found) found_[{q, row}] = pair;
  }

  template <class Counts>
  EvalFigure Figure(std::string_view name, Counts counts) const {
    EvalFigure figure;
    figure.name = name;
    std::set<std::uint32_t> travellers;
    for (const auto& [pair, found] : found_) {
      if (!counts(found)) continue;
      ++figure.pairs;
      if (pairs_true_.contains(pair)) {
        ++figure.true_pairs;
      } else if (!known_.contains(pair.first)) {
        travellers.insert(pair.first);
      }
    }
    figure.false_pairs = figure.pairs - figure.true_pairs;
    if (files_ == EvalFiles::kTwo) figure.false_travellers = travellers.size();
    return figure;
  }

  void AddRules(EvalReport& report) const {
    for (const std::uint8_t code : kCodes) {
      const RuleBits bit = RuleBit(code);
      EvalFigure figure = Figure(RuleName(code), [&](const Found& found) {
        return (found.rules & bit) != 0;
      });
      if (figure.pairs != 0) report.rules.push_back(std::move(figure));
    }
  }

  void AddUnions(EvalReport& report) const {
    for (const Union& one : kUnions) {
      report.unions.push_back(Figure(one.name, [&](const Found& found) {
        return (found.sets & one.sets) != 0;
      }));
    }
  }

  void AddKinds(EvalReport& report) const {
    std::vector<std::string_view> kinds;
    std::unordered_map<std::string_view, std::vector<Found>> by_kind;
    std::map<std::pair<std::string_view, std::string_view>, Found> by_ids;
    for (const auto& [pair, found] : found_) {
      by_ids[{query_[pair.first].id, list_[pair.second].id}] = found;
    }
    for (const EvalTruth& truth : truth_) {
      if (truth.kind.empty()) continue;
      auto& founds = by_kind[truth.kind];
      if (founds.empty()) kinds.push_back(truth.kind);
      founds.push_back(by_ids[{truth.query_id, truth.list_id}]);
    }
    for (const std::string_view kind : kinds) {
      for (const Union& one : {kUnions[0], kUnions[2]}) {
        const auto& founds = by_kind[kind];
        const auto hits = std::count_if(
            founds.begin(), founds.end(),
            [&](const Found& found) { return (found.sets & one.sets) != 0; });
        report.kinds.push_back({std::string(one.name), std::string(kind),
                                founds.size(), static_cast<std::size_t>(hits)});
      }
    }
  }

  static void Summarize(std::vector<std::size_t> counts, double& mean,
                        std::size_t& p99, std::size_t& max) {
    if (counts.empty()) return;
    std::sort(counts.begin(), counts.end());
    std::size_t sum = 0;
    for (const std::size_t count : counts) sum += count;
    mean = static_cast<double>(sum) / static_cast<double>(counts.size());
    p99 = counts[(counts.size() - 1) * 99 / 100];
    max = counts.back();
  }

  void AddKeys(EvalReport& report) const {
    for (std::size_t s = 0; s < kSets.size(); ++s) {
      EvalKeys keys;
      keys.set = kSets[s];
      Summarize(asked_.counts[s], keys.mean_query, keys.p99_query,
                keys.max_query);
      Summarize(listed_.counts[s], keys.mean_list, keys.p99_list,
                keys.max_list);
      keys.cut_query = asked_.cut[s];
      keys.cut_list = listed_.cut[s];
      report.keys.push_back(keys);
    }
    report.query_without_name_keys = asked_.without_name_keys;
    report.list_without_name_keys = listed_.without_name_keys;
  }

  std::span<const EvalRecord> query_;
  std::span<const EvalRecord> list_;
  std::span<const EvalTruth> truth_;
  EvalFiles files_;
  std::unordered_map<std::string, std::vector<Listed>> index_;
  std::set<Pair> pairs_true_;
  std::set<std::uint32_t> known_;  // query rows with a true pair
  std::map<Pair, Found> found_;
  Side asked_, listed_;
};

}  // namespace

EvalReport Evaluate(std::span<const EvalRecord> query,
                    std::span<const EvalRecord> list,
                    std::span<const EvalTruth> truth, EvalFiles files) {
  return Evaluation(query, list, truth, files).Run();
}

}  // namespace entente::match
