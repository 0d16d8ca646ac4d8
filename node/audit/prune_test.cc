#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/tree.h"
#include "node/audit/rows.h"
#include "node/audit/testing_log.h"
#include "node/ledger/verify_bundle.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using store::Table;
using testing::HasCode;
using ::testing::HasSubstr;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kOver = 1'828 * kDay;  // longer than any term but `law`

class PruneTest : public LogTest {
 protected:
  void Add(int n) {
    for (int i = 0; i < n; ++i) {
      ASSERT_OK(log().Commit(JobOf(Refused("PLANTED " + std::to_string(i)))));
    }
  }
  void Law() {
    ASSERT_OK(log().Commit(JobOf(ledger::Event("user.change")
                                     .Set("change", "add")
                                     .FillAbsent()
                                     .Seal("name", "r-amsel")
                                     .By("admin.invented"))));
  }
  // Two bundles and more, of which some entries are the law's; published.
  void Old() {
    Add(100);
    Law();
    Add(200);
    Law();
    Add(260);
    ASSERT_OK(log().Tick());
  }
  void Age(std::int64_t seconds = kOver) {
    node_.clock.Advance(seconds);
    ASSERT_OK(log().Tick());
    for (std::uint64_t went = 1; went > 0;) {
      ASSERT_OK_AND_ASSIGN(went, log().ExpireBodies(1000));
    }
    ASSERT_OK(log().Tick());
  }
  std::uint64_t Rows() {
    const auto reader = node_.store->Read();
    return *(*reader)->Count(Table::kAuditLeaf, {});
  }
  bool HasBundle(int bundle) {
    return base::FileExists(node_.Volume() + "/tile/entries/00" +
                            std::to_string(bundle));
  }
  std::vector<std::uint64_t> KeptFiles() {
    std::vector<std::uint64_t> out;
    const auto files = base::ListFiles(node_.Volume());
    for (const std::string& name : *files) {
      if (name.starts_with("kept/")) out.push_back(std::stoull(name.substr(5)));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::uint64_t Prune(std::size_t bundles = 100) {
    const auto went = log().PruneLeaves(bundles);
    EXPECT_OK(went);
    return went.value_or(0);
  }
  // Everything that reads the log agrees with it.
  void ExpectSound() {
    EXPECT_EQ(node_.Fault(), "");
    EXPECT_OK(log().SelfCheck());
  }
};

TEST_F(PruneTest, OldLeavesGoAndTheLawTheHashesAndTheProofsStay) {
  Old();
  const Head before = log().PublishedHead();
  const auto refused = *log().Find(AuditLog::Key::kType, "screen.refuse", 0, 9);
  const auto law = *log().Find(AuditLog::Key::kType, "user.change", 0, 9);
  ASSERT_EQ(law.size(), 2U);
  Age();
  const Head aged = log().PublishedHead();
  const std::uint64_t went = Prune();
  const std::uint64_t gap = log().counts().pruned;
  EXPECT_EQ(gap % 256, 0U);
  EXPECT_GE(gap, 512U);
  // Nothing leaves the folder before the entry that says so is in it.
  EXPECT_TRUE(HasBundle(0));
  EXPECT_EQ(*log().SweepPruned(1000), 0U);
  EXPECT_EQ(node_.Fault(), "");
  EXPECT_EQ(Prune(), 0U) << "one after the other";
  ASSERT_OK(log().Tick());
  EXPECT_FALSE(HasBundle(0));
  EXPECT_FALSE(HasBundle(1));
  EXPECT_TRUE(HasBundle(static_cast<int>(gap / 256)) ||
              log().PublishedHead().size < gap + 256);
  ExpectSound();
  const std::uint64_t rows = Rows();
  EXPECT_EQ(*log().SweepPruned(100'000), went);
  EXPECT_EQ(Rows(), rows - went);
  ExpectSound();

  const std::vector<std::uint64_t> kept = KeptFiles();
  EXPECT_EQ(kept.size(), gap - went);
  ASSERT_OK_AND_ASSIGN(const auto entries, log().Read(0, 100'000));
  std::vector<std::uint64_t> shown;
  for (const Entry& entry : entries) {
    ASSERT_OK_AND_ASSIGN(const auto leaf, ledger::ParseLeaf(entry.leaf));
    if (entry.index >= gap) break;
    EXPECT_EQ(leaf.type->keep, ledger::Keep::kLaw);
    shown.push_back(entry.index);
  }
  EXPECT_EQ(shown, kept);
  EXPECT_EQ(kept.front(), 0U);
  EXPECT_EQ(entries.back().index + 1, log().SignedHead().size);
  // What is below is found no more, the law is.
  const auto left =
      *log().Find(AuditLog::Key::kType, "screen.refuse", 0, 100'000);
  for (const std::uint64_t index : left) EXPECT_GE(index, gap);
  EXPECT_EQ(*log().Find(AuditLog::Key::kType, "user.change", 0, 9), law);
  const auto report = node_.Verify();
  EXPECT_EQ(report->pruned, went);
  EXPECT_EQ(report->entries, report->size - went);

  // Proofs, of those that went too, and consistency with every earlier head.
  const Head head = log().PublishedHead();
  for (const std::uint64_t index : {refused[0], law[0], gap}) {
    ASSERT_OK_AND_ASSIGN(const std::string text, log().ProveInclusion(index));
    ASSERT_OK(merkle::ParseProofFile(text));
  }
  for (const Head& old : {before, aged}) {
    ASSERT_OK_AND_ASSIGN(const auto proof,
                         log().ProveConsistency(old.size, head.size));
    EXPECT_OK(merkle::VerifyConsistency(old.size, head.size, old.root,
                                        head.root, proof));
  }
  // Opening says why there is nothing.
  ASSERT_OK_AND_ASSIGN(const auto opened,
                       log().Commit(JobOf(ledger::Event("log.open")
                                              .Set("first", refused[0])
                                              .Set("last", refused[0])
                                              .FillAbsent()
                                              .By("dpo.invented"))));
  const auto body = log().OpenBody(refused[0], opened.front());
  EXPECT_THAT(body.status(), HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(ReasonOf(body.status()), "entry-pruned");
}

TEST_F(PruneTest, TheEntryNamesWhatWentAndWhatIsOldest) {
  Old();
  Age();
  const std::uint64_t went = Prune(1);
  const auto at = *log().Find(AuditLog::Key::kType, "log.prune", 0, 9);
  ASSERT_EQ(at.size(), 1U);
  ASSERT_OK_AND_ASSIGN(const auto entries, log().Read(at[0], 1));
  ASSERT_OK_AND_ASSIGN(const auto leaf, ledger::ParseLeaf(entries[0].leaf));
  EXPECT_EQ(leaf.Number("before"), 256);
  EXPECT_EQ(leaf.Number("n"), static_cast<std::int64_t>(went));
  ASSERT_OK_AND_ASSIGN(const auto oldest, log().Read(256, 1));
  ASSERT_OK_AND_ASSIGN(const auto first, ledger::ParseLeaf(oldest[0].leaf));
  EXPECT_EQ(leaf.Number("oldest"), first.time);
  ASSERT_OK(log().Tick());
  EXPECT_TRUE(HasBundle(1));
  ExpectSound();
  // The next night goes on behind it.
  EXPECT_EQ(Prune(), 0U) << "the rows of the first are still there";
  ASSERT_OK(log().SweepPruned(100'000));
  EXPECT_GT(Prune(), 0U);
  ASSERT_OK(log().Tick());
  ExpectSound();
}

TEST_F(PruneTest, NothingGoesBeforeItsTermOrWithABody) {
  Old();
  Age(1'000 * kDay);
  EXPECT_EQ(Prune(), 0U);
  node_.clock.Advance(900 * kDay);
  ASSERT_OK(log().Tick());
  EXPECT_EQ(Prune(), 0U) << "bodies are there";
  for (std::uint64_t left = 1; left > 0;) {
    ASSERT_OK_AND_ASSIGN(left, log().ExpireBodies(1000));
  }
  EXPECT_GT(Prune(), 0U);
}

TEST_F(PruneTest, PaddingGoesWithTheLongestTerm) {
  for (int i = 0; i < 10; ++i) ASSERT_OK(log().Tick());
  Age(1'826 * kDay);
  EXPECT_EQ(Prune(), 0U);
  Age(2 * kDay);
  EXPECT_GT(Prune(), 0U);
  ASSERT_OK(log().Tick());
  ExpectSound();
}

TEST_F(PruneTest, ARestartGoesOnWhereACrashCut) {
  Old();
  Age();
  // Kept leaves were written and nothing more.
  ASSERT_OK_AND_ASSIGN(const auto genesis, log().Read(0, 1));
  ASSERT_OK(base::MakeDirs(node_.Volume() + "/kept"));
  ASSERT_OK(
      base::WriteFileAtomic(node_.Volume() + "/kept/0.leaf", genesis[0].leaf));
  ASSERT_OK(node_.Open());
  EXPECT_TRUE(KeptFiles().empty());
  ExpectSound();
  // The entry is there and not published: the start publishes it.
  const std::uint64_t went = Prune();
  ASSERT_GT(went, 0U);
  ASSERT_OK(node_.Open());
  EXPECT_FALSE(HasBundle(0));
  ExpectSound();
  // Half of the rows went.
  EXPECT_LT(*log().SweepPruned(64), went);
  ASSERT_OK(node_.Open());
  ExpectSound();
  ASSERT_OK(log().SweepPruned(100'000));
  // A bundle came back, such as from a copy; a kept leaf was lost.
  ASSERT_OK(base::WriteFileAtomic(node_.Volume() + "/tile/entries/000",
                                  AsBytes("left over")));
  ASSERT_OK(base::RemoveFile(node_.Volume() + "/kept/0.leaf"));
  ASSERT_OK(node_.Open());
  EXPECT_FALSE(HasBundle(0));
  EXPECT_EQ(KeptFiles().front(), 0U);
  ExpectSound();
}

TEST_F(PruneTest, AHeadWithoutItsQuorumRemovesNothing) {
  const TestWitness witness("qva");
  node_.witness_policy = "log " + node_.keys.LogKey().Text() + "\nwitness " +
                         witness.name + " " + witness.Key().Text() +
                         "\nquorum " + witness.name + "\n";
  ASSERT_OK(node_.Open());
  const auto cosign = [&]() -> absl::Status {
    TRY_OK(log().Tick().status());
    TRY(const std::string body, log().BuildAddCheckpoint(witness.name));
    const std::string text = body.substr(body.find("\n\n") + 2);
    const std::string head = text.substr(0, text.find("\n\n") + 1);
    TRY(const merkle::NoteLine line,
        merkle::Cosign(witness.Key(),
                       static_cast<std::uint64_t>(node_.clock.NowSeconds()),
                       head, witness.Signer()));
    return log().AcceptCosignature(witness.name, line.Text());
  };
  Old();
  ASSERT_OK(cosign());
  node_.clock.Advance(kOver);
  ASSERT_OK(cosign());
  while (*log().ExpireBodies(1000) > 0) continue;
  ASSERT_OK(cosign());
  ASSERT_GT(Prune(), 0U);
  ASSERT_OK(log().Tick());
  EXPECT_TRUE(HasBundle(0));
  EXPECT_EQ(*log().SweepPruned(1000), 0U);
  EXPECT_EQ(node_.Fault(), "");
  ASSERT_OK(node_.Open());
  EXPECT_TRUE(HasBundle(0));
  ASSERT_OK(cosign());
  EXPECT_FALSE(HasBundle(0));
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(PruneTest, ABundleBeginsWhereTheLogDoes) {
  Old();
  Age();
  Prune();
  ASSERT_OK(log().Tick());
  ASSERT_OK(log().SweepPruned(100'000));
  Bytes bytes;
  const ledger::BundleSink sink = [&bytes](ByteView piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return absl::OkStatus();
  };
  ASSERT_OK(log().Export({}, sink));
  const auto policy = merkle::TrustPolicy::Parse(
      "log " + node_.keys.LogKey().Text() + "\nquorum none\n");
  ASSERT_OK_AND_ASSIGN(
      const auto report,
      ledger::VerifyBundle(ledger::BundleSource::Of(bytes), *policy, {}));
  EXPECT_TRUE(ledger::IsVerified(report.verdict)) << ReportText(report);
  EXPECT_EQ(report.range->first, log().counts().pruned);
  AuditLog::ExportRequest request;
  request.selection.range = ledger::EntryRange{0, 10};
  const auto refused = log().Export(request, sink);
  EXPECT_EQ(ReasonOf(refused.status()), "entry-pruned");
  request.selection.range.reset();
  request.selection.types = {"log.prune"};
  bytes.clear();
  EXPECT_OK(log().Export(request, sink));
}

TEST_F(PruneTest, WhoTakesMoreIsFound) {
  Old();
  Age();
  Prune(1);
  ASSERT_OK(log().Tick());
  ASSERT_EQ(node_.Fault(), "");
  const auto with = [&](const std::string& name, std::optional<Bytes> bytes) {
    const std::string path = node_.Volume() + "/" + name;
    const auto was = base::ReadFile(path, 1U << 24U);
    EXPECT_OK(bytes ? base::WriteFileAtomic(path, *bytes)
                    : base::RemoveFile(path));
    const std::string fault = node_.Fault();
    EXPECT_OK(was.ok() ? base::WriteFileAtomic(path, *was)
                       : base::RemoveFile(path));
    EXPECT_EQ(node_.Fault(), "");
    return fault;
  };
  EXPECT_THAT(with("tile/entries/001", {}), HasSubstr("no log.prune names"));
  EXPECT_THAT(with("tile/0/000", {}), HasSubstr("INCOMPLETE"));
  const auto kept = KeptFiles();
  ASSERT_GE(kept.size(), 2U);
  const std::string name = "kept/" + std::to_string(kept[1]) + ".leaf";
  EXPECT_THAT(with(name, {}), HasSubstr("more entries are missing"));
  ASSERT_OK_AND_ASSIGN(Bytes leaf,
                       base::ReadFile(node_.Volume() + "/" + name, 4096));
  leaf[20] ^= 1U;
  EXPECT_THAT(with(name, leaf), HasSubstr("TAMPERED"));
  ASSERT_OK_AND_ASSIGN(Bytes tile,
                       base::ReadFile(node_.Volume() + "/tile/0/000", 9000));
  tile[40] ^= 1U;
  EXPECT_THAT(with("tile/0/000", tile), HasSubstr("TAMPERED"));
  EXPECT_THAT(with("kept/x.leaf", leaf), HasSubstr("belongs to no volume"));
  EXPECT_THAT(with("kept/00.leaf", leaf), HasSubstr("belongs to no volume"));
  EXPECT_THAT(with("kept/999999.leaf", leaf), HasSubstr("does not have"));
}

}  // namespace
}  // namespace entente::audit
