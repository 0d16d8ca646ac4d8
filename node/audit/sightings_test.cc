#include "node/audit/sightings.h"

#include <algorithm>

#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/tree.h"
#include "node/audit/testing_log.h"
#include "node/audit/witness.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kTheirs[] = "audit.oversight.tamrin.example/2027a";

// A log of QTA whose two histories part after `common` leaves.
class Forked {
 public:
  explicit Forked(std::size_t common) {
    for (std::size_t i = 0; i < 300; ++i) {
      const std::uint8_t branch = i < common ? 0 : 1;
      one_.push_back(LeafAt(i, 0));
      other_.push_back(LeafAt(i, branch));
    }
  }
  merkle::VerifierKey Key() const {
    return *merkle::VerifierKey::Make(kTheirs, merkle::NoteKeyType::kEd25519,
                                      key_.public_key());
  }
  std::string One(std::uint64_t size) const { return Note(one_, size); }
  std::string Other(std::uint64_t size) const { return Note(other_, size); }
  // Of the first history, its seed in front.
  merkle::Proof Seeded(std::uint64_t m, std::uint64_t n) const {
    const auto source = merkle::HashesFromLeaves(std::span(one_).first(n));
    merkle::Proof proof = *merkle::ProveConsistency(m, n, source);
    if ((m & (m - 1)) == 0)
      proof.insert(proof.begin(), *merkle::RootOf(m, source));
    return proof;
  }
  std::string AddCheckpoint(std::uint64_t old_size, std::uint64_t size) const {
    merkle::AddCheckpoint body;
    body.old_size = old_size;
    body.note = One(size);
    body.proof = *merkle::ProveConsistency(
        old_size, size, merkle::HashesFromLeaves(std::span(one_).first(size)));
    return body.Text();
  }
  PeerLog Log() const { return {"QTA", kTheirs, Key().Text()}; }

 private:
  static Hash LeafAt(std::size_t i, std::uint8_t branch) {
    return merkle::LeafHash(Bytes{branch, static_cast<std::uint8_t>(i >> 8U),
                                  static_cast<std::uint8_t>(i)});
  }
  std::string Note(const std::vector<Hash>& leaves, std::uint64_t size) const {
    const Hash root = *merkle::RootOf(
        size, merkle::HashesFromLeaves(std::span(leaves).first(size)));
    return *merkle::SignCheckpoint(
        {kTheirs, size, root}, Key(),
        [this](ByteView message) { return key_.Sign(message); });
  }
  primitive::SigningKey key_ = primitive::SigningKey::Generate();
  std::vector<Hash> one_;
  std::vector<Hash> other_;
};

class SightingsTest : public LogTest {
 protected:
  void SetUp() override {
    LogTest::SetUp();
    ASSERT_OK(Open());
  }
  absl::Status Open() {
    TRY(seen_,
        Sightings::Create({node_.store.get(), node_.log.get(), &node_.clock,
                           node_.Dir() + "/audit", [this] { ++changes_; }}));
    return seen_->SetLogs({log_.Log()});
  }
  std::size_t Logged() {
    return log().Find(AuditLog::Key::kType, "witness.evidence", 0, 9)->size();
  }
  // The only evidence file, as it lies on disk.
  std::string File() {
    const auto alarms = seen_->Alarms();
    EXPECT_OK(alarms);
    EXPECT_THAT(*alarms, SizeIs(1));
    const std::string& name = alarms->front().file;
    const std::string file =
        testing::ReadFile(node_.Dir() + "/audit/evidence/" + name);
    const auto given = seen_->Evidence();
    EXPECT_OK(given);
    EXPECT_THAT(*given, ElementsAre(::testing::Pair(name, file)));
    return file;
  }
  std::vector<Untied> Take(std::string_view note) {
    const auto untied = seen_->Take(note);
    EXPECT_OK(untied);
    return untied.ok() ? *untied : std::vector<Untied>();
  }

  Tie Settled(const Untied& untied, const merkle::Proof& seeded) {
    const auto tie = seen_->Settle(untied, seeded);
    EXPECT_OK(tie);
    return tie.ok() ? *tie : Tie::kUnproved;
  }

  Forked log_{100};
  std::unique_ptr<Sightings> seen_;
  int changes_ = 0;
};

