#pragma once
// The leaf: the bytes that the tree hashes. Canonical JSON (RFC 8785) on a
// closed subset, at most 4,096 bytes, keys in this order:
//   actor commit data id keep time type v
// Codes, counts and hashes only; no identifier of a person, bare or hashed.
// Thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ledger/catalogue.h"

namespace entente::ledger {

inline constexpr std::size_t kMaxLeafSize = 4096;

using Value = std::variant<std::string, std::int64_t>;
struct DataField {
  std::string_view key;  // from the catalogue, lives for ever
  Value value;
  bool operator==(const DataField&) const = default;
};

struct Leaf {
  const EventType* type = nullptr;
  std::optional<Id16> actor;    // pseudonym; none: the node itself
  std::optional<Hash> commit;   // present when the type has sealed fields
  std::vector<DataField> data;  // exactly the keys of the type, sorted
  Id16 id{};
  std::int64_t time = 0;  // microseconds since 1970 UTC

  // The value of a data key; "" or 0 when the type has no such key.
  std::string_view Text(std::string_view key) const;
  std::int64_t Number(std::string_view key) const;
};

// Grammar and catalogue. INVALID_ARGUMENT: another spelling than EmitLeaf's,
// an unknown type or key, a value of the wrong kind, a missing or superfluous
// commitment, another retention class than the type's.
absl::StatusOr<Leaf> ParseLeaf(ByteView bytes);
// INVALID_ARGUMENT: the leaf breaks a rule of ParseLeaf.
absl::StatusOr<Bytes> EmitLeaf(const Leaf& leaf);

}  // namespace entente::ledger
