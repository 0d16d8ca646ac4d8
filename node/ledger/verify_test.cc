#include "node/ledger/verify.h"

#include <random>

#include "crypto/base/status.h"
#include "node/ledger/testing_volume.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

std::string WhyOf(const Report& report) {
  return report.fault ? report.fault->file + ": " + report.fault->why
                      : std::string("no fault");
}
ClaimResult ResultOf(const Report& report, std::string_view id) {
  for (const Claim& claim : report.claims) {
    if (claim.id == id) return claim.result;
  }
  return ClaimResult::kNotChecked;
}

class VerifyTest : public ::testing::Test {
 protected:
  TestVolume volume_;
};

TEST_F(VerifyTest, AcceptsASoundVolumeOfEverySize) {
  volume_.Begin();
  for (std::size_t size : {7U, 8U, 255U, 256U, 257U, 512U, 513U, 700U}) {
    volume_.PadTo(size);
    volume_.Publish(true, kStart / 1'000'000 + 1000);
    const Report report = volume_.Verify("w");
    EXPECT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
    EXPECT_EQ(report.size, size);
    EXPECT_EQ(report.entries, size);
    EXPECT_EQ(report.pads, size - 7);
    EXPECT_EQ(report.sealed, 2U);
    EXPECT_EQ(report.erased, 1U);
    EXPECT_EQ(report.witnesses, 1U);
    EXPECT_EQ(report.origin, kOrigin);
    EXPECT_EQ(report.first_time, kStart);
    EXPECT_TRUE(report.warnings.empty());
    for (const char* id : {"V1", "V3", "V5", "V6", "V7", "V11"}) {
      EXPECT_EQ(ResultOf(report, id), ClaimResult::kHolds) << id;
    }
    EXPECT_EQ(ResultOf(report, "V9"), ClaimResult::kNotChecked);
    EXPECT_EQ(volume_.Verify("none").verdict, Verdict::kVerifiedUnwitnessed);
  }
}

TEST_F(VerifyTest, AcceptsTheEmptyVolume) {
  volume_.Publish(false);
  EXPECT_EQ(volume_.Verify().verdict, Verdict::kVerifiedUnwitnessed);
  EXPECT_EQ(ExitCode(Verdict::kVerifiedUnwitnessed), 0);
  EXPECT_EQ(ExitCode(Verdict::kTampered), 4);
}

TEST_F(VerifyTest, EveryFlippedByteIsFoundInItsFile) {
  volume_.Begin();
  volume_.PadTo(12);
  volume_.Publish(true);
  const merkle::TrustPolicy policy = volume_.Policy("w");
  ASSERT_EQ(volume_.Verify(policy).verdict, Verdict::kVerified);
  std::size_t positions = 0;
  for (auto& [path, bytes] : volume_.files) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (std::uint8_t mask : {std::uint8_t{0x01}, std::uint8_t{0x80}}) {
        bytes[i] ^= mask;
        const Report report = volume_.Verify(policy);
        bytes[i] ^= mask;
        ASSERT_FALSE(IsVerified(report.verdict)) << path << " " << i;
        ASSERT_EQ(report.fault->file, path) << i << " " << WhyOf(report);
        ++positions;
      }
    }
  }
  EXPECT_GT(positions, 6000U);
  EXPECT_EQ(volume_.Verify(policy).verdict, Verdict::kVerified);
}

// The same with the policy that asks for no witness: nothing hides behind it.
TEST_F(VerifyTest, EveryFlippedByteOfTheHeadIsFoundWithoutAQuorumToo) {
  volume_.Begin();
  volume_.Publish(true);
  Bytes& head = volume_.files["checkpoint"];
  const merkle::TrustPolicy policy = volume_.Policy("none");
  for (std::size_t i = 0; i < head.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      head[i] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_FALSE(IsVerified(volume_.Verify(policy).verdict)) << i;
      head[i] ^= static_cast<std::uint8_t>(1U << bit);
    }
  }
}

