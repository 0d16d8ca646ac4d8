#include "node/match/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "node/match/local.h"

namespace entente::match {
namespace {

static_assert(!std::is_constructible_v<Key, LocalKey>);
static_assert(!std::is_convertible_v<LocalKey, Key>);
static_assert(!std::is_assignable_v<Key&, LocalKey>);
static_assert(!std::is_copy_constructible_v<KeyBatch>);

TEST(KeyTest, DummyIsTheTextWithRuleZeroAndRandomBytes) {
  ByteArray<32> random{};
  random[0] = 0x1F;
  random[31] = 0xEE;
  const Key dummy = Dummy(random);
  EXPECT_EQ(dummy.rule, 0);
  EXPECT_EQ(ToHex(dummy.text),
            "656e74656e74652f7265636970652f311f30301f"
            "1f000000000000000000000000000000000000000000000000000000000000ee");
}

TEST(KeyBatchTest, KeepsTextsInOrderAcrossBlocks) {
  KeyBatch batch;
  for (std::size_t i = 0; i < 5000; ++i) {
    batch.Add(static_cast<std::uint8_t>(i % 251),
              AsBytes(std::string(i % 97, static_cast<char>('A' + i % 26))));
  }
  batch.Add(0x11, Bytes(200'000, 'Z'));  // larger than a block
  ASSERT_EQ(batch.size(), 5001U);
  for (std::size_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(batch[i].rule, i % 251);
    ASSERT_EQ(AsText(batch[i].text),
              std::string(i % 97, static_cast<char>('A' + i % 26)));
  }
  EXPECT_EQ(batch[5000].text.size(), 200'000U);
}

TEST(KeyBatchTest, ClearWipesAndKeepsTheMemory) {
  KeyBatch batch;
  batch.Add(0x13, AsBytes("VALDERMAN"));
  const ByteView before = batch[0].text;
  batch.Clear();
  EXPECT_EQ(batch.size(), 0U);
  // The block is still there, so the view still points at its bytes.
  EXPECT_EQ(ToBytes(before), Bytes(9, 0));
  batch.Add(0x14, AsBytes("ORSINA"));
  EXPECT_EQ(batch[0].text.data(), before.data());
}

TEST(KeyBatchTest, MovesItsTexts) {
  KeyBatch from;
  from.Add(0x13, AsBytes("VALDERMAN"));
  KeyBatch to = std::move(from);
  EXPECT_EQ(AsText(to[0].text), "VALDERMAN");
  KeyBatch other;
  other.Add(0x11, AsBytes("X"));
  other = std::move(to);
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(AsText(other[0].text), "VALDERMAN");
}

}  // namespace
}  // namespace entente::match
