#include "node/exchange/draft_taking.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/draft_events.h"
#include "node/exchange/holder.h"
#include "node/exchange/unknown_key.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

absl::Status MayStillChange(const Taking& taking) {
  if (taking.draft.record.state == DraftState::kRejected)
    return WrongState("this draft was rejected");
  if (Stand(taking.desk, taking.draft).lapsed)
    return WrongState("this proposal is older than 90 days");
  return absl::OkStatus();
}

// A signature of this state counts only after its own data protection officer
// was heard.
absl::Status HeardBeforeSigning(const Taking& taking) {
  const OpenedDraft& draft = taking.draft;
  if (draft.record.state != DraftState::kProposed)
    return WrongState("nobody has proposed this draft yet");
  const auto opinion = OpinionOf(draft, taking.desk.party);
  const bool blocked = opinion == policy::OpinionVerdict::kObject &&
                       IsWider(taking.desk, draft.agreement);
  if (opinion && !blocked) return absl::OkStatus();
  return WithNext(
      WithReason(Denied(opinion ? "the data protection officer objects, and "
                                  "this version is wider than the one before"
                                : "the data protection officer's opinion is "
                                  "not on file"),
                 "AG-223"),
      "ask the data protection officer: `entente agreement opinion`");
}

absl::Status CheckOwnEvent(const Taking& taking, const policy::Event& event) {
  const OpenedDraft& draft = taking.draft;
  if (event.party != taking.desk.party) {
    return WithReason(Denied("this is an event of ", event.party,
                             ", which its own node takes"),
                      "AG-503");
  }
  TRY_OK(MayStillChange(taking));
  if (event.kind == policy::EventKind::kPropose) {
    if (draft.record.state != DraftState::kDraft)
      return WrongState("this draft was proposed before");
    if (draft.record.by == taking.by) {
      return WithNext(
          WithReason(Denied("whoever drafted an agreement does not propose it"),
                     "same-person"),
          "let somebody else with a legal or technical key propose it");
    }
    if (!OpinionOf(draft, taking.desk.party)) {
      return WithNext(
          WithReason(Denied("the data protection officer's opinion is not on "
                            "file"),
                     "AG-223"),
          "ask the data protection officer: `entente agreement opinion`");
    }
  }
  if (event.kind == policy::EventKind::kSign) return HeardBeforeSigning(taking);
  return absl::OkStatus();
}

absl::Status Keep(Taking& taking) {
  OpenedDraft& draft = taking.draft;
  draft.record.envelope = policy::EmitEnvelope(draft.envelope);
  audit::Job job;
  job.events = std::move(taking.log);
  job.changes = [&draft](store::Writer& writer,
                         std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kAgreement,
                            DraftRow(draft.record.hash), draft.record);
  };
  TRY_OK(taking.desk.log.Commit(std::move(job)).status());
  taking.desk.book.SetDraftEvents(draft.record.hash, draft.events);
  return absl::OkStatus();
}

// From the table into the book: one transaction, its signatures verified anew.
absl::Status Adopt(Taking& taking) {
  OpenedDraft& draft = taking.draft;
  Desk& desk = taking.desk;
  const Bytes envelope = policy::EmitEnvelope(draft.envelope);
  TRY(const AgreementRef agreement, desk.book.Verify(envelope));
  std::vector<KnownEvent> events;
  for (const Bytes& event : draft.record.events) {
    auto known = desk.book.VerifyEvent(*agreement, event);
    if (known.ok()) events.push_back(*std::move(known));
  }
  audit::Job job;
  job.events = std::move(taking.log);
  job.events.push_back(ActiveEntry(
      *agreement,
      draft.agreement.version == 1 || IsWider(desk, draft.agreement),
      taking.by));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(desk.book.Store(writer, *agreement, envelope));
    for (const KnownEvent& event : events)
      TRY_OK(desk.book.StoreEvent(writer, *agreement, event));
    return writer.Delete(store::Table::kAgreement, DraftRow(draft.record.hash));
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  desk.book.Adopt(agreement);
  for (KnownEvent& event : events)
    TRY_OK(desk.book.AdoptEvent(*agreement, std::move(event)));
  desk.book.DropDraftEvents(draft.record.hash);
  return RefreshOwnStatus(desk, *agreement, 0);
}

}  // namespace

absl::Status TakeSignatures(Taking& taking, ByteView envelope) {
  if (envelope.empty()) return absl::OkStatus();
  TRY(const policy::Envelope news, policy::ParseEnvelope(envelope));
  OpenedDraft& draft = taking.draft;
  if (news.payload_type != policy::kAgreementType ||
      news.payload != draft.envelope.payload) {
    return WithReason(Invalid("the envelope holds another document"), "AG-502");
  }
  for (const policy::EnvelopeSignature& signature : news.signatures) {
    const auto signer = std::find_if(
        draft.signers.begin(), draft.signers.end(), [&](const auto& known) {
          return known.key_id.text == signature.key_id && Required(known);
        });
    if (signer == draft.signers.end() || !Signed(news, *signer)) {
      if (!taking.own) continue;  // counts for nothing, for or against
      return OfUnknownKey(
          WithNext(
              WithReason(ProofFailed("a signature is of no key that must sign, "
                                     "or does not hold"),
                         "AG-501"),
              "`entente agreement status` names the keys that must sign"),
          envelope, draft.signers, taking.desk.party);
    }
    if (Signed(draft.envelope, *signer)) continue;
    TRY_OK(MayStillChange(taking));
    if (taking.own && signer->party == taking.desk.party)
      TRY_OK(HeardBeforeSigning(taking));
    draft.envelope.signatures.push_back(signature);
    taking.log.push_back(SignEntry(draft.record.hash, *signer, taking.by));
    taking.changed = true;
  }
  return absl::OkStatus();
}

absl::Status TakeEvents(Taking& taking, const std::vector<Bytes>& events) {
  OpenedDraft& draft = taking.draft;
  for (const Bytes& envelope : events) {
    absl::StatusOr<policy::VerifiedEvent> verified =
        policy::VerifyEvent(envelope, draft.Scope());
    if (!verified.ok()) {
      if (!taking.own) continue;
      return OfUnknownKey(verified.status(), envelope, draft.signers,
                          taking.desk.party);
    }
    const policy::Event& event = verified->event();
    if (!policy::IsPreparatory(event.kind)) {
      return WithReason(Invalid("that kind of event is of an agreement that is "
                                "in force"),
                        "event-kind");
    }
    if (draft.Has(verified->hash())) continue;
    if (draft.record.events.size() >= kMostDraftEvents)
      return WithReason(Exhausted("too many events"), "statement-malformed");
    if (taking.own) TRY_OK(CheckOwnEvent(taking, event));
    if (event.kind == policy::EventKind::kPropose &&
        draft.record.state == DraftState::kDraft) {
      draft.record.state = DraftState::kProposed;
      draft.record.proposed = event.at;
    }
    if (event.kind == policy::EventKind::kReject)
      draft.record.state = DraftState::kRejected;
    taking.log.push_back(DraftEntry(draft.record.hash, draft.agreement, event,
                                    taking.desk.party, taking.by));
    draft.record.events.push_back(envelope);
    draft.events.push_back(*std::move(verified));
    taking.changed = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Settle(Taking& taking) {
  const bool complete = taking.draft.record.state == DraftState::kProposed &&
                        Stand(taking.desk, taking.draft).Complete();
  if (complete) {
    TRY_OK(Adopt(taking));
    return true;
  }
  if (taking.changed) TRY_OK(Keep(taking));
  return false;
}

}  // namespace entente::exchange
