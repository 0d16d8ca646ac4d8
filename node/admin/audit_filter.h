#pragma once
// Which entries of the log a person asks for, and pages of them. Private to the
// room; `audit show`, `audit follow` and `audit search` read through it.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/admin/request.h"
#include "node/exchange/desk.h"

namespace entente::admin {

// What an entry must be. Empty and 0: anything.
struct LogFilter {
  std::string type;
  std::string batch;     // 32 hex digits
  std::string hit;       // 32 hex digits
  std::string exchange;  // 32 hex digits of either
  std::string user;      // who acted
  std::string peer;
  std::string agreement;               // 64 hex digits
  std::int64_t since = 0;              // microseconds, included
  std::int64_t until = 0;              // microseconds, not included
  std::uint64_t from = 0;              // first index
  std::size_t limit = 50;              // entries
  std::vector<std::string> tags = {};  // of a subject, hex: one is enough
  std::vector<std::string> hits = {};  // or one of these hits

  // The names of what was asked for, such as `type+since`, for the log; without
  // any value.
  std::string Names() const;
};

// Reads `type`, `batch`, `hit`, `exchange`, `actor`, `peer`, `agreement`,
// `since`, `until`, `from` and `limit`.
//   INVALID_ARGUMENT   one of them cannot be meant
absl::StatusOr<LogFilter> FilterOf(Arguments& args);

struct LogRow {
  std::uint64_t index = 0;
  Json leaf;
};
struct LogPage {
  std::vector<LogRow> rows;  // rising
  // Where to go on; nullopt: there is no more for now. A page can be short, or
  // empty, and there still be more: one call reads a bounded part of the log.
  std::optional<std::uint64_t> next;
  std::uint64_t seen = 0;  // every entry below it was looked at
};

// The entries of `filter` from `filter.from` on, by key: nothing is counted
// through. What the index does not hold is read leaf by leaf.
absl::StatusOr<LogPage> FindEntries(exchange::Desk& desk,
                                    const LogFilter& filter);

// Index of the first entry at or after `micros`; the size when there is none.
absl::StatusOr<std::uint64_t> FirstSince(audit::AuditLog& log,
                                         std::int64_t micros);

// One line for people.
std::string RowText(const LogRow& row);
void AddRow(const LogRow& row, Reply& reply);
// `next` of the page, for programs and as a hint for people.
void AddNext(const LogPage& page, Reply& reply);

}  // namespace entente::admin
