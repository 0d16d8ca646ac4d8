#include "node/cli/command_parts.h"

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/cli/local_commands.h"
#include "node/cli/output.h"
#include "policy/envelope.h"

namespace entente::cli {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20U;

int Finish(const absl::StatusOr<std::pair<Json, std::string>>& result,
           bool json) {
  if (!result.ok()) return ReportError(result.status(), json);
  return ReportResult(kDone, result->first.dump(), result->second, json);
}

}  // namespace

Command Leaf(Command app, const std::string& group, const std::string& name,
             const std::string& help) {
  return group.empty() ? app.New(name, help) : app.Below(group).New(name, help);
}

void BindRun(const Shared& shared, Command at, std::shared_ptr<Values> values,
             std::function<int(Values&, const RemoteOptions&)> work) {
  at.OnChosen([&shared_run = shared.run, &options = shared.options, values,
               work = std::move(work)] {
    shared_run = [&options, values, work] { return work(*values, options); };
  });
}

void Bind(const Shared& shared, Command at, std::shared_ptr<Values> values,
          Work work) {
  BindRun(shared, at, std::move(values),
          [work = std::move(work)](Values& v, const RemoteOptions& options) {
            return Finish(work(v, options), options.json);
          });
}

absl::StatusOr<Bytes> ReadInput(const std::string& path) {
  absl::StatusOr<Bytes> bytes = base::ReadFile(path, kMaxFile);
  if (!bytes.ok())
    return absl::Status(
        bytes.status().code(),
        "the file `" + path + "` cannot be read: " + MessageOf(bytes.status()));
  return bytes;
}

absl::Status WriteOutput(const std::string& path, ByteView bytes) {
  return base::WriteFileAtomic(path, bytes, 0644);
}

absl::StatusOr<Bytes> DocumentIn(const std::string& path) {
  TRY(Bytes file, ReadInput(path));
  if (file.empty() || file[0] != '{') return file;
  TRY(policy::Envelope envelope, policy::ParseEnvelope(file));
  return std::move(envelope.payload);
}

}  // namespace entente::cli
