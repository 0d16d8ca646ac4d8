#include "node/exchange/quota.h"

#include <algorithm>
#include <limits>

#include "crypto/base/status.h"
#include "node/base/time.h"
#include "node/exchange/key.h"
#include "node/store/record.h"
#include "policy/windows.h"

namespace entente::exchange {
namespace {

constexpr std::int64_t kKeepDays = 800;  // a year's counter outlives its year

enum class Window : std::uint8_t { kDay = 'd', kYear = 'y', kCase = 'c' };

Bytes CounterKey(const QuotaKey& key, Window window, std::int64_t now) {
  RecordKey out;
  out.Text(key.agreement).Text(key.clause).Text(key.holder).Text(key.asker);
  const auto letter = static_cast<std::uint8_t>(window);
  out.Raw(ByteView(&letter, 1));
  if (window == Window::kDay) out.Number(policy::DayKey(now));
  if (window == Window::kYear) out.Number(policy::YearKey(now));
  if (window == Window::kCase) out.Raw(AsBytes(key.reference));
  return out.bytes();
}

absl::StatusOr<std::uint64_t> ReadCounter(store::Reader& reader, ByteView key) {
  TRY(const std::optional<Bytes> raw, reader.Get(store::Table::kQuota, key));
  if (!raw) return std::uint64_t{0};
  if (raw->size() != 8) return ProofFailed("a stored counter is damaged");
  std::uint64_t value = 0;
  for (std::uint8_t b : *raw) value = (value << 8U) | b;
  return value;
}

absl::Status WriteCounter(store::Writer& writer, ByteView key,
                          std::uint64_t value, std::int64_t now) {
  RecordKey bytes;
  bytes.Number(value);
  return writer.Put(store::Table::kQuota, key, bytes,
                    now + kKeepDays * base::kSecondsPerDay);
}

std::uint32_t Clamp(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      value, std::numeric_limits<std::uint32_t>::max()));
}

struct Counters {
  std::uint64_t day = 0;
  std::uint64_t year = 0;
  std::uint64_t reference = 0;
};

absl::StatusOr<Counters> ReadCounters(store::Reader& reader,
                                      const QuotaKey& key, std::int64_t now) {
  Counters out;
  TRY(out.day, ReadCounter(reader, CounterKey(key, Window::kDay, now)));
  TRY(out.year, ReadCounter(reader, CounterKey(key, Window::kYear, now)));
  if (!key.reference.empty()) {
    TRY(out.reference,
        ReadCounter(reader, CounterKey(key, Window::kCase, now)));
  }
  return out;
}

const Bytes kMark = ToBytes(AsBytes("w"));

absl::Status Mark(store::Writer& writer, const QuotaKey& key, Window window,
                  std::uint64_t limit, std::uint64_t used, std::uint64_t units,
                  std::int64_t now) {
  if (!policy::QuotaWarns(used, limit) ||
      policy::QuotaWarns(used - units, limit))
    return absl::OkStatus();
  return store::PutRecord(
      writer, store::Table::kTask,
      Concat({kMark, CounterKey(key, window, now)}),
      QuotaMark{key.document, key.clause, key.holder, key.asker,
                window == Window::kYear, limit, used});
}

}  // namespace

absl::StatusOr<Usage> ReadUsage(store::Reader& reader, const QuotaKey& key,
                                std::int64_t now) {
  TRY(const Counters counters, ReadCounters(reader, key, now));
  return Usage{Clamp(counters.day), Clamp(counters.year),
               Clamp(counters.reference)};
}

absl::StatusOr<Usage> Charge(store::Writer& writer, const QuotaKey& key,
                             const QuotaLimits& limits, std::uint64_t units,
                             std::int64_t now) {
  TRY(Counters counters, ReadCounters(writer, key, now));
  counters.day += units;
  counters.year += units;
  counters.reference += units;
  const bool over =
      counters.day > limits.day || counters.year > limits.year ||
      (limits.reference != 0 && counters.reference > limits.reference);
  if (over) {
    return WithReason(
        Denied("the quota of clause `", key.clause, "` does not allow ",
               std::to_string(units), " more"),
        "C04");
  }
  TRY_OK(WriteCounter(writer, CounterKey(key, Window::kDay, now), counters.day,
                      now));
  TRY_OK(WriteCounter(writer, CounterKey(key, Window::kYear, now),
                      counters.year, now));
  TRY_OK(Mark(writer, key, Window::kDay, limits.day, counters.day, units, now));
  TRY_OK(
      Mark(writer, key, Window::kYear, limits.year, counters.year, units, now));
  if (!key.reference.empty()) {
    TRY_OK(WriteCounter(writer, CounterKey(key, Window::kCase, now),
                        counters.reference, now));
  }
  return Usage{Clamp(counters.day), Clamp(counters.year),
               Clamp(counters.reference)};
}

absl::StatusOr<std::vector<std::pair<Bytes, QuotaMark>>> QuotaMarks(
    store::Reader& reader) {
  return store::AllRecords<QuotaMark>(reader, store::Table::kTask, kMark);
}

}  // namespace entente::exchange
