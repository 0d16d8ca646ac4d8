#include "crypto/group/product.h"

#include <gtest/gtest.h>

#include <vector>

#include "crypto/group/batch.h"
#include "crypto/group/edwards.h"
#include "crypto/group/field.h"
#include "crypto/group/testing_util.h"
#include "tests/testing/status_matchers.h"

namespace entente::group {
namespace {

using ::entente::testing::HasCode;

struct Terms {
  std::vector<Scalar> scalars;
  std::vector<Point> points;
};

Terms RandomTerms(std::size_t count) {
  Terms out{{}, std::vector<Point>(count)};
  for (std::size_t i = 0; i < count; ++i) out.scalars.push_back(RandomScalar());
  CHECK(
      MultiplyEach(SecretScalars::Random(count), out.points, out.points).ok());
  return out;
}

// The same sum by libsodium, which is the other side of the comparison.
absl::StatusOr<Point> SlowProduct(const Terms& terms) {
  std::vector<Point> parts;
  for (std::size_t i = 0; i < terms.points.size(); ++i) {
    if (terms.scalars[i].IsZero()) continue;
    TRY(const SecretScalar k,
        SecretScalar::FromBytes(SecretBytes::CopyOf(terms.scalars[i].bytes())));
    parts.push_back(terms.points[i]);
    TRY_OK(MultiplyAll(k, std::span(parts).last(1), std::span(parts).last(1)));
  }
  if (parts.empty()) return Invalid("identity");
  Point sum = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    TRY(sum, Add(sum, parts[i]));
  }
  return sum;
}

void ExpectSame(const Terms& terms) {
  ASSERT_OK_AND_ASSIGN(const Point fast,
                       PublicProduct(terms.scalars, terms.points));
  ASSERT_OK_AND_ASSIGN(const Point slow, SlowProduct(terms));
  EXPECT_EQ(fast, slow) << terms.points.size() << " terms";
}

TEST(ProductTest, EqualsLibsodiumForEverySizeUpTo130) {
  for (std::size_t n = 1; n <= 130; ++n) ExpectSame(RandomTerms(n));
}

TEST(ProductTest, EqualsLibsodiumForLargeBatches) {
  for (const std::size_t n : {255U, 768U, 1000U, 2048U, 4096U}) {
    ExpectSame(RandomTerms(n));
  }
}

TEST(ProductTest, EqualsLibsodiumForScalarsAtTheEdges) {
  ByteArray<32> bit{};
  bit[31] = 0x08;  // 2^251
  ASSERT_OK_AND_ASSIGN(const Scalar high, Scalar::Decode(bit));
  const std::vector<Scalar> edges = {Scalar(),
                                     SmallScalar(1),
                                     SmallScalar(2),
                                     SmallScalar(15),
                                     SmallScalar(16),
                                     SmallScalar(17),
                                     SmallScalar(127),
                                     SmallScalar(128),
                                     SmallScalar(255),
                                     MinusOne(),
                                     high};
  for (const std::size_t n : {1U, 2U, 63U, 64U, 200U}) {
    for (const Scalar& edge : edges) {
      Terms terms = RandomTerms(n);
      for (std::size_t i = 1; i < n; i += 2) terms.scalars[i] = edge;
      terms.scalars[0] = edge.IsZero() && n == 1 ? SmallScalar(3) : edge;
      if (n > 1) terms.scalars[1] = RandomScalar();
      ExpectSame(terms);
    }
  }
}

TEST(ProductTest, EqualsLibsodiumForEqualPoints) {
  for (const std::size_t n : {2U, 64U, 100U}) {
    Terms terms = RandomTerms(n);
    for (Point& point : terms.points) point = terms.points[0];
    ExpectSame(terms);
    for (Scalar& scalar : terms.scalars) scalar = terms.scalars[0];
    ExpectSame(terms);
  }
}

TEST(ProductTest, RefusesAnIdentitySum) {
  for (const std::size_t n : {1U, 2U, 64U, 300U}) {
    Terms terms = RandomTerms(n);
    for (Scalar& scalar : terms.scalars) scalar = Scalar();
    EXPECT_THAT(PublicProduct(terms.scalars, terms.points),
                HasCode(absl::StatusCode::kInvalidArgument));
    if (n == 1) continue;
    terms.points[n - 1] = terms.points[0];
    terms.scalars[0] = SmallScalar(1);
    terms.scalars[n - 1] = MinusOne();
    EXPECT_THAT(PublicProduct(terms.scalars, terms.points),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ProductTest, AbortsWithoutTermsOrWithUnequalCounts) {
  const Terms terms = RandomTerms(2);
  EXPECT_DEATH(static_cast<void>(PublicProduct({}, {})), "empty");
  EXPECT_DEATH(static_cast<void>(PublicProduct(
                   std::span(terms.scalars).first(1), terms.points)),
               "size");
}

TEST(EdwardsTest, EncodesWhatItDecodes) {
  for (const Point& point : RandomTerms(200).points) {
    EXPECT_EQ(Encode(DecodeExtended(point)), point.bytes());
  }
}

TEST(EdwardsTest, EncodesTheFourFormsOfAnElementAlike) {
  // Adding a point of order four stays within the ristretto255 element.
  const Field i = kSqrtMinusOne;
  const Extended torsion{i, kFieldZero, kFieldOne, kFieldZero};
  EXPECT_EQ(Encode(torsion), (ByteArray<32>{}));
  for (const Point& point : RandomTerms(50).points) {
    Extended form = DecodeExtended(point);
    for (int k = 0; k < 4; ++k) {
      form = Add(form, ToCached(torsion));
      EXPECT_EQ(Encode(form), point.bytes());
    }
  }
}

TEST(FieldTest, HoldsTheConstantsOfTheRfc) {
  const auto small = [](std::uint64_t v) { return Field{{v, 0, 0, 0, 0}}; };
  // d = -121665 / 121666.
  EXPECT_TRUE(FieldEqual(Mul(kD, small(121666)), Negate(small(121665))));
  EXPECT_TRUE(FieldEqual(kTwoD, Add(kD, kD)));
  EXPECT_TRUE(FieldEqual(Square(kSqrtMinusOne), Negate(kFieldOne)));
  EXPECT_FALSE(FieldNegative(kSqrtMinusOne));
  // 1 / sqrt(a - d) with a = -1.
  EXPECT_TRUE(FieldEqual(
      Mul(Square(kInvSqrtAMinusD), Negate(Add(kFieldOne, kD))), kFieldOne));
}

TEST(FieldTest, WritesTheOneSpelling) {
  ByteArray<32> p_plus_3{};
  p_plus_3.fill(0xff);
  p_plus_3[0] = 0xf0;  // 2^255 - 16 = p + 3
  p_plus_3[31] = 0x7f;
  ByteArray<32> three{};
  three[0] = 3;
  EXPECT_EQ(FieldToBytes(FieldFromBytes(p_plus_3)), three);
  ByteArray<32> minus_one = p_plus_3;
  minus_one[0] = 0xec;
  EXPECT_EQ(FieldToBytes(Negate(kFieldOne)), minus_one);
  EXPECT_EQ(FieldToBytes(FieldFromBytes(minus_one)), minus_one);
  ByteArray<32> p = minus_one;
  p[0] = 0xed;
  EXPECT_EQ(FieldToBytes(FieldFromBytes(p)), (ByteArray<32>{}));
}

TEST(FieldTest, FollowsTheLawsOfAFieldOnRandomValues) {
  for (int i = 0; i < 500; ++i) {
    const auto random = [] {
      auto bytes = primitive::RandomArray<32>();
      bytes[31] &= 0x7f;
      return FieldFromBytes(bytes);
    };
    const Field a = random();
    const Field b = random();
    const Field c = random();
    EXPECT_TRUE(FieldEqual(Mul(a, Add(b, c)), Add(Mul(a, b), Mul(a, c))));
    EXPECT_TRUE(
        FieldEqual(Mul(a, Sub(b, c)), Carry(Sub(Mul(a, b), Mul(a, c)))));
    EXPECT_TRUE(FieldEqual(Square(a), Mul(a, a)));
    EXPECT_TRUE(FieldEqual(Mul(Mul(a, b), c), Mul(a, Mul(b, c))));
    const SquareRoot root = SqrtRatio(Square(a), Square(b));
    EXPECT_TRUE(root.was_square);
    EXPECT_TRUE(FieldEqual(Mul(Square(root.root), Square(b)), Square(a)));
  }
}

TEST(FieldTest, ANonSquareIsSaid) {
  const Field two{{2, 0, 0, 0, 0}};  // 2 is no square modulo p
  const SquareRoot root = SqrtRatio(two, kFieldOne);
  EXPECT_FALSE(root.was_square);
  EXPECT_TRUE(FieldEqual(Square(root.root), Mul(two, kSqrtMinusOne)));
  EXPECT_FALSE(SqrtRatio(kFieldOne, kFieldZero).was_square);
  EXPECT_TRUE(SqrtRatio(kFieldZero, kFieldOne).was_square);
}

}  // namespace
}  // namespace entente::group
