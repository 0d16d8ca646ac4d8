// A holder that signs wrong answers: everything of both nodes but the network,
// which is replaced by a link that changes what the holder says.

#include <functional>
#include <optional>
#include <utility>

#include "crypto/base/codec.h"
#include "node/exchange/asker.h"
#include "node/exchange/epochs.h"
#include "node/exchange/key.h"
#include "tests/faults/inside.h"

namespace entente::testing {
namespace {

namespace method = exchange::method;
using exchange::BatchResult;
using model::SignedStatement;

class ByzantineTest : public FaultTest {
 protected:
  void SetUp() override {
    Begin(options, MakeCast(10, 30));
    asker().Stop();
    holder().Stop();
    ASSERT_OK(qor.Open(asker().data(), asker().clock(), link));
    ASSERT_OK(qva.Open(holder().data(), holder().clock(), nowhere));
    routes.emplace(*qva.desk, qva.hidden, *qva.witness);
    link.routes = &*routes;
    screener.emplace(*qor.desk);
  }
  void TearDown() override {
    for (Inside* side : {&qor, &qva}) {
      if (side->log != nullptr) {
        EXPECT_OK(side->log->Stop("orderly"));
      }
    }
  }
  absl::StatusOr<BatchResult> Screen() {
    exchange::ScreenOrder order;
    TRY(order.flight, FromHex(story.flight));
    order.peer = "QVA";
    order.clause = "screen-terrorism";
    order.purpose = "terrorism.travel";
    order.basis = "protocol-4";
    order.user = "qor-one";
    TRY(const exchange::ScreenResult result,
        screener->Screen(order, qor.hidden));
    return result.batches.at(0);
  }
  // The holder signs the changed statement as its own.
  template <class T>
  void Twist(std::string_view name, std::function<void(T&)> twist) {
    link.only = std::string(name);
    link.change = [this, twist](SignedStatement& answer) {
      absl::StatusOr<T> said = DecodeStatement<T>(answer.body);
      ASSERT_OK(said);
      twist(*said);
      const auto sealed = qva.courier->Seal(*said, "QOR");
      ASSERT_OK(sealed);
      answer = *sealed;
    };
  }
  void BeHonest() { link.change = nullptr; }
  // A batch whose answers are wrong: nothing of it counts, and it never says
  // that nothing was found.
  void ExpectBatchFails(const std::string& reason) {
    const std::size_t before = qor.Logged("screen.fail");
    const absl::StatusOr<BatchResult> result = Screen();
    ASSERT_OK(result);
    EXPECT_EQ(result->state, model::BatchState::kNotAsked) << result->reason;
    EXPECT_EQ(result->reason, reason);
    EXPECT_EQ(result->hits, 0U);
    EXPECT_EQ(qor.Logged("screen.fail"), before + 1);
  }
  void ExpectGoodBatch() {
    BeHonest();
    const absl::StatusOr<BatchResult> result = Screen();
    ASSERT_OK(result);
    EXPECT_EQ(result->state, model::BatchState::kComplete) << result->reason;
    EXPECT_EQ(result->hits, static_cast<std::uint32_t>(kPlantedHits));
  }
  // Nothing was asked, because what came first is wrong.
  void ExpectRefused(const std::string& reason) {
    const std::size_t before = qor.Logged("screen.fail");
    const absl::StatusOr<BatchResult> result = Screen();
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
    EXPECT_EQ(qor.Logged("screen.fail"), before + 1);
  }

