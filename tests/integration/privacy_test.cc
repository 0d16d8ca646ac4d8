// What the other side could learn from what crosses and from what it keeps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/base/codec.h"
#include "crypto/primitive/hash.h"
#include "node/model/statements.h"
#include "policy/agreement.h"
#include "policy/envelope.h"
#include "tests/integration/capture.h"
#include "tests/integration/story.h"
#include "tests/integration/trace.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

Bytes AllBytes(const Capture& capture) {
  Bytes out;
  for (const Capture::Message& message : capture.messages()) {
    for (const Bytes* part : {&message.body, &message.signature}) {
      out.insert(out.end(), part->begin(), part->end());
      out.push_back(0);
    }
    const Bytes words = ToBytes(message.method + message.reason);
    out.insert(out.end(), words.begin(), words.end());
    out.push_back(0);
  }
  return out;
}

// What anybody who holds the agreement could salt a hash with.
std::vector<Bytes> PublicValues(const Story& story, const Capture& wire) {
  const auto envelope = policy::ParseEnvelope(story.two.envelope);
  const Hash agreement = policy::DocumentHash(envelope->payload);
  std::vector<Bytes> out = {ToBytes(ByteView(agreement)),
                            ToBytes(ToHex(agreement)),
                            ToBytes(std::string_view("screen-terrorism")),
                            ToBytes(std::string_view("QOR")),
                            ToBytes(std::string_view("QVA")),
                            ToBytes(std::string_view("QORQVA")),
                            ToBytes(std::string_view("QVAQOR"))};
  for (const Capture::Message& message : wire.messages()) {
    if (message.method != "Announce") continue;
    const auto said = DecodeStatement<model::EpochAnnouncement>(message.body);
    if (!said.ok()) continue;
    out.push_back(ToBytes(ByteView(said->public_key)));
    out.push_back(ToBytes(ToHex(said->public_key)));
    break;
  }
  EXPECT_EQ(out.size(), 9U) << "the epoch's public key was not seen";
  return out;
}

class PrivacyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TwoNodes::Options options;
    options.asker_tap = at_asker.tap();
    options.holder_tap = at_holder.tap();
    ASSERT_OK(story.Begin(options, MakeCast(40, 25)));
    const absl::StatusOr<rpc::AdminReply> reply =
        story.two.Screen(story.flight);
    ASSERT_OK(reply);
    ASSERT_EQ(json::parse(reply->json)["hits"], kPlantedHits) << reply->text;
  }
  Bytes Crossed() const {
    return Concat({AllBytes(at_asker), AllBytes(at_holder)});
  }
  // Everybody who flies.
  Trace Travellers() const {
    Trace out(PublicValues(story, at_asker));
    for (const Somebody& person : story.cast.flying) out.AddPerson(person);
    return out;
  }
  // Everybody who is listed and is no hit.
  Trace Unmatched() const {
    Trace out(PublicValues(story, at_asker));
    for (std::size_t i = 5; i < story.cast.listed.size(); ++i) {
      const Somebody& person = story.cast.listed[i];
      out.AddPerson(person);
      out.AddValue("entry of " + person.number, "V-" + person.number);
    }
    return out;
  }
  std::string holder_data() const { return story.two.holder->data(); }
  std::string asker_data() const { return story.two.asker->data(); }

  // The captures outlive the nodes.
  Capture at_asker;
  Capture at_holder;
  Story story;
};

