// The process dies at any moment: nothing acknowledged is lost, no act is there
// without its leaf, no second root was signed for a size, and the folder
// verifies after the next start.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <random>
#include <thread>

#include "crypto/merkle/proof.h"
#include "crypto/merkle/tree.h"
#include "node/audit/testing_log.h"

namespace entente::audit {
namespace {

// What the child tells after each acknowledgement. Small enough to be written
// to the pipe in one piece.
struct Told {
  std::uint64_t index = 0;
  Hash leaf_hash{};
  std::uint64_t size = 0;
  Hash root{};
};

Changes RowFor(const std::string& key) {
  return [key](store::Writer& writer, std::span<const Staged> staged) {
    return writer.Put(store::Table::kHit, AsBytes(key),
                      AsBytes(std::to_string(staged[0].index)));
  };
}

[[noreturn]] void WorkForEver(TestNode& node, int tell, int seed) {
  if (!node.Open().ok()) ::_exit(3);
  const auto work = [&](int thread) {
    for (int i = 0;; ++i) {
      const std::string name = "s" + std::to_string(seed) + "." +
                               std::to_string(thread) + "." + std::to_string(i);
      const auto receipts = node.log->Commit(
          JobOf(i % 3 == 0 ? Refused(name) : Dropped(name), RowFor(name)));
      if (!receipts.ok()) ::_exit(4);
      const Receipt& r = receipts->front();
      const Told told{r.index(), r.leaf_hash(), r.size(), r.root()};
      if (::write(tell, &told, sizeof told) != sizeof told) ::_exit(5);
    }
  };
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) threads.emplace_back(work, t);
  for (;;) {
    if (!node.log->Tick().ok()) ::_exit(6);
  }
}

// Runs the child until it has told `wanted` times, then kills it.
std::vector<Told> RunAndKill(TestNode& node, int seed, std::size_t wanted,
                             unsigned delay_micros) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    WorkForEver(node, ends[1], seed);
  }
  ::close(ends[1]);
  std::vector<Told> told;
  Told one;
  bool killed = false;
  while (::read(ends[0], &one, sizeof one) == sizeof one) {
    told.push_back(one);
    if (killed || told.size() < wanted) continue;
    std::this_thread::sleep_for(std::chrono::microseconds(delay_micros));
    killed = ::kill(child, SIGKILL) == 0;
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
  return told;
}

TEST(LogCrashTest, AKillLosesNothingThatWasAcknowledged) {
  base::SetLogOutput([](std::string_view) {});
  const testing::TempDir dir;
  TestNode node(dir.Path(""));
  std::mt19937 random(7);
  std::size_t total = 0;
  for (int round = 0; round < 15; ++round) {
    const std::vector<Told> told =
        RunAndKill(node, round, 1 + static_cast<unsigned>(random() % 60),
                   static_cast<unsigned>(random() % 4000));
    total += told.size();

    ASSERT_OK(node.Open()) << "round " << round;
    ASSERT_EQ(node.Fault(), "") << "round " << round;
    const Head head = node.log->SignedHead();
    for (const Told& t : told) {
      ASSERT_OK_AND_ASSIGN(const auto entries, node.log->Read(t.index, 1));
      EXPECT_EQ(merkle::LeafHash(entries[0].leaf), t.leaf_hash);
    }
    for (std::size_t i = 0; i < told.size(); i += 7) {
      ASSERT_OK_AND_ASSIGN(const auto proof,
                           node.log->ProveConsistency(told[i].size, head.size));
      EXPECT_OK(merkle::VerifyConsistency(told[i].size, head.size, told[i].root,
                                          head.root, proof));
    }
    // Each act has its leaf and each leaf its act.
    ASSERT_OK_AND_ASSIGN(auto reader, node.store->Read());
    ASSERT_OK_AND_ASSIGN(const auto rows,
                         reader->Scan(store::Table::kHit, {}, {}, 100'000));
    std::size_t acts = 0;
    for (const char* type : {"screen.refuse", "tagset.drop"}) {
      acts += node.log->Find(AuditLog::Key::kType, type, 0, 100'000)->size();
    }
    EXPECT_EQ(rows.size(), acts);
    reader.reset();
    ASSERT_OK(node.store->Check());
    node.Close();
  }
  EXPECT_GT(total, 200U);
  base::SetLogOutput({});
}

}  // namespace
}  // namespace entente::audit
