// The holder: takes requests, and releases the least that the clause allows.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/hpke.h"
#include "node/base/time.h"
#include "node/exchange/holder.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/protected.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/rows.h"
#include "node/hits/subject_fields.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::DisclosureRequest;
using model::RequestRecord;
using model::RequestState;
using model::SignedStatement;

// A request as it stands in the store, with its agreement and the act that it
// asks for.
struct Asked {
  exchange::AgreementRef agreement;
  const policy::Clause* clause = nullptr;
  DisclosureRequest request;
  exchange::Act act;
  policy::Facts claimed;
};

// What came with the question is bound by the clause as well: a value that it
// does not let the asker offer is not shown to a reviewer.
absl::StatusOr<std::uint64_t> OfferedBits(const policy::Compiled& agreement,
                                          const policy::Clause& clause,
                                          const DisclosureRequest& request) {
  if (request.offered.empty()) return std::uint64_t{0};
  std::vector<std::string> codes;
  for (const model::FieldValue& field : request.offered)
    codes.push_back(field.code);
  const auto offered = agreement.FieldBits(codes);
  const auto granted = agreement.FieldBits(clause.offered_fields);
  if (!offered || !granted || (*offered & ~*granted) != 0)
    return WithReason(Denied("a field may not be offered"), "F01");
  return *offered;
}

absl::StatusOr<Asked> Read(Desk& desk, std::string_view from,
                           const DisclosureRequest& request) {
  Asked out;
  out.request = request;
  out.agreement = desk.book.Find(request.agreement);
  if (out.agreement == nullptr || !out.agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  out.clause = out.agreement->FindClause(request.clause);
  if (out.clause == nullptr ||
      out.clause->action != policy::Action::kDisclose) {
    return WithReason(Denied("no such disclose clause"), "W03");
  }
  const auto facts = policy::DecodeFacts(request.facts);
  if (!facts.ok()) return WithReason(facts.status(), "statement-malformed");
  out.claimed = *facts;
  const auto asked = out.agreement->FieldBits(request.fields);
  if (!asked) return WithReason(Denied("a field is unknown"), "F01");
  TRY(out.act.offered, OfferedBits(*out.agreement, *out.clause, request));
  out.act.clause = request.clause;
  out.act.holder = desk.party;
  out.act.asker = std::string(from);
  out.act.purpose = request.purpose;
  out.act.basis = request.basis;
  out.act.reference = request.reference;
  out.act.role = static_cast<policy::Role>(out.claimed.role);
  out.act.route = static_cast<policy::Route>(out.claimed.route);
  out.act.urgency = static_cast<policy::Urgency>(out.claimed.urgency);
  out.act.record_age = out.claimed.record_age;
  out.act.asked = *asked;
  return out;
}

// This side's facts: the claims of the asker, this side's state, its reviews
// and its flags.
absl::StatusOr<policy::Facts> OwnFacts(
    Desk& desk, store::Reader& reader, const Asked& asked,
    const std::vector<model::ReviewRecord>& reviews, bool charged) {
  TRY(policy::Facts facts, exchange::FactsOf(*asked.agreement, asked.act));
  TRY_OK(
      exchange::FillOwnSide(desk, reader, *asked.agreement, asked.act, facts));
  if (charged) exchange::Uncount(facts, 1);
  facts.approvals_asker = asked.claimed.approvals_asker;
  std::uint8_t approvals = 0;
  for (const model::ReviewRecord& review : reviews) {
    if (review.verdict == model::Verdict::kDecline)
      facts.bits |= policy::fact::kDeclined;
    if (review.verdict == model::Verdict::kApprove) ++approvals;
    for (const model::FlagCheck& check : review.flags) {
      const auto flag = static_cast<policy::Flag>(check.flag);
      const auto state = static_cast<policy::FlagState>(check.state);
      // One reviewer who sees a risk outweighs any who did not.
      if (facts.flag(flag) != policy::FlagState::kPresent)
        facts.Set(flag, state);
    }
  }
  facts.approvals_holder = approvals;
  return facts;
}

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

absl::StatusOr<Asked> AskedOf(Desk& desk, const RequestRecord& record) {
  TRY(const DisclosureRequest request,
      DecodeStatement<DisclosureRequest>(record.request.body));
  return Read(desk, record.peer, request);
}

absl::StatusOr<model::ListEntry> EntryOf(Desk& desk, store::Reader& reader,
                                         const Bytes& entry_name) {
  const auto gone = [] {
    return WithReason(
        NotFound("the list entry behind this hit is no longer there"), "H02");
  };
  TRY(const auto entry, exchange::FindEntry(reader, entry_name));
  if (!entry) return gone();
  // What would not enter a tag set today is not disclosed today either: the
  // entry may have ended, or the person been protected, since the hit.
  const bool expired = entry->expires < base::DayKey(desk.clock.NowSeconds());
  TRY(const std::shared_ptr<const exchange::ProtectedIndex> hidden,
      exchange::ProtectedIndex::Load(reader));
  const bool covered = hidden->Covers(*entry);
  if (expired || covered) return gone();
  return *entry;
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
  absl::StatusOr<Asked> asked = Read(desk, from, request);
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
          })
          .status();
  if (!taken.ok()) return RefuseIncoming(desk, from, request, taken, "");
  return Acknowledge(desk, from, record);
}

