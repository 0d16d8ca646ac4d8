#include "node/rpc/reason.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/base/status.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

TEST(ReasonTest, EveryIdOfTheProtoFileHasItsOwnText) {
  const auto* ids = v1::ReasonId_descriptor();
  std::set<std::string> texts;
  for (int i = 0; i < ids->value_count(); ++i) {
    const std::string text =
        ReasonText(static_cast<v1::ReasonId>(ids->value(i)->number()));
    EXPECT_TRUE(IsReasonId(text)) << text;
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
  EXPECT_EQ(ReasonText(v1::REASON_QUEUE_FULL), "queue-full");
}

TEST(ReasonTest, OnlyIdsPass) {
  EXPECT_TRUE(IsReasonId("C01"));
  EXPECT_TRUE(IsReasonId("AG-501"));
  EXPECT_TRUE(IsReasonId("agreement-differs"));
  EXPECT_TRUE(IsReasonId(std::string(64, 'a')));
  for (const std::string& text :
       {std::string(), std::string(65, 'a'), std::string("two words"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("\xc3\xa9"),
        std::string("a_b"), std::string("a.b"), std::string("Odenwald"),
        std::string("ODENWALD"), std::string("c01X")}) {
    EXPECT_FALSE(IsReasonId(text)) << text;
  }
}

TEST(ReasonTest, BecauseKeepsCodeAndMessage) {
  const absl::Status status = Because(Exhausted("text"), v1::REASON_PARTY_BUSY);
  EXPECT_THAT(status, testing::HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(MessageOf(status), "text");
  EXPECT_EQ(ReasonOf(status), "party-busy");
}

}  // namespace
}  // namespace entente::rpc
