#include "node/match/recipe.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "node/match/emit.h"
#include "node/match/terms.h"
#include "node/match/units.h"

namespace entente::match {
namespace {

// The keys of one unit behind what the batch already holds: each once, and
// never more than the set's constant.
class UnitSink final : public KeySink {
 public:
  UnitSink(KeyBatch& batch, std::size_t limit)
      : batch_(batch), first_(batch.size()), limit_(limit) {}

  bool Add(std::uint8_t code, ByteView text) override {
    if (Has(code, text)) return true;
    if (count() == limit_) {
      cut_ = true;
      return false;
    }
    batch_.Add(code, text);
    return true;
  }
  std::size_t count() const { return batch_.size() - first_; }
  bool cut() const { return cut_; }

 private:
  bool Has(std::uint8_t code, ByteView text) const {
    const auto keys = batch_.keys().subspan(first_);
    return std::any_of(keys.begin(), keys.end(), [&](const KeyView& key) {
      return key.rule == code && key.text.size() == text.size() &&
             std::equal(text.begin(), text.end(), key.text.begin());
    });
  }
  KeyBatch& batch_;
  std::size_t first_;
  std::size_t limit_;
  bool cut_ = false;
};

RuleFilter FilterOf(Set set) {
  switch (set) {
    case Set::kStandard:
      return {[](std::uint8_t code) { return Holds(Set::kStandard, code); }};
    case Set::kNarrow:
      return {[](std::uint8_t code) { return Holds(Set::kNarrow, code); }};
    case Set::kWide:
      return {[](std::uint8_t code) { return Holds(Set::kWide, code); }};
  }
  return {[](std::uint8_t) { return false; }};
}

std::vector<Key> CopyKeys(std::span<const KeyView> keys) {
  std::vector<Key> out;
  out.reserve(keys.size());
  for (const KeyView& key : keys) out.push_back({key.rule, ToBytes(key.text)});
  return out;
}

}  // namespace

struct Deriver::State {
  NameTerms name;
  CommonTerms common;
  Tally tally;

  void Count(const UnitSink& sink) {
    if (!name.enough()) ++tally.name_too_short;
    if (sink.count() == 0) ++tally.without_keys;
    if (sink.cut()) ++tally.cut;
  }
  void Forget() {
    name.Forget();
    common.Forget();
  }
};

Deriver::Deriver() : state_(std::make_unique<State>()) {}
Deriver::~Deriver() = default;
Deriver::Deriver(Deriver&&) noexcept = default;
Deriver& Deriver::operator=(Deriver&&) noexcept = default;

const Tally& Deriver::tally() const { return state_->tally; }

std::size_t Deriver::Query(const model::Person& person, Set set,
                           KeyBatch& out) {
  UnitSink sink(out, ElementsPerPerson(set));
  KeyWriter writer(sink);
  BuildQuery(person, state_->name, state_->common);
  for (const BirthDate date : QueryDates(person)) {
    EmitPeerRules({state_->name, state_->common, date, Side::kQuery},
                  FilterOf(set), writer);
  }
  state_->Count(sink);
  state_->Forget();
  return sink.count();
}

void Deriver::PaddedQuery(const model::Person* person, Set set,
                          const RandomSource& random, KeyBatch& out) {
  std::size_t have = person == nullptr ? 0 : Query(*person, set, out);
  for (; have < ElementsPerPerson(set); ++have) {
    ByteArray<32> bytes{};
    random(bytes);
    const Key dummy = Dummy(bytes);
    out.Add(dummy.rule, dummy.text);
  }
}

std::vector<std::size_t> Deriver::Units(const model::ListEntry& entry, Set set,
                                        KeyBatch& out) {
  std::vector<std::size_t> counts;
  ForEachUnit(entry, GluedTitles::kKeep, state_->name, state_->common,
              [&](const Unit& unit) {
                UnitSink sink(out, EntriesPerUnit(set));
                KeyWriter writer(sink);
                EmitPeerRules(unit, FilterOf(set), writer);
                state_->Count(sink);
                counts.push_back(sink.count());
              });
  state_->Forget();
  return counts;
}

bool AsksPeers(const model::Person& person) {
  if (person.source != model::Source::kPnr) return true;
  return std::any_of(person.documents.begin(), person.documents.end(),
                     [](const model::Document& document) {
                       return !DocumentNumber(document.number).empty();
                     }) ||
         BirthDate::Of(person.dob).any();
}

std::vector<Key> QueryKeys(const model::Person& person, Set set) {
  KeyBatch batch;
  Deriver().Query(person, set, batch);
  return CopyKeys(batch.keys());
}

std::vector<Key> PaddedQuery(const model::Person* person, Set set,
                             const RandomSource& random) {
  KeyBatch batch;
  Deriver().PaddedQuery(person, set, random, batch);
  return CopyKeys(batch.keys());
}

std::vector<std::vector<Key>> ListUnits(const model::ListEntry& entry,
                                        Set set) {
  KeyBatch batch;
  std::vector<std::vector<Key>> out;
  std::size_t first = 0;
  for (const std::size_t count : Deriver().Units(entry, set, batch)) {
    out.push_back(CopyKeys(batch.keys().subspan(first, count)));
    first += count;
  }
  return out;
}

}  // namespace entente::match
