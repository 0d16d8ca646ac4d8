// Erasing on an officer's word: what goes, what stays, and that nothing of what
// went is left anywhere.

#include "crypto/base/codec.h"
#include "node/audit/rows.h"
#include "node/audit/testing_log.h"
#include "node/ledger/erasure.h"
#include "node/ledger/verify_bundle.h"
#include "node/ledger/wrap.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/sqlcipher_pages.h"

namespace entente::testing {
struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};
}  // namespace entente::testing

namespace entente::audit {
namespace {

using store::Table;
using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EraseTest : public LogTest {
 protected:
  // `n` refused screenings with one subject tag each; their indexes.
  std::vector<std::uint64_t> Add(int n) {
    std::vector<std::uint64_t> out;
    for (int i = 0; i < n; ++i) {
      Job job = JobOf(Refused(Text(i)));
      job.subjects = {{0, kTag}};
      const auto receipts = log().Commit(std::move(job));
      EXPECT_OK(receipts);
      out.push_back(receipts->front().index());
    }
    return out;
  }
  // The same, ten in each job.
  std::vector<std::uint64_t> AddInTens(int jobs) {
    std::vector<std::uint64_t> out;
    for (int i = 0; i < jobs; ++i) {
      Job job;
      for (std::size_t n = 0; n < 10; ++n) {
        job.events.push_back(Refused(Text(i * 10 + static_cast<int>(n))));
        job.subjects.push_back({n, kTag});
      }
      const auto receipts = log().Commit(std::move(job));
      EXPECT_OK(receipts);
      for (const Receipt& receipt : *receipts) out.push_back(receipt.index());
    }
    return out;
  }
  static std::string Text(int i) { return "PLANTED " + std::to_string(i); }
  AuditLog::Erasure Signed(const std::string& ranges) {
    AuditLog::Erasure e;
    e.ranges = ranges;
    e.ground = "subject-request";
    e.case_id = ToHex(Id16{4});
    e.officer = officer_.public_key();
    e.signature = officer_.Sign(
        AsBytes(ledger::ErasureText(kOrigin, e.ranges, e.ground, e.case_id)));
    e.user = "dpo.invented";
    return e;
  }
  std::uint64_t Bodies() {
    const auto reader = node_.store->Read();
    return *(*reader)->Count(Table::kAuditBody, {});
  }
  Bytes RecordOf(std::uint64_t index) {
    const auto reader = node_.store->Read();
    const auto record = (*reader)->Get(Table::kAuditBody, rows_.Entry(index));
    EXPECT_TRUE(record.ok() && record->has_value());
    return **record;
  }
  // The entry's own key, by the officer's key.
  std::string KeyOf(std::uint64_t index, const Bytes& record) {
    const auto parts = ledger::ParseRecord(record);
    const auto reader = node_.store->Read();
    const auto row =
        (*reader)->Get(Table::kAuditHead, rows_.Segment(*parts->segment));
    const auto file = ledger::ParseSegmentFile(**row);
    const auto segment =
        ledger::OpenSegmentFile(*file, kOrigin, node_.keys.officer);
    const auto key = ledger::UnwrapWithSegment(
        *parts, {kOrigin, Leaves()[index].id}, *segment);
    EXPECT_OK(key);
    return ToString(testing::SecretReader::View(key->bytes()));
  }
  // Everything below the node's folder: the files as they lie there, and the
  // store's pages and write-ahead log in clear.
  std::string Everything() {
    std::string out;
    const auto files = base::ListFiles(node_.Dir());
    EXPECT_OK(files);
    for (const std::string& name : *files) {
      out += testing::ReadFile(node_.Dir() + "/" + name);
    }
    const Bytes key(32, 5);
    out += testing::ClearPages(node_.Dir() + "/store", key);
    return out + testing::ClearFrames(node_.Dir() + "/store", key);
  }
  ledger::Report VerifyBundle(const ledger::BundleOptions& options) {
    Bytes bundle;
    EXPECT_OK(log().Export({}, [&](ByteView bytes) {
      bundle.insert(bundle.end(), bytes.begin(), bytes.end());
      return absl::OkStatus();
    }));
    const auto policy = merkle::TrustPolicy::Parse(
        "log " + node_.keys.LogKey().Text() + "\nquorum none\n");
    const auto report = ledger::VerifyBundle(ledger::BundleSource::Of(bundle),
                                             *policy, options);
    EXPECT_OK(report);
    return *report;
  }
  static constexpr Id16 kTag = {8, 8};
  primitive::SigningKey officer_ = primitive::SigningKey::Generate();
  const Rows rows_{"2027a"};
};

TEST_F(EraseTest, ErasesWhatTheOfficerSigned) {
  const auto at = Add(4);
  ASSERT_EQ(at[3], at[0] + 3);
  const std::string ranges = std::to_string(at[0]) + "," +
                             std::to_string(at[2]) + "-" +
                             std::to_string(at[3]);
  ASSERT_OK_AND_ASSIGN(const AuditLog::Erased erased,
                       log().Erase(Signed(ranges)));
  EXPECT_EQ(erased.bodies, 3U);
  EXPECT_EQ(Bodies(), 1U);
  EXPECT_THAT(*log().Find(AuditLog::Key::kSubject, ToHex(kTag), 0, 9),
              ElementsAre(at[1]));
  ASSERT_OK_AND_ASSIGN(const auto logged,
                       log().Commit(JobOf(ledger::Event("log.open")
                                              .Set("first", 0)
                                              .Set("last", 1000)
                                              .FillAbsent()
                                              .By("dpo.invented"))));
  EXPECT_THAT(log().OpenBody(at[0], logged[0]),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_OK(log().OpenBody(at[1], logged[0]));
  EXPECT_OK(log().SelfCheck());
  ASSERT_OK(log().Tick());
  ASSERT_OK_AND_ASSIGN(const ledger::Report report, node_.Verify());
  EXPECT_TRUE(ledger::IsVerified(report.verdict));
  EXPECT_EQ(report.erased, 3U);
  ASSERT_EQ(report.remarks.size(), 2U) << "the folder's report says who";
  EXPECT_EQ(report.remarks[1].first, at[2]);
  EXPECT_EQ(report.remarks[1].last, at[3]);
  EXPECT_THAT(report.remarks[0].text, HasSubstr("erased, authorised by key "));
}

TEST_F(EraseTest, EachErasureIsScrubbedOnceAlsoOverARestart) {
  const auto at = Add(2);
  ASSERT_OK_AND_ASSIGN(const AuditLog::Erased first,
                       log().Erase(Signed(std::to_string(at[0]))));
  ASSERT_OK_AND_ASSIGN(const AuditLog::Erased second,
                       log().Erase(Signed(std::to_string(at[1]))));
  const std::uint64_t indexes[] = {first.receipt.index(),
                                   second.receipt.index()};
  ASSERT_OK(node_.Open());  // the process ended before it came to that
  EXPECT_THAT(*log().Unscrubbed(), ElementsAre(indexes[0], indexes[1]));
  EXPECT_EQ(*log().ScrubErased(), 2U);
  EXPECT_EQ(*log().ScrubErased(), 0U);
  EXPECT_THAT(*log().Unscrubbed(), IsEmpty());
  const auto scrubs = *log().Find(AuditLog::Key::kType, "erasure.scrub", 0, 9);
  ASSERT_EQ(scrubs.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(Leaves()[scrubs[i]].Number("erasure"),
              static_cast<std::int64_t>(indexes[i]));
  }
}

TEST_F(EraseTest, AReaderInTheWayPutsTheScrubOff) {
  const auto at = Add(1);
  auto reader = node_.store->Read();
  ASSERT_OK((*reader)->Count(Table::kAuditBody, {}));  // its snapshot begins
  ASSERT_OK(log().Erase(Signed(std::to_string(at[0]))));
  EXPECT_THAT(log().ScrubErased(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(log().Find(AuditLog::Key::kType, "erasure.scrub", 0, 9)->size(),
            0U);
  reader->reset();
  EXPECT_EQ(*log().ScrubErased(), 1U);
}

TEST_F(EraseTest, RefusesAnErasureThatNobodySigned) {
  const auto at = Add(2);
  const std::string one = std::to_string(at[0]);
  AuditLog::Erasure wrong = Signed(one);
  wrong.ranges = std::to_string(at[1]);
  EXPECT_THAT(log().Erase(wrong), HasCode(absl::StatusCode::kDataLoss));
  wrong = Signed(one);
  wrong.ground = "other";
  EXPECT_THAT(log().Erase(wrong), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(ReasonOf(log().Erase(wrong).status()), "erasure-signature");
  EXPECT_THAT(log().Erase(Signed("5-4")),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(log().Erase(Signed("99999")),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Bodies(), 2U);
  EXPECT_EQ(log().Find(AuditLog::Key::kType, "erasure", 0, 9)->size(), 0U);
}

TEST_F(EraseTest, NothingIsErasedTwice) {
  const auto at = Add(1);
  ASSERT_OK(log().Erase(Signed(std::to_string(at[0]))));
  const absl::Status again =
      log().Erase(Signed(std::to_string(at[0]))).status();
  EXPECT_EQ(ReasonOf(again), "nothing-to-erase");
  EXPECT_EQ(log().Find(AuditLog::Key::kType, "erasure", 0, 9)->size(), 1U);
}

// One of many: its neighbours stay, and of it nothing is left.
TEST_F(EraseTest, NoByteOfAnErasedBodyOrItsKeyStaysOnTheDisk) {
  constexpr std::size_t kErased = 700;
  constexpr std::size_t kKept = 701;
  const auto at = AddInTens(150);
  ASSERT_OK(log().Tick());
  const Bytes record = RecordOf(at[kErased]);
  const Bytes neighbour = RecordOf(at[kKept]);
  const std::string sealed = ToString(ByteView(record).first(65));
  const std::string key = KeyOf(at[kErased], record);
  const std::string body = ToString(ByteView(record).last(256));
  ASSERT_THAT(Everything(), HasSubstr(sealed)) << "the search finds it";
  ASSERT_THAT(Everything(), HasSubstr(body));

  ASSERT_OK(log().Erase(Signed(std::to_string(at[kErased]))));
  EXPECT_THAT(Everything(), HasSubstr(sealed)) << "until the scrub";
  ASSERT_EQ(*log().ScrubErased(), 1U);
  const std::string left = Everything();
  EXPECT_EQ(left.find(sealed), std::string::npos) << "the wrap of its key";
  EXPECT_EQ(left.find(body), std::string::npos) << "the sealed body";
  EXPECT_EQ(left.find(key), std::string::npos);
  EXPECT_EQ(left.find(Text(kErased) + "\n"), std::string::npos);
  EXPECT_EQ(left.find("PLANTED"), std::string::npos) << "never in clear";
  // Not in whole, and not in parts.
  for (std::size_t i = 0; i + 24 <= record.size(); i += 24) {
    EXPECT_EQ(left.find(ToString(ByteView(record).subspan(i, 24))),
              std::string::npos)
        << i;
  }
  EXPECT_NE(left.find(ToString(ByteView(neighbour).first(65))),
            std::string::npos);
  EXPECT_OK(log().SelfCheck());
}

TEST_F(EraseTest, TheBundleStillVerifiesAndNamesTheOfficer) {
  const auto at = Add(40);
  ASSERT_OK(log().Erase(Signed(std::to_string(at[7]))));
  ASSERT_OK(log().Tick());
  ledger::BundleOptions options;
  options.opener = ledger::Opener::With(node_.keys.officer);
  options.officers = {*merkle::VerifierKey::Make(
      "dpo.invented", merkle::NoteKeyType::kEd25519, officer_.public_key())};
  const ledger::Report report = VerifyBundle(options);
  EXPECT_TRUE(ledger::IsVerified(report.verdict)) << ledger::ReportText(report);
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(report.unsealed, 39U);
  ASSERT_EQ(report.remarks.size(), 1U);
  EXPECT_EQ(report.remarks[0].first, at[7]);
  EXPECT_THAT(report.remarks[0].text,
              HasSubstr("erased, authorised by `dpo.invented`"));
  // Another officer's word does not count.
  options.officers = {*merkle::VerifierKey::Make(
      "dpo.invented", merkle::NoteKeyType::kEd25519,
      primitive::SigningKey::Generate().public_key())};
  EXPECT_EQ(VerifyBundle(options).verdict, ledger::Verdict::kUntrusted);
}

// A body that went without a word is a fault, next to one that was erased.
TEST_F(EraseTest, ABodyThatOnlyDisappearedIsMissing) {
  const auto at = Add(3);
  ASSERT_OK(log().Erase(Signed(std::to_string(at[0]))));
  ASSERT_OK(node_.store->Write([&](store::Writer& w) {
    return w.Delete(Table::kAuditBody, rows_.Entry(at[1]));
  }));
  const absl::Status status = log().SelfCheck();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(MessageOf(status), HasSubstr(std::to_string(at[1])));
}

}  // namespace
}  // namespace entente::audit
