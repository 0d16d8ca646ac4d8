#pragma once
// A disk that fails: it stands between the program under test and the kernel
// (the linker hands every `open`, `write`, `fsync`, ... of the test program to
// it, those of SQLCipher included: tests/faults/CMakeLists.txt), passes all on,
// and at one chosen step does what disks and machines do. Nothing of it is in
// the product.
//
// It also keeps book of what would be on the platter: which bytes and which
// names were synced. A power cut leaves those, and of the rest any part.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace entente::testing {

enum class DiskFault : std::uint8_t {
  kNone,
  kKill,        // the process is gone before this step
  kTornWrite,   // the process is gone in the middle of this write
  kPowerCut,    // the machine is gone: what was not synced is there in parts
  kLyingSync,   // the same, and from some step on syncs did nothing
  kShortWrite,  // this write takes a part, as write(2) may
  kIoError,     // EIO once, or from here on
  kFull,        // ENOSPC for whatever grows, from here on
  kLast = kFull
};
std::string_view NameOf(DiskFault fault);

// Thread-safe. One at a time is in use, while it lives.
class FaultDisk {
 public:
  // Watches `root` and everything below it.
  explicit FaultDisk(std::filesystem::path root);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  // Null: the calls go to the kernel.
  static FaultDisk* InUse();

  // What is in `root` now counts as synced. The fault comes at step `at`
  // (from 1; 0: never); `seed` settles all that is left to chance.
  void Begin(DiskFault fault, std::size_t at, std::uint64_t seed);
  // No more faults; after a power cut `root` is made what the platter holds.
  // Nobody may have a file open.
  void End();

  bool dead() const;          // the process or the machine is gone
  std::size_t steps() const;  // steps seen since Begin
  std::string where() const;  // the step of the fault: `fsync store-wal`

  // The calls, from the linker's wrappers.
  int Open(const char* path, int flags, mode_t mode);
  int Close(int fd);
  ssize_t Write(int fd, const void* bytes, std::size_t size);
  ssize_t WriteAt(int fd, const void* bytes, std::size_t size, off_t at);
  int Sync(int fd, bool data_only);
  int Truncate(int fd, off_t size);
  int Rename(const char* from, const char* to);
  int Unlink(const char* path);
  int MakeDir(const char* path, mode_t mode);
  int RemoveDir(const char* path);

 private:
  struct Change {
    off_t at = 0;
    std::string bytes;
    bool truncates = false;
  };
  struct File {
    std::string synced;
    std::vector<Change> pending;
  };
  using FileRef = std::shared_ptr<File>;
  enum class NameKind : std::uint8_t { kLink, kUnlink, kRename, kDir, kNoDir };
  struct NameChange {
    NameKind kind = NameKind::kLink;
    std::string path;
    std::string to;
    FileRef file;
  };
  struct OpenFile {
    std::string path;
    FileRef file;  // null: a folder
    bool appends = false;
  };
  enum class Grows : std::uint8_t { kNo, kYes };
  enum class Verdict : std::uint8_t { kPass, kPart, kRefuse };

  Verdict Step(std::string_view what, const std::string& path, Grows grows,
               bool is_write);
  bool Watches(const std::string& path) const;
  OpenFile* Find(int fd);
  ssize_t DoWrite(int fd, OpenFile& open, const char* bytes, std::size_t size,
                  off_t at, bool positioned);
  static void Apply(std::string& content, const Change& change);
  void ApplyName(std::map<std::string, FileRef>& names,
                 std::map<std::string, bool>& dirs, const NameChange& change);
  void SyncNames(const std::string& dir);
  void MakePlatter();
  std::string PartOf(const File& file);

  const std::string root_;
  mutable std::mutex mutex_;
  bool active_ = false;
  DiskFault fault_ = DiskFault::kNone;
  std::size_t at_ = 0;
  std::size_t lies_from_ = 0;
  bool lasting_ = false;
  std::size_t steps_ = 0;
  bool dead_ = false;
  bool failing_ = false;
  std::string where_;
  std::mt19937_64 random_;
  std::map<int, OpenFile> open_;
  std::map<std::string, FileRef> names_;         // as the process sees them
  std::map<std::string, FileRef> synced_names_;  // as the platter has them
  std::map<std::string, bool> synced_dirs_;
  std::vector<NameChange> name_changes_;  // not synced, in order
};

}  // namespace entente::testing
