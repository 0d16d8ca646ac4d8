#include "crypto/base/bytes.h"

#include "tests/testing/status_matchers.h"

namespace entente {
namespace {

TEST(HexTest, RoundTripsAndRefusesUpperCase) {
  const Bytes bytes = {0x00, 0x9f, 0xff};
  EXPECT_EQ(ToHex(bytes), "009fff");
  ASSERT_OK_AND_ASSIGN(const Bytes back, FromHex("009fff"));
  EXPECT_EQ(back, bytes);
  EXPECT_FALSE(FromHex("009FFF").ok());
  EXPECT_FALSE(FromHex("009").ok());
  EXPECT_FALSE(FromHex("0g").ok());
}

TEST(Base64Test, MatchesRfc4648Section10) {
  EXPECT_EQ(ToBase64(AsBytes("")), "");
  EXPECT_EQ(ToBase64(AsBytes("f")), "Zg==");
  EXPECT_EQ(ToBase64(AsBytes("fo")), "Zm8=");
  EXPECT_EQ(ToBase64(AsBytes("foo")), "Zm9v");
  EXPECT_EQ(ToBase64(AsBytes("foobar")), "Zm9vYmFy");
  ASSERT_OK_AND_ASSIGN(const Bytes back, FromBase64("Zm9vYg=="));
  EXPECT_EQ(AsText(back), "foob");
}

TEST(Base64Test, RefusesEveryOtherSpelling) {
  EXPECT_FALSE(FromBase64("Zg").ok());      // no padding
  EXPECT_FALSE(FromBase64("Zh==").ok());    // spare bits
  EXPECT_FALSE(FromBase64("Zm9=").ok());    // spare bits
  EXPECT_FALSE(FromBase64("Zm9v\n").ok());  // white space
  EXPECT_FALSE(FromBase64("Z===").ok());
  EXPECT_FALSE(FromBase64("Zg==Zg==").ok());  // padding inside
  EXPECT_FALSE(FromBase64("Zm-_").ok());      // the URL alphabet
}

TEST(ConstantTimeEqualTest, ComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEqual(AsBytes("abc"), AsBytes("abc")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("abc"), AsBytes("abd")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("abc"), AsBytes("ab")));
  EXPECT_TRUE(ConstantTimeEqual({}, {}));
}

}  // namespace
}  // namespace entente
