#pragma once
// Two day sets on two machines compared through their tries: only what differs
// is asked for, and every answer must lead to the root that the other side
// signed. Pure: the caller brings the network.
// Source: docs/protocol/audit-log.md, 8; design: audit.md, 8. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ledger/exchange_record.h"

namespace entente::ledger {

// What the note of a day says.
struct DayNote {
  Hash agreement{};
  std::string day;  // `2027-01-01`
  std::uint64_t count = 0;
  Hash root{};
};
// INVALID_ARGUMENT: not in its one spelling.
absl::StatusOr<DayNote> ParseDayNote(std::string_view text);

// A part of a trie as it crosses. Up to this many records go themselves, since
// they are shorter than what would be asked next.
inline constexpr std::uint64_t kFewRecords = 16;
struct DayNode {
  std::uint64_t count = 0;
  Hash digest{};
  std::vector<Hash> children;  // 16, when count is above kFewRecords
  std::vector<std::pair<Hash, Hash>> records;  // else: key, digest; rising
};
// `nibbles` as TrieNodeAt.
absl::StatusOr<DayNode> DayNodeAt(const DaySet& set, ByteView nibbles);
// OK when `node` stands at `nibbles` of a trie and has the digest `expected`.
// DATA_LOSS: it does not.
absl::Status CheckDayNode(const DayNode& node, ByteView nibbles,
                          const Hash& expected);

using AskDayNode = std::function<absl::StatusOr<DayNode>(ByteView nibbles)>;
struct DayWalk {
  std::vector<Difference> differences;  // by key
  std::uint64_t asked = 0;              // nodes
  bool more = false;                    // it ended at `most`
};
// Where `here` and the set behind `root` differ, at most `most` places. Errors
// are those of `ask`; DATA_LOSS: an answer does not lead to `root`.
absl::StatusOr<DayWalk> WalkDay(const DaySet& here, const Hash& root,
                                const AskDayNode& ask, std::size_t most);

}  // namespace entente::ledger
