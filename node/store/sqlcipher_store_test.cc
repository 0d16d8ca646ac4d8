#include "node/store/sqlcipher_store.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "node/base/file.h"
#include "node/store/schema.h"
#include "node/store/sql.h"
#include "node/store/store_contract_test.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/temp_dir.h"

namespace entente::store {
namespace {

using testing::HasCode;
using testing::TempDir;

SecretBytes KeyOf(std::uint8_t fill) {
  return SecretBytes::CopyOf(Bytes(32, fill));
}

struct SqlCipherDriver {
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    const std::string path = dir.Path("store");
    const OpenMode mode =
        base::FileExists(path) ? OpenMode::kOpen : OpenMode::kCreate;
    return OpenSqlCipher({path, mode}, KeyOf(7));
  }
  TempDir dir;
};
INSTANTIATE_TYPED_TEST_SUITE_P(SqlCipher, StoreContractTest, SqlCipherDriver);

class SqlCipherTest : public ::testing::Test {
 protected:
  std::string Path() const { return dir_.Path("store"); }
  absl::StatusOr<std::unique_ptr<Store>> Create() {
    return OpenSqlCipher({Path(), OpenMode::kCreate}, KeyOf(7));
  }
  absl::StatusOr<std::unique_ptr<Store>> Open(std::uint8_t key = 7) {
    return OpenSqlCipher({Path(), OpenMode::kOpen}, KeyOf(key));
  }
  // A closed store with `rows` rows of 200 bytes.
  void Fill(int rows) {
    ASSERT_OK_AND_ASSIGN(auto store, Create());
    ASSERT_OK(store->Write([rows](Writer& w) -> absl::Status {
      for (int i = 0; i < rows; ++i) {
        const std::string key = "row " + std::to_string(i);
        TRY_OK(w.Put(Table::kHit, AsBytes(key), Bytes(200, 'v'), i + 1));
      }
      return absl::OkStatus();
    }));
  }
  void FlipByte(std::size_t at) {
    std::fstream file(Path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int old = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(old ^ 0x10));
  }
  TempDir dir_;
};

TEST_F(SqlCipherTest, OpensOnlyWhatExistsAndCreatesOnlyWhatDoesNot) {
  EXPECT_THAT(Open(), HasCode(absl::StatusCode::kNotFound));
  EXPECT_OK(Create());
  EXPECT_OK(Open());
  EXPECT_THAT(Create(), HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(SqlCipherTest, RefusesAWrongKeyAndAKeyOfAnotherLength) {
  Fill(10);
  const auto wrong = Open(8);
  ASSERT_THAT(wrong, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(MessageOf(wrong.status()),
              ::testing::HasSubstr("wrong key or damaged file"));
  EXPECT_THAT(OpenSqlCipher({Path(), OpenMode::kOpen}, SecretBytes::Random(31)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(Open());
}

TEST_F(SqlCipherTest, RefusesAFileInClear) {
  std::ofstream(Path()) << "SQLite format 3" << std::string(5000, '\0');
  const auto clear = Open();
  ASSERT_THAT(clear, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(MessageOf(clear.status()), ::testing::HasSubstr("in clear"));
}

TEST_F(SqlCipherTest, AnEmptyFileIsDamagedNotNew) {
  std::ofstream(Path()) << "";
  EXPECT_THAT(Open(), HasCode(absl::StatusCode::kDataLoss));
}

TEST_F(SqlCipherTest, AnInterruptedCreationIsDoneAgain) {
  std::ofstream(Path() + ".tmp") << "half";
  std::ofstream(Path() + ".tmp-wal") << "half";
  EXPECT_OK(Create());
  EXPECT_OK(Open());
}

TEST_F(SqlCipherTest, HoldsNothingInClearAndKeepsFilesPrivate) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  ASSERT_OK(store->Write([](Writer& w) {
    return w.Put(Table::kTraveller, AsBytes("planted-key"),
                 AsBytes("PLANTED INVENTED"));
  }));
  for (const char* suffix : {"", "-wal"}) {
    const std::string bytes = testing::ReadFile(Path() + suffix);
    ASSERT_FALSE(bytes.empty()) << suffix;
    EXPECT_EQ(bytes.find("PLANTED"), std::string::npos) << suffix;
    EXPECT_EQ(bytes.find("planted"), std::string::npos) << suffix;
    EXPECT_EQ(bytes.find("audit_leaf"), std::string::npos) << suffix;
    struct stat info{};
    ASSERT_EQ(::stat((Path() + suffix).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(SqlCipherTest, FindsAnyFlippedByte) {
  Fill(300);
  const std::string good = testing::ReadFile(Path());
  ASSERT_GT(good.size(), 60'000U);
  std::mt19937 random(20270101);
  for (int i = 0; i < 60; ++i) {
    // The first and the last byte always, then any.
    const std::size_t at = i == 0   ? 0
                           : i == 1 ? good.size() - 1
                                    : random() % good.size();
    FlipByte(at);
    const auto store = Open();
    const absl::Status status = store.ok() ? (*store)->Check() : store.status();
    EXPECT_THAT(status, HasCode(absl::StatusCode::kDataLoss)) << at;
    std::ofstream(Path(), std::ios::binary) << good;
  }
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  EXPECT_OK(store->Check());
}

TEST_F(SqlCipherTest, ReadingADamagedPageIsNeverAnEmptyAnswer) {
  Fill(300);
  const std::string good = testing::ReadFile(Path());
  int failed = 0;
  for (std::size_t page = 1; page < good.size() / 4096; ++page) {
    FlipByte(page * 4096 + 2000);
    const auto store = Open();
    absl::Status status = store.status();
    std::size_t seen = 300;
    if (store.ok()) {
      ASSERT_OK_AND_ASSIGN(auto reader, (*store)->Read());
      const auto rows = reader->Scan(Table::kHit, {}, {}, 1000);
      status = rows.status();
      if (rows.ok()) seen = rows->size();
    }
    EXPECT_EQ(seen, 300U) << page;
    if (!status.ok()) {
      ++failed;
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    }
    std::ofstream(Path(), std::ios::binary) << good;
  }
  EXPECT_GT(failed, 10);
}

TEST_F(SqlCipherTest, RefusesASecondProcess) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  const auto second = Open();
  ASSERT_THAT(second, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(MessageOf(second.status()),
              ::testing::HasSubstr("another process"));
  EXPECT_FALSE(NextOf(second.status()).empty());
  store.reset();
  EXPECT_OK(Open());
}

TEST_F(SqlCipherTest, RefusesANewerSchema) {
  Fill(1);
  {
    ASSERT_OK_AND_ASSIGN(
        const auto raw, Connection::Open(Path(), Access::kReadWrite, KeyOf(7)));
    ASSERT_OK(raw->Exec("PRAGMA user_version=999"));
  }
  const auto newer = Open();
  EXPECT_THAT(newer, HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(MessageOf(newer.status()), ::testing::HasSubstr("newer"));
}

TEST_F(SqlCipherTest, MigratesFromTheEmptySchema) {
  {
    ASSERT_OK_AND_ASSIGN(const auto raw,
                         Connection::Open(Path(), Access::kCreate, KeyOf(7)));
    // Something in it, so that the file is not empty.
    ASSERT_OK(raw->Exec("CREATE TABLE other (x); DROP TABLE other"));
  }
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  EXPECT_OK(store->Write([](Writer& w) {
    return w.Put(Table::kWitness, AsBytes("k"), AsBytes("v"));
  }));
}

TEST(SchemaTest, StepsAreNumberedFromOneWithoutGap) {
  int expected = 0;
  for (const Migration& step : SqliteMigrations()) {
    EXPECT_EQ(step.to, ++expected);
  }
  EXPECT_EQ(SchemaVersion(), expected);
}

TEST_F(SqlCipherTest, SettingsAreThoseOfTheDesign) {
  Fill(1);
  ASSERT_OK_AND_ASSIGN(const auto writer,
                       Connection::Open(Path(), Access::kReadWrite, KeyOf(7)));
  EXPECT_EQ(*writer->Ask("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(*writer->Ask("PRAGMA synchronous"), "2");
  EXPECT_EQ(*writer->Ask("PRAGMA secure_delete"), "1");
  EXPECT_EQ(*writer->Ask("PRAGMA wal_autocheckpoint"), "0");
  EXPECT_EQ(*writer->Ask("PRAGMA trusted_schema"), "0");
  EXPECT_THAT(*writer->Ask("PRAGMA cipher_version"),
              ::testing::StartsWith("4."));
  ASSERT_OK_AND_ASSIGN(const auto reader,
                       Connection::Open(Path(), Access::kReadOnly, KeyOf(7)));
  EXPECT_EQ(*reader->Ask("PRAGMA query_only"), "1");
  EXPECT_FALSE(reader->Exec("DELETE FROM hit").ok());
}

TEST_F(SqlCipherTest, ClosingAReaderLeavesTheWriteAheadLogAlone) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  ASSERT_OK(store->Write([](Writer& w) {
    return w.Put(Table::kHit, AsBytes("k"), AsBytes("v"));
  }));
  const auto size = std::filesystem::file_size(Path() + "-wal");
  ASSERT_GT(size, 0U);
  {
    ASSERT_OK_AND_ASSIGN(const auto reader,
                         Connection::Open(Path(), Access::kReadOnly, KeyOf(7)));
    ASSERT_OK(reader->Ask("SELECT count(*) FROM hit"));
  }
  EXPECT_EQ(std::filesystem::file_size(Path() + "-wal"), size);
}

TEST_F(SqlCipherTest, ScrubEmptiesTheWriteAheadLog) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  ASSERT_OK(store->Write([](Writer& w) {
    return w.Put(Table::kHit, AsBytes("k"), AsBytes("v"));
  }));
  ASSERT_OK(store->Scrub());
  EXPECT_EQ(std::filesystem::file_size(Path() + "-wal"), 0U);
}

TEST_F(SqlCipherTest, TheWriteAheadLogDoesNotGrowWithoutEnd) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK(store->Write([i](Writer& w) {
      return w.Put(Table::kHit, AsBytes("k" + std::to_string(i % 4)),
                   Bytes(1'000'000, 'v'));
    }));
  }
  EXPECT_LT(std::filesystem::file_size(Path() + "-wal"), 12U << 20U);
}

TEST_F(SqlCipherTest, NorBesideWritersThatNeverRest) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  const auto write = [&store](const std::string& name) {
    for (int i = 0; i < 120; ++i) {
      EXPECT_OK(store->Write([&](Writer& w) {
        return w.Put(Table::kHit, AsBytes(name + std::to_string(i % 4)),
                     Bytes(100'000, 'v'));
      }));
    }
  };
  {
    const std::jthread one(write, "a");
    const std::jthread other(write, "b");
    const std::jthread third(write, "c");
  }
  EXPECT_LT(std::filesystem::file_size(Path() + "-wal"), 12U << 20U);
  ASSERT_OK(store->Check());
  ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
  EXPECT_EQ(*reader->Count(Table::kHit, {}), 12U);
}

// What is committed alone is tidied up later, by whoever does.
TEST_F(SqlCipherTest, ACommitIsDurableBeforeItIsTidiedUp) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  const auto size = std::filesystem::file_size(Path());
  ASSERT_OK(store->Commit([](Writer& w) {
    return w.Put(Table::kHit, AsBytes("k"), Bytes(2'000'000, 'v'));
  }));
  EXPECT_EQ(std::filesystem::file_size(Path()), size);
  {
    // As after a crash: the files as they lie.
    const TempDir copy;
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(Path() + suffix, copy.Path("store") + suffix);
    }
    ASSERT_OK_AND_ASSIGN(
        auto again,
        OpenSqlCipher({copy.Path("store"), OpenMode::kOpen}, KeyOf(7)));
    ASSERT_OK_AND_ASSIGN(auto reader, again->Read());
    EXPECT_EQ((*reader->Get(Table::kHit, AsBytes("k")))->size(), 2'000'000U);
  }
  store->Tidy();
  EXPECT_GT(std::filesystem::file_size(Path()), size + 2'000'000U);
}

TEST_F(SqlCipherTest, AValueThatIsTooLargeHarmsNothingElse) {
  ASSERT_OK_AND_ASSIGN(auto store, Create());
  // Over SQLite's limit of 1,000,000,000 bytes a value.
  const Bytes huge(1'000'000'001, 0);
  EXPECT_OK(store->Write([&huge](Writer& w) {
    EXPECT_THAT(w.Put(Table::kHit, AsBytes("b"), huge),
                HasCode(absl::StatusCode::kInvalidArgument));
    return w.Put(Table::kHit, AsBytes("c"), AsBytes("v"));
  }));
  ASSERT_OK_AND_ASSIGN(auto reader, store->Read());
  EXPECT_EQ(*reader->Count(Table::kHit, {}), 1U);
}

}  // namespace
}  // namespace entente::store
