// After a working day with faults in it, each node's log is whole, and no byte
// of it can change unseen.

#include <sys/wait.h>

#include <cstdlib>
#include <random>

#include "crypto/merkle/policy.h"
#include "node/base/file.h"
#include "node/ledger/verify.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

namespace fs = std::filesystem;

ledger::Folder FolderOf(const fs::path& root) {
  ledger::Folder out;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_directory()) continue;
    out.files.push_back(fs::relative(entry.path(), root).string());
  }
  out.read = [root](const std::string& path) {
    return base::ReadFile((root / path).string(), std::size_t{64} << 20U);
  };
  return out;
}

// A whole day with refusals, a disclosure, a recall.
class LogTest : public FaultTest {
 protected:
  struct Side {
    fs::path volume;
    std::string policy;
    fs::path policy_file;
  };

  void SetUp() override {
    Begin();
    EXPECT_FALSE(
        story.two.Screen(story.flight, {{"purpose", "none.such"}}).ok());
    const std::string hit = Asked();
    EXPECT_FALSE(
        holder().Do("qva-one", "disclose release", {{"hit", hit}}).ok());
    MustDo(holder(), "qva-two", "review", ApproveWords(hit));
    MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}});
    EXPECT_FALSE(asker()
                     .DoAs(*keys::PersonKey::Create("stranger"), "qor-one",
                           "status", {}, 0)
                     .ok());
    MustDo(holder(), "qva-one", "recall send",
           {{"hit", hit}, {"reason", "entry-corrected"}});
    ASSERT_OK(asker().node().Tick());
    for (TestNode* node : {&asker(), &holder()}) {
      const bool asks = node == &asker();
      Side& side = sides.emplace_back();
      side.policy = MustDo(*node, asks ? "qor-audit" : "qva-audit",
                           "audit policy")["policy"];
      side.policy_file =
          WriteFile(story.Path(node->party() + ".policy"), side.policy);
      node->Stop();
      side.volume = fs::path(node->data()) / "audit" / "2026a";
      ASSERT_TRUE(fs::is_directory(side.volume));
    }
  }
  absl::StatusOr<ledger::Report> Verify(const Side& side) {
    TRY(const merkle::TrustPolicy policy,
        merkle::TrustPolicy::Parse(side.policy));
    return ledger::VerifyFolder(FolderOf(side.volume), policy);
  }
  // The real program's exit code.
  static int Run(const Side& side) {
    const std::string command = std::string(ENTENTE_BIN_DIR) +
                                "/entente audit verify " +
                                side.volume.string() + " --policy " +
                                side.policy_file.string() + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  static void Flip(const fs::path& file, std::size_t at) {
    std::string text = ReadFile(file);
    text[at] = static_cast<char>(text[at] ^ 1);
    WriteFile(file, text);
  }

  std::vector<Side> sides;
};

TEST_F(LogTest, IsWholeAndNoByteOfItChangesUnseen) {
  std::mt19937 random(20'270'131);
  for (const Side& side : sides) {
    const auto whole = Verify(side);
    ASSERT_OK(whole);
    ASSERT_TRUE(ledger::IsVerified(whole->verdict))
        << ledger::ReportText(*whole);
    EXPECT_EQ(Run(side), 0);

    // Every byte of the checkpoint, and 100 places over all other files.
    std::vector<std::pair<fs::path, std::size_t>> places;
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(side.volume)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    const fs::path checkpoint = side.volume / "checkpoint";
    for (std::size_t i = 0; i < fs::file_size(checkpoint); ++i)
      places.emplace_back(checkpoint, i);
    const std::size_t head = places.size();
    ASSERT_GT(head, 100U);
    while (places.size() < head + 100) {
      const fs::path& file = files[random() % files.size()];
      if (const auto size = fs::file_size(file); size > 0)
        places.emplace_back(file, random() % size);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto& [file, at] = places[i];
      Flip(file, at);
      const auto report = Verify(side);
      EXPECT_TRUE(!report.ok() || !ledger::IsVerified(report->verdict))
          << file << " at " << at;
      if (i % 50 == 7) {
        EXPECT_EQ(Run(side), 4) << file << " at " << at;
      }
      Flip(file, at);
    }
    EXPECT_EQ(Run(side), 0) << "everything was put back";
    // A file that is gone, and one that does not belong.
    const std::string kept = ReadFile(files.back());
    fs::remove(files.back());
    EXPECT_EQ(Run(side), 4);
    WriteFile(files.back(), kept);
    WriteFile(side.volume / "extra", "x");
    EXPECT_EQ(Run(side), 4);
    fs::remove(side.volume / "extra");
    EXPECT_EQ(Run(side), 0);
  }
}

// A node whose log was touched says so at its next start and answers nobody.
TEST_F(LogTest, ANodeWithATouchedLogDoesNotStartAsIfNothingWere) {
  const fs::path checkpoint = sides[0].volume / "checkpoint";
  const std::string good = ReadFile(checkpoint);
  Flip(checkpoint, good.size() / 2);
  const absl::Status started = asker().Start();
  if (started.ok()) {
    const auto reply = asker().Do("qor-audit", "audit check");
    ASSERT_OK(reply);
    EXPECT_EQ(reply->exit_code, 4) << reply->text;
    EXPECT_FALSE(story.two.Screen(story.flight).ok());
    asker().Stop();
  }
  WriteFile(checkpoint, good);
  ASSERT_OK(asker().Start());
  ASSERT_OK(holder().Start());
  ASSERT_OK(story.two.Settle());
}

}  // namespace
}  // namespace entente::testing