TEST_F(VerifyTest, NamesTheEntryThatWasChanged) {
  volume_.Begin();
  volume_.PadTo(300);
  volume_.Publish(false);
  for (std::uint64_t index : {0U, 4U, 255U, 256U, 299U}) {
    const std::string file =
        index < 256 ? "tile/entries/000" : "tile/entries/001.p/44";
    Bytes& bundle = volume_.files[file];
    std::size_t at = 0;  // of the entry's length field
    for (std::uint64_t i = index / 256 * 256; i < index; ++i) {
      at += 2 + volume_.leaves[i].size();
    }
    for (std::size_t offset : {std::size_t{1}, std::size_t{12}}) {
      bundle[at + offset] ^= 0x04;
      const Report report = volume_.Verify();
      bundle[at + offset] ^= 0x04;
      EXPECT_EQ(report.verdict, Verdict::kTampered);
      EXPECT_EQ(report.fault->file, file);
      EXPECT_EQ(report.fault->index, index) << offset;
    }
    // And its hash in the tile.
    const std::string tile = index < 256 ? "tile/0/000" : "tile/0/001.p/44";
    volume_.files[tile][index % 256 * 32 + 31] ^= 0x10;
    const Report report = volume_.Verify();
    volume_.files[tile][index % 256 * 32 + 31] ^= 0x10;
    EXPECT_EQ(report.verdict, Verdict::kTampered);
    EXPECT_EQ(report.fault->file, tile);
    EXPECT_EQ(report.fault->index, index);
  }
}

TEST_F(VerifyTest, RefusesEveryTruncationAndAnyTail) {
  volume_.Begin();
  volume_.Publish(false);
  for (auto& [path, bytes] : volume_.files) {
    const Bytes whole = bytes;
    for (std::size_t n = 0; n < whole.size(); ++n) {
      bytes.resize(n);
      const Report report = volume_.Verify();
      bytes = whole;
      ASSERT_FALSE(IsVerified(report.verdict)) << path << " " << n;
      EXPECT_EQ(report.fault->file, path) << WhyOf(report);
    }
    bytes.push_back(0);
    const Report report = volume_.Verify();
    EXPECT_FALSE(IsVerified(report.verdict)) << path;
    EXPECT_EQ(report.fault->file, path);
    bytes = whole;
  }
}

TEST_F(VerifyTest, RefusesDroppedSwappedRepeatedAndInsertedEntries) {
  volume_.Begin();
  volume_.PadTo(20);
  volume_.Publish(false);
  const auto mutate = [&](auto change) {
    TestVolume bad;
    bad.leaves = volume_.leaves;
    change(bad.leaves);
    bad.Publish(false);
    // Entries and tiles are rewritten throughout; the old signed head stays.
    bad.files["checkpoint"] = volume_.files.at("checkpoint");
    return bad.Verify(volume_.Policy("none"));
  };
  for (std::size_t i = 0; i < 19; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const Report swapped = mutate([&](auto& l) { std::swap(l[i], l[i + 1]); });
    EXPECT_EQ(swapped.verdict, Verdict::kTampered) << i;
    const Report twice = mutate([&](auto& l) { l[i + 1] = l[i]; });
    EXPECT_EQ(twice.verdict, Verdict::kTampered) << i;
    const Report dropped = mutate([&](auto& l) { l.erase(l.begin() + at); });
    EXPECT_FALSE(IsVerified(dropped.verdict)) << i;
    const Report longer =
        mutate([&](auto& l) { l.insert(l.begin() + at, l[i]); });
    EXPECT_FALSE(IsVerified(longer.verdict)) << i;
  }
}

TEST_F(VerifyTest, RefusesFilesThatAreMissingOrTooMany) {
  volume_.Begin();
  volume_.PadTo(300);
  volume_.Publish(false);
  const auto files = volume_.files;
  for (const auto& [path, bytes] : files) {
    volume_.files.erase(path);
    const Report report = volume_.Verify();
    EXPECT_EQ(report.verdict, Verdict::kIncomplete) << path;
    EXPECT_EQ(report.fault->file, path);
    volume_.files = files;
  }
  for (const char* path :
       {"notes.txt", "tile/0/000.p/200", "tile/entries/000.p/1", "tile/0/002",
        "tile/2/000.p/1", "tile/0/001.p/45", "checkpoint.old",
        "tile/entries/../x", "/tile/0/000"}) {
    volume_.files[path] = {};
    const Report report = volume_.Verify();
    EXPECT_EQ(report.verdict, Verdict::kTampered) << path;
    EXPECT_EQ(report.fault->file, path);
    EXPECT_EQ(ResultOf(report, "V1"), ClaimResult::kFails);
    volume_.files = files;
  }
  // A name twice in the listing.
  Folder folder = TestVolume::AsFolder(files);
  folder.files.push_back("tile/0/000");
  EXPECT_FALSE(
      IsVerified(VerifyFolder(folder, volume_.Policy("none"))->verdict));
}

