#include "node/exchange/asker.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/oprf/client.h"
#include "crypto/oprf/info.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "crypto/psi/padding.h"
#include "node/base/mutex.h"
#include "node/exchange/batch_hits.h"
#include "node/exchange/batch_plan.h"
#include "node/exchange/batch_run.h"
#include "node/exchange/epochs.h"
#include "node/exchange/holder.h"
#include "node/exchange/key.h"
#include "node/ledger/exchange_record.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

using model::BatchRecord;
using model::BatchState;

constexpr std::int64_t kDay = 86'400;

// Travellers of the holder's or the asker's nationality, when the clause keeps
// them out.
bool Excluded(const policy::Clause& clause, const model::Person& person,
              std::string_view holder, std::string_view asker) {
  const auto is = [&person](std::string_view code) {
    return std::find(person.nationalities.begin(), person.nationalities.end(),
                     code) != person.nationalities.end();
  };
  switch (clause.exclude_nationals) {
    case policy::Nationals::kNone:
      return false;
    case policy::Nationals::kHolder:
      return is(holder);
    case policy::Nationals::kAsker:
      return is(asker);
    case policy::Nationals::kBoth:
      return is(holder) || is(asker);
  }
  return true;
}

// The row behind the last traveller of a flight. Rows from there on belong to a
// file that is still coming in, or to one that never came into force.
Bytes EndOfFlight(const Bytes& flight, const model::FlightRecord& record) {
  return RecordKey()
      .Raw(flight)
      .Number(std::uint64_t{record.travellers} + record.crew)
      .bytes();
}

// The next batch's travellers, behind the row `after` and before `end`; none at
// the end.
absl::StatusOr<std::vector<std::pair<Bytes, model::Person>>> NextTravellers(
    store::Reader& reader, const Bytes& flight, const Bytes& after,
    const Bytes& end) {
  TRY(const std::vector<store::Row> rows,
      reader.Scan(store::Table::kTraveller, flight, after, psi::kMaxPersons));
  std::vector<std::pair<Bytes, model::Person>> out;
  for (const store::Row& row : rows) {
    if (row.key >= end) break;
    absl::StatusOr<model::Person> person = Decode<model::Person>(row.value);
    if (!person.ok()) return ProofFailed("a stored traveller is damaged");
    out.emplace_back(row.key, *std::move(person));
  }
  return out;
}

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

// What went wrong with the peer before the first question leaves its entry too.
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

// Both hold the same agreement and know of each other that it is in force.
absl::Status Meet(Desk& desk, const policy::Compiled& agreement,
                  std::string_view peer) {
  TRY_OK(CompareAgreements(desk, agreement, peer));
  return ExchangeStatus(desk, agreement, peer);
}

}  // namespace

