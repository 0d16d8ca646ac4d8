#pragma once
// event/1: what a party does about an agreement, as a signed, hash-chained list
// per party and agreement id. Same TOML subset, DSSE type kEventType; the hash
// of an event is SHA-256 of its body.
//
// Every event names the keys that must sign it in `by`; which keys those are is
// decided by kind, from trusted state (VerifyEvent).
// Pure, thread-safe. Source: agreements.md 3.4.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "policy/agreement.h"
#include "policy/envelope.h"
#include "policy/words.h"

namespace entente::policy {

enum class EventKind : std::uint8_t {
  kPropose,
  kReject,
  kOpinion,
  kSign,
  kStop,
  kResume,
  kNotice,
  kAssessment,
  kCaseList,
  kDeletionProof,
  kLast = kDeletionProof
};
template <>
struct WordList<EventKind> {
  static constexpr std::array<std::string_view, 10> kWords{
      "propose", "reject", "opinion",    "sign",      "stop",
      "resume",  "notice", "assessment", "case-list", "deletion-proof"};
};

enum class OpinionVerdict : std::uint8_t {
  kAgree,
  kConditions,
  kObject,
  kLast = kObject
};
template <>
struct WordList<OpinionVerdict> {
  static constexpr std::array<std::string_view, 3> kWords{"agree", "conditions",
                                                          "object"};
};

// One event. Values that the kind does not have stay at their start.
struct Event {
  std::string agreement;  // agreement id
  Hash agreement_hash{};  // the version that the event is about
  std::string party;      // whose chain
  std::uint32_t sequence = 1;
  std::optional<Hash> previous;  // nothing: the first of the chain
  EventKind kind = EventKind::kStop;
  std::int64_t at = 0;
  std::vector<KeyId> by;  // sorted; all of them sign

  std::string peer;  // stop, resume: a party code, or `all`
  StopReason stop_reason = StopReason::kOther;
  std::string reason;          // reject
  std::vector<Hash> lifts;     // resume: hashes of stops, sorted
  std::int64_t effective = 0;  // notice
  std::int64_t date = 0;       // assessment
  Hash hash{};                 // assessment, lists, proof
  Hash text_hash{};            // opinion, sign
  std::string language;        // sign
  OpinionVerdict verdict = OpinionVerdict::kAgree;  // opinion
  std::uint32_t count = 0;                          // case-list, deletion-proof

  // INVALID_ARGUMENT with the first load error as the reason.
  static absl::StatusOr<Event> Parse(ByteView body);
};
Bytes Emit(const Event& event);

// What events are about: a document, whether or not all have signed it yet, and
// the keys that local state trusts of its parties. Borrowed.
struct EventScope {
  const Agreement& agreement;
  const Hash& hash;
  const Signers& signers;

  EventScope(const Agreement& text, const Hash& text_hash,
             const Signers& trusted)
      : agreement(text), hash(text_hash), signers(trusted) {}
  // NOLINTNEXTLINE: a verified agreement is such a document
  EventScope(const VerifiedAgreement& verified)
      : EventScope(verified.agreement(), verified.hash(), verified.signers()) {}
  const Signer* FindSigner(std::string_view key_id) const;
};

// An event whose signatures held. Only VerifyEvent makes one.
class VerifiedEvent {
 public:
  const Event& event() const { return event_; }
  const Hash& hash() const { return hash_; }

 private:
  friend absl::StatusOr<VerifiedEvent> VerifyEvent(ByteView, const EventScope&);
  VerifiedEvent(Event event, const Hash& hash)
      : event_(std::move(event)), hash_(hash) {}
  Event event_;
  Hash hash_{};
};

// The keys that must sign an event, of the agreement's own:
//   stop                     ONE of its party's `suspend`
//   resume                   legal and technical of every party of the pair
//   opinion                  the party's DPO
//   propose, reject, sign    ONE of the party's legal and technical
//   all others               legal and technical of the party
// `by` must be exactly that set.
//   INVALID_ARGUMENT   AG-502, a load error, another agreement or version
//   DATA_LOSS          AG-501
//   PERMISSION_DENIED  AG-503: `by` is not the required set
absl::StatusOr<VerifiedEvent> VerifyEvent(ByteView envelope,
                                          const EventScope& scope);
// Whether the kind belongs to the time before a document is in force: propose,
// reject, opinion, sign.
bool IsPreparatory(EventKind kind);

// The next link of a party's chain, ready to fill in and sign. `last`: the
// party's newest event, or nullptr.
Event NextEvent(const EventScope& scope, std::string_view party,
                const VerifiedEvent* last, EventKind kind, std::int64_t at);
// The keys that must sign `event`, sorted; `chosen` names the one where the
// kind asks for one of several. PERMISSION_DENIED: `chosen` is not one of them,
// or the party is unknown.
absl::StatusOr<std::vector<KeyId>> RequiredKeys(const Event& event,
                                                const EventScope& scope,
                                                std::string_view chosen = {});

}  // namespace entente::policy
