// Commands that are not what they claim to be, and people who may not be.

#include "crypto/base/codec.h"
#include "crypto/primitive/random.h"
#include "node/model/command.h"
#include "node/rpc/admin_client.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using nlohmann::json;

constexpr auto kUnknown = absl::StatusCode::kUnauthenticated;
constexpr auto kUnready = absl::StatusCode::kFailedPrecondition;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

// One node is enough.
class CommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        node, TestNode::Make(folder.path() / "qor", "QOR", "Orsena"));
    ASSERT_OK(node->Start());
    ASSERT_OK(node->AddPerson("qor-one", {"officer"}));
    ASSERT_OK(node->AddPerson("qor-audit", {"auditor"}));
  }
  std::int64_t now() { return node->clock().NowSeconds(); }
  std::size_t Failures(const std::string& reason) {
    return CountEntries(*node, "login.fail", "reason", reason);
  }
  // After every fault: the real person still gets in.
  void GoodCommand() { MustDo(*node, "qor-one", "status"); }

  ScratchFolder folder;
  std::unique_ptr<TestNode> node;
};

TEST_F(CommandsTest, AnotherKeyIsNotThePerson) {
  const auto stranger = keys::PersonKey::Create("qor-one");
  ASSERT_OK(stranger);
  EXPECT_THAT(node->DoAs(*stranger, "qor-one", "status", {}, now()),
              IsRefusal(kUnknown, "command-signature"));
  // A registered colleague cannot speak for another either.
  EXPECT_THAT(
      node->DoAs(node->person("qor-audit"), "qor-one", "status", {}, now()),
      IsRefusal(kUnknown, "command-signature"));
  EXPECT_THAT(node->DoAs(*stranger, "qor-nobody", "status", {}, now()),
              IsRefusal(kUnknown, "person-unknown"));
  EXPECT_EQ(Failures("command-signature"), 2U);
  EXPECT_EQ(Failures("person-unknown"), 1U);
  GoodCommand();
}

TEST_F(CommandsTest, ACommandOfAnotherTimeIsRefused) {
  const keys::PersonKey& key = node->person("qor-one");
  for (const std::int64_t off : {-3600, 3600, -301, 302}) {
    EXPECT_THAT(node->DoAs(key, "qor-one", "status", {}, now() + off),
                IsRefusal(kUnready, "clock-skew"))
        << off;
  }
  EXPECT_EQ(Failures("clock-skew"), 4U);
  EXPECT_OK(node->DoAs(key, "qor-one", "status", {}, now() - 290));
  GoodCommand();
}

TEST_F(CommandsTest, ARecordedCommandCountsOnceAndOnlyHere) {
  const keys::PersonKey& key = node->person("qor-one");
  model::Command command;
  command.party = "QOR";
  command.person = "qor-one";
  command.name = "status";
  command.time = now();
  command.nonce = primitive::RandomArray<16>();
  const auto call = [&key](const model::Command& said) {
    rpc::AdminCall out;
    out.body = EncodeStatement(said);
    out.signature = ToBytes(
        ByteView(key.Sign(Concat({AsBytes("entente/command/1\n"), out.body}))));
    return out;
  };
  ASSERT_OK_AND_ASSIGN(
      const auto client,
      rpc::AdminClient::Create(node->data() + "/run/admin.sock"));
  const auto send = [&client](const rpc::AdminCall& what) {
    return client->Execute(what, std::chrono::seconds(60));
  };
  const rpc::AdminCall good = call(command);
  ASSERT_OK(send(good));
  EXPECT_THAT(send(good), IsRefusal(kUnready, "command-replayed"));
  EXPECT_EQ(Failures("command-replayed"), 1U);

  model::Command elsewhere = command;
  elsewhere.party = "QVA";
  elsewhere.nonce = primitive::RandomArray<16>();
  EXPECT_THAT(send(call(elsewhere)), IsRefusal(kUnknown, "command-signature"));

  // Other words under the same signature.
  rpc::AdminCall changed = good;
  changed.body.back() ^= 1U;
  EXPECT_FALSE(send(changed).ok());
  rpc::AdminCall junk;
  junk.body = ToBytes(std::string_view("not a command"));
  junk.signature = good.signature;
  EXPECT_THAT(send(junk), IsRefusal(absl::StatusCode::kInvalidArgument,
                                    "command-malformed"));
  EXPECT_EQ(Failures("command-malformed"), 1U);
  GoodCommand();
}

