#pragma once
// What fault tests share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "crypto/base/status.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {

// The story as it stands before a test's own fault.
class FaultTest : public ::testing::Test {
 protected:
  void Begin(TwoNodes::Options options = {}, Cast cast = MakeCast(10, 5)) {
    ASSERT_OK(story.Begin(std::move(options), std::move(cast)));
  }
  TestNode& asker() { return *story.two.asker; }
  TestNode& holder() { return *story.two.holder; }

  // A screening that must work, so that a fault before it lost nothing.
  void GoodScreening() {
    const absl::StatusOr<rpc::AdminReply> reply =
        story.two.Screen(story.flight);
    ASSERT_OK(reply);
    EXPECT_EQ(reply->exit_code, 0) << reply->text;
    EXPECT_EQ(nlohmann::json::parse(reply->json)["hits"], kPlantedHits)
        << reply->text;
  }
  // The hit by document.
  std::string ExactHit() {
    const std::string hit = testing::ExactHit(asker());
    EXPECT_NE(hit, "none") << "the planted match was not found";
    return hit;
  }
  void Confirm(const std::string& hit) {
    MustDo(asker(), "qor-one", "review",
           {{"hit", hit}, {"verdict", "confirmed"}, {"reason", "agrees"}});
  }
  static Words AskWords(const std::string& hit) {
    return {{"hit", hit},
            {"clause", "disclose-terrorism"},
            {"fields", "person.family-name,person.birth-date"},
            {"case", "QOR-2026-0017"},
            {"necessity", "arrival tonight"}};
  }
  // Screened, confirmed and asked for; the hit.
  std::string Asked() {
    GoodScreening();
    const std::string hit = ExactHit();
    Confirm(hit);
    MustDo(asker(), "qor-one", "disclose ask", AskWords(hit));
    return hit;
  }
  static Words ApproveWords(const std::string& hit) {
    Words out = Story::AllFlagsAbsent();
    out.insert(out.end(),
               {{"hit", hit}, {"verdict", "approve"}, {"reason", "the same"}});
    return out;
  }

  Story story;
};

// Entries of a type whose field is this value.
inline std::size_t CountEntries(TestNode& node, const std::string& type,
                                const std::string& field = "",
                                const std::string& value = "") {
  std::size_t out = 0;
  for (const nlohmann::json& leaf : Entries(node, type)) {
    if (field.empty() ||
        (leaf.contains("data") && leaf["data"].value(field, "") == value))
      ++out;
  }
  return out;
}

}  // namespace entente::testing
