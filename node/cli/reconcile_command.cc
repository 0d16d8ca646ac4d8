#include "node/cli/reconcile_command.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/cli/output.h"
#include "node/ledger/exchange_record.h"

namespace entente::cli {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ledger::Difference::Kind;

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;  // a million records

struct Values {
  std::string peer;
  std::string day;
  std::string agreement;
  bool save = false;
  std::vector<std::string> files;
};

absl::StatusOr<ledger::DaySet> ReadSet(const std::string& path) {
  const absl::StatusOr<Bytes> bytes = base::ReadFile(path, kMostBytes);
  if (!bytes.ok()) {
    return absl::Status(
        bytes.status().code(),
        "the file `" + path + "` cannot be read: " + MessageOf(bytes.status()));
  }
  auto set = ledger::ParseDaySet(*bytes);
  if (set.ok()) return set;
  return Invalid("`", path, "` is no set of a day: ", MessageOf(set.status()));
}

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kMissingHere:
      return "only-second";
    case Kind::kMissingThere:
      return "only-first";
    case Kind::kDiffers:
      break;
  }
  return "differs";
}

int CompareFiles(const Values& values, bool as_json) {
  const auto first = ReadSet(values.files[0]);
  if (!first.ok()) return ReportError(first.status(), as_json);
  const auto second = ReadSet(values.files[1]);
  if (!second.ok()) return ReportError(second.status(), as_json);
  const std::vector<ledger::Difference> found =
      ledger::Compare(*first, *second);
  const std::string word = found.empty() ? "equal" : "differs";
  Json json = {
      {"result", word},
      {"first",
       {{"records", first->size()}, {"root", ToHex(ledger::DayRoot(*first))}}},
      {"second",
       {{"records", second->size()},
        {"root", ToHex(ledger::DayRoot(*second))}}},
      {"differences", Json::array()}};
  std::string text = word + ": " + std::to_string(first->size()) + " and " +
                     std::to_string(second->size()) + " records\n";
  for (const ledger::Difference& difference : found) {
    json["differences"].push_back(
        {{"kind", NameOf(difference.kind)}, {"key", ToHex(difference.key)}});
    text += std::string(NameOf(difference.kind)) + "  " +
            ToHex(difference.key) + "\n";
  }
  return ReportResult(found.empty() ? kDone : kProof, json.dump(), text,
                      as_json);
}

int Run(const Values& values, const RemoteOptions& options) {
  if (!values.files.empty()) return CompareFiles(values, options.json);
  if (values.peer.empty()) {
    std::fputs("--peer or --files is required\n", stderr);
    return kUsage;
  }
  std::vector<model::Argument> arguments = {{"peer", values.peer}};
  if (!values.day.empty()) arguments.push_back({"day", values.day});
  if (!values.agreement.empty())
    arguments.push_back({"agreement", values.agreement});
  if (values.save) arguments.push_back({"save", "true"});
  return RunRemote(options, "audit reconcile", std::move(arguments), "");
}

}  // namespace

void AddReconcile(Command audit, const RemoteOptions& options,
                  std::function<int()>& run) {
  Command command = audit.New(
      "reconcile",
      "compare what both sides logged of one day: with the peer (dpo, "
      "auditor), or two .set files off line. Exit 4: they differ");
  auto values = std::make_shared<Values>();
  const Option peer = command.Add("--peer", values->peer, "the other state");
  command.Add("--day", values->day,
              "UTC day, such as 2027-01-31 (default: yesterday)");
  command.Add("--agreement", values->agreement,
              "id or hash, if more than one is held with the peer");
  command.Flag("--save", values->save,
               "also write this side's set into the node's `exports`");
  command
      .Add("--files", values->files,
           "instead of a peer: the sets of both sides")
      .Values(2, 2)
      .Excludes(peer);
  command.OnChosen([&run, &options, values] {
    run = [&options, values] { return Run(*values, options); };
  });
}

}  // namespace entente::cli
