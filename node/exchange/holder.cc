#include "node/exchange/holder.h"

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/oprf/info.h"
#include "crypto/primitive/hash.h"
#include "crypto/psi/padding.h"
#include "node/exchange/acts.h"
#include "node/exchange/day_book.h"
#include "node/exchange/epochs.h"
#include "node/exchange/key.h"
#include "node/exchange/tag_sets.h"
#include "node/match/rule.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

using model::ScreenRequest;
using model::SignedStatement;

// Everything about one chunk that was checked before policy is asked.
struct Question {
  AgreementRef agreement;
  const policy::Clause* clause = nullptr;
  Act act;
  policy::Facts claimed;
  policy::Decision claimed_decision;
  std::vector<oprf::Blinded> elements;
  Hash core{};
  Hash elements_hash{};
};

absl::Status Malformed(std::string_view what) {
  return WithReason(Invalid(what), "chunk-malformed");
}

Bytes ChunkRow(std::string_view from, const Id16& batch, std::uint32_t chunk) {
  const std::uint8_t letter = 'c';
  return RecordKey()
      .Raw(ByteView(&letter, 1))
      .Text(from)
      .Raw(batch)
      .Number(chunk)
      .bytes();
}
Bytes ElementsRow(std::string_view from, const Hash& elements) {
  const std::uint8_t letter = 'e';
  return RecordKey().Raw(ByteView(&letter, 1)).Text(from).Raw(elements).bytes();
}

// What makes two requests the same question: everything but the preamble, the
// asker's log entry and its clock.
Hash CoreOf(const ScreenRequest& request) {
  ScreenRequest core = request;
  core.preamble = {};
  core.leaf = {};
  core.facts.clear();
  core.decision.clear();
  return primitive::Sha256(EncodeStatement(core));
}

absl::StatusOr<std::vector<oprf::Blinded>> DecodeElements(
    const ScreenRequest& request, const policy::Clause& clause) {
  if (request.persons == 0 || request.persons > psi::kMaxPersons ||
      request.chunks == 0 || request.chunks > psi::kMaxPersons ||
      request.chunk >= request.chunks) {
    return Malformed("chunk numbers out of range");
  }
  const std::size_t count = std::size_t{request.persons} *
                            match::ElementsPerPerson(MatchSetOf(clause));
  if (count > oprf::kMaxBatch || request.elements.size() != count * 32)
    return Malformed("number of elements");
  std::vector<oprf::Blinded> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto element =
        oprf::Blinded::Decode(ByteView(request.elements).subspan(i * 32, 32));
    if (!element.ok())
      return WithReason(Invalid("an element is not canonical"),
                        "element-malformed");
    out.push_back(*std::move(element));
  }
  return out;
}

// The asker's facts must be about the act that the request names.
absl::Status CheckClaims(const Question& q, const ScreenRequest& request,
                         const policy::Facts& own) {
  if (!policy::SameClaims(q.claimed, own) ||
      q.claimed.units != request.persons) {
    return WithReason(Denied("the facts are about another act"),
                      "decisions-differ");
  }
  // No difference is taken: the claim may be any number.
  if (q.claimed.now > own.now + kClockSkewSeconds ||
      q.claimed.now < own.now - kClockSkewSeconds)
    return WithReason(Unready("clocks differ"), "clock-skew");
  if (!policy::DecisionsAgree(*q.agreement, q.claimed, q.claimed_decision) ||
      q.claimed_decision.outcome != policy::Outcome::kPermit) {
    return WithReason(Denied("the decision does not follow from the facts"),
                      "decisions-differ");
  }
  return absl::OkStatus();
}

