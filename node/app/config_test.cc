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

TEST(ConfigTest, TheWitnessAnswersPeersOnlyUnlessItIsSaid) {
  ASSERT_OK_AND_ASSIGN(const Config closed, ParseConfig(kGood));
  EXPECT_EQ(closed.witness_listen, "");
  EXPECT_TRUE(closed.witness_logs.empty());
  ASSERT_OK_AND_ASSIGN(const Config open,
                       ParseConfig(With("witness_listen = '127.0.0.1:7180'\n"
                                        "witness_logs = ['a', 'b']\n"
                                        "witness_roots = '/etc/w.pem'")));
  EXPECT_EQ(open.witness_listen, "127.0.0.1:7180");
  ASSERT_OK_AND_ASSIGN(const Config again, ParseConfig(WriteConfig(open)));
  EXPECT_EQ(again.witness_listen, open.witness_listen);
  EXPECT_EQ(again.witness_logs, open.witness_logs);
  EXPECT_EQ(open.witness_roots, "/etc/w.pem");
  EXPECT_EQ(again.witness_roots, open.witness_roots);
  EXPECT_FALSE(ParseConfig(With("witness_roots = 'w.pem'")).ok());
  EXPECT_FALSE(ParseConfig(With("witness_listen = '7180'")).ok());
  EXPECT_FALSE(ParseConfig(With("witness_logs = 'a'")).ok());
  EXPECT_FALSE(ParseConfig(With("witness_logs = [1]")).ok());
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
