#pragma once
// Private to the SQLCipher driver: a connection, a statement, and what
// SQLite's codes mean to us.

#include <absl/status/statusor.h>
#include <sqlcipher/sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::store {

// What the code means; `doing` completes "cannot ...". Holds no SQL and no
// values.
absl::Status SqlError(int code, std::string_view doing);

enum class Access : std::uint8_t { kReadOnly, kReadWrite, kCreate };

// One connection, used by one thread at a time.
class Connection {
 public:
  // Opens, gives the key, and proves that the key fits. Errors as
  // OpenSqlCipher; kCreate makes the file.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, Access access, const SecretBytes& raw_key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs statements whose rows nobody wants.
  absl::Status Exec(const std::string& sql);
  // First column of the first row as text; empty when there is no row.
  absl::StatusOr<std::string> Ask(const std::string& sql);
  // A statement that lives as long as the connection; `sql` is the key.
  absl::StatusOr<sqlite3_stmt*> Prepare(const std::string& sql);
  bool InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }
  sqlite3* get() const { return db_; }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  absl::Status Unlock(const SecretBytes& raw_key);
  absl::Status Configure(Access access);

  sqlite3* db_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

// One run of a prepared statement: bind, step, read; reset at the end.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Parameters from 1. The bytes must outlive the run.
  void Bind(int at, ByteView bytes);
  void Bind(int at, std::int64_t number);
  // SQLITE_ROW, SQLITE_DONE or an error code; a failed Bind shows here.
  int Step();
  Bytes Blob(int column) const;
  std::int64_t Number(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = SQLITE_OK;
};

}  // namespace entente::store
