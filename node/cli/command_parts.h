#pragma once
// What the files of local commands share: values typed, a file read, a result
// printed.

#include <absl/status/statusor.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

using Json = nlohmann::ordered_json;

struct Shared {
  const RemoteOptions& options;
  std::function<int()>& run;
};

// One local command: its values live as long as the program.
struct Values {
  std::map<std::string, std::string> one;
  std::map<std::string, std::vector<std::string>> many;
  std::uint64_t number = 0;
  bool ask = false;
};
// What a command prints: for programs and for people.
using Work = std::function<absl::StatusOr<std::pair<Json, std::string>>(
    Values&, const RemoteOptions&)>;

// The subcommand `name` of `group` (empty: of the program), made here.
Command Leaf(Command app, const std::string& group, const std::string& name,
             const std::string& help);

// The command does `work` and prints its result, exit code 0, or its error.
void Bind(const Shared& shared, Command at, std::shared_ptr<Values> values,
          Work work);

// The same for work that prints by itself and knows its exit code.
void BindRun(const Shared& shared, Command at, std::shared_ptr<Values> values,
             std::function<int(Values&, const RemoteOptions&)> work);

// A file of at most 1 MiB. Errors name it.
absl::StatusOr<Bytes> ReadInput(const std::string& path);
absl::Status WriteOutput(const std::string& path, ByteView bytes);

// The bytes that are signed: a document's own, or those that its envelope
// holds. INVALID_ARGUMENT: an envelope that cannot be read.
absl::StatusOr<Bytes> DocumentIn(const std::string& path);

}  // namespace entente::cli
