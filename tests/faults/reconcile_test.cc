// The two halves of an exchange compared, when one side leaves something out or
// signs for what it did not log.

#include "node/exchange/reconcile.h"

#include <optional>

#include "crypto/base/codec.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/tree.h"
#include "node/exchange/asker.h"
#include "node/exchange/leaf_proof.h"
#include "node/model/log_statements.h"
#include "tests/faults/inside.h"

namespace entente::testing {
namespace {

using exchange::DayComparison;
using ledger::Difference;
using model::SignedStatement;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReconcileTest : public FaultTest {
 protected:
  void SetUp() override {
    Begin({}, MakeCast(10, 30));
    asker().Stop();
    holder().Stop();
    ASSERT_OK(qor.Open(asker().data(), asker().clock(), to_qva));
    ASSERT_OK(qva.Open(holder().data(), holder().clock(), to_qor));
    qva_routes.emplace(*qva.desk, qva.hidden, *qva.witness);
    qor_routes.emplace(*qor.desk, qor.hidden, *qor.witness);
    to_qva.routes = &*qva_routes;
    to_qor.routes = &*qor_routes;
  }
  void TearDown() override {
    for (Inside* side : {&qor, &qva}) {
      if (side->log != nullptr) {
        EXPECT_OK(side->log->Stop("orderly"));
      }
    }
  }
  void Screen() {
    exchange::ScreenOrder order;
    ASSERT_OK_AND_ASSIGN(order.flight, FromHex(story.flight));
    order.peer = "QVA";
    order.clause = "screen-terrorism";
    order.purpose = "terrorism.travel";
    order.basis = "protocol-4";
    order.user = "qor-one";
    exchange::Asker screener(*qor.desk);
    ASSERT_OK_AND_ASSIGN(const exchange::ScreenResult result,
                         screener.Screen(order, qor.hidden));
    ASSERT_EQ(result.batches.at(0).state, model::BatchState::kComplete);
    ASSERT_OK(qva.log->Tick());
    ASSERT_OK(qor.log->Tick());
  }
  std::int64_t Today() { return exchange::DayAt(asker().clock().NowSeconds()); }
  exchange::AgreementRef Agreement(Inside& side) {
    return side.book->All().at(0);
  }
  absl::StatusOr<DayComparison> Try(Inside& side, const std::string& peer) {
    return exchange::CompareDay(*side.desk, *Agreement(side), peer, Today(), 0);
  }
  DayComparison Compare(Inside& side, const std::string& peer) {
    const auto compared = Try(side, peer);
    EXPECT_OK(compared);
    return compared.ok() ? *compared : DayComparison{};
  }
  ledger::DaySet Set(Inside& side, const std::string& peer) {
    const auto reader = side.store->Read();
    EXPECT_OK(reader);
    const auto set =
        exchange::ReadDay(**reader, {Agreement(side)->hash(), peer, Today()});
    EXPECT_OK(set);
    return set.ok() ? *set : ledger::DaySet();
  }
  // What a state would do to its own store so that a step never was.
  void Drop(Inside& side, std::size_t most) {
    ASSERT_OK(side.store->Write([&](store::Writer& writer) -> absl::Status {
      TRY(const auto rows,
          writer.Scan(store::Table::kAuditExchange, AsBytes("r"), {}, most));
      for (const store::Row& row : rows)
        TRY_OK(writer.Delete(store::Table::kAuditExchange, row.key));
      return absl::OkStatus();
    }));
  }
  // QVA signs the changed statement as its own.
  template <class T>
  void Twist(std::string_view name, std::function<void(T&)> twist) {
    to_qva.only = std::string(name);
    to_qva.change = [this, twist](SignedStatement& answer) {
      absl::StatusOr<T> said = DecodeStatement<T>(answer.body);
      ASSERT_OK(said);
      twist(*said);
      const auto sealed = qva.courier->Seal(*said, "QOR");
      ASSERT_OK(sealed);
      answer = *sealed;
    };
  }

  CrookedLink to_qva{"QOR"};
  CrookedLink to_qor{"QVA"};
  Inside qor;
  Inside qva;
  std::optional<wire::PeerRoutes> qor_routes;
  std::optional<wire::PeerRoutes> qva_routes;
};

TEST_F(ReconcileTest, AnHonestDayIsEqualAndBothSignIt) {
  Screen();
  EXPECT_GE(Set(qor, "QVA").size(), 2U);  // a tag set and a chunk
  EXPECT_EQ(Set(qor, "QVA"), Set(qva, "QOR"));
  const DayComparison compared = Compare(qor, "QVA");
  EXPECT_EQ(compared.result.result, "equal");
  EXPECT_EQ(compared.messages, 2U);
  EXPECT_THAT(compared.differences, IsEmpty());
  EXPECT_EQ(qor.Logged("reconcile.day"), 1U);
  EXPECT_EQ(qor.Logged("reconcile.differ"), 0U);
  const exchange::DayOfPair day{Agreement(qor)->hash(), "QVA", Today()};
  EXPECT_OK(exchange::OpenDayNote(*qor.desk, "QVA", compared.result.note, day));
  EXPECT_OK(exchange::OpenDayNote(*qor.desk, "QOR", compared.result.note, day));
  EXPECT_EQ(Compare(qva, "QOR").result.result, "equal");
}

TEST_F(ReconcileTest, AStepThatOneSideDroppedIsFoundByKey) {
  Screen();
  const ledger::DaySet before = Set(qva, "QOR");
  Drop(qva, 1);
  const auto gone = ledger::Compare(before, Set(qva, "QOR"));
  ASSERT_THAT(gone, SizeIs(1));
  const DayComparison compared = Compare(qor, "QVA");
  EXPECT_EQ(compared.result.result, "differs");
  ASSERT_THAT(compared.differences, SizeIs(1));
  EXPECT_EQ(compared.differences[0].key, gone[0].key);
  EXPECT_EQ(compared.differences[0].kind, Difference::Kind::kMissingThere);
  // Its log still holds the entry: what is missing is the record alone.
  EXPECT_FALSE(compared.differences[0].lied) << compared.differences[0].note;
  EXPECT_THAT(compared.differences[0].note, HasSubstr("at index"));
  EXPECT_EQ(qor.Logged("reconcile.day"), 1U);
  EXPECT_EQ(qor.Logged("reconcile.differ"), 1U);
  const DayComparison back = Compare(qva, "QOR");
  ASSERT_THAT(back.differences, SizeIs(1));
  EXPECT_EQ(back.differences[0].kind, Difference::Kind::kMissingHere);
  {
    ASSERT_OK_AND_ASSIGN(const auto reader, qor.store->Read());
    ASSERT_OK_AND_ASSIGN(const auto open, exchange::DaysThatDiffer(*reader));
    EXPECT_THAT(open, SizeIs(1));
  }
}

TEST_F(ReconcileTest, ASideThatKeepsNothingIsNamed) {
  Screen();
  const std::size_t steps = Set(qor, "QVA").size();
  Drop(qva, 1000);
  const DayComparison compared = Compare(qor, "QVA");
  EXPECT_EQ(compared.differences.size(), steps);
  for (const exchange::DayDifference& difference : compared.differences)
    EXPECT_EQ(difference.kind, Difference::Kind::kMissingThere);
}

TEST_F(ReconcileTest, ASideThatSignedForAnEntryItLacksIsNamed) {
  Twist<model::ScreenAnswer>(
      "Screen", [](model::ScreenAnswer& answer) { answer.leaf[7] ^= 1U; });
  Screen();
  to_qva.change = nullptr;
  const DayComparison compared = Compare(qor, "QVA");
  EXPECT_EQ(compared.result.result, "differs");
  EXPECT_EQ(compared.differences.size(), Set(qor, "QVA").size() - 1);
  for (const exchange::DayDifference& difference : compared.differences) {
    EXPECT_EQ(difference.kind, Difference::Kind::kDiffers);
    EXPECT_EQ(difference.step, "screen");  // the tag set was honest
    EXPECT_TRUE(difference.lied) << difference.note;
  }
  EXPECT_EQ(compared.result.unproved, compared.differences.size());
}

TEST_F(ReconcileTest, AProofOfAnotherEntryProvesNothing) {
  Screen();
  // Of an entry that crossed, since none of it is in the day.
  ASSERT_OK_AND_ASSIGN(
      const auto sent,
      qva.log->Find(audit::AuditLog::Key::kType, "screen.answer", 0, 9));
  ASSERT_OK_AND_ASSIGN(const auto entries, qva.log->Read(sent.at(0), 1));
  const Hash leaf = merkle::LeafHash(entries.at(0).leaf);
  ASSERT_OK_AND_ASSIGN(const exchange::LeafShown shown,
                       exchange::AskLeafProof(*qor.desk, "QVA", leaf));
  EXPECT_EQ(shown.index, sent.at(0));
  Twist<model::LeafProof>("LeafProof", [this](model::LeafProof& answer) {
    answer.proof = *qva.log->ProveInclusion(3);
  });
  EXPECT_EQ(ReasonOf(exchange::AskLeafProof(*qor.desk, "QVA", leaf).status()),
            "answer-misplaced");
  to_qva.change = nullptr;
  EXPECT_EQ(
      ReasonOf(exchange::AskLeafProof(*qor.desk, "QVA", Hash{1}).status()),
      "leaf-unknown");
}

TEST_F(ReconcileTest, AnswersThatDoNotFitTheSignedNoteAreRefused) {
  Screen();
  Drop(qva, 1);
  Twist<model::ReconcileNode>("ReconcileNode", [](model::ReconcileNode& node) {
    node.records.clear();
    node.count = 0;
  });
  const auto misfit = Try(qor, "QVA");
  EXPECT_EQ(ReasonOf(misfit.status()), "day-misfit") << misfit.status();
  Twist<model::ReconcileDay>("ReconcileDay", [](model::ReconcileDay& day) {
    day.note[day.note.find('\n') + 3] ^= 1;
  });
  EXPECT_EQ(ReasonOf(Try(qor, "QVA").status()), "signature-wrong");
  // A note that its log signed, of another day.
  Twist<model::ReconcileDay>("ReconcileDay", [this](model::ReconcileDay& day) {
    day.note = *exchange::SignDayNote(
        *qva.desk,
        ledger::DayNoteText(Agreement(qva)->hash(), "2027-01-01", {}));
  });
  EXPECT_EQ(ReasonOf(Try(qor, "QVA").status()), "statement-malformed");
  EXPECT_EQ(qor.Logged("reconcile.differ"), 0U);
}

TEST_F(ReconcileTest, AnswersOnlyPartiesAboutTheirOwnDays) {
  model::ReconcileNodeAsk ask;
  ask.agreement = Hash{1};
  ask.day = "2027-01-01";
  const auto of = [&](model::ReconcileNodeAsk said) {
    return ReasonOf(qor.courier
                        ->Call<model::ReconcileNode>("QVA", "ReconcileNode",
                                                     said,
                                                     std::chrono::seconds(5))
                        .status());
  };
  EXPECT_EQ(of(ask), "agreement-differs");
  ask.agreement = Agreement(qor)->hash();
  EXPECT_EQ(of(ask), "");
  ask.day = "1.1.2027";
  EXPECT_EQ(of(ask), "statement-malformed");
  ask.day = "2027-01-01";
  ask.nibbles = {16};
  EXPECT_EQ(of(ask), "statement-malformed");
  ask.nibbles = Bytes(65, 0);
  EXPECT_EQ(of(ask), "statement-malformed");
}

TEST_F(ReconcileTest, ADayIsComparedOnceForEachOfThreeStages) {
  Screen();
  const std::int64_t day = Today();
  const auto compared = [&] {
    std::size_t out = 0;
    const auto found =
        qor.log->Find(audit::AuditLog::Key::kType, "reconcile.day", 0, 1000);
    EXPECT_OK(found);
    for (const std::uint64_t index : *found) {
      const auto entry = qor.log->Read(index, 1);
      EXPECT_OK(entry);
      out +=
          std::string(AsText(entry->at(0).leaf)).find(exchange::DayText(day)) !=
                  std::string::npos
              ? 1U
              : 0U;
    }
    return out;
  };
  ASSERT_OK(exchange::CompareDueDays(*qor.desk));
  EXPECT_EQ(compared(), 0U);  // it is not over
  std::size_t times = 0;
  for (const int days : {1, 7, 23}) {
    for (ShiftedClock* clock : {&asker().clock(), &holder().clock()})
      clock->Shift(std::int64_t{days} * 86'400);
    ASSERT_OK(exchange::CompareDueDays(*qor.desk));
    ASSERT_OK(exchange::CompareDueDays(*qor.desk));
    EXPECT_EQ(compared(), ++times);
  }
}

}  // namespace
}  // namespace entente::testing
