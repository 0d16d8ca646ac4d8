#include "node/base/time.h"

#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace entente::base {
namespace {

TEST(TimeTest, FormatsKnownMoments) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(FormatTime(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(FormatTime(253'402'300'799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(FormatTime(-62'135'596'800), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatDate(1'798'761'600), "2027-01-01");
  EXPECT_EQ(DayKey(1'798'761'599), "20261231");
}

TEST(TimeTest, ParsesWhatItFormats) {
  for (std::int64_t t = -62'135'596'800; t < 253'402'300'799;
       t += 987'654'321) {
    ASSERT_OK_AND_ASSIGN(const std::int64_t back, ParseTime(FormatTime(t)));
    EXPECT_EQ(back, t);
    ASSERT_OK_AND_ASSIGN(const std::int64_t day, ParseDate(FormatDate(t)));
    EXPECT_EQ(day, FloorDiv(t, kSecondsPerDay) * kSecondsPerDay);
    ASSERT_OK_AND_ASSIGN(const std::int64_t key, ParseDayKey(DayKey(t)));
    EXPECT_EQ(key, day);
  }
}

TEST(TimeTest, RefusesEveryOtherSpelling) {
  for (const char* text :
       {"2027-01-31t23:59:59Z", "2027-01-31T23:59:59z", "2027-01-31 23:59:59Z",
        "2027-01-31T23:59:59.0Z", "2027-01-31T23:59:59+00:00",
        "2027-01-31T23:59:60Z", "2027-01-31T24:00:00Z", "2027-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z",
        "2027-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "-027-01-01T00:00:00Z",
        "2027-01-31T23:59:59Z ", "", "2027-01-31"}) {
    EXPECT_THAT(ParseTime(text),
                testing::HasCode(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_FALSE(ParseDate("2027-1-31").ok());
  EXPECT_FALSE(ParseDate("20270131").ok());
  EXPECT_FALSE(ParseDayKey("2027-01-31").ok());
  EXPECT_FALSE(ParseDayKey("20270230").ok());
}

TEST(ClockTest, SecondsRoundDown) {
  testing::FakeClock clock;
  EXPECT_EQ(FormatTime(clock.NowSeconds()), "2027-01-01T00:00:00Z");
  clock.Advance(61);
  EXPECT_EQ(FormatTime(clock.NowSeconds()), "2027-01-01T00:01:01Z");
  clock.Step(-62);
  EXPECT_EQ(FormatTime(clock.NowSeconds()), "2026-12-31T23:59:59Z");
  EXPECT_EQ(clock.MonotonicMicros(), 62'000'000);
}

TEST(ClockTest, SystemClockMovesOn) {
  const SystemClock clock;
  const std::int64_t first = clock.MonotonicMicros();
  EXPECT_GE(clock.MonotonicMicros(), first);
  EXPECT_GT(clock.NowSeconds(), 1'700'000'000);
}

}  // namespace
}  // namespace entente::base
