#include "node/ledger/bundle.h"

#include <random>

#include "crypto/base/status.h"
#include "node/ledger/testing_bundle.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

std::string WhyOf(const Report& report) {
  if (!report.fault) return "no fault";
  const Fault& fault = *report.fault;
  return Join({fault.claim, " ", fault.file, " ",
               fault.index ? std::to_string(*fault.index) : "-", ": ",
               fault.why});
}

class BundleTest : public ::testing::Test {
 protected:
  // 600 entries; 4 and 520 are sealed, 4 was erased by entry 6, 8 by entry 522.
  void SetUp() override {
    volume_.Begin();
    volume_.records.erase(4);
    volume_.Add(TestVolume::Screen(2));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.PadTo(520);
    volume_.Add(TestVolume::Screen(3));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.Add(volume_.Erasure("7", 1));
    volume_.records.erase(7);
    volume_.PadTo(600);
    volume_.Publish(true, kStart / 1'000'000 + 1000);
  }
  Bytes Make(const EntryRange& range, std::vector<std::uint64_t> singles = {}) {
    const auto bundle = BundleOf(InputOf(volume_, range, std::move(singles)));
    EXPECT_OK(bundle);
    return *bundle;
  }
  Report Verify(ByteView bundle, const BundleOptions& options = {}) {
    const auto report =
        VerifyBundle(BundleSource::Of(bundle), volume_.Policy("w"), options);
    EXPECT_OK(report);
    return *report;
  }
  BundleOptions Named() {
    BundleOptions options;
    options.officers = {volume_.officer.verifier};
    options.opener = Opener::With(volume_.officer_box);
    return options;
  }
  // Refused, and the fault names this claim, file and entry.
  void ExpectFault(ByteView bundle, std::string_view claim,
                   std::string_view file, std::optional<std::uint64_t> index,
                   const BundleOptions& options = {}) {
    const Report report = Verify(bundle, options);
    ASSERT_FALSE(IsVerified(report.verdict));
    EXPECT_EQ(report.fault->claim, claim) << WhyOf(report);
    EXPECT_EQ(report.fault->file, file) << WhyOf(report);
    EXPECT_EQ(report.fault->index, index) << WhyOf(report);
  }
  Bytes Forged(Members members, const EntryRange& range) {
    return Forge(std::move(members), volume_, range);
  }

  TestVolume volume_;
};

TEST_F(BundleTest, VerifiesForEveryRange) {
  const EntryRange ranges[] = {{0, 600},   {0, 1},     {0, 256},   {255, 257},
                               {256, 512}, {511, 512}, {512, 600}, {599, 600},
                               {0, 0},     {100, 530}};
  for (const EntryRange& range : ranges) {
    const Report report = Verify(Make(range), Named());
    EXPECT_EQ(report.verdict, Verdict::kVerified)
        << range.first << " " << range.end << " " << WhyOf(report);
    EXPECT_EQ(report.range, range);
    EXPECT_EQ(report.size, 600U);
  }
}

TEST_F(BundleTest, ShowsWhatWasErasedAndOnWhoseWord) {
  const Report report = Verify(Make({0, 600}), Named());
  ASSERT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
  EXPECT_EQ(report.sealed, 6U);
  EXPECT_EQ(report.bodies, 4U);
  EXPECT_EQ(report.unsealed, 4U);
  EXPECT_EQ(report.erased, 2U);
  ASSERT_EQ(report.remarks.size(), 2U);
  EXPECT_EQ(report.remarks[0].first, 4U);
  EXPECT_EQ(report.remarks[0].text,
            "erased, authorised by `dpo.qma.example/1` in entry 6 (ground "
            "request, case -)");
  EXPECT_EQ(report.remarks[1].first, 7U);
  EXPECT_NE(report.remarks[1].text.find("entry 522"), std::string::npos);
}

