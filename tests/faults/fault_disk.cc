#include "tests/faults/fault_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <fstream>
#include <iterator>
#include <utility>

// What the linker kept of the wrapped calls (-Wl,--wrap).
extern "C" {
int __real_open(const char* path, int flags, ...);
int __real_open64(const char* path, int flags, ...);
int __real_close(int fd);
ssize_t __real_write(int fd, const void* bytes, size_t size);
ssize_t __real_pwrite64(int fd, const void* bytes, size_t size, off_t at);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_ftruncate64(int fd, off_t size);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_mkdir(const char* path, mode_t mode);
int __real_rmdir(const char* path);
}

namespace entente::testing {
namespace {

namespace fs = std::filesystem;

std::atomic<FaultDisk*> in_use = nullptr;

std::string Content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// SQLite's shared memory is rebuilt after a crash, whatever it holds.
bool IsMemory(const std::string& path) { return path.ends_with("-shm"); }

}  // namespace

std::string_view NameOf(DiskFault fault) {
  switch (fault) {
    case DiskFault::kNone:
      return "none";
    case DiskFault::kKill:
      return "kill";
    case DiskFault::kTornWrite:
      return "torn-write";
    case DiskFault::kPowerCut:
      return "power-cut";
    case DiskFault::kLyingSync:
      return "lying-sync";
    case DiskFault::kShortWrite:
      return "short-write";
    case DiskFault::kIoError:
      return "io-error";
    case DiskFault::kFull:
      break;
  }
  return "full";
}

FaultDisk* FaultDisk::InUse() { return in_use.load(); }

FaultDisk::FaultDisk(fs::path root) : root_(root.string()) { in_use = this; }
FaultDisk::~FaultDisk() { in_use = nullptr; }

void FaultDisk::Begin(DiskFault fault, std::size_t at, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  at_ = at;
  random_.seed(seed);
  lies_from_ = at == 0 ? 0 : random_() % at;
  lasting_ = random_() % 2 == 0;
  steps_ = 0;
  dead_ = failing_ = false;
  where_.clear();
  open_.clear();
  names_.clear();
  synced_dirs_ = {{root_, true}};
  name_changes_.clear();
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    const std::string path = entry.path().string();
    if (entry.is_directory()) {
      synced_dirs_[path] = true;
    } else if (!IsMemory(path)) {
      names_[path] = std::make_shared<File>(File{Content(path), {}});
    }
  }
  synced_names_ = names_;
  active_ = true;
}

void FaultDisk::End() {
  const std::lock_guard lock(mutex_);
  active_ = false;
  open_.clear();
  if (dead_ &&
      (fault_ == DiskFault::kPowerCut || fault_ == DiskFault::kLyingSync)) {
    MakePlatter();
  }
}

bool FaultDisk::dead() const {
  const std::lock_guard lock(mutex_);
  return active_ && dead_;
}
std::size_t FaultDisk::steps() const {
  const std::lock_guard lock(mutex_);
  return steps_;
}
std::string FaultDisk::where() const {
  const std::lock_guard lock(mutex_);
  return where_;
}

bool FaultDisk::Watches(const std::string& path) const {
  return active_ && path.starts_with(root_ + "/") && !IsMemory(path);
}

FaultDisk::OpenFile* FaultDisk::Find(int fd) {
  const auto found = open_.find(fd);
  return active_ && found != open_.end() ? &found->second : nullptr;
}

// Sets errno when it refuses.
FaultDisk::Verdict FaultDisk::Step(std::string_view what,
                                   const std::string& path, Grows grows,
                                   bool is_write) {
  errno = EIO;
  if (dead_) return Verdict::kRefuse;
  const bool now = ++steps_ == at_;
  if (now) where_ = std::string(what) + " " + path.substr(root_.size());
  switch (fault_) {
    case DiskFault::kNone:
      break;
    case DiskFault::kKill:
    case DiskFault::kPowerCut:
    case DiskFault::kLyingSync:
      dead_ = now;
      return now ? Verdict::kRefuse : Verdict::kPass;
    case DiskFault::kTornWrite:
      dead_ = now;
      if (now) return is_write ? Verdict::kPart : Verdict::kRefuse;
      break;
    case DiskFault::kShortWrite:
      if (now && is_write) return Verdict::kPart;
      break;
    case DiskFault::kIoError:
      failing_ = failing_ || now;
      if (now || (failing_ && lasting_)) return Verdict::kRefuse;
      break;
    case DiskFault::kFull:
      failing_ = failing_ || now;
      if (failing_ && grows == Grows::kYes) {
        errno = ENOSPC;
        return Verdict::kRefuse;
      }
      break;
  }
  return Verdict::kPass;
}

int FaultDisk::Open(const char* path, int flags, mode_t mode) {
  const std::lock_guard lock(mutex_);
  const std::string name = path;
  struct stat info{};
  const bool exists = ::stat(path, &info) == 0;
  if (!Watches(name) && !(active_ && name == root_)) {
    return __real_open(path, flags, mode);
  }
  const bool makes = !exists && (flags & O_CREAT) != 0;
  const bool empties = exists && (flags & O_TRUNC) != 0 && info.st_size > 0;
  if ((makes || empties) && Step(makes ? "create" : "empty", name, Grows::kYes,
                                 false) != Verdict::kPass) {
    return -1;
  }
  const int fd = __real_open(path, flags, mode);
  if (fd < 0) return fd;
  OpenFile open{name, nullptr, (flags & O_APPEND) != 0};
  if (!exists || S_ISREG(info.st_mode)) {
    if (makes) {
      names_[name] = std::make_shared<File>();
      name_changes_.push_back({NameKind::kLink, name, "", names_[name]});
    }
    open.file = names_[name];
    if (empties && open.file) open.file->pending.push_back({0, "", true});
  }
  open_[fd] = std::move(open);
  return fd;
}

