// What a party says at the end of an agreement: which cases still need what was
// disclosed, and at last that nothing is left.

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/hits/retention.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using policy::EventKind;

bool HasEnded(Desk& desk, const policy::Compiled& agreement) {
  const std::vector<policy::Party>& parties = agreement.agreement().parties;
  return std::all_of(
      parties.begin(), parties.end(), [&](const policy::Party& party) {
        return party.code == desk.party ||
               desk.book.View(agreement, desk.party, party.code).ended != 0;
      });
}

// `domain` || agreement hash || the ids, sorted.
Hash SumOver(std::string_view domain, const Hash& agreement,
             const std::vector<Id16>& hits) {
  primitive::Sha256Stream hash;
  hash.Update(AsBytes(domain));
  hash.Update(agreement);
  for (const Id16& hit : hits) hash.Update(hit);
  return hash.Finish();
}

absl::StatusOr<std::vector<Id16>> OpenCasesUnder(
    Desk& desk, store::Reader& reader, const policy::Compiled& agreement) {
  TRY(const std::vector<Id16> kept,
      DisclosedUnder(desk, reader, agreement.agreement().id, true));
  std::vector<Id16> out;
  for (const Id16& hit : kept) {
    TRY(const auto record,
        store::GetRecord<model::CaseRecord>(reader, store::Table::kDisclosure,
                                            CaseRow(hit)));
    if (record && record->opened != 0) out.push_back(hit);
  }
  return out;
}

}  // namespace

absl::StatusOr<EndSum> EndSumOf(Desk& desk, store::Reader& reader,
                                const policy::Compiled& agreement,
                                EventKind kind) {
  if (!HasEnded(desk, agreement)) {
    return WithNext(
        WithReason(Unready("the agreement has not ended with every party"),
                   "not-ended"),
        "give notice: `entente agreement terminate`");
  }
  const bool cases = kind == EventKind::kCaseList;
  EndSum out;
  if (cases) {
    TRY(out.hits, OpenCasesUnder(desk, reader, agreement));
  } else {
    TRY(const std::vector<Id16> kept,
        DisclosedUnder(desk, reader, agreement.agreement().id, true));
    if (!kept.empty()) {
      return WithNext(WithReason(Unready("what was disclosed for ",
                                         std::to_string(kept.size()),
                                         " hits is still here"),
                                 "data-remains"),
                      "it goes when its time is over; close its cases: "
                      "`entente case list`");
    }
    TRY(out.hits,
        DisclosedUnder(desk, reader, agreement.agreement().id, false));
  }
  out.count = static_cast<std::uint32_t>(out.hits.size());
  out.hash =
      SumOver(cases ? "entente/case-list/1\n" : "entente/deletion-proof/1\n",
              agreement.hash(), out.hits);
  return out;
}

absl::Status TakeOwnEnd(Desk& desk, store::Writer& writer,
                        const policy::Compiled& agreement,
                        const policy::Event& event) {
  const bool cases = event.kind == EventKind::kCaseList;
  if (event.party != desk.party ||
      (!cases && event.kind != EventKind::kDeletionProof))
    return absl::OkStatus();
  TRY(const EndSum sum, EndSumOf(desk, writer, agreement, event.kind));
  if (sum.count != event.count || sum.hash != event.hash) {
    return WithNext(WithReason(Unready("what is kept here has changed since "
                                       "this was written"),
                               "end-differs"),
                    "write it again and have it signed again");
  }
  if (!cases) return absl::OkStatus();
  for (const Id16& hit : sum.hits) {
    TRY(auto record,
        store::NeedRecord<model::CaseRecord>(writer, store::Table::kDisclosure,
                                             CaseRow(hit), "case"));
    record.listed = true;
    TRY(const std::optional<Standing> standing, StandingOf(desk, writer, hit));
    TRY_OK(store::PutRecord(
        writer, store::Table::kDisclosure, CaseRow(hit), record,
        standing ? LatestDue(*standing, true) : record.asked));
  }
  return absl::OkStatus();
}

}  // namespace entente::hits
