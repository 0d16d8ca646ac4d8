#include "node/exchange/batch_run.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/oprf/client.h"
#include "crypto/primitive/hash.h"
#include "node/base/mutex.h"
#include "node/exchange/day_book.h"
#include "node/exchange/epochs.h"
#include "node/exchange/key.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

using model::BatchRecord;

constexpr std::int64_t kDay = 86'400;
constexpr auto kChunkDeadline = std::chrono::seconds(30);

std::uint32_t PersonsOfChunk(std::uint32_t padded, std::uint32_t chunk) {
  return std::min(kPersonsPerChunk, padded - chunk * kPersonsPerChunk);
}

absl::StatusOr<model::ScreenRequest> RequestFor(
    const BatchRun& run, std::uint32_t chunk,
    std::span<const oprf::Blinded> blinded) {
  const BatchRecord& record = run.record;
  model::ScreenRequest request;
  request.agreement = record.agreement;
  request.clause = record.clause;
  request.purpose = record.purpose;
  request.basis = record.basis;
  request.reference = record.reference;
  request.epoch = record.epoch;
  request.sequence = record.sequence;
  request.batch = record.batch;
  request.chunk = chunk;
  request.chunks = record.chunks;
  request.persons = PersonsOfChunk(record.padded, chunk);
  request.leaf = record.leaf;
  // The facts of a chunk are those of the batch with the chunk's persons, as
  // they stand now: the law is asked again each time.
  const Act act = BatchAct(run.desk, run.agreement, record, request.persons);
  TRY(policy::Facts facts, FactsOf(run.agreement, act));
  TRY(const std::unique_ptr<store::Reader> reader, run.desk.store.Read());
  TRY_OK(FillOwnSide(run.desk, *reader, run.agreement, act, facts));
  Uncount(facts, record.padded);  // this batch was counted when it opened
  const policy::Decision decision =
      policy::Evaluate(run.agreement, policy::Local{}, facts);
  if (decision.outcome != policy::Outcome::kPermit) return Refusal(decision);
  request.facts = ToBytes(ByteView(policy::EncodeFacts(facts)));
  request.decision = policy::EncodeDecision(decision);
  request.elements.reserve(blinded.size() * 32);
  for (const oprf::Blinded& element : blinded) {
    request.elements.insert(request.elements.end(), element.bytes().begin(),
                            element.bytes().end());
  }
  return request;
}

absl::StatusOr<std::vector<oprf::Evaluated>> DecodeEvaluated(
    const model::ScreenAnswer& answer, std::size_t count) {
  if (answer.evaluated.size() != count * 32)
    return WithReason(ProofFailed("number of evaluated elements"),
                      "answer-malformed");
  std::vector<oprf::Evaluated> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto element =
        oprf::Evaluated::Decode(ByteView(answer.evaluated).subspan(i * 32, 32));
    if (!element.ok())
      return WithReason(ProofFailed("an evaluated element is not canonical"),
                        "element-malformed");
    out.push_back(*std::move(element));
  }
  return out;
}

// What an answered chunk leaves: what was found, and the record of the step.
struct Answered {
  model::ChunkDone done;
  ledger::ExchangeRecord record;
  std::int64_t signed_at = 0;
};

absl::StatusOr<Answered> AskChunk(const BatchRun& run, std::uint32_t chunk) {
  const std::size_t first =
      std::size_t{chunk} * kPersonsPerChunk * run.per_person;
  const std::size_t count =
      std::size_t{PersonsOfChunk(run.record.padded, chunk)} * run.per_person;
  const std::span<const Bytes> inputs =
      std::span(run.plan.inputs).subspan(first, count);
  // Bound to what is asked: the same question has the same blinds, and another
  // one, after a traveller's data changed, has none in common with it. Else the
  // peer would see which places changed.
  primitive::Sha256Stream asked;
  for (const Bytes& input : inputs) {
    asked.Update(RecordKey().Number(input.size()).bytes());
    asked.Update(input);
  }
  Hash question = asked.Finish();
  Hash chunk_seed = primitive::HmacSha256(run.record.seed, {question});
  Wipe(question);
  absl::StatusOr<group::SecretScalars> derived =
      ChunkBlinds(chunk_seed, chunk, count);
  Wipe(chunk_seed);
  if (!derived.ok()) return derived.status();
  group::SecretScalars blinds = *std::move(derived);
  TRY(oprf::BlindResult blinded,
      oprf::BlindWith(std::move(blinds), inputs, run.info, run.key));
  TRY(model::ScreenRequest request, RequestFor(run, chunk, blinded.blinded));
  TRY(const model::SignedStatement sealed,
      run.desk.courier.Seal(request, run.record.peer));
  TRY(const model::SignedStatement raw,
      run.desk.courier.link().Call(run.record.peer, method::kScreen, sealed,
                                   kChunkDeadline));
  TRY(const Opened<model::ScreenAnswer> answer,
      run.desk.courier.Open<model::ScreenAnswer>(run.record.peer, raw));
  if (answer.value.batch != run.record.batch || answer.value.chunk != chunk) {
    return WithReason(ProofFailed("the answer is to another question"),
                      "answer-misplaced");
  }
  TRY(const std::vector<oprf::Evaluated> evaluated,
      DecodeEvaluated(answer.value, count));
  absl::StatusOr<oprf::Proof> proof = oprf::Proof::Decode(answer.value.proof);
  if (!proof.ok())
    return WithReason(ProofFailed("the proof is malformed"), "proof-failed");
  TRY(const std::vector<oprf::Token> tokens,
      oprf::Finalize(std::move(blinded.blinds), evaluated, *proof));
  Answered out;
  out.signed_at = request.preamble.time;
  out.record =
      RecordOf(request.agreement, ledger::Step::kScreen, request.batch, chunk,
               request.leaf, answer.value.leaf, sealed.body, raw.body);
  model::ChunkDone& done = out.done;
  done.peer_leaf = answer.value.leaf;
  done.request = primitive::Sha256(sealed.body);
  done.answer = answer.hash;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Place& place = run.plan.places[first + i];
    if (place.rule == 0) continue;  // a dummy
    for (const psi::Label& label : run.replica.view().Lookup(tokens[i])) {
      if (label.rule == place.rule)
        done.found.push_back({place.person, label.handle, label.rule});
    }
  }
  return out;
}

