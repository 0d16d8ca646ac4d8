#include "node/ledger/exchange_record.h"

#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "node/ledger/erasure.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

DaySet SomeRecords(std::size_t n) {
  DaySet out;
  for (std::uint32_t i = 0; i < n; ++i) {
    out.emplace(ExchangeKey(Step::kScreen, Id16{5}, i),
                primitive::Sha256(AsBytes(std::to_string(i))));
  }
  return out;
}

TEST(ExchangeRecordTest, RoundTripsAndHasOneSpelling) {
  ExchangeRecord record{Hash{1}, Step::kOnward, Hash{2}, Hash{3},
                        Hash{4}, Hash{5},       Hash{6}};
  const std::string text = record.Text();
  ASSERT_OK_AND_ASSIGN(const ExchangeRecord back, ParseExchangeRecord(text));
  EXPECT_EQ(back.Text(), text);
  EXPECT_EQ(back.step, Step::kOnward);
  record.answer.reset();
  ASSERT_OK_AND_ASSIGN(const ExchangeRecord without,
                       ParseExchangeRecord(record.Text()));
  EXPECT_FALSE(without.answer);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ParseExchangeRecord(text.substr(0, i)).ok()) << i;
    std::string bad = text;
    bad[i] = ' ';
    EXPECT_FALSE(ParseExchangeRecord(bad).ok()) << i;
  }
  EXPECT_FALSE(ParseExchangeRecord(text + "\n").ok());
}

TEST(ExchangeKeyTest, DependsOnEveryPart) {
  const Hash key = ExchangeKey(Step::kScreen, Id16{1}, 0);
  EXPECT_NE(key, ExchangeKey(Step::kRecall, Id16{1}, 0));
  EXPECT_NE(key, ExchangeKey(Step::kScreen, Id16{2}, 0));
  EXPECT_NE(key, ExchangeKey(Step::kScreen, Id16{1}, 1));
}

TEST(DaySetTest, ReadsItsBytesAndNothingElse) {
  const DaySet set = SomeRecords(5);
  Bytes bytes = DaySetBytes(set);
  ASSERT_OK_AND_ASSIGN(const DaySet back, ParseDaySet(bytes));
  EXPECT_EQ(back, set);
  EXPECT_OK(ParseDaySet({}));
  EXPECT_FALSE(ParseDaySet(ByteView(bytes).first(63)).ok());
  std::swap_ranges(bytes.begin(), bytes.begin() + 64, bytes.begin() + 64);
  EXPECT_FALSE(ParseDaySet(bytes).ok());  // not rising
  const Bytes twice = Concat({DaySetBytes(set), DaySetBytes(set)});
  EXPECT_FALSE(ParseDaySet(twice).ok());
}

// Finds what two sides do not share, as two nodes do: only where digests
// differ is the next level asked for.
std::vector<Difference> Bisect(const DaySet& here, const DaySet& there,
                               const Bytes& path, int& questions) {
  const TrieNode mine = *TrieNodeAt(here, path);
  const TrieNode theirs = *TrieNodeAt(there, path);
  ++questions;
  if (mine.digest == theirs.digest) return {};
  if (mine.count <= 1 && theirs.count <= 1) {
    DaySet a;
    DaySet b;
    if (mine.record) a.insert(*mine.record);
    if (theirs.record) b.insert(*theirs.record);
    return Compare(a, b);
  }
  std::vector<Difference> out;
  for (std::uint8_t n = 0; n < 16; ++n) {
    if (mine.count > 1 && theirs.count > 1 &&
        mine.children[n] == theirs.children[n]) {
      continue;
    }
    Bytes next = path;
    next.push_back(n);
    for (const Difference& d : Bisect(here, there, next, questions)) {
      out.push_back(d);
    }
  }
  return out;
}

TEST(DayRootTest, LeadsToTheOneRecordThatDiffers) {
  const DaySet here = SomeRecords(3000);
  DaySet there = here;
  const Hash missing = std::next(there.begin(), 1234)->first;
  there.erase(missing);
  int questions = 0;
  EXPECT_EQ(
      Bisect(here, there, {}, questions),
      (std::vector<Difference>{{Difference::Kind::kMissingThere, missing}}));
  EXPECT_LE(questions, 24);
  questions = 0;
  EXPECT_EQ(Bisect(there, here, {}, questions).at(0).kind,
            Difference::Kind::kMissingHere);
  there = here;
  there.begin()->second[0] ^= 1;
  questions = 0;
  EXPECT_EQ(Bisect(here, there, {}, questions).at(0).kind,
            Difference::Kind::kDiffers);
  EXPECT_EQ(Compare(here, there).size(), 1U);
  EXPECT_TRUE(Compare(here, here).empty());
}

TEST(DayRootTest, IsTheDefinition) {
  EXPECT_EQ(DayRoot({}), Hash{});
  const Hash a{0x10};
  const Hash b{0x1f, 0x01};
  const Hash r{9};
  const ByteArray<1> zero = {0};
  const ByteArray<1> one = {1};
  const Hash leaf_a = primitive::Sha256({zero, a, r});
  const Hash leaf_b = primitive::Sha256({zero, b, r});
  EXPECT_EQ(DayRoot({{a, r}}), leaf_a);
  // Both begin with nibble 1; then 0 and f.
  Bytes inner = ToBytes(ByteView(one));
  for (int n = 0; n < 16; ++n) {
    const Hash child = n == 0 ? leaf_a : n == 15 ? leaf_b : Hash{};
    inner.insert(inner.end(), child.begin(), child.end());
  }
  Bytes outer = ToBytes(ByteView(one));
  for (int n = 0; n < 16; ++n) {
    const Hash child = n == 1 ? primitive::Sha256(ByteView(inner)) : Hash{};
    outer.insert(outer.end(), child.begin(), child.end());
  }
  EXPECT_EQ(DayRoot({{a, r}, {b, r}}), primitive::Sha256(ByteView(outer)));
}

TEST(TrieNodeTest, RefusesMalformedPaths) {
  const DaySet set = SomeRecords(3);
  EXPECT_OK(TrieNodeAt(set, Bytes(64, 3)));
  EXPECT_FALSE(TrieNodeAt(set, Bytes(65, 3)).ok());
  EXPECT_FALSE(TrieNodeAt(set, Bytes{16}).ok());
}

TEST(AnswersRootTest, AChunkNeverAnsweredIsZeroes) {
  const std::optional<ChunkAnswer> none[] = {std::nullopt};
  const std::optional<ChunkAnswer> zero[] = {ChunkAnswer{}};
  const std::optional<ChunkAnswer> some[] = {ChunkAnswer{Hash{1}, Hash{2}}};
  EXPECT_EQ(AnswersRoot(none), AnswersRoot(zero));
  EXPECT_NE(AnswersRoot(none), AnswersRoot(some));
}

TEST(RangesTest, HaveOneSpelling) {
  ASSERT_OK_AND_ASSIGN(const auto ranges, ParseRanges("12,99-105"));
  EXPECT_EQ(ranges, (std::vector<IndexRange>{{12, 12}, {99, 105}}));
  EXPECT_EQ(RangesText(ranges), "12,99-105");
  EXPECT_EQ(CountOf(ranges), 8U);
  EXPECT_OK(ParseRanges("0"));
  EXPECT_OK(ParseRanges("64,65"));
  for (const char* bad :
       {"", ",", "1,", ",1", "1,,2", "01", "1-1", "2-1", "1-2,2", "2,1", "1-",
        "-1", "1 ", "1,+2", "99999999999999999999", "9007199254740992", "-"}) {
    EXPECT_FALSE(ParseRanges(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace entente::ledger
