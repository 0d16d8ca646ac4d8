#pragma once
// A folder of its own for a test, removed at the end.

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace entente::testing {

class TempDir {
 public:
  TempDir() {
    std::string name =
        (std::filesystem::temp_directory_path() / "entente-test-XXXXXX")
            .string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // `name` inside the folder; empty: the folder itself.
  std::string Path(const std::string& name) const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace entente::testing
