#include "node/store/sqlcipher_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/base/mutex.h"
#include "node/store/schema.h"
#include "node/store/session.h"
#include "node/store/sql.h"
#include "node/store/writers_line.h"

namespace entente::store {
namespace {

// A checkpoint after so many pages of the write-ahead log, and one that no
// writer runs beside after so many.
constexpr int kWalPagesBeforeCheckpoint = 256;     // 1 MiB
constexpr int kWalPagesBeforeWritersWait = 2'048;  // 8 MiB
constexpr std::size_t kIdleReaders = 8;
constexpr std::size_t kKeySize = 32;

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
    sqlite3_wal_hook(writer_->get(), &SqlCipherStore::OnWal, this);
  }

  absl::StatusOr<std::unique_ptr<Reader>> Read() override;

  absl::Status Commit(const std::function<absl::Status(Writer&)>& changes)
      override EXCLUDES(writers_, checkpoint_mutex_) {
    const WritersTurn turn(writers_);
    Session session(*writer_);
    TRY_OK(session.Command("BEGIN IMMEDIATE"));
    WriterOnSession writer(session);
    absl::Status status = changes(writer);
    if (status.ok()) status = session.first_error();
    if (status.ok()) status = session.Command("COMMIT");
    if (!status.ok()) {
      if (writer_->InTransaction()) (void)writer_->Exec("ROLLBACK");
      return status;
    }
    // Beside writers that never rest, a checkpoint never reaches the end of the
    // write-ahead log, which then only grows.
    if (unsure_ || IsDue(kWalPagesBeforeWritersWait)) {
      base::MutexLock lock(checkpoint_mutex_);
      (void)Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    }
    return absl::OkStatus();
  }

  // After the turn, on a connection of its own: those next in line need not
  // wait for the main file to be on disk. The commit is durable already; a
  // checkpoint that fails is tried again.
  void Tidy() override EXCLUDES(writers_, checkpoint_mutex_) {
    if (!IsDue(kWalPagesBeforeCheckpoint)) return;
    if (!checkpoint_mutex_.try_lock()) return;  // one is under way
    base::MutexLock lock(checkpoint_mutex_, base::AdoptLock());
    // Once more: the one that was under way may have moved all of it, and then
    // no second one may run beside a writer (moved_pages_).
    if (unsure_ || !IsDue(kWalPagesBeforeCheckpoint)) return;
    if (!beside_) {
      auto opened = Connection::Open(path_, Access::kReadWrite, key_);
      if (!opened.ok()) return;
      beside_ = *std::move(opened);
    }
    int pages = -1;
    int moved = -1;
    (void)sqlite3_wal_checkpoint_v2(beside_->get(), nullptr,
                                    SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    // One that failed, on a full disk say, moved nothing and is tried again. 0
    // may be of a log that began anew since: then all of it counts as moved.
    if (moved >= 0) moved_pages_ = moved > 0 ? moved : pages;
  }

  absl::Status Scrub() override EXCLUDES(writers_, checkpoint_mutex_) {
    const WritersTurn turn(writers_);
    base::MutexLock lock(checkpoint_mutex_);
    return Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  }

  absl::Status Check() override EXCLUDES(writers_, checkpoint_mutex_) {
    const WritersTurn turn(writers_);
    base::MutexLock lock(checkpoint_mutex_);
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
  // Each commit adds pages: as few as before, or fewer, are those of a log that
  // began anew.
  static int OnWal(void* self, sqlite3*, const char*, int count) {
    auto* const store = static_cast<SqlCipherStore*>(self);
    const int before = store->wal_pages_.exchange(count);
    if (count <= before) store->moved_pages_ = 0;
    return SQLITE_OK;
  }

  bool IsDue(int pages) const {
    return wal_pages_ > pages &&
           wal_pages_ > moved_pages_ + kWalPagesBeforeCheckpoint;
  }

  absl::Status Checkpoint(int mode) REQUIRES(writers_, checkpoint_mutex_) {
    int pages = -1;
    int moved = -1;
    const int code = sqlite3_wal_checkpoint_v2(writer_->get(), nullptr, mode,
                                               &pages, &moved);
    // One that only found the log in use has moved pages all the same.
    if (pages >= 0 && moved >= 0) {
      wal_pages_ = pages;
      moved_pages_ = moved;
    }
    unsure_ = pages < 0 && (unsure_ || mode != SQLITE_CHECKPOINT_PASSIVE);
    if (code != SQLITE_OK) return SqlError(code, "empty the write-ahead log");
    return absl::OkStatus();
  }

  const base::DirLock lock_;
  const std::string path_;
  const SecretBytes key_;
  WritersLine writers_;  // before checkpoint_mutex_
  std::unique_ptr<Connection> writer_ PT_GUARDED_BY(writers_);
  base::Mutex checkpoint_mutex_;
  std::unique_ptr<Connection> beside_ GUARDED_BY(checkpoint_mutex_);
  std::atomic<int> wal_pages_ = 0;  // of the write-ahead log
  // Of these, in the main file too; never fewer than SQLite counts. SQLite up
  // to 3.51.2 loses pages when a checkpoint of a log that is moved already runs
  // beside the writer that begins it anew (sqlite.org/wal.html#walresetbug). A
  // writer does so only when all was moved as it started; so no checkpoint
  // starts beside writers unless some pages are not.
  std::atomic<int> moved_pages_ = 0;
  // One that moves, and then fails to shorten the file, does not say so.
  std::atomic<bool> unsure_ = false;
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
