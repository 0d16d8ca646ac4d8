#include "node/exchange/drafts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/signature.h"
#include "node/exchange/acts.h"
#include "node/exchange/draft_events.h"
#include "node/exchange/holder.h"
#include "node/exchange/key.h"
#include "node/exchange/peer_link.h"
#include "node/store/record.h"
#include "policy/diff.h"
#include "policy/lint.h"

namespace entente::exchange {
namespace {

constexpr std::uint8_t kDraftRow = 'd';
constexpr std::size_t kMostDrafts = 64;
constexpr std::size_t kMostEvents = 256;
constexpr auto kDeadline = std::chrono::seconds(20);

Bytes Row(const Hash& hash) {
  return RecordKey().Raw(ByteView(&kDraftRow, 1)).Raw(hash).bytes();
}

// A draft with everything that its bytes say.
struct OpenedDraft {
  DraftRecord record;
  policy::Envelope envelope;
  policy::Agreement agreement;
  policy::Signers signers;
  std::vector<policy::VerifiedEvent> events;

  policy::EventScope Scope() const { return {agreement, record.hash, signers}; }
  bool Has(const Hash& event) const {
    return std::any_of(
        events.begin(), events.end(),
        [&event](const auto& known) { return known.hash() == event; });
  }
};

absl::StatusOr<OpenedDraft> OpenDraft(const Desk& desk, DraftRecord record) {
  TRY(policy::Envelope envelope, policy::ParseEnvelope(record.envelope));
  TRY(policy::Agreement agreement, policy::Agreement::Parse(envelope.payload));
  policy::Signers signers = desk.book.SignersFor(agreement);
  OpenedDraft out{std::move(record),
                  std::move(envelope),
                  std::move(agreement),
                  std::move(signers),
                  {}};
  for (const Bytes& event : out.record.events) {
    // One that no longer verifies (a card was renewed) counts as none.
    auto verified = policy::VerifyEvent(event, out.Scope());
    if (verified.ok()) out.events.push_back(*std::move(verified));
  }
  return out;
}

bool Required(const policy::Signer& signer) {
  return signer.role == policy::SignerRole::kLegal ||
         signer.role == policy::SignerRole::kTechnical;
}

bool Signed(const policy::Envelope& envelope, const policy::Signer& signer) {
  for (const policy::EnvelopeSignature& signature : envelope.signatures) {
    if (signature.key_id != signer.key_id.text) continue;
    if (primitive::VerifyEd25519(
            signer.public_key,
            policy::SignPayload(policy::kAgreementType, envelope.payload),
            signature.signature))
      return true;
  }
  return false;
}

// The last word of a party's data protection officer on this document.
std::optional<policy::OpinionVerdict> OpinionOf(const OpenedDraft& draft,
                                                std::string_view party) {
  const policy::Event* last = nullptr;
  for (const policy::VerifiedEvent& event : draft.events) {
    const policy::Event& said = event.event();
    if (said.kind != policy::EventKind::kOpinion || said.party != party)
      continue;
    if (last == nullptr || said.sequence > last->sequence) last = &said;
  }
  if (last == nullptr) return std::nullopt;
  return last->verdict;
}

// Version 1 allows what nothing allowed before; an opinion must be on file,
// whatever it says. A later one that is wider must not be objected to.
bool IsWider(const Desk& desk, const policy::Agreement& agreement) {
  const AgreementRef before = desk.book.Newest(agreement.id);
  if (before == nullptr) return false;
  const policy::Catalogues& catalogues = desk.book.catalogues();
  return policy::Compare({before->agreement(), catalogues},
                         {agreement, catalogues})
      .NeedsOpinions();
}

DraftStanding Stand(const Desk& desk, const OpenedDraft& draft) {
  DraftStanding out;
  for (const policy::Signer& signer : draft.signers) {
    if (Required(signer) && !Signed(draft.envelope, signer))
      out.unsigned_by.push_back(signer);
  }
  for (const policy::Party& party : draft.agreement.parties) {
    const auto opinion = OpinionOf(draft, party.code);
    if (!opinion) out.without_opinion.push_back(party.code);
    if (opinion == policy::OpinionVerdict::kObject)
      out.objecting.push_back(party.code);
  }
  out.wider = IsWider(desk, draft.agreement);
  out.lapsed =
      draft.record.proposed != 0 &&
      desk.clock.NowSeconds() > draft.record.proposed + kProposalSeconds;
  return out;
}

// Bytes that may become an agreement: well formed, of sense, ours, and the next
// of its chain.
absl::StatusOr<policy::Agreement> Readable(const Desk& desk,
                                           ByteView document) {
  TRY(policy::Agreement agreement, policy::Agreement::Parse(document));
  if (agreement.FindParty(desk.party) == nullptr) {
    return WithReason(Denied("this node's state is no party of the agreement"),
                      "AG-503");
  }
  const AgreementRef before = desk.book.Newest(agreement.id);
  policy::LintContext context;
  if (before != nullptr) {
    if (agreement.version <= before->agreement().version) {
      return WithReason(
          Denied("version ", std::to_string(before->agreement().version),
                 " of this agreement is held"),
          "AG-218");
    }
    context.previous = &before->agreement();
    context.previous_hash = before->hash();
  }
  TRY_OK(policy::ToStatus(
      policy::Lint(agreement, desk.book.catalogues(), context)));
  return agreement;
}

absl::Status Wrong(std::string_view what) {
  return WithNext(WithReason(Unready(what), "draft-state"),
                  "`entente agreement status` shows what is missing");
}

// --- Taking news.

struct Taking {
  Desk& desk;
  std::string by;    // the person; empty: from a peer
  bool own = false;  // given here by a person of this state
  OpenedDraft draft;
  std::vector<ledger::Event> log;
  bool changed = false;
};

absl::Status MayStillChange(const Taking& taking) {
  if (taking.draft.record.state == DraftState::kRejected)
    return Wrong("this draft was rejected");
  if (Stand(taking.desk, taking.draft).lapsed)
    return Wrong("this proposal is older than 90 days");
  return absl::OkStatus();
}

// A signature of this state counts only after its own data protection officer
// was heard.
absl::Status HeardBeforeSigning(const Taking& taking) {
  const OpenedDraft& draft = taking.draft;
  if (draft.record.state != DraftState::kProposed)
    return Wrong("nobody has proposed this draft yet");
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
      "`entente agreement opinion`");
}

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
    const bool theirs =
        signer == draft.signers.end() || signer->party != taking.desk.party;
    if (signer == draft.signers.end() || !Signed(news, *signer)) {
      if (!taking.own) continue;  // counts for nothing, for or against
      return WithReason(ProofFailed("a signature is of no key that must sign, "
                                    "or does not hold"),
                        "AG-501");
    }
    if (Signed(draft.envelope, *signer)) continue;
    TRY_OK(MayStillChange(taking));
    if (!theirs && taking.own) TRY_OK(HeardBeforeSigning(taking));
    draft.envelope.signatures.push_back(signature);
    taking.log.push_back(SignEntry(draft.record.hash, *signer, taking.by));
    taking.changed = true;
  }
  return absl::OkStatus();
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
      return Wrong("this draft was proposed before");
    if (draft.record.by == taking.by) {
      return WithReason(
          Denied("whoever drafted an agreement does not propose it"),
          "same-person");
    }
    if (!OpinionOf(draft, taking.desk.party)) {
      return WithNext(
          WithReason(Denied("the data protection officer's opinion is not on "
                            "file"),
                     "AG-223"),
          "`entente agreement opinion`");
    }
  }
  if (event.kind == policy::EventKind::kSign) return HeardBeforeSigning(taking);
  return absl::OkStatus();
}

