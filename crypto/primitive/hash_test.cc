#include "crypto/primitive/hash.h"

#include <sodium.h>

#include "crypto/primitive/vector_file.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

TEST(Sha256Test, MatchesFips180) {
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, HashesPartsOneAfterTheOther) {
  EXPECT_EQ(Sha256({AsBytes("a"), {}, AsBytes("bc")}), Sha256(AsBytes("abc")));
}

Bytes Counting(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(i * 7 + 1);
  }
  return out;
}

// Short messages are padded by this room, longer ones by OpenSSL; libsodium
// has code of its own for all.
TEST(Sha256Test, EqualsLibsodiumAtEachLengthAndSplit) {
  for (std::size_t size = 0; size <= 300; ++size) {
    const Bytes message = Counting(size);
    Hash expected;
    crypto_hash_sha256(expected.data(), message.data(), size);
    EXPECT_EQ(Sha256(message), expected) << size;
    const ByteView view(message);
    for (const std::size_t cut : {std::size_t{0}, size / 3, size}) {
      EXPECT_EQ(Sha256({view.first(cut), view.subspan(cut)}), expected) << size;
    }
  }
}

TEST(Sha256StreamTest, EqualsTheSingleCall) {
  Sha256Stream stream;
  stream.Update(AsBytes("a"));
  stream.Update({});
  stream.Update(AsBytes("bc"));
  EXPECT_EQ(stream.Finish(), Sha256(AsBytes("abc")));
}

TEST(Sha512Test, MatchesFips180) {
  EXPECT_EQ(ToHex(Sha512({AsBytes("a"), AsBytes("bc")})),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

// RFC 4231, test cases 1 and 6 (a key longer than a block).
TEST(HmacSha256Test, MatchesRfc4231) {
  EXPECT_EQ(ToHex(HmacSha256(Bytes(20, 0x0b), {AsBytes("Hi There")})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  const SecretBytes key = SecretBytes::CopyOf(Bytes(131, 0xaa));
  EXPECT_EQ(ToHex(HmacSha256(
                key, {AsBytes("Test Using Larger Than Block-Size Key - "),
                      AsBytes("Hash Key First")})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256Test, EqualsLibsodiumAtEachLength) {
  for (const std::size_t key_size : {0U, 1U, 32U, 63U, 64U, 65U, 200U}) {
    const SecretBytes key = SecretBytes::CopyOf(Counting(key_size));
    const HmacSha256Key many(key);
    for (std::size_t size = 0; size <= 200; ++size) {
      const Bytes message = Counting(size);
      crypto_auth_hmacsha256_state state;
      crypto_auth_hmacsha256_init(&state, Counting(key_size).data(), key_size);
      crypto_auth_hmacsha256_update(&state, message.data(), size);
      Hash expected;
      crypto_auth_hmacsha256_final(&state, expected.data());
      EXPECT_EQ(HmacSha256(key, {message}), expected) << size;
      EXPECT_EQ(many.Mac({ByteView(message).first(size / 2),
                          ByteView(message).subspan(size / 2)}),
                expected)
          << size;
    }
  }
}

TEST(HmacSha256Test, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_hmac_sha256_test.json");
  ForEachWycheproof("wycheproof_hmac_sha256_test.json", [](const auto& group,
                                                           const auto& test) {
    const std::size_t size =
        group.at("tagSize").template get<std::size_t>() / 8;
    const Hash mac = HmacSha256(HexAt(test, "key"), {HexAt(test, "msg")});
    const bool equal =
        ConstantTimeEqual(ByteView(mac).first(size), HexAt(test, "tag"));
    EXPECT_EQ(equal, test.at("result") == "valid");
  });
}

}  // namespace
}  // namespace entente::primitive