absl::StatusOr<Question> Examine(Desk& desk, std::string_view from,
                                 const ScreenRequest& request) {
  Question q;
  q.agreement = desk.book.Find(request.agreement);
  if (q.agreement == nullptr || !q.agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  q.clause = q.agreement->FindClause(request.clause);
  if (q.clause == nullptr) return WithReason(Denied("no such clause"), "W03");
  if (q.clause->action != policy::Action::kScreen &&
      q.clause->action != policy::Action::kQuery) {
    return WithReason(Denied("no screening clause"), "W03");
  }
  const auto facts = policy::DecodeFacts(request.facts);
  const auto decision = policy::DecodeDecision(request.decision);
  if (!facts.ok() || !decision.ok()) return Malformed("facts or decision");
  q.claimed = *facts;
  q.claimed_decision = *decision;
  q.act.clause = request.clause;
  q.act.holder = desk.party;
  q.act.asker = std::string(from);
  q.act.purpose = request.purpose;
  q.act.basis = request.basis;
  q.act.reference = request.reference;
  q.act.role = static_cast<policy::Role>(q.claimed.role);
  q.act.route = static_cast<policy::Route>(q.claimed.route);
  q.act.urgency = static_cast<policy::Urgency>(q.claimed.urgency);
  q.act.record_age = q.claimed.record_age;
  q.act.units = request.persons;
  q.act.asked = q.agreement->FieldBits(q.clause->fields).value_or(0);
  q.core = CoreOf(request);
  q.elements_hash = primitive::Sha256(request.elements);
  return q;
}

absl::Status CheckPlace(Desk& desk, store::Reader& reader, const Question& q,
                        std::string_view from, const ScreenRequest& request) {
  if (!EpochUsable(*q.agreement, request.epoch, desk.clock.NowSeconds())) {
    return WithReason(Unready("epoch over or not begun"), "epoch-unknown");
  }
  TRY(const std::uint64_t built,
      BuiltSequence(reader, q.agreement->hash(), request.clause, from,
                    request.epoch));
  if (request.sequence == 0 || request.sequence > built) {
    return WithReason(Unready("no tag set of that sequence was sent"),
                      "tagset-unknown");
  }
  return absl::OkStatus();
}

// The stored chunk when this very question was accepted before; an error when
// the place or the question was used otherwise.
absl::StatusOr<std::optional<model::ChunkSeen>> SeenBefore(
    store::Reader& reader, const Question& q, std::string_view from,
    const ScreenRequest& request) {
  TRY(const auto seen, store::GetRecord<model::ChunkSeen>(
                           reader, store::Table::kReplay,
                           ChunkRow(from, request.batch, request.chunk)));
  if (seen) {
    if (seen->core == q.core) return seen;
    return WithReason(
        Denied("this place of the batch was asked with another question"),
        "chunk-replayed");
  }
  TRY(const std::optional<Bytes> used,
      reader.Get(store::Table::kReplay, ElementsRow(from, q.elements_hash)));
  if (used)
    return WithReason(Denied("these elements were asked in another place"),
                      "chunk-replayed");
  return std::optional<model::ChunkSeen>();
}

ledger::Event AnswerEvent(const Question& q, std::string_view from,
                          const ScreenRequest& request, const Hash& hash,
                          const policy::Facts& facts) {
  ledger::Event event("screen.answer");
  SetExchange(event, *q.agreement, q.act, from);
  event.Set("batch", request.batch)
      .Set("chunk", request.chunk)
      .Set("elements", q.elements.size())
      .Set("epoch", request.epoch)
      .Set("peer_leaf", request.leaf)
      .Set("persons", request.persons)
      .Set("request", hash)
      .Set("seq", request.sequence)
      .Seal("facts", ToHex(policy::EncodeFacts(facts)));
  return event;
}

// Refusals are entries too: one for each, with all own reasons sealed and the
// peer's word in the open.
void LogRefusal(Desk& desk, const Question& q, std::string_view from,
                const ScreenRequest& request, const absl::Status& status,
                const std::string& own_reasons, const policy::Facts& facts) {
  ledger::Event event("screen.refuse");
  if (q.agreement != nullptr) {
    SetExchange(event, *q.agreement, q.act, from);
  } else {
    event.Set("agr", request.agreement)
        .Set("basis", "-")
        .Set("clause", "-")
        .Set("peer", from)
        .Set("purpose", "-");
  }
  event.Set("batch", request.batch)
      .Set("code", CodeOrDash(ReasonOf(status)))
      .Set("dir", "in")
      .Seal("reasons", own_reasons.empty() ? ReasonOf(status) : own_reasons)
      .Seal("facts", ToHex(request.facts.size() == policy::kFactsBytes
                               ? ByteView(request.facts)
                               : ByteView()));
  audit::Job job;
  job.events.push_back(std::move(event));
  if (q.agreement != nullptr && ReasonOf(status) == "C04") {
    job.events.push_back(
        QuotaEvent("quota.exceed", *q.agreement, q.act, "in", from, facts));
  }
  // The refusal stands whether or not the log takes it: refusing is the safe
  // direction.
  desk.log.Commit(std::move(job)).status().IgnoreError();
}

absl::StatusOr<SignedStatement> Evaluate(Desk& desk, const Question& q,
                                         std::string_view from,
                                         const ScreenRequest& request,
                                         const Hash& leaf) {
  const Bytes info =
      oprf::ScreeningInfo({q.agreement->hash(), desk.party, from,
                           request.clause, match::kRecipe, request.epoch});
  TRY(const oprf::Evaluation evaluation,
      desk.keys.EvaluateEpoch(q.agreement->hash(), request.epoch, info,
                              q.elements));
  model::ScreenAnswer answer;
  answer.batch = request.batch;
  answer.chunk = request.chunk;
  answer.evaluated.reserve(evaluation.evaluated.size() * 32);
  for (const oprf::Evaluated& element : evaluation.evaluated) {
    answer.evaluated.insert(answer.evaluated.end(), element.bytes().begin(),
                            element.bytes().end());
  }
  answer.proof = evaluation.proof.Encode();
  answer.leaf = leaf;
  return desk.courier.Seal(answer, from);
}

// The second door: quota, memory of the place and the entry, in one
// transaction.
absl::StatusOr<audit::Receipt> Admit(Desk& desk, const Question& q,
                                     std::string_view from,
                                     const ScreenRequest& request,
                                     const Hash& hash,
                                     const policy::Facts& facts,
                                     const policy::Permit& permit) {
  audit::Job job;
  job.events.push_back(AnswerEvent(q, from, request, hash, facts));
  const std::int64_t due =
      EpochNumber(*q.agreement, request.epoch).destroy_after;
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged> staged) -> absl::Status {
    TRY(const auto seen, SeenBefore(writer, q, from, request));
    if (seen)
      return WithReason(absl::AbortedError("asked at the same time"),
                        "chunk-busy");
    TRY_OK(Charge(writer, QuotaKeyOf(*q.agreement, q.act),
                  QuotaLimitsOf(*q.clause), request.persons, facts.now)
               .status());
    const model::ChunkSeen record{q.core, q.elements_hash, request.chunks,
                                  staged[0].leaf_hash};
    TRY_OK(store::PutRecord(writer, store::Table::kReplay,
                            ChunkRow(from, request.batch, request.chunk),
                            record, due));
    return writer.Put(store::Table::kReplay, ElementsRow(from, q.elements_hash),
                      request.batch, due);
  };
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Append(std::move(job), permit));
  TellQuotaAlarms(desk).IgnoreError();  // else the upkeep does
  return receipts[0];
}

