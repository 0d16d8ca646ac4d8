// Reviews: who may, who has, and what they say together.

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/subjects.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::HitRecord;
using model::HitState;
using model::ReviewRecord;
using model::Verdict;

std::size_t CountOf(const std::vector<ReviewRecord>& reviews, Verdict verdict) {
  return static_cast<std::size_t>(std::count_if(
      reviews.begin(), reviews.end(),
      [verdict](const ReviewRecord& r) { return r.verdict == verdict; }));
}

ReviewRecord RecordOf(Desk& desk, const model::Officer& officer,
                      const ReviewInput& input) {
  return {officer.id,   officer.key, input.verdict,
          input.reason, input.flags, desk.clock.NowSeconds()};
}

// One "not the same person" ends it; so many confirmations as the clause asks
// confirm it.
HitState StateAfter(const HitRecord& hit, std::uint32_t needed) {
  if (CountOf(hit.reviews, Verdict::kNotSame) > 0) return HitState::kCleared;
  if (CountOf(hit.reviews, Verdict::kConfirmed) >= needed)
    return HitState::kConfirmed;
  if (CountOf(hit.reviews, Verdict::kUnclear) > 0) return HitState::kUnclear;
  return HitState::kOpen;
}

}  // namespace

absl::Status NeedReviewer(const model::Officer& officer) {
  if (officer.Has(model::Role::kOfficer) || officer.Has(model::Role::kApprover))
    return absl::OkStatus();
  return WithNext(
      WithReason(Denied("only an officer or approver reviews"), "role"),
      "ask an officer of your node");
}

absl::Status NeedAnotherPerson(const std::vector<ReviewRecord>& reviews,
                               const model::Officer& officer) {
  for (const ReviewRecord& review : reviews) {
    if (review.user == officer.id || review.key == officer.key) {
      return WithNext(
          WithReason(Denied("this person has reviewed it before; a second "
                            "review needs another person with another key"),
                     "same-person"),
          "ask a colleague");
    }
  }
  return absl::OkStatus();
}

absl::Status PutRequest(store::Writer& writer,
                        const model::RequestRecord& record,
                        std::int64_t until) {
  return store::PutRecord(writer, store::Table::kDisclosure,
                          RequestRow(record.way, record.hit), record,
                          std::max(record.arrived + kKeepRequests, until));
}

absl::Status ChangeRequest(
    store::Writer& writer, model::Way way, const Id16& hit,
    const std::function<absl::Status(model::RequestRecord&)>& change) {
  TRY(model::RequestRecord record,
      store::NeedRecord<model::RequestRecord>(writer, store::Table::kDisclosure,
                                              RequestRow(way, hit), "request"));
  TRY_OK(change(record));
  return PutRequest(writer, record);
}

absl::Status AnsweredBefore() {
  return WithReason(Unready("this request was answered before"), "hit-state");
}

bool Flows(Desk& desk, const Hash& agreement, std::string_view holder,
           std::string_view asker) {
  const exchange::AgreementRef held = desk.book.Find(agreement);
  return held != nullptr &&
         desk.book.View(*held, holder, asker).state == policy::State::kActive;
}

absl::StatusOr<audit::Receipt> CommitOne(Desk& desk, ledger::Event event,
                                         audit::Changes changes,
                                         const std::vector<Id16>& tags) {
  audit::Job job;
  job.events.push_back(std::move(event));
  exchange::TagEvent(job, 0, tags);
  job.changes = std::move(changes);
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Commit(std::move(job)));
  return receipts[0];
}

absl::Status Refused(Desk& desk, std::string_view peer, const Id16& hit,
                     const absl::Status& status) {
  if (status.code() != absl::StatusCode::kPermissionDenied) return status;
  ledger::Event event("disclose.refuse");
  event.Set("dir", "out")
      .Set("hit", hit)
      .Set("peer", exchange::CodeOrDash(peer))
      .Set("peer_leaf", "-")
      .Seal("reasons", ReasonOf(status));
  TRY_OK(CommitOne(desk, std::move(event), {}).status());
  return WithEntry(status);
}

absl::StatusOr<std::vector<HitRecord>> Queue(Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto rows, store::AllRecords<HitRecord>(*reader, store::Table::kHit));
  std::vector<HitRecord> out;
  for (auto& [key, hit] : rows) out.push_back(std::move(hit));
  std::sort(out.begin(), out.end(), [](const HitRecord& a, const HitRecord& b) {
    if (a.tier != b.tier) return a.tier > b.tier;
    return a.found != b.found ? a.found < b.found : a.hit < b.hit;
  });
  return out;
}

absl::StatusOr<Id16> FindHit(Desk& desk, std::string_view text) {
  if (text.size() < 4 || text.size() > 32)
    return Invalid("a hit is named by at least four hex digits of its id");
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  std::vector<Id16> fits;
  const auto consider = [&](const Id16& id) {
    if (ToHex(id).starts_with(text) &&
        std::find(fits.begin(), fits.end(), id) == fits.end())
      fits.push_back(id);
  };
  TRY(const auto hits,
      store::AllRecords<HitRecord>(*reader, store::Table::kHit));
  for (const auto& [key, hit] : hits) consider(hit.hit);
  TRY(const auto requests,
      store::AllRecords<model::RequestRecord>(
          *reader, store::Table::kDisclosure, AsBytes("r")));
  for (const auto& [key, request] : requests) consider(request.hit);
  if (fits.empty())
    return WithNext(NotFound("no such hit"),
                    "see `entente hits list` and `entente disclose list`");
  if (fits.size() > 1)
    return Invalid("several hits begin so; give more digits");
  return fits[0];
}

