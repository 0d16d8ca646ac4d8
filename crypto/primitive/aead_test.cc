#include "crypto/primitive/aead.h"

#include "crypto/primitive/secret_reader.h"
#include "crypto/primitive/vector_file.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

SecretBytes TestKey(std::uint8_t fill) {
  return SecretBytes::CopyOf(Bytes(32, fill));
}

// RFC 8439, section 2.8.2.
TEST(AeadTest, MatchesRfc8439) {
  const SecretBytes key = SecretBytes::CopyOf(
      Hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const Nonce12 nonce = {0x07, 0,    0,    0,    0x40, 0x41,
                         0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
  const Bytes aad = Hex("50515253c0c1c2c3c4c5c6c7");
  const ByteView text = AsBytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one "
      "tip for the future, sunscreen would be it.");
  const Bytes sealed = AeadSeal(key, nonce, aad, text);
  EXPECT_EQ(ToHex(ByteView(sealed).first(16)),
            "d31a8d34648e60db7b86afbc53ef7ec2");
  EXPECT_EQ(ToHex(ByteView(sealed).last(16)),
            "1ae10b594f09e26a7e902ecbd0600691");
  ASSERT_OK_AND_ASSIGN(const Bytes opened, AeadOpen(key, nonce, aad, sealed));
  EXPECT_EQ(opened, ToBytes(text));
}

TEST(AeadTest, RefusesEveryFlippedByte) {
  const SecretBytes key = TestKey(1);
  const Bytes sealed = AeadSeal(key, {}, AsBytes("aad"), AsBytes("text"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 1U;
    EXPECT_THAT(AeadOpen(key, {}, AsBytes("aad"), bad), HasCode(kDataLoss));
  }
  EXPECT_THAT(AeadOpen(key, {}, AsBytes("aae"), sealed), HasCode(kDataLoss));
  EXPECT_THAT(AeadOpen(TestKey(2), {}, AsBytes("aad"), sealed),
              HasCode(kDataLoss));
  EXPECT_THAT(AeadOpen(key, {1}, AsBytes("aad"), sealed), HasCode(kDataLoss));
  EXPECT_THAT(AeadOpen(key, {}, {}, Bytes(15)), HasCode(kInvalid));
}

TEST(AeadTest, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_chacha20_poly1305_test.json");
  ForEachWycheproof(
      "wycheproof_chacha20_poly1305_test.json",
      [](const auto& group, const auto& test) {
        if (group.at("ivSize") != 96) {
          EXPECT_EQ(test.at("result"), "invalid");  // Nonce12 cannot hold it
          return;
        }
        const SecretBytes key = SecretBytes::CopyOf(HexAt(test, "key"));
        ASSERT_OK_AND_ASSIGN(const Nonce12 nonce,
                             ToArray<12>(HexAt(test, "iv")));
        const Bytes aad = HexAt(test, "aad");
        const Bytes sealed = Concat({HexAt(test, "ct"), HexAt(test, "tag")});
        if (test.at("result") == "valid") {
          ASSERT_OK_AND_ASSIGN(const Bytes opened,
                               AeadOpen(key, nonce, aad, sealed));
          EXPECT_EQ(opened, HexAt(test, "msg"));
          EXPECT_EQ(AeadSeal(key, nonce, aad, opened), sealed);
        } else {
          EXPECT_THAT(AeadOpen(key, nonce, aad, sealed), HasCode(kDataLoss));
        }
      });
}

TEST(BoxTest, OpensWhatItSealed) {
  const SecretBytes key = TestKey(1);
  const Bytes box = SealBox(key, AsBytes("aad"), AsBytes("text"));
  EXPECT_EQ(box.size(), 24U + 4U + 16U);
  ASSERT_OK_AND_ASSIGN(const Bytes opened, OpenBox(key, AsBytes("aad"), box));
  EXPECT_EQ(AsText(opened), "text");
  EXPECT_NE(SealBox(key, AsBytes("aad"), AsBytes("text")), box);
}

TEST(BoxTest, KeepsASecretSecret) {
  const SecretBytes key = TestKey(1);
  const Bytes box = SealSecret(key, {}, TestKey(7));
  ASSERT_OK_AND_ASSIGN(const SecretBytes opened, OpenSecret(key, {}, box));
  EXPECT_EQ(ToBytes(SecretReader::View(opened)), Bytes(32, 7));
  ASSERT_OK_AND_ASSIGN(const SecretBytes empty,
                       OpenSecret(key, {}, SealBox(key, {}, {})));
  EXPECT_TRUE(empty.empty());
}

TEST(BoxTest, RefusesEveryFlippedByte) {
  const SecretBytes key = TestKey(1);
  const Bytes box = SealBox(key, AsBytes("aad"), AsBytes("text"));
  for (std::size_t i = 0; i < box.size(); ++i) {
    Bytes bad = box;
    bad[i] ^= 0x80U;
    EXPECT_THAT(OpenBox(key, AsBytes("aad"), bad), HasCode(kDataLoss));
    EXPECT_THAT(OpenSecret(key, AsBytes("aad"), bad), HasCode(kDataLoss));
  }
  EXPECT_THAT(OpenBox(key, {}, box), HasCode(kDataLoss));
  EXPECT_THAT(OpenBox(TestKey(2), AsBytes("aad"), box), HasCode(kDataLoss));
  EXPECT_THAT(OpenBox(key, {}, Bytes(39)), HasCode(kInvalid));
  EXPECT_THAT(OpenSecret(key, {}, {}), HasCode(kInvalid));
}

TEST(BoxTest, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_xchacha20_poly1305_test.json");
  ForEachWycheproof(
      "wycheproof_xchacha20_poly1305_test.json",
      [](const auto& group, const auto& test) {
        if (group.at("ivSize") != 192) {
          EXPECT_EQ(test.at("result"), "invalid");  // a box always has 24 bytes
          return;
        }
        const SecretBytes key = SecretBytes::CopyOf(HexAt(test, "key"));
        const Bytes aad = HexAt(test, "aad");
        const Bytes box =
            Concat({HexAt(test, "iv"), HexAt(test, "ct"), HexAt(test, "tag")});
        if (test.at("result") == "valid") {
          ASSERT_OK_AND_ASSIGN(const Bytes opened, OpenBox(key, aad, box));
          EXPECT_EQ(opened, HexAt(test, "msg"));
        } else {
          EXPECT_THAT(OpenBox(key, aad, box), HasCode(kDataLoss));
        }
      });
}

}  // namespace
}  // namespace entente::primitive
