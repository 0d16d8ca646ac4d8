#include "node/match/list_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace entente::match {
namespace {

class Check {
 public:
  explicit Check(match::Set set) : set_(set) {}

  void Add(std::size_t index, const model::ListEntry& entry) {
    const std::vector<std::size_t> units = deriver_.Units(entry, set_, batch_);
    report_.units += units.size();
    if (batch_.size() == 0) report_.without_keys.push_back(index);
    std::size_t first = 0;
    for (const std::size_t count : units) {
      AddUnit(index, batch_.keys().subspan(first, count));
      first += count;
    }
    batch_.Clear();
  }

  ListReport Finish() {
    for (auto& [text, key] : keys_) {
      if (key.entries.size() > kMostSharing) {
        report_.shared.push_back(std::move(key));
      }
    }
    std::sort(report_.shared.begin(), report_.shared.end(),
              [](const SharedKey& a, const SharedKey& b) {
                return std::pair(b.entries.size(), a.entries) <
                       std::pair(a.entries.size(), b.entries);
              });
    for (const auto& [rule, units] : units_by_rule_) {
      report_.rules.push_back({rule, units});
    }
    report_.tally = deriver_.tally();
    return std::move(report_);
  }

 private:
  void AddUnit(std::size_t index, std::span<const KeyView> keys) {
    std::set<std::uint8_t> rules;
    for (const KeyView& key : keys) {
      rules.insert(key.rule);
      SharedKey& shared = keys_[ToString(key.text)];
      shared.rule = key.rule;
      // Entries come in order, so the last is the only one to repeat.
      if (shared.entries.empty() || shared.entries.back() != index) {
        shared.entries.push_back(index);
      }
    }
    for (const std::uint8_t rule : rules) ++units_by_rule_[rule];
  }

  match::Set set_;
  Deriver deriver_;
  KeyBatch batch_;
  ListReport report_;
  std::unordered_map<std::string, SharedKey> keys_;
  std::map<std::uint8_t, std::size_t> units_by_rule_;
};

}  // namespace

ListReport CheckList(std::span<const model::ListEntry> entries, Set set) {
  Check check(set);
  for (std::size_t i = 0; i < entries.size(); ++i) check.Add(i, entries[i]);
  return check.Finish();
}

}  // namespace entente::match
