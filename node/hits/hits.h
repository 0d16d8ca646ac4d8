#pragma once
// From a hit to a disclosure, and back by recall. People decide; the state
// change itself counts them: two reviews are two people with two keys, and the
// second does not see the first's reason before giving their own.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "node/exchange/acts.h"
#include "node/exchange/desk.h"
#include "node/model/officer.h"
#include "node/model/records.h"

namespace entente::hits {

using exchange::Desk;

// --- The asker: hits and their reviews.

absl::StatusOr<std::vector<model::HitRecord>> Queue(Desk& desk);
// By full id or by a prefix of its hex, of at least four digits. NOT_FOUND, or
// INVALID_ARGUMENT when several fit.
absl::StatusOr<Id16> FindHit(Desk& desk, std::string_view id_or_prefix);
absl::StatusOr<model::HitRecord> GetHit(Desk& desk, const Id16& hit);

// How many people must confirm a hit before its details may be asked for: what
// the disclose clauses of its pair ask, at least one.
std::uint32_t ReviewersNeeded(const policy::Compiled& agreement,
                              std::string_view holder, std::string_view asker);

// One person's review of a hit (at the asker) or of a request (at the holder).
struct ReviewInput {
  Id16 hit{};
  model::Verdict verdict = model::Verdict::kUnclear;
  std::string reason;
  std::vector<model::FlagCheck> flags;
};
//   PERMISSION_DENIED `role`          not an officer or approver
//   PERMISSION_DENIED `same-person`   this person, or this key, has reviewed it
//   before FAILED_PRECONDITION `hit-state`   it is not waiting for a review
absl::StatusOr<model::HitRecord> Review(Desk& desk,
                                        const model::Officer& officer,
                                        const ReviewInput& input);

// The reviews that `officer` may see now: all of them once they gave their own
// or the reviews are over; else verdicts and reasons are blank.
std::vector<model::ReviewRecord> VisibleReviews(
    const std::vector<model::ReviewRecord>& reviews,
    const model::Officer& officer, bool over);

// --- The asker: asking for details.

struct AskInput {
  Id16 hit{};
  std::string clause;
  std::string basis;
  std::string reference;
  std::string necessity;
  std::vector<std::string> fields;
};
//   PERMISSION_DENIED with C02: not enough people confirmed; other reasons as
//   policy says
absl::StatusOr<model::RequestRecord> AskDisclosure(
    Desk& desk, const model::Officer& officer, const AskInput& input);

// Takes the holder's Disclosure: opens, stores with its due date, logs; answers
// with an acknowledgement.
absl::StatusOr<model::SignedStatement> TakeDisclosure(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// What was disclosed; a read of personal data, logged before it is shown.
absl::StatusOr<std::optional<model::DisclosedItem>> ReadDisclosed(
    Desk& desk, const model::Officer& officer, const Id16& hit);

absl::Status SendOutcome(Desk& desk, const model::Officer& officer,
                         const Id16& hit, model::Outcome outcome);

// --- The holder: requests.

absl::StatusOr<model::SignedStatement> TakeRequest(
    Desk& desk, std::string_view from, const model::SignedStatement& in);
absl::StatusOr<std::vector<model::RequestRecord>> Requests(Desk& desk);
absl::StatusOr<model::RequestRecord> GetRequest(Desk& desk, model::Way way,
                                                const Id16& hit);
// The list entry that a request is about; logged before it is shown. NOT_FOUND
// `row-gone`.
absl::StatusOr<model::ListEntry> ReadSubject(Desk& desk,
                                             const model::Officer& officer,
                                             const Id16& hit);
absl::StatusOr<model::RequestRecord> ReviewRequest(
    Desk& desk, const model::Officer& officer, const ReviewInput& input);
// Decides again, minimises, seals, logs and sends. The answer is kept and sent
// again when the peer is away.
absl::StatusOr<model::RequestRecord> Release(Desk& desk,
                                             const model::Officer& officer,
                                             const Id16& hit);
absl::StatusOr<model::SignedStatement> TakeOutcome(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// What went out about the holder's subject for this request; nullopt: nothing,
// or a refusal.
std::optional<model::Disclosure> DisclosureFor(
    const model::RequestRecord& request);
// The requests whose disclosure was released about the entry with this name
// (exchange::ListEntryName).
absl::StatusOr<std::vector<Id16>> DisclosedOf(Desk& desk, ByteView entry_name);

// --- Recall.

// WriteRecall makes the order durable, with its entry; SendRecall also delivers
// it now. What cannot be delivered now is delivered by the upkeep.
absl::Status WriteRecall(Desk& desk, const model::Officer& officer,
                         const Id16& hit, std::string_view reason,
                         model::RecallKind kind);
absl::StatusOr<model::RecallRecord> SendRecall(Desk& desk,
                                               const model::Officer& officer,
                                               const Id16& hit,
                                               std::string_view reason,
                                               model::RecallKind kind);
// The asker: erases at once, answers, and owes the receipt.
absl::StatusOr<model::SignedStatement> TakeRecall(
    Desk& desk, std::string_view from, const model::SignedStatement& in);
absl::StatusOr<model::SignedStatement> TakeRecallReceipt(
    Desk& desk, std::string_view from, const model::SignedStatement& in);
absl::StatusOr<std::vector<model::RecallRecord>> Recalls(Desk& desk);

// Sends what is still to be sent: refusals at their time, disclosures,
// outcomes, recalls, receipts. For the upkeep; returns how many went.
// PERMISSION_DENIED: a peer refused one of them; with `about`, only what is
// about that hit counts, so that nobody is told of another's refusal.
absl::StatusOr<std::size_t> Deliver(Desk& desk, const Id16* about = nullptr);

// Deletes what was disclosed here and is over, and masks what is to be masked,
// as policy says of each item now; returns how many items changed.
absl::StatusOr<std::size_t> Retain(Desk& desk);

// --- Open cases: what was disclosed is kept longer for one. Two people open
// it: the one who asks, and an approver.

struct CaseInput {
  Id16 hit{};
  std::string reference;
  std::string reason;  // sealed in the log
};
//   PERMISSION_DENIED `role`, `same-person`; FAILED_PRECONDITION `hit-state`:
//   nothing disclosed is kept for the hit; `case-state`: there is a case, or
//   none
absl::Status AskCase(Desk& desk, const model::Officer& officer,
                     const CaseInput& input);
absl::Status OpenCase(Desk& desk, const model::Officer& officer,
                      const CaseInput& input);
absl::Status CloseCase(Desk& desk, const model::Officer& officer,
                       const CaseInput& input);
absl::StatusOr<std::vector<model::CaseRecord>> Cases(Desk& desk);

// --- The end of an agreement.

// What the case list or the deletion proof of this party about the agreement
// says now (`count` and `hash` of event/1; docs/protocol/agreement.md).
//   FAILED_PRECONDITION `not-ended`; `data-remains`: a proof while something is
//   still here
struct EndSum {
  std::uint32_t count = 0;
  Hash hash{};
  std::vector<Id16> hits;  // sorted
};
absl::StatusOr<EndSum> EndSumOf(Desk& desk, store::Reader& reader,
                                const policy::Compiled& agreement,
                                policy::EventKind kind);
// In the transaction that takes an event of this party: it must say what is so
// (FAILED_PRECONDITION `end-differs`), and the cases of a list are marked.
absl::Status TakeOwnEnd(Desk& desk, store::Writer& writer,
                        const policy::Compiled& agreement,
                        const policy::Event& event);

}  // namespace entente::hits
