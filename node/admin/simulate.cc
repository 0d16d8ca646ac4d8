// What the acts of the last days would have come to under a draft.

#include "policy/simulate.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/logged_facts.h"
#include "node/exchange/acts.h"
#include "node/exchange/drafts.h"
#include "policy/envelope.h"

namespace entente::admin {
namespace {

constexpr std::string_view kActs[] = {"screen.open",     "screen.answer",
                                      "screen.refuse",   "disclose.ask",
                                      "disclose.refuse", "disclose.release"};

Json Lines(const std::map<std::string, policy::SimulationTally::Change>& all,
           std::string_view sign, std::string& text) {
  Json out = Json::array();
  for (const auto& [what, change] : all) {
    out.push_back({{"what", what},
                   {"count", change.count},
                   {"examples", change.examples}});
    text += "  " + std::string(sign) + " " + what + "  " +
            std::to_string(change.count) + "  (entries";
    for (const std::uint64_t index : change.examples)
      text += " " + std::to_string(index);
    text += ")\n";
  }
  return out;
}

}  // namespace

absl::StatusOr<Reply> AgreementSimulate(Context& context, Request& request) {
  TRY(const Hash hash, HashArgument(request));
  TRY(const std::uint64_t days, request.args.Number("days", 90));
  TRY_OK(request.args.Finish());
  if (days == 0 || days > 3660) return Invalid("--days is 1 to 3660");
  exchange::Desk& desk = context.desk;
  TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
  TRY(const policy::Agreement agreement,
      policy::Agreement::Parse(envelope.payload));
  TRY(const policy::Simulation simulation,
      policy::Simulation::Create(agreement, desk.book.catalogues()));
  TRY(const std::vector<std::uint64_t> acts,
      ActsSince(
          desk.log,
          desk.clock.NowSeconds() - static_cast<std::int64_t>(days) * 86'400,
          kActs));
  policy::SimulationTally tally;
  if (!acts.empty()) {
    audit::Job job;
    job.events.push_back(ledger::Event("log.open")
                             .Set("first", acts.front())
                             .Set("last", acts.back())
                             .Set("n", acts.size())
                             .Set("why", "simulate")
                             .By(request.officer.id));
    TRY(const std::vector<audit::Receipt> receipts,
        desk.log.Commit(std::move(job)));
    for (const std::uint64_t index : acts) {
      const auto facts = FactsIn(desk.log, index, receipts.front());
      if (!facts) continue;
      const exchange::AgreementRef was = desk.book.Find(facts->agreement);
      if (was == nullptr || was->agreement().id != agreement.id) continue;
      const policy::Decision then =
          policy::Evaluate(*was, policy::Local{}, *facts);
      const policy::Decision now = simulation.Evaluate(*was, *facts);
      const std::uint16_t clause =
          then.outcome == policy::Outcome::kDeny ? now.clause : then.clause;
      const auto& clauses = then.outcome == policy::Outcome::kDeny
                                ? agreement.clauses
                                : was->agreement().clauses;
      tally.Add(index, clause < clauses.size() ? clauses[clause].id : "-", then,
                now);
    }
  }
  audit::Job done;
  done.events.push_back(ledger::Event("agreement.dryrun")
                            .Set("agr", hash)
                            .Set("denied", tally.Denied())
                            .Set("n", tally.decisions)
                            .Set("permitted", tally.Allowed())
                            .By(request.officer.id));
  TRY_OK(desk.log.Commit(std::move(done)).status());
  Reply reply;
  reply.text = std::to_string(tally.decisions) +
               " decisions: " + std::to_string(tally.same) + " the same, " +
               std::to_string(tally.Denied()) + " would be denials, " +
               std::to_string(tally.Allowed()) + " would be newly allowed\n";
  reply.json = {{"decisions", tally.decisions}, {"same", tally.same}};
  reply.json["denied"] = Lines(tally.denied, "-", reply.text);
  reply.json["allowed"] = Lines(tally.allowed, "+", reply.text);
  reply.text +=
      "what was asked, not what would have been asked; dates do not count\n";
  return reply;
}

}  // namespace entente::admin
