#include "node/exchange/drafts.h"

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/agreement_rows.h"
#include "node/exchange/draft_table.h"
#include "node/exchange/draft_taking.h"
#include "node/exchange/peer_link.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

// Nobody's word puts a document on the table but that of one of its parties.
bool ProposedByAParty(const OpenedDraft& draft,
                      const std::vector<Bytes>& events) {
  return std::any_of(events.begin(), events.end(), [&](const Bytes& envelope) {
    const auto event = policy::VerifyEvent(envelope, draft.Scope());
    return event.ok() && event->event().kind == policy::EventKind::kPropose;
  });
}

absl::StatusOr<OpenedDraft> NewFromPeer(
    Desk& desk, std::string_view from, const model::AgreementProposal& proposal,
    const policy::Envelope& envelope, policy::Agreement agreement) {
  TRY_OK(RoomForOneMore(desk));
  DraftRecord record;
  record.hash = policy::DocumentHash(envelope.payload);
  record.id = agreement.id;
  record.version = agreement.version;
  record.from = std::string(from);
  record.made = desk.clock.NowSeconds();
  policy::Signers signers = desk.book.SignersFor(agreement);
  OpenedDraft draft{std::move(record),
                    envelope,
                    std::move(agreement),
                    std::move(signers),
                    {}};
  draft.envelope.signatures.clear();
  if (!ProposedByAParty(draft, proposal.events)) {
    return WithNext(
        WithReason(Denied("no party proposes this document with a key of a "
                          "card that is pinned here"),
                   "proposal-unsigned"),
        "compare `entente peer list` on both sides; pin the newer card with "
        "`entente peer renew`, or propose with a key of the pinned one");
  }
  return draft;
}

absl::StatusOr<OpenedDraft> KnownOrNew(
    Desk& desk, std::string_view from,
    const model::AgreementProposal& proposal) {
  TRY(const policy::Envelope envelope,
      policy::ParseEnvelope(proposal.envelope));
  absl::StatusOr<DraftRecord> known =
      FindDraft(desk, policy::DocumentHash(envelope.payload));
  if (known.ok()) return OpenDraft(desk, *std::move(known));
  if (!absl::IsNotFound(known.status())) return known.status();
  TRY(policy::Agreement agreement, Readable(desk, envelope.payload));
  return NewFromPeer(desk, from, proposal, envelope, std::move(agreement));
}

// What a peer knows of a draft, merged with what is known here.
absl::StatusOr<bool> TakeProposal(Desk& desk, std::string_view from,
                                  const model::AgreementProposal& proposal) {
  if (proposal.events.size() > kMostDraftEvents)
    return WithReason(Invalid("too many events"), "statement-malformed");
  TRY(OpenedDraft draft, KnownOrNew(desk, from, proposal));
  if (draft.agreement.FindParty(from) == nullptr)
    return WithReason(Denied("the peer is no party of it"), "AG-503");
  Taking taking{desk, "", false, std::move(draft), {}, false};
  TRY_OK(TakeEvents(taking, proposal.events));
  TRY_OK(TakeSignatures(taking, proposal.envelope));
  return Settle(taking);
}

// What is known here; empty: nothing.
absl::StatusOr<model::AgreementProposal> KnownHere(Desk& desk,
                                                   const Hash& hash) {
  model::AgreementProposal out;
  if (const AgreementRef held = desk.book.Find(hash); held != nullptr) {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(out.envelope, desk.book.StoredEnvelope(*reader, hash));
    for (const policy::Party& party : held->agreement().parties) {
      for (Bytes& event : desk.book.EventsOf(*held, party.code)) {
        TRY(const policy::VerifiedEvent known,
            policy::VerifyEvent(event, held->verified()));
        if (policy::IsPreparatory(known.event().kind))
          out.events.push_back(std::move(event));
      }
    }
    return out;
  }
  TRY(const DraftRecord draft, FindDraft(desk, hash));
  out.envelope = draft.envelope;
  out.events = draft.events;
  return out;
}

}  // namespace

absl::StatusOr<std::vector<DraftRecord>> Drafts(Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto rows,
      store::AllRecords<DraftRecord>(*reader, store::Table::kAgreement,
                                     ByteView(&kDraftRow, 1)));
  std::vector<DraftRecord> out;
  for (auto& [key, record] : rows) out.push_back(std::move(record));
  return out;
}

absl::StatusOr<DraftRecord> FindDraft(Desk& desk, const Hash& hash) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto record, store::GetRecord<DraftRecord>(
                       *reader, store::Table::kAgreement, DraftRow(hash)));
  if (record) return *std::move(record);
  if (desk.book.Find(hash) != nullptr) {
    return WithNext(
        WithReason(NotFound("this agreement is held already: it is no draft "
                            "any more"),
                   "draft-unknown"),
        "`entente agreement list` shows its state");
  }
  return WithNext(
      WithReason(NotFound("no draft with this hash is on the table"),
                 "draft-unknown"),
      "`entente agreement status`");
}

