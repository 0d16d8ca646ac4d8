// What goes wrong in the world: the process dies, the disk fills.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>

#include "crypto/base/status.h"
#include "node/store/sqlcipher_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tiny_disk.h"

namespace entente::store {
namespace {

using testing::HasCode;
using testing::TempDir;

SecretBytes Key() { return SecretBytes::CopyOf(Bytes(32, 9)); }

std::string Name(int i) { return "row " + std::to_string(100'000 + i); }

// Writes pairs of rows for ever, and tells the pipe after each commit.
[[noreturn]] void WriteForEver(const std::string& path, int first, int tell) {
  auto store = OpenSqlCipher({path, OpenMode::kOpen}, Key());
  if (!store.ok()) ::_exit(3);
  for (int i = first;; ++i) {
    const absl::Status status = (*store)->Write([i](Writer& w) -> absl::Status {
      TRY_OK(w.Put(Table::kHit, AsBytes(Name(i)), Bytes(300, 'h')));
      return w.Put(Table::kAuditLeaf, AsBytes(Name(i)), Bytes(500, 'l'));
    });
    if (!status.ok()) ::_exit(4);
    if (::write(tell, &i, sizeof i) != sizeof i) ::_exit(5);
  }
}

TEST(SqlCipherCrashTest, NoAcknowledgedRowIsLostByAKill) {
  const TempDir dir;
  const std::string path = dir.Path("store");
  ASSERT_OK(OpenSqlCipher({path, OpenMode::kCreate}, Key()));
  std::mt19937 random(1);
  int acknowledged = -1;
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      WriteForEver(path, acknowledged + 1, pipe_ends[1]);
    }
    ::close(pipe_ends[1]);
    // Killed after some commits, at an unknown point of the next ones.
    const int wanted = acknowledged + 1 + static_cast<int>(random() % 40);
    int i = 0;
    bool killed = false;
    while (::read(pipe_ends[0], &i, sizeof i) == sizeof i) {
      acknowledged = i;
      if (!killed && i >= wanted) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 700));
        killed = ::kill(child, SIGKILL) == 0;
      }
    }
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);

    ASSERT_OK_AND_ASSIGN(auto store,
                         OpenSqlCipher({path, OpenMode::kOpen}, Key()));
    ASSERT_OK(store->Check());
    ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
    ASSERT_OK_AND_ASSIGN(const std::uint64_t hits,
                         reader->Count(Table::kHit, {}));
    ASSERT_OK_AND_ASSIGN(const std::uint64_t leaves,
                         reader->Count(Table::kAuditLeaf, {}));
    EXPECT_EQ(hits, leaves);  // both rows of a commit, or neither
    // The one in flight may be there, unacknowledged.
    EXPECT_GE(hits, static_cast<std::uint64_t>(acknowledged) + 1);
    EXPECT_LE(hits, static_cast<std::uint64_t>(acknowledged) + 2);
    acknowledged = static_cast<int>(hits) - 1;
  }
  EXPECT_GT(acknowledged, 100);
}

TEST(SqlCipherCrashTest, AFullDiskRefusesAndKeepsWhatWasThere) {
  const testing::TinyDisk disk("4m");
  ASSERT_TRUE(disk.mounted()) << "run as root: a tmpfs is mounted";
  ASSERT_OK_AND_ASSIGN(
      auto store,
      OpenSqlCipher({disk.Path("store"), OpenMode::kCreate}, Key()));
  std::uint64_t kept = 0;
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i) {
    status = store->Write([i](Writer& w) {
      return w.Put(Table::kHit, AsBytes(Name(i)), Bytes(100'000, 'v'));
    });
    if (status.ok()) ++kept;
  }
  ASSERT_THAT(status, HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(kept, 5U);
  {
    ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
    EXPECT_EQ(*reader->Count(Table::kHit, {}), kept);
  }
  store.reset();
  ASSERT_OK_AND_ASSIGN(
      store, OpenSqlCipher({disk.Path("store"), OpenMode::kOpen}, Key()));
  ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
  EXPECT_EQ(*reader->Count(Table::kHit, {}), kept);
}

// What could not be moved into the main file for want of room is moved as soon
// as there is some, or the write-ahead log would hold the disk full.
TEST(SqlCipherCrashTest, WhatAFullDiskKeptBackIsTidiedUpLater) {
  const testing::TinyDisk disk("6m");
  ASSERT_TRUE(disk.mounted()) << "run as root: a tmpfs is mounted";
  ASSERT_OK_AND_ASSIGN(
      auto store,
      OpenSqlCipher({disk.Path("store"), OpenMode::kCreate}, Key()));
  const auto put = [&store](int i, std::size_t size) {
    return store->Commit([i, size](Writer& w) {
      return w.Put(Table::kHit, AsBytes(Name(i)), Bytes(size, 'v'));
    });
  };
  for (int i = 0; i < 20; ++i) ASSERT_OK(put(i, 100'000));
  {
    std::ofstream ballast(disk.Path("ballast"), std::ios::binary);
    const std::string block(4096, 'b');
    while (ballast.write(block.data(), 4096).flush()) {
    }
  }
  const auto small = std::filesystem::file_size(disk.Path("store"));
  store->Tidy();
  std::filesystem::remove(disk.Path("ballast"));
  ASSERT_OK(put(20, 10));
  store->Tidy();
  EXPECT_GT(std::filesystem::file_size(disk.Path("store")), small + 1'900'000U);
  ASSERT_OK(store->Check());
}

TEST(SqlCipherCrashTest, ASwallowedDiskErrorStillFailsTheTransaction) {
  const testing::TinyDisk disk("4m");
  ASSERT_TRUE(disk.mounted()) << "run as root: a tmpfs is mounted";
  ASSERT_OK_AND_ASSIGN(
      auto store,
      OpenSqlCipher({disk.Path("store"), OpenMode::kCreate}, Key()));
  const Bytes large(6'000'000, 0);
  const absl::Status status = store->Write([&large](Writer& w) {
    // More than the cache holds: it goes to the disk at once, and fails.
    EXPECT_THAT(w.Put(Table::kHit, AsBytes("b"), large),
                HasCode(absl::StatusCode::kResourceExhausted));
    (void)w.Savepoint([](Writer& inner) {
      return inner.Put(Table::kHit, AsBytes("c"), AsBytes("v"));
    });
    return absl::OkStatus();
  });
  EXPECT_THAT(status, HasCode(absl::StatusCode::kResourceExhausted));
  ASSERT_OK(store->Write([](Writer& w) {
    return w.Put(Table::kHit, AsBytes("d"), AsBytes("v"));
  }));
  ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
  EXPECT_EQ(*reader->Count(Table::kHit, {}), 1U);
}

}  // namespace
}  // namespace entente::store
