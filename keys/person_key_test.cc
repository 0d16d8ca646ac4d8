#include "keys/person_key.h"

#include <sys/stat.h>

#include <fstream>
#include <type_traits>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;
using ::entente::testing::TempDir;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kUnready = absl::StatusCode::kFailedPrecondition;

static_assert(!std::is_copy_constructible_v<PersonKey>);

Sealing Phrase(std::string_view text) {
  auto sealing = Sealing::FromPassphrase(SecretBytes::CopyOf(AsBytes(text)),
                                         {.passes = 1, .memory_bytes = 8192});
  CHECK(sealing.ok());
  return *std::move(sealing);
}

TEST(PersonKeyTest, ComesBackFromItsFile) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key,
                       PersonKey::Create("qva-legal-2027"));
  ASSERT_OK(key.Save(dir.Path("key"), Phrase("long enough")));
  struct stat info{};
  ASSERT_EQ(::stat(dir.Path("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  ASSERT_OK_AND_ASSIGN(const PersonKey back,
                       PersonKey::Load(dir.Path("key"), Phrase("long enough")));
  EXPECT_EQ(back.label(), "qva-legal-2027");
  EXPECT_EQ(back.public_key(), key.public_key());
  EXPECT_EQ(back.hpke_key(), key.hpke_key());
  EXPECT_TRUE(primitive::VerifyEd25519(key.public_key(), AsBytes("text"),
                                       back.Sign(AsBytes("text"))));
}

TEST(PersonKeyTest, LoadsWithAKeyFileForScripts) {
  const TempDir dir;
  ASSERT_OK(Sealing::MakeKeyFile(dir.Path("seal")));
  ASSERT_OK_AND_ASSIGN(const Sealing sealing,
                       Sealing::FromKeyFile(dir.Path("seal")));
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("duty"));
  ASSERT_OK(key.Save(dir.Path("key"), sealing));
  EXPECT_OK(PersonKey::Load(dir.Path("key"), sealing));
  EXPECT_THAT(PersonKey::Load(dir.Path("key"), Phrase("long enough")),
              HasCode(kDataLoss));
}

TEST(PersonKeyTest, RefusesAnotherPassphrase) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK(key.Save(dir.Path("key"), Phrase("long enough")));
  EXPECT_THAT(PersonKey::Load(dir.Path("key"), Phrase("long enougH")),
              HasCode(kDataLoss));
  EXPECT_THAT(PersonKey::Load(dir.Path("none"), Phrase("long enough")),
              HasCode(absl::StatusCode::kNotFound));
}

TEST(PersonKeyTest, NeverOverwrites) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK(key.Save(dir.Path("key"), Phrase("long enough")));
  EXPECT_THAT(key.Save(dir.Path("key"), Phrase("other words")),
              HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_OK(PersonKey::Load(dir.Path("key"), Phrase("long enough")));
}

TEST(PersonKeyTest, RefusesAFileThatIsOpenToOthers) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK(key.Save(dir.Path("key"), Phrase("long enough")));
  ASSERT_EQ(::chmod(dir.Path("key").c_str(), 0640), 0);
  EXPECT_THAT(PersonKey::Load(dir.Path("key"), Phrase("long enough")),
              HasCode(kUnready));
  EXPECT_THAT(PersonKey::Peek(dir.Path("key")), HasCode(kUnready));
}

TEST(PersonKeyTest, SeesEveryFlippedByte) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK(Sealing::MakeKeyFile(dir.Path("seal")));
  ASSERT_OK_AND_ASSIGN(const Sealing sealing,
                       Sealing::FromKeyFile(dir.Path("seal")));
  ASSERT_OK(key.Save(dir.Path("key"), sealing));
  const std::string good = testing::ReadFile(dir.Path("key"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    std::ofstream(dir.Path("key"), std::ios::binary | std::ios::trunc) << bad;
    EXPECT_THAT(PersonKey::Load(dir.Path("key"), sealing), HasCode(kDataLoss))
        << i;
  }
}

TEST(PersonKeyTest, ShowsItsPublicPartWithoutASecret) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK(key.Save(dir.Path("key"), Phrase("long enough")));
  ASSERT_OK_AND_ASSIGN(const PersonPublic peek,
                       PersonKey::Peek(dir.Path("key")));
  EXPECT_EQ(peek.label, "dpo");
  EXPECT_EQ(peek.key, key.public_key());
  EXPECT_EQ(peek.hpke_key, key.hpke_key());
  EXPECT_EQ(*PersonKey::PeekKind(dir.Path("key")), SealingKind::kPassphrase);
}

TEST(PersonKeyTest, RefusesALabelThatIsNone) {
  for (const std::string& label :
       {std::string(), std::string("A"), std::string("a b"), std::string("a:b"),
        std::string(65, 'a')}) {
    EXPECT_THAT(PersonKey::Create(label), HasCode(kInvalid)) << label;
  }
  EXPECT_THAT(PersonKey::FromSeed("a", SecretBytes(31)), HasCode(kInvalid));
}

// agreements.md 3.2 and the example of 2.3: seed = SHA-256("entente example key
// " + label).
TEST(PersonKeyTest, HasTheKeyIdOfTheExampleAgreement) {
  ASSERT_OK_AND_ASSIGN(
      const PersonKey key,
      PersonKey::FromSeed("qor-legal-2026",
                          SecretBytes::CopyOf(primitive::Sha256(
                              AsBytes("entente example key qor-legal-2026")))));
  EXPECT_EQ(ToHex(key.public_key()),
            "792e060efad4131b205165baf9f7607e1c0d31677cc0183a2b67754c8c1dccb4");
  EXPECT_EQ(key.key_id(),
            "ed25519:qor-legal-2026:fa389106d1f5544f2498ca5d0ae51013");
}

TEST(PersonKeyTest, OpensWhatIsSealedToThePerson) {
  ASSERT_OK_AND_ASSIGN(const PersonKey key, PersonKey::Create("dpo"));
  ASSERT_OK_AND_ASSIGN(const PersonKey other, PersonKey::Create("dpo"));
  ASSERT_OK_AND_ASSIGN(const auto sealed,
                       primitive::HpkeSeal(key.hpke_key(), AsBytes("info"), {},
                                           AsBytes("text")));
  ASSERT_OK_AND_ASSIGN(
      const Bytes text,
      key.OpenSealed(sealed.enc, AsBytes("info"), {}, sealed.ciphertext));
  EXPECT_EQ(AsText(text), "text");
  EXPECT_THAT(
      other.OpenSealed(sealed.enc, AsBytes("info"), {}, sealed.ciphertext),
      HasCode(kDataLoss));
}

}  // namespace
}  // namespace entente::keys