TEST_F(BundleTest, BringsTheErasureThatLiesOutsideTheRange) {
  const Bytes bundle = Make({7, 9});
  EXPECT_TRUE(Unpack(bundle).contains("proofs/522.leaf"));
  const Report report = Verify(bundle, Named());
  EXPECT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(report.singles, 1U);
}

TEST_F(BundleTest, RefusesToWriteWhenABodyIsGoneWithoutCause) {
  volume_.records.erase(520);
  EXPECT_THAT(BundleOf(InputOf(volume_, {0, 600})),
              testing::HasCode(absl::StatusCode::kDataLoss));
}

TEST_F(BundleTest, TheSameInputGivesTheSameBytes) {
  const BundleInput input = InputOf(volume_, {3, 580}, {0, 599});
  const auto first = BundleOf(input);
  ASSERT_OK(first);
  EXPECT_EQ(*first, *BundleOf(input));
}

TEST_F(BundleTest, NeedsNoMoreThanThePolicy) {
  const Report report = Verify(Make({0, 600}));
  EXPECT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
  EXPECT_EQ(report.unsealed, 0U);
}

TEST_F(BundleTest, SelectsByTypeExchangeAndRange) {
  const merkle::TileReader read = InputOf(volume_, {}).read;
  const auto of_type = SelectEntries(read, 600, {.types = {"screen.open"}});
  ASSERT_OK(of_type);
  EXPECT_EQ(*of_type, (std::vector<std::uint64_t>{4, 7, 520}));
  const auto early = SelectEntries(
      read, 600, {.range = EntryRange{5, 300}, .types = {"screen.open"}});
  EXPECT_EQ(*early, std::vector<std::uint64_t>{7});
  const auto none = SelectEntries(read, 600, {.exchange = Id16{9, 9}});
  EXPECT_TRUE(none->empty());
  EXPECT_FALSE(SelectEntries(read, 600, {.types = {"no.such"}}).ok());
  EXPECT_FALSE(SelectEntries(read, 600, {.range = EntryRange{0, 601}}).ok());
  const Report report = Verify(Make({}, *of_type), Named());
  EXPECT_EQ(report.verdict, Verdict::kVerified) << WhyOf(report);
  EXPECT_EQ(report.sealed, 3U);
  EXPECT_EQ(report.erased, 2U);
}

TEST_F(BundleTest, EveryFlippedByteOfTheFileIsRefused) {
  const Bytes bundle = Make({256, 600}, {4});
  BundleOptions named;
  named.officers = {volume_.officer.verifier};
  std::mt19937 random(11);  // the same positions each run
  Bytes changed = bundle;
  for (std::size_t at = 0; at < bundle.size(); at += 1 + random() % 61) {
    const auto mask = static_cast<std::uint8_t>(1U << (random() % 8));
    changed[at] ^= mask;
    EXPECT_FALSE(IsVerified(Verify(changed, named).verdict)) << at;
    changed[at] ^= mask;
  }
}

TEST_F(BundleTest, EveryTruncationIsRefusedAndSoIsAnythingAfterTheEnd) {
  Bytes bundle = Make({512, 600});
  for (std::size_t size = 0; size < bundle.size(); size += 173) {
    EXPECT_FALSE(IsVerified(Verify(ByteView(bundle).first(size)).verdict))
        << size;
  }
  bundle.resize(bundle.size() + kTarBlock);
  ExpectFault(bundle, "V1", "bundle", std::nullopt);
}