int FaultDisk::Close(int fd) {
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  return __real_close(fd);
}

ssize_t FaultDisk::DoWrite(int fd, OpenFile& open, const char* bytes,
                           std::size_t size, off_t at, bool positioned) {
  Verdict verdict = Step("write", open.path, Grows::kYes, true);
  if (verdict == Verdict::kRefuse) return -1;
  std::size_t n = size;
  if (verdict == Verdict::kPart) n = size < 2 ? 0 : random_() % (size - 1) + 1;
  const ssize_t done = positioned ? __real_pwrite64(fd, bytes, n, at)
                                  : __real_write(fd, bytes, n);
  if (done > 0 && open.file) {
    open.file->pending.push_back(
        {at, std::string(bytes, static_cast<std::size_t>(done)), false});
  }
  if (verdict == Verdict::kPart && dead_) {
    errno = EIO;
    return -1;
  }
  return done;
}

ssize_t FaultDisk::Write(int fd, const void* bytes, std::size_t size) {
  const std::lock_guard lock(mutex_);
  OpenFile* open = Find(fd);
  if (open == nullptr) return __real_write(fd, bytes, size);
  const off_t at = ::lseek(fd, 0, open->appends ? SEEK_END : SEEK_CUR);
  return DoWrite(fd, *open, static_cast<const char*>(bytes), size, at, false);
}

ssize_t FaultDisk::WriteAt(int fd, const void* bytes, std::size_t size,
                           off_t at) {
  const std::lock_guard lock(mutex_);
  OpenFile* open = Find(fd);
  if (open == nullptr) return __real_pwrite64(fd, bytes, size, at);
  return DoWrite(fd, *open, static_cast<const char*>(bytes), size, at, true);
}

int FaultDisk::Sync(int fd, bool data_only) {
  const std::lock_guard lock(mutex_);
  OpenFile* open = Find(fd);
  if (open == nullptr) {
    return data_only ? __real_fdatasync(fd) : __real_fsync(fd);
  }
  if (Step("sync", open->path, Grows::kNo, false) != Verdict::kPass) return -1;
  if (fault_ == DiskFault::kLyingSync && steps_ > lies_from_) return 0;
  if (!open->file) {
    SyncNames(open->path);
    return 0;
  }
  for (const Change& change : open->file->pending) {
    Apply(open->file->synced, change);
  }
  open->file->pending.clear();
  return 0;  // the kernel need not: no machine is cut off here
}

int FaultDisk::Truncate(int fd, off_t size) {
  const std::lock_guard lock(mutex_);
  OpenFile* open = Find(fd);
  if (open == nullptr) return __real_ftruncate64(fd, size);
  if (Step("truncate", open->path, Grows::kNo, false) != Verdict::kPass) {
    return -1;
  }
  if (open->file) open->file->pending.push_back({size, "", true});
  return __real_ftruncate64(fd, size);
}

int FaultDisk::Rename(const char* from, const char* to) {
  const std::lock_guard lock(mutex_);
  if (!Watches(from)) return __real_rename(from, to);
  if (Step("rename", to, Grows::kNo, false) != Verdict::kPass) return -1;
  const int result = __real_rename(from, to);
  if (result != 0) return result;
  NameChange change{NameKind::kRename, from, to, names_[from]};
  names_[to] = names_[from];
  names_.erase(from);
  name_changes_.push_back(std::move(change));
  return 0;
}

int FaultDisk::Unlink(const char* path) {
  const std::lock_guard lock(mutex_);
  if (!Watches(path) || !names_.contains(path)) return __real_unlink(path);
  if (Step("unlink", path, Grows::kNo, false) != Verdict::kPass) return -1;
  const int result = __real_unlink(path);
  if (result != 0) return result;
  names_.erase(path);
  name_changes_.push_back({NameKind::kUnlink, path, "", nullptr});
  return 0;
}

int FaultDisk::MakeDir(const char* path, mode_t mode) {
  const std::lock_guard lock(mutex_);
  if (!Watches(path)) return __real_mkdir(path, mode);
  if (Step("mkdir", path, Grows::kYes, false) != Verdict::kPass) return -1;
  const int result = __real_mkdir(path, mode);
  if (result == 0) name_changes_.push_back({NameKind::kDir, path, "", nullptr});
  return result;
}

int FaultDisk::RemoveDir(const char* path) {
  const std::lock_guard lock(mutex_);
  if (!Watches(path)) return __real_rmdir(path);
  if (Step("rmdir", path, Grows::kNo, false) != Verdict::kPass) return -1;
  const int result = __real_rmdir(path);
  if (result == 0) {
    name_changes_.push_back({NameKind::kNoDir, path, "", nullptr});
  }
  return result;
}

}  // namespace entente::testing
