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

// Hands `take` every record under `prefix`, in order of key: take(Bytes&& key,
// T&& value) gives a status, and the first failure ends the walk. Memory: one
// page of `page` rows.
template <class T, class Take>
absl::Status EachRecord(Reader& reader, Table table, ByteView prefix,
                        const Take& take, std::size_t page = 64) {
  Bytes after;
  while (true) {
    TRY(std::vector<Row> rows, reader.Scan(table, prefix, after, page));
    if (rows.empty()) return absl::OkStatus();
    after = rows.back().key;
    for (Row& row : rows) {
      absl::StatusOr<T> value = Decode<T>(row.value);
      if (!value.ok()) return ProofFailed("a stored record is damaged");
      TRY_OK(take(std::move(row.key), *std::move(value)));
    }
  }
}

// All of them at once. For tables of bounded size.
template <class T>
absl::StatusOr<std::vector<std::pair<Bytes, T>>> AllRecords(
    Reader& reader, Table table, ByteView prefix = {}) {
  std::vector<std::pair<Bytes, T>> out;
  TRY_OK(EachRecord<T>(
      reader, table, prefix,
      [&out](Bytes&& key, T&& value) {
        out.emplace_back(std::move(key), std::move(value));
        return absl::OkStatus();
      },
      256));
  return out;
}

}  // namespace entente::store
