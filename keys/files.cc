#include "keys/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "crypto/base/status.h"
#include "crypto/primitive/random.h"

namespace entente::keys {
namespace {

absl::Status FromErrno(std::string_view what) {
  const int error = errno;
  if (error == ENOENT) return NotFound("no such file or folder: cannot ", what);
  if (error == EEXIST) return AlreadyExists("the file exists: cannot ", what);
  if (error == ENOSPC || error == EDQUOT) {
    return Exhausted("the disk is full: cannot ", what);
  }
  return Unavailable("cannot ", what, ": ",
                     std::generic_category().message(error));
}

std::string Parent(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status WriteAll(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("write a key file");
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status WriteTemporary(const std::string& path, ByteView content) {
  const Fd fd(::open(path.c_str(),
                     O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                     0600));
  if (!fd.ok() || ::fchmod(fd.get(), 0600) != 0) {
    return FromErrno("create a key file");
  }
  TRY_OK(WriteAll(fd.get(), content));
  if (::fsync(fd.get()) != 0) return FromErrno("sync a key file");
  return absl::OkStatus();
}

bool OwnerIsTrusted(const struct stat& info) {
  return info.st_uid == ::geteuid() || info.st_uid == 0;
}

absl::Status CheckPrivacy(const struct stat& info, Privacy privacy) {
  const mode_t forbidden = privacy == Privacy::kOwnerOnly ? 077U : 027U;
  if (!S_ISREG(info.st_mode)) return Unready("not a regular file");
  if (!OwnerIsTrusted(info)) return Unready("the file belongs to another user");
  if ((info.st_mode & forbidden) != 0) {
    return WithNext(Unready("the file is open to other users"),
                    "give it mode 0600 (chmod 600)");
  }
  return absl::OkStatus();
}

absl::StatusOr<Bytes> ReadAll(int fd, std::size_t size) {
  Bytes out(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::read(fd, out.data() + have, size - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno("read a key file");
    if (n == 0) return Unavailable("a key file shrank while it was read");
    have += static_cast<std::size_t>(n);
  }
  return out;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

absl::StatusOr<Bytes> ReadPrivateFile(const std::string& path, std::size_t max,
                                      Privacy privacy) {
  // O_NONBLOCK: a pipe under the name must not hang us before the check.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok()) return FromErrno("open a key file");
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return FromErrno("read a key file");
  TRY_OK(CheckPrivacy(info, privacy));
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max) return Invalid("the key file is too long");
  return ReadAll(fd.get(), size);
}

absl::Status WriteNewFile(const std::string& path, ByteView content) {
  const std::string temporary = path + kTemporarySuffix;
  absl::Status status = WriteTemporary(temporary, content);
  // link() refuses an existing name, which rename() does not.
  if (status.ok() && ::link(temporary.c_str(), path.c_str()) != 0) {
    status = FromErrno("put a key file in its place");
  }
  ::unlink(temporary.c_str());
  TRY_OK(status);
  return SyncDir(Parent(path));
}

absl::Status WriteFileAtomic(const std::string& path, ByteView content) {
  const std::string temporary = path + kTemporarySuffix;
  absl::Status status = WriteTemporary(temporary, content);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = FromErrno("put a key file in its place");
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return SyncDir(Parent(path));
}

absl::Status OverwriteAndRemove(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.ok()) {
    if (errno == ENOENT) return absl::OkStatus();
    return FromErrno("open a key file");
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return FromErrno("read a key file");
  Bytes noise(static_cast<std::size_t>(info.st_size));
  primitive::RandomBytes(noise);
  TRY_OK(WriteAll(fd.get(), noise));
  if (::fsync(fd.get()) != 0) return FromErrno("sync a key file");
  if (::unlink(path.c_str()) != 0) return FromErrno("remove a key file");
  return SyncDir(Parent(path));
}

absl::Status SyncDir(const std::string& dir) {
  const Fd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return FromErrno("open a key folder");
  if (::fsync(fd.get()) != 0) return FromErrno("sync a key folder");
  return absl::OkStatus();
}

absl::Status MakePrivateDir(const std::string& dir) {
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return FromErrno("make a key folder");
  }
  return SyncDir(Parent(dir));
}

absl::Status CheckPrivateDir(const std::string& dir) {
  struct stat info{};
  if (::stat(dir.c_str(), &info) != 0) return FromErrno("open a key folder");
  if (!S_ISDIR(info.st_mode)) return Unready("the key folder is no folder");
  if (!OwnerIsTrusted(info)) {
    return Unready("the key folder belongs to another user");
  }
  if ((info.st_mode & 077U) != 0) {
    return WithNext(Unready("the key folder is open to other users"),
                    "give it mode 0700 (chmod 700)");
  }
  return absl::OkStatus();
}

bool FileExists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

absl::StatusOr<std::vector<std::string>> ListDir(const std::string& dir) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator it(dir, error);
  if (error) return NotFound("no such folder");
  for (; it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (error) return Unavailable("cannot list a key folder");
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<Fd> LockFile(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.ok()) return FromErrno("open the lock of a key folder");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return WithNext(Unavailable("another process uses this key folder"),
                    "stop the other process first");
  }
  return fd;
}

}  // namespace entente::keys
