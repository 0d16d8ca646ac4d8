#include "policy/reason.h"

#include <array>

namespace entente::policy {
namespace {

using enum PeerClass;

// Sorted by code; the place is the bit.
constexpr std::array<ReasonText, kReasons> kTexts{{
    {"A01", "log-unavailable", kUnavailable,
     "the decision log cannot take an entry, and without a log nothing leaves",
     "look at `entente audit check`, repair the log, then ask again"},
    {"A02", "obligation-unknown", kUnavailable,
     "the decision carries an obligation that this node cannot keep",
     "update the node, then ask again"},
    {"A03", "decisions-differ", kUnavailable,
     "both nodes judged the same request differently; both data protection "
     "officers are told",
     "compare the agreement hash and the software of both nodes"},
    {"A04", "facts-malformed", kUnavailable,
     "the facts of the request are malformed, so nothing could be judged",
     "report this with the request id; it is a fault of the asking node"},
    {"C01", "case", kPending, "the clause needs a case, and none was named",
     "name a case with --case"},
    {"C02", "approvals", kPending,
     "one or more approvals of distinct people are missing",
     "wait for the reviewers, or ask them to look"},
    {"C03", "age", kLimit, "the record is older than the clause allows",
     "ask for a newer record; older ones are outside this agreement"},
    {"C04", "quota", kLimit,
     "the quota of the day, the year or the case is used up",
     "wait for the next day or year, or amend the agreement"},
    {"C05", "route", kOutside,
     "no clause covers this route (arriving, departing, in transit)",
     "check the route of the record; another clause may cover it"},
    {"C06", "urgency", kOutside, "no clause covers this urgency",
     "ask with an urgency that the clause names"},
    {"C07", "history", kLimit,
     "the record is older than the date from which the asker may receive data",
     "nothing: older data is never released to this party"},
    {"C08", "order-missing", kNeverSent,
     "unmasking needs the order of a court or authority",
     "enter the order with its reference and expiry, then ask again"},
    {"F01", "field-not-granted", kOutside,
     "the clause does not grant a field that was asked for",
     "ask for fields of the clause only"},
    {"F02", "sensitive", kOutside,
     "a field that was asked for is sensitive and never released",
     "leave it out"},
    {"F03", "reserved", kOutside,
     "a reservation of the releasing party takes the field away",
     "leave it out"},
    {"F04", "free-text", kOutside,
     "a field that was asked for is free text and never released",
     "ask for a typed field instead, such as hit.reason"},
    {"H01", "reviewer-declined", kRefused, "a reviewer said no",
     "nothing; the reviewer's decision stands"},
    {"H02", "row-gone", kRefused,
     "the list row behind the hit is no longer there",
     "close the hit; nothing can be released"},
    {"L01", "local-restriction", kRefused,
     "a local restriction of this node takes it away",
     "see `entente local show`; lifting one needs two people"},
    {"P01", "purpose", kOutside, "no clause covers this purpose",
     "ask for a purpose of the clause; purposes cannot be added by hand"},
    {"P02", "basis", kOutside, "no clause names this legal basis",
     "name a legal basis of the clause"},
    {"P03", "prohibited", kOutside,
     "a prohibition of the agreement takes the field away", "leave it out"},
    {"S01", "suspended", kNotInForce,
     "the exchange with this party is suspended",
     "see `entente agreement show`; lifting needs the legal and the technical "
     "key of both parties"},
    {"S02", "not-yet", kNotInForce, "the agreement is not in force yet",
     "wait for its first day, or sign what is still unsigned"},
    {"S03", "ended", kNotInForce, "the agreement has ended",
     "sign a new version; nothing flows until then"},
    {"S04", "version-mismatch", kAgreementDiffers,
     "both sides do not hold the same version of the agreement",
     "compare the hashes with `entente agreement show` on both sides"},
    {"S05", "status-stale", kNotInForce,
     "no signed status of one side is younger than 24 hours",
     "check the line and the clocks; the status is sent every hour"},
    {"S06", "assessment-overdue", kNotInForce,
     "a human-rights assessment is overdue",
     "renew it with `entente agreement assess`"},
    {"S07", "receipt-overdue", kNotInForce,
     "the asking party owes a receipt for a recall",
     "carry out the recall and send the receipt"},
    {"S08", "emergency-unreviewed", kLimit,
     "an emergency release was not reviewed within 72 hours",
     "review it; the path opens again then"},
    {"T01", "retention-over", kNeverSent,
     "the time for which the item may be kept is over: delete it",
     "nothing; the retention job deletes it"},
    {"T02", "mask-due", kNeverSent, "the identifying fields are masked by now",
     "ask to unmask, with an order and two approvals"},
    {"T03", "ending-deadline", kNeverSent,
     "the agreement ended and the time to delete is over: delete it",
     "nothing; the retention job deletes it"},
    {"W01", "direction", kOutside,
     "no clause lets data flow in this direction between these parties",
     "check who asks whom; `entente agreement matrix` shows the directions"},
    {"W02", "role", kOutside, "no clause covers this role",
     "let a person with a role of the clause ask"},
    {"W03", "action", kOutside, "no clause covers this action",
     "`entente agreement matrix` shows what is agreed"},
    {"W04", "dataset", kOutside, "no clause covers records of this kind",
     "API, PNR and list records have clauses of their own"},
    {"W05", "match-set", kOutside, "the match set is not the one of the clause",
     "ask with the clause's match set"},
    {"W06", "receiver", kOutside,
     "the receiver is not in the clause's closed list",
     "name a receiver of the clause"},
    {"X01", "flag-present", kRefused,
     "a safeguard flag is present on the record",
     "nothing; while the flag stands the field stays here"},
    {"X02", "flag-not-checked", kPending,
     "a safeguard flag has not been checked yet",
     "let a reviewer check the flags of the record"},
}};

constexpr bool SortedByCode() {
  for (std::size_t i = 1; i < kTexts.size(); ++i) {
    if (!(kTexts[i - 1].code < kTexts[i].code)) return false;
  }
  return true;
}
static_assert(SortedByCode());
static_assert(static_cast<std::size_t>(Reason::kX02) == 40);

constexpr std::array<std::string_view, 8> kClassNames{
    "not-in-force", "agreement-differs", "outside",     "limit",
    "pending",      "refused",           "unavailable", "never-sent"};

// The first class of this order that is present is the answer. Whatever the
// peer can work out itself comes before what only this side knows.
constexpr std::array kOrder{kAgreementDiffers, kNotInForce, kUnavailable,
                            kOutside,          kLimit,      kRefused,
                            kPending};

}  // namespace

const ReasonText& TextOf(Reason reason) {
  return kTexts[static_cast<std::size_t>(reason)];
}

std::string_view ReasonName(Reason reason) { return TextOf(reason).code; }

std::optional<Reason> ReasonFromName(std::string_view code) {
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i].code == code) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

