#include "crypto/group/scalar.h"

#include <gtest/gtest.h>

#include "crypto/group/batch.h"
#include "crypto/group/secret_reader.h"
#include "crypto/group/testing_util.h"
#include "tests/testing/status_matchers.h"

namespace entente::group {
namespace {

using ::entente::testing::HasCode;

constexpr std::string_view kOrder =
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
constexpr std::string_view kOrderMinusOne =
    "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
constexpr std::string_view kOne =
    "0100000000000000000000000000000000000000000000000000000000000000";

SecretScalar SecretOf(std::string_view hex) {
  auto scalar = SecretScalar::FromBytes(SecretBytes::CopyOf(Hex(hex)));
  CHECK(scalar.ok());
  return *std::move(scalar);
}

std::string HexOf(const SecretScalar& scalar) {
  return ToHex(SecretReader::View(scalar.bytes()));
}

TEST(ScalarTest, HasOneSpelling) {
  EXPECT_OK(Scalar::Decode(Hex(kOrderMinusOne)));
  EXPECT_OK(Scalar::Decode(Bytes(32)));
  EXPECT_THAT(Scalar::Decode(Hex(kOrder)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Scalar::Decode(Bytes(32, 0xff)),
              HasCode(absl::StatusCode::kInvalidArgument));
  Bytes high_bit = Hex(kOne);
  high_bit[31] = 0x80;
  EXPECT_THAT(Scalar::Decode(high_bit),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Scalar::Decode(Bytes(31)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ScalarTest, ReducesAWideInteger) {
  ByteArray<64> wide{};
  const Bytes order = Hex(kOrder);
  std::copy(order.begin(), order.end(), wide.begin());
  EXPECT_TRUE(Scalar::FromWide(wide).IsZero());
  wide[0] = static_cast<std::uint8_t>(wide[0] + 7);
  EXPECT_EQ(Scalar::FromWide(wide), SmallScalar(7));
}

TEST(SecretScalarTest, RefusesZeroAndTheOrder) {
  for (const std::string_view hex :
       {kOrder, std::string_view("fffffffffffffffffffffffffffffffffffffffffffff"
                                 "fffffffffffffffffff")}) {
    EXPECT_THAT(SecretScalar::FromBytes(SecretBytes::CopyOf(Hex(hex))),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(SecretScalar::FromBytes(SecretBytes(32)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SecretScalar::FromBytes(SecretBytes(33)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SecretScalar::FromWide(SecretBytes(64)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SecretScalar::FromWide(SecretBytes(32)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(SecretScalarTest, AddsAndRefusesAZeroSum) {
  const SecretScalar minus_one = SecretOf(kOrderMinusOne);
  EXPECT_THAT(minus_one.Plus(SmallScalar(1)),
              HasCode(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const SecretScalar one, minus_one.Plus(SmallScalar(2)));
  EXPECT_EQ(HexOf(one), kOne);
}

TEST(SecretScalarTest, InverseUndoesAProduct) {
  for (int i = 0; i < 20; ++i) {
    const SecretScalar k = SecretScalar::Random();
    std::vector<Point> points(1);
    ASSERT_OK(MultiplyAll(k, points, points));
    EXPECT_NE(points[0], Point());
    ASSERT_OK(MultiplyAll(k.Inverse(), points, points));
    EXPECT_EQ(points[0], Point());
  }
  EXPECT_EQ(HexOf(SecretOf(kOrderMinusOne).Inverse()), kOrderMinusOne);
}

TEST(SecretScalarTest, ResponseIsNonceMinusChallengeTimesSecret) {
  // In the exponent: s * B + c * (k * B) = r * B.
  for (int i = 0; i < 20; ++i) {
    const SecretScalar r = SecretScalar::Random();
    const SecretScalar k = SecretScalar::Random();
    const Scalar c = RandomScalar();
    const Scalar s = SecretScalar::Response(r, c, k);
    ASSERT_OK_AND_ASSIGN(
        const SecretScalar secret_c,
        SecretScalar::FromBytes(SecretBytes::CopyOf(c.bytes())));
    std::vector<Point> part(1, MultiplyBase(k));
    ASSERT_OK(MultiplyAll(secret_c, part, part));
    ASSERT_OK_AND_ASSIGN(const Point s_base, MultiplyBase(s));
    ASSERT_OK_AND_ASSIGN(const Point sum, Add(s_base, part[0]));
    EXPECT_EQ(sum, MultiplyBase(r));
  }
}

TEST(SecretScalarsTest, BatchInversionEqualsSingleInversions) {
  for (const std::size_t count : {1U, 2U, 3U, 48U, 257U}) {
    const SecretScalars scalars = SecretScalars::Random(count);
    ASSERT_EQ(scalars.size(), count);
    const SecretScalars inverses = scalars.Inverses();
    ASSERT_EQ(inverses.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = [i](const SecretScalars& s) {
        return SecretReader::View(s.block()).subspan(i * 32, 32);
      };
      ASSERT_OK_AND_ASSIGN(
          const SecretScalar one,
          SecretScalar::FromBytes(SecretBytes::CopyOf(at(scalars))));
      EXPECT_EQ(ToHex(at(inverses)), HexOf(one.Inverse()));
    }
  }
}

TEST(SecretScalarsTest, DerivesTheSameFromTheSameAndElseAnother) {
  const Bytes seed(32, 0x42);
  const auto hex = [&](std::string_view label, std::uint32_t number) {
    const auto derived = SecretScalars::Derive(seed, label, number, 3);
    return derived.ok() ? ToHex(SecretReader::View(derived->block())) : "";
  };
  const std::string first = hex("a", 1);
  EXPECT_EQ(first.size(), 3 * 64U);
  EXPECT_EQ(first, hex("a", 1));
  EXPECT_NE(first, hex("a", 2));
  EXPECT_NE(first, hex("b", 1));
  EXPECT_NE(first.substr(0, 64), first.substr(64, 64));
  EXPECT_THAT(SecretScalars::Derive(ByteView(seed).first(31), "a", 1, 3),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(SecretScalarsTest, NoInverseOfNone) {
  EXPECT_EQ(SecretScalars::Random(0).Inverses().size(), 0U);
}

TEST(SecretScalarsTest, RefusesABlockWithOneBadScalar) {
  Bytes block = Concat({Hex(kOne), Hex(kOrderMinusOne)});
  EXPECT_OK(SecretScalars::FromBytes(SecretBytes::CopyOf(block)));
  block[32] = 0xed;  // the order
  EXPECT_THAT(SecretScalars::FromBytes(SecretBytes::CopyOf(block)),
              HasCode(absl::StatusCode::kInvalidArgument));
  block.pop_back();
  EXPECT_THAT(SecretScalars::FromBytes(SecretBytes::CopyOf(block)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace entente::group
