#include "node/exchange/batch_open.h"

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "crypto/psi/padding.h"
#include "node/exchange/batch_run.h"
#include "node/exchange/key.h"
#include "node/match/recipe.h"
#include "node/store/record.h"
#include "policy/nationals.h"

namespace entente::exchange {
namespace {

using model::BatchRecord;

absl::Status Refuse(Desk& desk, const policy::Compiled& agreement,
                    const BatchRecord& record, const policy::Decision& decision,
                    const policy::Facts& facts) {
  ledger::Event event("screen.refuse");
  SetExchange(event, agreement,
              BatchAct(desk, agreement, record, record.padded), record.peer);
  event.Set("batch", record.batch)
      .Set("code", CodeOrDash(PeerReason(decision)))
      .Set("dir", "out")
      .Seal("reasons", policy::ReasonList(decision.reasons))
      .Seal("facts", ToHex(policy::EncodeFacts(facts)))
      .By(record.user);
  audit::Job job;
  job.events.push_back(std::move(event));
  if (decision.Has(policy::Reason::kC04)) {
    const Act act = BatchAct(desk, agreement, record, record.padded);
    job.events.push_back(
        QuotaEvent("quota.exceed", agreement, act, "out", record.peer, facts));
  }
  TRY_OK(desk.log.Commit(std::move(job)).status());
  return WithEntry(Refusal(decision));
}

// A word that the agreement does not know, or another refusal before policy
// could be asked: logged, then told.
absl::Status RefuseWord(Desk& desk, const policy::Compiled& agreement,
                        const BatchRecord& record, const absl::Status& status) {
  ledger::Event event("screen.refuse");
  SetExchange(event, agreement,
              BatchAct(desk, agreement, record, record.padded), record.peer);
  event.Set("batch", record.batch)
      .Set("code", CodeOrDash(ReasonOf(status)))
      .Set("dir", "out")
      .Seal("reasons", ReasonOf(status))
      .By(record.user);
  TRY_OK(LogOne(desk, std::move(event)));
  return WithEntry(status);
}

absl::StatusOr<policy::Facts> FactsNow(Desk& desk,
                                       const policy::Compiled& agreement,
                                       const Act& act) {
  TRY(policy::Facts facts, FactsOf(agreement, act));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(FillOwnSide(desk, *reader, agreement, act, facts));
  return facts;
}

ledger::Event OpenEvent(const policy::Compiled& agreement, const Act& act,
                        const BatchDraft& draft, const policy::Facts& facts) {
  const BatchRecord& record = draft.record;
  const match::Set set = MatchSetOf(*agreement.FindClause(record.clause));
  ledger::Event open("screen.open");
  SetExchange(open, agreement, act, record.peer);
  open.Set("batch", record.batch)
      .Set("chunks", record.chunks)
      .Set("elements",
           std::uint64_t{record.padded} * match::ElementsPerPerson(set))
      .Set("epoch", record.epoch)
      .Set("mode", "live")
      .Set("persons", record.padded)
      .Set("seq", record.sequence)
      .Seal("case", record.reference)
      .Seal("flight", ToHex(record.flight))
      .Seal("persons_real", std::to_string(record.persons.size()))
      .SealSet("set_root", draft.asked_keys)
      .Seal("facts", ToHex(policy::EncodeFacts(facts)))
      .By(record.user);
  return open;
}

audit::Job OpenJob(const policy::Compiled& agreement, const Act& act,
                   const BatchDraft& draft, const policy::Facts& facts) {
  audit::Job job;
  job.events.push_back(OpenEvent(agreement, act, draft, facts));
  job.events.push_back(
      ledger::MakeGuard("screen", {"persons", draft.withheld, "", "", ""}));
  return job;
}

// The row behind the last traveller of a flight. Rows from there on belong to a
// file that is still coming in, or to one that never came into force.
Bytes EndOfFlight(const Bytes& flight, const model::FlightRecord& record) {
  return RecordKey()
      .Raw(flight)
      .Number(std::uint64_t{record.travellers} + record.crew)
      .bytes();
}

}  // namespace

absl::Status NoteFailure(Desk& desk, const policy::Compiled& agreement,
                         const BatchRecord& record,
                         const absl::Status& status) {
  ledger::Event event("screen.fail");
  SetExchange(event, agreement,
              BatchAct(desk, agreement, record, record.padded), record.peer);
  event.Set("batch", record.batch)
      .Set("code", CodeOrDash(ReasonOf(status)))
      .By(record.user);
  TRY_OK(LogOne(desk, std::move(event)));
  return WithEntry(status);
}

BatchRecord RecordOf(const policy::Compiled& agreement,
                     const ScreenOrder& order,
                     const model::FlightRecord& flight, std::int64_t now) {
  BatchRecord base;
  base.batch = primitive::RandomArray<16>();
  base.agreement = agreement.hash();
  base.clause = order.clause;
  base.purpose = order.purpose;
  base.basis = order.basis;
  base.reference = order.reference;
  base.peer = order.peer;
  base.user = order.user;
  base.role = static_cast<std::uint8_t>(order.role);
  base.route = static_cast<std::uint8_t>(order.route);
  base.urgency = static_cast<std::uint8_t>(order.urgency);
  base.flight = order.flight;
  base.record_age = static_cast<std::uint32_t>(
      std::max<std::int64_t>(0, (now - flight.received + 3599) / 3600));
  base.opened = now;
  return base;
}

absl::Status Precheck(Desk& desk, const policy::Compiled& agreement,
                      const BatchRecord& base, Stale stale) {
  const Act act = BatchAct(desk, agreement, base, 1);
  const absl::StatusOr<policy::Facts> words = FactsOf(agreement, act);
  if (!words.ok()) return RefuseWord(desk, agreement, base, words.status());
  TRY(const policy::Facts facts, FactsNow(desk, agreement, act));
  const policy::Decision decision =
      policy::Evaluate(agreement, policy::Local{}, facts);
  if (decision.outcome == policy::Outcome::kPermit) return absl::OkStatus();
  if (stale == Stale::kMayBeCured &&
      decision.reasons == policy::Bit(policy::Reason::kS05))
    return absl::OkStatus();
  return Refuse(desk, agreement, base, decision, facts);
}

absl::StatusOr<Travellers> NextTravellers(Desk& desk, const Bytes& flight,
                                          const model::FlightRecord& record,
                                          const Bytes& after) {
  const Bytes end = EndOfFlight(flight, record);
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const std::vector<store::Row> rows,
      reader->Scan(store::Table::kTraveller, flight, after, psi::kMaxPersons));
  Travellers out;
  for (const store::Row& row : rows) {
    if (row.key >= end) break;
    absl::StatusOr<model::Person> person = Decode<model::Person>(row.value);
    if (!person.ok()) return ProofFailed("a stored traveller is damaged");
    out.emplace_back(row.key, *std::move(person));
  }
  return out;
}

