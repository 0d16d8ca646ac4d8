// Tokens, entries, padding and the tag set file.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "crypto/psi/entry.h"
#include "crypto/psi/padding.h"
#include "crypto/psi/tag_set.h"
#include "tests/testing/status_matchers.h"

namespace entente::psi {
namespace {

using ::entente::testing::HasCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

oprf::Token TokenOf(std::size_t n) {
  return primitive::Sha512({AsBytes("token " + std::to_string(n))});
}

Label LabelOf(std::uint32_t n, std::uint8_t rule = 3) {
  Label out;
  out.rule = rule;
  for (std::size_t i = 0; i < 4; ++i) {
    out.handle[i] = static_cast<std::uint8_t>(n >> (8 * i));
  }
  out.handle[5] = 1;
  return out;
}

TagSetHeader Header() {
  TagSetHeader out;
  out.agreement.fill(0xab);
  out.clause = "screen-terrorism";
  out.holder = "QVA";
  out.asker = "QOR";
  out.epoch = 7;
  out.recipe = "recipe/1";
  out.sequence = 1;
  return out;
}

TagSetFile FileOf(std::size_t rows) {
  TagSetBuilder builder(Header());
  for (std::size_t i = 0; i < rows; ++i) {
    CHECK(builder.Add(TokenOf(i), LabelOf(static_cast<std::uint32_t>(i))).ok());
  }
  auto file = std::move(builder).Finish(Padding::kOctave8, RandomPadding());
  CHECK(file.ok());
  return *std::move(file);
}

// The file as it stands, under its own root: what a lying holder could sign.
absl::StatusOr<TagSetView> OpenSigned(const TagSetFile& file) {
  return TagSetView::Open(file.bytes, primitive::Sha256(file.bytes),
                          file.header);
}

TEST(EntryTest, OpensUnderItsTokenOnly) {
  ASSERT_OK_AND_ASSIGN(const Entry entry, MakeEntry(TokenOf(1), LabelOf(9)));
  EXPECT_EQ(OpenEntry(TokenOf(1), entry), LabelOf(9));
  EXPECT_EQ(OpenEntry(TokenOf(2), entry), std::nullopt);
}

TEST(EntryTest, HoldsTagAndMaskedLabel) {
  oprf::Token token{};
  for (std::size_t i = 0; i < token.size(); ++i) {
    token[i] = static_cast<std::uint8_t>(i);
  }
  const Label label{{0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, 0x77};
  ASSERT_OK_AND_ASSIGN(const Entry entry, MakeEntry(token, label));
  EXPECT_EQ(ToHex(entry), "0001020304050607192b394f596b790f");
}

TEST(EntryTest, ATagThatMeetsByChanceIsRefutedByTheCheckByte) {
  ASSERT_OK_AND_ASSIGN(Entry entry, MakeEntry(TokenOf(1), LabelOf(9)));
  for (int bit = 0; bit < 8; ++bit) {
    Entry other = entry;
    other[15] ^= static_cast<std::uint8_t>(1U << bit);
    EXPECT_EQ(OpenEntry(TokenOf(1), other), std::nullopt);
  }
}

TEST(EntryTest, RefusedIsTheZeroLabelAndNoOther) {
  const Label refused{};
  EXPECT_TRUE(refused.refused());
  ASSERT_OK_AND_ASSIGN(Entry entry, MakeEntry(TokenOf(1), refused));
  EXPECT_EQ(OpenEntry(TokenOf(1), entry), refused);
  EXPECT_THAT(MakeEntry(TokenOf(1), LabelOf(9, 0)),
              HasCode(absl::StatusCode::kInvalidArgument));
  entry[8] ^= 1U;  // rule 0 with a handle
  EXPECT_EQ(OpenEntry(TokenOf(1), entry), std::nullopt);
}

TEST(PaddingTest, GoesToTheNextStep) {
  const auto padded = [](std::uint64_t count, Padding padding) {
    return PaddedCount(count, padding).value();
  };
  EXPECT_EQ(padded(0, Padding::kOctave8), 1024U);
  EXPECT_EQ(padded(1024, Padding::kOctave8), 1024U);
  EXPECT_EQ(padded(1025, Padding::kOctave8), 1152U);
  EXPECT_EQ(padded(1025, Padding::kOctave4), 1280U);
  EXPECT_EQ(padded(1025, Padding::kOctave2), 1536U);
  EXPECT_EQ(padded(1025, Padding::kOctave1), 2048U);
  EXPECT_EQ(padded(2047, Padding::kOctave8), 2048U);
  EXPECT_EQ(padded(2049, Padding::kOctave8), 2304U);
  EXPECT_EQ(padded(4'800'000, Padding::kOctave8), 5'242'880U);
  EXPECT_EQ(padded(kMaxEntries, Padding::kOctave8), kMaxEntries);
  EXPECT_THAT(PaddedCount(kMaxEntries + 1, Padding::kOctave8),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(PaddingTest, IsTheSmallestStepOfItsOctave) {
  // The definition, word for word: the smallest m * 2^e with k <= m < 2k.
  for (const Padding padding : {Padding::kOctave1, Padding::kOctave2,
                                Padding::kOctave4, Padding::kOctave8}) {
    const auto k = static_cast<std::uint64_t>(padding);
    for (std::uint64_t count = 1025; count < 10'000; count += 7) {
      std::uint64_t best = kMaxEntries;
      for (std::uint64_t m = k; m < 2 * k; ++m) {
        for (std::uint64_t value = m; value <= kMaxEntries; value *= 2) {
          if (value >= count) best = std::min(best, value);
        }
      }
      ASSERT_EQ(PaddedCount(count, padding).value(), best) << count;
    }
  }
}

TEST(PaddingTest, ASeedGivesOneStream) {
  const SecretBytes seed = SecretBytes::CopyOf(Bytes(32, 7));
  const SecretBytes other = SecretBytes::CopyOf(Bytes(32, 8));
  Bytes whole(100);
  SeededPadding(seed)(whole);
  Bytes parts(100);
  const PaddingSource source = SeededPadding(seed);
  source(MutableByteView(parts).first(33));
  source(MutableByteView(parts).subspan(33));
  EXPECT_EQ(parts, whole);
  Bytes different(100);
  SeededPadding(other)(different);
  EXPECT_NE(different, whole);
  ByteArray<8> counter{};
  const Hash first =
      primitive::HmacSha256(seed, {AsBytes("entente/padding/1"), counter});
  EXPECT_TRUE(std::equal(first.begin(), first.end(), whole.begin()));
}

TEST(SizeClassTest, RoundsUpAndRefusesTheRest) {
  const std::pair<std::size_t, std::size_t> cases[] = {
      {1, 1},    {2, 8},     {8, 8},     {9, 32},    {32, 32},  {33, 64},
      {65, 128}, {128, 128}, {129, 256}, {257, 512}, {512, 512}};
  for (const auto& [persons, size] : cases) {
    EXPECT_EQ(SizeClass(persons).value(), size);
  }
  EXPECT_THAT(SizeClass(0), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SizeClass(513), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(TagSetTest, FindsEveryRowAndNothingElse) {
  const TagSetFile file = FileOf(1500);
  ASSERT_OK_AND_ASSIGN(const TagSetView view,
                       TagSetView::Open(file.bytes, file.root, file.header));
  EXPECT_EQ(view.size(), 1536U);
  for (std::uint32_t i = 0; i < 1500; ++i) {
    EXPECT_THAT(view.Lookup(TokenOf(i)), ElementsAre(LabelOf(i)));
  }
  for (std::size_t i = 1500; i < 6000; ++i) {
    EXPECT_THAT(view.Lookup(TokenOf(i)), IsEmpty());
  }
  EXPECT_THAT(view.Lookup(oprf::Token{}), IsEmpty());
  oprf::Token last;
  last.fill(0xff);
  EXPECT_THAT(view.Lookup(last), IsEmpty());
}

TEST(TagSetTest, AnEmptyListLooksLikeAnyOther) {
  const TagSetFile file = FileOf(0);
  EXPECT_EQ(file.header.count, 1024U);
  ASSERT_OK(OpenSigned(file));
  EXPECT_EQ(file.bytes.size(), FileOf(1000).bytes.size());
}

TEST(TagSetTest, RowsThatShareAKeyAreAllFound) {
  TagSetBuilder builder(Header());
  for (const std::uint32_t row : {1U, 2U, 3U}) {
    ASSERT_OK(builder.Add(TokenOf(5), LabelOf(row)));
  }
  ASSERT_OK(builder.Add(TokenOf(5), LabelOf(1, 4)));  // by another rule
  ASSERT_OK(builder.Add(TokenOf(6), LabelOf(9)));
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile file,
      std::move(builder).Finish(Padding::kOctave1, RandomPadding()));
  ASSERT_OK_AND_ASSIGN(const TagSetView view, OpenSigned(file));
  EXPECT_THAT(
      view.Lookup(TokenOf(5)),
      UnorderedElementsAre(LabelOf(1), LabelOf(2), LabelOf(3), LabelOf(1, 4)));
  EXPECT_THAT(view.Lookup(TokenOf(6)), ElementsAre(LabelOf(9)));
}

TEST(TagSetTest, ARowTwiceUnderOneKeyIsKeptOnce) {
  TagSetBuilder builder(Header());
  ASSERT_OK(builder.Add(TokenOf(5), LabelOf(1)));
  ASSERT_OK(builder.Add(TokenOf(5), LabelOf(1)));
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile file,
      std::move(builder).Finish(Padding::kOctave8, RandomPadding()));
  ASSERT_OK_AND_ASSIGN(const TagSetView view, OpenSigned(file));
  EXPECT_THAT(view.Lookup(TokenOf(5)), ElementsAre(LabelOf(1)));
}

TEST(TagSetTest, TheOrderOfRowsLeavesNoTrace) {
  const SecretBytes seed = SecretBytes::Random(32);
  const auto file = [&seed](bool backward) {
    TagSetBuilder builder(Header());
    for (std::uint32_t i = 0; i < 50; ++i) {
      const std::uint32_t row = backward ? 49 - i : i;
      CHECK(builder.Add(TokenOf(row), LabelOf(row)).ok());
    }
    return std::move(builder)
        .Finish(Padding::kOctave8, SeededPadding(seed))
        .value()
        .bytes;
  };
  EXPECT_EQ(file(false), file(true));
}

TEST(TagSetTest, AnotherRootIsRefused) {
  const TagSetFile file = FileOf(10);
  for (std::size_t at = 0; at < file.bytes.size(); at += 37) {
    Bytes bytes = file.bytes;
    bytes[at] ^= 1U;
    EXPECT_THAT(TagSetView::Open(bytes, file.root, file.header),
                HasCode(absl::StatusCode::kDataLoss));
  }
  Bytes shorter = file.bytes;
  shorter.pop_back();
  EXPECT_THAT(TagSetView::Open(shorter, file.root, file.header),
              HasCode(absl::StatusCode::kDataLoss));
}

TEST(TagSetTest, AFlippedByteOfTheHeaderIsRefusedUnderItsOwnRootToo) {
  const TagSetFile file = FileOf(10);
  const std::size_t preamble = file.bytes.size() - 1024 * 16;
  EXPECT_EQ(preamble % 16, 0U);
  for (std::size_t at = 0; at < preamble; ++at) {
    TagSetFile forged = file;
    forged.bytes[at] ^= 1U;
    EXPECT_THAT(OpenSigned(forged), HasCode(absl::StatusCode::kInvalidArgument))
        << at;
  }
}

TEST(TagSetTest, AnotherSetThanAnnouncedIsRefused) {
  const TagSetFile file = FileOf(10);
  const auto open = [&file](auto change) {
    TagSetHeader expected = file.header;
    change(expected);
    return TagSetView::Open(file.bytes, file.root, expected).status();
  };
  EXPECT_OK(open([](TagSetHeader&) {}));
  const absl::Status others[] = {
      open([](TagSetHeader& h) { h.agreement[0] ^= 1U; }),
      open([](TagSetHeader& h) { h.clause = "screen-narcotics"; }),
      open([](TagSetHeader& h) { std::swap(h.holder, h.asker); }),
      open([](TagSetHeader& h) { ++h.epoch; }),
      open([](TagSetHeader& h) { h.recipe = "recipe/2"; }),
      open([](TagSetHeader& h) { ++h.sequence; }),
      open([](TagSetHeader& h) { h.count = 1152; }),
      open([](TagSetHeader& h) { h.holder.clear(); })};
  for (const absl::Status& status : others) {
    EXPECT_THAT(status, HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(TagSetTest, ALengthThatDoesNotFitIsRefused) {
  const TagSetFile file = FileOf(10);
  for (const std::ptrdiff_t change : {-17, -16, -1, 1, 16}) {
    TagSetFile forged = file;
    forged.bytes.resize(file.bytes.size() + static_cast<std::size_t>(change));
    EXPECT_THAT(OpenSigned(forged),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
  TagSetFile cut = file;
  for (const std::size_t size : {0U, 15U, 16U, 40U}) {
    cut.bytes.resize(size);
    EXPECT_THAT(OpenSigned(cut), HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(TagSetTest, EntriesOutOfOrderOrTwiceAreRefused) {
  const TagSetFile file = FileOf(10);
  const auto entry = [](Bytes& bytes, std::ptrdiff_t back) {
    return bytes.end() - 16 * back;
  };
  TagSetFile swapped = file;
  std::swap_ranges(entry(swapped.bytes, 5), entry(swapped.bytes, 4),
                   entry(swapped.bytes, 4));
  EXPECT_THAT(OpenSigned(swapped), HasCode(absl::StatusCode::kInvalidArgument));
  TagSetFile twice = file;
  std::copy(entry(twice.bytes, 5), entry(twice.bytes, 4),
            entry(twice.bytes, 4));
  EXPECT_THAT(OpenSigned(twice), HasCode(absl::StatusCode::kInvalidArgument));
}

class MemorySpill final : public EntrySpill {
 public:
  absl::Status Append(ByteView bytes) override {
    if (bytes_.size() >= full_at) return Exhausted("full");
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return absl::OkStatus();
  }
  absl::Status Read(std::uint64_t offset, MutableByteView out) override {
    if (offset + out.size() > bytes_.size()) return Invalid("beyond the end");
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset),
                out.size(), out.begin());
    return absl::OkStatus();
  }
  std::size_t size() const { return bytes_.size(); }
  std::size_t full_at = SIZE_MAX;

 private:
  Bytes bytes_;
};

// More entries than two runs hold, some of them in both.
absl::Status AddMany(TagSetBuilder& builder) {
  for (std::uint32_t i = 0; i < 600'000; ++i) {
    oprf::Token token{};
    const std::uint32_t key = i % 550'000 * 2654435761U;
    for (std::size_t b = 0; b < 4; ++b)
      token[b] = static_cast<std::uint8_t>(key >> (8 * b));
    TRY_OK(builder.Add(token, LabelOf(i % 550'000)));
  }
  return absl::OkStatus();
}

TEST(TagSetTest, ASpillChangesNoByte) {
  const SecretBytes seed = SecretBytes::Random(32);
  TagSetBuilder whole(Header());
  ASSERT_OK(AddMany(whole));
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile file,
      std::move(whole).Finish(Padding::kOctave8, SeededPadding(seed)));
  MemorySpill spill;
  TagSetBuilder pieces(Header(), &spill);
  ASSERT_OK(AddMany(pieces));
  EXPECT_GT(spill.size(), 0U);
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile same,
      std::move(pieces).Finish(Padding::kOctave8, SeededPadding(seed)));
  EXPECT_EQ(same.root, file.root);
  EXPECT_EQ(same.bytes, file.bytes);
  EXPECT_EQ(same.header.count, 589'824U);  // 550,000 in steps of 2^19 / 8
}

TEST(TagSetTest, AFullSpillIsToldAsItIs) {
  MemorySpill spill;
  spill.full_at = 0;
  TagSetBuilder builder(Header(), &spill);
  EXPECT_THAT(AddMany(builder), HasCode(absl::StatusCode::kResourceExhausted));
}

TEST(TagSetTest, ASourceThatRepeatsItselfIsFound) {
  EXPECT_THAT(
      TagSetBuilder(Header()).Finish(
          Padding::kOctave8,
          [](MutableByteView out) { std::fill(out.begin(), out.end(), 0); }),
      HasCode(absl::StatusCode::kInternal));
}

TEST(TagSetTest, AnIncompleteHeaderIsRefused) {
  TagSetHeader header = Header();
  header.recipe.clear();
  EXPECT_THAT(TagSetBuilder(header).Finish(Padding::kOctave8, RandomPadding()),
              HasCode(absl::StatusCode::kInvalidArgument));
  header.recipe = std::string(256, 'x');
  EXPECT_THAT(TagSetBuilder(header).Finish(Padding::kOctave8, RandomPadding()),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(TagSetTest, PaddingLooksLikeEntries) {
  // Mean of the bytes of padding and of real entries: both near 127.5.
  const TagSetFile file = FileOf(1024 / 2);
  double sum = 0;
  const std::size_t start = file.bytes.size() - 1024 * 16;
  for (std::size_t i = start; i < file.bytes.size(); ++i) sum += file.bytes[i];
  EXPECT_NEAR(sum / (1024 * 16), 127.5, 4.0);
}

}  // namespace
}  // namespace entente::psi
