// What must hold between asker and holder, and what must be refused.

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "crypto/group/batch.h"
#include "crypto/group/hash_to.h"
#include "crypto/oprf/client.h"
#include "crypto/oprf/info.h"
#include "crypto/oprf/secret_reader.h"
#include "crypto/oprf/server.h"
#include "tests/testing/status_matchers.h"

namespace entente::oprf {
namespace {

using ::entente::testing::HasCode;

static_assert(!std::is_convertible_v<Blinded, Evaluated>);
static_assert(!std::is_constructible_v<Evaluated, Blinded>);
static_assert(!std::is_constructible_v<PublicKey, Blinded>);
static_assert(!std::is_copy_constructible_v<Blinds>);
static_assert(!std::is_default_constructible_v<Blinds>);
static_assert(!std::is_copy_constructible_v<ServerKey>);

std::vector<Bytes> Inputs(std::size_t count) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(ToBytes("key " + std::to_string(i)));
  }
  return out;
}

Bytes Info() { return ToBytes("an info"); }

// A question and its answer under one key.
struct Exchange {
  ServerKey key = ServerKey::Generate();
  std::vector<Bytes> inputs;
  BlindResult asked;
  Evaluation answer;

  static Exchange Of(std::size_t count) {
    ServerKey key = ServerKey::Generate();
    std::vector<Bytes> inputs = Inputs(count);
    auto asked = Blind(inputs, Info(), key.public_key());
    CHECK(asked.ok());
    auto answer = Evaluate(key, asked->blinded, Info());
    CHECK(answer.ok());
    return {std::move(key), std::move(inputs), *std::move(asked),
            *std::move(answer)};
  }
};

absl::Status FinalizeStatus(Exchange& e) {
  return Finalize(std::move(e.asked.blinds), e.answer.evaluated, e.answer.proof)
      .status();
}

