#include "node/match/self_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace entente::match {
namespace {

TEST(SelfCheckTest, EveryPublishedVectorHolds) {
  ASSERT_OK_AND_ASSIGN(const VectorCounts counts, Vectors());
  EXPECT_EQ(counts.letters, 145U);
  EXPECT_EQ(counts.fields, 57U);
  EXPECT_EQ(counts.skeletons, 456U);
  EXPECT_EQ(counts.keys, 1207U);
}

}  // namespace
}  // namespace entente::match
