#include "node/ledger/review.h"

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/testing_volume.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

using testing::HasCode;

class ReviewTest : public ::testing::Test {
 protected:
  TestKey officer_{"qma-dpo", merkle::NoteKeyType::kEd25519, 3};
  TestKey other_{"qma-dpo", merkle::NoteKeyType::kEd25519, 4};
  const std::string report_ = "<!doctype html>a report";
  ReviewStatement statement_{
      kOrigin, 1'783'000'000, 1'798'761'600,
      0,       70'000,        primitive::Sha256(AsBytes(report_))};
};

TEST_F(ReviewTest, TheTextIsThatOfThePage) {
  const ReviewStatement plain{kOrigin, 0, 1, 2, 3, Hash{}};
  EXPECT_EQ(plain.Text(),
            "entente/audit-review/1\naudit.qma.example/2027a\n0 1\n2 3\n"
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  ASSERT_OK_AND_ASSIGN(const auto parsed, ParseReviewStatement(plain.Text()));
  EXPECT_EQ(parsed, plain);
}

TEST_F(ReviewTest, OpensWithTheOfficersKeyAndTheReportItself) {
  ASSERT_OK_AND_ASSIGN(
      const std::string note,
      SignReview(statement_, officer_.verifier, officer_.Sign()));
  ASSERT_OK_AND_ASSIGN(const auto opened,
                       OpenReview(note, AsBytes(report_), officer_.verifier));
  EXPECT_EQ(opened, statement_);
  EXPECT_THAT(OpenReview(note, AsBytes(report_ + " "), officer_.verifier),
              HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenReview(note, AsBytes(report_), other_.verifier),
              HasCode(absl::StatusCode::kUnauthenticated));
}

TEST_F(ReviewTest, NoBitOfTheSignatureFileMayChange) {
  ASSERT_OK_AND_ASSIGN(
      const std::string note,
      SignReview(statement_, officer_.verifier, officer_.Sign()));
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string bad = note;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(OpenReview(bad, AsBytes(report_), officer_.verifier).ok())
        << i;
  }
  for (std::size_t n = 0; n < note.size(); ++n) {
    EXPECT_FALSE(
        OpenReview(note.substr(0, n), AsBytes(report_), officer_.verifier).ok())
        << n;
  }
}

TEST_F(ReviewTest, TakesOneSpellingOnly) {
  const std::string good = statement_.Text();
  for (const auto& [from, to] :
       {std::pair{"/1\n", "/2\n"},
        {"0 70000", "0  70000"},
        {"0 70000", "00 70000"},
        {"0 70000", "7 5"},
        {"0 70000", "-1 5"},
        {"1783000000 1798761600", "1798761600 1783000000"},
        {"1783000000", "+1783000000"},
        {"audit.qma", "audit qma"},
        {"=\n", "=\n\n"},
        {"=\n", "\n"},
        {"=\n", "="}}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string_view(from).size(), to);
    EXPECT_THAT(ParseReviewStatement(bad),
                HasCode(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

}  // namespace
}  // namespace entente::ledger
