#pragma once
// The other side's half: one record per step between two nodes, kept by both,
// compared day by day through a trie of hashes. Only what differs is opened.
// Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::ledger {

enum class Step : std::uint8_t {
  kTagSet,
  kScreen,
  kDisclose,
  kOutcome,
  kRecall,
  kOnward,
  kLast = kOnward
};
std::string_view StepName(Step step);

// The key of a record. `id`: batch, hit or tag set; `chunk`: 0 without chunks.
Hash ExchangeKey(Step step, const Id16& id, std::uint32_t chunk);

struct ExchangeRecord {
  Hash agreement{};
  Step step = Step::kScreen;
  Hash key{};
  Hash first_leaf{};     // of the side that moved first
  Hash second_leaf{};    // of the other
  Hash first_message{};  // SHA-256 of the signed bytes
  std::optional<Hash> answer;
  std::string Text() const;
  Hash Digest() const;
};
// INVALID_ARGUMENT: malformed.
absl::StatusOr<ExchangeRecord> ParseExchangeRecord(std::string_view text);

// The records of one agreement and one UTC day: key -> digest of the record.
using DaySet = std::map<Hash, Hash>;
// The bytes of a `.set` file: 64 bytes a record, sorted by key.
Bytes DaySetBytes(const DaySet& set);
// INVALID_ARGUMENT: not a multiple of 64, not rising.
absl::StatusOr<DaySet> ParseDaySet(ByteView bytes);

// One node of the trie over key nibbles, high nibble first.
struct TrieNode {
  std::uint64_t count = 0;
  Hash digest{};
  std::vector<Hash> children;                   // 16, when count is above 1
  std::optional<std::pair<Hash, Hash>> record;  // when count is 1
};
// `nibbles`: one nibble a byte, at most 64. INVALID_ARGUMENT: malformed.
absl::StatusOr<TrieNode> TrieNodeAt(const DaySet& set, ByteView nibbles);
Hash DayRoot(const DaySet& set);

// Two whole sets compared, as `entente audit reconcile` does off line.
struct Difference {
  enum class Kind : std::uint8_t { kMissingHere, kMissingThere, kDiffers };
  Kind kind = Kind::kDiffers;
  Hash key{};
  bool operator==(const Difference&) const = default;
};
std::vector<Difference> Compare(const DaySet& here, const DaySet& there);

// The text of the day note that both logs sign. `day`: `2027-01-01`.
std::string DayNoteText(const Hash& agreement, std::string_view day,
                        const DaySet& set);

// `answers` of screen.result: the root over, per chunk in order, the holder's
// leaf hash || SHA-256 of its signed answer; nullopt: never answered.
struct ChunkAnswer {
  Hash leaf{};
  Hash answer{};
};
Hash AnswersRoot(std::span<const std::optional<ChunkAnswer>> chunks);

}  // namespace entente::ledger