TEST_F(BundleTest, AForgerWithTheExportersKeyDoesNotGetPastTheTree) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all));
  const std::string entries = "tile/entries/001";
  Members m = good;
  m[entries][2 + 20] ^= 1;
  ExpectFault(Forged(m, all), "V6", entries, 256);

  m = good;  // both the entry and its tile
  const std::size_t length = std::size_t{m[entries][0]} << 8U | m[entries][1];
  m[entries][2 + 20] ^= 1;
  const Hash leaf = merkle::LeafHash(ByteView(m[entries]).subspan(2, length));
  std::copy(leaf.begin(), leaf.end(), m["tile/0/001"].begin());
  ExpectFault(Forged(m, all), "V6", entries, std::nullopt);

  m = good;
  m["tile/0/001"][32 * 9] ^= 1;
  ExpectFault(Forged(m, all), "V5", "tile/0/001", 256 + 9);

  m = good;  // in the last tile, which is not full
  m["tile/0/002.p/88"][32 * 9] ^= 1;
  ExpectFault(Forged(m, all), "V5", "tile/0/002.p/88", 512 + 9);

  m = good;
  m["tile/1/000.p/2"][32] ^= 1;
  ExpectFault(Forged(m, all), "V5", "tile/1/000.p/2", std::nullopt);
}

// Entries 300 and 301 change places, or 300 goes, or comes twice.
TEST_F(BundleTest, NamesTheFirstEntryThatWasMovedDroppedOrInserted) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all));
  const auto leaves = *merkle::ParseBundle(good.at("tile/entries/001"), 256);
  std::vector<Bytes> list;
  for (const ByteView leaf : leaves) list.push_back(ToBytes(leaf));
  const auto with = [&](const std::vector<Bytes>& changed) {
    Members m = good;
    Bytes& file = m["tile/entries/001"];
    file.clear();
    for (const Bytes& leaf : changed) merkle::AppendEntry(file, leaf);
    return Forged(m, all);
  };
  std::vector<Bytes> swapped = list;
  std::swap(swapped[44], swapped[45]);
  ExpectFault(with(swapped), "V6", "tile/entries/001", 300);
  std::vector<Bytes> dropped = list;
  dropped.erase(dropped.begin() + 44);
  ExpectFault(with(dropped), "V6", "tile/entries/001", 300);
  std::vector<Bytes> doubled = list;
  doubled.insert(doubled.begin() + 44, list[44]);
  ExpectFault(with(doubled), "V6", "tile/entries/001", 301);
  std::vector<Bytes> cut(list.begin(), list.begin() + 200);
  ExpectFault(with(cut), "V6", "tile/entries/001", 456);
}

TEST_F(BundleTest, AMissingMemberIsNeverSkipped) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all, {520}));
  for (const auto& [name, bytes] : good) {
    if (name == "SHA256SUMS" || name == "bundle.note") continue;
    Members m = good;
    m.erase(name);
    const Report report = Verify(Forged(m, all));
    // A single entry that is gone with both its files was never promised.
    EXPECT_EQ(report.verdict, Verdict::kIncomplete)
        << name << ": " << WhyOf(report);
  }
}

TEST_F(BundleTest, BodiesThatWereSwappedDroppedOrAddedAreNamed) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all));
  const auto with = [&](const std::vector<std::pair<std::uint64_t, Bytes>>& b) {
    Members m = good;
    Bytes& out = m["bodies"];
    out.clear();
    for (const auto& [index, record] : b) {
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(index >> shift));
      }
      for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(record.size() >> shift));
      }
      out.insert(out.end(), record.begin(), record.end());
    }
    return Forged(m, all);
  };
  const Bytes& five = volume_.records.at(5);
  const Bytes& eight = volume_.records.at(8);
  const Bytes& last = volume_.records.at(520);
  const Bytes& guard = volume_.records.at(521);
  EXPECT_TRUE(IsVerified(
      Verify(with({{5, five}, {8, eight}, {520, last}, {521, guard}}))
          .verdict));
  ExpectFault(with({{5, five}, {8, eight}, {521, guard}}), "V8", "bodies", 520);
  ExpectFault(with({{4, last}, {5, five}, {6, eight}}), "V8", "bodies", 6);
  ExpectFault(with({{8, eight}, {5, five}}), "V8", "bodies", 5);
  ExpectFault(with({{5, eight}, {8, five}, {520, last}, {521, guard}}), "V8",
              "bodies", 5, Named());
  ExpectFault(
      with({{5, five}, {8, eight}, {520, last}, {521, guard}, {700, last}}),
      "V8", "bodies", 700);
}