void ExpectProofFailed(const absl::Status& status) {
  EXPECT_THAT(status, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(ReasonOf(status), "proof-failed");
}

TEST(OprfTest, AnExchangeGivesTheHoldersOwnTokens) {
  for (const std::size_t count : {1U, 2U, 48U, 100U, 768U}) {
    Exchange e = Exchange::Of(count);
    ASSERT_OK_AND_ASSIGN(const auto tokens,
                         Finalize(std::move(e.asked.blinds), e.answer.evaluated,
                                  e.answer.proof));
    ASSERT_OK_AND_ASSIGN(const auto known, Tokens(e.key, e.inputs, Info()));
    EXPECT_EQ(tokens, known);
  }
}

TEST(OprfTest, TheLargestBatchWorksAndOneMoreIsRefused) {
  Exchange e = Exchange::Of(kMaxBatch);
  EXPECT_OK(FinalizeStatus(e));
  const std::vector<Bytes> more = Inputs(kMaxBatch + 1);
  EXPECT_THAT(Blind(more, Info(), e.key.public_key()),
              HasCode(absl::StatusCode::kInvalidArgument));
  const std::vector<Blinded> elements(kMaxBatch + 1, e.asked.blinded[0]);
  EXPECT_THAT(Evaluate(e.key, elements, Info()),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(OprfTest, AnEmptyBatchIsRefused) {
  const ServerKey key = ServerKey::Generate();
  EXPECT_THAT(Blind({}, Info(), key.public_key()),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Evaluate(key, {}, Info()),
              HasCode(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const auto none, Tokens(key, {}, Info()));
  EXPECT_TRUE(none.empty());
}

TEST(OprfTest, InputAndInfoCarryAtMostATwoByteLength) {
  const ServerKey key = ServerKey::Generate();
  const std::vector<Bytes> longest = {Bytes(65535, 'x'), Bytes()};
  const std::vector<Bytes> longer = {Bytes(65536, 'x')};
  EXPECT_OK(Blind(longest, Bytes(65535), key.public_key()));
  EXPECT_OK(Tokens(key, longest, Bytes(65535)));
  for (const absl::Status& status :
       {Blind(longer, Info(), key.public_key()).status(),
        Blind(longest, Bytes(65536), key.public_key()).status(),
        Tokens(key, longer, Info()).status(),
        Tokens(key, longest, Bytes(65536)).status()}) {
    EXPECT_THAT(status, HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(OprfTest, AnotherKeyIsFound) {
  Exchange e = Exchange::Of(8);
  const ServerKey other = ServerKey::Generate();
  ASSERT_OK_AND_ASSIGN(e.answer, Evaluate(other, e.asked.blinded, Info()));
  ExpectProofFailed(FinalizeStatus(e));
}

TEST(OprfTest, AnotherInfoIsFound) {
  Exchange e = Exchange::Of(8);
  ASSERT_OK_AND_ASSIGN(e.answer,
                       Evaluate(e.key, e.asked.blinded, ToBytes("an infp")));
  ExpectProofFailed(FinalizeStatus(e));
}

TEST(OprfTest, AnotherInfoOrKeyGivesOtherTokens) {
  const ServerKey key = ServerKey::Generate();
  const auto inputs = Inputs(1);
  ASSERT_OK_AND_ASSIGN(const auto a, Tokens(key, inputs, ToBytes("a")));
  ASSERT_OK_AND_ASSIGN(const auto b, Tokens(key, inputs, ToBytes("b")));
  ASSERT_OK_AND_ASSIGN(const auto c,
                       Tokens(ServerKey::Generate(), inputs, ToBytes("a")));
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
}

TEST(OprfTest, EveryFlippedByteOfTheProofIsRefused) {
  for (std::size_t at = 0; at < Proof::kSize; ++at) {
    Exchange e = Exchange::Of(2);
    auto bytes = e.answer.proof.Encode();
    bytes[at] ^= 1U;
    const auto proof = Proof::Decode(bytes);
    if (!proof.ok()) continue;  // refused even earlier
    e.answer.proof = *proof;
    ExpectProofFailed(FinalizeStatus(e));
  }
}

TEST(OprfTest, EveryReplacedElementIsRefused) {
  const group::Point stranger =
      group::MultiplyBase(group::SecretScalar::Random());
  for (std::size_t at = 0; at < 5; ++at) {
    Exchange e = Exchange::Of(5);
    e.answer.evaluated[at] = Evaluated(stranger);
    ExpectProofFailed(FinalizeStatus(e));
  }
}

TEST(OprfTest, EveryFlippedByteOfAnElementIsRefused) {
  for (std::size_t at = 0; at < Evaluated::kSize; ++at) {
    Exchange e = Exchange::Of(2);
    auto bytes = e.answer.evaluated[1].bytes();
    bytes[at] ^= 2U;
    const auto element = Evaluated::Decode(bytes);
    if (!element.ok()) continue;
    e.answer.evaluated[1] = *element;
    ExpectProofFailed(FinalizeStatus(e));
  }
}

TEST(OprfTest, SwappedElementsAreRefused) {
  Exchange e = Exchange::Of(3);
  std::swap(e.answer.evaluated[0], e.answer.evaluated[1]);
  ExpectProofFailed(FinalizeStatus(e));
}

TEST(OprfTest, OneMarkedElementInABatchIsFound) {
  // The holder answers one element under a second key, to mark one person.
  Exchange e = Exchange::Of(48);
  const ServerKey marked = ServerKey::Generate();
  ASSERT_OK_AND_ASSIGN(const Evaluation other,
                       Evaluate(marked, e.asked.blinded, Info()));
  e.answer.evaluated[7] = other.evaluated[7];
  ExpectProofFailed(FinalizeStatus(e));
}

TEST(OprfTest, AnAnswerOfAnotherLengthIsRefused) {
  Exchange e = Exchange::Of(3);
  e.answer.evaluated.pop_back();
  EXPECT_THAT(FinalizeStatus(e), HasCode(absl::StatusCode::kInvalidArgument));
  Exchange longer = Exchange::Of(3);
  longer.answer.evaluated.push_back(longer.answer.evaluated[0]);
  EXPECT_THAT(FinalizeStatus(longer),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(OprfTest, BlindsServeOnce) {
  Exchange e = Exchange::Of(3);
  EXPECT_OK(FinalizeStatus(e));
  EXPECT_THAT(FinalizeStatus(e), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(OprfTest, BlindsAreFreshAndHideEqualInputs) {
  const ServerKey key = ServerKey::Generate();
  const std::vector<Bytes> inputs(2, ToBytes("one"));
  ASSERT_OK_AND_ASSIGN(const auto first,
                       Blind(inputs, Info(), key.public_key()));
  ASSERT_OK_AND_ASSIGN(const auto second,
                       Blind(inputs, Info(), key.public_key()));
  EXPECT_NE(first.blinded[0], first.blinded[1]);
  EXPECT_NE(first.blinded[0], second.blinded[0]);
}

TEST(OprfTest, TheSameQuestionGivesTheSameBytes) {
  Exchange e = Exchange::Of(9);
  ASSERT_OK_AND_ASSIGN(const Evaluation again,
                       Evaluate(e.key, e.asked.blinded, Info()));
  EXPECT_EQ(again.evaluated, e.answer.evaluated);
  EXPECT_EQ(again.proof, e.answer.proof);
}

TEST(OprfTest, AnotherQuestionGetsAnotherNonce) {
  // Were the nonce the same, s + c * t would be too.
  Exchange e = Exchange::Of(9);
  std::vector<Blinded> fewer = e.asked.blinded;
  fewer.pop_back();
  ASSERT_OK_AND_ASSIGN(const Evaluation a, Evaluate(e.key, fewer, Info()));
  ASSERT_OK_AND_ASSIGN(const Evaluation b,
                       Evaluate(e.key, e.asked.blinded, ToBytes("other")));
  EXPECT_NE(a.proof, e.answer.proof);
  EXPECT_NE(b.proof, e.answer.proof);
  EXPECT_NE(a.proof.c, e.answer.proof.c);
}

TEST(OprfTest, AnElementTwiceInABatchIsAnswered) {
  Exchange e = Exchange::Of(1);
  const std::vector<Blinded> twice(2, e.asked.blinded[0]);
  ASSERT_OK_AND_ASSIGN(const Evaluation answer, Evaluate(e.key, twice, Info()));
  EXPECT_EQ(answer.evaluated[0], answer.evaluated[1]);
  EXPECT_EQ(answer.evaluated[0], e.answer.evaluated[0]);
}

TEST(OprfTest, ABlindPerInputIsNeeded) {
  const ServerKey key = ServerKey::Generate();
  EXPECT_THAT(BlindWith(group::SecretScalars::Random(2), Inputs(3), Info(),
                        key.public_key()),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ServerKeyTest, ReturnsFromItsBytes) {
  const ServerKey key = ServerKey::Generate();
  ASSERT_OK_AND_ASSIGN(const ServerKey again,
                       ServerKey::FromBytes(key.secret().Clone()));
  EXPECT_EQ(again.public_key(), key.public_key());
}

TEST(ServerKeyTest, RefusesBadBytesAndSeeds) {
  for (const Bytes& bad : {Bytes(32), Bytes(31), Bytes(32, 0xff)}) {
    EXPECT_THAT(ServerKey::FromBytes(SecretBytes::CopyOf(bad)),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(ServerKey::DeriveKeyPair(SecretBytes(31), {}),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ServerKey::DeriveKeyPair(SecretBytes(32), Bytes(65536)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ServerKeyTest, AnInfoThatCancelsTheKeyIsRefused) {
  // skS = -m for this info, so that t would be zero and pkS + m * B the
  // identity.
  const Bytes info = Info();
  const ServerKey any = ServerKey::Generate();
  const auto m = group::HashToScalar(
      {AsBytes("Info"), Bytes{0, static_cast<std::uint8_t>(info.size())}, info},
      AsBytes("HashToScalar-OPRFV1-\x02-ristretto255-SHA512"));
  // 1 - m - 1, by way of a response: nonce - challenge * secret.
  ByteArray<32> one{};
  one[0] = 1;
  ASSERT_OK_AND_ASSIGN(const auto unit, group::SecretScalar::FromBytes(
                                            SecretBytes::CopyOf(one)));
  const auto one_minus_m = group::SecretScalar::Response(unit, m, unit);
  ASSERT_OK_AND_ASSIGN(const auto unit_scalar, group::Scalar::Decode(one));
  ASSERT_OK_AND_ASSIGN(
      const auto shifted,
      group::SecretScalar::FromBytes(SecretBytes::CopyOf(one_minus_m.bytes())));
  const auto minus_m =
      group::SecretScalar::Response(shifted, unit_scalar, unit);
  ASSERT_OK_AND_ASSIGN(
      const ServerKey key,
      ServerKey::FromBytes(SecretBytes::CopyOf(minus_m.bytes())));
  EXPECT_THAT(Blind(Inputs(1), info, key.public_key()),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Tokens(key, Inputs(1), info),
              HasCode(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const auto asked,
                       Blind(Inputs(1), info, any.public_key()));
  EXPECT_THAT(Evaluate(key, asked.blinded, info),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ElementTest, RefusesWhatIsNoElement) {
  for (const Bytes& bad : {Bytes(32), Bytes(32, 0xff), Bytes(31), Bytes()}) {
    EXPECT_THAT(Blinded::Decode(bad),
                HasCode(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Evaluated::Decode(bad),
                HasCode(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(PublicKey::Decode(bad),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ProofTest, RoundTripsAndRefusesOtherSpellings) {
  const Exchange e = Exchange::Of(1);
  const auto bytes = e.answer.proof.Encode();
  ASSERT_OK_AND_ASSIGN(const Proof proof, Proof::Decode(bytes));
  EXPECT_EQ(proof, e.answer.proof);
  for (const std::size_t top : {31U, 63U}) {
    auto high = bytes;
    high[top] |= 0x80U;  // not below the order
    EXPECT_THAT(Proof::Decode(high),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Proof::Decode(ByteView(bytes).first(63)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

ScreeningContext Context() {
  ScreeningContext context;
  context.agreement.fill(0xab);
  context.holder = "QVA";
  context.asker = "QOR";
  context.clause = "screen-terrorism";
  context.recipe = "recipe/1";
  context.epoch = 258;
  return context;
}

TEST(ScreeningInfoTest, IsByteExact) {
  EXPECT_EQ(ToHex(ScreeningInfo(Context())),
            ToHex(AsBytes("entente/screen/1")) + "00" + "0020" +
                ToHex(Context().agreement) + "0003515641" + "0003514f52" +
                "0010" + ToHex(AsBytes("screen-terrorism")) + "0008" +
                ToHex(AsBytes("recipe/1")) + "0000000000000102");
}

TEST(ScreeningInfoTest, EveryPartCounts) {
  const Bytes base = ScreeningInfo(Context());
  ScreeningContext c = Context();
  c.agreement[31] ^= 1U;
  EXPECT_NE(ScreeningInfo(c), base);
  c = Context();
  std::swap(c.holder, c.asker);
  EXPECT_NE(ScreeningInfo(c), base);
  c = Context();
  c.clause = "screen-terrorisn";
  EXPECT_NE(ScreeningInfo(c), base);
  c = Context();
  c.recipe = "recipe/2";
  EXPECT_NE(ScreeningInfo(c), base);
  c = Context();
  c.epoch = 259;
  EXPECT_NE(ScreeningInfo(c), base);
}

TEST(ScreeningInfoTest, APartCannotSlideIntoTheNext) {
  ScreeningContext a = Context();
  ScreeningContext b = Context();
  a.holder = "QVAQ";
  a.asker = "OR";
  b.holder = "QVA";
  b.asker = "QOR";
  EXPECT_NE(ScreeningInfo(a), ScreeningInfo(b));
}

TEST(ScreeningInfoTest, AMissingPartAborts) {
  ScreeningContext c = Context();
  c.clause = "";
  EXPECT_DEATH(static_cast<void>(ScreeningInfo(c)), "empty");
}

}  // namespace
}  // namespace entente::oprf
