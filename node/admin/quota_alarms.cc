// Quotas that are nearly used or used up: what the data protection officers of
// both sides are told, each by their own node.

#include <string>
#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/logged_facts.h"
#include "node/base/time.h"
#include "node/exchange/acts.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kShownSeconds = 7 * 86'400;
constexpr std::string_view kTypes[] = {"quota.warn", "quota.exceed"};

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
  TRY(const std::vector<std::uint64_t> found,
      ActsSince(log, context.desk.clock.NowSeconds() - kShownSeconds, kTypes));
  if (found.empty()) return absl::OkStatus();
  // They are entries of the log: seeing them leaves a trace, like any read.
  ledger::Event seen("log.read");
  seen.Set("filter", "alarms")
      .Set("first", found.front())
      .Set("last", found.back())
      .Set("n", found.size())
      .By(request.officer.id);
  TRY_OK(exchange::LogOne(context.desk, std::move(seen)));
  for (const std::uint64_t index : found) {
    TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
    if (entries.empty()) return ProofFailed("the log lacks an entry");
    TRY(const Json leaf, LeafOf(entries.front()));
    Tell(leaf, index, reply);
  }
  return absl::OkStatus();
}

}  // namespace entente::admin