absl::Status KeepChunk(const BatchRun& run, std::uint32_t chunk,
                       const Answered& answered) {
  return run.desk.store.Write([&](store::Writer& writer) -> absl::Status {
    TRY_OK(KeepRecord(writer, run.record.peer, answered.signed_at,
                      answered.record));
    return store::PutRecord(writer, store::Table::kBatch,
                            ChunkRow(run.record.batch, chunk), answered.done,
                            LastUse(run.agreement, run.record));
  });
}

// A refusal or a failed proof ends the batch; a line that broke is tried twice
// more.
absl::StatusOr<Answered> AskChunkPatiently(const BatchRun& run,
                                           std::uint32_t chunk,
                                           const std::atomic<bool>& stop) {
  absl::StatusOr<Answered> done = AskChunk(run, chunk);
  for (int again = 0; again < 2 && !done.ok(); ++again) {
    const absl::StatusCode code = done.status().code();
    const bool broken = code == absl::StatusCode::kUnavailable ||
                        code == absl::StatusCode::kDeadlineExceeded ||
                        code == absl::StatusCode::kResourceExhausted ||
                        code == absl::StatusCode::kAborted;
    if (!broken || stop) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200 * (again + 1)));
    done = AskChunk(run, chunk);
  }
  return done;
}

// The first failure of several threads, which stops them all.
class FirstFailure {
 public:
  void Note(const absl::Status& status) EXCLUDES(mutex_) {
    if (status.ok()) return;
    base::MutexLock lock(mutex_);
    if (first_.ok()) first_ = status;
    stop_ = true;
  }
  absl::Status Take() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return first_;
  }
  const std::atomic<bool>& stop() const { return stop_; }

 private:
  base::Mutex mutex_;
  absl::Status first_ GUARDED_BY(mutex_);
  std::atomic<bool> stop_ = false;
};

}  // namespace

Act BatchAct(const Desk& desk, const policy::Compiled& agreement,
             const BatchRecord& record, std::uint32_t units) {
  Act act;
  act.clause = record.clause;
  act.holder = record.peer;
  act.asker = desk.party;
  act.purpose = record.purpose;
  act.basis = record.basis;
  act.reference = record.reference;
  act.role = static_cast<policy::Role>(record.role);
  act.route = static_cast<policy::Route>(record.route);
  act.urgency = static_cast<policy::Urgency>(record.urgency);
  act.record_age = record.record_age;
  act.units = units;
  const policy::Clause* clause = agreement.FindClause(record.clause);
  if (clause != nullptr)
    act.asked = agreement.FieldBits(clause->fields).value_or(0);
  return act;
}

Bytes ChunkRow(const Id16& batch, std::uint32_t chunk) {
  return RecordKey().Raw(AsBytes("c")).Raw(batch).Number(chunk).bytes();
}

std::uint32_t ChunksOf(std::uint32_t padded) {
  return (padded + kPersonsPerChunk - 1) / kPersonsPerChunk;
}
std::int64_t LastUse(const policy::Compiled& agreement,
                     const BatchRecord& record) {
  return EpochNumber(agreement, record.epoch).destroy_after + kDay;
}

absl::Status AskChunks(const BatchRun& run,
                       const std::vector<std::uint32_t>& pending) {
  FirstFailure failure;
  std::atomic<std::size_t> next = 0;
  const auto work = [&run, &pending, &next, &failure] {
    while (!failure.stop()) {
      const std::size_t at = next.fetch_add(1);
      if (at >= pending.size()) return;
      const absl::StatusOr<Answered> done =
          AskChunkPatiently(run, pending[at], failure.stop());
      failure.Note(done.ok() ? KeepChunk(run, pending[at], *done)
                             : done.status());
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(kChunksInFlight, pending.size()); ++i)
      threads.emplace_back(work);
    work();
  }
  return failure.Take();
}

}  // namespace entente::exchange
