#include "node/admin/request.h"

#include <algorithm>
#include <charconv>

#include "crypto/base/status.h"

namespace entente::admin {

absl::StatusOr<std::string> Arguments::Need(std::string_view name) {
  std::string value = Get(name);
  if (value.empty()) return Invalid("--", name, " is missing");
  return value;
}

std::string Arguments::Get(std::string_view name, std::string_view otherwise) {
  used_.emplace(name);
  for (const model::Argument& argument : arguments_) {
    if (argument.name == name) return argument.value;
  }
  return std::string(otherwise);
}

absl::StatusOr<std::uint64_t> Arguments::Number(std::string_view name,
                                                std::uint64_t otherwise) {
  const std::string text = Get(name);
  if (text.empty()) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return Invalid("--", name, " is a number");
  return value;
}

std::vector<std::string> Arguments::All(std::string_view name) {
  used_.emplace(name);
  std::vector<std::string> out;
  for (const model::Argument& argument : arguments_) {
    if (argument.name == name) out.push_back(argument.value);
  }
  return out;
}

absl::Status Arguments::Finish() const {
  for (const model::Argument& argument : arguments_) {
    if (!used_.contains(argument.name))
      return Invalid("this command does not know an argument that was given");
  }
  return absl::OkStatus();
}

absl::StatusOr<Bytes> WholeFile(const Request& request, std::size_t limit) {
  Bytes out;
  while (true) {
    TRY(const std::optional<Bytes> chunk, request.file());
    if (!chunk) return out;
    if (out.size() + chunk->size() > limit)
      return Invalid("the file is larger than any of its kind may be");
    out.insert(out.end(), chunk->begin(), chunk->end());
  }
}

}  // namespace entente::admin
