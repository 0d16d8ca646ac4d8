#include "node/store/sqlcipher_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/base/mutex.h"
#include "node/store/schema.h"
#include "node/store/sql.h"

namespace entente::store {
namespace {

constexpr int kWalPagesBeforeCheckpoint = 1024;  // 4 MiB
constexpr std::size_t kIdleReaders = 8;
constexpr std::size_t kKeySize = 32;

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

// The statements of one transaction. After its first failure it refuses all
// others: on some errors SQLite has undone the transaction by itself, and what
// came after would stand on its own, committed.
class Session {
 public:
  explicit Session(Connection& connection) : connection_(connection) {}

  absl::StatusOr<std::optional<Bytes>> Get(Table table, ByteView key) {
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

  absl::StatusOr<std::vector<Row>> Scan(Table table, ByteView prefix,
                                        ByteView after, std::size_t limit) {
    const bool past = !after.empty() && !std::lexicographical_compare(
                                            after.begin(), after.end(),
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

  absl::StatusOr<std::uint64_t> Count(Table table, ByteView prefix) {
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

  absl::StatusOr<std::vector<Row>> ScanDue(Table table, std::int64_t until,
                                           std::size_t limit) {
    TRY(sqlite3_stmt* const statement,
        Prepare({"SELECT k, v, due FROM \"", TableName(table),
                 "\" WHERE due>0 AND due<=?1 ORDER BY due, k LIMIT ?2"}));
    Run run(statement);
    run.Bind(1, until);
    run.Bind(2, ToLimit(limit));
    return Rows(run);
  }

  absl::Status Put(Table table, ByteView key, ByteView value,
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

  absl::Status Delete(Table table, ByteView key) {
    TRY_OK(CheckKey(key));
    TRY(sqlite3_stmt* const statement,
        Prepare({"DELETE FROM \"", TableName(table), "\" WHERE k=?1"}));
    Run run(statement);
    run.Bind(1, key);
    return Done(run.Step(), "delete a row");
  }

  absl::Status Command(std::string_view sql) {
    TRY(sqlite3_stmt* const statement, Prepare({sql}));
    Run run(statement);
    return Done(run.Step(), "run a statement");
  }

  const absl::Status& first_error() const { return first_error_; }

 private:
  static absl::Status CheckKey(ByteView key) {
    return key.empty() ? Invalid("an empty key") : absl::OkStatus();
  }

  absl::Status Fail(absl::Status status) {
    if (first_error_.ok()) first_error_ = status;
    return status;
  }

  absl::Status Done(int code, std::string_view doing) {
    if (code == SQLITE_DONE) return absl::OkStatus();
    // The caller's mistake, not the disk's: the transaction is unharmed.
    if (code == SQLITE_TOOBIG) return SqlError(code, doing);
    return Fail(SqlError(code, doing));
  }

  absl::StatusOr<sqlite3_stmt*> Prepare(
      std::initializer_list<std::string_view> sql) {
    TRY_OK(first_error_);
    absl::StatusOr<sqlite3_stmt*> statement = connection_.Prepare(Join(sql));
    if (!statement.ok()) return Fail(statement.status());
    return statement;
  }

  absl::StatusOr<std::vector<Row>> Rows(Run& run) {
    std::vector<Row> rows;
    int code = run.Step();
    for (; code == SQLITE_ROW; code = run.Step()) {
      rows.push_back({run.Blob(0), run.Blob(1), run.Number(2)});
    }
    if (code != SQLITE_DONE) return Fail(SqlError(code, "read rows"));
    return rows;
  }

  Connection& connection_;
  absl::Status first_error_;
};

class WriterOnSession final : public Writer {
 public:
  explicit WriterOnSession(Session& session) : session_(session) {}

  absl::StatusOr<std::optional<Bytes>> Get(Table table, ByteView key) override {
    return session_.Get(table, key);
  }
  absl::StatusOr<std::vector<Row>> Scan(Table table, ByteView prefix,
                                        ByteView after,
                                        std::size_t limit) override {
    return session_.Scan(table, prefix, after, limit);
  }
  absl::StatusOr<std::uint64_t> Count(Table table, ByteView prefix) override {
    return session_.Count(table, prefix);
  }
  absl::StatusOr<std::vector<Row>> ScanDue(Table table, std::int64_t until,
                                           std::size_t limit) override {
    return session_.ScanDue(table, until, limit);
  }
  absl::Status Put(Table table, ByteView key, ByteView value,
                   std::int64_t due) override {
    return session_.Put(table, key, value, due);
  }
  absl::Status Delete(Table table, ByteView key) override {
    return session_.Delete(table, key);
  }
  absl::Status Savepoint(
      const std::function<absl::Status(Writer&)>& part) override {
    TRY_OK(session_.Command("SAVEPOINT part"));
    const absl::Status status = part(*this);
    if (status.ok()) return session_.Command("RELEASE part");
    // Nothing to undo alone: the whole transaction fails.
    TRY_OK(session_.first_error());
    TRY_OK(session_.Command("ROLLBACK TO part"));
    TRY_OK(session_.Command("RELEASE part"));
    return status;
  }

 private:
  Session& session_;
};

class SqlCipherStore final : public Store {
 public:
  SqlCipherStore(base::DirLock lock, std::string path, SecretBytes key,
                 std::unique_ptr<Connection> writer)
      : lock_(std::move(lock)),
        path_(std::move(path)),
        key_(std::move(key)),
        writer_(std::move(writer)) {
    sqlite3_wal_hook(writer_->get(), &SqlCipherStore::OnWal, &wal_pages_);
  }

  absl::StatusOr<std::unique_ptr<Reader>> Read() override;

  absl::Status Write(const std::function<absl::Status(Writer&)>& changes)
      override EXCLUDES(write_mutex_) {
    base::MutexLock lock(write_mutex_);
    TRY_OK(writer_->Exec("BEGIN IMMEDIATE"));
    Session session(*writer_);
    WriterOnSession writer(session);
    absl::Status status = changes(writer);
    if (status.ok()) status = session.first_error();
    if (status.ok()) status = session.Command("COMMIT");
    if (!status.ok()) {
      if (writer_->InTransaction()) (void)writer_->Exec("ROLLBACK");
      return status;
    }
    // The commit is durable already; a checkpoint that fails is tried again.
    if (wal_pages_ > kWalPagesBeforeCheckpoint) {
      (void)Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    }
    return absl::OkStatus();
  }

  absl::Status Scrub() override EXCLUDES(write_mutex_) {
    base::MutexLock lock(write_mutex_);
    return Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  }

  absl::Status Check() override EXCLUDES(write_mutex_) {
    base::MutexLock lock(write_mutex_);
    TRY_OK(Checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
    // Rows name pages whose code does not verify.
    TRY(const std::string bad, writer_->Ask("PRAGMA cipher_integrity_check"));
    if (!bad.empty()) return SqlError(SQLITE_CORRUPT, "");
    TRY(const std::string quick, writer_->Ask("PRAGMA quick_check(1)"));
    if (quick != "ok") return SqlError(SQLITE_CORRUPT, "");
    return absl::OkStatus();
  }

  void GiveBack(std::unique_ptr<Connection> connection) EXCLUDES(idle_mutex_) {
    base::MutexLock lock(idle_mutex_);
    if (idle_.size() < kIdleReaders) idle_.push_back(std::move(connection));
  }

 private:
  static int OnWal(void* pages, sqlite3*, const char*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
  }

  absl::Status Checkpoint(int mode) REQUIRES(write_mutex_) {
    const int code = sqlite3_wal_checkpoint_v2(writer_->get(), nullptr, mode,
                                               nullptr, nullptr);
    if (code != SQLITE_OK) return SqlError(code, "empty the write-ahead log");
    wal_pages_ = 0;
    return absl::OkStatus();
  }

  const base::DirLock lock_;
  const std::string path_;
  const SecretBytes key_;
  base::Mutex write_mutex_;
  std::unique_ptr<Connection> writer_ PT_GUARDED_BY(write_mutex_);
  int wal_pages_ = 0;  // written and read under write_mutex_
  base::Mutex idle_mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ GUARDED_BY(idle_mutex_);
};

class SqlCipherReader final : public Reader {
 public:
  SqlCipherReader(SqlCipherStore& store, std::unique_ptr<Connection> connection)
      : store_(store),
        connection_(std::move(connection)),
        session_(*connection_) {}
  ~SqlCipherReader() override {
    const absl::Status ended = connection_->Exec("ROLLBACK");
    // One that failed may be stuck with its error: it is closed, not reused.
    if (ended.ok() && session_.first_error().ok()) {
      store_.GiveBack(std::move(connection_));
    }
  }
  absl::StatusOr<std::optional<Bytes>> Get(Table table, ByteView key) override {
    return session_.Get(table, key);
  }
  absl::StatusOr<std::vector<Row>> Scan(Table table, ByteView prefix,
                                        ByteView after,
                                        std::size_t limit) override {
    return session_.Scan(table, prefix, after, limit);
  }
  absl::StatusOr<std::uint64_t> Count(Table table, ByteView prefix) override {
    return session_.Count(table, prefix);
  }
  absl::StatusOr<std::vector<Row>> ScanDue(Table table, std::int64_t until,
                                           std::size_t limit) override {
    return session_.ScanDue(table, until, limit);
  }

 private:
  SqlCipherStore& store_;
  std::unique_ptr<Connection> connection_;
  Session session_;
};

absl::StatusOr<std::unique_ptr<Reader>> SqlCipherStore::Read() {
  std::unique_ptr<Connection> connection;
  {
    base::MutexLock lock(idle_mutex_);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) {
    TRY(connection, Connection::Open(path_, Access::kReadOnly, key_));
  }
  TRY_OK(connection->Exec("BEGIN"));
  return std::make_unique<SqlCipherReader>(*this, std::move(connection));
}

absl::Status RefuseClearFile(const std::string& path) {
  constexpr std::string_view kClear = "SQLite format 3";
  std::array<char, kClear.size()> head{};
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return Unavailable("cannot open the store");
  const std::size_t n = std::fread(head.data(), 1, head.size(), file);
  std::fclose(file);
  if (n == 0) return SqlError(SQLITE_NOTADB, "");  // never "a new store"
  if (std::string_view(head.data(), n) == kClear) {
    return ProofFailed("the file is an SQLite database in clear");
  }
  return absl::OkStatus();
}

// All steps in one transaction: a schema is of one version or the other.
absl::Status Migrate(Connection& connection) {
  TRY(const std::string text, connection.Ask("PRAGMA user_version"));
  const int version = std::atoi(text.c_str());
  if (version > SchemaVersion()) {
    return WithNext(
        Unready("the store's schema ", text, " is newer than this program's ",
                std::to_string(SchemaVersion())),
        "install the version of the program that wrote it");
  }
  if (version == SchemaVersion()) return absl::OkStatus();
  std::string sql = "BEGIN IMMEDIATE;";
  for (const Migration& step : SqliteMigrations()) {
    if (step.to > version) sql += step.sql;
  }
  sql += "PRAGMA user_version=" + std::to_string(SchemaVersion()) + ";COMMIT";
  return connection.Exec(sql);
}

// A store is made beside its place and renamed into it: an interrupted
// creation is never taken for an empty store.
absl::Status CreateFile(const std::string& path, const SecretBytes& key) {
  const std::string fresh = path + base::kTemporarySuffix;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    TRY_OK(base::RemoveFile(fresh + suffix));
  }
  const int fd =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Unavailable("cannot create the store's file");
  ::close(fd);
  {
    TRY(const std::unique_ptr<Connection> connection,
        Connection::Open(fresh, Access::kCreate, key));
    TRY_OK(Migrate(*connection));
  }  // closing moves the write-ahead log into the file
  if (std::rename(fresh.c_str(), path.c_str()) != 0) {
    return Unavailable("cannot put the store's file in its place");
  }
  const std::size_t slash = path.rfind('/');
  return base::SyncDir(slash == std::string::npos ? "."
                                                  : path.substr(0, slash + 1));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqlCipher(
    const SqlCipherOptions& options, const SecretBytes& raw_key) {
  if (raw_key.size() != kKeySize) return Invalid("a store key is 32 bytes");
  TRY(base::DirLock lock, base::DirLock::Acquire(options.path + ".lock"));
  const bool exists = base::FileExists(options.path);
  if (options.mode == OpenMode::kCreate) {
    if (exists) return AlreadyExists("there is a store already");
    TRY_OK(CreateFile(options.path, raw_key));
  } else if (!exists) {
    return NotFound("there is no store");
  }
  TRY_OK(RefuseClearFile(options.path));
  TRY(std::unique_ptr<Connection> writer,
      Connection::Open(options.path, Access::kReadWrite, raw_key));
  TRY_OK(Migrate(*writer));
  return std::make_unique<SqlCipherStore>(std::move(lock), options.path,
                                          raw_key.Clone(), std::move(writer));
}

}  // namespace entente::store