TEST_F(SightingsTest, HoldsTheLargestHeadThatAProofTiedToTheOnesBefore) {
  EXPECT_THAT(Take(log_.One(64)), IsEmpty());
  EXPECT_THAT(Take(log_.One(64)), IsEmpty());
  const auto untied = Take(log_.One(192));
  ASSERT_THAT(untied, SizeIs(1));
  EXPECT_EQ(untied[0].party, "QTA");
  EXPECT_EQ(untied[0].first_size, 64U);
  EXPECT_EQ(untied[0].second_size, 192U);
  ASSERT_OK_AND_ASSIGN(const auto waiting, seen_->Waiting());
  EXPECT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(Settled(untied[0], log_.Seeded(64, 192)), Tie::kConsistent);
  ASSERT_OK_AND_ASSIGN(const auto notes, seen_->Notes());
  EXPECT_THAT(notes, ElementsAre(log().PublishedHead().note, log_.One(192)));
  ASSERT_OK_AND_ASSIGN(const auto after, seen_->Waiting());
  EXPECT_THAT(after, IsEmpty());
  // An older head of the same tree is tied as well, and moves nothing back.
  const auto older = Take(log_.One(128));
  ASSERT_THAT(older, SizeIs(1));
  EXPECT_EQ(Settled(older[0], log_.Seeded(128, 192)), Tie::kConsistent);
  ASSERT_OK_AND_ASSIGN(const auto still, seen_->Notes());
  EXPECT_EQ(still.back(), log_.One(192));
  EXPECT_TRUE(seen_->MayCosign(kTheirs));
  EXPECT_THAT(*seen_->Alarms(), IsEmpty());
  EXPECT_EQ(Logged(), 0U);
}

TEST_F(SightingsTest, EqualSizesWithUnequalRootsAreEvidence) {
  Take(log_.One(128));
  EXPECT_THAT(Take(log_.Other(128)), IsEmpty());
  EXPECT_OK(merkle::VerifyEvidence(File(), log_.Key()));
  EXPECT_THAT(File(), HasSubstr("kind same-size\n"));
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  EXPECT_THAT(seen_->Parties(), ElementsAre("QTA"));
  EXPECT_EQ(Logged(), 1U);
  EXPECT_GE(changes_, 2);
  // Kept over a restart, and the next one adds nothing.
  ASSERT_OK(Open());
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  Take(log_.Other(128));
  ASSERT_OK(seen_->LogPending());
  EXPECT_EQ(Logged(), 1U);
  EXPECT_THAT(*seen_->Alarms(), SizeIs(1));
}

TEST_F(SightingsTest, AnotherPastIsEvidenceWhateverTheSizes) {
  for (const std::uint64_t size : {128U, 192U}) {  // with its seed, without
    SCOPED_TRACE(size);
    node_.Close();
    std::filesystem::remove_all(node_.Dir() + "/audit");
    std::filesystem::remove(node_.Dir() + "/store");
    ASSERT_OK(node_.Open());
    ASSERT_OK(Open());
    Take(log_.Other(size));
    const auto untied = Take(log_.One(256));
    ASSERT_THAT(untied, SizeIs(1));
    EXPECT_EQ(Settled(untied[0], log_.Seeded(size, 256)), Tie::kSplit);
    EXPECT_OK(merkle::VerifyEvidence(File(), log_.Key()));
    EXPECT_THAT(File(), HasSubstr("kind prefix\n"));
    EXPECT_FALSE(seen_->MayCosign(kTheirs));
    EXPECT_EQ(Logged(), 1U);
  }
}

