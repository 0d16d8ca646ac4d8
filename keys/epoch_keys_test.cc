#include "keys/epoch_keys.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "crypto/oprf/client.h"
#include "keys/store_for_test.h"
#include "tests/testing/shared_data.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kUnready = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr std::int64_t kNow = 1800000000;
constexpr Hash kAgreement = {0xaa, 1};
constexpr Hash kOther = {0xbb, 2};

class EpochKeysTest : public StoreForTest {
 protected:
  EpochKeysTest() {
    CHECK(store_->Generate(Purpose::kStatement).ok());
    CHECK(store_->CreateEpochKey(kAgreement, 7).ok());
  }
  static std::vector<Bytes> Inputs() {
    return {ToBytes("one"), ToBytes("two")};
  }
  static Bytes Info() { return ToBytes("info"); }

  absl::StatusOr<std::vector<oprf::Token>> Tokens(
      std::uint64_t epoch, const Hash& agreement = kAgreement) {
    const std::vector<Bytes> inputs = Inputs();
    return store_->TokensFor(agreement, epoch, Info(), inputs);
  }
  // Asks as an asker does and finishes against the announced key.
  absl::StatusOr<std::vector<oprf::Token>> Ask(const EpochPublic& announced) {
    const std::vector<Bytes> inputs = Inputs();
    TRY(oprf::BlindResult blind, oprf::Blind(inputs, Info(), announced.key));
    TRY(const oprf::Evaluation evaluation,
        store_->EvaluateEpoch(announced.agreement, announced.epoch, Info(),
                              blind.blinded));
    return oprf::Finalize(std::move(blind.blinds), evaluation.evaluated,
                          evaluation.proof);
  }
  std::string KeyFile(std::uint64_t epoch) const {
    return File("epoch_" + ToHex(kAgreement) + "_" + std::to_string(epoch) +
                ".key");
  }
};

TEST_F(EpochKeysTest, GivesTheAskerTheHoldersTokens) {
  ASSERT_OK_AND_ASSIGN(const EpochPublic epoch,
                       store_->EpochKey(kAgreement, 7));
  ASSERT_OK_AND_ASSIGN(const auto asked, Ask(epoch));
  ASSERT_OK_AND_ASSIGN(const auto own, Tokens(7));
  EXPECT_EQ(asked, own);
  EXPECT_EQ(epoch.kid, primitive::KeyId(epoch.key.bytes()));
}

TEST_F(EpochKeysTest, HasAKeyOfItsOwnForEveryEpochAndAgreement) {
  ASSERT_OK_AND_ASSIGN(const EpochPublic a, store_->EpochKey(kAgreement, 7));
  ASSERT_OK_AND_ASSIGN(const EpochPublic b,
                       store_->CreateEpochKey(kAgreement, 8));
  ASSERT_OK_AND_ASSIGN(const EpochPublic c, store_->CreateEpochKey(kOther, 7));
  EXPECT_NE(a.key, b.key);
  EXPECT_NE(a.key, c.key);
  EXPECT_EQ(store_->EpochKeys().size(), 3U);
  EXPECT_THAT(Tokens(9), HasCode(kNotFound));
  EXPECT_THAT(store_->EpochKey(kOther, 8), HasCode(kNotFound));
}

TEST_F(EpochKeysTest, AskedAgainGivesTheSameKey) {
  ASSERT_OK_AND_ASSIGN(const EpochPublic before,
                       store_->EpochKey(kAgreement, 7));
  ASSERT_OK_AND_ASSIGN(const auto tokens, Tokens(7));
  EXPECT_EQ(store_->CreateEpochKey(kAgreement, 7)->key, before.key);
  Reopen();
  EXPECT_EQ(store_->CreateEpochKey(kAgreement, 7)->key, before.key);
  EXPECT_EQ(*Tokens(7), tokens);
}

