#include "node/exchange/batch_hits.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "node/exchange/batch_run.h"
#include "node/exchange/subjects.h"
#include "node/match/rule.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

using model::BatchRecord;

constexpr std::int64_t kDay = 86'400;

}  // namespace

std::vector<model::HitRecord> HitsOf(const policy::Compiled& agreement,
                                     const BatchRecord& record,
                                     const std::vector<model::FoundTag>& found,
                                     std::int64_t now) {
  std::map<std::pair<std::uint32_t, ByteArray<6>>, std::set<std::uint8_t>>
      groups;
  for (const model::FoundTag& tag : found)
    groups[{tag.person, tag.handle}].insert(tag.rule);
  const policy::Clause* clause = agreement.FindClause(record.clause);
  std::vector<model::HitRecord> hits;
  for (const auto& [where, rules] : groups) {
    const std::vector<std::uint8_t> codes(rules.begin(), rules.end());
    const match::Tier tier = match::Classify(codes);
    if (tier == match::Tier::kNothing || where.first >= record.persons.size())
      continue;
    model::HitRecord hit;
    hit.hit = primitive::RandomArray<16>();
    hit.agreement = record.agreement;
    hit.clause = record.clause;
    hit.purpose = record.purpose;
    hit.basis = record.basis;
    hit.peer = record.peer;
    hit.route = record.route;
    hit.urgency = record.urgency;
    hit.batch = record.batch;
    hit.flight = record.flight;
    hit.traveller_key = record.persons[where.first].traveller_key;
    hit.handle = where.second;
    hit.rules = codes;
    hit.tier = static_cast<std::uint8_t>(tier);
    hit.epoch = record.epoch;
    hit.sequence = record.sequence;
    hit.found = now;
    hit.due =
        now +
        (clause != nullptr ? std::int64_t{clause->retain_days} * kDay : 0);
    hits.push_back(std::move(hit));
  }
  return hits;
}

ledger::Event HitEvent(const Desk& desk, const policy::Compiled& agreement,
                       const BatchRecord& record, const model::HitRecord& hit) {
  ledger::Event event("hit.find");
  SetExchange(event, agreement,
              BatchAct(desk, agreement, record, record.padded), record.peer);
  std::string names;
  std::uint8_t strongest = 0;
  for (std::uint8_t rule : hit.rules) {
    if (!names.empty()) names += ' ';
    names += match::RuleName(rule);
    if (strongest == 0 ||
        match::RuleFalseRate(rule) < match::RuleFalseRate(strongest))
      strongest = rule;
  }
  event.Set("batch", record.batch)
      .Set("hit", hit.hit)
      .Set("rule", strongest)
      .Set("tier", hit.tier)
      .Seal("record", ToHex(hit.traveller_key))
      .Seal("handle", ToHex(hit.handle))
      .Seal("attributes", names)
      .Seal("case", record.reference);
  return event;
}

absl::Status AddHits(Desk& desk, const policy::Compiled& agreement,
                     const BatchRecord& record,
                     const std::vector<model::HitRecord>& hits,
                     audit::Job& job) {
  if (hits.empty()) return absl::OkStatus();
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  for (const model::HitRecord& hit : hits) {
    TRY(const std::vector<Id16> tags,
        TravellerTags(desk.keys, *reader, hit.traveller_key));
    TagEvent(job, job.events.size(), tags);
    job.events.push_back(HitEvent(desk, agreement, record, hit));
  }
  return absl::OkStatus();
}

}  // namespace entente::exchange
