#include "crypto/base/codec.h"

#include "tests/testing/status_matchers.h"

namespace entente {
namespace {

enum class Colour : std::uint8_t { kRed, kBlue, kLast = kBlue };
struct Inner {
  std::uint16_t n = 0;
  bool flag = false;
  template <class A>
  void Fields(A& f) {
    f(n, flag);
  }
};
struct Outer {
  static constexpr std::string_view kLabel = "entente/test/1";
  ByteArray<4> id{};
  std::string name;
  Colour colour = Colour::kRed;
  std::vector<Inner> inner;
  std::int64_t time = 0;
  template <class A>
  void Fields(A& f) {
    f(id, name, colour, inner, time);
  }
};

const Outer kExample{{1, 2, 3, 4}, "ab", Colour::kBlue, {{7, true}}, -1};

TEST(CodecTest, WritesTheDocumentedBytes) {
  EXPECT_EQ(ToHex(Encode(kExample)),
            "01020304"
            "000000026162"
            "01"
            "00000001000701"
            "ffffffffffffffff");
}

TEST(CodecTest, RoundTrips) {
  const Bytes bytes = EncodeStatement(kExample);
  ASSERT_OK_AND_ASSIGN(const Outer back, DecodeStatement<Outer>(bytes));
  EXPECT_EQ(EncodeStatement(back), bytes);
  EXPECT_EQ(back.name, "ab");
  EXPECT_EQ(back.time, -1);
}

TEST(CodecTest, RefusesEveryTruncationAndAnyTail) {
  const Bytes bytes = Encode(kExample);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(Decode<Outer>(ByteView(bytes).first(n)).ok()) << n;
  }
  EXPECT_FALSE(Decode<Outer>(Concat({bytes, AsBytes("x")})).ok());
}

TEST(CodecTest, RefusesValuesOutsideTheirRange) {
  Bytes bytes = Encode(kExample);
  bytes[10] = 2;  // the enum
  EXPECT_FALSE(Decode<Outer>(bytes).ok());
  bytes = Encode(kExample);
  bytes[17] = 2;  // the bool
  EXPECT_FALSE(Decode<Outer>(bytes).ok());
  bytes = Encode(kExample);
  bytes[11] = 0xff;  // the count
  EXPECT_FALSE(Decode<Outer>(bytes).ok());
}

TEST(CodecTest, RefusesAnotherLabel) {
  EXPECT_FALSE(DecodeStatement<Outer>(Encode(kExample)).ok());
}

}  // namespace
}  // namespace entente
