#include "node/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "crypto/base/status.h"

namespace entente::base {
namespace {

namespace fs = std::filesystem;

absl::Status FromErrno(std::string_view what) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    return Exhausted("the disk is full: cannot ", what);
  }
  if (error == ENOENT) return NotFound("no such file or folder: cannot ", what);
  return Unavailable("cannot ", what, ": ",
                     std::generic_category().message(error));
}

// Every failure to write is the disk's, a missing folder included.
absl::Status WriteError(std::string_view what) {
  absl::Status status = FromErrno(what);
  if (status.code() != absl::StatusCode::kNotFound) return status;
  return Unavailable("no such folder: cannot ", what);
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  int Close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

std::string Parent(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status WriteAll(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return WriteError("write a file");
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status WriteTemporary(const std::string& path, ByteView content,
                            mode_t mode) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd.ok()) return WriteError("create a file");
  if (::fchmod(fd.get(), mode) != 0) return WriteError("set a file's mode");
  TRY_OK(WriteAll(fd.get(), content));
  if (::fsync(fd.get()) != 0) return WriteError("write a file to disk");
  if (fd.Close() != 0) return WriteError("close a file");
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFileAtomic(const std::string& path, ByteView content,
                             mode_t mode) {
  const std::string temporary = path + kTemporarySuffix;
  absl::Status written = WriteTemporary(temporary, content, mode);
  if (written.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = WriteError("put a file in its place");
  }
  if (!written.ok()) {
    ::unlink(temporary.c_str());
    return written;
  }
  return SyncDir(Parent(path));
}

absl::StatusOr<NewFile> NewFile::Create(const std::string& temporary,
                                        mode_t mode) {
  const int fd =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return WriteError("create a file");
  NewFile file(fd, temporary);
  if (::fchmod(fd, mode) != 0) return WriteError("set a file's mode");
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      temporary_(std::move(other.temporary_)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

absl::Status NewFile::Append(ByteView piece) { return WriteAll(fd_, piece); }

absl::Status NewFile::Commit(const std::string& path) && {
  if (::fsync(fd_) != 0) return WriteError("write a file to disk");
  if (::rename(temporary_.c_str(), path.c_str()) != 0)
    return WriteError("put a file in its place");
  ::close(std::exchange(fd_, -1));
  return SyncDir(Parent(path));
}

absl::StatusOr<ScratchFile> ScratchFile::Create(const std::string& folder) {
  // Not O_TMPFILE: overlay file systems of older kernels do not have it.
  std::string path = folder + "/scratch-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return WriteError("create a file");
  ScratchFile file(fd);
  if (::unlink(path.c_str()) != 0) return WriteError("unname a file");
  return file;
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status ScratchFile::Append(ByteView bytes) {
  return WriteAll(fd_, bytes);
}

absl::Status ScratchFile::Read(std::uint64_t offset,
                               MutableByteView out) const {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n = ::pread(fd_, out.data() + have, out.size() - have,
                              static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("read a file");
    if (n == 0) return Unavailable("the file ends too early");
    have += static_cast<std::size_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<Bytes> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return FromErrno("open a file");
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return FromErrno("read a file");
  if (!S_ISREG(info.st_mode)) return Unavailable("not a regular file");
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return Invalid("the file is larger than ", std::to_string(max_bytes),
                   " bytes");
  }
  Bytes out(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n = ::read(fd.get(), out.data() + have, out.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("read a file");
    if (n == 0) return Unavailable("the file shrank while it was read");
    have += static_cast<std::size_t>(n);
  }
  return out;
}

absl::Status MakeDirs(const std::string& path) {
  if (path.empty() || fs::is_directory(path)) return absl::OkStatus();
  const std::string parent = Parent(path);
  if (parent != path) TRY_OK(MakeDirs(parent));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return WriteError("make a folder");
  }
  return SyncDir(parent);
}

absl::Status SyncDir(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return WriteError("open a folder");
  if (::fsync(fd.get()) != 0) return WriteError("write a folder to disk");
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return WriteError("remove a file");
  }
  return absl::OkStatus();
}

bool FileExists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path) {
  std::error_code error;
  fs::recursive_directory_iterator it(path, error);
  if (error) return NotFound("no such folder");
  std::vector<std::string> out;
  while (it != fs::recursive_directory_iterator()) {
    // A link is listed, not followed: whatever lies there must be seen.
    if (it->is_symlink(error) || !it->is_directory(error)) {
      out.push_back(it->path().lexically_relative(path).string());
    }
    it.increment(error);
    if (error) return Unavailable("cannot list a folder");
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::size_t> RemoveOlder(
    const std::string& folder, std::int64_t before,
    const std::function<bool(const std::string&)>& keep) {
  const absl::StatusOr<std::vector<std::string>> files = ListFiles(folder);
  if (absl::IsNotFound(files.status())) return std::size_t{0};
  TRY_OK(files.status());
  std::size_t removed = 0;
  for (const std::string& file : *files) {
    if (keep && keep(file)) continue;
    const std::string path = folder + "/" + file;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || info.st_mtime >= before) continue;
    TRY_OK(RemoveFile(path));
    ++removed;
  }
  return removed;
}

absl::StatusOr<std::uint64_t> FreeBytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) {
    return FromErrno("ask for the free disk space");
  }
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

absl::StatusOr<DirLock> DirLock::Acquire(const std::string& lock_file) {
  const int fd = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return WriteError("open the lock file");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return WithNext(
        Unavailable("another process is using this data directory"),
        "stop the other process, or give this one a directory of its own");
  }
  return DirLock(fd);
}

DirLock::DirLock(DirLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}
DirLock& DirLock::operator=(DirLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
DirLock::~DirLock() {
  if (fd_ >= 0) ::close(fd_);  // lets go of the flock
}

}  // namespace entente::base
