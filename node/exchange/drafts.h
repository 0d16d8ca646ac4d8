#pragma once
// Agreements that not all parties have signed yet: drafted by an administrator,
// proposed by somebody else, judged by every party's data protection officer,
// signed by a legal and a technical key of every party. Nodes tell each other
// what they know of a draft until both know the same; when nothing is missing
// any more, each takes the agreement into its book by itself.
// Source: agreements.md 3.3, 3.4 and 4.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/exchange/desk.h"
#include "node/model/statements.h"
#include "policy/event.h"

namespace entente::exchange {

enum class DraftState : std::uint8_t {
  kDraft,
  kProposed,
  kRejected,
  kLast = kRejected
};

struct DraftRecord {
  Hash hash{};
  std::string id;
  std::uint32_t version = 1;
  DraftState state = DraftState::kDraft;
  Bytes envelope;
  std::vector<Bytes> events;  // envelopes, in order of arrival
  std::string by;             // who drafted it here; empty: it came in
  std::string from;           // the party it came from; empty: made here
  std::int64_t made = 0;
  std::int64_t proposed = 0;  // 0: not yet
  template <class A>
  void Fields(A& f) {
    f(hash, id, version, state, envelope, events, by, from, made, proposed);
  }
};

// A signature by which a party agrees lapses when not all have signed by then.
inline constexpr std::int64_t kProposalSeconds = 90 * 86'400;

// What is still missing, and what stands against it.
struct DraftStanding {
  std::vector<policy::Signer> unsigned_by;   // required keys that have not
  std::vector<std::string> without_opinion;  // parties
  std::vector<std::string> objecting;        // parties whose officer objects
  bool wider = false;   // than the version before: an objection blocks it
  bool lapsed = false;  // more than kProposalSeconds old
  bool Complete() const {
    return unsigned_by.empty() && without_opinion.empty() && !lapsed &&
           (!wider || objecting.empty());
  }
};
absl::StatusOr<DraftStanding> StandingOf(Desk& desk, const DraftRecord& draft);

absl::StatusOr<std::vector<DraftRecord>> Drafts(Desk& desk);
// NOT_FOUND `draft-unknown`.
absl::StatusOr<DraftRecord> FindDraft(Desk& desk, const Hash& hash);

// Puts a document on the table. Everything that lint finds is an error here.
//   INVALID_ARGUMENT with AG-1xx, AG-2xx
//   PERMISSION_DENIED AG-218: not the version after the one that is held
absl::StatusOr<DraftRecord> PutDraft(Desk& desk, ByteView document,
                                     const std::string& by);

struct DraftNews {
  Bytes envelope;             // of the same document; may be empty
  std::vector<Bytes> events;  // envelopes
};
// What people of this state add: signatures of their keys, and their events.
// Everything is taken or nothing. True: the agreement is complete, and held
// from now on.
//   DATA_LOSS AG-501           a signature that does not hold
//   PERMISSION_DENIED AG-223   the own data protection officer has not been
//                              heard, or objects to a wider version
//   PERMISSION_DENIED same-person   whoever drafted it does not propose it
//   FAILED_PRECONDITION draft-state it was not proposed, was rejected, or
//   lapsed
absl::StatusOr<bool> AddToDraft(Desk& desk, const Hash& hash,
                                const DraftNews& news, const std::string& by);

// Tells `peer` what is known here and learns what is known there. True: the
// agreement is complete, and held from now on.
absl::StatusOr<bool> SyncDraft(Desk& desk, const Hash& hash,
                               std::string_view peer);
absl::StatusOr<model::SignedStatement> AnswerProposal(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// At the start: what the parties did about drafts belongs to their chains.
absl::Status LoadDrafts(Desk& desk);
// Syncs every proposed draft with all its parties; the first failure.
absl::Status SyncDrafts(Desk& desk);

}  // namespace entente::exchange
