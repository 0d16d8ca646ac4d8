#include "node/base/log.h"

#include <set>

#include "crypto/base/status.h"
#include "tests/testing/status_matchers.h"

namespace entente::base {
namespace {

enum class Colour : std::uint8_t { kRed, kBlue };
enum class Shape : std::uint8_t { kRound };
std::string_view LogName(Shape) { return "round"; }

struct Code {
  std::string text;
  std::string LogText() const { return text; }
};

static_assert(LogSafe<int> && LogSafe<std::uint64_t> && LogSafe<bool> &&
              LogSafe<Colour> && LogSafe<Code> && LogSafe<StatusField>);
static_assert(!LogSafe<std::string> && !LogSafe<const char*> &&
              !LogSafe<char[4]> && !LogSafe<char> && !LogSafe<char32_t> &&
              !LogSafe<double> && !LogSafe<absl::Status>);

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    SetLogOutput([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~LogTest() override { SetLogOutput({}); }
  // The one line, from its event on: what comes before holds the time.
  std::string Tail() const {
    if (lines_.size() != 1) return "";
    return lines_[0].substr(lines_[0].find("\"level\""));
  }
  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneJsonLine) {
  Log(Event::kListening, Field("port", 7101), Field("party", Code{"QOR"}),
      Field("colour", Colour::kBlue), Field("shape", Shape::kRound),
      Field("tls", true), Field("delta", std::int64_t{-3}));
  EXPECT_EQ(Tail(),
            R"("level":"info","event":"listening","port":7101,"party":"QOR",)"
            R"("colour":1,"shape":"round","tls":true,"delta":-3})");
  EXPECT_THAT(lines_[0], ::testing::StartsWith("{\"time\":\"2"));
  EXPECT_THAT(lines_[0], ::testing::HasSubstr("Z\",\"level\""));
}

TEST_F(LogTest, TextFromATypeCannotBreakTheLine) {
  Log(Event::kReady, Field("x", Code{"a\"b\\c\nd\xc3\xa9"}));
  EXPECT_EQ(Tail(), R"("level":"info","event":"ready","x":"a?b?c?d??"})");
}

TEST_F(LogTest, BracesAreNoFormat) {
  Log(Event::kReady, Field("x", Code{"{} {0} %v"}));
  EXPECT_EQ(Tail(), R"("level":"info","event":"ready","x":"{} {0} %v"})");
}

TEST_F(LogTest, AStatusShowsCodeAndReasonButNoMessage) {
  const absl::Status status =
      WithReason(Denied("the person named Invented is listed"), "A06");
  Log(Event::kRequestRefused, Field("why", StatusField(status)));
  EXPECT_EQ(Tail(), R"("level":"warning","event":"request-refused",)"
                    R"("why":"permission-denied/A06"})");
}

TEST(LogEventsTest, NamesAreUniqueAndKebabCase) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Event::kLast); ++i) {
    const std::string_view name = EventName(static_cast<Event>(i));
    EXPECT_THAT(std::string(name), ::testing::MatchesRegex("[a-z]+(-[a-z]+)*"));
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

}  // namespace
}  // namespace entente::base