PeerClass PeerClassOf(Reason reason) { return TextOf(reason).peer_class; }

std::string_view PeerClassName(PeerClass peer_class) {
  return kClassNames[static_cast<std::size_t>(peer_class)];
}

std::vector<Reason> ReasonsIn(std::uint64_t reasons) {
  std::vector<Reason> out;
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (((reasons >> i) & 1U) != 0) out.push_back(static_cast<Reason>(i));
  }
  return out;
}

std::string ReasonList(std::uint64_t reasons) {
  std::string out;
  for (Reason reason : ReasonsIn(reasons)) {
    if (!out.empty()) out += ' ';
    out += ReasonName(reason);
  }
  return out;
}

std::string PeerAnswer::Text() const {
  std::string out(PeerClassName(peer_class));
  if (!code.empty()) out += ' ' + code;
  return out;
}

PeerAnswer AnswerForPeer(std::uint64_t reasons) {
  for (PeerClass peer_class : kOrder) {
    for (Reason reason : ReasonsIn(reasons)) {
      if (PeerClassOf(reason) != peer_class) continue;
      if (peer_class == kRefused) return {kRefused, "R00"};
      if (peer_class == kUnavailable || peer_class == kAgreementDiffers) {
        return {peer_class, {}};
      }
      return {peer_class, std::string(ReasonName(reason))};
    }
  }
  return {kUnavailable, {}};
}

}  // namespace entente::policy