// This side's half of the step. Asked again, the answer is signed again, and
// the record is that of the last one.
absl::Status KeepStep(Desk& desk, std::string_view from,
                      const ScreenRequest& request, const SignedStatement& in,
                      const SignedStatement& answer) {
  TRY(const auto said, DecodeStatement<model::ScreenAnswer>(answer.body));
  const ledger::ExchangeRecord record =
      RecordOf(request.agreement, ledger::Step::kScreen, request.batch,
               request.chunk, request.leaf, said.leaf, in.body, answer.body);
  return desk.store.Write([&](store::Writer& writer) {
    return KeepRecord(writer, from, request.preamble.time, record);
  });
}

}  // namespace

absl::StatusOr<SignedStatement> Holder::AnswerScreen(
    std::string_view from, const SignedStatement& in) {
  TRY(const Opened<ScreenRequest> opened,
      desk_.courier.Open<ScreenRequest>(from, in));
  const ScreenRequest& request = opened.value;
  Question q;
  std::string own_reasons;
  policy::Facts facts;
  const auto answer = [&]() -> absl::StatusOr<SignedStatement> {
    TRY(q, Examine(desk_, from, request));
    TRY(q.elements, DecodeElements(request, *q.clause));
    TRY(const std::unique_ptr<store::Reader> reader, desk_.store.Read());
    TRY_OK(CheckPlace(desk_, *reader, q, from, request));
    TRY(facts, FactsOf(*q.agreement, q.act));
    TRY_OK(FillOwnSide(desk_, *reader, *q.agreement, q.act, facts));
    TRY_OK(CheckClaims(q, request, facts));
    TRY(const auto seen, SeenBefore(*reader, q, from, request));
    if (seen)
      Uncount(facts, request.persons);  // the law is asked again all the same
    policy::Verdict verdict =
        policy::Decide(*q.agreement, policy::Local{}, facts, request.batch);
    auto* permit = std::get_if<policy::Permit>(&verdict);
    if (permit == nullptr) {
      const policy::Decision& decision = WithoutPermit(verdict);
      own_reasons = policy::ReasonList(decision.reasons);
      return PeerRefusal(decision);
    }
    if (seen) return Evaluate(desk_, q, from, request, seen->leaf);
    TRY(const audit::Receipt receipt,
        Admit(desk_, q, from, request, opened.hash, facts, *permit));
    if (!receipt.Covers(*permit))
      return Internal("the receipt is for another act");
    return Evaluate(desk_, q, from, request, receipt.leaf_hash());
  }();
  if (!answer.ok() && ReasonOf(answer.status()) != "chunk-busy") {
    LogRefusal(desk_, q, from, request, answer.status(), own_reasons, facts);
  }
  if (answer.ok()) TRY_OK(KeepStep(desk_, from, request, in, *answer));
  return answer;
}

}  // namespace entente::exchange
