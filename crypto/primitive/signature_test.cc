#include "crypto/primitive/signature.h"

#include <sodium.h>

#include <type_traits>

#include "crypto/primitive/hash.h"
#include "crypto/primitive/vector_file.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

using ::entente::testing::HasCode;

static_assert(!std::is_copy_constructible_v<SigningKey>);
static_assert(!std::is_default_constructible_v<SigningKey>);

PublicKey KeyOf(std::string_view hex) {
  absl::StatusOr<PublicKey> key = ToArray<32>(Hex(hex));
  CHECK(key.ok());
  return *key;
}

// RFC 8032, section 7.1, TEST 2.
TEST(SigningKeyTest, MatchesRfc8032) {
  ASSERT_OK_AND_ASSIGN(const SigningKey key,
                       SigningKey::FromSeed(SecretBytes::CopyOf(
                           Hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba62"
                               "4da8cf6ed4fb8a6fb"))));
  EXPECT_EQ(ToHex(key.public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes message = {0x72};
  const Signature signature = key.Sign(message);
  EXPECT_EQ(ToHex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(VerifyEd25519(key.public_key(), message, signature));
}

TEST(SigningKeyTest, RefusesASeedOfAnotherLength) {
  EXPECT_THAT(SigningKey::FromSeed(SecretBytes(31)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SigningKey::FromSeed(SecretBytes()),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(VerifyTest, RefusesAnotherMessageKeyAndLength) {
  const SigningKey key = SigningKey::Generate();
  const Signature signature = key.Sign(AsBytes("message"));
  EXPECT_TRUE(VerifyEd25519(key.public_key(), AsBytes("message"), signature));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), AsBytes("messagf"), signature));
  EXPECT_FALSE(VerifyEd25519(SigningKey::Generate().public_key(),
                             AsBytes("message"), signature));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), AsBytes("message"),
                             ByteView(signature).first(63)));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), AsBytes("message"),
                             Concat({signature, Bytes(1)})));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), AsBytes("message"), {}));
}

// S and S + L give the same point; only the smaller one is a signature.
TEST(VerifyTest, RefusesNonCanonicalS) {
  const SigningKey key = SigningKey::Generate();
  Signature signature = key.Sign(AsBytes("message"));
  const Bytes order =
      Hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry & 255U);
    carry >>= 8U;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(VerifyEd25519(key.public_key(), AsBytes("message"), signature));
}

// Under a key of order 1 the equation S*B = R + h*A holds for every message
// once R = S*B: without the check anybody could sign.
TEST(VerifyTest, RefusesKeysOfSmallOrder) {
  EnsureSodium();
  Signature forged{};
  crypto_core_ed25519_scalar_random(forged.data() + 32);
  ASSERT_EQ(
      crypto_scalarmult_ed25519_base_noclamp(forged.data(), forged.data() + 32),
      0);
  const std::string_view small_order[] = {
      "0100000000000000000000000000000000000000000000000000000000000000",
      // the same point, not canonical: y = p + 1
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"};
  for (std::string_view hex : small_order) {
    // An order of 8 divides h for one message in eight.
    for (int i = 0; i < 64; ++i) {
      EXPECT_FALSE(
          VerifyEd25519(KeyOf(hex), AsBytes(std::to_string(i)), forged));
    }
  }
}

TEST(VerifyTest, PassesWycheproof) {
  SKIP_WITHOUT_SHARED("vectors/crypto/wycheproof_ed25519_test.json");
  ForEachWycheproof(
      "wycheproof_ed25519_test.json", [](const auto& group, const auto& test) {
        const PublicKey key =
            KeyOf(group.at("publicKey").at("pk").template get<std::string>());
        EXPECT_EQ(VerifyEd25519(key, HexAt(test, "msg"), HexAt(test, "sig")),
                  test.at("result") == "valid");
      });
}

// The example key of agreements.md: seed = SHA-256("entente example key
// qor-legal-2026").
TEST(KeyIdTest, IsTheHashOfTheLabelledKey) {
  ASSERT_OK_AND_ASSIGN(const SigningKey key,
                       SigningKey::FromSeed(SecretBytes::CopyOf(Sha256(
                           AsBytes("entente example key qor-legal-2026")))));
  ASSERT_EQ(ToHex(key.public_key()),
            "792e060efad4131b205165baf9f7607e1c0d31677cc0183a2b67754c8c1dccb4");
  const Hash hash =
      Sha256({AsBytes("entente/kid/1"), AsBytes("\n"), key.public_key()});
  EXPECT_EQ(ToHex(KeyId(key.public_key())), ToHex(hash).substr(0, 32));
}

}  // namespace
}  // namespace entente::primitive
