// Real and made-up messages, counted: every figure of the MANIFEST must come
// out equal.

#include <sstream>

#include "node/ingest/reader.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

struct Row {
  std::string file;
  std::string message;
  std::string version;
  std::string persons;
  std::string cnt;
};

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line);
  std::string cell;
  while (std::getline(in, cell, '\t')) cells.push_back(cell);
  cells.resize(8);
  return cells;
}

std::vector<Row> PaxlstRows() {
  std::stringstream in(
      testing::ReadFile(testing::SharedDir() / "data/samples/MANIFEST.tsv"));
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line)) {
    const std::vector<std::string> c = Cells(line);
    if (c[1] == "PAXLST") rows.push_back({c[0], c[1], c[2], c[4], c[6]});
  }
  return rows;
}

TEST(SamplesTest, EveryPaxlstOfTheManifestGivesItsPersons) {
  SKIP_WITHOUT_SHARED("data/samples/MANIFEST.tsv");
  const std::vector<Row> rows = PaxlstRows();
  ASSERT_GE(rows.size(), 25U);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.file);
    const std::string text =
        testing::ReadFile(testing::SharedDir() / "data" / row.file);
    const Report report = ParsePaxlst(AsBytes(text));
    ASSERT_EQ(report.messages.size(), 1U);
    const MessageReport& m = report.messages[0].report;
    EXPECT_EQ(m.verdict, Verdict::kAccepted);
    EXPECT_EQ(m.version, row.version);
    EXPECT_EQ(std::to_string(report.messages[0].persons.size()), row.persons);
    EXPECT_EQ(std::to_string(m.persons()), row.persons);
    // CNT 42 and 41 count persons; 3 counts something else.
    if (row.cnt.starts_with("42:") || row.cnt.starts_with("41:")) {
      EXPECT_EQ(std::to_string(m.announced), row.cnt.substr(3));
    } else {
      EXPECT_FALSE(m.announces);
    }
    EXPECT_FALSE(m.truncated);
  }
}

}  // namespace
}  // namespace entente::ingest