TEST_F(VerifyTest, TellsAFileThatVanishesFromADiskThatFails) {
  volume_.Begin();
  volume_.Publish(false);
  Folder folder = TestVolume::AsFolder(volume_.files);
  const auto read = folder.read;
  absl::Status answer = NotFound("gone");
  folder.read = [&](const std::string& path) -> absl::StatusOr<Bytes> {
    if (path.starts_with("tile/entries")) return answer;
    return read(path);
  };
  ASSERT_OK_AND_ASSIGN(const Report report,
                       VerifyFolder(folder, volume_.Policy("none")));
  EXPECT_EQ(report.verdict, Verdict::kIncomplete);
  answer = Unavailable("the disk failed");
  EXPECT_THAT(VerifyFolder(folder, volume_.Policy("none")),
              testing::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(VerifyTest, RefusesAnotherLogAndTooFewWitnesses) {
  volume_.Begin();
  volume_.Publish(false);
  EXPECT_EQ(volume_.Verify("w").verdict, Verdict::kUntrusted);
  volume_.Publish(true);
  EXPECT_EQ(volume_.Verify("w").verdict, Verdict::kVerified);
  const TestKey thief(kOrigin, merkle::NoteKeyType::kEd25519, 9);
  const auto policy = merkle::TrustPolicy::Parse(
      Join({"log ", thief.verifier.Text(), "\nquorum none\n"}));
  EXPECT_EQ(volume_.Verify(*policy).verdict, Verdict::kUntrusted);
}

TEST_F(VerifyTest, ADishonestSizeDoesNotFillTheMemory) {
  volume_.Begin();
  volume_.Publish(false);
  volume_.head.size = (std::uint64_t{1} << 63U) - 1;
  volume_.files["checkpoint"] = ToBytes(volume_.SignedHead(false, 0));
  volume_.files.erase("tile/0/000.p/7");
  volume_.files.erase("tile/entries/000.p/7");
  EXPECT_EQ(volume_.Verify().verdict, Verdict::kIncomplete);
}

TEST_F(VerifyTest, HoldsAHeadThatTheCallerKept) {
  volume_.Begin();
  volume_.PadTo(30);
  volume_.Publish(false);
  const std::string kept = ToString(volume_.files["checkpoint"]);
  volume_.PadTo(400);
  volume_.Publish(false);
  const auto verify = [&](const std::string& previous) {
    return volume_.Verify(volume_.Policy("none"), {previous, {}});
  };
  const Report grown = verify(kept);
  EXPECT_EQ(grown.verdict, Verdict::kVerifiedUnwitnessed) << WhyOf(grown);
  EXPECT_EQ(ResultOf(grown, "V4"), ClaimResult::kHolds);
  EXPECT_TRUE(
      IsVerified(verify(ToString(volume_.files["checkpoint"])).verdict));
  // The log showed another history before.
  TestVolume fork;
  fork.Begin();
  fork.PadTo(30);
  fork.Publish(false);
  EXPECT_EQ(verify(ToString(fork.files["checkpoint"])).verdict,
            Verdict::kSplitView);
  fork.PadTo(400);
  fork.Publish(false);
  EXPECT_EQ(verify(ToString(fork.files["checkpoint"])).verdict,
            Verdict::kSplitView);
  // More was seen than the volume holds now.
  fork.PadTo(401);
  fork.Publish(false);
  EXPECT_EQ(verify(ToString(fork.files["checkpoint"])).verdict,
            Verdict::kIncomplete);
  EXPECT_EQ(verify("no note").verdict, Verdict::kUntrusted);
}

TEST_F(VerifyTest, ALineThatHalfBelongsToAWitnessIsRefused) {
  volume_.Begin();
  volume_.Publish(true);
  const merkle::TrustPolicy policy = volume_.Policy("none");
  auto note = *merkle::ParseNote(AsText(volume_.files["checkpoint"]));
  const auto with = [&](const merkle::NoteLine& line) {
    auto changed = note;
    changed.lines.push_back(line);
    volume_.files["checkpoint"] = ToBytes(changed.Text());
    return volume_.Verify(policy).verdict;
  };
  merkle::NoteLine line = note.lines[1];
  line.id[0] ^= 1;
  EXPECT_EQ(with(line), Verdict::kUntrusted);
  line = note.lines[1];
  line.name += "x";
  EXPECT_EQ(with(line), Verdict::kUntrusted);
  // A witness that the policy does not know is nobody's concern.
  line.id[1] ^= 1;
  EXPECT_EQ(with(line), Verdict::kVerifiedUnwitnessed);
  // Two keys of the log sign while its key changes.
  const TestKey next(kOrigin, merkle::NoteKeyType::kEd25519, 8);
  EXPECT_EQ(with(*merkle::SignText(next.verifier, note.text, next.Sign())),
            Verdict::kVerifiedUnwitnessed);
}

TEST_F(VerifyTest, WarnsWhenWitnessesSawItBeforeItWasWritten) {
  volume_.Begin();
  volume_.PadTo(10);
  volume_.Publish(true, kStart / 1'000'000 - 280);
  EXPECT_TRUE(volume_.Verify("w").warnings.empty());
  volume_.Publish(true, kStart / 1'000'000 - 400);
  const Report report = volume_.Verify("w");
  EXPECT_EQ(report.verdict, Verdict::kVerified);
  EXPECT_EQ(report.warnings.size(), 1U);
  EXPECT_EQ(ResultOf(report, "V11"), ClaimResult::kFails);
}

TEST_F(VerifyTest, ChecksErasuresAgainstTheOfficers) {
  volume_.Begin();
  volume_.Publish(false);
  const merkle::TrustPolicy policy = volume_.Policy("none");
  const Report good =
      volume_.Verify(policy, {std::nullopt, {volume_.officer.verifier}});
  EXPECT_TRUE(IsVerified(good.verdict)) << WhyOf(good);
  EXPECT_EQ(ResultOf(good, "V9"), ClaimResult::kHolds);
  const TestKey other("dpo.qma.example/2", merkle::NoteKeyType::kEd25519, 9);
  const Report bad = volume_.Verify(policy, {std::nullopt, {other.verifier}});
  EXPECT_EQ(bad.verdict, Verdict::kUntrusted);
  EXPECT_EQ(bad.fault->claim, "V9");
  EXPECT_EQ(bad.fault->index, 6U);
}

TEST_F(VerifyTest, TheReportSaysWhatWasFound) {
  volume_.Begin();
  volume_.Publish(false);
  EXPECT_TRUE(ReportText(volume_.Verify()).starts_with("VERIFIED-UNWITNESSED"));
  volume_.files["tile/0/000.p/7"][40] ^= 1;
  const std::string text = ReportText(volume_.Verify());
  EXPECT_TRUE(text.starts_with("TAMPERED\nfault: V5: tile/0/000.p/7, entry 1"))
      << text;
}

TEST(MaxFileBytesTest, KnowsEveryFile) {
  EXPECT_EQ(MaxFileBytes("tile/0/000"), 8192U);
  EXPECT_EQ(MaxFileBytes("tile/entries/000.p/3"), 256U * 4098U);
  EXPECT_EQ(MaxFileBytes("checkpoint"), 1'000'000U);
  EXPECT_EQ(MaxFileBytes("notes.txt"), 0U);
}

class SampleFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
    const auto dir = testing::SharedDir() / "vectors/tlog/entente-v1";
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(dir / "log")) {
      if (!entry.is_regular_file()) continue;
      const auto name = std::filesystem::relative(entry.path(), dir / "log");
      files_[name.string()] = ToBytes(testing::ReadFile(entry.path()));
    }
    policy_ = *merkle::TrustPolicy::Parse(testing::ReadFile(dir / "policy"));
    std::string vkey = testing::ReadFile(dir / "keys/dpo.vkey");
    vkey.pop_back();
    options_.officers = {*merkle::VerifierKey::Parse(vkey)};
    options_.previous = testing::ReadFile(dir / "consistency/128.checkpoint");
  }
  Report Verify() {
    return *VerifyFolder(TestVolume::AsFolder(files_), *policy_, options_);
  }
  std::map<std::string, Bytes> files_;
  std::optional<merkle::TrustPolicy> policy_;
  VerifyOptions options_;
};

