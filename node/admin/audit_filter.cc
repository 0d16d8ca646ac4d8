#include "node/admin/audit_filter.h"

#include <algorithm>
#include <limits>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/base/time.h"

namespace entente::admin {
namespace {

using audit::AuditLog;

constexpr std::uint64_t kMostShown = 1000;
constexpr std::size_t kPage = 256;
// Leaves that one call looks at before it gives what it has.
constexpr std::uint64_t kMostRead = 50'000;
constexpr std::int64_t kMicros = 1'000'000;

absl::Status CheckHex(const std::string& value, std::string_view name,
                      std::size_t bytes) {
  if (value.empty()) return absl::OkStatus();
  const absl::StatusOr<Bytes> raw = FromHex(value);
  if (raw.ok() && raw->size() == bytes) return absl::OkStatus();
  return Invalid("--", name, " is ", std::to_string(2 * bytes), " hex digits");
}

// A day, or a day and a time.
absl::StatusOr<std::int64_t> MicrosOf(const std::string& text,
                                      std::string_view name) {
  if (text.empty()) return 0;
  const std::string full = text.size() == 10 ? text + "T00:00:00Z" : text;
  const absl::StatusOr<std::int64_t> seconds = base::ParseTime(full);
  if (seconds.ok()) return *seconds * kMicros;
  return Invalid("--", name,
                 " is a day such as 2027-01-31, or 2027-01-31T10:20:30Z");
}

// The entry, or the next one that is there when it was pruned.
absl::StatusOr<LogRow> RowAt(AuditLog& log, std::uint64_t index) {
  TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
  if (entries.empty()) return ProofFailed("an entry of the log is missing");
  LogRow row{entries[0].index,
             Json::parse(AsText(entries[0].leaf), nullptr, false)};
  if (row.leaf.is_discarded())
    return ProofFailed("a leaf of the log is damaged");
  return row;
}

struct Term {
  AuditLog::Key key;
  std::string value;
};

// The rows of the index that lead to the fewest entries; none: all leaves.
std::vector<Term> TermsOf(const LogFilter& filter, const std::string& actor) {
  using Key = AuditLog::Key;
  std::vector<Term> out;
  for (const std::string& tag : filter.tags)
    out.push_back({Key::kSubject, tag});
  for (const std::string& hit : filter.hits) out.push_back({Key::kHit, hit});
  if (!out.empty()) return out;
  if (!filter.hit.empty()) return {{Key::kHit, filter.hit}};
  if (!filter.batch.empty()) return {{Key::kBatch, filter.batch}};
  if (!filter.exchange.empty())
    return {{Key::kHit, filter.exchange}, {Key::kBatch, filter.exchange}};
  if (!actor.empty()) return {{Key::kActor, actor}};
  if (!filter.type.empty()) return {{Key::kType, filter.type}};
  return {};
}

// Indexes from `at` on, rising, of entries that one of the terms leads to.
absl::StatusOr<std::vector<std::uint64_t>> NextIndexes(
    AuditLog& log, const std::vector<Term>& terms, std::uint64_t at) {
  std::vector<std::uint64_t> out;
  // Behind the last of a list that was cut, others may be missing.
  std::uint64_t sure = std::numeric_limits<std::uint64_t>::max();
  for (const Term& term : terms) {
    TRY(const std::vector<std::uint64_t> found,
        log.Find(term.key, term.value, at, kPage));
    if (found.size() == kPage) sure = std::min(sure, found.back());
    out.insert(out.end(), found.begin(), found.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  out.erase(std::upper_bound(out.begin(), out.end(), sure), out.end());
  return out;
}

bool Matches(const LogFilter& filter, const std::string& actor,
             const Json& leaf) {
  const auto same = [](const std::string& want, const Json& at,
                       const char* key) {
    return want.empty() || at.value(key, "") == want;
  };
  static const Json kNone = Json::object();
  const Json& data = leaf.contains("data") ? leaf["data"] : kNone;
  const auto text = [&data](const char* key) {
    const auto found = data.find(key);
    return found != data.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
  };
  const auto is = [&](const std::string& want, const char* key) {
    return want.empty() || text(key) == want;
  };
  return same(filter.type, leaf, "type") && same(actor, leaf, "actor") &&
         is(filter.batch, "batch") && is(filter.hit, "hit") &&
         is(filter.peer, "peer") && is(filter.agreement, "agr") &&
         (filter.exchange.empty() || text("batch") == filter.exchange ||
          text("hit") == filter.exchange);
}

}  // namespace

// By halves: `time` never falls.
absl::StatusOr<std::uint64_t> FirstSince(AuditLog& log, std::int64_t micros) {
  std::uint64_t low = 0;
  std::uint64_t high = log.SignedHead().size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY(const LogRow row, RowAt(log, middle));
    if (row.leaf.value("time", std::int64_t{0}) < micros) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::string LogFilter::Names() const {
  std::string out;
  const auto add = [&out](bool is, std::string_view name) {
    if (!is) return;
    if (!out.empty()) out += '+';
    out += name;
  };
  add(!tags.empty(), "subject");
  add(!type.empty(), "type");
  add(!batch.empty(), "batch");
  add(!hit.empty(), "hit");
  add(!exchange.empty(), "exchange");
  add(!user.empty(), "actor");
  add(!peer.empty(), "peer");
  add(!agreement.empty(), "agreement");
  add(since != 0 || until != 0, "time");
  return out;
}

absl::StatusOr<LogFilter> FilterOf(Arguments& args) {
  LogFilter out;
  out.type = args.Get("type");
  out.batch = args.Get("batch");
  out.hit = args.Get("hit");
  out.exchange = args.Get("exchange");
  out.user = args.Get("actor");
  out.peer = args.Get("peer");
  out.agreement = args.Get("agreement");
  TRY_OK(CheckHex(out.batch, "batch", sizeof(Id16)));
  TRY_OK(CheckHex(out.hit, "hit", sizeof(Id16)));
  TRY_OK(CheckHex(out.exchange, "exchange", sizeof(Id16)));
  TRY_OK(CheckHex(out.agreement, "agreement", sizeof(Hash)));
  if (!out.type.empty() && ledger::FindEventType(out.type) == nullptr) {
    return WithNext(Invalid("the catalogue has no event of that type"),
                    "`entente audit catalogue`");
  }
  TRY(out.since, MicrosOf(args.Get("since"), "since"));
  TRY(out.until, MicrosOf(args.Get("until"), "until"));
  TRY(out.from, args.Number("from", 0));
  TRY(const std::uint64_t limit, args.Number("limit", 50));
  if (limit == 0) return Invalid("--limit is at least 1");
  out.limit = static_cast<std::size_t>(std::min(limit, kMostShown));
  return out;
}

absl::StatusOr<LogPage> FindEntries(exchange::Desk& desk,
                                    const LogFilter& filter) {
  AuditLog& log = desk.log;
  std::string actor;
  if (!filter.user.empty()) {
    TRY(const Hash mac,
        desk.keys.Mac(keys::Purpose::kActor, AsBytes(filter.user)));
    actor = ToHex(ByteView(mac).first(sizeof(Id16)));
  }
  const std::vector<Term> terms = TermsOf(filter, actor);
  std::uint64_t at = filter.from;
  if (filter.since != 0) {
    TRY(const std::uint64_t first, FirstSince(log, filter.since));
    at = std::max(at, first);
  }
  std::uint64_t end = log.SignedHead().size;
  if (filter.until != 0) {
    TRY(end, FirstSince(log, filter.until));
  }
  LogPage page;
  std::uint64_t read = 0;
  const auto take = [&](std::uint64_t index) -> absl::StatusOr<bool> {
    TRY(LogRow row, RowAt(log, index));
    ++read;
    at = index + 1;
    if (Matches(filter, actor, row.leaf)) page.rows.push_back(std::move(row));
    return page.rows.size() < filter.limit && read < kMostRead;
  };
  bool more = true;
  while (more && at < end) {
    if (terms.empty()) {
      TRY(more, take(at));
      continue;
    }
    TRY(const std::vector<std::uint64_t> found, NextIndexes(log, terms, at));
    if (found.empty() || found.front() >= end) at = end;
    for (const std::uint64_t index : found) {
      if (index >= end || !more) break;
      TRY(more, take(index));
    }
  }
  if (at < end) page.next = at;
  page.seen = std::max(at, filter.from);
  return page;
}

std::string RowText(const LogRow& row) {
  const std::int64_t micros = row.leaf.value("time", std::int64_t{0});
  return std::to_string(row.index) + "  " + base::FormatTime(micros / kMicros) +
         "  " + row.leaf.value("type", "") + "  " +
         (row.leaf.contains("data") ? row.leaf["data"].dump() : "") + "\n";
}

void AddRow(const LogRow& row, Reply& reply) {
  reply.json["entries"].push_back({{"index", row.index}, {"leaf", row.leaf}});
  reply.text += RowText(row);
}

void AddNext(const LogPage& page, Reply& reply) {
  if (!page.next) return;
  reply.json["next"] = *page.next;
  reply.text += "there is more: --from " + std::to_string(*page.next) + "\n";
}

}  // namespace entente::admin
