#include "node/exchange/asker.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/oprf/client.h"
#include "crypto/oprf/info.h"
#include "crypto/primitive/random.h"
#include "node/exchange/batch_hits.h"
#include "node/exchange/batch_open.h"
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

absl::StatusOr<std::shared_ptr<const Replica>> Asker::Prepare(
    const policy::Compiled& agreement, BatchRecord& base) {
  // The law first, before anything is asked of anybody.
  TRY_OK(Precheck(desk_, agreement, base, Stale::kMayBeCured));
  const auto noted = [&](const absl::Status& status) {
    return NoteFailure(desk_, agreement, base, status);
  };
  if (const absl::Status met = Meet(desk_, agreement, base.peer); !met.ok())
    return noted(met);
  TRY_OK(Precheck(desk_, agreement, base, Stale::kCounts));
  const absl::StatusOr<model::EpochRecord> epoch =
      PeerEpoch(desk_, agreement, base.peer);
  if (!epoch.ok()) return noted(epoch.status());
  absl::StatusOr<std::shared_ptr<const Replica>> fetched =
      FetchTagSet(desk_, agreement, base.clause, base.peer);
  if (!fetched.ok()) return noted(fetched.status());
  base.epoch = epoch->epoch;
  base.sequence = (*fetched)->view().header().sequence;
  return fetched;
}

absl::StatusOr<ScreenResult> Asker::Screen(const ScreenOrder& order,
                                           const ProtectedSet& hidden) {
  TRY(const AgreementRef agreement,
      desk_.book.FindFor(order.peer, desk_.party, order.clause,
                         order.agreement));
  model::FlightRecord flight;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
    TRY(flight, store::NeedRecord<model::FlightRecord>(
                    *reader, store::Table::kFlight, order.flight, "flight"));
  }
  BatchRecord base =
      RecordOf(*agreement, order, flight, desk_.clock.NowSeconds());
  TRY(const std::shared_ptr<const Replica> replica, Prepare(*agreement, base));
  const std::shared_ptr<const ProtectedIndex> now_hidden = hidden.Get();
  ScreenResult result;
  result.agreement = agreement->agreement().id;
  Bytes asked_last;  // the row of the last traveller
  while (true) {
    TRY(const Travellers travellers,
        NextTravellers(desk_, order.flight, flight, asked_last));
    if (travellers.empty()) return result;
    const bool first = asked_last.empty();
    asked_last = travellers.back().first;
    if (!first) base.batch = primitive::RandomArray<16>();
    TRY(BatchDraft draft,
        DraftBatch(desk_, *agreement, base, travellers, *now_hidden));
    const Claim claim(*this, base.batch);
    absl::StatusOr<BatchRecord> opened =
        OpenBatch(desk_, *agreement, std::move(draft));
    if (opened.ok()) {
      TRY(BatchResult ended, Run(*agreement, *std::move(opened), replica));
      result.batches.push_back(std::move(ended));
      continue;
    }
    // Refused before the first question: nothing was asked. Later, in the
    // middle of a flight: what was asked counts, the rest is told apart.
    if (first || !HasEntry(opened.status())) return opened.status();
    BatchResult none;
    none.batch = base.batch;
    none.state = BatchState::kNotAsked;
    none.reason = ReasonOf(opened.status());
    none.persons = static_cast<std::uint32_t>(travellers.size());
    result.batches.push_back(std::move(none));
  }
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
  TRY_OK(AddHits(desk_, agreement, record, hits, job));
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