absl::StatusOr<BatchDraft> DraftBatch(Desk& desk,
                                      const policy::Compiled& agreement,
                                      const BatchRecord& base,
                                      const Travellers& travellers,
                                      const ProtectedIndex& hidden) {
  const policy::Clause& clause = *agreement.FindClause(base.clause);
  BatchDraft out;
  out.record = base;
  out.record.seed = ToBytes(ByteView(primitive::RandomArray<32>()));
  for (const auto& [key, person] : travellers) {
    const bool held_back = hidden.Covers(person);
    const bool silent =
        held_back ||
        policy::KeptOut(clause.exclude_nationals, person.nationalities,
                        base.peer, desk.party) ||
        !match::AsksPeers(person);
    if (held_back) ++out.withheld;
    out.record.persons.push_back({key, silent});
    if (silent) continue;
    for (match::Key& asked : match::QueryKeys(person, MatchSetOf(clause)))
      out.asked_keys.push_back(std::move(asked.text));
  }
  TRY(const std::size_t padded, psi::SizeClass(travellers.size()));
  out.record.padded = static_cast<std::uint32_t>(padded);
  out.record.chunks = ChunksOf(out.record.padded);
  return out;
}

absl::StatusOr<BatchRecord> OpenBatch(Desk& desk,
                                      const policy::Compiled& agreement,
                                      BatchDraft draft) {
  BatchRecord& record = draft.record;
  const policy::Clause& clause = *agreement.FindClause(record.clause);
  const Act act = BatchAct(desk, agreement, record, record.padded);
  TRY(const policy::Facts facts, FactsNow(desk, agreement, act));
  policy::Verdict verdict =
      policy::Decide(agreement, policy::Local{}, facts, record.batch);
  auto* permit = std::get_if<policy::Permit>(&verdict);
  if (permit == nullptr)
    return Refuse(desk, agreement, record, WithoutPermit(verdict), facts);
  audit::Job job = OpenJob(agreement, act, draft, facts);
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged> staged) -> absl::Status {
    record.leaf = staged[0].leaf_hash;
    TRY_OK(Charge(writer, QuotaKeyOf(agreement, act), QuotaLimitsOf(clause),
                  record.padded, record.opened)
               .status());
    return store::PutRecord(writer, store::Table::kBatch,
                            BatchRow(record.batch), record,
                            LastUse(agreement, record));
  };
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Append(std::move(job), *permit));
  if (!receipts[0].Covers(*permit))
    return Internal("the receipt is for another act");
  // The upkeep tells what cannot be told now.
  TellQuotaAlarms(desk).IgnoreError();
  return std::move(record);
}

}  // namespace entente::exchange
