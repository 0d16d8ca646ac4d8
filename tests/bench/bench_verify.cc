// Proofs out of a large log, and the verification of a whole one: by `entente`
// as its users run it, and by a verifier on Go's checksum database packages.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/random.h"
#include "node/base/file.h"
#include "node/ledger/entry.h"
#include "tests/bench/audit_parts.h"
#include "tests/bench/probes.h"

namespace entente::bench {
namespace {

namespace fs = std::filesystem;
using merkle::FileRef;

constexpr double kProofMs = 1;  // audit.md, 12
constexpr double kProofReads = 5;
constexpr double kVerifySeconds = 5;
constexpr std::size_t kProofs = 400;  // a run
constexpr std::int64_t kStart = 1'798'761'600'000'000;

// Without syncing: these files are read again by this run only.
absl::Status Put(const fs::path& folder, const FileRef& file, ByteView bytes) {
  const fs::path path = folder / merkle::PathOf(file);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out << AsText(bytes);
  out.close();
  if (!out) return Exhausted("cannot write the log to be measured");
  return absl::OkStatus();
}

absl::Status PutTiles(const fs::path& folder,
                      std::vector<merkle::TileEdge::Tile>& tiles) {
  for (const auto& tile : tiles) TRY_OK(Put(folder, tile.file, tile.bytes));
  tiles.clear();
  return absl::OkStatus();
}

// --- Proofs

Hash SomeLeaf(std::uint64_t i) {
  Hash hash{};
  for (std::size_t b = 0; b < 32; ++b) {
    hash[b] = static_cast<std::uint8_t>(
        (i * 0x9e3779b97f4a7c15U) >> (8 * (b % 8)) ^ b);
  }
  return hash;
}

// The hash tiles of a log: 320 MB for ten million entries.
absl::StatusOr<Hash> MakeTiles(const fs::path& folder, std::uint64_t size) {
  merkle::TileEdge edge;
  std::vector<merkle::TileEdge::Tile> tiles;
  for (std::uint64_t i = 0; i < size; ++i) {
    edge.Append(SomeLeaf(i), tiles);
    if (!tiles.empty()) TRY_OK(PutTiles(folder, tiles));
  }
  tiles = edge.Partials();
  TRY_OK(PutTiles(folder, tiles));
  return edge.Root();
}

}  // namespace

absl::Status ProofFigures(const fs::path& folder, const AuditSizes& sizes,
                          std::uint32_t runs, std::vector<Result>& out) {
  const std::uint64_t size = sizes.tree;
  TRY(const Hash root, MakeTiles(folder, size));
  std::size_t reads = 0;
  const merkle::TileReader reader = [&](const FileRef& file) {
    ++reads;
    return base::ReadFile((folder / merkle::PathOf(file)).string(), 8192);
  };
  std::mt19937_64 random(7);
  std::size_t most = 0;
  Series inclusion, inclusion_p99, consistency, consistency_p99;
  for (std::uint32_t run = 0; run < runs; ++run) {
    std::vector<double> each, between;
    for (std::size_t i = 0; i < kProofs; ++i) {
      // A source of its own, as each request gets: nothing is remembered.
      const std::uint64_t index = random() % size;
      reads = 0;
      double started = NowMs();
      TRY(const merkle::Proof proof,
          merkle::ProveInclusion(index, size,
                                 merkle::HashesFromTiles(size, reader)));
      each.push_back(NowMs() - started);
      most = std::max(most, reads);
      TRY_OK(
          merkle::VerifyInclusion(index, size, SomeLeaf(index), proof, root));
      reads = 0;
      started = NowMs();
      TRY_OK(merkle::ProveConsistency(index + 1, size,
                                      merkle::HashesFromTiles(size, reader))
                 .status());
      between.push_back(NowMs() - started);
      most = std::max(most, reads);
    }
    inclusion.Time(Median(each), kProofMs);
    inclusion_p99.Time(Percentile99(each), kProofMs);
    consistency.Time(Median(between), kProofMs);
    consistency_p99.Time(Percentile99(between), kProofMs);
  }
  const std::string name = Join({"proof_", sizes.tree_name});
  out.push_back(inclusion.Give(name, "ms"));
  out.push_back(inclusion_p99.Give(name + "_p99", "ms"));
  out.push_back(consistency.Give(name + "_consistency", "ms"));
  out.push_back(consistency_p99.Give(name + "_consistency_p99", "ms"));
  out.push_back({name + "_reads", static_cast<double>(most), "tiles",
                 kProofReads, kProofReads / static_cast<double>(most), runs});
  return absl::OkStatus();
}

// --- Verification

namespace {

// What a node logs in a day of screening, as often as it does: `guard` after
// `screen.open`, two answers, a refusal, people who log in and look.
std::vector<ledger::Event> Day() {
  using ledger::Event;
  const auto filled = [](std::string_view type) {
    return Event(type).FillAbsent();
  };
  return {
      filled("screen.open").Seal("case", "QOR-2027-0001").By("m.ilves"),
      ledger::MakeGuard("screen", {"screen", 0, "", "", ""}),
      filled("screen.answer").Seal("facts", std::string(200, 'f')),
      filled("screen.answer").Seal("facts", std::string(200, 'f')),
      filled("screen.result").Seal("peers", "QVA"),
      filled("login.ok").By("m.ilves"),
      filled("record.read").Seal("case", "QOR-2027-0001").By("m.ilves"),
      filled("review.decide").Seal("reason", "another person").By("m.ilves"),
      filled("retain.delete"),
      filled("witness.serve"),
  };
}

// Entries like `samples`, each with an id of its own.
ledger::PreparedEntry Fresh(const ledger::PreparedEntry& sample) {
  ledger::PreparedEntry out = sample;
  out.id = primitive::RandomArray<16>();
  const std::string mark = "\"id\":\"";
  const std::size_t at = out.before_time.rfind(mark) + mark.size();
  out.before_time.replace(at, 32, ToHex(out.id));
  return out;
}

class Volume {
 public:
  Volume(fs::path folder, const LogKey& key)
      : folder_(std::move(folder)), key_(key) {}

