#include "node/store/sql.h"

#include <array>
#include <initializer_list>

#include "crypto/base/status.h"
#include "node/store/secret_reader.h"

namespace entente::store {
namespace {

constexpr std::string_view kDamaged =
    "wrong key or damaged file: the store cannot be read";

// sqlite3_key_v2 takes `x'<64 hex>'`: a raw key, no derivation.
constexpr int kKeyTextSize = 67;

int GiveKey(sqlite3* db, const SecretBytes& raw_key) {
  std::array<std::uint8_t, kKeyTextSize> text{};
  const WipeAtEnd wipe(text);
  std::size_t at = 0;
  text[at++] = 'x';
  text[at++] = '\'';
  for (const unsigned b : SecretReader::View(raw_key)) {
    // Computed, not looked up: no index depends on a key byte.
    for (const unsigned nibble : {b >> 4U, b & 15U}) {
      const unsigned letter = (9U - nibble) >> 31U;  // 1 for a to f
      text[at++] = static_cast<std::uint8_t>('0' + nibble + letter * 39U);
    }
  }
  static_assert('0' + 10 + 39 == 'a');
  text[at] = '\'';
  return sqlite3_key_v2(db, "main", text.data(), kKeyTextSize);
}

}  // namespace

absl::Status SqlError(int code, std::string_view doing) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Exhausted("the disk is full: cannot ", doing);
    case SQLITE_NOMEM:
      return Exhausted("out of memory: cannot ", doing);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ProofFailed(kDamaged);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Unavailable("the disk failed or refused: cannot ", doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Unavailable("the store is busy: cannot ", doing);
    case SQLITE_TOOBIG:
      return Invalid("the value is too large for the store");
    default:
      return Internal("store error ", std::to_string(code), ": cannot ", doing);
  }
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& path, Access access, const SecretBytes& raw_key) {
  int flags = SQLITE_OPEN_NOMUTEX;
  if (access == Access::kReadOnly) {
    flags |= SQLITE_OPEN_READONLY;
  } else {
    flags |= SQLITE_OPEN_READWRITE;
  }
  if (access == Access::kCreate) flags |= SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  // Made before the check: SQLite wants even a failed handle closed.
  std::unique_ptr<Connection> connection(new Connection(db));
  if (code != SQLITE_OK) return SqlError(code, "open the store");
  TRY_OK(connection->Unlock(raw_key));
  TRY_OK(connection->Configure(access));
  return connection;
}

absl::Status Connection::Unlock(const SecretBytes& raw_key) {
  const int code = GiveKey(db_, raw_key);
  if (code != SQLITE_OK) return SqlError(code, "give the store its key");
  // After the key: before it, the setting does nothing.
  TRY_OK(Exec("PRAGMA cipher_log_level=NONE"));
  TRY(const std::string version, Ask("PRAGMA cipher_version"));
  if (!version.starts_with("4.")) {
    return Unready("this program is not linked with SQLCipher 4");
  }
  // A wrong key shows at the first read only.
  return Ask("SELECT count(*) FROM sqlite_master").status();
}

absl::Status Connection::Configure(Access access) {
  sqlite3_busy_timeout(db_, 2000);
  if (access == Access::kReadOnly) {
    // A reader that closes last would checkpoint: only the writer may.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return Exec(
        "PRAGMA query_only=on; PRAGMA temp_store=memory;"
        "PRAGMA trusted_schema=off; PRAGMA cell_size_check=on");
  }
  TRY(const std::string mode, Ask("PRAGMA journal_mode=wal"));
  if (mode != "wal") return Unavailable("the disk cannot hold a store");
  TRY_OK(
      Exec("PRAGMA synchronous=full; PRAGMA wal_autocheckpoint=0;"
           "PRAGMA foreign_keys=on; PRAGMA trusted_schema=off;"
           "PRAGMA cell_size_check=on; PRAGMA secure_delete=on;"
           "PRAGMA temp_store=memory"));
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return absl::OkStatus();
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

absl::Status Connection::Exec(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqlError(code, "run a statement");
  return absl::OkStatus();
}

absl::StatusOr<std::string> Connection::Ask(const std::string& sql) {
  TRY(sqlite3_stmt* const statement, Prepare(sql));
  Run run(statement);
  const int code = run.Step();
  if (code == SQLITE_DONE) return std::string();
  if (code != SQLITE_ROW) return SqlError(code, "read the store");
  return ToString(run.Blob(0));
}

absl::StatusOr<sqlite3_stmt*> Connection::Prepare(const std::string& sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.c_str(), static_cast<int>(sql.size()) + 1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return SqlError(code, "prepare a statement");
  statements_.emplace(sql, statement);
  return statement;
}

Run::~Run() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Run::Bind(int at, ByteView bytes) {
  // A null pointer would bind NULL, not an empty blob.
  static constexpr std::uint8_t kNone = 0;
  const void* data = bytes.empty() ? &kNone : bytes.data();
  // SAFETY: static lifetime as SQLite sees it; the caller keeps the bytes.
  const int code =
      sqlite3_bind_blob64(statement_, at, data, bytes.size(), nullptr);
  if (bound_ == SQLITE_OK) bound_ = code;
}

void Run::Bind(int at, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_, at, number);
  if (bound_ == SQLITE_OK) bound_ = code;
}

int Run::Step() {
  return bound_ == SQLITE_OK ? sqlite3_step(statement_) : bound_;
}

Bytes Run::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size =
      static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  if (data == nullptr) return {};
  return ToBytes(ByteView(static_cast<const std::uint8_t*>(data), size));
}

std::int64_t Run::Number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

}  // namespace entente::store
