#pragma once
// An act under a clause: its words, the facts that policy decides on, and how a
// refusal is told to the own people and to the peer.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "node/exchange/desk.h"
#include "node/exchange/quota.h"
#include "node/ledger/event.h"
#include "node/match/rule.h"
#include "policy/decision.h"
#include "policy/evaluate.h"
#include "policy/facts.h"
#include "policy/words.h"

namespace entente::exchange {

// The words of an act, as a person or a peer gives them.
struct Act {
  std::string clause;
  std::string holder;
  std::string asker;
  std::string purpose;
  std::string basis;
  std::string reference;  // case; empty: none
  policy::Role role = policy::Role::kOfficer;
  policy::Route route = policy::Route::kArrives;
  policy::Urgency urgency = policy::Urgency::kRoutine;
  std::uint32_t record_age = 0;  // hours
  std::uint32_t units = 1;
  std::uint64_t asked = 0;  // field bits
  std::uint64_t offered = 0;
};

// A purpose, basis or clause that the documents do not know is an error with
// its policy reason (P01, P02, W03), never an index. Fills everything that the
// words and the document give; the pair's state, usage and log come from
// FillOwnSide.
absl::StatusOr<policy::Facts> FactsOf(const policy::Compiled& agreement,
                                      const Act& act);

// Puts this side's own view into `facts`: time, state of the pair, usage, state
// of the log, overdue receipts.
absl::Status FillOwnSide(Desk& desk, store::Reader& reader,
                         const policy::Compiled& agreement, const Act& act,
                         policy::Facts& facts);

// The set of match keys that a screening clause names.
match::Set MatchSetOf(const policy::Clause& clause);

// What Decide answered when it gave no Permit.
const policy::Decision& WithoutPermit(const policy::Verdict& verdict);

// Appends one event that has no rows of its own.
absl::Status LogOne(Desk& desk, ledger::Event event);

// Takes `units` that were charged for this very act out of the counters again,
// so that asking the law once more does not count them twice.
void Uncount(policy::Facts& facts, std::uint32_t units);

QuotaKey QuotaKeyOf(const policy::Compiled& agreement, const Act& act);
QuotaLimits QuotaLimitsOf(const policy::Clause& clause);

// The refusal for the own people: every reason, a sentence and a next step.
// PERMISSION_DENIED.
absl::Status Refusal(const policy::Decision& decision);
// The refusal for a peer: one class, and one code or nothing.
// PERMISSION_DENIED.
absl::Status PeerRefusal(const policy::Decision& decision);
std::string PeerReason(const policy::Decision& decision);

// Sets agr, basis, clause, peer and purpose, the keys that every exchange event
// has.
void SetExchange(ledger::Event& event, const policy::Compiled& agreement,
                 const Act& act, std::string_view peer);
// The entry that a quota is used up (`quota.exceed`): both data protection
// officers read it. `dir`: `out` at the asker, `in` at the holder.
ledger::Event QuotaEvent(std::string_view type,
                         const policy::Compiled& agreement, const Act& act,
                         std::string_view dir, std::string_view peer,
                         const policy::Facts& facts);
// The same at 80 % (`quota.warn`): writes the entry of every mark that charges
// left, and takes the mark away with it. After a charge, and by the upkeep for
// what a crash cut off.
absl::Status TellQuotaAlarms(Desk& desk);

// Names the person who acts; an empty id is the node itself.
void ActedBy(ledger::Event& event, std::string_view user);
// `text` when it may stand in a code field of the log, else `-`.
std::string CodeOrDash(std::string_view text);

// True when `peer` owes a receipt for a recall whose due date has passed.
absl::StatusOr<bool> OwesReceipt(store::Reader& reader, std::string_view peer,
                                 std::int64_t now);

}  // namespace entente::exchange
