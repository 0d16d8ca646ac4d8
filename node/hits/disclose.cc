// The holder: takes requests and outcomes.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/exchange/holder.h"
#include "node/exchange/subjects.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/asked.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::DisclosureRequest;
using model::RequestRecord;
using model::RequestState;
using model::SignedStatement;

absl::Status CheckClaims(const Asked& asked, const policy::Facts& own) {
  const auto claimed = policy::DecodeDecision(asked.request.decision);
  if (!claimed.ok()) return WithReason(claimed.status(), "statement-malformed");
  policy::Facts same = own;
  same.units = asked.claimed.units;
  if (!policy::SameClaims(asked.claimed, same) ||
      !policy::DecisionsAgree(*asked.agreement, asked.claimed, *claimed)) {
    return WithReason(Denied("the decision does not follow from the facts"),
                      "decisions-differ");
  }
  return absl::OkStatus();
}

ledger::Event AskedEvent(const Asked& asked, std::string_view from,
                         const Hash& hash, const policy::Facts& facts) {
  const std::string fields = JoinCodes(asked.request.fields);
  ledger::Event event("disclose.ask");
  exchange::SetExchange(event, *asked.agreement, asked.act, from);
  event.Set("dir", "in")
      .Set("fields", fields)
      .Set("hit", asked.request.hit)
      .Set("peer_leaf", asked.request.leaf)
      .Set("request", hash)
      .Seal("case", asked.request.reference)
      .Seal("necessity", asked.request.necessity)
      .Seal("handle", ToHex(asked.request.handle))
      .Seal("facts", ToHex(policy::EncodeFacts(facts)));
  return event;
}

absl::Status RefuseIncoming(Desk& desk, std::string_view from,
                            const DisclosureRequest& request,
                            const absl::Status& status,
                            const std::string& reasons) {
  ledger::Event event("disclose.refuse");
  event.Set("dir", "out")
      .Set("hit", request.hit)
      .Set("peer", exchange::CodeOrDash(from))
      .Set("peer_leaf", request.leaf)
      .Seal("reasons", reasons.empty() ? ReasonOf(status) : reasons);
  CommitOne(desk, std::move(event), {})
      .status()
      .IgnoreError();  // refusing is the safe direction
  return status;
}

absl::StatusOr<SignedStatement> Acknowledge(Desk& desk, std::string_view from,
                                            const RequestRecord& record) {
  model::Acknowledgement answer;
  answer.hit = record.hit;
  answer.of = record.request_hash;
  answer.answer_by = record.answer_by;
  answer.leaf = record.leaf;
  return desk.courier.Seal(answer, from);
}

}  // namespace

absl::StatusOr<RequestRecord> GetRequest(Desk& desk, model::Way way,
                                         const Id16& hit) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return store::NeedRecord<RequestRecord>(*reader, store::Table::kDisclosure,
                                          RequestRow(way, hit), "request");
}

absl::StatusOr<std::vector<RequestRecord>> Requests(Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto rows, store::AllRecords<RequestRecord>(
                     *reader, store::Table::kDisclosure, AsBytes("r")));
  std::vector<RequestRecord> out;
  for (auto& [key, request] : rows) out.push_back(std::move(request));
  return out;
}

