#include "node/cli/audit_follow_command.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "crypto/base/status.h"
#include "node/cli/output.h"
#include "node/cli/person.h"

namespace entente::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kFilters[][2] = {
    {"type", "only this event type"},
    {"batch", "only this batch"},
    {"hit", "only this hit"},
    {"exchange", "only this batch or hit"},
    {"actor", "only what this person did"},
    {"peer", "only with this peer"},
    {"agreement", "only under this agreement: its hash"},
    {"from", "first index (default: what comes from now on)"}};

// Seconds, `otherwise` when nothing was typed.
absl::StatusOr<double> SecondsOf(Values& v, const char* name,
                                 double otherwise) {
  const std::string& text = v.one[name];
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const double out = std::strtod(text.c_str(), &end);
  if (*end == '\0' && out >= 0 && out <= 1e7) return out;
  return WithReason(Invalid("--", name, " is a number of seconds"),
                    kUsageReason);
}

void Print(const Json& said, const std::string& text, bool as_json) {
  if (as_json) {
    for (const Json& entry : said["entries"])
      std::printf("%s\n", entry.dump().c_str());
  } else {
    std::fputs(Printable(text).c_str(), stdout);
  }
  std::fflush(stdout);
}

absl::Status Follow(Values& v, const RemoteOptions& options) {
  TRY(const double every, SecondsOf(v, "every", 1));
  TRY(const double length, SecondsOf(v, "for", 0));
  // Once, not for every question: a passphrase is slow to check.
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  std::vector<model::Argument> filters;
  for (const auto& [name, help] : kFilters) {
    const std::string& value = v.one[name];
    if (!value.empty() && std::string_view(name) != "from")
      filters.push_back({name, value});
  }
  std::string from = v.one["from"];
  std::string token;
  const auto start = Clock::now();
  while (true) {
    std::vector<model::Argument> arguments = filters;
    if (!from.empty()) arguments.push_back({"from", from});
    if (!token.empty()) arguments.push_back({"token", token});
    TRY(const rpc::AdminReply reply,
        AskAs(key, options, "audit follow", std::move(arguments)));
    const Json said = Json::parse(reply.json, nullptr, false);
    if (said.is_discarded()) return Internal("the node's answer is no JSON");
    Print(said, reply.text, options.json);
    token = said.value("token", "");
    from = std::to_string(said.value("next", std::uint64_t{0}));
    const std::chrono::duration<double> passed = Clock::now() - start;
    if (length > 0 && passed.count() >= length) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::duration<double>(every));
  }
}

}  // namespace

void AddAuditFollow(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at =
      Leaf(app, "audit", "follow",
           "print entries as they come, until interrupted; one entry for each "
           "1,000 shown (dpo, auditor; others their own acts)");
  for (const auto& [name, help] : kFilters) {
    at.Add("--" + std::string(name), values->one[name], help);
  }
  at.Add("--every", values->one["every"],
         "seconds between two looks (default 1)");
  at.Add("--for", values->one["for"],
         "end after so many seconds (default: never)");
  BindRun(shared, at, values, [](Values& v, const RemoteOptions& options) {
    const absl::Status status = Follow(v, options);
    return status.ok() ? kDone : ReportError(status, options.json);
  });
}

}  // namespace entente::cli
