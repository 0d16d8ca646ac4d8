#include "node/store/session.h"

#include <algorithm>
#include <limits>

#include "crypto/base/status.h"
#include "node/store/schema.h"

namespace entente::store {
namespace {

// The smallest key above every key that starts with `prefix`; empty: none.
Bytes EndOf(ByteView prefix) {
  Bytes end = ToBytes(prefix);
  while (!end.empty() && end.back() == 0xff) end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

std::int64_t ToLimit(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max()));
}

absl::Status CheckKey(ByteView key) {
  return key.empty() ? Invalid("an empty key") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<Bytes>> Session::Get(Table table, ByteView key) {
  TRY_OK(CheckKey(key));
  TRY(sqlite3_stmt* const statement,
      Prepare({"SELECT v FROM \"", TableName(table), "\" WHERE k=?1"}));
  Run run(statement);
  run.Bind(1, key);
  const int code = run.Step();
  if (code == SQLITE_ROW) return std::optional<Bytes>(run.Blob(0));
  if (code == SQLITE_DONE) return std::optional<Bytes>();
  return Fail(SqlError(code, "read a row"));
}

absl::StatusOr<std::vector<Row>> Session::Scan(Table table, ByteView prefix,
                                               ByteView after,
                                               std::size_t limit) {
  const bool past = !after.empty() &&
                    !std::lexicographical_compare(after.begin(), after.end(),
                                                  prefix.begin(), prefix.end());
  const Bytes end = EndOf(prefix);
  TRY(sqlite3_stmt* const statement,
      Prepare({"SELECT k, v, due FROM \"", TableName(table), "\" WHERE k",
               past ? ">" : ">=", "?1", end.empty() ? "" : " AND k<?2",
               " ORDER BY k LIMIT ?3"}));
  Run run(statement);
  run.Bind(1, past ? after : prefix);
  if (!end.empty()) run.Bind(2, end);
  run.Bind(3, ToLimit(limit));
  return Rows(run);
}

absl::StatusOr<std::uint64_t> Session::Count(Table table, ByteView prefix) {
  const Bytes end = EndOf(prefix);
  TRY(sqlite3_stmt* const statement,
      Prepare({"SELECT count(*) FROM \"", TableName(table), "\" WHERE k>=?1",
               end.empty() ? "" : " AND k<?2"}));
  Run run(statement);
  run.Bind(1, prefix);
  if (!end.empty()) run.Bind(2, end);
  const int code = run.Step();
  if (code != SQLITE_ROW) return Fail(SqlError(code, "count rows"));
  return static_cast<std::uint64_t>(run.Number(0));
}

absl::StatusOr<std::vector<Row>> Session::ScanDue(Table table,
                                                  std::int64_t until,
                                                  std::size_t limit) {
  TRY(sqlite3_stmt* const statement,
      Prepare({"SELECT k, v, due FROM \"", TableName(table),
               "\" WHERE due>0 AND due<=?1 ORDER BY due, k LIMIT ?2"}));
  Run run(statement);
  run.Bind(1, until);
  run.Bind(2, ToLimit(limit));
  return Rows(run);
}

absl::Status Session::Put(Table table, ByteView key, ByteView value,
                          std::int64_t due) {
  TRY_OK(CheckKey(key));
  if (due < 0) return Invalid("a due date before 1970");
  TRY(sqlite3_stmt* const statement,
      Prepare({"INSERT INTO \"", TableName(table),
               "\" (k, v, due) VALUES (?1, ?2, ?3) ON CONFLICT (k) DO UPDATE "
               "SET v=excluded.v, due=excluded.due"}));
  Run run(statement);
  run.Bind(1, key);
  run.Bind(2, value);
  run.Bind(3, due);
  return Done(run.Step(), "write a row");
}

absl::Status Session::Delete(Table table, ByteView key) {
  TRY_OK(CheckKey(key));
  TRY(sqlite3_stmt* const statement,
      Prepare({"DELETE FROM \"", TableName(table), "\" WHERE k=?1"}));
  Run run(statement);
  run.Bind(1, key);
  return Done(run.Step(), "delete a row");
}

absl::Status Session::Command(std::string_view sql) {
  TRY(sqlite3_stmt* const statement, Prepare({sql}));
  Run run(statement);
  return Done(run.Step(), "run a statement");
}

absl::Status Session::Fail(absl::Status status) {
  if (first_error_.ok()) first_error_ = status;
  return status;
}

absl::Status Session::Done(int code, std::string_view doing) {
  if (code == SQLITE_DONE) return absl::OkStatus();
  // The caller's mistake, not the disk's: the transaction is unharmed.
  if (code == SQLITE_TOOBIG) return SqlError(code, doing);
  return Fail(SqlError(code, doing));
}

absl::StatusOr<sqlite3_stmt*> Session::Prepare(
    std::initializer_list<std::string_view> sql) {
  TRY_OK(first_error_);
  absl::StatusOr<sqlite3_stmt*> statement = connection_.Prepare(Join(sql));
  if (!statement.ok()) return Fail(statement.status());
  return statement;
}

absl::StatusOr<std::vector<Row>> Session::Rows(Run& run) {
  std::vector<Row> rows;
  int code = run.Step();
  for (; code == SQLITE_ROW; code = run.Step()) {
    rows.push_back({run.Blob(0), run.Blob(1), run.Number(2)});
  }
  if (code != SQLITE_DONE) return Fail(SqlError(code, "read rows"));
  return rows;
}

}  // namespace entente::store
