#include "crypto/primitive/hkdf.h"

#include "crypto/primitive/secret_reader.h"
#include "crypto/primitive/vector_file.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

std::string HexOf(const SecretBytes& secret) {
  return ToHex(SecretReader::View(secret));
}

// RFC 5869, appendix A.1.
TEST(HkdfTest, MatchesRfc5869) {
  const SecretBytes ikm = SecretBytes::CopyOf(Bytes(22, 0x0b));
  const Bytes salt = Hex("000102030405060708090a0b0c");
  const SecretBytes prk = HkdfExtract(salt, ikm);
  EXPECT_EQ(HexOf(prk),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(HexOf(HkdfExpand(prk, Hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
}

// RFC 5869, appendix A.3: neither salt nor info.
TEST(HkdfTest, TakesAnEmptySaltAndInfo) {
  const SecretBytes ikm = SecretBytes::CopyOf(Bytes(22, 0x0b));
  EXPECT_EQ(HexOf(Hkdf(ikm, {}, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
}

TEST(HkdfDeathTest, RefusesMoreThan255Blocks) {
  const SecretBytes prk = SecretBytes::CopyOf(Bytes(32, 1));
  EXPECT_EQ(HkdfExpand(prk, {}, 255U * 32U).size(), 255U * 32U);
  EXPECT_DEATH(HkdfExpand(prk, {}, 255U * 32U + 1U), "internal check failed");
}

TEST(HkdfTest, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_hkdf_sha256_test.json");
  ForEachWycheproof(
      "wycheproof_hkdf_sha256_test.json", [](const auto&, const auto& test) {
        const std::size_t size = test.at("size").template get<std::size_t>();
        if (test.at("result") != "valid") {
          EXPECT_GT(size, 255U * 32U);  // the only refusal; see the death test
          return;
        }
        const SecretBytes ikm = SecretBytes::CopyOf(HexAt(test, "ikm"));
        const SecretBytes okm =
            Hkdf(ikm, HexAt(test, "salt"), HexAt(test, "info"), size);
        EXPECT_EQ(ToBytes(SecretReader::View(okm)), HexAt(test, "okm"));
      });
}

}  // namespace
}  // namespace entente::primitive
