// `entente audit reconcile`: one day of one agreement compared with the peer.

#include "node/admin/reconcile.h"

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/exchange/reconcile.h"

namespace entente::admin {
namespace {

constexpr int kProofFailed = 4;

// The one agreement with the peer, or the one that was named by hash or id.
absl::StatusOr<exchange::AgreementRef> AgreementWith(exchange::Desk& desk,
                                                     std::string_view peer,
                                                     const std::string& name) {
  exchange::AgreementRef found;
  for (const exchange::AgreementRef& held : desk.book.All()) {
    if (!held->PartyIndex(peer)) continue;
    if (!name.empty() && held->agreement().id != name &&
        ToHex(held->hash()) != name)
      continue;
    if (found != nullptr) {
      return WithNext(
          WithReason(Invalid("several agreements with ", peer, " are held"),
                     "agreement-ambiguous"),
          "name one by its hash with --agreement");
    }
    found = held;
  }
  if (found == nullptr)
    return WithReason(NotFound("no such agreement with ", peer, " is held"),
                      "clause-unknown");
  return found;
}

// The own set of the day beside the exported bundles, for a comparison off
// line.
absl::StatusOr<std::string> SaveSet(exchange::Desk& desk,
                                    const exchange::DayOfPair& day) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const ledger::DaySet set, exchange::ReadDay(*reader, day));
  const std::string folder = desk.data_dir + "/exports";
  TRY_OK(base::MakeDirs(folder));
  const std::string path = folder + "/" + ToHex(day.agreement).substr(0, 16) +
                           "-" + day.peer + "-" + exchange::DayText(day.day) +
                           ".set";
  TRY_OK(base::WriteFileAtomic(path, ledger::DaySetBytes(set)));
  return path;
}

Json DifferenceJson(const exchange::DayDifference& difference) {
  return {{"kind", exchange::KindName(difference.kind)},
          {"key", ToHex(difference.key)},
          {"step", difference.step},
          {"lied", difference.lied},
          {"note", difference.note}};
}

Reply ReplyOf(const exchange::DayComparison& compared) {
  const exchange::DayResult& result = compared.result;
  Reply reply;
  reply.json = {
      {"agreement", ToHex(result.agreement)}, {"peer", result.peer},
      {"day", exchange::DayText(result.day)}, {"result", result.result},
      {"records", compared.records},          {"mine", ToHex(result.mine)},
      {"theirs", ToHex(result.theirs)},       {"messages", compared.messages},
      {"unproved", result.unproved},          {"more", compared.more},
      {"differences", Json::array()},         {"note", result.note}};
  reply.text = result.peer + ", " + exchange::DayText(result.day) + ": " +
               result.result + ", " + std::to_string(compared.records) +
               " steps here, " + std::to_string(compared.messages) +
               " messages\n";
  for (const exchange::DayDifference& difference : compared.differences) {
    reply.json["differences"].push_back(DifferenceJson(difference));
    reply.text += std::string(exchange::KindName(difference.kind)) + "  " +
                  ToHex(difference.key) + "  " + difference.step + "  " +
                  difference.note + "\n";
  }
  if (compared.more) reply.text += "further differences were not counted\n";
  if (result.result != "equal") {
    reply.exit_code = kProofFailed;
    reply.text +=
        "next: both data protection officers compare the entries behind these "
        "keys\n";
  }
  return reply;
}

}  // namespace

absl::StatusOr<Reply> AuditReconcile(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  TRY(const std::string peer, request.args.Need("peer"));
  const std::string name = request.args.Get("agreement");
  const std::string text = request.args.Get("day");
  const bool save = !request.args.Get("save").empty();
  TRY_OK(request.args.Finish());
  TRY(const exchange::AgreementRef agreement, AgreementWith(desk, peer, name));
  std::int64_t day = exchange::DayAt(desk.clock.NowSeconds()) - 1;
  if (!text.empty()) {
    TRY(day, exchange::ParseDay(text));
  }
  // By hand it counts as none of the stages: those come all the same.
  TRY(const exchange::DayComparison compared,
      exchange::CompareDay(desk, *agreement, peer, day, 0));
  Reply reply = ReplyOf(compared);
  if (save) {
    TRY(const std::string path, SaveSet(desk, {agreement->hash(), peer, day}));
    reply.json["set"] = path;
    reply.text += path + "\n";
  }
  return reply;
}

absl::Status AddDayAlarms(Context& context, Reply& reply) {
  TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
  TRY(const std::vector<exchange::DayResult> days,
      exchange::DaysThatDiffer(*reader));
  for (const exchange::DayResult& day : days) {
    const std::string what =
        day.unproved > 0 ? "it signed for entries that its log does not hold"
                         : "the two logs hold different steps";
    reply.json["alarms"].push_back({{"kind", "day-differs"},
                                    {"party", day.peer},
                                    {"agreement", ToHex(day.agreement)},
                                    {"day", exchange::DayText(day.day)},
                                    {"differences", day.differences},
                                    {"unproved", day.unproved}});
    reply.text += "ALARM " + day.peer + ", " + exchange::DayText(day.day) +
                  ": " + what + " (" + std::to_string(day.differences) +
                  ")\n  next: `entente audit reconcile --peer " + day.peer +
                  " --day " + exchange::DayText(day.day) + "`\n";
  }
  return absl::OkStatus();
}

}  // namespace entente::admin
