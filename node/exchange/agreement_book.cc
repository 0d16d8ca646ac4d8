#include "node/exchange/agreement_book.h"

#include <algorithm>
#include <utility>

#include "node/exchange/agreement_rows.h"
#include "node/store/record.h"
#include "policy/envelope.h"

namespace entente::exchange {
AgreementBook::AgreementBook(std::string party, policy::Catalogues catalogues,
                             keys::KeyStore& keys, TrustBook& trust,
                             base::Clock& clock)
    : party_(std::move(party)),
      catalogues_(std::move(catalogues)),
      keys_(keys),
      trust_(trust),
      clock_(clock) {}

policy::Signers AgreementBook::TrustedSigners() const {
  policy::Signers out;
  for (const keys::NodeCard& card : trust_.All()) {
    for (const keys::CardKey& key : card.signing_keys) {
      policy::Signer signer;
      signer.key_id = policy::MakeKeyId(key.label, key.key);
      signer.public_key = key.key;
      signer.party = card.party;
      signer.person = key.label;
      switch (key.kind) {
        case keys::CardKeyKind::kLegal:
          signer.role = policy::SignerRole::kLegal;
          break;
        case keys::CardKeyKind::kTechnical:
          signer.role = policy::SignerRole::kTechnical;
          break;
        case keys::CardKeyKind::kDpo:
          signer.role = policy::SignerRole::kDpo;
          break;
        case keys::CardKeyKind::kDuty:
          signer.role = policy::SignerRole::kDuty;
          break;
      }
      out.push_back(std::move(signer));
    }
  }
  return out;
}

absl::StatusOr<AgreementRef> AgreementBook::Verify(ByteView envelope) const {
  // Only the parties of the document must have signed: the cards of everybody
  // else are no signers of it. Which parties those are is read from the
  // envelope's text and proves nothing by itself: VerifyEnvelope then asks
  // every key of every one of them.
  TRY(const policy::Envelope raw, policy::ParseEnvelope(envelope));
  TRY(const policy::Agreement claimed, policy::Agreement::Parse(raw.payload));
  if (claimed.FindParty(party_) == nullptr) {
    return WithReason(Denied("this node's state is no party of the agreement"),
                      "AG-503");
  }
  TRY(policy::VerifiedAgreement verified,
      policy::VerifyEnvelope(envelope, policy::kAgreementType,
                             SignersFor(claimed)));
  TRY(policy::Compiled compiled,
      policy::Compiled::Create(std::move(verified), catalogues_));
  return std::make_shared<const policy::Compiled>(std::move(compiled));
}

policy::Signers AgreementBook::SignersFor(
    const policy::Agreement& agreement) const {
  policy::Signers out;
  for (policy::Signer& signer : TrustedSigners()) {
    if (agreement.FindParty(signer.party) != nullptr)
      out.push_back(std::move(signer));
  }
  return out;
}

absl::StatusOr<Bytes> AgreementBook::StoredEnvelope(store::Reader& reader,
                                                    const Hash& hash) const {
  TRY(std::optional<Bytes> envelope,
      reader.Get(store::Table::kAgreement, AgreementRow(kEnvelopeRow, hash)));
  return envelope ? *std::move(envelope) : Bytes();
}

void AgreementBook::SetDraftEvents(const Hash& draft,
                                   std::vector<policy::VerifiedEvent> events) {
  base::MutexLock lock(mutex_);
  draft_events_[draft] = std::move(events);
}

void AgreementBook::DropDraftEvents(const Hash& draft) {
  base::MutexLock lock(mutex_);
  draft_events_.erase(draft);
}

policy::Event AgreementBook::NextOwnEvent(const policy::EventScope& scope,
                                          policy::EventKind kind) const {
  base::MutexLock lock(mutex_);
  const std::vector<policy::VerifiedEvent> events =
      EventsLocked(scope.agreement.id);
  return policy::NextEvent(scope, party_, policy::ChainHead(events, party_),
                           kind, clock_.NowSeconds());
}

AgreementRef AgreementBook::Newest(std::string_view id) const {
  AgreementRef newest;
  for (const AgreementRef& agreement : All()) {
    if (agreement->agreement().id != id) continue;
    if (newest == nullptr ||
        newest->agreement().version < agreement->agreement().version)
      newest = agreement;
  }
  return newest;
}

absl::Status AgreementBook::Store(store::Writer& writer,
                                  const policy::Compiled& agreement,
                                  ByteView envelope) const {
  return writer.Put(store::Table::kAgreement,
                    AgreementRow(kEnvelopeRow, agreement.hash()), envelope, 0);
}

void AgreementBook::Adopt(AgreementRef agreement) {
  base::MutexLock lock(mutex_);
  Entry& entry = entries_[agreement->hash()];
  entry.agreement = std::move(agreement);
  // A stop of the version before goes on; policy refuses by it in any case, so
  // a marker that cannot be written stops nothing that should go on.
  ApplySuspension(entry).IgnoreError();
}

AgreementRef AgreementBook::Find(const Hash& hash) const {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(hash);
  return it == entries_.end() ? nullptr : it->second.agreement;
}

std::vector<AgreementRef> AgreementBook::All() const {
  base::MutexLock lock(mutex_);
  std::vector<AgreementRef> out;
  for (const auto& [hash, entry] : entries_) out.push_back(entry.agreement);
  return out;
}

std::vector<Hash> AgreementBook::HashesWith(std::string_view peer) const {
  std::vector<Hash> out;
  for (const AgreementRef& agreement : All()) {
    if (agreement->PartyIndex(peer)) out.push_back(agreement->hash());
  }
  return out;
}

std::size_t AgreementBook::Unverified() const {
  base::MutexLock lock(mutex_);
  return unverified_.size();
}

absl::StatusOr<AgreementRef> AgreementBook::FindFor(std::string_view holder,
                                                    std::string_view asker,
                                                    std::string_view clause,
                                                    std::string_view id) const {
  AgreementRef found;
  AgreementRef waiting;  // signed, and not begun: tells why nothing flows yet
  for (const AgreementRef& agreement : All()) {
    if (!id.empty() && agreement->agreement().id != id) continue;
    const std::optional<std::uint16_t> index = agreement->ClauseIndex(clause);
    if (!index || !agreement->Covers(*index, holder, asker)) continue;
    const policy::State state = View(*agreement, holder, asker).state;
    if (state == policy::State::kSuperseded) continue;
    if (state == policy::State::kSigned) {
      waiting = agreement;
      continue;
    }
    if (found != nullptr) {
      return WithNext(
          WithReason(Invalid("several agreements have clause `", clause,
                             "` for ", holder, " and ", asker),
                     "agreement-ambiguous"),
          "name one with --agreement");
    }
    found = agreement;
  }
  if (found == nullptr) found = waiting;
  if (found == nullptr) {
    return WithNext(
        WithReason(Denied("no agreement has clause `", clause, "` with holder ",
                          holder, " and asker ", asker),
                   "clause-unknown"),
        "`entente agreement list` shows the clauses, `entente agreement "
        "matrix` who gives what to whom");
  }
  return found;
}

std::int64_t AgreementBook::SupersededFrom(const Entry& entry) const {
  const policy::Agreement& mine = entry.agreement->agreement();
  for (const auto& [hash, other] : entries_) {
    const policy::Agreement& theirs = other.agreement->agreement();
    if (theirs.id == mine.id && theirs.replaces &&
        *theirs.replaces == entry.agreement->hash()) {
      return theirs.validity.from;
    }
  }
  return 0;
}

// Of every version of the agreement and of its drafts: a new version does not
// lift a stop, and a chain is one through all of them.
std::vector<policy::VerifiedEvent> AgreementBook::EventsLocked(
    std::string_view id) const {
  std::vector<policy::VerifiedEvent> out;
  for (const auto& [hash, other] : entries_) {
    if (other.agreement == nullptr || other.agreement->agreement().id != id) {
      continue;
    }
    for (const auto& [event, known] : other.events) {
      out.push_back(known.verified);
    }
  }
  for (const auto& [hash, events] : draft_events_) {
    for (const policy::VerifiedEvent& event : events) {
      if (event.event().agreement == id) out.push_back(event);
    }
  }
  return out;
}

// The version before was never here: this party came with the one that is. One
// that is stored and does not verify now was here.
bool AgreementBook::Joined(const Entry& entry) const {
  const std::optional<Hash>& before = entry.agreement->agreement().replaces;
  return before && !entries_.contains(*before) &&
         !unverified_.contains(*before);
}

policy::PairView AgreementBook::ViewLocked(const Entry& entry,
                                           std::string_view a,
                                           std::string_view b) const {
  const std::vector<policy::VerifiedEvent> events =
      EventsLocked(entry.agreement->agreement().id);
  policy::PairInput input;
  input.a = a;
  input.b = b;
  input.events = events;
  const auto status_a = entry.seen.find(a);
  const auto status_b = entry.seen.find(b);
  input.status_a = status_a == entry.seen.end() ? nullptr : &status_a->second;
  input.status_b = status_b == entry.seen.end() ? nullptr : &status_b->second;
  input.superseded_from = SupersededFrom(entry);
  input.joined = Joined(entry);
  policy::PairView view =
      policy::Fold(entry.agreement->verified(), input, clock_.NowSeconds());
  const policy::Agreement& text = entry.agreement->agreement();
  if (view.state == policy::State::kActive &&
      text.audit.split_view == policy::SplitView::kStop &&
      (split_.contains(a) || split_.contains(b)))
    view.state = policy::State::kSuspended;
  return view;
}

void AgreementBook::SetSplit(std::set<std::string> parties) {
  base::MutexLock lock(mutex_);
  split_ = {parties.begin(), parties.end()};
  // Dropping key handles is the safe direction; a folder that cannot be written
  // keeps no pair from being suspended.
  for (const auto& [hash, entry] : entries_)
    ApplySuspension(entry).IgnoreError();
}

policy::PairView AgreementBook::View(const policy::Compiled& agreement,
                                     std::string_view holder,
                                     std::string_view asker) const {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  if (it == entries_.end()) return {};
  return ViewLocked(it->second, holder, asker);
}

absl::StatusOr<KnownEvent> AgreementBook::VerifyEvent(
    const policy::Compiled& agreement, ByteView envelope) const {
  TRY(policy::VerifiedEvent verified,
      policy::VerifyEvent(envelope, agreement.verified()));
  return KnownEvent{std::move(verified), ToBytes(envelope)};
}

bool AgreementBook::Knows(const policy::Compiled& agreement,
                          const Hash& event) const {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  return it != entries_.end() && it->second.events.contains(event);
}

absl::Status AgreementBook::StoreEvent(store::Writer& writer,
                                       const policy::Compiled& agreement,
                                       const KnownEvent& event) const {
  const Bytes row = AgreementRow(kEventRow, agreement.hash())
                        .Raw(event.verified.hash())
                        .bytes();
  TRY(const std::optional<Bytes> known,
      writer.Get(store::Table::kAgreement, row));
  if (known)
    return WithReason(AlreadyExists("this event is stored"), "event-known");
  return writer.Put(store::Table::kAgreement, row, event.envelope, 0);
}

// The key serves every pair of this party, so it rests only when all of them
// do; which pair may be answered is policy's to say, before the key is asked.
absl::Status AgreementBook::ApplySuspension(const Entry& entry) {
  bool stopped = true;
  for (const policy::Party& party : entry.agreement->agreement().parties) {
    stopped = stopped && (party.code == party_ ||
                          ViewLocked(entry, party_, party.code).state ==
                              policy::State::kSuspended);
  }
  return stopped ? keys_.SuspendAgreement(entry.agreement->hash())
                 : keys_.ResumeAgreement(entry.agreement->hash());
}

absl::Status AgreementBook::AdoptEvent(const policy::Compiled& agreement,
                                       KnownEvent event) {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  if (it == entries_.end()) return NotFound("no such agreement");
  const Hash hash = event.verified.hash();
  it->second.events.insert_or_assign(hash, std::move(event));
  return ApplySuspension(it->second);
}

std::vector<Bytes> AgreementBook::EventsOf(const policy::Compiled& agreement,
                                           std::string_view party) const {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  std::vector<const KnownEvent*> mine;
  if (it != entries_.end()) {
    for (const auto& [hash, known] : it->second.events) {
      if (known.verified.event().party == party) mine.push_back(&known);
    }
  }
  std::sort(
      mine.begin(), mine.end(), [](const KnownEvent* a, const KnownEvent* b) {
        return a->verified.event().sequence < b->verified.event().sequence;
      });
  std::vector<Bytes> out;
  for (const KnownEvent* known : mine) out.push_back(known->envelope);
  return out;
}

absl::Status AgreementBook::LoadEntry(store::Reader& reader, Entry& entry) {
  const policy::Compiled& agreement = *entry.agreement;
  Bytes after;
  while (true) {
    TRY(const std::vector<store::Row> rows,
        reader.Scan(store::Table::kAgreement,
                    AgreementRow(kEventRow, agreement.hash()), after, 256));
    if (rows.empty()) break;
    for (const store::Row& row : rows) {
      TRY(KnownEvent event, VerifyEvent(agreement, row.value));
      const Hash hash = event.verified.hash();
      entry.events.insert_or_assign(hash, std::move(event));
    }
    after = rows.back().key;
  }
  for (const policy::Party& party : agreement.agreement().parties) {
    TRY(std::optional<KnownStatus> status,
        store::GetRecord<KnownStatus>(
            reader, store::Table::kAgreement,
            AgreementRow(kStatusRow, agreement.hash()).Text(party.code)));
    if (!status) continue;
    // A status that no longer verifies (the peer's card was renewed) counts as
    // none: nothing flows until a new one comes.
    if (!VerifyStatus(agreement, party.code, status->envelope).ok()) continue;
    TRY(const policy::Envelope envelope,
        policy::ParseEnvelope(status->envelope));
    TRY(const policy::StatusStatement statement,
        policy::StatusStatement::Parse(envelope.payload));
    entry.seen[party.code] = {statement, status->highest_sequence};
    entry.status.insert_or_assign(party.code, *std::move(status));
  }
  return ApplySuspension(entry);
}

absl::Status AgreementBook::Load(store::Reader& reader) {
  TRY(const std::vector<store::Row> rows,
      reader.Scan(store::Table::kAgreement, ByteView(&kEnvelopeRow, 1), {},
                  1024));
  base::MutexLock lock(mutex_);
  entries_.clear();
  unverified_.clear();
  for (const store::Row& row : rows) {
    absl::StatusOr<AgreementRef> agreement = Verify(row.value);
    if (!agreement.ok()) {
      // Nothing flows under it, and `status` says so.
      TRY(const policy::Envelope raw, policy::ParseEnvelope(row.value));
      unverified_.insert(policy::DocumentHash(raw.payload));
      continue;
    }
    const Hash hash = (*agreement)->hash();
    entries_[hash].agreement = *std::move(agreement);
  }
  for (auto& [hash, entry] : entries_) TRY_OK(LoadEntry(reader, entry));
  return absl::OkStatus();
}

}  // namespace entente::exchange