  absl::Status Make(std::uint64_t size) {
    TRY_OK(Begin());
    std::vector<ledger::PreparedEntry> samples;
    for (const ledger::Event& event : Day()) {
      TRY(ledger::PreparedEntry entry, Prepared(event));
      samples.push_back(std::move(entry));
    }
    while (edge_.size() + samples.size() <= size) {
      for (const auto& sample : samples) TRY_OK(Add(Fresh(sample)));
    }
    while (edge_.size() < size) TRY_OK(Add(ledger::MakePad()));
    return End();
  }

 private:
  absl::StatusOr<ledger::PreparedEntry> Prepared(const ledger::Event& event) {
    const auto actor = event.user() == "-" ? std::optional<Id16>()
                                           : std::optional<Id16>(Id16{7, 7});
    return ledger::Prepare(event, {kOrigin, &segment_, officers_}, actor);
  }
  absl::Status Begin() {
    for (const ledger::Event& event :
         {ledger::Event("log.genesis")
              .Set("catalogue", ledger::CatalogueHash())
              .Set("reason", "first")
              .Set("volume", "2027a")
              .FillAbsent(),
          ledger::Event("node.start").Set("version", "bench").FillAbsent(),
          ledger::Event("key.segment")
              .Set("recipients", ledger::RecipientsText(officers_))
              .FillAbsent()}) {
      TRY(const ledger::PreparedEntry entry, Prepared(event));
      TRY_OK(Add(entry));
    }
    return absl::OkStatus();
  }
  absl::Status Add(const ledger::PreparedEntry& entry) {
    time_ += 20'000;
    TRY(const ledger::FinishedLeaf leaf, ledger::FinishLeaf(entry, time_));
    edge_.Append(leaf.hash, tiles_);
    merkle::AppendEntry(bundle_, leaf.bytes);
    if (edge_.size() % merkle::kTileWidth == 0) return Flush();
    return absl::OkStatus();
  }
  absl::Status Flush() {
    if (!bundle_.empty()) {
      const std::uint64_t last = edge_.size() - 1;
      TRY_OK(Put(folder_,
                 FileRef::Entries(
                     last / merkle::kTileWidth,
                     static_cast<unsigned>(last % merkle::kTileWidth + 1)),
                 bundle_));
      bundle_.clear();
    }
    return PutTiles(folder_, tiles_);
  }
  absl::Status End() {
    TRY_OK(Flush());
    tiles_ = edge_.Partials();
    TRY_OK(PutTiles(folder_, tiles_));
    TRY(const std::string note,
        merkle::SignCheckpoint({kOrigin, edge_.size(), edge_.Root()},
                               key_.Verifier(), key_.Sign()));
    return Put(folder_, FileRef{}, AsBytes(note));
  }

