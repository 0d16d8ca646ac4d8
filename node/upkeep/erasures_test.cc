#include "node/upkeep/erasures.h"

#include <gtest/gtest.h>

namespace entente::upkeep {
namespace {

TEST(ErasuresTest, ABundleMayHoldWhatItsNameSays) {
  const std::vector<ledger::IndexRange> erased = {{12, 12}, {99, 105}};
  const auto holds = [&erased](std::uint64_t first, std::uint64_t last) {
    return MayHold(ExportName(first, last, Hash{7}), erased);
  };
  EXPECT_TRUE(holds(0, 200));
  EXPECT_TRUE(holds(12, 12));
  EXPECT_TRUE(holds(0, 12));
  EXPECT_TRUE(holds(105, 500));
  EXPECT_FALSE(holds(0, 11));
  EXPECT_FALSE(holds(13, 98));
  EXPECT_FALSE(holds(106, 106));
}

TEST(ErasuresTest, ANameThatSaysNothingMayHoldAnything) {
  const std::vector<ledger::IndexRange> erased = {{12, 12}};
  for (const char* name :
       {"8f2e11aa00bb77cc.tmp", "", "-", "a-b-c", "50-20-x", "07-09-x",
        "99999999999999999999-5-x", "bundle.tar"}) {
    EXPECT_TRUE(MayHold(name, erased)) << name;
  }
}

}  // namespace
}  // namespace entente::upkeep