class Asker::Claim {
 public:
  Claim(Asker& asker, const Id16& batch) : asker_(asker), batch_(batch) {
    base::MutexLock lock(asker_.mutex_);
    held_ = asker_.running_.insert(batch_).second;
  }
  ~Claim() {
    if (!held_) return;
    base::MutexLock lock(asker_.mutex_);
    asker_.running_.erase(batch_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  bool held() const { return held_; }

 private:
  Asker& asker_;
  const Id16 batch_;
  bool held_ = false;
};

Bytes BatchRow(const Id16& batch) {
  return RecordKey().Raw(AsBytes("b")).Raw(batch).bytes();
}
Bytes HitRow(const Id16& hit) { return ToBytes(ByteView(hit)); }

absl::StatusOr<ScreenResult> Asker::Screen(const ScreenOrder& order,
                                           const ProtectedSet& hidden) {
  TRY(const AgreementRef agreement,
      desk_.book.FindFor(order.peer, desk_.party, order.clause,
                         order.agreement));
  const policy::Clause& clause = *agreement->FindClause(order.clause);
  TRY(std::unique_ptr<store::Reader> reader, desk_.store.Read());
  TRY(const model::FlightRecord flight,
      store::NeedRecord<model::FlightRecord>(*reader, store::Table::kFlight,
                                             order.flight, "flight"));
  const std::int64_t now = desk_.clock.NowSeconds();

  BatchRecord base;
  base.batch = primitive::RandomArray<16>();
  base.agreement = agreement->hash();
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

  // The law first, before anything is asked of anybody.
  const auto precheck = [&](bool final_word) -> absl::Status {
    const Act act = BatchAct(desk_, *agreement, base, 1);
    absl::StatusOr<policy::Facts> facts = FactsOf(*agreement, act);
    if (!facts.ok()) return RefuseWord(desk_, *agreement, base, facts.status());
    TRY_OK(FillOwnSide(desk_, *reader, *agreement, act, *facts));
    const policy::Decision decision =
        policy::Evaluate(*agreement, policy::Local{}, *facts);
    if (decision.outcome == policy::Outcome::kPermit) return absl::OkStatus();
    // A stale status (S05) can be cured by asking the peer for a fresh one.
    if (!final_word && decision.reasons == policy::Bit(policy::Reason::kS05))
      return absl::OkStatus();
    return Refuse(desk_, *agreement, base, decision, *facts);
  };
  TRY_OK(precheck(false));
  if (const absl::Status met = Meet(desk_, *agreement, order.peer); !met.ok())
    return NoteFailure(desk_, *agreement, base, met);
  TRY(reader, desk_.store.Read());
  TRY_OK(precheck(true));
  const absl::StatusOr<model::EpochRecord> epoch =
      PeerEpoch(desk_, *agreement, order.peer);
  if (!epoch.ok()) return NoteFailure(desk_, *agreement, base, epoch.status());
  const absl::StatusOr<std::shared_ptr<const Replica>> fetched =
      FetchTagSet(desk_, *agreement, order.clause, order.peer);
  if (!fetched.ok())
    return NoteFailure(desk_, *agreement, base, fetched.status());
  const std::shared_ptr<const Replica>& replica = *fetched;
  base.epoch = epoch->epoch;
  base.sequence = replica->view().header().sequence;

  const std::shared_ptr<const ProtectedIndex> now_hidden = hidden.Get();
  ScreenResult result;
  result.agreement = agreement->agreement().id;
  const Bytes end = EndOfFlight(order.flight, flight);
  Bytes asked_last;  // the row of the last traveller
  while (true) {
    TRY(reader, desk_.store.Read());
    TRY(const auto travellers,
        NextTravellers(*reader, order.flight, asked_last, end));
    if (travellers.empty()) break;
    const bool first = asked_last.empty();
    asked_last = travellers.back().first;
    BatchRecord record = base;
    if (!first) record.batch = primitive::RandomArray<16>();
    record.seed = ToBytes(ByteView(primitive::RandomArray<32>()));
    record.opened = now;
    std::uint64_t withheld = 0;
    std::uint32_t real = 0;
    std::vector<Bytes> asked_keys;
    for (const auto& [key, person] : travellers) {
      const bool held_back = now_hidden->Covers(person);
      const bool silent = held_back ||
                          Excluded(clause, person, order.peer, desk_.party) ||
                          !match::AsksPeers(person);
      if (held_back) ++withheld;
      record.persons.push_back({key, silent});
      ++real;
      if (silent) continue;
      for (match::Key& asked : match::QueryKeys(person, MatchSetOf(clause)))
        asked_keys.push_back(std::move(asked.text));
    }
    TRY(const std::size_t padded, psi::SizeClass(travellers.size()));
    record.padded = static_cast<std::uint32_t>(padded);
    record.chunks = ChunksOf(record.padded);
    const Act act = BatchAct(desk_, *agreement, record, record.padded);
    TRY(policy::Facts facts, FactsOf(*agreement, act));
    TRY(reader, desk_.store.Read());
    TRY_OK(FillOwnSide(desk_, *reader, *agreement, act, facts));
    policy::Verdict verdict =
        policy::Decide(*agreement, policy::Local{}, facts, record.batch);
    auto* permit = std::get_if<policy::Permit>(&verdict);
    if (permit == nullptr) {
      const absl::Status refused =
          Refuse(desk_, *agreement, record, WithoutPermit(verdict), facts);
      if (first) return refused;
      BatchResult none;
      none.batch = record.batch;
      none.state = BatchState::kNotAsked;
      none.reason = ReasonOf(refused);
      none.persons = real;
      result.batches.push_back(std::move(none));
      continue;
    }
    ledger::Event open("screen.open");
    SetExchange(open, *agreement, act, order.peer);
    open.Set("batch", record.batch)
        .Set("chunks", record.chunks)
        .Set("elements", std::uint64_t{record.padded} *
                             match::ElementsPerPerson(MatchSetOf(clause)))
        .Set("epoch", record.epoch)
        .Set("mode", "live")
        .Set("persons", record.padded)
        .Set("seq", record.sequence)
        .Seal("case", record.reference)
        .Seal("flight", ToHex(record.flight))
        .Seal("persons_real", std::to_string(real))
        .SealSet("set_root", std::move(asked_keys))
        .Seal("facts", ToHex(policy::EncodeFacts(facts)))
        .By(order.user);
    audit::Job job;
    job.events.push_back(std::move(open));
    job.events.push_back(
        ledger::MakeGuard("screen", {"persons", withheld, "", "", ""}));
    const Usage after{facts.used_day + record.padded,
                      facts.used_year + record.padded, 0};
    if (CrossesAlarm(QuotaLimitsOf(clause), after, record.padded)) {
      job.events.push_back(
          QuotaEvent("quota.warn", *agreement, act, "out", order.peer, facts));
    }
    job.changes = [&](store::Writer& writer,
                      std::span<const audit::Staged> staged) -> absl::Status {
      record.leaf = staged[0].leaf_hash;
      TRY_OK(Charge(writer, QuotaKeyOf(*agreement, act), QuotaLimitsOf(clause),
                    record.padded, now)
                 .status());
      return store::PutRecord(writer, store::Table::kBatch,
                              BatchRow(record.batch), record,
                              LastUse(*agreement, record));
    };
    const Claim claim(*this, record.batch);
    TRY(const std::vector<audit::Receipt> receipts,
        desk_.log.Append(std::move(job), *permit));
    if (!receipts[0].Covers(*permit))
      return Internal("the receipt is for another act");
    TRY(BatchResult ended, Run(*agreement, std::move(record), replica));
    result.batches.push_back(std::move(ended));
  }
  return result;
}

absl::Status Asker::Ask(const policy::Compiled& agreement,
                        const BatchRecord& record,
                        const std::vector<const model::Person*>& asked,
                        const Replica* replica,
                        std::vector<std::uint32_t> pending) {
  const auto epoch =
      KnownPeerEpoch(desk_, agreement, record.peer, record.epoch);
  if (!epoch.ok() ||
      !EpochUsable(agreement, record.epoch, desk_.clock.NowSeconds())) {
    return WithReason(Unready("the epoch of this batch is over"),
                      "epoch-unknown");
  }
  if (replica == nullptr) {
    return WithReason(Unready("what this batch was made from is gone"),
                      "tagset-unknown");
  }
  TRY(const oprf::PublicKey key, oprf::PublicKey::Decode(epoch->public_key));
  const match::Set set = MatchSetOf(*agreement.FindClause(record.clause));
  const BatchRun run{
      desk_,
      agreement,
      record,
      *replica,
      MakePlan(asked, record.padded, set, record.seed),
      oprf::ScreeningInfo({record.agreement, record.peer, desk_.party,
                           record.clause, match::kRecipe, record.epoch}),
      key,
      match::ElementsPerPerson(set)};
  return AskChunks(run, pending);
}

absl::StatusOr<BatchResult> Asker::Run(const policy::Compiled& agreement,
                                       BatchRecord record,
                                       std::shared_ptr<const Replica> replica) {
  const policy::Clause& clause = *agreement.FindClause(record.clause);
  std::vector<std::uint32_t> pending;
  std::vector<model::Person> persons;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
    for (const model::BatchPerson& row : record.persons) {
      TRY(const auto person,
          store::GetRecord<model::Person>(*reader, store::Table::kTraveller,
                                          row.traveller_key));
      persons.push_back(person.value_or(model::Person{}));
    }
    for (std::uint32_t chunk = 0; chunk < record.chunks; ++chunk) {
      TRY(const std::optional<Bytes> done,
          reader->Get(store::Table::kBatch, ChunkRow(record.batch, chunk)));
      if (!done) pending.push_back(chunk);
    }
  }
  std::vector<const model::Person*> asked;
  for (std::size_t i = 0; i < persons.size(); ++i)
    asked.push_back(record.persons[i].withheld ? nullptr : &persons[i]);
  const absl::Status failure =
      Ask(agreement, record, asked, replica.get(), std::move(pending));

  // The end: what was found becomes hits, the seed and the chunks go, the entry
  // says how it ended.
  std::vector<std::optional<ledger::ChunkAnswer>> chunk_answers(record.chunks);
  std::vector<model::FoundTag> found;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
    for (std::uint32_t chunk = 0; chunk < record.chunks; ++chunk) {
      TRY(const auto done,
          store::GetRecord<model::ChunkDone>(*reader, store::Table::kBatch,
                                             ChunkRow(record.batch, chunk)));
      if (!done) continue;
      chunk_answers[chunk] = ledger::ChunkAnswer{done->peer_leaf, done->answer};
      found.insert(found.end(), done->found.begin(), done->found.end());
    }
  }
  const auto answered = static_cast<std::size_t>(
      std::count_if(chunk_answers.begin(), chunk_answers.end(),
                    [](const auto& a) { return a.has_value(); }));
  record.state = answered == record.chunks ? BatchState::kComplete
                 : answered == 0           ? BatchState::kNotAsked
                                           : BatchState::kPartial;
  record.reason =
      record.state == BatchState::kComplete ? std::string() : ReasonOf(failure);
  if (record.state != BatchState::kComplete && record.reason.empty())
    record.reason = "peer-unreachable";
  record.ended = desk_.clock.NowSeconds();
  const std::vector<model::HitRecord> hits =
      HitsOf(agreement, record, found, record.ended);
  record.hits = static_cast<std::uint32_t>(hits.size());
  const Act act = BatchAct(desk_, agreement, record, record.padded);
  audit::Job job;
  if (!failure.ok()) {
    ledger::Event fail("screen.fail");
    SetExchange(fail, agreement, act, record.peer);
    fail.Set("batch", record.batch).Set("code", CodeOrDash(record.reason));
    job.events.push_back(std::move(fail));
  }
  for (const model::HitRecord& hit : hits)
    job.events.push_back(HitEvent(desk_, agreement, record, hit));
  ledger::Event ended("screen.result");
  SetExchange(ended, agreement, act, record.peer);
  ended.Set("answers", ledger::AnswersRoot(chunk_answers))
      .Set("batch", record.batch)
      .Set("hits", hits.size())
      .Set("outcome",
           model::kBatchStates[static_cast<std::size_t>(record.state)])
      .Seal("peers", record.peer);
  job.events.push_back(std::move(ended));
  Wipe(record.seed);
  record.seed.clear();
  const std::vector<model::BatchPerson> screened =
      std::exchange(record.persons, {});  // no hit leaves a counter only
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    for (std::uint32_t chunk = 0; chunk < record.chunks; ++chunk) {
      TRY_OK(
          writer.Delete(store::Table::kBatch, ChunkRow(record.batch, chunk)));
    }
    for (const model::HitRecord& hit : hits) {
      TRY_OK(store::PutRecord(writer, store::Table::kHit, HitRow(hit.hit), hit,
                              hit.due));
    }
    return store::PutRecord(writer, store::Table::kBatch,
                            BatchRow(record.batch), record,
                            record.ended + 400 * kDay);
  };
  TRY_OK(desk_.log.Commit(std::move(job)).status());
  BatchResult result;
  result.batch = record.batch;
  result.state = record.state;
  result.reason = record.reason;
  result.persons = static_cast<std::uint32_t>(screened.size());
  result.padded = record.padded;
  result.elements = std::uint64_t{record.padded} *
                    match::ElementsPerPerson(MatchSetOf(clause));
  result.hits = record.hits;
  result.chunks = record.chunks;
  return result;
}