absl::StatusOr<SignedStatement> TakeRequest(Desk& desk, std::string_view from,
                                            const SignedStatement& in) {
  TRY(const exchange::Opened<DisclosureRequest> opened,
      desk.courier.Open<DisclosureRequest>(from, in));
  const DisclosureRequest& request = opened.value;
  if (const auto known = GetRequest(desk, model::Way::kIn, request.hit);
      known.ok()) {
    if (known->request_hash == opened.hash && known->peer == from)
      return Acknowledge(desk, from, *known);
    return WithReason(Denied("another request has this id"),
                      "request-replayed");
  }
  absl::StatusOr<Asked> asked = ReadAsked(desk, from, request);
  if (!asked.ok())
    return RefuseIncoming(desk, from, request, asked.status(), "");
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  absl::StatusOr<policy::Facts> facts =
      OwnFacts(desk, *reader, *asked, {}, false);
  if (!facts.ok())
    return RefuseIncoming(desk, from, request, facts.status(), "");
  if (const absl::Status claims = CheckClaims(*asked, *facts); !claims.ok()) {
    return RefuseIncoming(desk, from, request, claims, "A03");
  }
  const policy::Decision decision =
      policy::Evaluate(*asked->agreement, policy::Local{}, *facts);
  const policy::PeerAnswer told = policy::AnswerForPeer(decision.reasons);
  // A refusal that concerns the person goes out at the deadline, as R00
  // (Deliver); one that the documents give goes at once.
  if (decision.outcome == policy::Outcome::kDeny &&
      told.peer_class != policy::PeerClass::kRefused) {
    return RefuseIncoming(desk, from, request, exchange::PeerRefusal(decision),
                          policy::ReasonList(decision.reasons));
  }
  RequestRecord record;
  record.hit = request.hit;
  record.way = model::Way::kIn;
  record.peer = std::string(from);
  record.request = in;
  record.request_hash = opened.hash;
  record.peer_leaf = request.leaf;
  record.arrived = desk.clock.NowSeconds();
  record.answer_by =
      record.arrived + std::int64_t{asked->clause->answer_within_hours} * 3600;
  // The handle dies with its epoch; recalls and a late release need the entry's
  // name after that. Unknown: there is nothing to disclose, which is told at
  // the deadline.
  const auto handle =
      exchange::FindHandle(*reader, request.agreement, request.screen_clause,
                           from, request.epoch, request.handle);
  if (handle.ok()) record.entry = handle->entry_key;
  TRY(const std::vector<Id16> tags,
      exchange::EntryTags(desk.keys, *reader, record.entry));
  const absl::Status taken =
      CommitOne(
          desk, AskedEvent(*asked, from, opened.hash, *facts),
          [&](store::Writer& writer,
              std::span<const audit::Staged> staged) -> absl::Status {
            record.leaf = staged[0].leaf_hash;
            TRY_OK(exchange::Charge(
                       writer,
                       exchange::QuotaKeyOf(*asked->agreement, asked->act),
                       exchange::QuotaLimitsOf(*asked->clause), 1, facts->now)
                       .status());
            const Bytes row = RequestRow(model::Way::kIn, request.hit);
            TRY(const std::optional<Bytes> known,
                writer.Get(store::Table::kDisclosure, row));
            if (known)
              return WithReason(Unready("it came twice at the same time"),
                                "hit-state");
            return PutRequest(writer, record);
          },
          tags)
          .status();
  if (!taken.ok()) return RefuseIncoming(desk, from, request, taken, "");
  exchange::TellQuotaAlarms(desk).IgnoreError();  // else the upkeep does
  return Acknowledge(desk, from, record);
}

std::optional<model::Disclosure> DisclosureFor(const RequestRecord& request) {
  if (request.way != model::Way::kIn ||
      (request.state != RequestState::kReleased &&
       request.state != RequestState::kDelivered))
    return std::nullopt;
  // A refusal is an answer too, of the same shape, and carries no data.
  absl::StatusOr<model::Disclosure> answer =
      DecodeStatement<model::Disclosure>(request.answer.body);
  if (!answer.ok() || !answer->reason.empty()) return std::nullopt;
  return *std::move(answer);
}

absl::StatusOr<std::vector<Id16>> DisclosedOf(Desk& desk, ByteView entry_name) {
  TRY(const std::vector<RequestRecord> requests, Requests(desk));
  std::vector<Id16> out;
  for (const RequestRecord& record : requests) {
    if (DisclosureFor(record) && record.entry == ToBytes(entry_name))
      out.push_back(record.hit);
  }
  return out;
}

absl::StatusOr<SignedStatement> TakeOutcome(Desk& desk, std::string_view from,
                                            const SignedStatement& in) {
  TRY(const exchange::Opened<model::HitOutcome> opened,
      desk.courier.Open<model::HitOutcome>(from, in));
  absl::StatusOr<RequestRecord> known =
      GetRequest(desk, model::Way::kIn, opened.value.hit);
  if (!known.ok() || known->peer != from)
    return WithReason(Denied("no such request"), "request-unknown");
  RequestRecord record = *std::move(known);
  const std::string name(
      model::kOutcomeNames[static_cast<std::size_t>(opened.value.outcome)]);
  model::Acknowledgement answer;
  answer.hit = record.hit;
  answer.of = opened.hash;
  if (record.outcome != name) {
    record.outcome = name;
    ledger::Event event("disclose.outcome");
    event.Set("dir", "in")
        .Set("hit", record.hit)
        .Set("outcome", name)
        .Set("peer", from)
        .Set("peer_leaf", opened.value.leaf);
    TRY(const audit::Receipt receipt,
        CommitOne(desk, std::move(event),
                  [&](store::Writer& writer, std::span<const audit::Staged>) {
                    return ChangeRequest(writer, model::Way::kIn, record.hit,
                                         [&name](RequestRecord& now) {
                                           now.outcome = name;
                                           return absl::OkStatus();
                                         });
                  }));
    answer.leaf = receipt.leaf_hash();
  }
  return desk.courier.Seal(answer, from);
}

}  // namespace entente::hits