TEST_F(BundleTest, RefusesAnotherLogsHeadAnotherWitnessAndAnOldHead) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all));
  Members m = good;
  const std::string head = ToString(good.at("checkpoint"));
  m["checkpoint"] = ToBytes(volume_.SignedHead(false, 1));
  ExpectFault(Forged(m, all), "V3-quorum", "checkpoint", std::nullopt);

  const TestKey other("audit.qmc.example/2027a", merkle::NoteKeyType::kEd25519,
                      9);
  const merkle::Checkpoint foreign{"audit.qmc.example/2027a", 600,
                                   volume_.head.root};
  m["checkpoint"] =
      ToBytes(*merkle::SignCheckpoint(foreign, other.verifier, other.Sign()));
  ExpectFault(Forged(m, all), "V3-origin", "checkpoint", std::nullopt);

  m["checkpoint"] = ToBytes(head);
  m["checkpoint"][head.find("600")] = '5';
  ExpectFault(Forged(m, all), "V3-signature", "checkpoint", std::nullopt);

  TestVolume old;
  old.Begin();
  old.Publish(true, kStart / 1'000'000 + 1000);
  m["checkpoint"] = old.files["checkpoint"];
  ExpectFault(Forged(m, all), "V2", "bundle.note", std::nullopt);
}

TEST_F(BundleTest, AnEarlierHeadIsHeldAgainstTheTree) {
  BundleInput input = InputOf(volume_, {0, 600});
  // The same volume when it had 100 entries.
  TestVolume young;
  young.leaves.assign(volume_.leaves.begin(), volume_.leaves.begin() + 100);
  young.Publish(true);
  const std::string early = ToString(young.files["checkpoint"]);
  input.previous = early;
  const auto bundle = BundleOf(input);
  ASSERT_OK(bundle);
  BundleOptions options;
  options.previous = early;
  EXPECT_TRUE(IsVerified(Verify(*bundle, options).verdict));
  // A range that does not reach it: only the proof inside shows it.
  BundleInput small = InputOf(volume_, {512, 600});
  ExpectFault(*BundleOf(small), "V4", "previous checkpoint", std::nullopt,
              options);
  small.previous = early;
  EXPECT_TRUE(IsVerified(Verify(*BundleOf(small), options).verdict));
  // Another history of this log.
  young.leaves[50] = young.leaves[51];
  young.Publish(true);
  options.previous = ToString(young.files["checkpoint"]);
  const Report fork = Verify(*bundle, options);
  EXPECT_EQ(fork.verdict, Verdict::kSplitView) << WhyOf(fork);
  Members m = Unpack(*bundle);
  m["previous.checkpoint"] = young.files["checkpoint"];
  ExpectFault(Forged(m, {0, 600}), "V4", "previous.consistency", std::nullopt);
}

TEST_F(BundleTest, AnOpenedFieldIsShownAndCannotBeChanged) {
  const auto record = ParseRecord(volume_.records.at(520));
  ASSERT_OK(record);
  const auto leaf = ParseLeaf(volume_.leaves[520]);
  const EntryName name{kOrigin, leaf->id};
  const Bytes& file = volume_.segment_file;
  const auto segment =
      OpenSegmentFile(*ParseSegmentFile(file), kOrigin, volume_.officer_box);
  ASSERT_OK(segment);
  const auto key = UnwrapWithSegment(*record, name, *segment);
  ASSERT_OK(key);
  const auto slots = OpenBody(*key, name, record->body);
  ASSERT_OK(slots);
  const std::size_t which[] = {2};
  BundleInput input = InputOf(volume_, {}, {520});
  input.openings = {*MakeOpening(520, name, *key, *slots, which)};
  const Bytes bundle = *BundleOf(input);
  const Report report = Verify(bundle);
  ASSERT_TRUE(IsVerified(report.verdict)) << WhyOf(report);
  ASSERT_EQ(report.opened.size(), 1U);
  EXPECT_EQ(report.opened[0].name, "case");
  EXPECT_EQ(report.opened[0].value, "QMA-2027-0001");
  Members m = Unpack(bundle);
  Bytes& text = m["openings/520.opening"];
  text[AsText(text).find("QMA-2027")] = 'R';
  ExpectFault(Forged(m, {}), "V10", "openings/520.opening", 520);
}

