// Somebody changes a file or a row: the next start or the off-line verifier
// finds it, and a start that finds it changes nothing.

#include <filesystem>
#include <fstream>

#include "crypto/base/codec.h"
#include "crypto/merkle/checkpoint.h"
#include "node/audit/rows.h"
#include "node/audit/testing_log.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

namespace fs = std::filesystem;
using store::Table;
using testing::HasCode;

class TamperTest : public LogTest {
 protected:
  // 640 entries: full and partial tiles on two levels.
  void SetUp() override {
    LogTest::SetUp();
    for (int i = 0; i < 570; ++i) {
      Job job;
      for (int j = 0; j < 95 && i < 570; ++j, ++i) {
        job.events.push_back(Dropped("r" + std::to_string(i)));
      }
      ASSERT_OK(log().Commit(std::move(job)));
    }
    ASSERT_OK(log().Tick());
    ASSERT_EQ(log().PublishedHead().size, 640U);
    node_.log.reset();
    ASSERT_OK(base::ListFiles(node_.Volume()));
    files_ = *base::ListFiles(node_.Volume());
  }
  std::string Path(const std::string& file) const {
    return node_.Volume() + "/" + file;
  }
  void Write(const std::string& file, const std::string& bytes) {
    fs::create_directories(fs::path(Path(file)).parent_path());
    std::ofstream(Path(file), std::ios::binary) << bytes;
  }
  void Change(const std::function<absl::Status(store::Writer&)>& changes) {
    ASSERT_OK(node_.store->Write(changes));
  }
  // A start is refused as broken, and refused again: it repaired nothing away.
  void ExpectBroken(const std::string& what) {
    for (int i = 0; i < 2; ++i) {
      const absl::Status opened = node_.Open();
      EXPECT_THAT(opened, HasCode(absl::StatusCode::kDataLoss)) << what;
      EXPECT_EQ(ReasonOf(opened), "log-broken") << what << ": " << opened;
    }
  }
  std::vector<std::string> files_;
  const Rows rows_{"2027a"};
};

TEST_F(TamperTest, EveryChangedFileIsFoundAtTheStartOrByTheVerifier) {
  ASSERT_GE(files_.size(), 8U);
  for (const std::string& file : files_) {
    const std::string good = testing::ReadFile(Path(file));
    for (const std::size_t at :
         {std::size_t{0}, good.size() / 2, good.size() - 1}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x01);
      Write(file, bad);
      EXPECT_NE(node_.Fault(), "") << file << " byte " << at;
    }
    // Bundles are not read again at a start, everything else is.
    if (file.find("entries") == std::string::npos) ExpectBroken(file);
    for (const std::string& other :
         {good.substr(0, good.size() - 1), good + "x", std::string()}) {
      Write(file, other);
      EXPECT_NE(node_.Fault(), "") << file << " of another length";
    }
    Write(file, good);
  }
  EXPECT_EQ(node_.Fault(), "");
  EXPECT_OK(node_.Open());
}