TEST_F(EpochKeysTest, RefusesWhileSuspendedAndOverARestart) {
  ASSERT_OK(store_->CreateEpochKey(kOther, 7));
  ASSERT_OK_AND_ASSIGN(const EpochPublic epoch,
                       store_->EpochKey(kAgreement, 7));
  ASSERT_OK_AND_ASSIGN(const auto tokens, Tokens(7));
  ASSERT_OK(store_->SuspendAgreement(kAgreement));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(store_->IsSuspended(kAgreement));
    const absl::Status status = Ask(epoch).status();
    EXPECT_THAT(status, HasCode(kUnready));
    EXPECT_EQ(ReasonOf(status), "agreement-suspended");
    EXPECT_THAT(Tokens(7), HasCode(kUnready));
    EXPECT_THAT(store_->CreateEpochKey(kAgreement, 8), HasCode(kUnready));
    EXPECT_OK(Tokens(7, kOther));
    Reopen();
  }
  ASSERT_OK(store_->SuspendAgreement(kAgreement));
  ASSERT_OK(store_->ResumeAgreement(kAgreement));
  EXPECT_FALSE(store_->IsSuspended(kAgreement));
  EXPECT_EQ(*Tokens(7), tokens);
  Reopen();
  EXPECT_EQ(*Tokens(7), tokens);
  EXPECT_OK(store_->ResumeAgreement(kAgreement));
}

TEST_F(EpochKeysTest, SuspendsWhatHasNoKeyYet) {
  ASSERT_OK(store_->SuspendAgreement(kOther));
  EXPECT_THAT(store_->CreateEpochKey(kOther, 1), HasCode(kUnready));
  ASSERT_OK(store_->ResumeAgreement(kOther));
  EXPECT_OK(store_->CreateEpochKey(kOther, 1));
}

TEST_F(EpochKeysTest, DestroysAKeyForGood) {
  ASSERT_OK_AND_ASSIGN(const EpochPublic epoch,
                       store_->EpochKey(kAgreement, 7));
  ASSERT_OK(store_->CreateEpochKey(kAgreement, 8));
  ASSERT_OK_AND_ASSIGN(const auto certificate,
                       store_->DestroyEpochKey(kAgreement, 7, kNow));
  EXPECT_FALSE(std::filesystem::exists(KeyFile(7)));
  ASSERT_OK_AND_ASSIGN(const auto signer, store_->Public(Purpose::kStatement));
  ASSERT_OK_AND_ASSIGN(const Destruction what,
                       OpenCertificate(certificate, signer));
  EXPECT_EQ(what.purpose, "epoch");
  EXPECT_EQ(what.name, ToHex(kAgreement) + "/7");
  EXPECT_EQ(what.kid, epoch.kid);
  EXPECT_EQ(what.method, "overwrite-unlink");
  EXPECT_EQ(what.time, kNow);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Ask(epoch), HasCode(kNotFound));
    EXPECT_THAT(Tokens(7), HasCode(kNotFound));
    EXPECT_THAT(store_->EpochKey(kAgreement, 7), HasCode(kNotFound));
    EXPECT_THAT(store_->CreateEpochKey(kAgreement, 7), HasCode(kUnready));
    EXPECT_OK(Tokens(8));
    EXPECT_EQ(store_->EpochKeys().size(), 1U);
    Reopen();
  }
  ASSERT_OK_AND_ASSIGN(const auto again,
                       store_->DestroyEpochKey(kAgreement, 7, kNow + 9));
  EXPECT_EQ(again.body, certificate.body);
  EXPECT_THAT(store_->DestroyEpochKey(kAgreement, 9, kNow), HasCode(kNotFound));
}

TEST_F(EpochKeysTest, DestroysWhileSuspended) {
  ASSERT_OK(store_->SuspendAgreement(kAgreement));
  ASSERT_OK(store_->DestroyEpochKey(kAgreement, 7, kNow));
  ASSERT_OK(store_->ResumeAgreement(kAgreement));
  EXPECT_THAT(Tokens(7), HasCode(kNotFound));
}

// A crash after the certificate and before the file was erased, or a key file
// that somebody put back from a copy.
TEST_F(EpochKeysTest, FinishesADestructionThatWasCutShort) {
  std::filesystem::copy(KeyFile(7), dir_.Path("copy"));
  ASSERT_OK(store_->DestroyEpochKey(kAgreement, 7, kNow));
  store_.reset();
  std::filesystem::copy(dir_.Path("copy"), KeyFile(7));
  Reopen();
  EXPECT_THAT(Tokens(7), HasCode(kNotFound));
  EXPECT_FALSE(std::filesystem::exists(KeyFile(7)));
}

