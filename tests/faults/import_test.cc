// Passenger lists that arrive damaged: the persons are kept, the damage told.

#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        node, TestNode::Make(folder.path() / "qor", "QOR", "Orsena"));
    ASSERT_OK(node->Start());
    ASSERT_OK(node->AddPerson("qor-one", {"officer"}));
    ASSERT_OK(node->AddPerson("qor-audit", {"auditor"}));
    message.now = node->clock().NowSeconds();
    for (std::uint32_t i = 0; i < 6; ++i) people.push_back(Stranger(i));
  }
  json Import(const std::string& text, int exit_code = 0) {
    const std::string file =
        WriteFile(folder.path() / ("f" + std::to_string(++files)), text)
            .string();
    return MustDo(*node, "qor-one", "flight import", {{"@", file}}, exit_code);
  }
  static int Diagnosed(const json& reply, const std::string& code) {
    return reply["diagnostics"].value(code, 0);
  }
  static std::size_t Travellers(const json& reply) {
    return reply["flights"].empty()
               ? 0
               : reply["flights"][0]["travellers"].get<std::size_t>();
  }

  ScratchFolder folder;
  std::unique_ptr<TestNode> node;
  Paxlst message;
  std::vector<Somebody> people;
  int files = 0;
};

TEST_F(ImportTest, ASoundMessageHasNothingToTell) {
  const json reply = Import(message.Text(people));
  EXPECT_EQ(Travellers(reply), people.size());
  for (const char* code : {"truncated", "leading-junk"})
    EXPECT_EQ(Diagnosed(reply, code), 0) << reply.dump();
}

TEST_F(ImportTest, JunkBeforeTheServiceStringIsSkipped) {
  message.junk = "\x01QD QORKKQ7\r\n.QVLRRQ7 241200\r\n\x02";
  const json reply = Import(message.Text(people));
  EXPECT_EQ(Travellers(reply), people.size());
  EXPECT_EQ(Diagnosed(reply, "leading-junk"), 1) << reply.dump();
}

TEST_F(ImportTest, AWrongCountOfPersonsIsTold) {
  message.cnt_off = 2;
  const json reply = Import(message.Text(people));
  EXPECT_EQ(Travellers(reply), people.size());
  EXPECT_EQ(Diagnosed(reply, "cnt-differs"), 1) << reply.dump();
}

TEST_F(ImportTest, AWrongCountOfSegmentsIsTold) {
  message.unt_off = -3;
  const json reply = Import(message.Text(people));
  EXPECT_EQ(Travellers(reply), people.size());
  EXPECT_EQ(Diagnosed(reply, "count-differs"), 1) << reply.dump();
}

TEST_F(ImportTest, ATruncatedMessageKeepsTheWholePersons) {
  const std::string text = message.Text(people);
  const std::size_t cut = text.find("NAD+FL+++" + people[4].surname);
  ASSERT_NE(cut, std::string::npos);
  const json reply = Import(text.substr(0, cut));
  EXPECT_EQ(Travellers(reply), 4U);
  EXPECT_EQ(Diagnosed(reply, "truncated"), 1) << reply.dump();
}

TEST_F(ImportTest, AMessageWithoutPersonsIsSetAside) {
  message.cnt_off = 6;
  const json reply = Import(message.Text({}), 1);
  EXPECT_TRUE(reply["flights"].empty());
  EXPECT_EQ(reply["quarantined"], 1) << reply.dump();
  EXPECT_EQ(Diagnosed(reply, "persons-missing"), 1) << reply.dump();
  // One that says itself that it carries nobody has nothing to set aside, and
  // nothing to screen.
  message.cnt_off = 0;
  message.number = "Q7414";
  EXPECT_EQ(Import(message.Text({}), 1)["quarantined"], 0);
  EXPECT_TRUE(MustDo(*node, "qor-one", "flight list")["flights"].empty());
  EXPECT_EQ(Travellers(Import(message.Text(people))), people.size());
}

TEST_F(ImportTest, TheSameFileOfPassengersCountsOnce) {
  const std::string text =
      "pax_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_type,"
      "carrier,flight,flight_date,from,to\n"
      "1,ORSOLA,MIREN,1980-02-03,F,QOR,Q1234567,QOR,P,QQ,7414,2026-12-01,KQA,"
      "KQB\n"
      "2,VARDELL,TOBIN,1975-06-07,M,QOR,Q7654321,QOR,P,QQ,7414,2026-12-01,KQA,"
      "KQB\n";
  EXPECT_EQ(Travellers(Import(text)), 2U);
  const json again = Import(text);
  EXPECT_EQ(again["duplicates"], 1) << again.dump();
  EXPECT_TRUE(again["flights"].empty());
  const json list = MustDo(*node, "qor-one", "flight list");
  ASSERT_EQ(list["flights"].size(), 1U) << list.dump();
  EXPECT_EQ(list["flights"][0]["travellers"], 2);
}

TEST_F(ImportTest, WhatIsNoMessageAtAllLeavesNothing) {
  for (const std::string& text :
       {std::string("UNA:+.? '"), std::string("\0\0\0\0", 4),
        std::string(100'000, 'A'), std::string()}) {
    const std::string file = WriteFile(folder.path() / "junk", text).string();
    const auto reply = node->Do("qor-one", "flight import", {{"@", file}});
    EXPECT_TRUE(!reply.ok() || reply->exit_code == 1)
        << text.substr(0, 10) << (reply.ok() ? reply->text : "");
  }
  EXPECT_TRUE(MustDo(*node, "qor-one", "flight list")["flights"].empty());
  EXPECT_EQ(Travellers(Import(message.Text(people))), people.size());
}

}  // namespace
}  // namespace entente::testing
