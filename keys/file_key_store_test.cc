#include "keys/file_key_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "crypto/primitive/hash.h"
#include "keys/secret_reader.h"
#include "keys/store_for_test.h"
#include "tests/testing/shared_data.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kUnready = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;
constexpr std::int64_t kNow = 1800000000;

class FileKeyStoreTest : public StoreForTest {
 protected:
  void GenerateAll() {
    for (int i = 0; i <= static_cast<int>(Purpose::kLast); ++i) {
      ASSERT_OK(store_->Generate(static_cast<Purpose>(i)));
    }
  }
};

void Overwrite(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

TEST_F(FileKeyStoreTest, SignsWithTheKeyItShows) {
  ASSERT_OK(store_->Generate(Purpose::kStatement));
  ASSERT_OK(store_->Generate(Purpose::kLog));
  ASSERT_OK_AND_ASSIGN(const auto key, store_->Public(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const auto log, store_->Public(Purpose::kLog));
  ASSERT_OK_AND_ASSIGN(const auto signature,
                       store_->Sign(Purpose::kStatement, AsBytes("text")));
  EXPECT_TRUE(primitive::VerifyEd25519(key, AsBytes("text"), signature));
  EXPECT_FALSE(primitive::VerifyEd25519(log, AsBytes("text"), signature));
  EXPECT_EQ(store_->Keys(Purpose::kStatement).front().kid,
            primitive::KeyId(key));
}

TEST_F(FileKeyStoreTest, OpensWhatIsSealedToIt) {
  ASSERT_OK(store_->Generate(Purpose::kDisclosure));
  ASSERT_OK_AND_ASSIGN(const auto key,
                       store_->HpkePublic(Purpose::kDisclosure));
  const ByteView info = AsBytes("info");
  ASSERT_OK_AND_ASSIGN(const auto sealed,
                       primitive::HpkeSeal(key, info, {}, AsBytes("text")));
  ASSERT_OK_AND_ASSIGN(const Bytes opened,
                       store_->OpenSealed(Purpose::kDisclosure, sealed.enc,
                                          info, {}, sealed.ciphertext));
  EXPECT_EQ(AsText(opened), "text");
  EXPECT_THAT(store_->OpenSealed(Purpose::kDisclosure, sealed.enc, {}, {},
                                 sealed.ciphertext),
              HasCode(kDataLoss));
}

TEST_F(FileKeyStoreTest, AuthenticatesAndSealsLocally) {
  ASSERT_OK(store_->Generate(Purpose::kActor));
  ASSERT_OK(store_->Generate(Purpose::kGuard));
  ASSERT_OK_AND_ASSIGN(const Hash a,
                       store_->Mac(Purpose::kActor, AsBytes("one")));
  ASSERT_OK_AND_ASSIGN(const Hash b,
                       store_->Mac(Purpose::kActor, AsBytes("two")));
  EXPECT_NE(a, b);
  ASSERT_OK_AND_ASSIGN(
      Bytes box,
      store_->SealLocal(Purpose::kGuard, AsBytes("row"), AsBytes("text")));
  ASSERT_OK_AND_ASSIGN(const Bytes opened,
                       store_->OpenLocal(Purpose::kGuard, AsBytes("row"), box));
  EXPECT_EQ(AsText(opened), "text");
  EXPECT_THAT(store_->OpenLocal(Purpose::kGuard, AsBytes("rov"), box),
              HasCode(kDataLoss));
  EXPECT_THAT(store_->OpenLocal(Purpose::kGuard, {}, ByteView(box).first(15)),
              HasCode(kDataLoss));
  box.back() ^= 1U;
  EXPECT_THAT(store_->OpenLocal(Purpose::kGuard, AsBytes("row"), box),
              HasCode(kDataLoss));
  box.front() ^= 1U;
  EXPECT_THAT(store_->OpenLocal(Purpose::kGuard, AsBytes("row"), box),
              HasCode(kNotFound));
}

TEST_F(FileKeyStoreTest, RefusesAKeyOfAnotherKind) {
  GenerateAll();
  EXPECT_THAT(store_->Sign(Purpose::kStore, {}), HasCode(kInvalid));
  EXPECT_THAT(store_->SignWith(Purpose::kActor, {}, {}), HasCode(kInvalid));
  EXPECT_THAT(store_->Public(Purpose::kDisclosure), HasCode(kInvalid));
  EXPECT_THAT(store_->HpkePublic(Purpose::kStatement), HasCode(kInvalid));
  EXPECT_THAT(store_->OpenSealed(Purpose::kLog, {}, {}, {}, {}),
              HasCode(kInvalid));
  EXPECT_THAT(store_->Mac(Purpose::kGuard, {}), HasCode(kInvalid));
  EXPECT_THAT(store_->SealLocal(Purpose::kStore, {}, {}), HasCode(kInvalid));
  EXPECT_THAT(store_->OpenLocal(Purpose::kIndex, {}, Bytes(64)),
              HasCode(kInvalid));
}

TEST_F(FileKeyStoreTest, HasNoKeyBeforeItIsMade) {
  EXPECT_THAT(store_->Public(Purpose::kStatement), HasCode(kNotFound));
  EXPECT_THAT(store_->Sign(Purpose::kLog, {}), HasCode(kNotFound));
  EXPECT_THAT(store_->StoreKey(), HasCode(kNotFound));
  EXPECT_THAT(store_->Rotate(Purpose::kLog), HasCode(kNotFound));
  EXPECT_TRUE(store_->Keys(Purpose::kLog).empty());
  ASSERT_OK(store_->Generate(Purpose::kLog));
  EXPECT_THAT(store_->Generate(Purpose::kLog), HasCode(kExists));
}

TEST_F(FileKeyStoreTest, KeepsItsKeysOverARestart) {
  GenerateAll();
  ASSERT_OK_AND_ASSIGN(const auto key, store_->Public(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const auto hpke,
                       store_->HpkePublic(Purpose::kDisclosure));
  ASSERT_OK_AND_ASSIGN(const Hash mac,
                       store_->Mac(Purpose::kActor, AsBytes("id")));
  ASSERT_OK_AND_ASSIGN(const SecretBytes raw, store_->StoreKey());
  EXPECT_EQ(raw.size(), 32U);
  Reopen();
  EXPECT_EQ(*store_->Public(Purpose::kStatement), key);
  EXPECT_EQ(*store_->HpkePublic(Purpose::kDisclosure), hpke);
  EXPECT_EQ(*store_->Mac(Purpose::kActor, AsBytes("id")), mac);
  ASSERT_OK_AND_ASSIGN(const SecretBytes again, store_->StoreKey());
  EXPECT_EQ(ToBytes(SecretReader::View(again)),
            ToBytes(SecretReader::View(raw)));
}

TEST_F(FileKeyStoreTest, RotatesAndKeepsTheOldKeyAtHand) {
  for (const Purpose p : {Purpose::kStatement, Purpose::kLog,
                          Purpose::kDisclosure, Purpose::kGuard}) {
    ASSERT_OK(store_->Generate(p));
  }
  ASSERT_OK_AND_ASSIGN(const auto old_key, store_->Public(Purpose::kLog));
  ASSERT_OK_AND_ASSIGN(const auto to, store_->HpkePublic(Purpose::kDisclosure));
  ASSERT_OK_AND_ASSIGN(const auto sealed,
                       primitive::HpkeSeal(to, {}, {}, AsBytes("text")));
  ASSERT_OK_AND_ASSIGN(const Bytes box,
                       store_->SealLocal(Purpose::kGuard, {}, AsBytes("row")));
  ASSERT_OK_AND_ASSIGN(const KeyInfo info, store_->Rotate(Purpose::kLog));
  ASSERT_OK(store_->Rotate(Purpose::kDisclosure));
  ASSERT_OK(store_->Rotate(Purpose::kGuard));
  Reopen();
  EXPECT_EQ(info.generation, 2U);
  ASSERT_EQ(store_->Keys(Purpose::kLog).size(), 2U);
  EXPECT_EQ(store_->Keys(Purpose::kLog).front().kid, info.kid);
  EXPECT_NE(*store_->Public(Purpose::kLog), old_key);
  ASSERT_OK_AND_ASSIGN(
      const auto signature,
      store_->SignWith(Purpose::kLog, primitive::KeyId(old_key),
                       AsBytes("text")));
  EXPECT_TRUE(primitive::VerifyEd25519(old_key, AsBytes("text"), signature));
  EXPECT_OK(store_->OpenSealed(Purpose::kDisclosure, sealed.enc, {}, {},
                               sealed.ciphertext));
  EXPECT_OK(store_->OpenLocal(Purpose::kGuard, {}, box));
}

TEST_F(FileKeyStoreTest, DoesNotRotateTheDatabaseKey) {
  ASSERT_OK(store_->Generate(Purpose::kStore));
  EXPECT_THAT(store_->Rotate(Purpose::kStore), HasCode(kUnready));
}

TEST_F(FileKeyStoreTest, DestroysAnOldKeyAndCertifiesIt) {
  ASSERT_OK(store_->Generate(Purpose::kStatement));
  ASSERT_OK(store_->Generate(Purpose::kGuard));
  const Id16 old_kid = store_->Keys(Purpose::kGuard).front().kid;
  ASSERT_OK_AND_ASSIGN(const Bytes box,
                       store_->SealLocal(Purpose::kGuard, {}, AsBytes("row")));
  EXPECT_THAT(store_->Destroy(Purpose::kGuard, old_kid, kNow),
              HasCode(kUnready));
  ASSERT_OK(store_->Rotate(Purpose::kGuard));
  ASSERT_OK_AND_ASSIGN(const auto certificate,
                       store_->Destroy(Purpose::kGuard, old_kid, kNow));
  EXPECT_THAT(store_->OpenLocal(Purpose::kGuard, {}, box), HasCode(kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto signer, store_->Public(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const Destruction what,
                       OpenCertificate(certificate, signer));
  EXPECT_EQ(what.purpose, "guard");
  EXPECT_EQ(what.kid, old_kid);
  EXPECT_EQ(what.time, kNow);
  EXPECT_FALSE(
      std::filesystem::exists(File("guard_" + ToHex(old_kid) + ".key")));
  Reopen();
  EXPECT_EQ(store_->Keys(Purpose::kGuard).size(), 1U);
  ASSERT_OK_AND_ASSIGN(const auto again,
                       store_->Destroy(Purpose::kGuard, old_kid, kNow + 1));
  EXPECT_EQ(again.body, certificate.body);
  EXPECT_THAT(store_->Destroy(Purpose::kGuard, Id16{}, kNow),
              HasCode(kNotFound));
}

TEST_F(FileKeyStoreTest, CreatesOnlyOnce) {
  store_.reset();
  EXPECT_THAT(FileKeyStore::Create(folder(), sealing()), HasCode(kExists));
  EXPECT_THAT(FileKeyStore::Open(dir_.Path("none"), sealing()),
              HasCode(kNotFound));
}

TEST_F(FileKeyStoreTest, KeepsAnotherProcessOut) {
  EXPECT_THAT(FileKeyStore::Open(folder(), sealing()), HasCode(kUnavailable));
  Reopen();
  EXPECT_TRUE(store_ != nullptr);
}

TEST_F(FileKeyStoreTest, RefusesAFolderOrFileThatIsOpenToOthers) {
  GenerateAll();
  ASSERT_EQ(::chmod(folder().c_str(), 0750), 0);
  EXPECT_THAT(TryOpen(), HasCode(kUnready));
  ASSERT_EQ(::chmod(folder().c_str(), 0700), 0);
  ASSERT_EQ(::chmod(File("store").c_str(), 0644), 0);
  EXPECT_THAT(TryOpen(), HasCode(kUnready));
  ASSERT_EQ(::chmod(File("store").c_str(), 0600), 0);
  Reopen();
  const std::string name =
      "log_" + ToHex(store_->Keys(Purpose::kLog).front().kid) + ".key";
  ASSERT_EQ(::chmod(File(name).c_str(), 0640), 0);
  EXPECT_THAT(TryOpen(), HasCode(kUnready));
}

TEST_F(FileKeyStoreTest, MakesPrivateFiles) {
  GenerateAll();
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    struct stat info{};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U) << entry.path().filename();
  }
}

TEST_F(FileKeyStoreTest, DoesNotOpenUnderAnotherSealing) {
  GenerateAll();
  store_.reset();
  ASSERT_OK(Sealing::MakeKeyFile(dir_.Path("other")));
  ASSERT_OK_AND_ASSIGN(const Sealing other,
                       Sealing::FromKeyFile(dir_.Path("other")));
  EXPECT_THAT(FileKeyStore::Open(folder(), other), HasCode(kDataLoss));
  ASSERT_OK_AND_ASSIGN(
      const Sealing phrase,
      Sealing::FromPassphrase(SecretBytes::CopyOf(AsBytes("a passphrase")),
                              {1, 8192}));
  EXPECT_THAT(FileKeyStore::Open(folder(), phrase), HasCode(kDataLoss));
}

TEST_F(FileKeyStoreTest, OpensUnderThePassphraseAndNoOther) {
  const auto phrase = [](std::string_view text) {
    auto out =
        Sealing::FromPassphrase(SecretBytes::CopyOf(AsBytes(text)), {1, 8192});
    CHECK(out.ok());
    return *std::move(out);
  };
  const std::string folder = dir_.Path("sealed-by-words");
  ASSERT_OK(FileKeyStore::Create(folder, phrase("a passphrase")));
  EXPECT_OK(FileKeyStore::Open(folder, phrase("a passphrase")));
  EXPECT_THAT(FileKeyStore::Open(folder, phrase("A passphrase")),
              HasCode(kDataLoss));
  EXPECT_THAT(FileKeyStore::Open(folder, sealing()), HasCode(kDataLoss));
}

TEST_F(FileKeyStoreTest, ChangesItsSealing) {
  GenerateAll();
  ASSERT_OK_AND_ASSIGN(const auto key, store_->Public(Purpose::kStatement));
  store_.reset();
  ASSERT_OK(Sealing::MakeKeyFile(dir_.Path("next")));
  ASSERT_OK_AND_ASSIGN(const Sealing next,
                       Sealing::FromKeyFile(dir_.Path("next")));
  ASSERT_OK(FileKeyStore::Reseal(folder(), sealing(), next));
  EXPECT_THAT(FileKeyStore::Open(folder(), sealing()), HasCode(kDataLoss));
  ASSERT_OK_AND_ASSIGN(const auto store, FileKeyStore::Open(folder(), next));
  EXPECT_EQ(*store->Public(Purpose::kStatement), key);
}

// Every byte of every file is covered: no flip goes unseen.
TEST_F(FileKeyStoreTest, SeesEveryFlippedByte) {
  ASSERT_OK(store_->Generate(Purpose::kStatement));
  ASSERT_OK(store_->Generate(Purpose::kStore));
  ASSERT_OK(store_->EnsurePartition({"api", "2027-01-31"}));
  ASSERT_OK(store_->EnsurePartition({"api", "2027-02-01"}));
  ASSERT_OK(store_->CreateEpochKey(Hash{1}, 7));
  ASSERT_OK(store_->DestroyPartition({"api", "2027-01-31"}, kNow));
  store_.reset();
  int files = 0;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().filename() != "lock") paths.push_back(entry.path());
  }
  for (const auto& path : paths) {
    const std::string good = testing::ReadFile(path);
    ASSERT_FALSE(good.empty());
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      Overwrite(path, bad);
      ASSERT_THAT(TryOpen(), HasCode(kDataLoss))
          << path.filename() << " byte " << i;
    }
    for (const std::string& bad : {std::string(), good.substr(1), good + "x"}) {
      Overwrite(path, bad);
      ASSERT_THAT(TryOpen(), HasCode(kDataLoss)) << path.filename();
    }
    Overwrite(path, good);
    ++files;
  }
  EXPECT_EQ(files, 6);
  EXPECT_OK(TryOpen());
}

