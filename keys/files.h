#pragma once
// Private to this room: small files that hold keys. Messages name no path: a
// path can tell where a secret lies.

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::keys {

// Closes a descriptor when the scope ends.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Which permission bits a file may have; its owner is this user or root.
enum class Privacy {
  kOwnerOnly,   // nothing for group and others
  kCredential,  // as systemd gives it: the group may read
};

// The whole file. NOT_FOUND; FAILED_PRECONDITION: not private, or no regular
// file; INVALID_ARGUMENT: over `max` bytes; UNAVAILABLE. Callers wipe what is
// secret.
absl::StatusOr<Bytes> ReadPrivateFile(const std::string& path, std::size_t max,
                                      Privacy privacy);

// Both write a temporary file (mode 0600), fsync, put it in place, fsync the
// folder: the file is there whole or not at all. NewFile never overwrites
// (ALREADY_EXISTS). Else RESOURCE_EXHAUSTED when the disk is full, UNAVAILABLE.
absl::Status WriteNewFile(const std::string& path, ByteView content);
absl::Status WriteFileAtomic(const std::string& path, ByteView content);
inline constexpr char kTemporarySuffix[] = ".tmp";

// Overwrites in place with random bytes, syncs, unlinks, syncs the folder. A
// file that is not there is no error.
absl::Status OverwriteAndRemove(const std::string& path);

absl::Status SyncDir(const std::string& dir);
// Makes one folder, mode 0700; its parent exists. One that exists is kept.
absl::Status MakePrivateDir(const std::string& dir);
// FAILED_PRECONDITION: open to others, or somebody else's. NOT_FOUND.
absl::Status CheckPrivateDir(const std::string& dir);
bool FileExists(const std::string& path);
// Names in the folder, sorted. NOT_FOUND.
absl::StatusOr<std::vector<std::string>> ListDir(const std::string& dir);
// Holds the folder against other processes. UNAVAILABLE: it is held.
absl::StatusOr<Fd> LockFile(const std::string& path);

}  // namespace entente::keys