TEST_F(SightingsTest, NoProofIsAnAlarmAndNoEvidence) {
  Take(log_.Other(128));
  const auto untied = Take(log_.One(256));
  ASSERT_THAT(untied, SizeIs(1));
  EXPECT_EQ(Settled(untied[0], {}), Tie::kUnproved);
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  EXPECT_THAT(seen_->Parties(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto alarms, seen_->Alarms());
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_FALSE(alarms[0].proved);
  EXPECT_EQ(Logged(), 0U);
  // It is asked again, and what it then shows decides.
  ASSERT_OK(Open());
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  ASSERT_OK_AND_ASSIGN(const auto waiting, seen_->Waiting());
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(Settled(waiting[0], log_.Seeded(128, 256)), Tie::kSplit);
  EXPECT_EQ(Logged(), 1U);
}

TEST_F(SightingsTest, ALateProofEndsTheAlarm) {
  Take(log_.One(128));
  const auto untied = Take(log_.One(256));
  ASSERT_THAT(untied, SizeIs(1));
  // A proof of another pair of sizes fits nothing.
  EXPECT_EQ(Settled(untied[0], log_.Seeded(64, 256)), Tie::kUnproved);
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  EXPECT_EQ(Settled(untied[0], log_.Seeded(128, 256)), Tie::kConsistent);
  EXPECT_TRUE(seen_->MayCosign(kTheirs));
  EXPECT_THAT(*seen_->Alarms(), IsEmpty());
}

TEST_F(SightingsTest, WhatTheLogDidNotSignSaysNothing) {
  const Forked stranger{1};
  Take(log_.One(128));
  EXPECT_THAT(Take(stranger.Other(128)), IsEmpty());
  std::string cut = log_.Other(128);
  cut[cut.size() - 10] = cut[cut.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_THAT(Take(cut), IsEmpty());
  EXPECT_THAT(Take("no note"), IsEmpty());
  EXPECT_THAT(Take(""), IsEmpty());
  EXPECT_THAT(*seen_->Alarms(), IsEmpty());
  EXPECT_THAT(seen_->Keep("no file"),
              HasCode(absl::StatusCode::kFailedPrecondition));
  // Of a log whose card is pinned no longer.
  ASSERT_OK(seen_->SetLogs({}));
  EXPECT_THAT(Take(log_.Other(128)), IsEmpty());
  EXPECT_THAT(*seen_->Alarms(), IsEmpty());
}

TEST_F(SightingsTest, TheEntryFollowsWhenTheLogOpensAgain) {
  Take(log_.One(128));
  ASSERT_OK(log().Stop("test"));
  Take(log_.Other(128));
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  EXPECT_OK(merkle::VerifyEvidence(File(), log_.Key()));
  ASSERT_OK(node_.Open());
  ASSERT_OK(Open());
  EXPECT_EQ(Logged(), 0U);
  ASSERT_OK(seen_->LogPending());
  ASSERT_OK(seen_->LogPending());
  EXPECT_EQ(Logged(), 1U);
}

TEST_F(SightingsTest, AHeadOfTheOwnLogThatItDoesNotHoldBreaksIt) {
  const std::string own = log().PublishedHead().note;
  EXPECT_OK(seen_->Take(own));
  const std::string ahead = *merkle::SignCheckpoint(
      {kOrigin, 1 << 20, Hash{7}}, node_.keys.LogKey(),
      [this](ByteView message) { return node_.keys.log.Sign(message); });
  EXPECT_THAT(seen_->Take(ahead), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log().state(), State::kBroken);
}

TEST_F(SightingsTest, AForkedLogIsCosignedNoMore) {
  Witness::Options options;
  const TestWitness self{"qor"};
  options.name = self.Key().name();
  options.key = self.key.public_key();
  options.sign = self.Signer();
  options.store = node_.store.get();
  options.clock = &node_.clock;
  options.logs = {{kTheirs, log_.Key().Text()}};
  options.per_minute = 1000;
  options.may_cosign = [this](std::string_view origin) {
    return seen_->MayCosign(origin);
  };
  options.evidence = [this](std::string_view file) {
    EXPECT_OK(seen_->Keep(file));
  };
  ASSERT_OK_AND_ASSIGN(const auto witness, Witness::Create(options));
  const auto status = [&](const std::string& body) {
    return witness->AddCheckpoint(AsBytes(body))->status;
  };
  EXPECT_EQ(status(log_.AddCheckpoint(0, 192)), 200);
  // What was cosigned is compared as well.
  ASSERT_THAT(Take(log_.Other(192)), IsEmpty());
  EXPECT_EQ(status(log_.AddCheckpoint(192, 256)), 403);
  EXPECT_EQ(*witness->LatestNote(primitive::Sha256(AsBytes(kTheirs))),
            log_.One(192));

  // And what a witness finds by itself is kept in the same way.
  node_.Close();
  std::filesystem::remove_all(node_.Dir() + "/audit");
  std::filesystem::remove(node_.Dir() + "/store");
  ASSERT_OK(node_.Open());
  ASSERT_OK(Open());
  options.store = node_.store.get();
  ASSERT_OK_AND_ASSIGN(const auto again, Witness::Create(options));
  merkle::AddCheckpoint first;
  first.note = log_.Other(192);
  EXPECT_EQ(again->AddCheckpoint(AsBytes(first.Text()))->status, 200);
  EXPECT_EQ(again->AddCheckpoint(AsBytes(log_.AddCheckpoint(192, 256)))->status,
            422);
  EXPECT_OK(merkle::VerifyEvidence(File(), log_.Key()));
  EXPECT_EQ(Logged(), 1U);
}

// A witness answers before its own log is open: what it finds then stops the
// cosignature at once, and is logged and told as soon as there is a log.
TEST_F(SightingsTest, WhatIsFoundBeforeTheLogIsOpenIsToldLater) {
  ASSERT_OK_AND_ASSIGN(
      seen_,
      Sightings::Create({node_.store.get(), nullptr, &node_.clock,
                         node_.Dir() + "/audit", [this] { ++changes_; }}));
  changes_ = 0;
  ASSERT_OK(seen_->SetLogs({log_.Log()}));
  ASSERT_OK_AND_ASSIGN(const auto notes, seen_->Notes());
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(seen_->Take(log_.One(192)).status().code(),
            absl::StatusCode::kUnavailable);
  const auto file =
      merkle::MakeEvidence(log_.Key(), log_.One(192), log_.Other(192), {});
  ASSERT_OK(file);
  ASSERT_OK(seen_->Keep(*file));
  EXPECT_FALSE(seen_->MayCosign(kTheirs));
  EXPECT_EQ(changes_, 0);
  EXPECT_EQ(Logged(), 0U);
  seen_->AttachLog(log());
  EXPECT_EQ(changes_, 1);
  ASSERT_OK(seen_->LogPending());
  EXPECT_EQ(Logged(), 1U);
}

}  // namespace
}  // namespace entente::audit
