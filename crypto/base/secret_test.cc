#include "crypto/base/secret.h"

#include <type_traits>
#include <vector>

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

TEST(SecretBytesTest, NothingOfOneIsSeenInTheNext) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{32}, std::size_t{64}, std::size_t{65},
        std::size_t{5000}}) {
    {
      const SecretBytes a = SecretBytes::CopyOf(Bytes(size, 0xa5));
      const SecretBytes b = SecretBytes::CopyOf(Bytes(size, 0x5a));
    }
    const SecretBytes c(size);
    const SecretBytes d(size);
    EXPECT_EQ(SecretReader::Read(c), Bytes(size, 0)) << size;
    EXPECT_EQ(SecretReader::Read(d), Bytes(size, 0)) << size;
  }
}

TEST(SecretBytesTest, ManyLiveAtOnceAndStayApart) {
  std::vector<SecretBytes> all;
  for (int round = 0; round < 3; ++round) {
    for (std::uint8_t i = 0; i < 200; ++i)
      all.push_back(SecretBytes::CopyOf(Bytes(32, i)));
    for (std::uint8_t i = 0; i < 200; ++i)
      EXPECT_EQ(SecretReader::Read(all[i]), Bytes(32, i));
    all.clear();
  }
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
