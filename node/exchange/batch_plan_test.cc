#include "node/exchange/batch_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "tests/testing/status_matchers.h"

namespace entente {
namespace testing {
struct SecretReader {
  static Bytes Read(const SecretBytes& s) {
    return ToBytes(s.Reveal(KeyAccess()));
  }
};
}  // namespace testing

namespace exchange {
namespace {

using testing::HasCode;

const Bytes kSeed(32, 0x17);

model::Person Traveller(const std::string& surname, const std::string& dob) {
  model::Person person;
  person.names.push_back({surname, "ORSINA", "", model::NameKind::kDocument});
  person.dob = dob;
  person.sex = model::Sex::kFemale;
  person.nationalities = {"QOR"};
  person.documents.push_back(
      {model::DocumentClass::kPassport, "KX4410982", "QOR", ""});
  return person;
}

std::map<std::uint32_t, std::size_t> PerPerson(const BatchPlan& plan) {
  std::map<std::uint32_t, std::size_t> out;
  for (const Place& place : plan.places) ++out[place.person];
  return out;
}

TEST(BatchPlanTest, TheSameSeedAsksTheSameQuestion) {
  const model::Person person = Traveller("VALDERMAN", "19870412");
  const BatchPlan a = MakePlan({&person}, 8, match::Set::kStandard, kSeed);
  const BatchPlan b = MakePlan({&person}, 8, match::Set::kStandard, kSeed);
  EXPECT_EQ(a.inputs, b.inputs);
  const BatchPlan c =
      MakePlan({&person}, 8, match::Set::kStandard, Bytes(32, 0x18));
  EXPECT_NE(a.inputs, c.inputs);
}

TEST(BatchPlanTest, EveryPlaceHasTheRecipesConstantOfElements) {
  const model::Person person = Traveller("VALDERMAN", "19870412");
  const BatchPlan plan =
      MakePlan({&person, nullptr}, 8, match::Set::kStandard, kSeed);
  EXPECT_EQ(plan.inputs.size(), 8 * 48U);
  for (const auto& [who, n] : PerPerson(plan)) EXPECT_EQ(n, 48U) << who;
}

TEST(BatchPlanTest, AWithheldPersonHasTheShapeOfAnyOther) {
  const model::Person person = Traveller("VALDERMAN", "19870412");
  const BatchPlan shown = MakePlan({&person}, 1, match::Set::kStandard, kSeed);
  const BatchPlan withheld =
      MakePlan({nullptr}, 1, match::Set::kStandard, kSeed);
  EXPECT_EQ(shown.inputs.size(), withheld.inputs.size());
  for (const Place& place : withheld.places) EXPECT_EQ(place.rule, 0);
  const std::string_view name = "VALDERMAN";
  for (const Bytes& input : withheld.inputs) {
    EXPECT_EQ(AsText(input).find(name), std::string_view::npos);
  }
}

TEST(BatchPlanTest, KeysOfOnePersonAreSpreadOverTheBatch) {
  const model::Person person = Traveller("VALDERMAN", "19870412");
  const BatchPlan plan = MakePlan({&person}, 64, match::Set::kStandard, kSeed);
  std::set<std::size_t> chunks;
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    if (plan.places[i].person == 0) chunks.insert(i / (16 * 48));
  }
  EXPECT_EQ(chunks.size(), 4U);  // 48 keys over 4 chunks: all of them, surely
}

TEST(BatchPlanTest, NoBlindServesTwice) {
  std::set<Bytes> seen;
  for (const std::uint32_t chunk : {0U, 1U}) {
    ASSERT_OK_AND_ASSIGN(const group::SecretScalars blinds,
                         ChunkBlinds(kSeed, chunk, 4));
    const Bytes block = testing::SecretReader::Read(blinds.block());
    for (std::size_t i = 0; i < 4; ++i) {
      const ByteView one = ByteView(block).subspan(i * 32, 32);
      EXPECT_TRUE(seen.insert(ToBytes(one)).second);
    }
  }
  EXPECT_THAT(ChunkBlinds(ByteView(kSeed).first(16), 0, 4),
              HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace exchange
}  // namespace entente
