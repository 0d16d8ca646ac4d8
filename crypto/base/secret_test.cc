#include "crypto/base/secret.h"

#include <type_traits>

#include "tests/testing/status_matchers.h"

namespace entente {
namespace testing {
struct SecretReader {
  static Bytes Read(const SecretBytes& s) {
    return ToBytes(s.Reveal(KeyAccess()));
  }
};
}  // namespace testing

namespace {

using testing::SecretReader;

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_default_constructible_v<KeyAccess>);

TEST(SecretBytesTest, MovesAndLeavesNothingBehind) {
  SecretBytes a = SecretBytes::CopyOf(AsBytes("sixteen secret b"));
  SecretBytes b = std::move(a);
  EXPECT_EQ(AsText(SecretReader::Read(b)), "sixteen secret b");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the test
}

TEST(SecretBytesTest, RandomOnesDiffer) {
  EXPECT_NE(SecretReader::Read(SecretBytes::Random(32)),
            SecretReader::Read(SecretBytes::Random(32)));
}

TEST(WipeAtEndTest, ClearsTheBuffer) {
  Bytes buffer = ToBytes("secret");
  {
    WipeAtEnd wipe(buffer);
  }
  EXPECT_EQ(buffer, Bytes(6, 0));
}

}  // namespace
}  // namespace entente
