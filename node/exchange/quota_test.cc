#include "node/exchange/quota.h"

#include <cstdlib>
#include <filesystem>

#include "crypto/base/status.h"
#include "node/base/time.h"
#include "node/store/sqlcipher_store.h"
#include "tests/testing/status_matchers.h"

namespace entente::exchange {
namespace {

using testing::HasCode;

constexpr std::int64_t kNoon = 1'800'014'400;  // some day at 12:00 UTC

class QuotaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "quota-XXXXXX").string();
    dir_ = mkdtemp(pattern.data());
    auto opened = store::OpenSqlCipher({.path = (dir_ / "store.db").string(),
                                        .mode = store::OpenMode::kCreate},
                                       SecretBytes::Random(32));
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }

  absl::Status Use(std::uint64_t units, const QuotaLimits& limits,
                   std::int64_t now = kNoon, const QuotaKey& key = Key()) {
    return store_->Write([&](store::Writer& writer) {
      return Charge(writer, key, limits, units, now).status();
    });
  }
  Usage Used(std::int64_t now = kNoon, const QuotaKey& key = Key()) {
    auto reader = store_->Read();
    EXPECT_OK(reader);
    auto usage = ReadUsage(**reader, key, now);
    EXPECT_OK(usage);
    return usage.value_or(Usage{});
  }
  static QuotaKey Key() { return {"QOR-QVA-1", "screen", "QVA", "QOR", ""}; }

  std::filesystem::path dir_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(QuotaTest, TheLastUnitPassesAndTheNextDoesNot) {
  const QuotaLimits limits{10, 100, 0};
  EXPECT_OK(Use(10, limits));
  const absl::Status refused = Use(1, limits);
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(refused), "C04");
  EXPECT_EQ(Used().day, 10U);  // nothing of the refused act was counted
}

TEST_F(QuotaTest, TheDayBeginsAnewAndTheYearGoesOn) {
  const QuotaLimits limits{10, 15, 0};
  EXPECT_OK(Use(10, limits));
  EXPECT_OK(Use(5, limits, kNoon + base::kSecondsPerDay));
  EXPECT_EQ(Used(kNoon + base::kSecondsPerDay).day, 5U);
  EXPECT_EQ(Used(kNoon + base::kSecondsPerDay).year, 15U);
  EXPECT_FALSE(Use(1, limits, kNoon + base::kSecondsPerDay).ok());
}

TEST_F(QuotaTest, PairsClausesAndCasesCountApart) {
  const QuotaLimits limits{10, 100, 3};
  QuotaKey one = Key();
  one.reference = "case-1";
  QuotaKey other = Key();
  other.reference = "case-2";
  EXPECT_OK(Use(3, limits, kNoon, one));
  EXPECT_FALSE(Use(1, limits, kNoon, one).ok());
  EXPECT_OK(Use(1, limits, kNoon, other));
  QuotaKey back = Key();
  std::swap(back.holder, back.asker);
  EXPECT_EQ(Used(kNoon, back).day, 0U);
  EXPECT_EQ(Used(kNoon, one).day, 4U);  // the day counts over all cases
}

// Once for each window and crossing, however big the step.
TEST_F(QuotaTest, TheChargeThatCrossesEightyPercentLeavesOneMark) {
  const QuotaLimits limits{100, 1000, 0};
  const auto marks = [this] {
    auto reader = store_->Read();
    EXPECT_OK(reader);
    auto found = QuotaMarks(**reader);
    EXPECT_OK(found);
    return *std::move(found);
  };
  EXPECT_OK(Use(79, limits));
  EXPECT_TRUE(marks().empty());
  EXPECT_OK(Use(16, limits));
  ASSERT_EQ(marks().size(), 1U);
  EXPECT_EQ(marks()[0].second.used, 95U);
  EXPECT_EQ(marks()[0].second.limit, 100U);
  EXPECT_FALSE(marks()[0].second.by_year);
  EXPECT_EQ(marks()[0].second.asker, "QOR");
  EXPECT_OK(Use(5, limits));
  EXPECT_EQ(marks()[0].second.used, 95U);  // the crossing, not what came later
  EXPECT_FALSE(Use(1, limits).ok());
  for (int day = 1; day <= 7; ++day)
    EXPECT_OK(Use(100, limits, kNoon + day * base::kSecondsPerDay));
  EXPECT_EQ(marks().size(), 9U);  // eight days, and the year at 800
}

}  // namespace
}  // namespace entente::exchange
