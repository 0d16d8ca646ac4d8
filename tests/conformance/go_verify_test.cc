// Logs and bundles before a verifier that shares no code with ours
// (go-verify/, on Go's checksum database packages), whole and tampered with.
// Both verifiers must agree, and name the entry.

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "node/ledger/testing_bundle.h"
#include "node/ledger/testing_pruned.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/temp_dir.h"

namespace entente::ledger {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, Bytes>;

constexpr std::uint64_t kCosigned = kStart / 1'000'000 + 100'000;

struct Said {
  int code = -1;
  std::string verdict;
  std::string file;
  std::optional<std::uint64_t> index;
  std::string why;
};

class GoVerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(ENTENTE_GO_VERIFY))
        << "no Go verifier was built: scripts/setup installs golang-go and "
           "golang-golang-x-mod-dev";
    Write(dir_.Path("policy"), AsBytes(PolicyText()));
  }
  std::string PolicyText() const {
    return Join({"log ", volume_.log.verifier.Text(), "\nwitness w ",
                 volume_.witness.verifier.Text(), "\nquorum w\n"});
  }
  // 600 entries: 4, 5, 7, 8, 520 and 521 are sealed, 4 was erased by entry 6.
  void Fill(std::size_t size = 600) {
    volume_.Begin();
    volume_.records.erase(4);
    volume_.Add(TestVolume::Screen(2));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.PadTo(520);
    volume_.Add(TestVolume::Screen(3));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.PadTo(size);
    volume_.Publish(true, kCosigned);
  }

  static void Write(const fs::path& path, ByteView bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << AsText(bytes);
  }
  static Said Go(const std::string& words) {
    const std::string command = Join({ENTENTE_GO_VERIFY, " ", words});
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string text(65'536, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), pipe));
    const int status = pclose(pipe);
    Said said;
    said.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded()) return said;
    said.verdict = json["verdict"];
    said.file = json.value("file", "");
    said.why = json.value("why", "");
    if (json.contains("index")) said.index = json["index"];
    return said;
  }
  std::string Kept(const std::string& previous) {
    if (previous.empty()) return "";
    Write(dir_.Path("previous"), AsBytes(previous));
    return " --previous " + dir_.Path("previous");
  }
  Said GoFolder(const Files& files, const std::string& previous = "") {
    const fs::path folder = dir_.Path("log");
    fs::remove_all(folder);
    for (const auto& [name, bytes] : files) Write(folder / name, bytes);
    return Go("--policy " + dir_.Path("policy") + Kept(previous) + " " +
              folder.string());
  }
  Said GoBundle(ByteView bundle) {
    Write(dir_.Path("x.entente-audit.tar"), bundle);
    return Go("--policy " + dir_.Path("policy") + " --dpo " +
              volume_.officer.verifier.Text() + " " +
              dir_.Path("x.entente-audit.tar"));
  }
  Report OurFolder(const Files& files, const std::string& previous = "") {
    VerifyOptions options;
    if (!previous.empty()) options.previous = previous;
    return *VerifyFolder(TestVolume::AsFolder(files), volume_.Policy("w"),
                         options);
  }
  Report OurBundle(ByteView bundle) {
    BundleOptions options;
    options.officers = {volume_.officer.verifier};
    return *VerifyBundle(BundleSource::Of(bundle), volume_.Policy("w"),
                         options);
  }

  // Refused by both; where an entry is to be named, both name it.
  static void ExpectRefused(const Said& go, const Report& ours,
                            const std::string& what,
                            std::optional<std::uint64_t> index = {}) {
    EXPECT_EQ(go.code, 4) << what << ": " << go.verdict << " " << go.why;
    EXPECT_FALSE(IsVerified(ours.verdict)) << what;
    if (!index || !ours.fault) return;
    EXPECT_EQ(go.index, index) << what << ": " << go.file << " " << go.why;
    EXPECT_EQ(ours.fault->index, index)
        << what << ": " << ours.fault->file << " " << ours.fault->why;
  }
  void ExpectFolderRefused(const Files& files, const std::string& what,
                           std::optional<std::uint64_t> index = {},
                           const std::string& previous = "") {
    ExpectRefused(GoFolder(files, previous), OurFolder(files, previous), what,
                  index);
  }
  void ExpectBundleRefused(ByteView bundle, const std::string& what,
                           std::optional<std::uint64_t> index = {}) {
    ExpectRefused(GoBundle(bundle), OurBundle(bundle), what, index);
  }
  Bytes Bundle(const EntryRange& range,
               std::vector<std::uint64_t> singles = {}) {
    return *BundleOf(InputOf(volume_, range, std::move(singles)));
  }
  // The entry bundle of entries 256 to 511, after `change`.
  static Bytes Changed(const Files& files,
                       const std::function<void(std::vector<Bytes>&)>& change) {
    const auto leaves = merkle::ParseBundle(files.at("tile/entries/001"), 256);
    std::vector<Bytes> list;
    for (const ByteView leaf : *leaves) list.push_back(ToBytes(leaf));
    change(list);
    Bytes out;
    for (const Bytes& leaf : list) merkle::AppendEntry(out, leaf);
    return out;
  }

  testing::TempDir dir_;
  TestVolume volume_;
};

