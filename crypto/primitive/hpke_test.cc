#include "crypto/primitive/hpke.h"

#include "crypto/primitive/secret_reader.h"
#include "crypto/primitive/vector_file.h"
#include "crypto/primitive/x25519.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

HpkePrivateKey PrivateKey(ByteView bytes) {
  absl::StatusOr<HpkePrivateKey> key =
      HpkePrivateKey::FromBytes(SecretBytes::CopyOf(bytes));
  CHECK(key.ok());
  return *std::move(key);
}

// RFC 9180, appendix A.2.1, sequence number 0.
TEST(HpkeTest, MatchesRfc9180) {
  const HpkePrivateKey ephemeral = PrivateKey(
      Hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"));
  const HpkePrivateKey recipient = PrivateKey(
      Hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"));
  EXPECT_EQ(ToHex(recipient.public_key()),
            "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
  const ByteView info = AsBytes("Ode on a Grecian Urn");
  const ByteView aad = AsBytes("Count-0");
  ASSERT_OK_AND_ASSIGN(
      const HpkeSealed sealed,
      HpkeSealWith(ephemeral, recipient.public_key(), info, aad,
                   AsBytes("Beauty is truth, truth beauty")));
  EXPECT_EQ(ToHex(sealed.enc),
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
  EXPECT_EQ(ToHex(sealed.ciphertext),
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db"
            "21993c62ce81883d2dd1b51a28");
  ASSERT_OK_AND_ASSIGN(const Bytes opened, HpkeOpen(recipient, sealed.enc, info,
                                                    aad, sealed.ciphertext));
  EXPECT_EQ(AsText(opened), "Beauty is truth, truth beauty");
}

TEST(HpkeTest, PassesTheVectorFile) {
  SKIP_WITHOUT_SHARED("vectors/crypto/hpke_rfc9180_base.json");
  const nlohmann::json file = ReadVectors("hpke_rfc9180_base.json");
  int count = 0;
  for (const nlohmann::json& v : file.at("vectors")) {
    if (v.at("kem_id") != "32" || v.at("kdf_id") != "1" ||
        v.at("aead_id") != "3")
      continue;
    const nlohmann::json& first =
        v.at("encryptions").at(0);  // single shot: sequence 0
    ASSERT_EQ(first.at("sequence_number"), "0");
    const HpkePrivateKey ephemeral = PrivateKey(HexAt(v, "skEm"));
    const HpkePrivateKey recipient = PrivateKey(HexAt(v, "skRm"));
    EXPECT_EQ(ToBytes(ephemeral.public_key()), HexAt(v, "pkEm"));
    EXPECT_EQ(ToBytes(recipient.public_key()), HexAt(v, "pkRm"));
    ASSERT_OK_AND_ASSIGN(
        const HpkeSealed sealed,
        HpkeSealWith(ephemeral, recipient.public_key(), HexAt(v, "info"),
                     HexAt(first, "aad"), HexAt(first, "pt")));
    EXPECT_EQ(ToBytes(sealed.enc), HexAt(v, "enc"));
    EXPECT_EQ(sealed.ciphertext, HexAt(first, "ct"));
    ++count;
  }
  EXPECT_EQ(count, 1);
}

TEST(HpkeTest, RefusesEveryChange) {
  const HpkePrivateKey key = HpkePrivateKey::Generate();
  const ByteView info = AsBytes("info");
  const ByteView aad = AsBytes("aad");
  ASSERT_OK_AND_ASSIGN(const HpkeSealed sealed,
                       HpkeSeal(key.public_key(), info, aad, AsBytes("text")));
  ASSERT_OK(HpkeOpen(key, sealed.enc, info, aad, sealed.ciphertext));
  EXPECT_THAT(HpkeOpen(HpkePrivateKey::Generate(), sealed.enc, info, aad,
                       sealed.ciphertext),
              HasCode(kDataLoss));
  EXPECT_THAT(HpkeOpen(key, sealed.enc, aad, aad, sealed.ciphertext),
              HasCode(kDataLoss));
  EXPECT_THAT(HpkeOpen(key, sealed.enc, info, info, sealed.ciphertext),
              HasCode(kDataLoss));
  EXPECT_THAT(HpkeOpen(key, ByteView(sealed.enc).first(31), info, aad,
                       sealed.ciphertext),
              HasCode(kDataLoss));
  EXPECT_THAT(HpkeOpen(key, sealed.enc, info, aad, {}), HasCode(kDataLoss));
  for (std::size_t i = 0; i < sealed.ciphertext.size(); ++i) {
    Bytes bad = sealed.ciphertext;
    bad[i] ^= 1U;
    EXPECT_THAT(HpkeOpen(key, sealed.enc, info, aad, bad), HasCode(kDataLoss));
  }
}

// X25519 ignores the top bit of a point, so the key schedule must not.
TEST(HpkeTest, BindsTheSpellingOfTheEncapsulatedKey) {
  const HpkePrivateKey key = HpkePrivateKey::Generate();
  ASSERT_OK_AND_ASSIGN(HpkeSealed sealed,
                       HpkeSeal(key.public_key(), {}, {}, AsBytes("text")));
  sealed.enc[31] ^= 0x80U;
  EXPECT_THAT(HpkeOpen(key, sealed.enc, {}, {}, sealed.ciphertext),
              HasCode(kDataLoss));
}

TEST(HpkeTest, RefusesPointsOfSmallOrder) {
  const HpkePrivateKey key = HpkePrivateKey::Generate();
  const HpkePublicKey zero{};
  EXPECT_THAT(HpkeSeal(zero, {}, {}, AsBytes("text")), HasCode(kInvalid));
  EXPECT_THAT(HpkeOpen(key, zero, {}, {}, Bytes(32)), HasCode(kDataLoss));
}

TEST(HpkePrivateKeyTest, RefusesAnotherLength) {
  EXPECT_THAT(HpkePrivateKey::FromBytes(SecretBytes(31)), HasCode(kInvalid));
}

// RFC 7748, section 5.2, first vector.
TEST(X25519Test, MatchesRfc7748) {
  const SecretBytes scalar = SecretBytes::CopyOf(
      Hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  ASSERT_OK_AND_ASSIGN(
      const ByteArray<32> point,
      ToArray<32>(Hex(
          "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")));
  ASSERT_OK_AND_ASSIGN(const SecretBytes shared, X25519(scalar, point));
  EXPECT_EQ(ToHex(SecretReader::View(shared)),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(X25519Test, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_x25519_test.json");
  int refused = 0;
  ForEachWycheproof("wycheproof_x25519_test.json", [&](const auto&,
                                                       const auto& test) {
    const SecretBytes scalar = SecretBytes::CopyOf(HexAt(test, "private"));
    ASSERT_OK_AND_ASSIGN(const ByteArray<32> point,
                         ToArray<32>(HexAt(test, "public")));
    const absl::StatusOr<SecretBytes> shared = X25519(scalar, point);
    if (HexAt(test, "shared") == Bytes(32)) {  // "acceptable": we refuse zero
      EXPECT_THAT(shared, HasCode(kInvalid));
      ++refused;
      return;
    }
    ASSERT_OK(shared);
    EXPECT_EQ(ToBytes(SecretReader::View(*shared)), HexAt(test, "shared"));
  });
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace entente::primitive