namespace {

// False when somebody who would still be asked about is protected by now.
absl::StatusOr<bool> SameCrowd(Desk& desk, const BatchRecord& record) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const std::shared_ptr<const ProtectedIndex> hidden,
      ProtectedIndex::Load(*reader));
  for (const model::BatchPerson& row : record.persons) {
    if (row.withheld) continue;
    TRY(const auto person,
        store::GetRecord<model::Person>(*reader, store::Table::kTraveller,
                                        row.traveller_key));
    if (person && hidden->Covers(*person)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<BatchResult> Asker::Resume(const Id16& batch) {
  const Claim claim(*this, batch);
  if (!claim.held()) {
    return WithReason(AlreadyExists("this screening is running"),
                      "batch-running");
  }
  BatchRecord record;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
    TRY(record, store::NeedRecord<BatchRecord>(*reader, store::Table::kBatch,
                                               BatchRow(batch), "screening"));
  }
  if (record.state != BatchState::kOpen) {
    return WithReason(
        AlreadyExists(
            "this screening has ended as ",
            model::kBatchStates[static_cast<std::size_t>(record.state)]),
        "batch-ended");
  }
  const AgreementRef agreement = desk_.book.Find(record.agreement);
  if (agreement == nullptr)
    return WithReason(Unready("its agreement is no longer held"),
                      "agreement-differs");
  absl::StatusOr<std::shared_ptr<const Replica>> replica = HeldReplica(
      desk_, *agreement, record.clause, record.peer, record.epoch, 0);
  TRY(const bool same, SameCrowd(desk_, record));
  // Without its tag set, or with somebody in it who is protected by now, the
  // batch ends with what it has: one reason for both.
  if (!same) replica = NotFound("the travellers changed");
  if (!replica.ok() && replica.status().code() != absl::StatusCode::kNotFound)
    return replica.status();
  return Run(*agreement, std::move(record), replica.value_or(nullptr));
}

absl::StatusOr<std::vector<Id16>> Asker::OpenBatches() {
  TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
  TRY(const auto records, store::AllRecords<BatchRecord>(
                              *reader, store::Table::kBatch, AsBytes("b")));
  std::vector<Id16> out;
  for (const auto& [key, record] : records) {
    if (record.state == BatchState::kOpen) out.push_back(record.batch);
  }
  return out;
}

}  // namespace entente::exchange
