#include "node/upkeep/upkeep.h"

#include <string_view>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "node/base/file.h"
#include "node/exchange/checkpoints.h"
#include "node/exchange/drafts.h"
#include "node/exchange/epochs.h"
#include "node/exchange/holder.h"
#include "node/exchange/peer_link.h"
#include "node/exchange/reconcile.h"
#include "node/exchange/tag_sets.h"
#include "node/exchange/witness_call.h"
#include "node/hits/hits.h"
#include "node/upkeep/erasures.h"

namespace entente::upkeep {
namespace {

constexpr std::int64_t kTickSeconds = 60;
constexpr std::int64_t kHourSeconds = 3600;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::size_t kBodiesAtOnce = 500;
// Pruned of the log in one night: a million leaves; their rows a minute.
constexpr std::size_t kBundlesAtOnce = 4096;
constexpr std::size_t kRowsAtOnce = 20'000;
constexpr std::int64_t kExportSeconds = 7 * kDaySeconds;

void Keep(absl::Status& first, const absl::Status& status) {
  if (first.ok() && !status.ok()) first = status;
}

struct Expiring {
  store::Table table;
  std::string_view dataset;
};

// Tables whose rows carry a term of their own.
constexpr Expiring kExpiring[] = {
    {store::Table::kTraveller, "travellers"},
    {store::Table::kFlight, "flights"},
    {store::Table::kListEntry, "list-stage"},  // entries have no due date
    {store::Table::kHit, "hits"},
    {store::Table::kDisclosure, "disclosed"},
    {store::Table::kTagSet, "tag-sets"},
    {store::Table::kReplay, "replays"},
    {store::Table::kQuota, "quotas"},
    {store::Table::kBatch, "screenings"},
    {store::Table::kAuditExchange, "exchange-records"},
};

}  // namespace

absl::StatusOr<std::size_t> Expire(exchange::Desk& desk) {
  std::size_t total = 0;
  const std::int64_t now = desk.clock.NowSeconds();
  for (const Expiring& kind : kExpiring) {
    while (true) {
      std::vector<store::Row> rows;
      {
        TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
        TRY(rows, reader->ScanDue(kind.table, now, 500));
      }
      if (rows.empty()) break;
      audit::Job job;
      job.events.push_back(ledger::Event("retain.delete")
                               .Set("before", now)
                               .Set("dataset", kind.dataset)
                               .Set("n", rows.size())
                               .Set("reason", "term"));
      job.changes = [&](store::Writer& writer,
                        std::span<const audit::Staged>) -> absl::Status {
        for (const store::Row& row : rows)
          TRY_OK(writer.Delete(kind.table, row.key));
        return absl::OkStatus();
      };
      TRY_OK(desk.log.Commit(std::move(job)).status());
      total += rows.size();
    }
  }
  if (total > 0) TRY_OK(desk.store.Scrub());
  return total;
}

absl::StatusOr<std::uint64_t> ExpireLog(exchange::Desk& desk) {
  std::uint64_t total = 0;
  while (true) {
    TRY(const std::uint64_t went, desk.log.ExpireBodies(kBodiesAtOnce));
    total += went;
    if (went < kBodiesAtOnce) break;
  }
  if (total > 0) TRY_OK(desk.store.Scrub());
  return total;
}

absl::Status Upkeep::Statuses() {
  absl::Status first;
  for (const exchange::AgreementRef& agreement : desk_.book.All()) {
    for (const policy::Party& party : agreement->agreement().parties) {
      if (party.code == desk_.party) continue;
      Keep(first, exchange::ExchangeStatus(desk_, *agreement, party.code));
    }
  }
  return first;
}

absl::Status Upkeep::Heads() {
  absl::Status first;
  for (const keys::NodeCard& card : desk_.trust.All()) {
    if (card.party == desk_.party) continue;
    Keep(first, exchange::SwapCheckpoints(desk_, card.party));
  }
  return first;
}

absl::Status Upkeep::AskWitness(const std::string& witness) {
  TRY(std::string body, desk_.log.BuildAddCheckpoint(witness));
  for (int attempt = 0; attempt < 2; ++attempt) {
    TRY(const model::WitnessReply reply,
        exchange::CallWitness(desk_.courier.link(), witness, body));
    if (reply.status == 200)
      return desk_.log.AcceptCosignature(witness, reply.body);
    if (reply.status != 409 || attempt > 0) {
      ledger::Event event("witness.refuse");
      event.Set("size", desk_.log.PublishedHead().size)
          .Set("status", reply.status)
          .Set("witness", witness);
      TRY_OK(exchange::LogOne(desk_, std::move(event)));
      return WithReason(Unready("the witness did not cosign"),
                        "witness-refused");
    }
    // It holds another size than we remembered: once more from there.
    TRY(const std::uint64_t size, merkle::ParseRecordedSize(reply.body));
    TRY(body, desk_.log.BuildAddCheckpoint(witness, size));
  }
  return absl::OkStatus();
}

absl::Status Upkeep::PublishAndWitness() {
  TRY_OK(desk_.log.Tick().status());
  absl::Status first;
  for (const audit::AuditLog::WitnessState& witness : desk_.log.Witnesses()) {
    // The policy file names a witness by its state, or by any word and a URL;
    // the link knows which it is. Its own word is no witness.
    Keep(first, witness.name == desk_.party
                    ? WithReason(Unready("a node is no witness of its own log"),
                                 "witness-unknown")
                    : AskWitness(witness.name));
  }
  return first;
}

absl::Status Upkeep::Tick(std::int64_t now) {
  absl::Status first;
  Keep(first, hits::Deliver(desk_).status());
  const bool hourly = now >= next_hourly_;
  // Before anything is published, at the start above all: who holds a larger
  // head of this log than the log itself says so, and it goes no further.
  if (hourly) Keep(first, Heads());
  if (now >= next_tick_) {
    next_tick_ = now + kTickSeconds;
    Keep(first, exchange::TellQuotaAlarms(desk_));
    Keep(first, exchange::SyncDrafts(desk_));
    Keep(first, exchange::DestroyEndedEpochs(desk_).status());
    Keep(first, PublishAndWitness());
    Keep(first, FinishErasures(desk_).status());
    Keep(first, desk_.log.SweepPruned(kRowsAtOnce).status());
    Keep(first, desk_.sightings.LogPending());
    Keep(first, exchange::TieWaiting(desk_));
  }
  if (hourly) {
    next_hourly_ = now + kHourSeconds;
    Keep(first, Statuses());
    Keep(first, exchange::CompareDueDays(desk_));
    Keep(first, hits::Retain(desk_).status());
    Keep(first, Expire(desk_).status());
    Keep(first, exchange::SweepTagSetFiles(desk_).status());
    // A bundle holds bodies whose term may end: it does not lie here for ever.
    Keep(first,
         base::RemoveOlder(desk_.data_dir + "/exports", now - kExportSeconds)
             .status());
  }
  if (now >= next_daily_) {
    next_daily_ = now + kDaySeconds;
    // Leaves after bodies: a leaf with a body stays.
    Keep(first, ExpireLog(desk_).status());
    Keep(first, desk_.log.PruneLeaves(kBundlesAtOnce).status());
  }
  return first;
}

}  // namespace entente::upkeep
