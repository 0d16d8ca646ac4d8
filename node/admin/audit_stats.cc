// How fast the log grows, and on which day the disk is full.

#include <sys/stat.h>

#include <algorithm>

#include "crypto/base/status.h"
#include "node/admin/audit_filter.h"
#include "node/admin/handlers.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/exchange/acts.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kLookBack = 7;    // days
constexpr std::int64_t kShortest = 60;   // seconds of history
constexpr std::uint64_t kSampled = 512;  // entries

// What a row of the store takes beside its value: key, cell, its share of pages
// that are not full, and for a body its due date. Measured: 9,000 rows of the
// index took 44 bytes each, 39,000 bodies of 610 bytes took 726.
constexpr std::uint64_t kRow = 48;
constexpr std::uint64_t kBodyRow = 116;
constexpr std::uint64_t kIndexRows = 3;  // type, actor, batch or hit
// A record whose plaintext has the least size (audit-log.md, 4.3): wrap 65,
// head 17, 512 and its tag 16.
constexpr std::uint64_t kRecord = 65 + 17 + 512 + 16;

struct Growth {
  std::uint64_t entries = 0;    // in `seconds`
  std::int64_t seconds = 0;     // looked at
  std::uint64_t per_entry = 0;  // bytes on the disk, mean
};

// Files of the published folder, over the entries that they hold.
absl::StatusOr<std::uint64_t> FolderBytes(const std::string& folder) {
  TRY(const std::vector<std::string> files, base::ListFiles(folder));
  std::uint64_t out = 0;
  for (const std::string& name : files) {
    struct stat info{};
    // A partial file may be exchanged meanwhile.
    if (::stat((folder + "/" + name).c_str(), &info) == 0)
      out += static_cast<std::uint64_t>(info.st_size);
  }
  return out;
}

// The mean row of the store over entries spread from `first` to the end.
absl::StatusOr<std::uint64_t> RowBytes(audit::AuditLog& log,
                                       std::uint64_t first, std::uint64_t end) {
  const std::uint64_t step =
      std::max<std::uint64_t>(1, (end - first) / kSampled);
  std::uint64_t bytes = 0;
  std::uint64_t n = 0;
  for (std::uint64_t index = first; index < end; index += step, ++n) {
    TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
    bytes += entries.front().leaf.size() + kRow;
    if (leaf.type->name != "pad") bytes += kIndexRows * kRow;
    if (leaf.commit) bytes += kRecord + kBodyRow;
  }
  return n == 0 ? 0 : bytes / n;
}

absl::StatusOr<Growth> GrowthOf(exchange::Desk& desk,
                                const std::string& origin) {
  audit::AuditLog& log = desk.log;
  const std::uint64_t size = log.SignedHead().size;
  const std::uint64_t published = log.PublishedHead().size;
  const std::int64_t now = desk.clock.NowSeconds();
  Growth out;
  TRY(const std::uint64_t first,
      FirstSince(log, (now - kLookBack * kDay) * kMicros));
  out.entries = size - std::min(first, size);
  if (out.entries == 0) return out;
  TRY(const std::vector<audit::Entry> entries, log.Read(first, 1));
  if (entries.empty()) return ProofFailed("an entry of the log is missing");
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
  // A log that is younger than the days looked at.
  out.seconds = first == 0 ? now - leaf.time / kMicros : kLookBack * kDay;
  TRY(out.per_entry, RowBytes(log, first, size));
  const std::string volume = origin.substr(origin.rfind('/') + 1);
  if (published > 0) {
    TRY(const std::uint64_t folder,
        FolderBytes(desk.data_dir + "/audit/" + volume));
    out.per_entry += folder / published;
  }
  return out;
}

}  // namespace

absl::StatusOr<Reply> AuditStats(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  const audit::Counts counts = desk.log.counts();
  TRY(const Growth growth, GrowthOf(desk, context.facts.log_origin));
  TRY(const std::uint64_t free, base::FreeBytes(desk.data_dir));
  const std::uint64_t floor = context.facts.disk_floor;
  const std::uint64_t left = free - std::min(free, floor);
  Reply reply;
  reply.json = {{"entries", counts.size},
                {"published", counts.published},
                {"bytes_an_entry", growth.per_entry},
                {"disk_free", free},
                {"disk_floor", floor}};
  reply.text = std::to_string(counts.size) + " entries, " +
               std::to_string(growth.per_entry) + " bytes each on the disk\n";
  if (growth.seconds < kShortest || growth.per_entry == 0) {
    reply.text += "too young to say how fast it grows\n";
    return reply;
  }
  const auto seconds = static_cast<std::uint64_t>(growth.seconds);
  const std::uint64_t entries = growth.entries * kDay / seconds;
  const std::uint64_t bytes = entries * growth.per_entry;
  reply.json["entries_a_day"] = entries;
  reply.json["bytes_a_day"] = bytes;
  reply.text += std::to_string(entries) + " entries and " +
                std::to_string(bytes) + " bytes a day\n";
  if (bytes == 0) return reply;
  const std::uint64_t days = left / bytes;
  // Behind that no disk and no node is the same.
  constexpr std::uint64_t kFarthest = 36'500;
  if (days > kFarthest) {
    reply.text += "the disk is not full in a hundred years\n";
    return reply;
  }
  const std::string day = base::FormatDate(
      desk.clock.NowSeconds() + static_cast<std::int64_t>(days) * kDay);
  reply.json["days_left"] = days;
  reply.json["full_on"] = day;
  reply.text += "at that pace the log stops for want of space on " + day +
                ", in " + std::to_string(days) + " days\n";
  return reply;
}

}  // namespace entente::admin
