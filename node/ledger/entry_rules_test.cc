// The rules between the entries of a volume, each broken once by the log
// itself.

#include "node/ledger/entry_rules.h"

#include "crypto/base/status.h"
#include "node/ledger/testing_volume.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

// What a log could sign that breaks a rule between entries.
struct RuleCase {
  const char* name;
  void (*build)(TestVolume&);
  std::uint64_t index;
  Verdict verdict = Verdict::kTampered;
};

class RuleTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RuleTest, IsRefusedAtItsEntry) {
  TestVolume volume;
  GetParam().build(volume);
  volume.Publish(false);
  const Report report = volume.Verify();
  EXPECT_EQ(report.verdict, GetParam().verdict);
  ASSERT_TRUE(report.fault);
  EXPECT_EQ(report.fault->claim, "V7");
  EXPECT_EQ(report.fault->index, GetParam().index) << ReportText(report);
}

Bytes Replaced(const Bytes& leaf, std::string_view from, std::string_view to) {
  std::string text = ToString(leaf);
  const std::size_t at = text.find(from);
  CHECK(at != std::string::npos);
  return ToBytes(text.replace(at, from.size(), to));
}

const RuleCase kRuleCases[] = {
    {"NoGenesis",
     [](TestVolume& v) { v.Add(Event("node.start").FillAbsent()); }, 0},
    {"GenesisTwice",
     [](TestVolume& v) {
       v.Begin();
       v.Add(TestVolume::Genesis());
     },
     7},
    {"GenesisOfAnotherVolume",
     [](TestVolume& v) {
       v.Add(Event("log.genesis")
                 .Set("catalogue", CatalogueHash())
                 .Set("volume", "2026a")
                 .FillAbsent());
     },
     0},
    {"GenesisOfAnotherCatalogue",
     [](TestVolume& v) {
       v.Add(Event("log.genesis")
                 .Set("catalogue", Hash{})
                 .Set("volume", "2027a")
                 .FillAbsent());
     },
     0, Verdict::kUntrusted},
    {"GenesisWithHalfAPredecessor",
     [](TestVolume& v) {
       v.Add(Event("log.genesis")
                 .Set("catalogue", CatalogueHash())
                 .Set("volume", "2027a")
                 .Set("prev_size", 3)
                 .FillAbsent());
     },
     0},
    {"TimeThatGoesBack",
     [](TestVolume& v) {
       v.Begin();
       v.Add(Event("node.stop").FillAbsent(), kStart);
     },
     7},
    {"AnIdTwice",
     [](TestVolume& v) {
       v.Begin();
       v.PadTo(9);
       v.AddRaw(v.leaves[8]);
     },
     9},
    {"AnEntryAfterTheEnd",
     [](TestVolume& v) {
       v.Begin();
       v.Add(Event("log.close").FillAbsent());
       v.PadTo(10);
       v.Add(Event("node.stop").FillAbsent());
     },
     10},
    {"NoGuardAfterAScreening",
     [](TestVolume& v) {
       v.Begin();
       v.Add(TestVolume::Screen(2));
       v.PadTo(12);
     },
     8},
    {"NoGuardAtTheEnd",
     [](TestVolume& v) {
       v.Begin();
       v.Add(TestVolume::Screen(2));
     },
     7},
    {"NoGuardAfterATagSet",
     [](TestVolume& v) {
       v.Begin();
       v.Add(Event("tagset.build").FillAbsent());
       v.PadTo(12);
     },
     8},
    {"AGuardOfTheWrongKind",
     [](TestVolume& v) {
       v.Begin();
       v.Add(Event("tagset.build").FillAbsent());
       v.Add(MakeGuard("screen", {}));
     },
     8},
    {"AGuardOnItsOwn",
     [](TestVolume& v) {
       v.Begin();
       v.Add(MakeGuard("screen", {}));
     },
     7},
    {"AGuardWithAnActor",
     [](TestVolume& v) {
       v.Begin();
       v.Add(MakeGuard("set", {}));
       v.leaves[7] = Replaced(v.leaves[7], "\"actor\":\"-\"",
                              "\"actor\":\"" + std::string(32, 'a') + "\"");
     },
     7},
    {"AnErasureOfWhatComesLater",
     [](TestVolume& v) {
       v.Begin();
       v.Add(v.Erasure("4,7", 2));
     },
     7},
    {"AnErasureThatMiscounts",
     [](TestVolume& v) {
       v.Begin();
       v.Add(v.Erasure("1-4", 3));
     },
     7},
    {"AnUnknownType",
     [](TestVolume& v) {
       v.Begin();
       v.PadTo(8);
       v.leaves[7] =
           Replaced(v.leaves[7], "\"type\":\"pad\"", "\"type\":\"pat\"");
     },
     7},
    {"AnUnknownKey",
     [](TestVolume& v) {
       v.Begin();
       v.PadTo(8);
       v.leaves[7] =
           Replaced(v.leaves[7], "\"data\":{}", "\"data\":{\"name\":\"x\"}");
     },
     7},
    {"WhiteSpace",
     [](TestVolume& v) {
       v.Begin();
       v.PadTo(8);
       v.leaves[7] = Replaced(v.leaves[7], "\"data\":{}", "\"data\": {}");
     },
     7}};

INSTANTIATE_TEST_SUITE_P(Rules, RuleTest, ::testing::ValuesIn(kRuleCases),
                         [](const auto& param) {
                           return std::string(param.param.name);
                         });

TEST(RulesTest, GuardsOfTheSetStandOnTheirOwn) {
  TestVolume volume;
  volume.Begin();
  volume.Add(MakeGuard("set", {}));
  volume.Add(Event("tagset.build").FillAbsent());
  volume.Add(MakeGuard("tagset", {}));
  volume.Add(Event("log.close").FillAbsent());
  volume.PadTo(14);
  volume.Publish(false);
  const Report report = volume.Verify();
  EXPECT_TRUE(IsVerified(report.verdict)) << ReportText(report);
}

}  // namespace
}  // namespace entente::ledger