absl::StatusOr<HitRecord> GetHit(Desk& desk, const Id16& hit) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return store::NeedRecord<HitRecord>(*reader, store::Table::kHit, hit, "hit");
}

std::uint32_t ReviewersNeeded(const policy::Compiled& agreement,
                              std::string_view holder, std::string_view asker) {
  const auto h = agreement.PartyIndex(holder);
  const auto a = agreement.PartyIndex(asker);
  std::uint32_t needed = 1;
  if (!h || !a) return needed;
  for (std::uint16_t index :
       agreement.ClausesFor(*h, *a, policy::Action::kDisclose)) {
    needed =
        std::max(needed, agreement.agreement().clauses[index].reviewers_asker);
  }
  return needed;
}

std::vector<ReviewRecord> VisibleReviews(
    const std::vector<ReviewRecord>& reviews, const model::Officer& officer,
    bool over) {
  const bool gave =
      std::any_of(reviews.begin(), reviews.end(),
                  [&](const ReviewRecord& r) { return r.user == officer.id; });
  std::vector<ReviewRecord> out = reviews;
  if (over || gave) return out;
  for (ReviewRecord& review : out) {
    review.verdict = Verdict::kUnclear;
    review.reason.clear();
    review.flags.clear();
  }
  return out;
}

absl::StatusOr<HitRecord> Review(Desk& desk, const model::Officer& officer,
                                 const ReviewInput& input) {
  TRY(HitRecord hit, GetHit(desk, input.hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, hit.peer, hit.hit, role);
  if (const absl::Status person = NeedAnotherPerson(hit.reviews, officer);
      !person.ok()) {
    return Refused(desk, hit.peer, hit.hit, person);
  }
  if (hit.state != HitState::kOpen && hit.state != HitState::kUnclear) {
    return WithReason(Unready("this hit is not waiting for a review"),
                      "hit-state");
  }
  if (input.verdict != Verdict::kConfirmed &&
      input.verdict != Verdict::kNotSame &&
      input.verdict != Verdict::kUnclear) {
    return Invalid("a hit is confirmed, not-same or unclear");
  }
  if (input.reason.empty() || input.reason.size() > 1000)
    return Invalid("a review needs a reason of at most 1,000 bytes");
  const exchange::AgreementRef agreement = desk.book.Find(hit.agreement);
  if (agreement == nullptr)
    return WithReason(Unready("the agreement is no longer held"),
                      "agreement-differs");
  const std::uint32_t needed =
      ReviewersNeeded(*agreement, hit.peer, desk.party);
  ledger::Event event("review.decide");
  event.Set("hit", hit.hit)
      .Set("step", hit.reviews.size() + 1)
      .Set("verdict",
           model::kVerdictNames[static_cast<std::size_t>(input.verdict)])
      .Seal("reason", input.reason)
      .By(officer.id);
  HitRecord after;
  TRY_OK(CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged>) -> absl::Status {
                     // Read again inside the transaction: two people may review
                     // in the same second.
                     TRY(after,
                         store::NeedRecord<HitRecord>(
                             writer, store::Table::kHit, input.hit, "hit"));
                     if (after.state != HitState::kOpen &&
                         after.state != HitState::kUnclear) {
                       return WithReason(
                           Unready("this hit is not waiting for a review"),
                           "hit-state");
                     }
                     TRY_OK(NeedAnotherPerson(after.reviews, officer));
                     after.reviews.push_back(RecordOf(desk, officer, input));
                     after.state = StateAfter(after, needed);
                     return store::PutRecord(writer, store::Table::kHit,
                                             input.hit, after, after.due);
                   })
             .status());
  return after;
}

absl::StatusOr<model::RequestRecord> ReviewRequest(
    Desk& desk, const model::Officer& officer, const ReviewInput& input) {
  TRY(model::RequestRecord request,
      GetRequest(desk, model::Way::kIn, input.hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, request.peer, request.hit, role);
  if (const absl::Status person = NeedAnotherPerson(request.reviews, officer);
      !person.ok()) {
    return Refused(desk, request.peer, request.hit, person);
  }
  if (request.state != model::RequestState::kPending &&
      request.state != model::RequestState::kReady) {
    return WithReason(Unready("this request is not waiting for a review"),
                      "hit-state");
  }
  if (input.verdict != Verdict::kApprove &&
      input.verdict != Verdict::kDecline) {
    return Invalid(
        "a request is approved or declined: --verdict approve or decline");
  }
  if (input.reason.empty() || input.reason.size() > 1000)
    return Invalid("a review needs a reason of at most 1,000 bytes");
  std::string flags;
  for (const model::FlagCheck& check : input.flags) {
    if (!flags.empty()) flags += ' ';
    flags += policy::Word(static_cast<policy::Flag>(check.flag));
    flags +=
        check.state == static_cast<std::uint8_t>(policy::FlagState::kAbsent)
            ? "=absent"
            : "=present";
  }
  ledger::Event event("disclose.approve");
  event.Set("hit", request.hit)
      .Set("step", request.reviews.size() + 1)
      .Seal("reason", input.reason)
      .Seal("flags", flags)
      .By(officer.id);
  model::RequestRecord after;
  TRY_OK(CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged>) -> absl::Status {
                     return ChangeRequest(
                         writer, model::Way::kIn, input.hit,
                         [&](model::RequestRecord& now) -> absl::Status {
                           if (now.state != model::RequestState::kPending &&
                               now.state != model::RequestState::kReady)
                             return AnsweredBefore();
                           TRY_OK(NeedAnotherPerson(now.reviews, officer));
                           now.reviews.push_back(
                               RecordOf(desk, officer, input));
                           after = now;
                           return absl::OkStatus();
                         });
                   })
             .status());
  return after;
}

}  // namespace entente::hits
