#include "node/match/local.h"

#include <algorithm>

#include "node/match/emit.h"
#include "node/match/terms.h"
#include "node/match/units.h"

namespace entente::match {
namespace {

class LocalSink final : public KeySink {
 public:
  bool Add(std::uint8_t code, ByteView text) override {
    LocalKey key{code, ToBytes(text)};
    if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
      keys_.push_back(std::move(key));
    }
    return true;
  }
  std::vector<LocalKey> Take() { return std::move(keys_); }

 private:
  std::vector<LocalKey> keys_;
};

void EmitLocalRules(const Unit& unit, KeyWriter& out) {
  const NameTerms& name = unit.name;
  const auto put = [&](LocalRule rule,
                       std::initializer_list<std::string_view> fields) {
    out.Put(static_cast<std::uint8_t>(rule), fields);
  };
  if (name.ts.size() < 2) return;
  if (unit.date.any()) {
    ForEachForm(unit, [&](std::string_view form, std::string_view year) {
      put(LocalRule::kC3, {form, year});
    });
    ForEachSelection(name, [&](std::string_view selection) {
      put(LocalRule::kC5, {selection, unit.date.year()});
    });
  }
  // An entry with a date is found by the rules that use it.
  if (unit.side == Side::kList && unit.date.any()) return;
  put(LocalRule::kD1, {name.n});
  if (!name.pn.empty()) put(LocalRule::kD2, {name.pn});
}

void EmitAll(const Unit& unit, KeyWriter& out) {
  EmitPeerRules(unit, {[](std::uint8_t) { return true; }}, out);
  EmitLocalRules(unit, out);
}

}  // namespace

std::vector<LocalKey> LocalQueryKeys(const model::Person& person) {
  NameTerms name;
  CommonTerms common;
  LocalSink sink;
  KeyWriter writer(sink);
  BuildQuery(person, name, common);
  for (const BirthDate date : QueryDates(person)) {
    EmitAll({name, common, date, Side::kQuery}, writer);
  }
  return sink.Take();
}

std::vector<std::vector<LocalKey>> LocalListUnits(const model::ListEntry& entry,
                                                  model::Source source) {
  NameTerms name;
  CommonTerms common;
  std::vector<std::vector<LocalKey>> units;
  ForEachUnit(entry, GluedTitlesOf(source), name, common,
              [&](const Unit& unit) {
                LocalSink sink;
                KeyWriter writer(sink);
                EmitAll(unit, writer);
                units.push_back(sink.Take());
              });
  return units;
}

}  // namespace entente::match