TEST_F(TamperTest, AMissingFileIsWrittenAgain) {
  for (const std::string& file : files_) {
    const std::string good = testing::ReadFile(Path(file));
    fs::remove(Path(file));
    EXPECT_NE(node_.Fault(), "") << file;
  }
  ASSERT_OK(node_.Open());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(TamperTest, WhatACrashLeavesBehindIsCleared) {
  Write("tile/0/000.tmp", "half");
  Write("checkpoint.tmp", "half");
  // A tile beyond the published size, as a publication cut short leaves it.
  Write("tile/0/002.p/200", std::string(200 * 32, 'x'));
  EXPECT_NE(node_.Fault(), "");
  ASSERT_OK(node_.Open());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(TamperTest, AForeignFileIsNotTouched) {
  Write("tile/notes.txt", "mine");
  ExpectBroken("a foreign file");
  EXPECT_EQ(testing::ReadFile(Path("tile/notes.txt")), "mine");
  EXPECT_NE(node_.Fault(), "");
}

TEST_F(TamperTest, AChangedDroppedOrAddedLeafRowIsFound) {
  const Bytes key = rows_.Entry(639);
  std::optional<Bytes> good;
  {
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    ASSERT_OK_AND_ASSIGN(good, reader->Get(Table::kAuditLeaf, key));
  }
  // Unpublished leaves are hashed at a start; published ones live in tiles.
  ASSERT_OK(node_.Open());
  ASSERT_OK(log().Commit(JobOf(Dropped("late"))));
  const Bytes last = rows_.Entry(log().SignedHead().size - 1);
  node_.log.reset();
  std::optional<Bytes> late;
  {
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    ASSERT_OK_AND_ASSIGN(late, reader->Get(Table::kAuditLeaf, last));
  }
  Bytes bad = *late;
  bad[bad.size() / 2] ^= 1U;
  Change([&](store::Writer& w) { return w.Put(Table::kAuditLeaf, last, bad); });
  ExpectBroken("changed");
  Change([&](store::Writer& w) { return w.Delete(Table::kAuditLeaf, last); });
  ExpectBroken("dropped");
  const Bytes beyond = rows_.Entry(Rows::IndexOf(last) + 1);
  Change([&](store::Writer& w) -> absl::Status {
    TRY_OK(w.Put(Table::kAuditLeaf, last, *late));
    return w.Put(Table::kAuditLeaf, beyond, *late);
  });
  ExpectBroken("added");
  Change([&](store::Writer& w) { return w.Delete(Table::kAuditLeaf, beyond); });
  EXPECT_OK(node_.Open());
}

TEST_F(TamperTest, AMovedHeadIsFound) {
  const auto change = [&](const std::function<void(HeadRow&)>& edit) {
    Change([&](store::Writer& w) -> absl::Status {
      TRY(const auto bytes, w.Get(Table::kAuditHead, rows_.Head()));
      TRY(HeadRow row, Decode<HeadRow>(*bytes));
      edit(row);
      return w.Put(Table::kAuditHead, rows_.Head(), Encode(row));
    });
  };
  change([](HeadRow& row) { row.size -= 1; });
  ExpectBroken("truncated");
  change([](HeadRow& row) { row.size += 2; });
  ExpectBroken("lengthened");
  change([](HeadRow& row) { row.size -= 1, row.root[0] ^= 1U; });
  ExpectBroken("another root");
  change([](HeadRow& row) { row.root[0] ^= 1U; });
  EXPECT_OK(node_.Open());
}

TEST_F(TamperTest, AStoreRolledBackBehindTheCheckpointIsFound) {
  node_.store.reset();
  const std::string store = node_.Dir() + "/store";
  const std::string old = testing::ReadFile(store);
  ASSERT_OK(node_.Open());
  ASSERT_OK(log().Commit(JobOf(Dropped("later"))));
  ASSERT_OK(log().Tick());
  node_.Close();
  std::ofstream(store, std::ios::binary) << old;
  ExpectBroken("rolled back");
}

TEST_F(TamperTest, ALostStoreIsNotANewLog) {
  node_.store.reset();
  fs::remove(node_.Dir() + "/store");
  ExpectBroken("lost");
}

TEST_F(TamperTest, AHeadMovedUnderARunningLogEndsIt) {
  ASSERT_OK(node_.Open());
  Change([&](store::Writer& w) -> absl::Status {
    TRY(const auto bytes, w.Get(Table::kAuditHead, rows_.Head()));
    TRY(HeadRow row, Decode<HeadRow>(*bytes));
    row.root[5] ^= 1U;
    return w.Put(Table::kAuditHead, rows_.Head(), Encode(row));
  });
  const auto result = log().Commit(JobOf(Dropped("x")));
  EXPECT_THAT(result, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log().state(), State::kBroken);
  EXPECT_FALSE(log().Commit(JobOf(Dropped("y"))).ok());
  EXPECT_FALSE(log().Tick().ok());
  EXPECT_OK(log().Read(0, 1));
}

TEST_F(TamperTest, AnotherLogKeyIsFound) {
  node_.keys.log = primitive::SigningKey::Generate();
  // The published note is not this key's.
  EXPECT_FALSE(node_.Open().ok());
}

TEST_F(TamperTest, AWitnessThatSawMoreOrOtherBreaksTheLog) {
  ASSERT_OK(node_.Open());
  const auto note = [&](std::uint64_t size, const Hash& root) {
    return *merkle::SignCheckpoint(
        {kOrigin, size, root}, node_.keys.LogKey(),
        [this](ByteView m) { return node_.keys.log.Sign(m); });
  };
  const Head head = log().PublishedHead();
  EXPECT_OK(log().CompareWitnessed(AsBytes(head.note)));
  // Not signed by this log: nobody's word.
  TestNode other(node_.Dir() + "/other");
  EXPECT_THAT(log().CompareWitnessed(AsBytes(*merkle::SignCheckpoint(
                  {kOrigin, 9999, {}}, other.keys.LogKey(),
                  [&](ByteView m) { return other.keys.log.Sign(m); }))),
              HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(log().state(), State::kOpen);
  EXPECT_THAT(log().CompareWitnessed(AsBytes(note(head.size + 1, head.root))),
              HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log().state(), State::kBroken);

  ASSERT_OK(node_.Open());
  Hash bad = log().PublishedHead().root;
  bad[0] ^= 1U;
  EXPECT_THAT(
      log().CompareWitnessed(AsBytes(note(log().PublishedHead().size, bad))),
      HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log().state(), State::kBroken);
}

}  // namespace
}  // namespace entente::audit
