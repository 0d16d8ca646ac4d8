#pragma once
// The closed catalogue of events: what can be logged at all, which data each
// type carries in the clear, which fields are sealed, how long the body is
// kept. docs/reference/audit-events.md is this table for people.
// Immutable, thread-safe.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::ledger {

// What a data key holds; a key has one kind everywhere. Other than integers,
// each may be `-` for "none".
enum class KeyKind : char {
  kHash = 'h',     // 64 lower-case hex digits
  kId = 'x',       // 32 lower-case hex digits
  kInteger = 'n',  // 0 to 2^53-1, 0 for "none"
  kCode = 'c',     // [A-Za-z0-9][A-Za-z0-9._:+-]{0,63}
  kText = 's'      // up to 512 bytes of 20-7E without `"` and `\`
};

// How long body and leaf are kept after the volume's end.
enum class Keep : std::uint8_t {
  kPad,       // no body
  kOps,       // 400 days
  kAccess,    // 1,096 days
  kExchange,  // 1,827 days, or the longest `log_years` of an agreement
  kLaw,       // 3,653 days
};
std::string_view KeepName(Keep keep);  // pad, ops, access, exch, law

// When the entry is written.
enum class Rule : char {
  kBefore = 'B',       // durable before the act; gives the Receipt
  kTransaction = 'T',  // in the transaction of the state change
  kNoted = 'N',        // within a second
  kSafe = 'S'          // the act, in the safe direction, comes first
};

struct EventType {
  std::string_view name;
  std::string_view data;    // keys, sorted, separated by spaces
  std::string_view sealed;  // field names in their order, at most 14
  Keep keep = Keep::kLaw;
  Rule rule = Rule::kTransaction;
};

// All types, in the order of the reference page.
std::span<const EventType> Catalogue();
// nullptr: there is no such type. The pointer lives for ever.
const EventType* FindEventType(std::string_view name);
// The words of EventType::data and ::sealed.
std::vector<std::string_view> Words(std::string_view list);

std::optional<KeyKind> KindOf(std::string_view key);
// Whether `value` is one that a string kind takes, `-` included.
bool IsValue(KeyKind kind, std::string_view value);
inline constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53U) - 1;

// The catalogue as canonical JSON, and its SHA-256, which `log.genesis` names.
std::string CatalogueJson();
const Hash& CatalogueHash();

}  // namespace entente::ledger
