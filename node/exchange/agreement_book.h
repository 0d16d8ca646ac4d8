#pragma once
// The agreements this node holds: verified, compiled, with the events and
// status statements of their parties. What may be done under one is policy's
// decision; this book brings the facts about the pair.

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keys/key_store.h"
#include "node/base/clock.h"
#include "node/base/mutex.h"
#include "node/exchange/trust_book.h"
#include "node/store/store.h"
#include "policy/catalogue.h"
#include "policy/compiled.h"
#include "policy/event.h"
#include "policy/facts.h"
#include "policy/pair_state.h"

namespace entente::exchange {

using AgreementRef =
    std::shared_ptr<const policy::Compiled>;  // shared: calls in flight outlive
                                              // a change of the book

// A signed event as it came, beside what was verified of it.
struct KnownEvent {
  policy::VerifiedEvent verified;
  Bytes envelope;
};

// A newest status statement as it came.
struct KnownStatus {
  Bytes envelope;
  std::uint64_t highest_sequence = 0;
  template <class A>
  void Fields(A& f) {
    f(envelope, highest_sequence);
  }
};

// Thread-safe.
class AgreementBook {
 public:
  AgreementBook(std::string party, policy::Catalogues catalogues,
                keys::KeyStore& keys, TrustBook& trust, base::Clock& clock);

  // Reads everything from the store and verifies it again; drops the key
  // handles of suspended agreements.
  absl::Status Load(store::Reader& reader) EXCLUDES(mutex_);

  // Verifies an envelope against the pinned cards (own and others) and compiles
  // it; changes nothing.
  absl::StatusOr<AgreementRef> Verify(ByteView envelope) const;
  // In the transaction of the log entry.
  absl::Status Store(store::Writer& writer, const policy::Compiled& agreement,
                     ByteView envelope) const;
  // After it.
  void Adopt(AgreementRef agreement) EXCLUDES(mutex_);

  // Documents that not all have signed yet (drafts.h).
  // The keys that local state trusts of the document's parties.
  policy::Signers SignersFor(const policy::Agreement& agreement) const;
  // The agreement's envelope as it is stored; empty: not held.
  absl::StatusOr<Bytes> StoredEnvelope(store::Reader& reader,
                                       const Hash& hash) const;
  // What the parties did about a draft belongs to their chains too.
  void SetDraftEvents(const Hash& draft,
                      std::vector<policy::VerifiedEvent> events)
      EXCLUDES(mutex_);
  void DropDraftEvents(const Hash& draft) EXCLUDES(mutex_);
  // The next link of this party's chain.
  policy::Event NextOwnEvent(const policy::EventScope& scope,
                             policy::EventKind kind) const EXCLUDES(mutex_);
  // The newest version of the agreement that is held; nullptr: none.
  AgreementRef Newest(std::string_view id) const EXCLUDES(mutex_);
  // Held while a draft changes, so that two changes come one after the other.
  base::Mutex& drafts() { return drafts_; }

  // nullptr: not held.
  AgreementRef Find(const Hash& hash) const EXCLUDES(mutex_);
  std::vector<AgreementRef> All() const EXCLUDES(mutex_);
  // Stored agreements that do not verify against the cards pinned now: not
  // held.
  std::size_t Unverified() const EXCLUDES(mutex_);
  std::vector<Hash> HashesWith(std::string_view peer) const;
  // The one agreement with `peer` that has `clause` for this direction; `id`
  // narrows it. PERMISSION_DENIED `clause-unknown` when nobody granted it, or
  // INVALID_ARGUMENT when several fit.
  absl::StatusOr<AgreementRef> FindFor(std::string_view holder,
                                       std::string_view asker,
                                       std::string_view clause,
                                       std::string_view id) const;

  // How the pair stands now.
  policy::PairView View(const policy::Compiled& agreement,
                        std::string_view holder, std::string_view asker) const
      EXCLUDES(mutex_);

  // The parties whose log showed two histories (audit.md 7.4). A pair with one
  // of them counts as suspended under an agreement that says
  // `split_view = "stop"`, whatever its events say.
  void SetSplit(std::set<std::string> parties) EXCLUDES(mutex_);

  // Events. VerifyEvent changes nothing; StoreEvent goes into the transaction;
  // AdoptEvent after it. AdoptEvent applies the suspension to the keys at once.
  absl::StatusOr<KnownEvent> VerifyEvent(const policy::Compiled& agreement,
                                         ByteView envelope) const;
  bool Knows(const policy::Compiled& agreement, const Hash& event) const
      EXCLUDES(mutex_);
  //   StoreEvent: ALREADY_EXISTS `event-known`: it is stored, and so logged
  absl::Status StoreEvent(store::Writer& writer,
                          const policy::Compiled& agreement,
                          const KnownEvent& event) const;
  absl::Status AdoptEvent(const policy::Compiled& agreement, KnownEvent event)
      EXCLUDES(mutex_);
  std::vector<Bytes> EventsOf(const policy::Compiled& agreement,
                              std::string_view party) const EXCLUDES(mutex_);

  // Status statements. MakeStatus signs the next one of this party.
  absl::StatusOr<KnownStatus> MakeStatus(
      const policy::Compiled& agreement) const EXCLUDES(mutex_);
  absl::StatusOr<KnownStatus> VerifyStatus(const policy::Compiled& agreement,
                                           std::string_view party,
                                           ByteView envelope) const;
  // FAILED_PRECONDITION `status-old`: one with a higher sequence is stored.
  absl::Status StoreStatus(store::Writer& writer,
                           const policy::Compiled& agreement,
                           std::string_view party,
                           const KnownStatus& status) const;
  absl::Status AdoptStatus(const policy::Compiled& agreement,
                           std::string_view party, KnownStatus status)
      EXCLUDES(mutex_);
  // Age of the newest statement, in seconds; policy::kNoStatus when there is
  // none.
  std::uint32_t StatusAge(const policy::Compiled& agreement,
                          std::string_view party) const EXCLUDES(mutex_);

  const policy::Catalogues& catalogues() const { return catalogues_; }
  const std::string& party() const { return party_; }

 private:
  struct Entry {
    AgreementRef agreement;
    std::map<Hash, KnownEvent> events;
    std::map<std::string, KnownStatus, std::less<>> status;
    std::map<std::string, policy::StatusSeen, std::less<>> seen;
  };

  policy::Signers TrustedSigners() const;
  bool Joined(const Entry& entry) const REQUIRES(mutex_);
  absl::Status ApplySuspension(const Entry& entry) REQUIRES(mutex_);
  std::vector<policy::VerifiedEvent> EventsLocked(std::string_view id) const
      REQUIRES(mutex_);
  policy::PairView ViewLocked(const Entry& entry, std::string_view a,
                              std::string_view b) const REQUIRES(mutex_);
  std::int64_t SupersededFrom(const Entry& entry) const REQUIRES(mutex_);
  absl::Status LoadEntry(store::Reader& reader, Entry& entry) REQUIRES(mutex_);

  const std::string party_;
  const policy::Catalogues catalogues_;
  keys::KeyStore& keys_;
  TrustBook& trust_;
  base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::map<Hash, Entry> entries_ GUARDED_BY(mutex_);
  // Stored, and not held: they do not verify now.
  std::set<Hash> unverified_ GUARDED_BY(mutex_);
  std::map<Hash, std::vector<policy::VerifiedEvent>> draft_events_
      GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> split_ GUARDED_BY(mutex_);  // parties
  base::Mutex drafts_;  // before mutex_
};

}  // namespace entente::exchange
