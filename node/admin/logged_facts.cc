#include "node/admin/logged_facts.h"

#include <algorithm>

#include "crypto/base/status.h"

namespace entente::admin {
namespace {

constexpr std::size_t kPage = 1000;
absl::StatusOr<std::int64_t> TimeOf(audit::AuditLog& log, std::uint64_t index) {
  TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
  if (entries.empty()) return NotFound("no such entry");
  TRY(const Json leaf, LeafOf(entries[0]));
  return leaf.value("time", std::int64_t{0}) / 1'000'000;
}

// The first entry that is not older than `since`. Times of a log never fall.
absl::StatusOr<std::uint64_t> FirstSince(audit::AuditLog& log,
                                         std::int64_t since) {
  std::uint64_t low = 0;
  std::uint64_t high = log.SignedHead().size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY(const std::int64_t time, TimeOf(log, middle));
    (time < since ? low : high) = time < since ? middle + 1 : middle;
  }
  return low;
}

}  // namespace

absl::StatusOr<Json> LeafOf(const audit::Entry& entry) {
  Json leaf = Json::parse(AsText(entry.leaf), nullptr, false);
  if (leaf.is_discarded()) return ProofFailed("a leaf of the log is damaged");
  return leaf;
}

absl::StatusOr<std::vector<std::uint64_t>> ActsSince(
    audit::AuditLog& log, std::int64_t since,
    std::span<const std::string_view> types) {
  TRY(const std::uint64_t first, FirstSince(log, since));
  std::vector<std::uint64_t> out;
  for (const std::string_view type : types) {
    std::uint64_t from = first;
    while (true) {
      TRY(const std::vector<std::uint64_t> page,
          log.Find(audit::AuditLog::Key::kType, type, from, kPage));
      out.insert(out.end(), page.begin(), page.end());
      if (page.size() < kPage) break;
      from = page.back() + 1;
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<policy::Facts> FactsIn(audit::AuditLog& log, std::uint64_t index,
                                     const audit::Receipt& opened) {
  const auto slots = log.OpenBody(index, opened);
  if (!slots.ok()) return std::nullopt;
  for (const ledger::Slot& slot : *slots) {
    if (slot.name != "facts" || slot.value.empty()) continue;
    const absl::StatusOr<Bytes> raw = FromHex(slot.value);
    if (!raw.ok()) return std::nullopt;
    const auto facts = policy::DecodeFacts(*raw);
    if (facts.ok()) return *facts;
  }
  return std::nullopt;
}

}  // namespace entente::admin