TEST_F(GoVerifyTest, TakesLogsAndBundlesOfEverySize) {
  for (const std::size_t size :
       {0U, 1U, 2U, 255U, 256U, 257U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    if (volume_.leaves.empty() && size > 0) volume_.Add(TestVolume::Genesis());
    volume_.PadTo(size);
    volume_.Publish(true, kCosigned);
    const Said folder = GoFolder(volume_.files);
    EXPECT_EQ(folder.code, 0) << size << ": " << folder.why;
    const Said bundle = GoBundle(Bundle({0, size}));
    EXPECT_EQ(bundle.code, 0) << size << ": " << bundle.why;
    const Said single =
        GoBundle(Bundle({}, size == 0 ? std::vector<std::uint64_t>{}
                                      : std::vector<std::uint64_t>{size / 2}));
    EXPECT_EQ(single.code, 0) << size << ": " << single.why;
  }
}

TEST_F(GoVerifyTest, TakesPartsErasuresAndEarlierHeads) {
  Fill();
  for (const EntryRange& range :
       {EntryRange{0, 600}, {7, 9}, {255, 257}, {512, 600}, {599, 600}}) {
    const Said said = GoBundle(Bundle(range, {4}));
    EXPECT_EQ(said.code, 0) << range.first << ": " << said.why;
  }
  TestVolume young;
  young.leaves.assign(volume_.leaves.begin(), volume_.leaves.begin() + 100);
  young.Publish(true);
  BundleInput input = InputOf(volume_, {0, 600});
  input.previous = ToString(young.files["checkpoint"]);
  EXPECT_EQ(GoBundle(*BundleOf(input)).code, 0);
  EXPECT_EQ(GoFolder(volume_.files, input.previous).code, 0);
}

TEST_F(GoVerifyTest, RefusesEveryFlipInAFolder) {
  Fill();
  std::mt19937 random(3);  // the same places each run
  for (const auto& [name, bytes] : volume_.files) {
    for (int i = 0; i < 6; ++i) {
      Files files = volume_.files;
      const std::size_t at = random() % bytes.size();
      files[name][at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
      ExpectFolderRefused(files, name + " byte " + std::to_string(at));
    }
  }
}

TEST_F(GoVerifyTest, NamesTheEntryThatWasTamperedWith) {
  Fill();
  const std::string file = "tile/entries/001";
  const auto folder = [&](const std::function<void(std::vector<Bytes>&)>& f) {
    Files files = volume_.files;
    files[file] = Changed(files, f);
    return files;
  };
  using List = std::vector<Bytes>;
  const std::tuple<const char*, std::function<void(List&)>, std::uint64_t>
      cases[] = {
          {"flip", [](List& l) { l[44][30] ^= 1; }, 300},
          {"drop", [](List& l) { l.erase(l.begin() + 44); }, 300},
          {"insert", [](List& l) { l.insert(l.begin() + 44, l[7]); }, 300},
          {"reorder", [](List& l) { std::swap(l[44], l[45]); }, 300},
          {"duplicate", [](List& l) { l.insert(l.begin() + 44, l[44]); }, 301},
          {"truncate", [](List& l) { l.resize(44); }, 300}};
  const EntryRange all{0, 600};
  for (const auto& [what, change, index] : cases) {
    const Files files = folder(change);
    ExpectFolderRefused(files, what, index);
    Members members = Unpack(Bundle(all));
    members[file] = files.at(file);
    ExpectBundleRefused(Forge(members, volume_, all), what, index);
  }
  for (const char* tile : {"tile/0/001", "tile/0/002.p/88"}) {
    Files files = volume_.files;
    files[tile][32 * 44] ^= 1;
    const std::uint64_t index = tile[9] == '1' ? 300 : 556;
    ExpectFolderRefused(files, tile, index);
    Members members = Unpack(Bundle(all));
    members[tile] = files[tile];
    ExpectBundleRefused(Forge(members, volume_, all), tile, index);
  }
}

TEST_F(GoVerifyTest, RefusesFilesCutExtendedAddedOrGone) {
  Fill();
  for (const auto& [name, bytes] : volume_.files) {
    Files files = volume_.files;
    files[name].pop_back();
    ExpectFolderRefused(files, name + " cut");
    files = volume_.files;
    files[name].push_back(0);
    ExpectFolderRefused(files, name + " extended");
    files = volume_.files;
    files.erase(name);
    ExpectFolderRefused(files, name + " gone");
  }
  Files files = volume_.files;
  files["tile/0/003.p/1"] = Bytes(32, 1);
  ExpectFolderRefused(files, "one tile more");
}

TEST_F(GoVerifyTest, RefusesBundlesFlippedCutOrWithOtherBodies) {
  Fill();
  const EntryRange all{0, 600};
  const Bytes good = Bundle(all, {520});
  std::mt19937 random(5);  // the same places each run
  for (int i = 0; i < 60; ++i) {
    Bytes bundle = good;
    const std::size_t at = random() % bundle.size();
    bundle[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    ExpectBundleRefused(bundle, "byte " + std::to_string(at));
    bundle = good;
    bundle.resize(random() % bundle.size());
    ExpectBundleRefused(bundle, "cut to " + std::to_string(bundle.size()));
  }
  const Members members = Unpack(good);
  for (const auto& [name, bytes] : members) {
    if (name == "SHA256SUMS" || name == "bundle.note") continue;
    Members changed = members;
    changed.erase(name);
    ExpectBundleRefused(Forge(changed, volume_, all), name + " gone");
  }
  Members changed = members;
  Bytes& bodies = changed["bodies"];
  bodies[7] = 9;  // the first body now says it is of entry 9
  ExpectBundleRefused(Forge(changed, volume_, all), "another entry's", 9);
  bodies.clear();
  ExpectBundleRefused(Forge(changed, volume_, all), "no bodies", 5);
}

TEST_F(GoVerifyTest, RefusesHeadsThatAreOldForgedOrForked) {
  Fill();
  const std::string head = ToString(volume_.files["checkpoint"]);
  const auto with = [&](const std::string& note) {
    Files files = volume_.files;
    files["checkpoint"] = ToBytes(note);
    return files;
  };
  // An old head over the files of today.
  TestVolume old;
  old.leaves.assign(volume_.leaves.begin(), volume_.leaves.begin() + 500);
  old.Publish(true, kCosigned);
  const std::string old_head = ToString(old.files["checkpoint"]);
  ExpectFolderRefused(with(old_head), "old head");
  // A head kept from a longer log.
  ExpectFolderRefused(old.files, "rolled back", {}, head);
  // Lines under the head: stripped, of another head, of a stranger.
  const std::size_t lines = head.find("\n\n") + 2;
  const std::size_t second = head.find('\n', lines) + 1;
  ExpectFolderRefused(with(head.substr(0, second)), "no cosignature");
  ExpectFolderRefused(with(head.substr(0, lines) + head.substr(second)),
                      "no line of the log");
  const std::size_t old_second =
      old_head.find('\n', old_head.find("\n\n") + 2) + 1;
  ExpectFolderRefused(
      with(head.substr(0, second) + old_head.substr(old_second)),
      "cosignature of another head");
  const TestKey other("witness.qmz.example/w1",
                      merkle::NoteKeyType::kCosignature, 40);
  const merkle::NoteLine line =
      *merkle::Cosign(other.verifier, 5, volume_.head.Text(), other.Sign());
  ExpectFolderRefused(with(head.substr(0, second) + line.Text()),
                      "cosignature of a stranger");
  // The text: another origin, size or root.
  std::string changed = head;
  changed[6] = 'z';
  ExpectFolderRefused(with(changed), "another origin");
  const TestKey log("audit.qmz.example/2027a", merkle::NoteKeyType::kEd25519,
                    41);
  const merkle::Checkpoint foreign{"audit.qmz.example/2027a", 600,
                                   volume_.head.root};
  ExpectFolderRefused(
      with(*merkle::SignCheckpoint(foreign, log.verifier, log.Sign())),
      "another log's head");
}

TEST_F(GoVerifyTest, SeesAForkAtEverySize) {
  Fill();
  const Bytes bundle = Bundle({0, 600});
  for (std::size_t size = 1; size <= 300; ++size) {
    TestVolume fork;
    fork.leaves.assign(
        volume_.leaves.begin(),
        volume_.leaves.begin() + static_cast<std::ptrdiff_t>(size));
    fork.leaves.back() = FinishLeaf(MakePad(), kStart)->bytes;
    fork.Publish(true, kCosigned);
    const std::string kept = ToString(fork.files["checkpoint"]);
    BundleOptions options;
    options.previous = kept;
    const auto ours =
        VerifyBundle(BundleSource::Of(bundle), volume_.Policy("w"), options);
    EXPECT_EQ(ours->verdict, Verdict::kSplitView) << size;
    EXPECT_EQ(OurFolder(volume_.files, kept).verdict, Verdict::kSplitView)
        << size;
    const Said go = GoFolder(volume_.files, kept);
    EXPECT_EQ(go.verdict, "SPLIT-VIEW") << size << ": " << go.why;
  }
}

TEST_F(GoVerifyTest, TakesPrunedVolumes) {
  PrunedVolume pruned;
  const auto same = [&](const std::string& what) {
    const Said go = GoFolder(pruned.volume.files);
    const Report ours = OurFolder(pruned.volume.files);
    EXPECT_EQ(go.code, 0) << what << ": " << go.verdict << " " << go.file << " "
                          << go.why;
    EXPECT_EQ(ours.verdict, Verdict::kVerified) << what;
  };
  pruned.Say(pruned.Right(256));
  pruned.volume.PadTo(700);
  pruned.Say(pruned.Right(512, 256));
  pruned.Remove(512);
  same("two steps");
  pruned.Remove(256);
  same("one step");
  pruned.Remove(0);
  same("nothing removed");
}

TEST_F(GoVerifyTest, RefusesPrunedVolumesThatAreNotRight) {
  const auto refused = [&](const std::string& what, auto&& words,
                           auto&& files) {
    PrunedVolume pruned;
    PruneWords said = pruned.Right(256);
    words(said);
    pruned.Say(said);
    pruned.Remove(256);
    files(pruned.volume);
    ExpectFolderRefused(pruned.volume.files, what);
  };
  const auto no_words = [](PruneWords&) {};
  const auto no_files = [](TestVolume&) {};
  refused("fewer went", [](PruneWords& w) { w.n -= 1; }, no_files);
  refused("more went", [](PruneWords& w) { w.n += 1; }, no_files);
  refused(
      "another root",
      [](PruneWords& w) { w.root[5] = w.root[5] == '0' ? '1' : '0'; },
      no_files);
  refused("another time", [](PruneWords& w) { w.oldest += 1; }, no_files);
  refused("beyond itself", [](PruneWords& w) { w.before = 1024; }, no_files);
  refused("no whole bundle", [](PruneWords& w) { w.before = 255; }, no_files);
  refused("genesis gone", no_words,
          [](TestVolume& v) { v.files.erase(KeptPath(0)); });
  refused("a second bundle gone", no_words,
          [](TestVolume& v) { v.files.erase("tile/entries/001"); });
  refused("another entry in its place", no_words,
          [](TestVolume& v) { v.files[KeptPath(0)] = v.leaves[1]; });
  refused("padding that stayed", no_words,
          [](TestVolume& v) { v.files[KeptPath(100)] = v.leaves[100]; });
  refused("a file of another name", no_words,
          [](TestVolume& v) { v.files["kept/00.leaf"] = v.leaves[0]; });
  PrunedVolume pruned;
  pruned.Say(pruned.Right(256));
  pruned.Remove(256);
  Files files = pruned.volume.files;
  for (auto& [name, bytes] : files) {
    if (!name.starts_with("kept/")) continue;
    for (std::size_t i = 0; i < bytes.size(); i += 97) {
      bytes[i] ^= 1U;
      ExpectFolderRefused(files, name);
      bytes[i] ^= 1U;
    }
  }
}

TEST_F(GoVerifyTest, RefusesAPolicyThatCountsAKeyTwice) {
  Fill();
  const std::string again = volume_.witness.verifier.Text();
  const std::string policy =
      Join({"log ", volume_.log.verifier.Text(), "\nwitness w ", again,
            "\nwitness v ", again, "\ngroup both 2 w v\nquorum both\n"});
  EXPECT_FALSE(merkle::TrustPolicy::Parse(policy).ok());
  Write(dir_.Path("policy"), AsBytes(policy));
  EXPECT_EQ(GoFolder(volume_.files).code, 1);
}

TEST_F(GoVerifyTest, TakesTheSampleVolumeAndItsBundle) {
  SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
  const std::string sample =
      (testing::SharedDir() / "vectors/tlog/entente-v1").string();
  const std::string dpo = testing::ReadFile(sample + "/keys/dpo.vkey");
  EXPECT_EQ(Go("--policy " + sample + "/policy " + sample + "/log").code, 0);
  EXPECT_EQ(Go("--policy " + sample + "/policy --dpo " +
               dpo.substr(0, dpo.find('\n')) + " " + sample +
               "/sample.entente-audit.tar")
                .code,
            0);
}

}  // namespace
}  // namespace entente::ledger