TEST_F(FileKeyStoreTest, RefusesAFileUnderAnothersName) {
  ASSERT_OK(store_->EnsurePartition({"api", "2027-01-31"}));
  store_.reset();
  std::filesystem::copy(File("partition_api_2027-01-31.key"),
                        File("partition_api_2027-02-01.key"));
  EXPECT_THAT(TryOpen(), HasCode(kDataLoss));
}

// Another store's file, sealed by another root key.
TEST_F(FileKeyStoreTest, RefusesAFileOfAnotherStore) {
  ASSERT_OK_AND_ASSIGN(const auto other,
                       FileKeyStore::Create(dir_.Path("other"), sealing()));
  ASSERT_OK(other->EnsurePartition({"api", "2027-01-31"}));
  store_.reset();
  std::filesystem::copy(dir_.Path("other") + "/partition_api_2027-01-31.key",
                        File("partition_api_2027-01-31.key"));
  EXPECT_THAT(TryOpen(), HasCode(kDataLoss));
}

TEST_F(FileKeyStoreTest, LeavesForeignFilesAloneAndDropsTornOnes) {
  ASSERT_OK(store_->Generate(Purpose::kLog));
  store_.reset();
  Overwrite(File("notes.txt"), "hello");
  Overwrite(File("guard_00.key.tmp"), "half a key");
  std::filesystem::create_directory(File("tls"));
  Reopen();
  EXPECT_EQ(testing::ReadFile(File("notes.txt")), "hello");
  EXPECT_FALSE(std::filesystem::exists(File("guard_00.key.tmp")));
}

