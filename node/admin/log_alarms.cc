// What is wrong with the logs that this node sees, for `entente status`.

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/reconcile.h"
#include "node/base/time.h"

namespace entente::admin {
namespace {

struct Words {
  std::string_view kind;
  std::string_view what;
  std::string_view next;
};

Words WordsOf(const audit::SplitAlarm& alarm) {
  if (alarm.proved) {
    return {"split-view", "its log showed two histories",
            "give the file to both data protection officers; anybody checks it "
            "with `entente audit evidence`. It is cosigned again only under a "
            "new card with another log"};
  }
  return {"unproved-log", "its log gives no proof that two heads are one tree",
          "ask its operator; it is not cosigned until the proof is there"};
}

}  // namespace

absl::Status AddLogAlarms(Context& context, Reply& reply) {
  TRY(const std::vector<audit::SplitAlarm> alarms,
      context.desk.sightings.Alarms());
  for (const audit::SplitAlarm& alarm : alarms) {
    const Words words = WordsOf(alarm);
    reply.json["alarms"].push_back({{"kind", words.kind},
                                    {"party", alarm.party},
                                    {"origin", alarm.origin},
                                    {"since", base::FormatTime(alarm.since)},
                                    {"file", alarm.file},
                                    {"next", words.next}});
    reply.text += "ALARM " + alarm.party + ": " + std::string(words.what) +
                  " (" + alarm.origin + ", since " +
                  base::FormatTime(alarm.since) + ")\n";
    if (!alarm.file.empty())
      reply.text += "  audit/evidence/" + alarm.file + "\n";
    reply.text += "  next: " + std::string(words.next) + "\n";
  }
  return AddDayAlarms(context, reply);
}

}  // namespace entente::admin