TEST_F(BundleTest, TheExportersSignatureCountsOnceHeIsNamed) {
  const EntryRange all{0, 600};
  Members m = Unpack(Make(all));
  m["policy"].push_back('#');
  ExpectFault(Pack(m), "V1", "policy", std::nullopt);
  BundleOptions stranger;
  stranger.officers = {
      TestKey("dpo.qmz.example/1", merkle::NoteKeyType::kEd25519, 30).verifier};
  EXPECT_EQ(Verify(Make(all), stranger).verdict, Verdict::kUntrusted);
}

// The tile begins between a screening and its guard, and ends with one that
// has none.
TEST(BundleRulesTest, WhatNeedsEntriesOutsideIsNotHeldAgainstARange) {
  TestVolume volume;
  volume.Begin();
  volume.PadTo(255);
  volume.Add(TestVolume::Screen(2));
  volume.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
  volume.PadTo(511);
  volume.Add(TestVolume::Screen(3));
  volume.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
  volume.PadTo(600);
  volume.Publish(true, kStart / 1'000'000 + 1000);
  const Bytes bundle = *BundleOf(InputOf(volume, {256, 512}));
  const auto report =
      VerifyBundle(BundleSource::Of(bundle), volume.Policy("w"));
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::kVerified) << WhyOf(*report);
}

// The log itself signed what its rules forbid.
TEST(BundleRulesTest, NamesTheEntryThatBreaksARule) {
  const auto fault = [](const std::function<void(TestVolume&)>& add) {
    TestVolume volume;
    volume.Add(TestVolume::Genesis());
    volume.PadTo(300);
    add(volume);
    volume.PadTo(400);
    volume.Publish(true, kStart / 1'000'000 + 1000);
    const Bytes bundle = *BundleOf(InputOf(volume, {260, 400}));
    const auto report =
        VerifyBundle(BundleSource::Of(bundle), volume.Policy("w"));
    EXPECT_FALSE(IsVerified(report->verdict));
    return WhyOf(*report);
  };
  EXPECT_EQ(fault([](TestVolume& v) { v.AddRaw(v.leaves[299]); }),
            "V7 tile/entries/001.p/144 300: an id that an earlier entry has");
  EXPECT_EQ(fault([](TestVolume& v) {
              v.AddRaw(FinishLeaf(MakePad(), kStart)->bytes);
            }),
            "V7 tile/entries/001.p/144 300: a time before the last one");
  EXPECT_EQ(fault([](TestVolume& v) { v.Add(TestVolume::Genesis()); }),
            "V7 tile/entries/001.p/144 300: log.genesis is the first entry "
            "and no other");
}

TEST_F(BundleTest, OddNamesAndOtherSpellingsOfTheArchiveAreRefused) {
  const EntryRange all{0, 600};
  const Members good = Unpack(Make(all));
  for (const char* name : {"../policy", "/policy", "tile/0/000.p/3", "x",
                           "proofs/01.leaf", "policy~"}) {
    Members m = good;
    m[name] = Bytes(32, 1);
    EXPECT_FALSE(IsVerified(Verify(Forged(m, all)).verdict)) << name;
  }
  Bytes mode = Make(all);
  mode[106] = '5';  // 0645
  ExpectFault(mode, "V1", "bundle, byte 0", std::nullopt);
}

}  // namespace
}  // namespace entente::ledger