  TwoNodes::Options options;
  CrookedLink link;
  CrookedLink nowhere;
  Inside qor;
  Inside qva;
  std::optional<wire::PeerRoutes> routes;
  std::optional<exchange::Asker> screener;
};

TEST_F(ByzantineTest, WrongAnswersEndTheBatch) {
  ExpectGoodBatch();
  Twist<model::ScreenAnswer>(method::kScreen,
                             [](model::ScreenAnswer& a) { a.proof[3] ^= 1U; });
  ExpectBatchFails("proof-failed");
  Twist<model::ScreenAnswer>(method::kScreen, [](model::ScreenAnswer& a) {
    // Two canonical elements change places.
    std::swap_ranges(a.evaluated.begin(), a.evaluated.begin() + 32,
                     a.evaluated.begin() + 32);
  });
  ExpectBatchFails("proof-failed");
  Twist<model::ScreenAnswer>(method::kScreen, [](model::ScreenAnswer& a) {
    a.evaluated[31] |= 0x80U;
  });
  ExpectBatchFails("element-malformed");
  Twist<model::ScreenAnswer>(method::kScreen, [](model::ScreenAnswer& a) {
    a.evaluated.resize(a.evaluated.size() - 32);
  });
  ExpectBatchFails("answer-malformed");
  Twist<model::ScreenAnswer>(method::kScreen,
                             [](model::ScreenAnswer& a) { a.chunk += 1; });
  ExpectBatchFails("answer-misplaced");
  Twist<model::ScreenAnswer>(method::kScreen,
                             [](model::ScreenAnswer& a) { a.batch[0] ^= 1U; });
  ExpectBatchFails("answer-misplaced");
  ExpectGoodBatch();
}

TEST_F(ByzantineTest, BytesThatNobodySignedEndTheBatch) {
  ExpectGoodBatch();
  link.only = std::string(method::kScreen);
  link.change = [](SignedStatement& a) { a.body[a.body.size() / 2] ^= 1U; };
  ExpectBatchFails("signature-wrong");
  link.change = [](SignedStatement& a) { a.signature.clear(); };
  ExpectBatchFails("signature-wrong");
  // Signed by the holder, but no answer: its own kind of statement.
  link.change = [this](SignedStatement& a) {
    model::Hello hello;
    a = *qva.courier->Seal(hello, "QOR");
  };
  ExpectBatchFails("statement-malformed");
  // Meant for another state.
  link.change = [this](SignedStatement& a) {
    model::ScreenAnswer said = *DecodeStatement<model::ScreenAnswer>(a.body);
    a = *qva.courier->Seal(said, "QTA");
  };
  ExpectBatchFails("signature-wrong");
  ExpectGoodBatch();
}

TEST_F(ByzantineTest, AWrongTagSetIsNotUsed) {
  using model::TagSetChunk;
  using model::TagSetManifest;
  // The holder does not serve a file by a root that it never made.
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.root[0] ^= 1U; });
  EXPECT_FALSE(Screen().ok());
  Twist<TagSetChunk>(method::kTagSetChunk,
                     [](TagSetChunk& c) { c.data[c.data.size() / 2] ^= 1U; });
  ExpectRefused("tagset-damaged");
  Twist<TagSetChunk>(method::kTagSetChunk,
                     [](TagSetChunk& c) { c.data.clear(); });
  ExpectRefused("tagset-damaged");
  Twist<TagSetChunk>(method::kTagSetChunk,
                     [](TagSetChunk& c) { c.offset += 1; });
  ExpectRefused("tagset-damaged");
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.clause = "onward-court"; });
  ExpectRefused("tagset-damaged");
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.epoch += 1; });
  ExpectRefused("tagset-damaged");
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.agreement[5] ^= 1U; });
  ExpectRefused("tagset-damaged");
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.count += 1; });
  ExpectRefused("tagset-damaged");
  ExpectGoodBatch();
  // Later, the holder may not go back to an older one.
  Twist<TagSetManifest>(method::kTagSet,
                        [](TagSetManifest& m) { m.sequence = 0; });
  ExpectRefused("tagset-damaged");
  ExpectGoodBatch();
}

class ShortEpochTest : public ByzantineTest {
 protected:
  ShortEpochTest() { options.set["screening.epoch_hours"] = "1"; }
  void Shift(std::int64_t seconds) {
    asker().clock().Shift(seconds);
    holder().clock().Shift(seconds);
  }
};

TEST_F(ShortEpochTest, ABatchThatCrossesIntoItsGraceIsAnswered) {
  const auto all = qor.book->All();
  ASSERT_EQ(all.size(), 1U);
  bool crossed = false;
  Twist<model::TagSetChunk>(method::kTagSetChunk, [&](model::TagSetChunk&) {
    if (std::exchange(crossed, true)) return;
    // The next epoch begins before the first chunk is asked.
    const std::int64_t now = asker().clock().NowSeconds();
    const auto span = exchange::EpochAt(*all[0], now);
    ASSERT_OK(span);
    Shift(span->until - now + 1);
  });
  const absl::StatusOr<BatchResult> result = Screen();
  ASSERT_OK(result);
  EXPECT_TRUE(crossed);
  EXPECT_EQ(result->state, model::BatchState::kComplete) << result->reason;
  EXPECT_EQ(result->hits, static_cast<std::uint32_t>(kPlantedHits));
}

TEST_F(ByzantineTest, ADamagedFileOnTheDiskIsSeen) {
  ExpectGoodBatch();
  const std::filesystem::path folder =
      std::filesystem::path(asker().data()) / "tagsets" / "in";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  ASSERT_EQ(files.size(), 1U);
  const std::string good = ReadFile(files[0]);
  for (const std::size_t at :
       {std::size_t{0}, good.size() / 2, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    WriteFile(files[0], bad);
    ExpectRefused("tagset-damaged");
  }
  WriteFile(files[0], std::string_view(good).substr(0, good.size() - 40));
  ExpectRefused("tagset-damaged");
  WriteFile(files[0], good);
  ExpectGoodBatch();
}

TEST_F(ByzantineTest, AClockThatIsAnHourOffStopsTheExchange) {
  ExpectGoodBatch();
  holder().clock().Shift(3600);
  ExpectRefused("clock-skew");
  asker().clock().Shift(3600);
  ExpectGoodBatch();
}

}  // namespace
}  // namespace entente::testing