TEST_F(EpochKeysTest, OverwritesTheFileBeforeItGoes) {
  // A second name for the same blocks shows what was left in them.
  std::filesystem::create_hard_link(KeyFile(7), dir_.Path("blocks"));
  const std::string before = testing::ReadFile(dir_.Path("blocks"));
  ASSERT_OK(store_->DestroyEpochKey(kAgreement, 7, kNow));
  const std::string after = testing::ReadFile(dir_.Path("blocks"));
  ASSERT_EQ(after.size(), before.size());
  std::size_t same = 0;
  for (std::size_t i = 0; i < after.size(); ++i)
    same += after[i] == before[i] ? 1U : 0U;
  EXPECT_LT(same, after.size() / 8);  // chance makes 1 in 256 equal
}

TEST_F(EpochKeysTest, DestroysNothingWithoutACertificate) {
  const std::string folder = dir_.Path("bare");
  ASSERT_OK_AND_ASSIGN(const auto bare,
                       FileKeyStore::Create(folder, sealing()));
  ASSERT_OK(bare->CreateEpochKey(kAgreement, 1));
  EXPECT_THAT(bare->DestroyEpochKey(kAgreement, 1, kNow), HasCode(kNotFound));
  EXPECT_OK(bare->TokensFor(kAgreement, 1, Info(), Inputs()));
}

TEST_F(EpochKeysTest, RefusesAMarkerThatNamesNoAgreement) {
  ASSERT_OK(store_->SuspendAgreement(kAgreement));
  store_.reset();
  const std::string marker = File("suspended_" + ToHex(kAgreement));
  ASSERT_TRUE(std::filesystem::exists(marker));
  std::filesystem::rename(marker,
                          File("suspended_" + ToHex(kAgreement).substr(2)));
  EXPECT_THAT(TryOpen(), HasCode(kDataLoss));
}

// Beneath the store: who still holds the key when it is suspended or forgotten?
TEST_F(EpochKeysTest, LeavesNoKeyInMemory) {
  ASSERT_OK_AND_ASSIGN(const KeyFolder disk,
                       KeyFolder::Create(dir_.Path("bare"), sealing()));
  EpochKeys keys(disk);
  for (std::uint64_t epoch : {1U, 2U}) {
    ASSERT_OK(keys.Create(kAgreement, epoch));
  }
  const auto watch = [&](std::uint64_t epoch) {
    absl::StatusOr<EpochKeys::Use> use = keys.Enter(kAgreement, epoch);
    CHECK(use.ok());
    return std::weak_ptr<const oprf::ServerKey>(use->key);
  };
  const auto first = watch(1);
  const auto second = watch(2);
  EXPECT_FALSE(first.expired());
  keys.Forget(kAgreement, 1);
  EXPECT_TRUE(first.expired());
  EXPECT_FALSE(second.expired());
  ASSERT_OK(keys.Suspend(kAgreement));
  EXPECT_TRUE(second.expired());
}

// Workers evaluate without pause; when SuspendAgreement returns, none of them
// gets another answer, and it does return.
TEST_F(EpochKeysTest, SuspendsUnderLoad) {
  std::atomic<bool> suspended = false;
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::atomic<int> late = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      while (!stop) {
        const bool before = suspended;
        if (Tokens(7).ok()) {
          ++answers;
          if (before) ++late;
        }
      }
    });
  }
  while (answers < 20) std::this_thread::yield();
  EXPECT_OK(store_->SuspendAgreement(kAgreement));
  suspended = true;
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  stop = true;
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(late, 0);
}

TEST_F(EpochKeysTest, DestroysUnderLoad) {
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (!stop) answers += Tokens(7).ok() ? 1 : 0;
    });
  }
  while (answers < 10) std::this_thread::yield();
  EXPECT_OK(store_->DestroyEpochKey(kAgreement, 7, kNow));
  EXPECT_THAT(Tokens(7), HasCode(kNotFound));
  stop = true;
  for (std::thread& worker : workers) worker.join();
}

}  // namespace
}  // namespace entente::keys
