#pragma once
// Where the entries of lists lie. An import writes a new generation of the
// list's rows; the entry's name stays, so that handles and tag sets survive a
// new import.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>

#include "node/exchange/key.h"
#include "node/model/records.h"
#include "node/store/record.h"

namespace entente::exchange {

// The row of one entry in one generation.
inline Bytes ListEntryRow(std::string_view list, std::uint32_t generation,
                          std::string_view entry_id) {
  return RecordKey()
      .Text(list)
      .Number(generation)
      .Raw(AsBytes(entry_id))
      .bytes();
}
inline Bytes ListGeneration(std::string_view list, std::uint32_t generation) {
  return RecordKey().Text(list).Number(generation).bytes();
}
// Every generation of a list.
inline Bytes ListGenerations(std::string_view list) {
  return RecordKey().Text(list).bytes();
}
// The entry's name, the same in every generation.
inline Bytes ListEntryName(std::string_view list, std::string_view entry_id) {
  return RecordKey().Text(list).Raw(AsBytes(entry_id)).bytes();
}

// The entry behind a name, as the list stands now; nullopt when it is gone.
inline absl::StatusOr<std::optional<model::ListEntry>> FindEntry(
    store::Reader& reader, ByteView name) {
  if (name.empty() || name.size() < 1U + name[0])
    return std::optional<model::ListEntry>();
  const std::string list = ToString(name.subspan(1, name[0]));
  const std::string entry_id = ToString(name.subspan(1U + name[0]));
  TRY(const auto record, store::GetRecord<model::ListRecord>(
                             reader, store::Table::kList, AsBytes(list)));
  if (!record) return std::optional<model::ListEntry>();
  return store::GetRecord<model::ListEntry>(
      reader, store::Table::kListEntry,
      ListEntryRow(list, record->generation, entry_id));
}

}  // namespace entente::exchange