TEST_F(FileKeyStoreTest, WritesNoKeyInClear) {
  ASSERT_OK(store_->Generate(Purpose::kStore));
  ASSERT_OK_AND_ASSIGN(const SecretBytes key, store_->StoreKey());
  const std::string secret = ToString(SecretReader::View(key));
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    EXPECT_EQ(testing::ReadFile(entry.path()).find(secret), std::string::npos);
  }
}

// audit.md 3: HMAC-SHA256(key, "entente/kid/1")[0:16].
TEST_F(FileKeyStoreTest, NamesASymmetricKeyByItsMac) {
  ASSERT_OK(store_->Generate(Purpose::kActor));
  ASSERT_OK_AND_ASSIGN(const Hash mac,
                       store_->Mac(Purpose::kActor, AsBytes("entente/kid/1")));
  EXPECT_EQ(ToHex(store_->Keys(Purpose::kActor).front().kid),
            ToHex(mac).substr(0, 32));
}

TEST_F(FileKeyStoreTest, SealsPartitionsEachUnderItsOwnKey) {
  const Partition day{"api", "2027-01-31"};
  const Partition next{"api", "2027-02-01"};
  EXPECT_THAT(store_->SealPartition(day, {}, {}), HasCode(kNotFound));
  ASSERT_OK(store_->EnsurePartition(day));
  ASSERT_OK(store_->EnsurePartition(day));
  ASSERT_OK(store_->EnsurePartition(next));
  EXPECT_EQ(store_->Partitions().size(), 2U);
  ASSERT_OK_AND_ASSIGN(
      const Bytes box,
      store_->SealPartition(day, AsBytes("row"), AsBytes("text")));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const Bytes opened,
                       store_->OpenPartition(day, AsBytes("row"), box));
  EXPECT_EQ(AsText(opened), "text");
  EXPECT_THAT(store_->OpenPartition(next, AsBytes("row"), box),
              HasCode(kDataLoss));
  EXPECT_THAT(store_->OpenPartition(day, {}, box), HasCode(kDataLoss));
  EXPECT_THAT(store_->OpenPartition(day, {}, {}), HasCode(kDataLoss));
}

