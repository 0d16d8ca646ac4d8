#pragma once
// Private to the SQLCipher driver: the calls of Reader and Writer as statements
// on one connection.

#include <absl/status/statusor.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/store/sql.h"
#include "node/store/store.h"

namespace entente::store {

// The statements of one transaction. After its first failure it refuses all
// others: on some errors SQLite has undone the transaction by itself, and what
// came after would stand on its own, committed.
class Session {
 public:
  explicit Session(Connection& connection) : connection_(connection) {}

  absl::StatusOr<std::optional<Bytes>> Get(Table table, ByteView key);
  absl::StatusOr<std::vector<Row>> Scan(Table table, ByteView prefix,
                                        ByteView after, std::size_t limit);
  absl::StatusOr<std::uint64_t> Count(Table table, ByteView prefix);
  absl::StatusOr<std::vector<Row>> ScanDue(Table table, std::int64_t until,
                                           std::size_t limit);
  absl::Status Put(Table table, ByteView key, ByteView value, std::int64_t due);
  absl::Status Delete(Table table, ByteView key);
  absl::Status Command(std::string_view sql);

  const absl::Status& first_error() const { return first_error_; }

 private:
  absl::Status Fail(absl::Status status);
  absl::Status Done(int code, std::string_view doing);
  absl::StatusOr<sqlite3_stmt*> Prepare(
      std::initializer_list<std::string_view> sql);
  absl::StatusOr<std::vector<Row>> Rows(Run& run);

  Connection& connection_;
  absl::Status first_error_;
};

}  // namespace entente::store
