#pragma once
// Files that are there whole or not at all, and the lock that keeps a second
// process out. Messages name no path: the caller knows which file it meant.

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::base {

// Replaces `path` by `content`: temporary file beside it, fsync, rename, fsync
// of the folder. After a crash the old file or the new one is there, never a
// part. `mode` are the permission bits.
//   RESOURCE_EXHAUSTED   the disk is full
//   UNAVAILABLE          the folder is missing, not writable, or the disk fails
absl::Status WriteFileAtomic(const std::string& path, ByteView content,
                             mode_t mode = 0600);

// The same for a file that is written piece by piece and whose name may depend
// on what it holds. Move-only; what was not committed goes.
class NewFile {
 public:
  // Writes beside its place, `temporary`, which is made or emptied.
  static absl::StatusOr<NewFile> Create(const std::string& temporary,
                                        mode_t mode = 0600);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  // Errors as WriteFileAtomic.
  absl::Status Append(ByteView piece);
  // Makes it durable under `path`, in the folder of `temporary`.
  absl::Status Commit(const std::string& path) &&;

 private:
  NewFile(int fd, std::string temporary)
      : fd_(fd), temporary_(std::move(temporary)) {}
  int fd_ = -1;
  std::string temporary_;
};

// Bytes that do not fit into memory, in a file without a name: it is gone when
// the process ends, however it ends. Move-only.
class ScratchFile {
 public:
  // In `folder`. Errors as WriteFileAtomic.
  static absl::StatusOr<ScratchFile> Create(const std::string& folder);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();

  absl::Status Append(ByteView bytes);
  // Fills `out` from `offset`. UNAVAILABLE: the disk fails, or there are fewer.
  absl::Status Read(std::uint64_t offset, MutableByteView out) const;

 private:
  explicit ScratchFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// WriteFileAtomic leaves `NAME.tmp` behind when the process dies in the middle.
inline constexpr char kTemporarySuffix[] = ".tmp";

// The whole file. NOT_FOUND: no such file. INVALID_ARGUMENT: larger than
// `max_bytes`. UNAVAILABLE: the disk fails, or it is no regular file.
absl::StatusOr<Bytes> ReadFile(const std::string& path, std::size_t max_bytes);

// Makes the folder and its parents, mode 0700; one that exists is kept as it
// is. New names are durable when it returns.
absl::Status MakeDirs(const std::string& path);
// Makes the names in the folder durable: after a rename or a removal.
absl::Status SyncDir(const std::string& path);
// Removes a file; one that is not there is no error.
absl::Status RemoveFile(const std::string& path);
bool FileExists(const std::string& path);
// Relative paths of all regular files below `path`, sorted. NOT_FOUND: no such
// folder.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path);
// Removes the files below `folder` that were last written before `before`
// (POSIX seconds) and of which `keep`, asked with their relative path, says no;
// how many. A folder that is not there has none.
absl::StatusOr<std::size_t> RemoveOlder(
    const std::string& folder, std::int64_t before,
    const std::function<bool(const std::string&)>& keep = {});
// Bytes that an unprivileged process can still write on that disk.
absl::StatusOr<std::uint64_t> FreeBytes(const std::string& path);

// Holds an exclusive flock on a file, made when absent, until destroyed; the
// kernel lets go when the process dies. Move-only.
class DirLock {
 public:
  // UNAVAILABLE: another process holds it.
  static absl::StatusOr<DirLock> Acquire(const std::string& lock_file);
  DirLock(DirLock&& other) noexcept;
  DirLock& operator=(DirLock&& other) noexcept;
  DirLock(const DirLock&) = delete;
  DirLock& operator=(const DirLock&) = delete;
  ~DirLock();

 private:
  explicit DirLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace entente::base