  fs::path folder_;
  const LogKey& key_;
  ledger::SegmentKey segment_ = ledger::SegmentKey::Random(0);
  std::vector<primitive::HpkePublicKey> officers_ = {
      primitive::HpkePrivateKey::Generate().public_key(),
      primitive::HpkePrivateKey::Generate().public_key()};
  std::int64_t time_ = kStart;
  merkle::TileEdge edge_;
  std::vector<merkle::TileEdge::Tile> tiles_;
  Bytes bundle_;
};

struct Ran {
  double seconds = 0;
  double core_seconds = 0;
  double megabytes = 0;  // its memory at the peak
};

// Runs a verifier to its end, its words away.
absl::StatusOr<Ran> RunVerifier(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  const double started = NowMs();
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Unavailable("cannot start `", words[0], "`");
  int status = 0;
  rusage use{};
  if (::wait4(child, &status, 0, &use) != child) return Internal("no child");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Internal("`", words[0], "` did not verify the log");
  }
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return Ran{(NowMs() - started) / 1000,
             seconds(use.ru_utime) + seconds(use.ru_stime),
             static_cast<double>(use.ru_maxrss) / 1024};
}

std::string Beside(std::string_view program) {
  std::error_code error;
  return (fs::read_symlink("/proc/self/exe", error).parent_path() / program)
      .string();
}

}  // namespace

absl::Status VerifyFigures(const fs::path& folder, const AuditSizes& sizes,
                           std::uint32_t runs, std::vector<Result>& out) {
  const LogKey key;
  const fs::path volume = folder / "volume";
  TRY_OK(Volume(volume, key).Make(sizes.volume));
  const std::string policy = (folder / "policy").string();
  std::ofstream(policy) << "log " << key.Verifier().Text() << "\nquorum none\n";
  const std::vector<std::string> ours = {
      Beside("entente"), "audit", "verify",
      "--policy",        policy,  volume.string()};
  const std::vector<std::string> go = {Beside("go-verify"), "--policy", policy,
                                       volume.string()};
  const bool with_go = fs::exists(go[0]);
  Series limit, core, against_go, against_hash;
  std::vector<double> memory;
  const auto entries = static_cast<double>(sizes.volume);
  const double seconds = kVerifySeconds * entries / 1e6;
  for (std::uint32_t run = 0; run < runs; ++run) {
    const double hashes = HashRate();
    TRY(const Ran mine, RunVerifier(ours));
    limit.Time(mine.seconds, seconds);
    core.Time(mine.core_seconds, seconds);
    against_hash.Rate(entries / mine.seconds, hashes);
    memory.push_back(mine.megabytes);
    if (!with_go) continue;
    TRY(const Ran theirs, RunVerifier(go));
    against_go.Time(mine.seconds, theirs.seconds);
  }
  const std::string name = Join({"verify_", sizes.volume_name});
  out.push_back(limit.Give(name, "s"));
  out.push_back(core.Give(name + "_core", "s"));
  out.push_back(against_hash.Give(name + "_of_h64", "entries/s"));
  if (with_go) {
    out.push_back(against_go.Give(name + "_go", "s"));
  } else {
    std::fprintf(stderr,
                 "entente-bench: no Go verifier beside this program: `%s_go` "
                 "is left out (scripts/setup installs Go)\n",
                 name.c_str());
  }
  out.push_back({name + "_memory", Median(memory), "MB", 0, 0, runs});
  return absl::OkStatus();
}

}  // namespace entente::bench
