#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/base/status.h"
#include "node/rehearsal/pack_check.h"
#include "node/rehearsal/test_pack.h"
#include "tests/testing/status_matchers.h"

namespace entente::rehearsal {
namespace {

PackSpec Spec() {
  PackSpec spec;
  spec.agreement.fill(7);
  spec.clause = "screen-terrorism";
  spec.holder = "QVA";
  spec.asker = "QOR";
  spec.ground = "terrorism.travel";
  spec.exclude = policy::Nationals::kHolder;
  spec.date = "2027-03-01";
  spec.seed = 2027;
  return spec;
}

TestPack Make(const PackSpec& spec) {
  auto pack = MakePack(spec);
  EXPECT_OK(pack);
  return *pack;
}

TEST(TestPackTest, TheSameSeedGivesTheSameBytesAndAnotherGivesOthers) {
  const TestPack pack = Make(Spec());
  EXPECT_EQ(Make(Spec()).flight, pack.flight);
  EXPECT_EQ(Make(Spec()).list, pack.list);
  for (auto change : {+[](PackSpec& s) { s.seed = 1; },
                      +[](PackSpec& s) { s.agreement[31] = 8; },
                      +[](PackSpec& s) { s.clause = "other"; },
                      +[](PackSpec& s) { s.date = "2027-03-02"; }}) {
    PackSpec other = Spec();
    change(other);
    EXPECT_NE(Make(other).flight, pack.flight);
    EXPECT_NE(Make(other).list, pack.list);
  }
}

TEST(TestPackTest, EveryRowIsMarkedAndInventedStatesOnly) {
  const TestPack pack = Make(Spec());
  for (const std::string* file : {&pack.flight, &pack.list, &pack.protect}) {
    std::size_t lines = 0;
    for (std::size_t at = file->find('\n') + 1; at < file->size();
         at = file->find('\n', at) + 1) {
      EXPECT_EQ(file->compare(at, kMark.size(), kMark), 0);
      ++lines;
    }
    EXPECT_GT(lines, 2U);
  }
}

// Every set and rule of nationals, and many seeds: what must show shows, what
// must not does not, and no stranger matches.
TEST(TestPackTest, EachPlantedKindIsFoundOrNotAsItMust) {
  for (const match::Set set :
       {match::Set::kStandard, match::Set::kNarrow, match::Set::kWide}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      PackSpec spec = Spec();
      spec.set = set;
      spec.seed = seed;
      spec.listed = 400;
      spec.travellers = 100;
      spec.exclude = static_cast<policy::Nationals>(seed % 4);
      const auto text = Expectation(Make(spec));
      EXPECT_OK(text) << match::SetName(set) << " " << seed << " "
                      << MessageOf(text.status());
    }
  }
}

TEST(TestPackTest, AnUntouchedPackHoldsAndItsTextReadsBack) {
  const TestPack pack = Make(Spec());
  const auto text = Expectation(pack);
  ASSERT_OK(text);
  const auto faults = CheckPack(*text, FilesOf(pack));
  ASSERT_OK(faults);
  EXPECT_THAT(*faults, ::testing::IsEmpty());
  const auto read = ReadExpectation(*text);
  ASSERT_OK(read);
  EXPECT_EQ(read->found.size(), 12U);  // three of each kind that shows
}

TEST(TestPackTest, WhatWasChangedIsSaid) {
  const TestPack pack = Make(Spec());
  const auto text = Expectation(pack);
  ASSERT_OK(text);
  const auto faults = [&](const PackFiles& files) {
    const auto out = CheckPack(*text, files);
    EXPECT_OK(out);
    return *out;
  };
  // Without the protected persons, they show.
  PackFiles bare = FilesOf(pack);
  bare.protect = bare.protect.substr(0, bare.protect.find('\n') + 1);
  EXPECT_THAT(faults(bare), ::testing::Contains(::testing::HasSubstr(
                                "found, and not expected: TESTPACK-P")));
  // A listed row that is gone is not found.
  const auto read = ReadExpectation(*text);
  ASSERT_OK(read);
  PackFiles shorter = FilesOf(pack);
  const std::size_t row = shorter.list.find(read->found[0].entry);
  shorter.list.erase(row, shorter.list.find('\n', row) + 1 - row);
  EXPECT_THAT(faults(shorter),
              ::testing::Contains(::testing::HasSubstr("not found: ")));
  // Another text beside the same files.
  std::string other = *text;
  other.insert(other.size() - 2, " ");
  const auto said = CheckPack(other, FilesOf(pack));
  ASSERT_OK(said);
  EXPECT_THAT(*said, ::testing::SizeIs(1));
}

TEST(TestPackTest, TheReviewQueueOfANodeIsCompared) {
  const TestPack pack = Make(Spec());
  const auto text = Expectation(pack);
  ASSERT_OK(text);
  const auto read = ReadExpectation(*text);
  ASSERT_OK(read);
  const auto queue = [&](std::size_t without) {
    std::string out;
    for (std::size_t i = without; i < read->found.size(); ++i) {
      out += std::string(out.empty() ? "" : ",") + R"({"peer":"QVA","tier":")" +
             std::string(match::TierName(read->found[i].tier)) +
             R"(","rules":")" + read->found[i].rules + R"("})";
    }
    return R"({"hits":[)" + out + "]}";
  };
  const auto all = CheckHits(*text, queue(0));
  ASSERT_OK(all);
  EXPECT_THAT(*all, ::testing::IsEmpty());
  const auto fewer = CheckHits(*text, queue(1));
  ASSERT_OK(fewer);
  EXPECT_THAT(*fewer,
              ::testing::ElementsAre(::testing::HasSubstr("1 not found: ")));
  EXPECT_EQ(ReasonOf(CheckHits(*text, "[]").status()), "test-pack-malformed");
}

TEST(TestPackTest, ForeignTextsAreRefused) {
  for (
      const char* text :
      {"", "{}", "[]", R"({"format":"test-pack/1"})",
       R"({"format":"test-pack/1","agreement":"zz","match_set":"standard",)"
       R"("exclude_nationals":"none","seed":1,"travellers":40,"listed":40})"}) {
    EXPECT_FALSE(ReadExpectation(text).ok()) << text;
  }
  PackSpec spec = Spec();
  spec.travellers = 3;
  EXPECT_FALSE(MakePack(spec).ok());
  spec = Spec();
  spec.date = "soon";
  EXPECT_FALSE(MakePack(spec).ok());
}

}  // namespace
}  // namespace entente::rehearsal
