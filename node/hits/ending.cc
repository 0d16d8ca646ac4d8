// The end of an agreement is the end of what was disclosed under it.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

constexpr std::size_t kMostAtOnce = 500;

// When what was disclosed for this hit must be gone; 0: its agreement has not
// ended, or is not held and so says nothing.
std::int64_t GoneBy(Desk& desk, const model::HitRecord& hit) {
  const exchange::AgreementRef agreement = desk.book.Find(hit.agreement);
  if (agreement == nullptr) return 0;
  const policy::PairView view =
      desk.book.View(*agreement, hit.peer, desk.party);
  if (view.ended == 0) return 0;
  return view.ended +
         std::int64_t{agreement->agreement().ending.delete_within_days} * kDay;
}

absl::StatusOr<std::vector<model::HitRecord>> Overdue(Desk& desk) {
  std::vector<model::HitRecord> out;
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(store::EachRecord<model::DisclosedItem>(
      *reader, store::Table::kDisclosure, AsBytes("d"),
      [&](Bytes&&, model::DisclosedItem&& item) -> absl::Status {
        TRY(std::optional<model::HitRecord> hit,
            store::GetRecord<model::HitRecord>(*reader, store::Table::kHit,
                                               item.hit));
        if (!hit || out.size() >= kMostAtOnce) return absl::OkStatus();
        const std::int64_t by = GoneBy(desk, *hit);
        if (by != 0 && desk.clock.NowSeconds() >= by)
          out.push_back(*std::move(hit));
        return absl::OkStatus();
      }));
  return out;
}

absl::Status Erase(store::Writer& writer, model::HitRecord& hit) {
  TRY_OK(writer.Delete(store::Table::kDisclosure, ItemRow(hit.hit)));
  hit.state = model::HitState::kErased;
  TRY_OK(store::PutRecord(writer, store::Table::kHit, hit.hit, hit, hit.due));
  return ChangeRequest(writer, model::Way::kOut, hit.hit,
                       [](model::RequestRecord& now) {
                         now.state = model::RequestState::kErased;
                         return absl::OkStatus();
                       });
}

}  // namespace

absl::StatusOr<std::size_t> DeleteAfterEnd(Desk& desk) {
  TRY(std::vector<model::HitRecord> hits, Overdue(desk));
  if (hits.empty()) return 0;
  audit::Job job;
  job.events.push_back(ledger::Event("retain.delete")
                           .Set("before", desk.clock.NowSeconds())
                           .Set("dataset", "disclosed")
                           .Set("n", hits.size())
                           .Set("reason", "terminated"));
  job.changes = [&hits](store::Writer& writer,
                        std::span<const audit::Staged>) -> absl::Status {
    for (model::HitRecord& hit : hits) TRY_OK(Erase(writer, hit));
    return absl::OkStatus();
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  TRY_OK(desk.store.Scrub());
  return hits.size();
}

}  // namespace entente::hits
