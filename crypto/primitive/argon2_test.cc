#include "crypto/primitive/argon2.h"

#include "crypto/primitive/secret_reader.h"
#include "tests/testing/status_matchers.h"

namespace entente::primitive {
namespace {

using ::entente::testing::HasCode;

constexpr Argon2Cost kSmall = {.passes = 3, .memory_bytes = 64U << 10U};
constexpr ByteArray<16> kSalt = {0, 1, 2,  3,  4,  5,  6,  7,
                                 8, 9, 10, 11, 12, 13, 14, 15};

SecretBytes Passphrase() {
  return SecretBytes::CopyOf(AsBytes("a passphrase of several words"));
}

// From a model of RFC 9106 in Python that reproduces the RFC's own vector
// (which needs four lanes, a secret and associated data: libsodium has none).
TEST(Argon2idTest, MatchesTheModel) {
  ASSERT_OK_AND_ASSIGN(const SecretBytes key,
                       Argon2id(Passphrase(), kSalt, kSmall, 32));
  EXPECT_EQ(ToHex(SecretReader::View(key)),
            "0293cdc6ada417cffbd49ee759c6e2d1dd1a33d6ae6d78aed24e9a0aed578064");
}

TEST(Argon2idTest, TakesAnEmptyPassphrase) {
  EXPECT_OK(Argon2id(SecretBytes(), kSalt, kSmall, 32));
}

TEST(Argon2idTest, RefusesCostsOutOfRange) {
  const auto code = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Argon2id(Passphrase(), kSalt, {.passes = 0}, 32), code);
  EXPECT_THAT(Argon2id(Passphrase(), kSalt, {.memory_bytes = 8191}, 32), code);
  EXPECT_THAT(
      Argon2id(Passphrase(), kSalt, {.memory_bytes = ~std::size_t{0}}, 32),
      code);
  EXPECT_THAT(Argon2id(Passphrase(), kSalt, kSmall, 15), code);
}

}  // namespace
}  // namespace entente::primitive
