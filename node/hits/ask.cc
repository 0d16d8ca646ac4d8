// The asker: asks for the details of a confirmed hit, takes them, tells how it
// ended.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/exchange/holder.h"
#include "node/exchange/subjects.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::DisclosureRequest;
using model::HitRecord;
using model::HitState;
using model::RequestRecord;
using model::SignedStatement;

policy::Role RoleOf(const model::Officer& officer) {
  return officer.Has(model::Role::kOfficer) ? policy::Role::kOfficer
                                            : policy::Role::kApprover;
}

std::uint8_t Confirmations(const HitRecord& hit) {
  return static_cast<std::uint8_t>(std::count_if(
      hit.reviews.begin(), hit.reviews.end(), [](const model::ReviewRecord& r) {
        return r.verdict == model::Verdict::kConfirmed;
      }));
}

absl::StatusOr<exchange::Act> ActOf(Desk& desk,
                                    const policy::Compiled& agreement,
                                    const model::Officer& officer,
                                    const HitRecord& hit,
                                    const AskInput& input) {
  exchange::Act act;
  act.clause = input.clause;
  act.holder = hit.peer;
  act.asker = desk.party;
  act.purpose = hit.purpose;
  act.basis = input.basis.empty() ? hit.basis : input.basis;
  act.reference = input.reference;
  act.role = RoleOf(officer);
  act.route = static_cast<policy::Route>(hit.route);
  act.urgency = static_cast<policy::Urgency>(hit.urgency);
  act.record_age = static_cast<std::uint32_t>(
      (desk.clock.NowSeconds() - hit.found + 3599) / 3600);
  const auto bits = agreement.FieldBits(input.fields);
  if (!bits)
    return WithReason(
        Denied("a field is not in the catalogue, or none was named"), "F01");
  act.asked = *bits;
  return act;
}

ledger::Event AskEvent(const policy::Compiled& agreement,
                       const exchange::Act& act, const HitRecord& hit,
                       const Hash& request, const AskInput& input,
                       const policy::Facts& facts, std::string_view user) {
  const std::string fields = JoinCodes(input.fields);
  ledger::Event event("disclose.ask");
  exchange::SetExchange(event, agreement, act, hit.peer);
  event.Set("dir", "out")
      .Set("fields", fields)
      .Set("hit", hit.hit)
      .Set("peer_leaf", "-")
      .Set("request", request)
      .Seal("case", input.reference)
      .Seal("necessity", input.necessity)
      .Seal("handle", ToHex(hit.handle))
      .Seal("facts", ToHex(policy::EncodeFacts(facts)))
      .By(user);
  return event;
}

DisclosureRequest RequestOf(const HitRecord& hit, const exchange::Act& act,
                            const AskInput& input, const policy::Facts& facts,
                            const policy::Decision& claimed) {
  DisclosureRequest request;
  request.agreement = hit.agreement;
  request.clause = input.clause;
  request.screen_clause = hit.clause;
  request.purpose = act.purpose;
  request.basis = act.basis;
  request.reference = input.reference;
  request.necessity = input.necessity;
  request.epoch = hit.epoch;
  request.sequence = hit.sequence;
  request.handle = hit.handle;
  request.rules = hit.rules;
  request.fields = input.fields;
  request.hit = hit.hit;
  request.facts = ToBytes(ByteView(policy::EncodeFacts(facts)));
  request.decision = policy::EncodeDecision(claimed);
  return request;
}

// Fields that nobody asked for go before anything is kept, and no term is
// longer than the one that the clause sets here: the stricter of both sides
// counts.
void Minimise(const DisclosureRequest& asked, std::int64_t latest,
              model::DisclosedRecord& record) {
  std::erase_if(record.fields, [&asked](const model::FieldValue& field) {
    return std::find(asked.fields.begin(), asked.fields.end(), field.code) ==
           asked.fields.end();
  });
  record.retain_until =
      std::clamp<std::int64_t>(record.retain_until, 1, latest);
}

}  // namespace

