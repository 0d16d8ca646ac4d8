#include "crypto/psi/delta.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/primitive/hash.h"
#include "tests/testing/status_matchers.h"

namespace entente::psi {
namespace {

using ::entente::testing::HasCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

oprf::Token TokenOf(std::size_t n) {
  return primitive::Sha512({AsBytes("token " + std::to_string(n))});
}

Label LabelOf(std::size_t n) {
  Label out;
  out.rule = 3;
  out.handle[0] = static_cast<std::uint8_t>(n);
  out.handle[1] = static_cast<std::uint8_t>(n >> 8U);
  return out;
}

class DeltaTest : public ::testing::Test {
 protected:
  // Rows [first, last) at `sequence`, with the holder's padding of the epoch.
  TagSetFile FileOf(std::size_t first, std::size_t last,
                    std::uint64_t sequence) const {
    TagSetHeader header;
    header.agreement.fill(0xab);
    header.clause = "screen-terrorism";
    header.holder = "QVA";
    header.asker = "QOR";
    header.epoch = 7;
    header.recipe = "recipe/1";
    header.sequence = sequence;
    TagSetBuilder builder(header);
    for (std::size_t i = first; i < last; ++i) {
      CHECK(builder.Add(TokenOf(i), LabelOf(i)).ok());
    }
    auto file =
        std::move(builder).Finish(Padding::kOctave8, SeededPadding(seed_));
    CHECK(file.ok());
    return *std::move(file);
  }
  static TagSetView ViewOf(const TagSetFile& file) {
    auto view = TagSetView::Open(file.bytes, file.root, file.header);
    CHECK(view.ok());
    return *std::move(view);
  }

  const SecretBytes seed_ = SecretBytes::Random(32);
  const TagSetFile old_ = FileOf(0, 1200, 1);
  const TagSetFile new_ = FileOf(20, 1210, 2);  // 20 go, 10 come
  const TagSetView old_view_ = ViewOf(old_);
  const TagSetView new_view_ = ViewOf(new_);
  const Delta delta_ = MakeDelta(old_view_, new_view_).value();
};

TEST_F(DeltaTest, MakesTheNextFileByteForByte) {
  ASSERT_OK_AND_ASSIGN(const TagSetFile made, Apply(old_view_, delta_));
  EXPECT_EQ(made.bytes, new_.bytes);
  EXPECT_EQ(made.root, new_.root);
  EXPECT_EQ(made.header, new_.header);
}

TEST_F(DeltaTest, ARemovedRowIsGoneAndAnAddedOneIsThere) {
  ASSERT_OK_AND_ASSIGN(const TagSetFile made, Apply(old_view_, delta_));
  const TagSetView view = ViewOf(made);
  EXPECT_THAT(view.Lookup(TokenOf(0)), IsEmpty());
  EXPECT_THAT(view.Lookup(TokenOf(1209)), ElementsAre(LabelOf(1209)));
}

TEST_F(DeltaTest, PaddingStaysSoTheDeltaIsSmall) {
  // 20 rows go, 10 come, and padding fills the difference.
  EXPECT_EQ(delta_.removed.size(), 20U);
  EXPECT_EQ(delta_.added.size(), 20U);
  EXPECT_LT(EncodedSize(delta_), new_.bytes.size() / 10);
}

TEST_F(DeltaTest, EncodedSizeIsExact) {
  EXPECT_EQ(EncodeStatement(delta_).size(), EncodedSize(delta_));
}

TEST_F(DeltaTest, CrossesAsAStatement) {
  ASSERT_OK_AND_ASSIGN(const Delta read,
                       DecodeStatement<Delta>(EncodeStatement(delta_)));
  EXPECT_EQ(read, delta_);
}

TEST_F(DeltaTest, AStepThatGrowsTheFileWorks) {
  const TagSetFile large = FileOf(0, 3000, 3);
  ASSERT_OK_AND_ASSIGN(const Delta delta, MakeDelta(new_view_, ViewOf(large)));
  EXPECT_GT(large.header.count, new_.header.count);
  ASSERT_OK_AND_ASSIGN(const TagSetFile made, Apply(new_view_, delta));
  EXPECT_EQ(made.bytes, large.bytes);
}

TEST_F(DeltaTest, ALargeStepIsNoDelta) {
  const TagSetFile large = FileOf(0, kMaxDeltaEntries + 1, 3);
  EXPECT_THAT(MakeDelta(new_view_, ViewOf(large)),
              HasCode(absl::StatusCode::kResourceExhausted));
}

TEST_F(DeltaTest, NoChangeIsADeltaToo) {
  const TagSetFile same = FileOf(0, 1200, 2);
  ASSERT_OK_AND_ASSIGN(const Delta delta, MakeDelta(old_view_, ViewOf(same)));
  EXPECT_THAT(delta.removed, IsEmpty());
  EXPECT_THAT(delta.added, IsEmpty());
  EXPECT_OK(Apply(old_view_, delta));
}

TEST_F(DeltaTest, OnlyWithinOneSetAndForward) {
  EXPECT_THAT(MakeDelta(new_view_, old_view_),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeDelta(old_view_, old_view_),
              HasCode(absl::StatusCode::kInvalidArgument));
  TagSetHeader header = new_.header;
  header.epoch = 8;
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile other,
      TagSetBuilder(header).Finish(Padding::kOctave8, SeededPadding(seed_)));
  EXPECT_THAT(MakeDelta(old_view_, ViewOf(other)),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(DeltaTest, AnotherStartIsRefused) {
  const TagSetFile third = FileOf(20, 1210, 3);
  EXPECT_THAT(Apply(ViewOf(third), delta_),
              HasCode(absl::StatusCode::kInvalidArgument));
  Delta forged = delta_;
  forged.from_root[0] ^= 1U;
  EXPECT_THAT(Apply(old_view_, forged),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(DeltaTest, EveryFalseDeltaIsRefused) {
  const auto apply = [this](auto change) {
    Delta forged = delta_;
    change(forged);
    return Apply(old_view_, forged).status();
  };
  const absl::Status invalid[] = {
      apply([](Delta& d) { d.removed.pop_back(); }),
      apply([](Delta& d) { d.added.pop_back(); }),
      apply([](Delta& d) { d.to.sequence = 1; }),
      apply([](Delta& d) { d.to.epoch = 8; }),
      apply([](Delta& d) { d.to.holder = "QTA"; }),
      apply([](Delta& d) { d.to.count = 1; }),
      apply([](Delta& d) { std::swap(d.removed[0], d.removed[1]); }),
      apply([](Delta& d) { d.added[1] = d.added[0]; }),
      apply([](Delta& d) { d.removed.back().fill(0xff); }),
      apply([](Delta& d) { d.removed.front().fill(0); }),
      // Adds what is there: an entry that stays.
      apply([this](Delta& d) {
        std::uint64_t at = 0;
        const auto stays = [&](std::uint64_t i) {
          Entry e;
          const ByteView raw = old_view_.entry(i);
          std::copy(raw.begin(), raw.end(), e.begin());
          d.added[0] = e;
          return std::find(d.removed.begin(), d.removed.end(), e) ==
                 d.removed.end();
        };
        while (!stays(at)) ++at;
        std::sort(d.added.begin(), d.added.end());
      })};
  for (const absl::Status& status : invalid) {
    EXPECT_THAT(status, HasCode(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(apply([](Delta& d) { d.to_root[0] ^= 1U; }),
              HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(apply([](Delta& d) { d.added[0][15] ^= 1U; }),
              HasCode(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace entente::psi
