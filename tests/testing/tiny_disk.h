#pragma once
// A file system of a few MiB in memory, to be filled; gone at the end. Only
// root can mount one: a test asks mounted() and skips with a line.

#include <sys/mount.h>

#include <string>

#include "tests/testing/temp_dir.h"

namespace entente::testing {

class TinyDisk {
 public:
  // `size` as mount takes it, such as `4m`.
  explicit TinyDisk(const std::string& size) {
    mounted_ = ::mount("entente-test", dir_.Path("").c_str(), "tmpfs",
                       MS_NOSUID | MS_NODEV,
                       ("size=" + size + ",mode=0700").c_str()) == 0;
  }
  ~TinyDisk() {
    if (mounted_) ::umount2(dir_.Path("").c_str(), MNT_DETACH);
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;

  bool mounted() const { return mounted_; }
  std::string Path(const std::string& name) const { return dir_.Path(name); }

 private:
  TempDir dir_;
  bool mounted_ = false;
};

}  // namespace entente::testing
