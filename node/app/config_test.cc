#include "node/app/config.h"

#include "crypto/base/status.h"
#include "tests/testing/status_matchers.h"

namespace entente::app {
namespace {

using testing::HasCode;

constexpr std::string_view kGood =
    "party = 'QOR'\nname = 'Orsena'\nlisten = '127.0.0.1:7101'\n"
    "endpoint = 'node.orsena.example:7101'\ndns = 'piu.orsena.example'\n"
    "volume = '2026a'\nseal_key_file = 'seal.key'\n";

std::string With(std::string_view line) {
  return std::string(kGood) + std::string(line) + "\n";
}

TEST(ConfigTest, ReadsWhatItWrites) {
  ASSERT_OK_AND_ASSIGN(const Config config, ParseConfig(kGood));
  EXPECT_EQ(config.log_origin(), "audit.piu.orsena.example/2026a");
  ASSERT_OK_AND_ASSIGN(const Config again, ParseConfig(WriteConfig(config)));
  EXPECT_EQ(WriteConfig(again), WriteConfig(config));
}

TEST(ConfigTest, RefusesASettingThatItDoesNotKnow) {
  const auto refused = ParseConfig(With("insecure = true"));
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_NE(MessageOf(refused.status()).find("node.toml:8"), std::string::npos);
}

TEST(ConfigTest, WantsExactlyOneWayToOpenTheKeys) {
  EXPECT_FALSE(ParseConfig(With("seal_credential = 'entente'")).ok());
  EXPECT_FALSE(ParseConfig(With("seal_ask = true")).ok());
  EXPECT_OK(ParseConfig(With("seal_ask = false")));
}

TEST(ConfigTest, RefusesValuesOutOfRangeOrOfAnotherType) {
  EXPECT_FALSE(ParseConfig(With("passenger_hours = 0")).ok());
  EXPECT_FALSE(ParseConfig(With("passenger_hours = '48'")).ok());
  EXPECT_FALSE(ParseConfig(With("disk_floor_mib = -1")).ok());
}

TEST(ConfigTest, NamesThePlaceOfASyntaxError) {
  const auto refused = ParseConfig("party = 'QOR'\nname = \n");
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_NE(MessageOf(refused.status()).find("node.toml:2"), std::string::npos);
}

TEST(ConfigTest, RefusesAnotherPartyCode) {
  EXPECT_FALSE(ParseConfig("party = 'qor'").ok());
  EXPECT_FALSE(ParseConfig(With("party = 'QVA'")).ok());  // twice
}

}  // namespace
}  // namespace entente::app