TEST_F(PrivacyTest, NothingOfATravellerCrossesOrIsKeptByTheHolder) {
  const Bytes crossed = Crossed();
  ASSERT_GT(crossed.size(), 100'000U);
  const Trace trace = Travellers();
  EXPECT_GT(trace.size(), 5'000U);
  EXPECT_THAT(trace.In(crossed), IsEmpty());
  EXPECT_THAT(trace.InFolder(holder_data()), IsEmpty());
  // Stopped, everything lies on the disk.
  story.two.holder->Stop();
  EXPECT_THAT(trace.InFolder(holder_data()), IsEmpty());
}

TEST_F(PrivacyTest, NothingOfAnUnmatchedEntryCrossesOrIsKeptByTheAsker) {
  const Trace trace = Unmatched();
  EXPECT_GT(trace.size(), 5'000U);
  EXPECT_THAT(trace.In(Crossed()), IsEmpty());
  EXPECT_THAT(trace.InFolder(asker_data()), IsEmpty());
  story.two.asker->Stop();
  EXPECT_THAT(trace.InFolder(asker_data()), IsEmpty());
}

TEST_F(PrivacyTest, TheSearchFindsEveryFormThatIsPlanted) {
  const Bytes crossed = Crossed();
  Trace trace(PublicValues(story, at_asker));
  trace.AddPerson(story.cast.flying.back());
  ASSERT_GT(trace.size(), 300U);
  const std::filesystem::path file =
      std::filesystem::path(holder_data()) / "audit" / "planted";
  for (const Trace::Needle& needle : trace.needles()) {
    Bytes planted = ToBytes(ByteView(crossed).first(1000));
    planted.insert(planted.end(), needle.bytes.begin(), needle.bytes.end());
    planted.push_back(7);
    EXPECT_THAT(trace.In(planted), ::testing::Contains(needle.what));
  }
  WriteFile(file, "x" + story.cast.flying.back().surname + "x");
  EXPECT_THAT(trace.InFolder(holder_data()),
              ::testing::Contains(::testing::HasSubstr("planted: surname")));
  // Base64 of a text that holds the value at any place.
  for (const std::string lead : {"", "a", "ab", "abc"}) {
    const std::string text = ToBase64(AsBytes(lead + "VALDERMAN" + lead));
    EXPECT_NE(text.find(Base64Core("VALDERMAN", lead.size() % 3, false)),
              std::string::npos)
        << text;
  }
}

// The fields that were asked for cross once, sealed to the asker's key.
TEST_F(PrivacyTest, ADisclosureCrossesSealed) {
  TestNode& asker = *story.two.asker;
  TestNode& holder = *story.two.holder;
  const json queue = MustDo(asker, "qor-one", "hits list");
  std::string hit;
  for (const json& row : queue["hits"]) {
    if ((" " + row["rules"].get<std::string>() + " ").find(" A1 ") !=
        std::string::npos)
      hit = row["hit"].get<std::string>();
  }
  ASSERT_FALSE(hit.empty());
  MustDo(asker, "qor-one", "review",
         {{"hit", hit}, {"verdict", "confirmed"}, {"reason", "agrees"}});
  MustDo(asker, "qor-one", "disclose ask",
         {{"hit", hit},
          {"clause", "disclose-terrorism"},
          {"fields",
           "person.family-name,person.given-names,person.birth-date,"
           "doc.number"},
          {"case", "QOR-2026-0017"},
          {"necessity", "arrival tonight"}});
  Words review = Story::AllFlagsAbsent();
  review.insert(review.end(),
                {{"hit", hit}, {"verdict", "approve"}, {"reason", "same"}});
  MustDo(holder, "qva-two", "review", review);
  MustDo(holder, "qva-one", "disclose release", {{"hit", hit}});
  const json shown = MustDo(asker, "qor-one", "hits show", {{"hit", hit}});
  ASSERT_NE(shown.dump().find("VALDERMAN"), std::string::npos)
      << "the asker can read what was sealed to it";

  const Bytes crossed = Crossed();
  std::size_t deliveries = 0;
  for (const Capture::Message& message : at_asker.messages())
    deliveries += message.method == "Deliver" ? 1U : 0U;
  EXPECT_EQ(deliveries, 2U) << "one call and its answer";
  EXPECT_THAT(Travellers().In(crossed), IsEmpty());
  EXPECT_THAT(Unmatched().In(crossed), IsEmpty());
  EXPECT_THAT(Travellers().InFolder(holder_data()), IsEmpty());
  EXPECT_THAT(Unmatched().InFolder(asker_data()), IsEmpty());
}

}  // namespace
}  // namespace entente::testing
