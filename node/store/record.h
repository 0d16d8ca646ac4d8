#pragma once
// Records with a type: Get, Put and All over the canonical encoding.

#include <optional>
#include <utility>
#include <vector>

#include "crypto/base/codec.h"
#include "node/store/store.h"

namespace entente::store {

// The record under `key`, or nullopt. DATA_LOSS: its bytes are not a T.
template <class T>
absl::StatusOr<std::optional<T>> GetRecord(Reader& reader, Table table,
                                           ByteView key) {
  TRY(std::optional<Bytes> raw, reader.Get(table, key));
  if (!raw) return std::optional<T>();
  absl::StatusOr<T> value = Decode<T>(*raw);
  if (!value.ok()) return ProofFailed("a stored record is damaged");
  return std::optional<T>(*std::move(value));
}

// The record under `key`; NOT_FOUND with `what` in the message when there is
// none.
template <class T>
absl::StatusOr<T> NeedRecord(Reader& reader, Table table, ByteView key,
                             std::string_view what) {
  TRY(std::optional<T> value, GetRecord<T>(reader, table, key));
  if (!value) return NotFound("no such ", what);
  return *std::move(value);
}

template <class T>
absl::Status PutRecord(Writer& writer, Table table, ByteView key,
                       const T& value, std::int64_t due = 0) {
  return writer.Put(table, key, Encode(value), due);
}

// Every record under `prefix`, in order of key, read page by page. For tables
// of bounded size.
template <class T>
absl::StatusOr<std::vector<std::pair<Bytes, T>>> AllRecords(
    Reader& reader, Table table, ByteView prefix = {}) {
  std::vector<std::pair<Bytes, T>> out;
  Bytes after;
  while (true) {
    TRY(std::vector<Row> rows, reader.Scan(table, prefix, after, 256));
    if (rows.empty()) return out;
    for (Row& row : rows) {
      absl::StatusOr<T> value = Decode<T>(row.value);
      if (!value.ok()) return ProofFailed("a stored record is damaged");
      out.emplace_back(row.key, *std::move(value));
    }
    after = rows.back().key;
  }
}

}  // namespace entente::store
