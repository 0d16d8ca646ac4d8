// A peer's renewed card takes the place of the pinned one: endorsed, compared
// by two people, and never without the keys of an agreement in force.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keys/node_card.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class PeerRenewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(two, TwoNodes::Make(folder.path()));
    next = MustCard();
  }
  // QVA's next card, signed and endorsed by its technical key.
  keys::NodeCard MustCard() {
    Words words;
    for (const auto& [person, kind] :
         {std::pair("qva-legal", "legal"), std::pair("qva-tech", "technical"),
          std::pair("qva-dpo", "dpo"), std::pair("qva-duty", "duty")}) {
      words.emplace_back("agreement-key",
                         std::string(person) + "=" + kind + "=" +
                             ToHex(two.holder->person(person).public_key()));
    }
    const json said = MustDo(*two.holder, "qva-admin", "peer card", words);
    const auto body = FromHex(said["body"].get<std::string>());
    EXPECT_OK(body);
    const auto card = keys::ParseCard(*body);
    EXPECT_OK(card);
    return *card;
  }
  struct File {
    std::string path;
    std::string fingerprint;
  };
  File Sign(const keys::NodeCard& card) {
    const keys::Signer tech = two.holder->person("qva-tech").signer();
    const auto signed_card = keys::SignCard(card, tech, tech);
    EXPECT_OK(signed_card);
    return {
        WriteFile(folder.path() / "next.card", keys::WriteCard(*signed_card))
            .string(),
        keys::CardFingerprint(signed_card->body)};
  }
  auto Renew(const File& file) {
    return two.asker->Do("qor-admin", "peer renew",
                         {{"@", file.path}, {"fingerprint", file.fingerprint}});
  }
  auto Confirm(const std::string& person, const std::string& fingerprint) {
    return two.asker->Do(person, "peer confirm",
                         {{"party", "QVA"}, {"fingerprint", fingerprint}});
  }
  int PinnedSequence() {
    const json shown = MustDo(*two.asker, "qor-admin", "peer list");
    for (const json& peer : shown["peers"]) {
      if (peer["party"] == "QVA") return peer["sequence"];
    }
    return 0;
  }
  std::vector<std::string> Changes() {
    std::vector<std::string> out;
    for (const json& entry : Entries(*two.asker, "peer.card")) {
      if (entry["data"]["peer"] == "QVA")
        out.push_back(entry["data"]["change"]);
    }
    return out;
  }
  ScratchFolder folder;
  TwoNodes two;
  keys::NodeCard next;
};

TEST_F(PeerRenewTest, TwoPeopleReplaceAPinnedCard) {
  const File file = Sign(next);
  ASSERT_OK(Renew(file));
  // Brought is not pinned.
  EXPECT_EQ(PinnedSequence(), 1);
  ASSERT_OK(Confirm("qor-dpo", file.fingerprint));
  EXPECT_EQ(PinnedSequence(), 2);
  EXPECT_THAT(Changes(), ::testing::ElementsAre("added", "offered", "renewed"));
  // The line still works, and so do the agreements, also after a start.
  MustDo(*two.asker, "qor-admin", "peer check", {{"party", "QVA"}});
  two.asker->Stop();
  ASSERT_OK(two.asker->Start());
  EXPECT_EQ(
      MustDo(*two.asker, "qor-admin", "agreement list")["agreements"].size(),
      1U);
  // It was used up.
  EXPECT_THAT(Confirm("qor-dpo", file.fingerprint),
              IsRefusal(absl::StatusCode::kNotFound, "card-unknown"));
}

TEST_F(PeerRenewTest, OnePersonIsNotEnough) {
  const File file = Sign(next);
  ASSERT_OK(Renew(file));
  // By role, and by person: an administrator never confirms.
  EXPECT_THAT(Confirm("qor-admin", file.fingerprint),
              IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
  EXPECT_THAT(
      Confirm("qor-dpo", std::string(71, '0')),
      IsRefusal(absl::StatusCode::kPermissionDenied, "card-fingerprint"));
  EXPECT_THAT(Changes(), ::testing::ElementsAre("added", "offered"));
}

TEST_F(PeerRenewTest, AnOfferEndsAfterAWeek) {
  const File file = Sign(next);
  ASSERT_OK(Renew(file));
  two.asker->clock().Shift(7 * 86'400 + 1);
  EXPECT_THAT(Confirm("qor-dpo", file.fingerprint),
              IsRefusal(absl::StatusCode::kNotFound, "card-unknown"));
}

TEST_F(PeerRenewTest, OnlyTheEndorsedSuccessorIsTaken) {
  const auto wrong = [&](auto change) {
    keys::NodeCard card = next;
    change(card);
    return Renew(Sign(card));
  };
  const auto refused = IsRefusal(absl::StatusCode::kDataLoss, "card-successor");
  EXPECT_THAT(wrong([](keys::NodeCard& c) { c.sequence = 3; }), refused);
  EXPECT_THAT(wrong([](keys::NodeCard& c) { c.previous.fill(9); }), refused);
  // Another fingerprint than the one that was read out.
  File file = Sign(next);
  file.fingerprint[0] = file.fingerprint[0] == '0' ? '1' : '0';
  EXPECT_THAT(Renew(file), IsRefusal(absl::StatusCode::kPermissionDenied,
                                     "card-fingerprint"));
  EXPECT_THAT(Changes(), ::testing::ElementsAre("added"));
}

TEST_F(PeerRenewTest, ACardWithoutTheKeysOfAnAgreementIsRefused) {
  for (keys::CardKey& key : next.signing_keys) {
    if (key.kind == keys::CardKeyKind::kLegal) key.label = "qva-legal-new";
  }
  EXPECT_THAT(Renew(Sign(next)),
              IsRefusal(absl::StatusCode::kPermissionDenied, "card-keys"));
}

}  // namespace
}  // namespace entente::testing
