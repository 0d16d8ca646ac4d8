#pragma once
// The exchange records of this side, by agreement, peer and UTC day, and how
// each day compared (audit.md 8). Records are kept 35 days after their day,
// results 400.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/ledger/exchange_record.h"
#include "node/model/statements.h"
#include "node/store/store.h"

namespace entente::exchange {

// Of one pair: a side knows its own exchanges only.
struct DayOfPair {
  Hash agreement{};
  std::string peer;
  std::int64_t day = 0;  // since 1970-01-01
};
std::int64_t DayAt(std::int64_t seconds);
std::string DayText(std::int64_t day);  // `2027-01-01`
// INVALID_ARGUMENT: another spelling.
absl::StatusOr<std::int64_t> ParseDay(std::string_view text);

// Keeps the record of a step with `peer`, whose first message was signed at
// `signed_at`. The same step again replaces what was kept of it: a message that
// is sent again is signed again.
absl::Status KeepRecord(store::Writer& writer, std::string_view peer,
                        std::int64_t signed_at,
                        const ledger::ExchangeRecord& record);
// `first` and `answer` as they crossed, with the leaves that they hold.
ledger::ExchangeRecord RecordOf(const Hash& agreement, ledger::Step step,
                                const Id16& id, std::uint32_t chunk,
                                const Hash& first_leaf, const Hash& second_leaf,
                                ByteView first, ByteView answer);

absl::StatusOr<ledger::DaySet> ReadDay(store::Reader& reader,
                                       const DayOfPair& day);
absl::StatusOr<std::optional<ledger::ExchangeRecord>> FindRecord(
    store::Reader& reader, const DayOfPair& day, const Hash& key);

// How a day compared, the last time.
struct DayResult {
  Hash agreement{};
  std::string peer;
  std::int64_t day = 0;
  std::uint8_t stage = 0;  // of 1, 8 and 31 days: the latest that is done
  std::string result;      // `equal`, `differs`
  Hash mine{};
  Hash theirs{};
  std::uint64_t differences = 0;
  std::uint64_t unproved = 0;  // entries that the peer signed for, and lacks
  std::string note;            // equal: the note with both logs' lines
  std::int64_t time = 0;
  template <class A>
  void Fields(A& f) {
    f(agreement, peer, day, stage, result, mine, theirs, differences, unproved,
      note, time);
  }
};
absl::Status KeepResult(store::Writer& writer, const DayResult& result);
absl::StatusOr<std::optional<DayResult>> FindResult(store::Reader& reader,
                                                    const DayOfPair& day);
// Days that differ still.
absl::StatusOr<std::vector<DayResult>> DaysThatDiffer(store::Reader& reader);

}  // namespace entente::exchange