absl::StatusOr<RequestRecord> AskDisclosure(Desk& desk,
                                            const model::Officer& officer,
                                            const AskInput& input) {
  TRY(HitRecord hit, GetHit(desk, input.hit));
  const auto refuse = [&](const absl::Status& status) {
    return Refused(desk, hit.peer, hit.hit, status);
  };
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return refuse(role);
  if (hit.state == HitState::kOpen || hit.state == HitState::kUnclear ||
      hit.state == HitState::kCleared) {
    return refuse(WithNext(WithReason(Denied("this hit was not confirmed by as "
                                             "many people as the clause asks"),
                                      "C02"),
                           "have it reviewed: `entente review`"));
  }
  if (hit.state != HitState::kConfirmed)
    return WithReason(Unready("its details were asked for before"),
                      "hit-state");
  if (input.necessity.empty())
    return refuse(
        WithReason(Denied("the request must say why it is needed"), "C01"));
  const exchange::AgreementRef agreement = desk.book.Find(hit.agreement);
  if (agreement == nullptr)
    return WithReason(Unready("the agreement is no longer held"),
                      "agreement-differs");

  absl::StatusOr<exchange::Act> act =
      ActOf(desk, *agreement, officer, hit, input);
  if (!act.ok()) return refuse(act.status());
  absl::StatusOr<policy::Facts> facts = exchange::FactsOf(*agreement, *act);
  if (!facts.ok()) return refuse(facts.status());
  if (facts->action != policy::Action::kDisclose)
    return refuse(WithReason(Denied("this is no disclose clause"), "W03"));
  TRY_OK(exchange::ExchangeStatusIfStale(desk, *agreement, hit.peer));
  TRY(std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(exchange::FillOwnSide(desk, *reader, *agreement, *act, *facts));
  facts->approvals_asker = Confirmations(hit);
  const policy::Decision decision =
      policy::Evaluate(*agreement, policy::Local{}, *facts);
  const bool may_ask = decision.outcome == policy::Outcome::kPermit ||
                       policy::MayAsk(*agreement, *facts, decision);
  if (!may_ask) return refuse(exchange::Refusal(decision));

  DisclosureRequest request = RequestOf(hit, *act, input, *facts, decision);
  const Hash drafted = desk.courier.Draft(request, hit.peer);
  RequestRecord record;
  record.hit = hit.hit;
  record.way = model::Way::kOut;
  record.peer = hit.peer;
  record.arrived = facts->now;
  const policy::Clause& clause = *agreement->FindClause(act->clause);
  TRY_OK(
      CommitOne(
          desk,
          AskEvent(*agreement, *act, hit, drafted, input, *facts, officer.id),
          [&](store::Writer& writer,
              std::span<const audit::Staged> staged) -> absl::Status {
            request.leaf = staged[0].leaf_hash;
            TRY(record.request, desk.courier.SealDrafted(request));
            record.request_hash = primitive::Sha256(record.request.body);
            record.leaf = request.leaf;
            TRY_OK(
                exchange::Charge(writer, exchange::QuotaKeyOf(*agreement, *act),
                                 exchange::QuotaLimitsOf(clause), 1, facts->now)
                    .status());
            TRY(HitRecord now, store::NeedRecord<HitRecord>(
                                   writer, store::Table::kHit, hit.hit, "hit"));
            if (now.state != HitState::kConfirmed)
              return WithReason(Unready("its details were asked for before"),
                                "hit-state");
            now.state = HitState::kAsked;
            TRY_OK(store::PutRecord(writer, store::Table::kHit, now.hit, now,
                                    now.due));
            return PutRequest(writer, record);
          })
          .status());
  exchange::TellQuotaAlarms(desk).IgnoreError();  // else the upkeep does
  TRY_OK(Deliver(desk, &hit.hit).status());
  return GetRequest(desk, model::Way::kOut, hit.hit);
}

absl::StatusOr<SignedStatement> TakeDisclosure(Desk& desk,
                                               std::string_view from,
                                               const SignedStatement& in) {
  TRY(const exchange::Opened<model::Disclosure> opened,
      desk.courier.Open<model::Disclosure>(from, in));
  const model::Disclosure& said = opened.value;
  absl::StatusOr<RequestRecord> known =
      GetRequest(desk, model::Way::kOut, said.hit);
  if (!known.ok() || known->peer != from ||
      known->request_hash != said.request) {
    return WithReason(Denied("nobody here asked for that"),
                      "disclosure-unasked");
  }
  RequestRecord request = *std::move(known);
  TRY(HitRecord hit, GetHit(desk, said.hit));
  model::Acknowledgement answer;
  answer.hit = said.hit;
  answer.of = opened.hash;
  if (request.state == model::RequestState::kDelivered ||
      request.state == model::RequestState::kRefused ||
      request.state == model::RequestState::kErased) {
    answer.leaf = request.leaf;  // it came before; the same yes again
    return desk.courier.Seal(answer, from);
  }
  const exchange::AgreementRef agreement = desk.book.Find(said.agreement);
  if (agreement == nullptr || said.agreement != hit.agreement)
    return WithReason(Unready("agreement"), "agreement-differs");
  // While suspended nothing is taken in either: the holder keeps it and tries
  // again.
  if (!Flows(desk, said.agreement, from, desk.party))
    return WithReason(Unready("suspended or over"), "S01");
  const auto keep = [&](ledger::Event event, model::RequestState state,
                        HitState hit_state,
                        const model::DisclosedItem* item) -> absl::Status {
    return CommitOne(
               desk, std::move(event),
               [&](store::Writer& writer,
                   std::span<const audit::Staged> staged) -> absl::Status {
                 // A recall, or the same answer, may have come meanwhile.
                 TRY(request,
                     store::NeedRecord<RequestRecord>(
                         writer, store::Table::kDisclosure,
                         RequestRow(model::Way::kOut, said.hit), "request"));
                 if (request.state != model::RequestState::kPending)
                   return AnsweredBefore();
                 request.state = state;
                 request.leaf = staged[0].leaf_hash;
                 request.peer_leaf = said.leaf;
                 hit.state = hit_state;
                 if (item != nullptr) {
                   hit.due = item->record.retain_until;
                   TRY_OK(store::PutRecord(writer, store::Table::kDisclosure,
                                           ItemRow(said.hit), *item,
                                           item->record.retain_until));
                 }
                 TRY_OK(store::PutRecord(writer, store::Table::kHit, hit.hit,
                                         hit, hit.due));
                 return PutRequest(
                     writer, request,
                     item == nullptr ? 0 : item->record.retain_until);
               })
        .status();
  };
  if (!said.reason.empty()) {
    ledger::Event event("disclose.refuse");
    event.Set("dir", "in")
        .Set("hit", said.hit)
        .Set("peer", from)
        .Set("peer_leaf", said.leaf)
        .Seal("reasons", exchange::CodeOrDash(said.reason));
    TRY_OK(keep(std::move(event), model::RequestState::kRefused,
                HitState::kRefused, nullptr));
  } else {
    TRY(const Bytes plain,
        desk.keys.OpenSealed(keys::Purpose::kDisclosure, said.enc,
                             SealInfo(request.request_hash), {}, said.sealed));
    absl::StatusOr<model::DisclosedRecord> record =
        DecodeStatement<model::DisclosedRecord>(plain);
    if (!record.ok() || record->hit != said.hit)
      return WithReason(ProofFailed("the sealed record"),
                        "disclosure-malformed");
    absl::StatusOr<DisclosureRequest> asked =
        DecodeStatement<DisclosureRequest>(request.request.body);
    if (!asked.ok()) return asked.status();
    const policy::Clause* clause = agreement->FindClause(asked->clause);
    if (clause == nullptr)
      return WithReason(Denied("no such disclose clause"), "W03");
    const std::int64_t now = desk.clock.NowSeconds();
    Minimise(*asked, now + std::int64_t{clause->retain_days} * kDay, *record);
    const model::DisclosedItem item{
        said.hit, std::string(from), *std::move(record), now, {}};
    const std::string fields = JoinCodes(item.record.fields);
    exchange::Act act;
    act.clause = asked->clause;
    act.purpose = asked->purpose;
    act.basis = asked->basis;
    ledger::Event event("disclose.take");
    exchange::SetExchange(event, *agreement, act, from);
    event.Set("fields", fields)
        .Set("hit", said.hit)
        .Set("message", opened.hash)
        .Set("peer_leaf", said.leaf)
        .Set("until", item.record.retain_until)
        .Seal("refs", ToHex(said.hit));
    TRY_OK(keep(std::move(event), model::RequestState::kDelivered,
                HitState::kDisclosed, &item));
  }
  answer.leaf = request.leaf;
  return desk.courier.Seal(answer, from);
}

absl::Status SendOutcome(Desk& desk, const model::Officer& officer,
                         const Id16& id, model::Outcome outcome) {
  TRY(HitRecord hit, GetHit(desk, id));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, hit.peer, id, role);
  if (hit.state != HitState::kDisclosed && hit.state != HitState::kRefused) {
    return WithReason(Unready("nothing was disclosed for this hit, so there is "
                              "no outcome to tell"),
                      "hit-state");
  }
  const std::string name(
      model::kOutcomeNames[static_cast<std::size_t>(outcome)]);
  model::HitOutcome statement;
  statement.hit = id;
  statement.outcome = outcome;
  ledger::Event event("disclose.outcome");
  event.Set("dir", "out")
      .Set("hit", id)
      .Set("outcome", name)
      .Set("peer", hit.peer)
      .Set("peer_leaf", "-")
      .By(officer.id);
  TRY_OK(CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged> staged) -> absl::Status {
                     desk.courier.Draft(statement, hit.peer);
                     statement.leaf = staged[0].leaf_hash;
                     TRY(const SignedStatement sealed,
                         desk.courier.SealDrafted(statement));
                     TRY_OK(store::PutRecord(writer, store::Table::kTask,
                                             OutcomeRow(id), sealed));
                     hit.outcome = name;
                     // Only a confirmed person's data may be kept to its date.
                     if (outcome != model::Outcome::kConfirmed) {
                       TRY_OK(EraseItem(writer, id));
                       hit.state = HitState::kErased;
                     }
                     return store::PutRecord(writer, store::Table::kHit, id,
                                             hit, hit.due);
                   })
             .status());
  return Deliver(desk, &id).status();
}

}  // namespace entente::hits
