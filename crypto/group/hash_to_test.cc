#include "crypto/group/hash_to.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/group/secret_reader.h"
#include "crypto/group/testing_util.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::group {
namespace {

constexpr std::string_view kTag = "QUUX-V01-CS02-with-expander-SHA512-256";

std::string Expanded(std::string_view message, std::size_t size) {
  Bytes out(size);
  ExpandMessage({AsBytes(message)}, AsBytes(kTag), out);
  return ToHex(out);
}

// RFC 9380, K.3.
TEST(ExpandMessageTest, GivesTheValuesOfTheRfc) {
  EXPECT_EQ(Expanded("", 0x20),
            "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba");
  EXPECT_EQ(Expanded("abc", 0x80),
            "7f1dddd13c08b543f2e2037b14cefb255b44c83cc397c1786d975653e36a6b11"
            "bdd7732d8b38adb4a0edc26a0cef4bb45217135456e58fbca1703cd6032cb134"
            "7ee720b87972d63fbf232587043ed2901bce7f22610c0419751c065922b48843"
            "1851041310ad659e4b23520e1772ab29dcdeb2002222a363f0c2b1c972b3efe1");
}

TEST(ExpandMessageTest, PassesThePublishedVectors) {
  SKIP_WITHOUT_SHARED("vectors/crypto/h2c_expand_message_xmd_SHA512_38.json");
  const auto all = nlohmann::json::parse(
      testing::ReadFile(testing::SharedDir() /
                        "vectors/crypto/h2c_expand_message_xmd_SHA512_38.json"),
      nullptr, false);
  ASSERT_EQ(all.at("DST").get<std::string>(), kTag);
  ASSERT_EQ(all.at("tests").size(), 10U);
  for (const auto& test : all.at("tests")) {
    const auto size =
        std::stoul(test.at("len_in_bytes").get<std::string>(), nullptr, 16);
    EXPECT_EQ(Expanded(test.at("msg").get<std::string>(), size),
              test.at("uniform_bytes").get<std::string>());
  }
}

TEST(ExpandMessageTest, JoinsTheParts) {
  Bytes parts(64);
  Bytes whole(64);
  ExpandMessage({AsBytes("ab"), {}, AsBytes("c")}, AsBytes(kTag), parts);
  ExpandMessage({AsBytes("abc")}, AsBytes(kTag), whole);
  EXPECT_EQ(parts, whole);
}

TEST(ExpandMessageTest, AbortsOnATagOfTheWrongSize) {
  Bytes out(64);
  EXPECT_DEATH(ExpandMessage({}, {}, out), "dst");
  EXPECT_DEATH(ExpandMessage({}, Bytes(256), out), "dst");
}

TEST(HashToScalarTest, ReducesTheExpansion) {
  ByteArray<64> wide;
  ExpandMessage({AsBytes("abc")}, AsBytes(kTag), wide);
  EXPECT_EQ(HashToScalar({AsBytes("abc")}, AsBytes(kTag)),
            Scalar::FromWide(wide));
}

TEST(HashToScalarTest, SecretAndPublicFormsAgree) {
  ASSERT_OK_AND_ASSIGN(
      const SecretScalar secret,
      HashToSecretScalar({AsBytes("a"), AsBytes("bc")}, AsBytes(kTag)));
  EXPECT_EQ(ToHex(SecretReader::View(secret.bytes())),
            ToHex(HashToScalar({AsBytes("abc")}, AsBytes(kTag)).bytes()));
}

}  // namespace
}  // namespace entente::group
