#include <algorithm>

#include "node/audit/testing_log.h"
#include "node/ledger/erasure.h"
#include "node/ledger/verify_bundle.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using testing::HasCode;

class ExportTest : public LogTest {
 protected:
  // Three refusals of one batch, one of another; published.
  void SetUp() override {
    LogTest::SetUp();
    for (const char* reasons : {"first", "second", "third"}) {
      indexes_.push_back(Append(Refused(reasons)));
    }
    Append(ledger::Event("screen.refuse")
               .Set("batch", Id16{9})
               .FillAbsent()
               .Seal("reasons", "other"));
    ASSERT_OK(log().Tick());
  }
  std::uint64_t Append(ledger::Event event) {
    const auto receipts = log().Commit(JobOf(std::move(event)));
    EXPECT_OK(receipts);
    return receipts->front().index();
  }
  absl::StatusOr<Bytes> Export(const AuditLog::ExportRequest& request = {}) {
    Bytes out;
    TRY(const ledger::BundleSummary summary,
        log().Export(request, [&](ByteView bytes) {
          out.insert(out.end(), bytes.begin(), bytes.end());
          return absl::OkStatus();
        }));
    EXPECT_EQ(summary.bytes, out.size());
    EXPECT_EQ(summary.sha256, primitive::Sha256(out));
    return out;
  }
  ledger::Report Verify(ByteView bundle,
                        const ledger::BundleOptions& options = {}) {
    const auto policy = merkle::TrustPolicy::Parse(
        "log " + node_.keys.LogKey().Text() + "\nquorum none\n");
    const auto report = ledger::VerifyBundle(ledger::BundleSource::Of(bundle),
                                             *policy, options);
    EXPECT_OK(report);
    EXPECT_TRUE(ledger::IsVerified(report->verdict))
        << ledger::ReportText(*report);
    return *report;
  }
  Receipt Opened(std::uint64_t index) {
    const auto receipts = log().Commit(JobOf(ledger::Event("log.open")
                                                 .Set("first", index)
                                                 .Set("last", index)
                                                 .FillAbsent()
                                                 .By("dpo.invented")));
    EXPECT_OK(receipts);
    return receipts->front();
  }
  absl::StatusOr<AuditLog::Erased> Erase(std::uint64_t index) {
    const primitive::SigningKey officer = primitive::SigningKey::Generate();
    AuditLog::Erasure e{.ranges = std::to_string(index),
                        .ground = "request",
                        .case_id = ToHex(Id16{4}),
                        .officer = officer.public_key(),
                        .signature = {},
                        .user = "dpo.invented"};
    e.signature = officer.Sign(
        AsBytes(ledger::ErasureText(kOrigin, e.ranges, e.ground, e.case_id)));
    return log().Erase(e);
  }
  std::vector<std::uint64_t> indexes_;
};

TEST_F(ExportTest, TheWholeLogWithBodiesThatTheOfficerOpens) {
  const auto bundle = Export();
  ASSERT_OK(bundle);
  ledger::BundleOptions options;
  options.opener = ledger::Opener::With(node_.keys.officer);
  const ledger::Report report = Verify(*bundle, options);
  EXPECT_EQ(report.size, log().PublishedHead().size);
  EXPECT_EQ(report.entries, report.size);
  EXPECT_EQ(report.bodies, 4U);
  EXPECT_EQ(report.unsealed, 4U);
  EXPECT_EQ(report.claims[1].result, ledger::ClaimResult::kHolds)
      << "the log's own key vouches for the bundle";
}

TEST_F(ExportTest, OneExchangeByProof) {
  const auto bundle = Export({.selection = {.exchange = Id16{1, 2, 3}}});
  ASSERT_OK(bundle);
  const ledger::Report report = Verify(*bundle);
  EXPECT_EQ(report.singles, 3U);
  EXPECT_EQ(report.bodies, 3U);
  EXPECT_EQ(report.entries, 0U);
}

TEST_F(ExportTest, AnErasureIsShownOnceItIsPublished) {
  ASSERT_OK(Erase(indexes_[1]));
  EXPECT_THAT(Export(), HasCode(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(log().Tick());
  const auto bundle = Export({.selection = {.exchange = Id16{1, 2, 3}}});
  ASSERT_OK(bundle);
  const ledger::Report report = Verify(*bundle);
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(report.singles, 4U) << "the erasure came along";
  ASSERT_EQ(report.remarks.size(), 1U);
  EXPECT_TRUE(report.remarks[0].text.starts_with("erased, authorised by"));
}

TEST_F(ExportTest, AnExpiredBodyIsShownAsSuch) {
  node_.clock.Advance(std::int64_t{1'900} * 86'400);
  ASSERT_OK(log().ExpireBodies(100));
  ASSERT_OK(log().Tick());
  const auto bundle =
      Export({.selection = {
                  .range = ledger::EntryRange{indexes_[0], indexes_[0] + 1}}});
  ASSERT_OK(bundle);
  EXPECT_EQ(Verify(*bundle).expired, 1U);
}

TEST_F(ExportTest, OneFieldOpenedAndFromAnEarlierHeadOn) {
  const Head early = log().PublishedHead();
  const std::string fields[] = {"reasons"};
  const auto opening =
      log().OpenFields(indexes_[0], fields, Opened(indexes_[0]));
  ASSERT_OK(opening);
  ASSERT_OK(log().Tick());
  const auto bundle = Export({.selection = {.types = {"screen.refuse"}},
                              .previous = early.note,
                              .openings = {*opening}});
  ASSERT_OK(bundle);
  const ledger::Report report = Verify(*bundle);
  ASSERT_EQ(report.opened.size(), 1U);
  EXPECT_EQ(report.opened[0].value, "first");
  ledger::BundleOptions options;
  options.previous = early.note;
  Verify(*bundle, options);
}

TEST_F(ExportTest, NoFieldIsOpenedWithoutItsTraceAndNoneThatIsNotThere) {
  const std::string fields[] = {"reasons"};
  EXPECT_THAT(log().OpenFields(indexes_[0], fields, Opened(indexes_[1])),
              HasCode(absl::StatusCode::kPermissionDenied));
  const std::string other[] = {"note"};
  EXPECT_THAT(log().OpenFields(indexes_[0], other, Opened(indexes_[0])),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(ExportTest, RefusesWhatTheLogDoesNotHave) {
  const std::uint64_t size = log().PublishedHead().size;
  EXPECT_THAT(Export({.selection = {.range = ledger::EntryRange{0, size + 1}}}),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Export({.attachments = {{"policy", "mine"}}}),
              HasCode(absl::StatusCode::kInvalidArgument));
  // The sink's own error comes back.
  EXPECT_THAT(log().Export({}, [](ByteView) { return Exhausted("full"); }),
              HasCode(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace entente::audit
