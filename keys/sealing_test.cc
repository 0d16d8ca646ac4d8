#include "keys/sealing.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <type_traits>

#include "crypto/base/status.h"
#include "keys/secret_reader.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;
using ::entente::testing::TempDir;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kUnready = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr primitive::Argon2Cost kCheap = {.passes = 1, .memory_bytes = 8192};

static_assert(!std::is_copy_constructible_v<Sealing>);

void Write(const std::string& path, std::string_view text, mode_t mode) {
  std::ofstream(path, std::ios::binary) << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

std::string SomeKey() { return "0123456789abcdef0123456789abcdef"; }

Bytes KeyOf(const Sealing& sealing, const SealingHeader& header) {
  absl::StatusOr<SecretBytes> key = sealing.KeyUnder(header);
  EXPECT_OK(key);
  return key.ok() ? ToBytes(SecretReader::View(*key)) : Bytes();
}

Sealing Passphrase(std::string_view text) {
  absl::StatusOr<Sealing> sealing =
      Sealing::FromPassphrase(SecretBytes::CopyOf(AsBytes(text)), kCheap);
  CHECK(sealing.ok());
  return *std::move(sealing);
}

TEST(SealingTest, MakesAKeyFileThatOnlyItsOwnerReads) {
  const TempDir dir;
  ASSERT_OK(Sealing::MakeKeyFile(dir.Path("key")));
  struct stat info{};
  ASSERT_EQ(::stat(dir.Path("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(info.st_size, 32);
  EXPECT_OK(Sealing::FromKeyFile(dir.Path("key")));
}

TEST(SealingTest, NeverOverwritesAKeyFile) {
  const TempDir dir;
  ASSERT_OK(Sealing::MakeKeyFile(dir.Path("key")));
  const std::string before = testing::ReadFile(dir.Path("key"));
  EXPECT_THAT(Sealing::MakeKeyFile(dir.Path("key")),
              HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(testing::ReadFile(dir.Path("key")), before);
}

TEST(SealingTest, RefusesAKeyFileThatIsOpenToOthers) {
  const TempDir dir;
  for (const mode_t mode : {0644U, 0640U, 0620U, 0601U, 0660U}) {
    Write(dir.Path("key"), SomeKey(), mode);
    EXPECT_THAT(Sealing::FromKeyFile(dir.Path("key")), HasCode(kUnready))
        << mode;
  }
  Write(dir.Path("key"), SomeKey(), 0400);
  EXPECT_OK(Sealing::FromKeyFile(dir.Path("key")));
}

TEST(SealingTest, RefusesWhatIsNoKeyFile) {
  const TempDir dir;
  EXPECT_THAT(Sealing::FromKeyFile(dir.Path("none")),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(Sealing::FromKeyFile(dir.Path("")), HasCode(kUnready));
  ASSERT_EQ(::mkfifo(dir.Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(Sealing::FromKeyFile(dir.Path("pipe")), HasCode(kUnready));
  for (const std::string& text :
       {std::string(), SomeKey().substr(1), SomeKey() + "\n",
        std::string(32, '\0'), std::string(5000, 'x')}) {
    Write(dir.Path("key"), text, 0600);
    EXPECT_THAT(Sealing::FromKeyFile(dir.Path("key")), HasCode(kInvalid));
  }
}

TEST(SealingTest, SaysNoPathInAnError) {
  const TempDir dir;
  Write(dir.Path("secret-place"), SomeKey(), 0644);
  const absl::Status status =
      Sealing::FromKeyFile(dir.Path("secret-place")).status();
  EXPECT_EQ(MessageOf(status).find("secret-place"), std::string::npos);
}

TEST(SealingTest, TakesACredentialFromSystemd) {
  const TempDir dir;
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(Sealing::FromCredential("seal"), HasCode(kUnready));
  ::setenv("CREDENTIALS_DIRECTORY", dir.Path("").c_str(), 1);
  EXPECT_THAT(Sealing::FromCredential("seal"),
              HasCode(absl::StatusCode::kNotFound));
  Write(dir.Path("seal"), SomeKey(), 0440);
  EXPECT_OK(Sealing::FromCredential("seal"));
  Write(dir.Path("seal"), SomeKey(), 0444);
  EXPECT_THAT(Sealing::FromCredential("seal"), HasCode(kUnready));
  Write(dir.Path("seal"), SomeKey(), 0460);
  EXPECT_THAT(Sealing::FromCredential("seal"), HasCode(kUnready));
  for (const char* name : {"", ".", "..", "a/b", "../seal"}) {
    EXPECT_THAT(Sealing::FromCredential(name), HasCode(kInvalid)) << name;
  }
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(SealingTest, RefusesAShortPassphraseAndACostOutOfRange) {
  const auto phrase = [] {
    return SecretBytes::CopyOf(AsBytes("long enough"));
  };
  EXPECT_THAT(Sealing::FromPassphrase(SecretBytes::CopyOf(AsBytes("seven77"))),
              HasCode(kInvalid));
  EXPECT_THAT(Sealing::FromPassphrase(phrase(), {.passes = 0}),
              HasCode(kInvalid));
  EXPECT_THAT(Sealing::FromPassphrase(phrase(), {.passes = 17}),
              HasCode(kInvalid));
  EXPECT_THAT(Sealing::FromPassphrase(phrase(),
                                      {.memory_bytes = std::size_t{2} << 30U}),
              HasCode(kInvalid));
}

TEST(SealingTest, GivesOneKeyPerHeader) {
  const Sealing sealing = Passphrase("long enough");
  const SealingHeader a = sealing.NewHeader();
  const SealingHeader b = sealing.NewHeader();
  EXPECT_EQ(a.passes, 1U);
  EXPECT_EQ(a.memory_bytes, 8192U);
  EXPECT_EQ(KeyOf(sealing, a), KeyOf(sealing, a));
  EXPECT_NE(KeyOf(sealing, a), KeyOf(sealing, b));
  EXPECT_NE(KeyOf(sealing, a), KeyOf(Passphrase("long enougi"), a));
}

TEST(SealingTest, RefusesAHeaderOfTheOtherKind) {
  const TempDir dir;
  ASSERT_OK(Sealing::MakeKeyFile(dir.Path("key")));
  ASSERT_OK_AND_ASSIGN(const Sealing file,
                       Sealing::FromKeyFile(dir.Path("key")));
  const Sealing phrase = Passphrase("long enough");
  const absl::Status wants_phrase = file.KeyUnder(phrase.NewHeader()).status();
  EXPECT_THAT(wants_phrase, HasCode(kDataLoss));
  EXPECT_EQ(MessageOf(wants_phrase),
            "it is sealed by a passphrase, not by a key file");
  const absl::Status wants_file = phrase.KeyUnder(file.NewHeader()).status();
  EXPECT_THAT(wants_file, HasCode(kDataLoss));
  EXPECT_EQ(MessageOf(wants_file),
            "it is sealed by a key file, not by a passphrase");
  EXPECT_NE(KeyOf(file, file.NewHeader()), KeyOf(file, file.NewHeader()));
}

// A header is foreign bytes: it must not make us work for hours.
TEST(SealingTest, RefusesAHeaderWithACostOutOfRange) {
  const Sealing sealing = Passphrase("long enough");
  SealingHeader header = sealing.NewHeader();
  header.passes = 1U << 30U;
  EXPECT_THAT(sealing.KeyUnder(header), HasCode(kDataLoss));
  header = sealing.NewHeader();
  header.memory_bytes = ~std::uint64_t{0};
  EXPECT_THAT(sealing.KeyUnder(header), HasCode(kDataLoss));
  header = sealing.NewHeader();
  header.memory_bytes = 1;
  EXPECT_THAT(sealing.KeyUnder(header), HasCode(kDataLoss));
}

}  // namespace
}  // namespace entente::keys
