#pragma once
// Test data that lies beside the checkout and is never committed. A test that
// needs it skips with one plain line.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace entente::testing {

// The folder beside the checkout that holds `data` and `vectors`.
inline std::filesystem::path SharedDir() {
  if (const char* given = std::getenv("ENTENTE_SHARED")) return given;
  return std::filesystem::path(ENTENTE_SOURCE_DIR).parent_path() / "shared";
}
inline std::filesystem::path SourceDir() { return ENTENTE_SOURCE_DIR; }

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace entente::testing

#define SKIP_WITHOUT_SHARED(sub)                                         \
  if (!std::filesystem::exists(::entente::testing::SharedDir() / (sub))) \
  GTEST_SKIP() << "skipped: ../shared/" << (sub) << " not present"
