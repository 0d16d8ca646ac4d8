#include "node/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/base/status.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::base {
namespace {

using testing::HasCode;
using testing::TempDir;

TEST(FileTest, WritesAndReadsBack) {
  const TempDir dir;
  const std::string path = dir.Path("a");
  ASSERT_OK(WriteFileAtomic(path, AsBytes("one"), 0640));
  ASSERT_OK(WriteFileAtomic(path, AsBytes("two!")));
  ASSERT_OK_AND_ASSIGN(const Bytes back, ReadFile(path, 4));
  EXPECT_EQ(AsText(back), "two!");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(FileExists(path + kTemporarySuffix));
}

TEST(FileTest, ReadTellsMissingFromLargeFromOther) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomic(dir.Path("a"), AsBytes("12345")));
  EXPECT_THAT(ReadFile(dir.Path("b"), 9), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadFile(dir.Path("a"), 4),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFile(dir.Path(""), 9),
              HasCode(absl::StatusCode::kUnavailable));
}

TEST(FileTest, FailedWriteLeavesTheOldFileAndNoTemporary) {
  const TempDir dir;
  ASSERT_OK(MakeDirs(dir.Path("f/full")));
  ASSERT_OK(WriteFileAtomic(dir.Path("f/full/x"), AsBytes("old")));
  // A folder stands where the file should go.
  EXPECT_FALSE(WriteFileAtomic(dir.Path("f/full"), AsBytes("new")).ok());
  EXPECT_FALSE(FileExists(dir.Path("f/full") + kTemporarySuffix));
  EXPECT_THAT(WriteFileAtomic(dir.Path("none/x"), AsBytes("new")),
              HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(testing::ReadFile(dir.Path("f/full/x")), "old");
}

TEST(FileTest, ListsAllFilesAndLinksSorted) {
  const TempDir dir;
  ASSERT_OK(MakeDirs(dir.Path("b/c")));
  ASSERT_OK(WriteFileAtomic(dir.Path("b/c/2"), {}));
  ASSERT_OK(WriteFileAtomic(dir.Path("b/1"), {}));
  ASSERT_OK(WriteFileAtomic(dir.Path("a"), {}));
  std::filesystem::create_symlink("/", dir.Path("root"));
  ASSERT_OK_AND_ASSIGN(const auto files, ListFiles(dir.Path("")));
  EXPECT_THAT(files, ::testing::ElementsAre("a", "b/1", "b/c/2", "root"));
  EXPECT_THAT(ListFiles(dir.Path("none")),
              HasCode(absl::StatusCode::kNotFound));
}

TEST(FileTest, RemoveIsIdempotent) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomic(dir.Path("a"), {}));
  EXPECT_OK(RemoveFile(dir.Path("a")));
  EXPECT_OK(RemoveFile(dir.Path("a")));
  EXPECT_FALSE(FileExists(dir.Path("a")));
  ASSERT_OK_AND_ASSIGN(const std::uint64_t free, FreeBytes(dir.Path("")));
  EXPECT_GT(free, 0U);
}

TEST(NewFileTest, IsThereOnlyWhenCommitted) {
  const TempDir dir;
  {
    ASSERT_OK_AND_ASSIGN(NewFile file, NewFile::Create(dir.Path("new")));
    ASSERT_OK(file.Append(AsBytes("one ")));
    EXPECT_TRUE(FileExists(dir.Path("new")));
  }
  EXPECT_FALSE(FileExists(dir.Path("new")));
  ASSERT_OK_AND_ASSIGN(NewFile file, NewFile::Create(dir.Path("new")));
  ASSERT_OK(file.Append(AsBytes("one ")));
  ASSERT_OK(file.Append(AsBytes("two")));
  ASSERT_OK(std::move(file).Commit(dir.Path("named")));
  EXPECT_FALSE(FileExists(dir.Path("new")));
  ASSERT_OK_AND_ASSIGN(const Bytes content, ReadFile(dir.Path("named"), 100));
  EXPECT_EQ(AsText(content), "one two");
}

TEST(ScratchFileTest, HoldsBytesAndLeavesNoName) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(ScratchFile file, ScratchFile::Create(dir.Path("")));
  ASSERT_OK(file.Append(AsBytes("0123")));
  ASSERT_OK(file.Append(AsBytes("456789")));
  Bytes out(4);
  ASSERT_OK(file.Read(3, out));
  EXPECT_EQ(AsText(out), "3456");
  EXPECT_THAT(file.Read(8, out), HasCode(absl::StatusCode::kUnavailable));
  ASSERT_OK_AND_ASSIGN(const auto names, ListFiles(dir.Path("")));
  EXPECT_THAT(names, ::testing::IsEmpty());
}

TEST(FileTest, OlderFilesGoUnlessTheyAreKept) {
  const TempDir dir;
  for (const char* name : {"old", "kept", "new"})
    ASSERT_OK(WriteFileAtomic(dir.Path(name), {}));
  const timespec then[2] = {{1000, 0}, {1000, 0}};
  for (const char* name : {"old", "kept"})
    ASSERT_EQ(::utimensat(AT_FDCWD, dir.Path(name).c_str(), then, 0), 0);
  const auto keep = [](const std::string& file) { return file == "kept"; };
  ASSERT_OK_AND_ASSIGN(const std::size_t gone,
                       RemoveOlder(dir.Path(""), 2000, keep));
  EXPECT_EQ(gone, 1U);
  EXPECT_FALSE(FileExists(dir.Path("old")));
  EXPECT_TRUE(FileExists(dir.Path("kept")));
  EXPECT_TRUE(FileExists(dir.Path("new")));
  ASSERT_OK_AND_ASSIGN(const std::size_t none,
                       RemoveOlder(dir.Path("nowhere"), 2000));
  EXPECT_EQ(none, 0U);
}

TEST(DirLockTest, KeepsASecondHolderOutUntilReleased) {
  const TempDir dir;
  {
    ASSERT_OK_AND_ASSIGN(DirLock lock, DirLock::Acquire(dir.Path("lock")));
    const absl::StatusOr<DirLock> second = DirLock::Acquire(dir.Path("lock"));
    EXPECT_THAT(second, HasCode(absl::StatusCode::kUnavailable));
    EXPECT_FALSE(NextOf(second.status()).empty());
    const DirLock moved = std::move(lock);
    EXPECT_FALSE(DirLock::Acquire(dir.Path("lock")).ok());
  }
  EXPECT_OK(DirLock::Acquire(dir.Path("lock")));
}

TEST(DirLockTest, DiesWithItsProcess) {
  const TempDir dir;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const absl::StatusOr<DirLock> lock = DirLock::Acquire(dir.Path("lock"));
    ::_exit(lock.ok() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_OK(DirLock::Acquire(dir.Path("lock")));
}

}  // namespace
}  // namespace entente::base
