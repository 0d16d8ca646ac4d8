#include "crypto/primitive/random.h"

#include <algorithm>

#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

TEST(RandomTest, FillsTheWholeOfADifferentArrayEachTime) {
  EXPECT_NE(RandomArray<16>(), RandomArray<16>());
  // 64 draws: a byte that stays zero in all of them has chance 2^-512.
  ByteArray<16> seen{};
  for (int i = 0; i < 64; ++i) {
    const ByteArray<16> draw = RandomArray<16>();
    for (std::size_t k = 0; k < seen.size(); ++k) seen[k] |= draw[k];
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 0), 0);
}

TEST(RandomTest, TakesAnEmptySpan) { RandomBytes({}); }

}  // namespace
}  // namespace entente::primitive
