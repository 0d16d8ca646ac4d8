#include "crypto/group/batch.h"

#include <gtest/gtest.h>

#include <vector>

#include "crypto/group/testing_util.h"
#include "tests/testing/status_matchers.h"

namespace entente::group {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kOprfTag =
    "HashToGroup-OPRFV1-\x00-ristretto255-SHA512"sv;  // holds a zero byte
constexpr std::string_view kVoprfTag =
    "HashToGroup-OPRFV1-\x01-ristretto255-SHA512";
constexpr std::string_view kBlind =
    "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";

struct BlindedVector {
  std::string_view tag;
  std::string_view input;
  std::string_view blinded;
};

// RFC 9497, A.1.1 and A.1.2: hash-to-group, then the blind.
constexpr BlindedVector kVectors[] = {
    {kOprfTag, "00",
     "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"},
    {kOprfTag, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
     "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418"},
    {kVoprfTag, "00",
     "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"},
    {kVoprfTag, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
     "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"}};

std::vector<Point> RandomPoints(std::size_t count) {
  std::vector<Point> out(count);
  const SecretScalars scalars = SecretScalars::Random(count);
  CHECK(MultiplyEach(scalars, out, out).ok());
  return out;
}

TEST(BatchTest, HashesAndMultipliesAsTheRfc) {
  for (const BlindedVector& v : kVectors) {
    const Bytes input = Hex(v.input);
    const std::vector<ByteView> inputs = {input};
    std::vector<Point> points(1);
    ASSERT_OK(HashAll(inputs, AsBytes(v.tag), points));
    ASSERT_OK_AND_ASSIGN(
        const SecretScalar blind,
        SecretScalar::FromBytes(SecretBytes::CopyOf(Hex(kBlind))));
    ASSERT_OK(MultiplyAll(blind, points, points));
    EXPECT_EQ(ToHex(points[0].bytes()), v.blinded);
  }
}

TEST(BatchTest, HashAllKeepsTheOrder) {
  const Bytes a = ToBytes("a");
  const Bytes b = ToBytes("b");
  const std::vector<ByteView> inputs = {a, b, a, {}};
  std::vector<Point> points(4);
  ASSERT_OK(HashAll(inputs, AsBytes(kVoprfTag), points));
  EXPECT_EQ(points[0], points[2]);
  EXPECT_NE(points[0], points[1]);
  EXPECT_NE(points[0], points[3]);
}

TEST(BatchTest, MultiplyAllEqualsOneByOne) {
  const std::vector<Point> in = RandomPoints(10);
  const SecretScalar k = SecretScalar::Random();
  std::vector<Point> out(10);
  ASSERT_OK(MultiplyAll(k, in, out));
  for (std::size_t i = 0; i < in.size(); ++i) {
    std::vector<Point> one = {in[i]};
    ASSERT_OK(MultiplyAll(k, one, one));
    EXPECT_EQ(one[0], out[i]);
  }
}

TEST(BatchTest, MultiplyEachIsUndoneByTheInverses) {
  const std::vector<Point> in = RandomPoints(33);
  const SecretScalars scalars = SecretScalars::Random(33);
  std::vector<Point> out(33);
  ASSERT_OK(MultiplyEach(scalars, in, out));
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_NE(in[i], out[i]);
  ASSERT_OK(MultiplyEach(scalars.Inverses(), out, out));
  EXPECT_EQ(in, out);
}

TEST(BatchTest, EmptyBatchesAreFine) {
  EXPECT_OK(MultiplyAll(SecretScalar::Random(), {}, {}));
  EXPECT_OK(MultiplyEach(SecretScalars::Random(0), {}, {}));
  EXPECT_OK(HashAll({}, AsBytes(kVoprfTag), {}));
}

TEST(BatchTest, AbortsOnDifferentLengths) {
  const SecretScalar k = SecretScalar::Random();
  const std::vector<Point> in(2);
  std::vector<Point> out(1);
  EXPECT_DEATH(static_cast<void>(MultiplyAll(k, in, out)), "size");
}

}  // namespace
}  // namespace entente::group