TEST_F(SampleFolderTest, Verifies) {
  const Report report = Verify();
  EXPECT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
  EXPECT_EQ(ToHex(report.root),
            "14c3cd0307a342c59e9d8ac9be17feba1b92ce81126b06b499f58a6124bc7d98");
  EXPECT_EQ(report.witnesses, 2U);
  EXPECT_EQ(report.pads, 304U);
  EXPECT_EQ(report.sealed, 11U);
  EXPECT_EQ(report.erased, 2U);
  EXPECT_TRUE(report.warnings.empty());
  for (const char* id : {"V1", "V3", "V4", "V5", "V6", "V7", "V9", "V11"}) {
    EXPECT_EQ(ResultOf(report, id), ClaimResult::kHolds) << id;
  }
}

TEST_F(SampleFolderTest, RandomFlippedBytesAreFoundInTheirFile) {
  std::mt19937 random(7);  // the same positions each run
  for (auto& [path, bytes] : files_) {
    for (int i = 0; i < 60; ++i) {
      const std::size_t at = random() % bytes.size();
      const auto mask = static_cast<std::uint8_t>(1U << (random() % 8));
      bytes[at] ^= mask;
      const Report report = Verify();
      bytes[at] ^= mask;
      ASSERT_FALSE(IsVerified(report.verdict)) << path << " " << at;
      EXPECT_EQ(report.fault->file, path) << at << " " << WhyOf(report);
    }
  }
}

}  // namespace
}  // namespace entente::ledger
