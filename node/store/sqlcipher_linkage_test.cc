// Another SQLite in the process would answer for ours and write in clear: none
// may be loaded, and ours may not be offered to others.

#include <dlfcn.h>
#include <link.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace entente::store {
namespace {

TEST(LinkageTest, NoSqliteSymbolIsExported) {
  for (const char* name : {"sqlite3_open_v2", "sqlite3_open", "sqlite3_exec",
                           "sqlite3_key_v2", "sqlite3_prepare_v2"}) {
    EXPECT_EQ(::dlsym(RTLD_DEFAULT, name), nullptr) << name;
  }
}

TEST(LinkageTest, NoSqliteLibraryIsLoaded) {
  std::string names;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        *static_cast<std::string*>(out) += std::string(info->dlpi_name) + "\n";
        return 0;
      },
      &names);
  EXPECT_NE(names.find("libc"), std::string::npos);  // the list is real
  EXPECT_EQ(names.find("sqlite"), std::string::npos) << names;
  EXPECT_EQ(names.find("sqlcipher"), std::string::npos) << names;
}

}  // namespace
}  // namespace entente::store
