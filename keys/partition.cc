#include "keys/partition.h"

#include <algorithm>

#include "crypto/base/status.h"

namespace entente::keys {
namespace {

enum class Dots { kAllowed, kRefused };

bool IsWord(std::string_view text, Dots dots) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || (c == '.' && dots == Dots::kAllowed);
         });
}

}  // namespace

absl::Status CheckPartition(const Partition& partition) {
  if (!IsWord(partition.dataset, Dots::kRefused) ||
      !IsWord(partition.part, Dots::kAllowed)) {
    return Invalid("not a name of a partition");
  }
  return absl::OkStatus();
}

KeyLabel LabelOf(const Partition& partition) {
  KeyLabel label;
  label.purpose = kPartitionWord;
  label.name = Join({partition.dataset, "/", partition.part});
  return label;
}

absl::StatusOr<Partition> PartitionOf(const KeyLabel& label) {
  const std::string_view name = label.name;
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    Partition partition{std::string(name.substr(0, slash)),
                        std::string(name.substr(slash + 1))};
    if (CheckPartition(partition).ok()) return partition;
  }
  return ProofFailed("a key file is of a partition that does not exist");
}

}  // namespace entente::keys