absl::Status TakeEvents(Taking& taking, const std::vector<Bytes>& events) {
  OpenedDraft& draft = taking.draft;
  for (const Bytes& envelope : events) {
    absl::StatusOr<policy::VerifiedEvent> verified =
        policy::VerifyEvent(envelope, draft.Scope());
    if (!verified.ok()) {
      if (!taking.own) continue;
      return verified.status();
    }
    const policy::Event& event = verified->event();
    if (!policy::IsPreparatory(event.kind)) {
      return WithReason(Invalid("that kind of event is of an agreement that is "
                                "in force"),
                        "event-kind");
    }
    if (draft.Has(verified->hash())) continue;
    if (draft.record.events.size() >= kMostEvents)
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

absl::Status Keep(Taking& taking) {
  OpenedDraft& draft = taking.draft;
  draft.record.envelope = policy::EmitEnvelope(draft.envelope);
  audit::Job job;
  job.events = std::move(taking.log);
  job.changes = [&draft](store::Writer& writer,
                         std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kAgreement,
                            Row(draft.record.hash), draft.record);
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
  job.events.push_back(
      ActiveEntry(*agreement, IsWider(desk, draft.agreement), taking.by));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(desk.book.Store(writer, *agreement, envelope));
    for (const KnownEvent& event : events)
      TRY_OK(desk.book.StoreEvent(writer, *agreement, event));
    return writer.Delete(store::Table::kAgreement, Row(draft.record.hash));
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  desk.book.Adopt(agreement);
  for (KnownEvent& event : events)
    TRY_OK(desk.book.AdoptEvent(*agreement, std::move(event)));
  desk.book.DropDraftEvents(draft.record.hash);
  return RefreshOwnStatus(desk, *agreement, 0);
}

absl::StatusOr<bool> Settle(Taking& taking) {
  const bool complete = taking.draft.record.state == DraftState::kProposed &&
                        Stand(taking.desk, taking.draft).Complete() &&
                        !taking.draft.signers.empty();
  if (complete) {
    TRY_OK(Adopt(taking));
    return true;
  }
  if (taking.changed) TRY_OK(Keep(taking));
  return false;
}

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
  TRY(const std::vector<DraftRecord> drafts, Drafts(desk));
  if (drafts.size() >= kMostDrafts)
    return WithReason(Exhausted("too many drafts are open"), "draft-state");
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
    return WithReason(Denied("no party proposes this document"),
                      "proposal-unsigned");
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
  if (agreement.FindParty(from) == nullptr)
    return WithReason(Denied("the peer is no party of it"), "AG-503");
  return NewFromPeer(desk, from, proposal, envelope, std::move(agreement));
}

// What a peer knows of a draft, merged with what is known here.
absl::StatusOr<bool> TakeProposal(Desk& desk, std::string_view from,
                                  const model::AgreementProposal& proposal) {
  if (proposal.events.size() > kMostEvents)
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
                       *reader, store::Table::kAgreement, Row(hash)));
  if (record) return *std::move(record);
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
  TRY(const std::vector<DraftRecord> drafts, Drafts(desk));
  for (const DraftRecord& other : drafts) {
    if (other.hash == record.hash)
      return WithReason(AlreadyExists("this draft is on the table already"),
                        "draft-state");
  }
  if (drafts.size() >= kMostDrafts)
    return WithReason(Exhausted("too many drafts are open"), "draft-state");
  audit::Job job;
  ledger::Event entry("agreement.draft");
  entry.Set("agr", record.hash).Set("id", record.id).Set("ver", record.version);
  entry.By(by);
  job.events.push_back(std::move(entry));
  job.changes = [&record](store::Writer& writer,
                          std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kAgreement, Row(record.hash),
                            record);
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
    if (draft.state == DraftState::kDraft) continue;
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
