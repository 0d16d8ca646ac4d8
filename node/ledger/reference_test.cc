// Holds docs/reference/audit-events.md against the catalogue in the code.

#include <map>
#include <sstream>

#include "node/ledger/catalogue.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

using Cells = std::vector<std::string>;

// The rows of every table of the page, cells without their spaces.
std::vector<Cells> RowsOfPage() {
  std::istringstream page(testing::ReadFile(testing::SourceDir() /
                                            "docs/reference/audit-events.md"));
  std::vector<Cells> rows;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ")) continue;
    Cells cells;
    for (std::size_t at = 1; at < line.size();) {
      const std::size_t end = line.find(" |", at);
      if (end == std::string::npos) break;
      cells.push_back(line.substr(at + 1, end - at - 1));
      at = end + 2;
    }
    rows.push_back(cells);
  }
  return rows;
}

std::string OrDash(std::string_view text) {
  return text.empty() ? "-" : std::string(text);
}

TEST(ReferencePageTest, ListsEveryEventInOrder) {
  std::size_t next = 0;
  for (const Cells& cells : RowsOfPage()) {
    if (cells.size() != 6 || cells[0] == "event") continue;
    ASSERT_LT(next, Catalogue().size()) << cells[0];
    const EventType& type = Catalogue()[next++];
    EXPECT_EQ(cells[0], "`" + std::string(type.name) + "`");
    EXPECT_EQ(cells[1], OrDash(type.data)) << type.name;
    EXPECT_EQ(cells[2], OrDash(type.sealed)) << type.name;
    EXPECT_EQ(cells[3], KeepName(type.keep)) << type.name;
    EXPECT_EQ(cells[4], std::string(1, static_cast<char>(type.rule)))
        << type.name;
    EXPECT_FALSE(cells[5].empty()) << type.name;
  }
  EXPECT_EQ(next, Catalogue().size());
}

TEST(ReferencePageTest, ListsEveryDataKeyUnderItsKind) {
  std::map<std::string, char> page;
  for (const Cells& cells : RowsOfPage()) {
    if (cells.size() != 3 || cells[0] == "kind") continue;
    for (std::string_view key : Words(cells[2])) {
      EXPECT_TRUE(page.emplace(key, cells[0][1]).second) << key;
    }
  }
  std::map<std::string, char> code;
  for (const EventType& type : Catalogue()) {
    for (std::string_view key : Words(type.data)) {
      code.emplace(key, static_cast<char>(*KindOf(key)));
    }
  }
  EXPECT_EQ(page, code);
}

TEST(ReferencePageTest, NamesTheHash) {
  EXPECT_NE(
      testing::ReadFile(testing::SourceDir() / "docs/reference/audit-events.md")
          .find(ToHex(CatalogueHash())),
      std::string::npos);
}

}  // namespace
}  // namespace entente::ledger