TEST_F(FileKeyStoreTest, DestroysAPartitionForGood) {
  const Partition day{"api", "2027-01-31"};
  ASSERT_OK(store_->EnsurePartition(day));
  ASSERT_OK_AND_ASSIGN(const Bytes box,
                       store_->SealPartition(day, {}, AsBytes("text")));
  // Without a statement key there is no certificate, so nothing is destroyed.
  EXPECT_THAT(store_->DestroyPartition(day, kNow), HasCode(kNotFound));
  EXPECT_OK(store_->OpenPartition(day, {}, box));
  ASSERT_OK(store_->Generate(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const auto certificate,
                       store_->DestroyPartition(day, kNow));
  ASSERT_OK_AND_ASSIGN(const auto signer, store_->Public(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const Destruction what,
                       OpenCertificate(certificate, signer));
  EXPECT_EQ(what.name, "api/2027-01-31");
  EXPECT_THAT(store_->OpenPartition(day, {}, box), HasCode(kNotFound));
  EXPECT_THAT(store_->EnsurePartition(day), HasCode(kUnready));
  Reopen();
  EXPECT_THAT(store_->OpenPartition(day, {}, box), HasCode(kNotFound));
  EXPECT_THAT(store_->EnsurePartition(day), HasCode(kUnready));
  EXPECT_TRUE(store_->Partitions().empty());
}

TEST_F(FileKeyStoreTest, RefusesPartitionNamesThatAreNone) {
  const std::string long_name(33, 'a');
  const Partition bad[] = {{"", "x"},        {"x", ""},        {"a/b", "x"},
                           {"x", "../y"},    {"A", "x"},       {"x", "a_b"},
                           {long_name, "x"}, {"x", long_name}, {"x.y", "part"}};
  for (const Partition& partition : bad) {
    EXPECT_THAT(store_->EnsurePartition(partition), HasCode(kInvalid));
    EXPECT_THAT(store_->DestroyPartition(partition, kNow), HasCode(kInvalid));
  }
}

TEST_F(FileKeyStoreTest, RefusesACertificateThatWasChanged) {
  ASSERT_OK(store_->Generate(Purpose::kStatement));
  ASSERT_OK(store_->EnsurePartition({"api", "a"}));
  ASSERT_OK_AND_ASSIGN(const auto good,
                       store_->DestroyPartition({"api", "a"}, kNow));
  ASSERT_OK_AND_ASSIGN(const auto signer, store_->Public(Purpose::kStatement));
  auto bad = good;
  bad.body.back() ^= 1U;
  EXPECT_THAT(OpenCertificate(bad, signer), HasCode(kDataLoss));
  bad = good;
  bad.signature[0] ^= 1U;
  EXPECT_THAT(OpenCertificate(bad, signer), HasCode(kDataLoss));
  bad = good;
  bad.kid[0] ^= 1U;
  EXPECT_THAT(OpenCertificate(bad, signer), HasCode(kInvalid));
  EXPECT_THAT(OpenCertificate(good, {}), HasCode(kDataLoss));
}

}  // namespace
}  // namespace entente::keys
