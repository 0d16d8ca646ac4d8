#pragma once
// Private to this room: partitions and their labels.

#include <absl/status/statusor.h>

#include <string_view>

#include "keys/key_folder.h"
#include "keys/key_store.h"

namespace entente::keys {

inline constexpr std::string_view kPartitionWord = "partition";

// INVALID_ARGUMENT: not a name of a partition.
absl::Status CheckPartition(const Partition& partition);
// Without kid.
KeyLabel LabelOf(const Partition& partition);
// DATA_LOSS: the label of no partition.
absl::StatusOr<Partition> PartitionOf(const KeyLabel& label);

}  // namespace entente::keys
