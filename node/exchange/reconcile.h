#pragma once
// Both halves of each exchange compared, day by day (audit.md 8): notes first,
// then only the part of the trie that differs, then a proof from the side that
// signed for an entry which its day does not hold.
// docs/protocol/reconcile.md says what crosses.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/exchange/day_book.h"
#include "node/exchange/desk.h"
#include "node/ledger/day_walk.h"

namespace entente::exchange {

// A step that the two sides do not hold alike.
struct DayDifference {
  ledger::Difference::Kind kind = ledger::Difference::Kind::kDiffers;
  Hash key{};
  std::string step;   // of the own record; empty: none
  bool lied = false;  // the peer signed for an entry that its log lacks
  std::string note;   // what was found, in words without a person
};
std::string_view KindName(ledger::Difference::Kind kind);

struct DayComparison {
  DayResult result;
  std::uint64_t records = 0;  // own
  std::uint64_t messages = 0;
  bool more = false;  // further differences were not counted
  std::vector<DayDifference> differences;
};

inline constexpr std::size_t kMostDifferences = 100;

// Compares the day with the peer and logs what came out: `reconcile.day`, and
// `reconcile.differ` for each difference.
//   INVALID_ARGUMENT        the day has not begun
//   DATA_LOSS `day-misfit`  the peer's answers do not lead to what it signed
//   others                  the peer could not be asked, or refused
absl::StatusOr<DayComparison> CompareDay(Desk& desk,
                                         const policy::Compiled& agreement,
                                         std::string_view peer,
                                         std::int64_t day, std::uint8_t stage);

// What is due on day +1, +8 and +31, with every peer of every agreement. Each
// fails alone and is due again; returns the first failure.
absl::Status CompareDueDays(Desk& desk);

absl::StatusOr<model::SignedStatement> AnswerReconcileDay(
    Desk& desk, std::string_view from, const model::SignedStatement& in);
absl::StatusOr<model::SignedStatement> AnswerReconcileNode(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// The note of a day, signed by the own log: text, empty line, one line.
absl::StatusOr<std::string> SignDayNote(Desk& desk, std::string_view text);
// Its text, when `peer`'s log signed it. UNAUTHENTICATED, DATA_LOSS: it did
// not. INVALID_ARGUMENT: of another agreement or day.
absl::StatusOr<ledger::DayNote> OpenDayNote(Desk& desk, std::string_view peer,
                                            std::string_view note,
                                            const DayOfPair& day);

}  // namespace entente::exchange
