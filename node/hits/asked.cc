#include "node/hits/asked.h"

#include <memory>
#include <string>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/base/time.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/protected.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::DisclosureRequest;

// What came with the question is bound by the clause as well: a value that it
// does not let the asker offer is not shown to a reviewer.
absl::StatusOr<std::uint64_t> OfferedBits(const policy::Compiled& agreement,
                                          const policy::Clause& clause,
                                          const DisclosureRequest& request) {
  if (request.offered.empty()) return std::uint64_t{0};
  std::vector<std::string> codes;
  for (const model::FieldValue& field : request.offered)
    codes.push_back(field.code);
  const auto offered = agreement.FieldBits(codes);
  const auto granted = agreement.FieldBits(clause.offered_fields);
  if (!offered || !granted || (*offered & ~*granted) != 0)
    return WithReason(Denied("a field may not be offered"), "F01");
  return *offered;
}

}  // namespace

absl::StatusOr<Asked> ReadAsked(Desk& desk, std::string_view from,
                                const DisclosureRequest& request) {
  Asked out;
  out.request = request;
  out.agreement = desk.book.Find(request.agreement);
  if (out.agreement == nullptr || !out.agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  out.clause = out.agreement->FindClause(request.clause);
  if (out.clause == nullptr ||
      out.clause->action != policy::Action::kDisclose) {
    return WithReason(Denied("no such disclose clause"), "W03");
  }
  const auto facts = policy::DecodeFacts(request.facts);
  if (!facts.ok()) return WithReason(facts.status(), "statement-malformed");
  out.claimed = *facts;
  const auto asked = out.agreement->FieldBits(request.fields);
  if (!asked) return WithReason(Denied("a field is unknown"), "F01");
  TRY(out.act.offered, OfferedBits(*out.agreement, *out.clause, request));
  out.act.clause = request.clause;
  out.act.holder = desk.party;
  out.act.asker = std::string(from);
  out.act.purpose = request.purpose;
  out.act.basis = request.basis;
  out.act.reference = request.reference;
  out.act.role = static_cast<policy::Role>(out.claimed.role);
  out.act.route = static_cast<policy::Route>(out.claimed.route);
  out.act.urgency = static_cast<policy::Urgency>(out.claimed.urgency);
  out.act.record_age = out.claimed.record_age;
  out.act.asked = *asked;
  return out;
}

absl::StatusOr<Asked> AskedOf(Desk& desk, const model::RequestRecord& record) {
  TRY(const DisclosureRequest request,
      DecodeStatement<DisclosureRequest>(record.request.body));
  return ReadAsked(desk, record.peer, request);
}

absl::StatusOr<policy::Facts> OwnFacts(
    Desk& desk, store::Reader& reader, const Asked& asked,
    const std::vector<model::ReviewRecord>& reviews, bool charged) {
  TRY(policy::Facts facts, exchange::FactsOf(*asked.agreement, asked.act));
  TRY_OK(
      exchange::FillOwnSide(desk, reader, *asked.agreement, asked.act, facts));
  if (charged) exchange::Uncount(facts, 1);
  facts.approvals_asker = asked.claimed.approvals_asker;
  std::uint8_t approvals = 0;
  for (const model::ReviewRecord& review : reviews) {
    if (review.verdict == model::Verdict::kDecline)
      facts.bits |= policy::fact::kDeclined;
    if (review.verdict == model::Verdict::kApprove) ++approvals;
    for (const model::FlagCheck& check : review.flags) {
      const auto flag = static_cast<policy::Flag>(check.flag);
      const auto state = static_cast<policy::FlagState>(check.state);
      // One reviewer who sees a risk outweighs any who did not.
      if (facts.flag(flag) != policy::FlagState::kPresent)
        facts.Set(flag, state);
    }
  }
  facts.approvals_holder = approvals;
  return facts;
}

absl::StatusOr<model::ListEntry> EntryOf(Desk& desk, store::Reader& reader,
                                         const Bytes& entry_name) {
  const auto gone = [] {
    return WithReason(
        NotFound("the list entry behind this hit is no longer there"), "H02");
  };
  TRY(const auto entry, exchange::FindEntry(reader, entry_name));
  if (!entry) return gone();
  // What would not enter a tag set today is not disclosed today either: the
  // entry may have ended, or the person been protected, since the hit.
  const bool expired = entry->expires < base::DayKey(desk.clock.NowSeconds());
  TRY(const std::shared_ptr<const exchange::ProtectedIndex> hidden,
      exchange::ProtectedIndex::Load(reader));
  const bool covered = hidden->Covers(*entry);
  if (expired || covered) return gone();
  return *entry;
}

}  // namespace entente::hits
