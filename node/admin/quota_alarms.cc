// Quotas that are nearly used or used up: what the data protection officers of
// both sides are told, each by their own node.

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kShownSeconds = 7 * 86'400;
constexpr std::size_t kMostShown = 100;
constexpr std::string_view kTypes[] = {"quota.warn", "quota.exceed"};

absl::StatusOr<Json> LeafAt(audit::AuditLog& log, std::uint64_t index) {
  TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
  if (entries.empty()) return ProofFailed("the log lacks an entry");
  Json leaf = Json::parse(AsText(entries[0].leaf), nullptr, false);
  if (leaf.is_discarded()) return ProofFailed("a leaf of the log is damaged");
  return leaf;
}

// The first entry at or after `seconds`: times rise with the index.
absl::StatusOr<std::uint64_t> FirstSince(audit::AuditLog& log,
                                         std::int64_t seconds) {
  std::uint64_t low = 0;
  std::uint64_t high = log.counts().size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY(const Json leaf, LeafAt(log, middle));
    if (leaf.value("time", std::int64_t{0}) / 1'000'000 < seconds) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void Tell(const Json& leaf, std::uint64_t index, Reply& reply) {
  const Json data = leaf.value("data", Json::object());
  const std::string type = leaf.value("type", "");
  const bool used_up = type == "quota.exceed";
  const std::string time =
      base::FormatTime(leaf.value("time", std::int64_t{0}) / 1'000'000);
  reply.json["alarms"].push_back(
      {{"kind", used_up ? "quota-used-up" : "quota-nearly-used"},
       {"entry", index},
       {"since", time},
       {"party", data.value("peer", "")},
       {"clause", data.value("clause", "")},
       {"direction", data.value("dir", "")},
       {"per", data.value("kind", "")},
       {"used", data.value("used", std::uint64_t{0})},
       {"limit", data.value("limit", std::uint64_t{0})}});
  reply.text += "ALARM " + data.value("peer", "") + ": quota of " +
                data.value("clause", "") +
                (used_up ? " is used up" : " is nearly used") + " (" +
                std::to_string(data.value("used", std::uint64_t{0})) + " of " +
                std::to_string(data.value("limit", std::uint64_t{0})) + " a " +
                data.value("kind", "") + ", " + time + ", entry " +
                std::to_string(index) + ")\n";
}

}  // namespace

absl::Status AddQuotaAlarms(Context& context, const Request& request,
                            Reply& reply) {
  if (!request.officer.Has(model::Role::kDpo) &&
      !request.officer.Has(model::Role::kAuditor))
    return absl::OkStatus();
  audit::AuditLog& log = context.desk.log;
  TRY(const std::uint64_t from,
      FirstSince(log, context.desk.clock.NowSeconds() - kShownSeconds));
  std::vector<std::uint64_t> found;
  for (const std::string_view type : kTypes) {
    TRY(const std::vector<std::uint64_t> some,
        log.Find(audit::AuditLog::Key::kType, type, from, kMostShown));
    found.insert(found.end(), some.begin(), some.end());
  }
  if (found.empty()) return absl::OkStatus();
  std::sort(found.begin(), found.end());
  // They are entries of the log: seeing them leaves a trace, like any read.
  audit::Job job;
  job.events.push_back(ledger::Event("log.read")
                           .Set("filter", "alarms")
                           .Set("first", found.front())
                           .Set("last", found.back())
                           .Set("n", found.size())
                           .By(request.officer.id));
  TRY_OK(log.Commit(std::move(job)).status());
  for (const std::uint64_t index : found) {
    TRY(const Json leaf, LeafAt(log, index));
    Tell(leaf, index, reply);
  }
  return absl::OkStatus();
}

}  // namespace entente::admin
