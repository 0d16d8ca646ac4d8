// The calls that the linker hands over (-Wl,--wrap): to the disk in use, or to
// the kernel.

#include <fcntl.h>
#include <sys/types.h>

#include <cstdarg>

#include "tests/faults/fault_disk.h"

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

namespace {

entente::testing::FaultDisk* Disk() {
  return entente::testing::FaultDisk::InUse();
}

mode_t ModeOf(int flags, va_list& rest) {
  if ((flags & O_CREAT) == 0) return 0;
  return static_cast<mode_t>(va_arg(rest, int));
}

}  // namespace

extern "C" {

int __wrap_open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Disk() != nullptr ? Disk()->Open(path, flags, mode)
                           : __real_open(path, flags, mode);
}
int __wrap_open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Disk() != nullptr ? Disk()->Open(path, flags, mode)
                           : __real_open64(path, flags, mode);
}
int __wrap_close(int fd) {
  return Disk() != nullptr ? Disk()->Close(fd) : __real_close(fd);
}
ssize_t __wrap_write(int fd, const void* bytes, size_t size) {
  return Disk() != nullptr ? Disk()->Write(fd, bytes, size)
                           : __real_write(fd, bytes, size);
}
ssize_t __wrap_pwrite64(int fd, const void* bytes, size_t size, off_t at) {
  return Disk() != nullptr ? Disk()->WriteAt(fd, bytes, size, at)
                           : __real_pwrite64(fd, bytes, size, at);
}
int __wrap_fsync(int fd) {
  return Disk() != nullptr ? Disk()->Sync(fd, false) : __real_fsync(fd);
}
int __wrap_fdatasync(int fd) {
  return Disk() != nullptr ? Disk()->Sync(fd, true) : __real_fdatasync(fd);
}
int __wrap_ftruncate64(int fd, off_t size) {
  return Disk() != nullptr ? Disk()->Truncate(fd, size)
                           : __real_ftruncate64(fd, size);
}
int __wrap_ftruncate(int fd, off_t size) {
  return __wrap_ftruncate64(fd, size);
}
int __wrap_rename(const char* from, const char* to) {
  return Disk() != nullptr ? Disk()->Rename(from, to) : __real_rename(from, to);
}
int __wrap_unlink(const char* path) {
  return Disk() != nullptr ? Disk()->Unlink(path) : __real_unlink(path);
}
int __wrap_mkdir(const char* path, mode_t mode) {
  return Disk() != nullptr ? Disk()->MakeDir(path, mode)
                           : __real_mkdir(path, mode);
}
int __wrap_rmdir(const char* path) {
  return Disk() != nullptr ? Disk()->RemoveDir(path) : __real_rmdir(path);
}
}
