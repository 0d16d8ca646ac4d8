#include "crypto/base/codec.h"
#include "node/audit/rows.h"
#include "node/audit/testing_log.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using store::Table;
using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;

constexpr std::int64_t kDay = 86'400;

class RetainTest : public LogTest {
 protected:
  std::uint64_t Bodies() {
    const auto reader = node_.store->Read();
    return *(*reader)->Count(Table::kAuditBody, {});
  }
  // `n` refused screenings with one subject tag each; their indexes.
  std::vector<std::uint64_t> Add(int n) {
    std::vector<std::uint64_t> out;
    for (int i = 0; i < n; ++i) {
      Job job = JobOf(Refused("PLANTED " + std::to_string(i)));
      job.subjects = {{0, kTag}};
      const auto receipts = log().Commit(std::move(job));
      EXPECT_OK(receipts);
      out.push_back(receipts->front().index());
    }
    return out;
  }
  void Change(const std::function<absl::Status(store::Writer&)>& changes) {
    ASSERT_OK(node_.store->Write(changes));
  }
  static constexpr Id16 kTag = {8, 8};
  const Rows rows_{"2027a"};
};

TEST_F(RetainTest, BodiesGoWhenTheirTermEndsAndLeavesStay) {
  const auto at = Add(3);
  node_.clock.Advance(10 * kDay);
  const auto later = Add(1);
  EXPECT_EQ(Bodies(), 4U);
  EXPECT_EQ(*log().ExpireBodies(100), 0U);
  node_.clock.Advance(1820 * kDay);  // 1,827 days after the first three
  EXPECT_EQ(*log().ExpireBodies(2), 2U);
  EXPECT_EQ(*log().ExpireBodies(2), 1U);
  EXPECT_EQ(*log().ExpireBodies(2), 0U);
  EXPECT_EQ(Bodies(), 1U);
  EXPECT_THAT(*log().Find(AuditLog::Key::kSubject, ToHex(kTag), 0, 9),
              ElementsAre(later[0]));
  const auto expiries = *log().Find(AuditLog::Key::kType, "log.expire", 0, 9);
  ASSERT_EQ(expiries.size(), 2U);
  const ledger::Leaf leaf = Leaves()[expiries[0]];
  EXPECT_EQ(leaf.Text("keep"), "exch");
  EXPECT_EQ(leaf.Number("n"), 2);
  EXPECT_EQ(leaf.Number("first"), static_cast<std::int64_t>(at[0]));
  EXPECT_EQ(leaf.Number("last"), static_cast<std::int64_t>(at[1]));
  EXPECT_OK(log().SelfCheck());
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(RetainTest, BodiesOfTheLawStay) {
  ASSERT_OK(log().NoteSafe(ledger::Event("suspend.set")
                               .Set("peer", "QVA")
                               .FillAbsent()
                               .Seal("note", "stop")));
  node_.clock.Advance(9000 * kDay);
  EXPECT_EQ(*log().ExpireBodies(100), 0U);
  EXPECT_EQ(Bodies(), 1U);
}

TEST_F(RetainTest, TheSelfCheckFindsWhatWasDoneToTheStore) {
  const auto at = Add(3);
  ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  ASSERT_OK(log().Tick());
  ASSERT_OK(log().SelfCheck());
  std::optional<Bytes> leaf;
  std::optional<Bytes> body;
  {
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    ASSERT_OK_AND_ASSIGN(leaf,
                         reader->Get(Table::kAuditLeaf, rows_.Entry(at[1])));
    ASSERT_OK_AND_ASSIGN(body,
                         reader->Get(Table::kAuditBody, rows_.Entry(at[1])));
  }
  const auto expect = [&](Table table, std::uint64_t index,
                          const std::optional<Bytes>& value,
                          const char* message) {
    Change([&](store::Writer& w) {
      return value ? w.Put(table, rows_.Entry(index), *value)
                   : w.Delete(table, rows_.Entry(index));
    });
    const absl::Status status = log().SelfCheck();
    EXPECT_THAT(status, HasCode(absl::StatusCode::kDataLoss));
    EXPECT_THAT(MessageOf(status), HasSubstr(message));
    Change([&](store::Writer& w) -> absl::Status {
      TRY_OK(w.Put(Table::kAuditLeaf, rows_.Entry(at[1]), *leaf));
      TRY_OK(w.Put(Table::kAuditBody, rows_.Entry(at[1]), *body));
      return w.Delete(Table::kAuditBody, rows_.Entry(0));
    });
    EXPECT_OK(log().SelfCheck());
  };
  Bytes changed = *leaf;
  changed[changed.size() / 2] ^= 1U;
  expect(Table::kAuditLeaf, at[1], changed, "other bytes");
  expect(Table::kAuditLeaf, at[1], std::nullopt, "lacks a leaf");
  expect(Table::kAuditBody, at[1], std::nullopt, "body is missing");
  expect(Table::kAuditBody, 0, *body, "does not know");
  for (const std::size_t byte : {std::size_t{5}, body->size() - 5}) {
    changed = *body;
    changed[byte] ^= 1U;
    expect(Table::kAuditBody, at[1], changed, "audit log entry");
  }
  {
    // Another entry's body in its place.
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    ASSERT_OK_AND_ASSIGN(const auto other,
                         reader->Get(Table::kAuditBody, rows_.Entry(at[2])));
    reader.reset();
    expect(Table::kAuditBody, at[1], other, "key does not open");
  }
}

TEST_F(RetainTest, TheSelfCheckReadsTheBundles) {
  ASSERT_OK(log().SelfCheck());
  const std::string file = node_.Volume() + "/tile/entries/000.p/64";
  std::string bytes = testing::ReadFile(file);
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  ASSERT_OK(base::WriteFileAtomic(file, AsBytes(bytes)));
  EXPECT_THAT(log().SelfCheck(), HasCode(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace entente::audit
