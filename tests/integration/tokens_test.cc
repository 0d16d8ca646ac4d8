// A token is worth nothing outside its agreement, direction, clause and epoch.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "crypto/oprf/client.h"
#include "crypto/oprf/info.h"
#include "crypto/primitive/hash.h"
#include "keys/file_key_store.h"
#include "node/match/rule.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::testing {
namespace {

constexpr std::size_t kInputs = 64;

struct Where {
  Hash agreement = primitive::Sha256(AsBytes("first agreement"));
  std::string holder = "QVA";
  std::string asker = "QOR";
  std::string clause = "screen-terrorism";
  std::uint64_t epoch = 7;

  Bytes Info() const {
    return oprf::ScreeningInfo(
        {agreement, holder, asker, clause, match::kRecipe, epoch});
  }
};

std::vector<Bytes> Inputs() {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < kInputs; ++i)
    out.push_back(ToBytes("key of a person " + std::to_string(i)));
  return out;
}

class TokensTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const keys::Sealing sealing,
                         keys::Sealing::FromPassphrase(
                             SecretBytes::CopyOf(AsBytes("correct horse")),
                             {1, std::size_t{1} << 20U}));
    ASSERT_OK_AND_ASSIGN(keys,
                         keys::FileKeyStore::Create(dir.Path("keys"), sealing));
  }
  std::vector<oprf::Token> TokensAt(const Where& where) {
    const auto made = keys->CreateEpochKey(where.agreement, where.epoch);
    EXPECT_OK(made);
    const std::vector<Bytes> inputs = Inputs();
    auto tokens =
        keys->TokensFor(where.agreement, where.epoch, where.Info(), inputs);
    EXPECT_OK(tokens);
    return tokens.ok() ? *std::move(tokens) : std::vector<oprf::Token>();
  }

  TempDir dir;
  std::unique_ptr<keys::KeyStore> keys;
};

TEST_F(TokensTest, NoneMadeElsewhereIsTheSame) {
  std::map<std::string, Where> places;
  places["here"] = {};
  places["another clause"].clause = "screen-smuggling";
  places["the other direction"].holder = "QOR";
  places["the other direction"].asker = "QVA";
  places["another asker"].asker = "QTA";
  places["the next epoch"].epoch = 8;
  places["another agreement"].agreement =
      primitive::Sha256(AsBytes("second agreement"));
  std::map<Bytes, std::string> seen;
  for (const auto& [name, where] : places) {
    const std::vector<oprf::Token> tokens = TokensAt(where);
    ASSERT_EQ(tokens.size(), kInputs) << name;
    for (const oprf::Token& token : tokens) {
      const auto [at, fresh] = seen.emplace(ToBytes(ByteView(token)), name);
      EXPECT_TRUE(fresh) << name << " repeats a token of " << at->second;
    }
  }
  EXPECT_EQ(seen.size(), places.size() * kInputs);
  // Made again in the same place, they are the same: else nothing would match.
  for (const oprf::Token& token : TokensAt({}))
    EXPECT_TRUE(seen.contains(ToBytes(ByteView(token))));
}

// The asker's way leads to the holder's tokens, and only in the same place.
TEST_F(TokensTest, TheAskerGetsTheHoldersTokens) {
  const Where here;
  const std::vector<oprf::Token> listed = TokensAt(here);
  const std::vector<Bytes> inputs = Inputs();
  ASSERT_OK_AND_ASSIGN(const keys::EpochPublic key,
                       keys->EpochKey(here.agreement, here.epoch));
  ASSERT_OK_AND_ASSIGN(oprf::BlindResult blinded,
                       oprf::Blind(inputs, here.Info(), key.key));
  ASSERT_OK_AND_ASSIGN(const oprf::Evaluation answer,
                       keys->EvaluateEpoch(here.agreement, here.epoch,
                                           here.Info(), blinded.blinded));
  ASSERT_OK_AND_ASSIGN(const std::vector<oprf::Token> asked,
                       oprf::Finalize(std::move(blinded.blinds),
                                      answer.evaluated, answer.proof));
  ASSERT_EQ(asked.size(), listed.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    EXPECT_EQ(ToHex(asked[i]), ToHex(listed[i]));
}

TEST_F(TokensTest, AnAnswerForAnotherPlaceDoesNotFinish) {
  const Where here;
  Where clause;
  clause.clause = "screen-smuggling";
  Where turned;
  turned.holder = "QOR";
  turned.asker = "QVA";
  ASSERT_EQ(TokensAt(here).size(), kInputs);
  const std::vector<Bytes> inputs = Inputs();
  ASSERT_OK_AND_ASSIGN(const keys::EpochPublic key,
                       keys->EpochKey(here.agreement, here.epoch));
  for (const Where& other : {clause, turned}) {
    ASSERT_OK_AND_ASSIGN(oprf::BlindResult blinded,
                         oprf::Blind(inputs, here.Info(), key.key));
    ASSERT_OK_AND_ASSIGN(const oprf::Evaluation answer,
                         keys->EvaluateEpoch(here.agreement, here.epoch,
                                             other.Info(), blinded.blinded));
    EXPECT_THAT(oprf::Finalize(std::move(blinded.blinds), answer.evaluated,
                               answer.proof),
                HasCode(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace entente::testing