absl::StatusOr<DraftStanding> StandingOf(Desk& desk, const DraftRecord& draft) {
  TRY(const OpenedDraft opened, OpenDraft(desk, draft));
  return Stand(desk, opened);
}

absl::StatusOr<DraftRecord> PutDraft(Desk& desk, ByteView document,
                                     const std::string& by) {
  base::MutexLock lock(desk.book.drafts());
  TRY(const policy::Agreement agreement, Readable(desk, document));
  DraftRecord record;
  record.hash = policy::DocumentHash(document);
  record.id = agreement.id;
  record.version = agreement.version;
  record.by = by;
  record.made = desk.clock.NowSeconds();
  policy::Envelope envelope;
  envelope.payload_type = policy::kAgreementType;
  envelope.payload = ToBytes(document);
  record.envelope = policy::EmitEnvelope(envelope);
  const absl::StatusOr<DraftRecord> known = FindDraft(desk, record.hash);
  if (known.ok()) {
    return WithReason(
        AlreadyExists(known->state == DraftState::kRejected
                          ? "this very document was rejected; draft another"
                          : "this draft is on the table already"),
        "draft-state");
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  TRY_OK(RoomForOneMore(desk));
  audit::Job job;
  ledger::Event entry("agreement.draft");
  entry.Set("agr", record.hash).Set("id", record.id).Set("ver", record.version);
  entry.By(by);
  job.events.push_back(std::move(entry));
  job.changes = [&record](store::Writer& writer,
                          std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kAgreement,
                            DraftRow(record.hash), record);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  return record;
}

absl::StatusOr<bool> AddToDraft(Desk& desk, const Hash& hash,
                                const DraftNews& news, const std::string& by) {
  base::MutexLock lock(desk.book.drafts());
  TRY(DraftRecord record, FindDraft(desk, hash));
  TRY(OpenedDraft draft, OpenDraft(desk, std::move(record)));
  Taking taking{desk, by, true, std::move(draft), {}, false};
  TRY_OK(TakeEvents(taking, news.events));
  TRY_OK(TakeSignatures(taking, news.envelope));
  return Settle(taking);
}

absl::StatusOr<bool> SyncDraft(Desk& desk, const Hash& hash,
                               std::string_view peer) {
  TRY(model::AgreementProposal mine, KnownHere(desk, hash));
  TRY(const auto answer, desk.courier.Call<model::AgreementProposal>(
                             peer, method::kPropose, mine, kDeadline));
  TRY(const policy::Envelope envelope,
      policy::ParseEnvelope(answer.value.envelope));
  if (policy::DocumentHash(envelope.payload) != hash)
    return WithReason(ProofFailed("the peer answered with another document"),
                      "agreement-differs");
  base::MutexLock lock(desk.book.drafts());
  if (desk.book.Find(hash) != nullptr) return true;
  return TakeProposal(desk, peer, answer.value);
}

absl::StatusOr<model::SignedStatement> AnswerProposal(
    Desk& desk, std::string_view from, const model::SignedStatement& in) {
  TRY(const auto opened, desk.courier.Open<model::AgreementProposal>(from, in));
  TRY(const policy::Envelope envelope,
      policy::ParseEnvelope(opened.value.envelope));
  const Hash hash = policy::DocumentHash(envelope.payload);
  base::MutexLock lock(desk.book.drafts());
  const AgreementRef held = desk.book.Find(hash);
  if (held != nullptr && !held->PartyIndex(from))
    return WithReason(Denied("the peer is no party of it"), "AG-503");
  if (held == nullptr) TRY_OK(TakeProposal(desk, from, opened.value).status());
  TRY(model::AgreementProposal answer, KnownHere(desk, hash));
  return desk.courier.Seal(answer, from);
}

absl::Status LoadDrafts(Desk& desk) {
  TRY(const std::vector<DraftRecord> drafts, Drafts(desk));
  for (const DraftRecord& draft : drafts) {
    TRY(OpenedDraft opened, OpenDraft(desk, draft));
    desk.book.SetDraftEvents(draft.hash, std::move(opened.events));
  }
  return absl::OkStatus();
}

absl::Status SyncDrafts(Desk& desk) {
  absl::Status first;
  TRY(const std::vector<DraftRecord> drafts, Drafts(desk));
  for (const DraftRecord& draft : drafts) {
    // One that came in on paper meanwhile is no draft any more.
    if (draft.state == DraftState::kDraft ||
        desk.book.Find(draft.hash) != nullptr)
      continue;
    TRY(const policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
    TRY(const policy::Agreement agreement,
        policy::Agreement::Parse(envelope.payload));
    for (const policy::Party& party : agreement.parties) {
      if (party.code == desk.party) continue;
      const absl::StatusOr<bool> done = SyncDraft(desk, draft.hash, party.code);
      if (first.ok() && !done.ok()) first = done.status();
      if (done.ok() && *done) break;
    }
  }
  return first;
}

}  // namespace entente::exchange
