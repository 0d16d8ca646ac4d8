#include "crypto/group/product.h"

#include <array>
#include <cstddef>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/group/edwards.h"
#include "crypto/group/point_maker.h"

namespace entente::group {
namespace {

// A scalar below L takes 253 bits; signed digits carry into one bit more.
constexpr std::size_t kScalarBits = 254;
constexpr std::size_t kStrausLimit = 96;  // below it, tables beat buckets
constexpr std::size_t kStrausWidth = 5;

using Digits = std::vector<std::int16_t>;  // least significant first

// `width` bits of the scalar from bit `at`.
std::uint32_t Window(const ByteArray<32>& scalar, std::size_t at,
                     std::size_t width) {
  const std::size_t first = at / 8;
  std::uint32_t raw = 0;
  for (std::size_t i = 0; i < 3 && first + i < scalar.size(); ++i) {
    raw |= static_cast<std::uint32_t>(scalar[first + i]) << (8 * i);
  }
  return (raw >> (at % 8)) & ((std::uint32_t{1} << width) - 1);
}

std::size_t DigitCount(std::size_t width) {
  return (kScalarBits + width - 1) / width;
}

// The scalar as the sum of digit[i] * 2^(width * i), each digit in
// [-2^(width-1), 2^(width-1)].
void Recode(const Scalar& scalar, std::size_t width,
            std::span<std::int16_t> digits) {
  const std::int32_t half = std::int32_t{1} << (width - 1);
  std::int32_t carry = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto raw =
        static_cast<std::int32_t>(Window(scalar.bytes(), i * width, width));
    std::int32_t digit = raw + carry;
    carry = digit > half ? 1 : 0;
    if (carry == 1) digit -= 2 * half;
    digits[i] = static_cast<std::int16_t>(digit);
  }
  CHECK(carry == 0);
}

Digits RecodeAll(std::span<const Scalar> scalars, std::size_t width) {
  const std::size_t count = DigitCount(width);
  Digits out(scalars.size() * count);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    Recode(scalars[i], width, std::span(out).subspan(i * count, count));
  }
  return out;
}

Extended DoubleTimes(Extended p, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) p = Double(p);
  return p;
}

// Adds digit * point, where multiples[i] = (i + 1) * point.
template <class Multiples>
Extended AddDigit(const Extended& sum, std::int16_t digit,
                  const Multiples& multiples) {
  if (digit > 0)
    return Add(sum, multiples[static_cast<std::size_t>(digit - 1)]);
  if (digit < 0)
    return Sub(sum, multiples[static_cast<std::size_t>(-digit - 1)]);
  return sum;
}

// One table of multiples a point; all points share the doublings.
Extended Straus(std::span<const Scalar> scalars,
                std::span<const Point> points) {
  constexpr std::size_t kHalf = std::size_t{1} << (kStrausWidth - 1);
  std::vector<std::array<Cached, kHalf>> tables(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    Extended multiple = DecodeExtended(points[i]);
    tables[i][0] = ToCached(multiple);
    for (std::size_t k = 1; k < kHalf; ++k) {
      multiple = Add(multiple, tables[i][0]);
      tables[i][k] = ToCached(multiple);
    }
  }
  const Digits digits = RecodeAll(scalars, kStrausWidth);
  const std::size_t count = DigitCount(kStrausWidth);
  Extended sum;
  for (std::size_t d = count; d-- > 0;) {
    sum = DoubleTimes(sum, kStrausWidth);
    for (std::size_t i = 0; i < points.size(); ++i) {
      sum = AddDigit(sum, digits[i * count + d], tables[i]);
    }
  }
  return sum;
}

// The width that costs the fewest additions for `n` points.
std::size_t BestWidth(std::size_t n) {
  std::size_t best = 4;
  std::size_t best_cost = static_cast<std::size_t>(-1);
  for (std::size_t width = 4; width <= 12; ++width) {
    const std::size_t buckets = std::size_t{1} << (width - 1);
    const std::size_t cost = DigitCount(width) * (n + 2 * buckets);
    if (cost < best_cost) {
      best = width;
      best_cost = cost;
    }
  }
  return best;
}

// 1 * buckets[0] + 2 * buckets[1] + ...
Extended WeightedSum(std::span<const Extended> buckets) {
  Extended running;
  Extended sum;
  for (std::size_t b = buckets.size(); b-- > 0;) {
    running = Add(running, ToCached(buckets[b]));
    sum = Add(sum, ToCached(running));
  }
  return sum;
}

// For each digit position the points go into the bucket of their digit; a
// point costs one addition a position.
Extended Pippenger(std::span<const Scalar> scalars,
                   std::span<const Point> points) {
  std::vector<Affine> decoded(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    decoded[i] = DecodeAffine(points[i]);
  }
  const std::size_t width = BestWidth(points.size());
  const Digits digits = RecodeAll(scalars, width);
  const std::size_t count = DigitCount(width);
  std::vector<Extended> buckets(std::size_t{1} << (width - 1));
  Extended sum;
  for (std::size_t d = count; d-- > 0;) {
    buckets.assign(buckets.size(), Extended{});
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::int16_t digit = digits[i * count + d];
      if (digit == 0) continue;
      const auto slot = static_cast<std::size_t>(digit > 0 ? digit : -digit);
      Extended& bucket = buckets[slot - 1];
      bucket = digit > 0 ? Add(bucket, decoded[i]) : Sub(bucket, decoded[i]);
    }
    sum = Add(DoubleTimes(sum, width), ToCached(WeightedSum(buckets)));
  }
  return sum;
}

}  // namespace

absl::StatusOr<Point> PublicProduct(std::span<const Scalar> scalars,
                                    std::span<const Point> points) {
  CHECK(scalars.size() == points.size() && !points.empty());
  const ByteArray<Point::kSize> bytes =
      Encode(points.size() < kStrausLimit ? Straus(scalars, points)
                                          : Pippenger(scalars, points));
  if (bytes == ByteArray<Point::kSize>{}) {
    return Invalid("group: the sum is the identity");
  }
  return PointMaker::Make(bytes);
}

}  // namespace entente::group