TEST_F(CommandsTest, AFileThatWasNotSignedForIsRefused) {
  const std::string file =
      WriteFile(folder.path() / "a.csv", ListCsv({Stranger(1)})).string();
  ASSERT_OK(
      node->Do("qor-one", "list import", {{"@", file}, {"list", "subjects"}}));
  // Signed for a file, sent without one.
  EXPECT_FALSE(node->Do("qor-one", "list import", {{"list", "subjects"}}).ok());
  const json lists = MustDo(*node, "qor-one", "list show");
  EXPECT_EQ(lists["lists"][0]["rows"], 1);
}

TEST_F(CommandsTest, OneKeyIsOnePerson) {
  const std::string key = ToHex(node->person("qor-one").public_key());
  EXPECT_THAT(node->Do("qor-admin", "person add",
                       {{"id", "qor-second"},
                        {"name", "the same again"},
                        {"public-key", key},
                        {"role", "officer"}}),
              IsRefusal(kDenied, "same-person"));
  EXPECT_EQ(Failures("same-person"), 1U);
  EXPECT_THAT(node->AddPerson("qor-one", {"officer"}), ::testing::Not(IsOk()));
  EXPECT_EQ(Failures("person-known"), 1U);
  EXPECT_EQ(MustDo(*node, "qor-admin", "person list")["people"].size(), 4U);
}

// One administrator alone must not be able to become two officers.
TEST_F(CommandsTest, APersonActsOnceSomebodyElseHasConfirmedIt) {
  ASSERT_OK_AND_ASSIGN(const keys::PersonKey key,
                       keys::PersonKey::Create("qor-new"));
  MustDo(*node, "qor-admin", "person add",
         {{"id", "qor-new"},
          {"name", "qor-new"},
          {"public-key", ToHex(key.public_key())},
          {"role", "officer"}});
  const std::int64_t now = node->clock().NowSeconds();
  EXPECT_THAT(node->DoAs(key, "qor-new", "status", {}, now),
              IsRefusal(kUnknown, "person-pending"));
  EXPECT_THAT(node->Do("qor-admin", "person confirm", {{"id", "qor-new"}}),
              IsRefusal(kDenied, "role"));
  MustDo(*node, "qor-dpo", "person confirm", {{"id", "qor-new"}});
  EXPECT_OK(node->DoAs(key, "qor-new", "status", {}, now));
  EXPECT_THAT(node->Do("qor-dpo", "person confirm", {{"id", "qor-new"}}),
              IsRefusal(absl::StatusCode::kAlreadyExists, "person-known"));
}

TEST_F(CommandsTest, WhoRegistersDoesNotConfirm) {
  ASSERT_OK(node->AddPerson("qor-both", {"administrator", "approver"}));
  ASSERT_OK_AND_ASSIGN(const keys::PersonKey key,
                       keys::PersonKey::Create("qor-second"));
  MustDo(*node, "qor-both", "person add",
         {{"id", "qor-second"},
          {"name", "qor-second"},
          {"public-key", ToHex(key.public_key())},
          {"role", "officer"}});
  EXPECT_THAT(node->Do("qor-both", "person confirm", {{"id", "qor-second"}}),
              IsRefusal(kDenied, "same-person"));
}

TEST_F(CommandsTest, TheOnlyProtectionOfficerStays) {
  EXPECT_THAT(node->Do("qor-admin", "person remove", {{"id", "qor-dpo"}}),
              IsRefusal(kDenied, "last-dpo"));
  ASSERT_OK(node->AddPerson("qor-dpo-two", {"dpo"}));
  MustDo(*node, "qor-admin", "person remove", {{"id", "qor-dpo"}});
}

TEST_F(CommandsTest, TheProtectionOfficerHoldsNoOtherPower) {
  for (const std::vector<std::string>& roles :
       {std::vector<std::string>{"dpo", "administrator"},
        std::vector<std::string>{"approver", "dpo"}}) {
    const absl::Status status = node->AddPerson("qor-both", roles);
    EXPECT_EQ(status.code(), kDenied) << status;
    EXPECT_EQ(ReasonOf(status), "role-conflict");
  }
  EXPECT_EQ(Failures("role-conflict"), 2U);
  EXPECT_EQ(MustDo(*node, "qor-admin", "person list")["people"].size(), 4U);
  ASSERT_OK(node->AddPerson("qor-more", {"dpo", "auditor"}));
}

TEST_F(CommandsTest, WhoWasRemovedMayDoNothing) {
  MustDo(*node, "qor-admin", "person remove", {{"id", "qor-one"}});
  EXPECT_THAT(node->Do("qor-one", "status"),
              IsRefusal(kUnknown, "person-unknown"));
  EXPECT_THAT(node->Do("qor-admin", "person remove", {{"id", "qor-admin"}}),
              IsRefusal(kDenied, "same-person"));
  MustDo(*node, "qor-admin", "status");
}

}  // namespace
}  // namespace entente::testing
