// Two real nodes rehearse with a test pack, and find what it says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/rehearsal/pack_check.h"
#include "policy/envelope.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class RehearsalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(two, TwoNodes::Make(folder.path()));
    ASSERT_OK_AND_ASSIGN(const policy::Envelope envelope,
                         policy::ParseEnvelope(two.envelope));
    rehearsal::PackSpec spec;
    spec.agreement = policy::DocumentHash(envelope.payload);
    spec.clause = "screen-terrorism";
    spec.holder = "QVA";
    spec.asker = "QOR";
    spec.ground = "terrorism.travel";
    ASSERT_OK_AND_ASSIGN(const policy::Agreement agreement,
                         policy::Agreement::Parse(envelope.payload));
    for (const policy::Clause& clause : agreement.clauses) {
      if (clause.id == spec.clause) spec.exclude = clause.exclude_nationals;
    }
    spec.date = "2027-03-01";
    spec.travellers = 60;
    spec.listed = 120;
    ASSERT_OK_AND_ASSIGN(pack, rehearsal::MakePack(spec));
    ASSERT_OK_AND_ASSIGN(expected, rehearsal::Expectation(pack));
  }
  std::string File(const std::string& name, const std::string& text) {
    return WriteFile(folder.path() / name, text).string();
  }
  auto ImportList(const std::string& name, const std::string& text) {
    return two.holder->Do("qva-one", "list import",
                          {{"@", File("list.csv", text)}, {"list", name}});
  }
  ScratchFolder folder;
  TwoNodes two;
  rehearsal::TestPack pack;
  std::string expected;
};

TEST_F(RehearsalTest, TwoNodesFindWhatThePackSays) {
  ASSERT_OK(ImportList("test-pack", pack.list));
  const std::string hidden = File("protected.csv", pack.protect);
  MustDo(*two.asker, "qor-dpo", "protect import", {{"@", hidden}});
  const json flights = MustDo(*two.asker, "qor-one", "flight import",
                              {{"@", File("flight.csv", pack.flight)}});
  ASSERT_OK(two.Screen(flights["flights"][0]["flight"]));
  const json queue = MustDo(*two.asker, "qor-one", "hits list");
  const auto faults = rehearsal::CheckHits(expected, queue.dump());
  ASSERT_OK(faults);
  EXPECT_THAT(*faults, ::testing::IsEmpty()) << queue.dump();
  EXPECT_EQ(queue["hits"].size(), 12U);
}

TEST_F(RehearsalTest, SyntheticRowsAndRealOnesNeverMeet) {
  const std::string real = ListCsv({Stranger(1), Stranger(2)});
  const auto mixed =
      IsRefusal(absl::StatusCode::kPermissionDenied, "test-pack-mixed");
  EXPECT_THAT(ImportList("subjects", pack.list), mixed);
  EXPECT_THAT(ImportList("test-pack", real), mixed);
  const std::string both = pack.list + real.substr(real.find('\n') + 1);
  EXPECT_THAT(ImportList("subjects", both), mixed);
  EXPECT_THAT(ImportList("test-pack", both), mixed);
  ASSERT_OK(ImportList("subjects", real));
  EXPECT_THAT(ImportList("test-pack", pack.list), mixed);
  // What was refused changed nothing.
  const json shown = MustDo(*two.holder, "qva-one", "list show");
  ASSERT_EQ(shown["lists"].size(), 1U) << shown.dump();
}

}  // namespace
}  // namespace entente::testing