absl::StatusOr<model::ListEntry> ReadSubject(Desk& desk,
                                             const model::Officer& officer,
                                             const Id16& hit) {
  TRY(const RequestRecord record, GetRequest(desk, model::Way::kIn, hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, record.peer, hit, role);
  TRY(const Asked asked, AskedOf(desk, record));
  ledger::Event event("record.read");
  event.Set("kind", "list")
      .Set("n", 1)
      .Set("why", "request")
      .Seal("case", asked.request.reference)
      .Seal("refs", ToHex(hit))
      .By(officer.id);
  TRY_OK(CommitOne(desk, std::move(event), {}).status());
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return EntryOf(desk, *reader, record.entry);
}

absl::StatusOr<RequestRecord> Release(Desk& desk, const model::Officer& officer,
                                      const Id16& hit) {
  TRY(RequestRecord record, GetRequest(desk, model::Way::kIn, hit));
  const auto refuse = [&](const absl::Status& status) {
    return Refused(desk, record.peer, hit, status);
  };
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return refuse(role);
  if (record.state != RequestState::kPending &&
      record.state != RequestState::kReady) {
    return WithReason(Unready("this request was answered before"), "hit-state");
  }
  TRY(const Asked asked, AskedOf(desk, record));
  TRY_OK(exchange::ExchangeStatusIfStale(desk, *asked.agreement, record.peer));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const policy::Facts facts,
      OwnFacts(desk, *reader, asked, record.reviews, true));
  policy::Verdict verdict =
      policy::Decide(*asked.agreement, policy::Local{}, facts, hit);
  auto* permit = std::get_if<policy::Permit>(&verdict);
  if (permit == nullptr) {
    return refuse(exchange::Refusal(exchange::WithoutPermit(verdict)));
  }
  absl::StatusOr<model::ListEntry> entry = EntryOf(desk, *reader, record.entry);
  if (!entry.ok())
    return refuse(WithReason(
        Denied("the list entry behind this hit is no longer there"), "H02"));
  const Bytes read_entry = Encode(*entry);
  TRY(const keys::NodeCard card, desk.trust.Card(record.peer));

  const policy::Decision& decision = permit->decision();
  model::DisclosedRecord content;
  content.hit = hit;
  content.fields =
      FieldsOf(*entry, asked.agreement->FieldCodes(decision.fields));
  content.source_grade = entry->source_grade;
  content.info_grade = entry->info_grade;
  content.handling = std::string(policy::Word(
      static_cast<policy::Handling>(decision.obligations.handling)));
  for (std::size_t i = 0; i <= static_cast<std::size_t>(policy::Caveat::kLast);
       ++i) {
    if (((decision.obligations.caveats >> i) & 1U) != 0) {
      content.caveats.emplace_back(
          policy::Word(static_cast<policy::Caveat>(i)));
    }
  }
  content.retain_until = decision.obligations.retain_until;

  model::Disclosure disclosure;
  disclosure.agreement = asked.agreement->hash();
  disclosure.clause = asked.clause->id;
  disclosure.hit = hit;
  disclosure.request = record.request_hash;
  disclosure.handling = content.handling;
  disclosure.retain_until = content.retain_until;
  Bytes plain = EncodeStatement(content);
  TRY(primitive::HpkeSealed sealed,
      primitive::HpkeSeal(card.disclosure_key, SealInfo(record.request_hash),
                          {}, plain));
  Wipe(plain);
  disclosure.enc = sealed.enc;
  disclosure.sealed = std::move(sealed.ciphertext);
  const Hash drafted = desk.courier.Draft(disclosure, record.peer);

  const std::string released = JoinCodes(content.fields);
  ledger::Event event("disclose.release");
  exchange::SetExchange(event, *asked.agreement, asked.act, record.peer);
  event.Set("fields", released)
      .Set("grade",
           exchange::CodeOrDash(content.source_grade + content.info_grade))
      .Set("handling", content.handling)
      .Set("hit", hit)
      .Set("message", drafted)
      .Set("peer_leaf", asked.request.leaf)
      .Set("until", content.retain_until)
      .Seal("refs", entry->entry_id)
      .Seal("recipient", record.peer)
      .Seal("facts", ToHex(policy::EncodeFacts(facts)))
      .By(officer.id);
  const absl::StatusOr<audit::Receipt> receipt = desk.log.Append(
      std::move(event), *permit,
      [&](store::Writer& writer,
          std::span<const audit::Staged> staged) -> absl::Status {
        disclosure.leaf = staged[0].leaf_hash;
        TRY(const SignedStatement ready, desk.courier.SealDrafted(disclosure));
        // A list that changed since the entry was read must not be told as
        // it was: nobody would recall it afterwards.
        TRY(const std::optional<model::ListEntry> still,
            exchange::FindEntry(writer, record.entry));
        if (!still || Encode(*still) != read_entry)
          return WithReason(Denied("the list entry changed meanwhile"), "H02");
        return ChangeRequest(
            writer, model::Way::kIn, hit, [&](RequestRecord& now) {
              // Reviews that came since would have to be decided on again.
              const bool same = now.state == record.state &&
                                now.reviews.size() == record.reviews.size();
              if (!same) return AnsweredBefore();
              now.answer = ready;
              now.state = RequestState::kReleased;
              return absl::OkStatus();
            });
      });
  if (ReasonOf(receipt.status()) == "H02") return refuse(receipt.status());
  TRY_OK(receipt.status());
  if (!receipt->Covers(*permit))
    return Internal("the receipt is for another act");
  TRY_OK(Deliver(desk, &hit).status());
  return GetRequest(desk, model::Way::kIn, hit);
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
