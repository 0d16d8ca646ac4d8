#include "node/ingest/diagnostic.h"

#include <set>

#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

std::string_view SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarn:
      return "warn";
    case Severity::kError:
      break;
  }
  return "error";
}

// The table of the reference page, as it must stand there.
std::string PageTable() {
  std::string out =
      "| code | severity | what happened | next step |\n"
      "|---|---|---|---|\n";
  for (const CodeInfo& info : AllCodes()) {
    for (const std::string_view cell :
         {info.id, SeverityWord(info.severity), info.sentence, info.next}) {
      out += "| ";
      out += cell;
      out += " ";
    }
    out += "|\n";
  }
  return out;
}

TEST(DiagnosticTest, ThePageHoldsTheTable) {
  const std::string page =
      testing::ReadFile(testing::SourceDir() / "docs/reference/diagnostics.md");
  EXPECT_NE(page.find(PageTable()), std::string::npos)
      << "docs/reference/diagnostics.md must hold this table:\n"
      << PageTable();
}

TEST(DiagnosticTest, EveryCodeSpeaks) {
  std::set<std::string_view> ids;
  for (const CodeInfo& info : AllCodes()) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    EXPECT_EQ(info.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"),
              std::string_view::npos);
    EXPECT_TRUE(info.sentence.ends_with('.')) << info.id;
    EXPECT_TRUE(info.next.ends_with('.')) << info.id;
    EXPECT_EQ(&Info(info.code), &info);
  }
}

}  // namespace
}  // namespace entente::ingest
