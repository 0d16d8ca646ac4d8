#pragma once
// One authenticated command on its way to a handler, and what comes back.

#include <absl/status/statusor.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/model/command.h"
#include "node/model/officer.h"

namespace entente::admin {

using Json = nlohmann::ordered_json;

// Pieces of the file that goes along, in order; nullopt at its end.
using ChunkSource = std::function<absl::StatusOr<std::optional<Bytes>>()>;

// The arguments of a command. Handlers take what they know; what is left over
// is refused.
class Arguments {
 public:
  explicit Arguments(const std::vector<model::Argument>& arguments)
      : arguments_(arguments) {}

  // INVALID_ARGUMENT: missing or empty.
  absl::StatusOr<std::string> Need(std::string_view name);
  std::string Get(std::string_view name, std::string_view otherwise = "");
  absl::StatusOr<std::uint64_t> Number(std::string_view name,
                                       std::uint64_t otherwise);
  std::vector<std::string> All(std::string_view name);
  // INVALID_ARGUMENT: an argument that no handler asked for.
  absl::Status Finish() const;

 private:
  const std::vector<model::Argument>& arguments_;
  std::set<std::string, std::less<>> used_;
};

struct Request {
  const model::Officer& officer;
  Arguments& args;
  const ChunkSource& file;  // verified against the signed hash when it ends
  const Hash& attachment;   // that hash; zero when no file goes along
};

struct Reply {
  int exit_code = 0;
  Json json;
  std::string text;
};

// The whole file, at most `limit` bytes. For small ones.
absl::StatusOr<Bytes> WholeFile(const Request& request, std::size_t limit);

}  // namespace entente::admin
