#include "node/exchange/day_book.h"

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/base/time.h"
#include "node/exchange/key.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

using store::Table;

constexpr std::int64_t kKeepRecordDays = 35;
constexpr std::int64_t kKeepResultDays = 400;

RecordKey Prefix(std::string_view letter, const DayOfPair& day) {
  RecordKey key;
  key.Raw(AsBytes(letter))
      .Raw(day.agreement)
      .Text(day.peer)
      .Number(static_cast<std::uint64_t>(day.day));
  return key;
}
Bytes RowOf(const DayOfPair& day, const Hash& key) {
  return Prefix("r", day).Raw(key).bytes();
}
// Where the record of a step lies: its day changes when it is signed again
// after midnight.
Bytes PlaceOf(std::string_view peer, const Hash& key) {
  return RecordKey().Raw(AsBytes("k")).Text(peer).Raw(key).bytes();
}
Bytes ResultRow(const DayOfPair& day) { return Prefix("d", day).bytes(); }

std::int64_t DueOf(std::int64_t day, std::int64_t days) {
  return (day + 1 + days) * base::kSecondsPerDay;
}

}  // namespace

std::int64_t DayAt(std::int64_t seconds) {
  return base::FloorDiv(seconds, base::kSecondsPerDay);
}
std::string DayText(std::int64_t day) {
  return base::FormatDate(day * base::kSecondsPerDay);
}
absl::StatusOr<std::int64_t> ParseDay(std::string_view text) {
  TRY(const std::int64_t seconds, base::ParseDate(text));
  return DayAt(seconds);
}

ledger::ExchangeRecord RecordOf(const Hash& agreement, ledger::Step step,
                                const Id16& id, std::uint32_t chunk,
                                const Hash& first_leaf, const Hash& second_leaf,
                                ByteView first, ByteView answer) {
  ledger::ExchangeRecord record;
  record.agreement = agreement;
  record.step = step;
  record.key = ledger::ExchangeKey(step, id, chunk);
  record.first_leaf = first_leaf;
  record.second_leaf = second_leaf;
  record.first_message = primitive::Sha256(first);
  record.answer = primitive::Sha256(answer);
  return record;
}

absl::Status KeepRecord(store::Writer& writer, std::string_view peer,
                        std::int64_t signed_at,
                        const ledger::ExchangeRecord& record) {
  const DayOfPair day{record.agreement, std::string(peer), DayAt(signed_at)};
  const Bytes row = RowOf(day, record.key);
  const Bytes place = PlaceOf(peer, record.key);
  TRY(const std::optional<Bytes> before,
      writer.Get(Table::kAuditExchange, place));
  if (before && *before != row)
    TRY_OK(writer.Delete(Table::kAuditExchange, *before));
  const std::int64_t due = DueOf(day.day, kKeepRecordDays);
  TRY_OK(writer.Put(Table::kAuditExchange, place, row, due));
  return writer.Put(Table::kAuditExchange, row, AsBytes(record.Text()), due);
}

absl::StatusOr<ledger::DaySet> ReadDay(store::Reader& reader,
                                       const DayOfPair& day) {
  const Bytes prefix = Prefix("r", day).bytes();
  ledger::DaySet out;
  Bytes after;
  while (true) {
    TRY(const std::vector<store::Row> rows,
        reader.Scan(Table::kAuditExchange, prefix, after, 1024));
    if (rows.empty()) return out;
    for (const store::Row& row : rows) {
      TRY(const Hash key, ToArray<32>(ByteView(row.key).last(32)));
      out.emplace_hint(out.end(), key, primitive::Sha256(row.value));
    }
    after = rows.back().key;
  }
}

absl::StatusOr<std::optional<ledger::ExchangeRecord>> FindRecord(
    store::Reader& reader, const DayOfPair& day, const Hash& key) {
  TRY(const std::optional<Bytes> text,
      reader.Get(Table::kAuditExchange, RowOf(day, key)));
  if (!text) return std::optional<ledger::ExchangeRecord>();
  TRY(ledger::ExchangeRecord record,
      ledger::ParseExchangeRecord(AsText(*text)));
  return std::optional<ledger::ExchangeRecord>(std::move(record));
}

absl::Status KeepResult(store::Writer& writer, const DayResult& result) {
  return store::PutRecord(
      writer, Table::kAuditExchange,
      ResultRow({result.agreement, result.peer, result.day}), result,
      DueOf(result.day, kKeepResultDays));
}

absl::StatusOr<std::optional<DayResult>> FindResult(store::Reader& reader,
                                                    const DayOfPair& day) {
  return store::GetRecord<DayResult>(reader, Table::kAuditExchange,
                                     ResultRow(day));
}

absl::StatusOr<std::vector<DayResult>> DaysThatDiffer(store::Reader& reader) {
  std::vector<DayResult> out;
  TRY_OK(store::EachRecord<DayResult>(reader, Table::kAuditExchange,
                                      AsBytes("d"),
                                      [&out](Bytes&&, DayResult&& result) {
                                        if (result.result != "equal")
                                          out.push_back(std::move(result));
                                        return absl::OkStatus();
                                      }));
  return out;
}

}  // namespace entente::exchange
