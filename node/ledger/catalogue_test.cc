#include "node/ledger/catalogue.h"

#include <set>

#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

TEST(CatalogueTest, HasTheHashThatGenesisNames) {
  EXPECT_EQ(ToHex(CatalogueHash()),
            "64559f4ce8f702ce51a8110a25b9f3259656f96c4fe567584ffd74d49a5ef002");
}

TEST(CatalogueTest, IsTheSampleByteForByte) {
  SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
  EXPECT_EQ(CatalogueJson(),
            testing::ReadFile(testing::SharedDir() /
                              "vectors/tlog/entente-v1/catalogue.json"));
}

TEST(CatalogueTest, EveryTypeIsWellFormed) {
  std::set<std::string_view> names;
  for (const EventType& type : Catalogue()) {
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
    EXPECT_EQ(FindEventType(type.name), &type);
    const auto keys = Words(type.data);
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end())) << type.name;
    for (std::string_view key : keys) EXPECT_TRUE(KindOf(key)) << key;
    EXPECT_LE(Words(type.sealed).size(), 14U) << type.name;
    EXPECT_EQ(type.keep == Keep::kPad, type.name == "pad");
  }
  EXPECT_EQ(names.size(), 123U);
  EXPECT_EQ(FindEventType("screen.opened"), nullptr);
  EXPECT_FALSE(KindOf("name_of_person"));
}

TEST(CatalogueTest, KindsTakeTheirValuesAndNoOthers) {
  const std::string h(64, 'a');
  const std::string x(32, '0');
  EXPECT_TRUE(IsValue(KeyKind::kHash, h));
  EXPECT_FALSE(IsValue(KeyKind::kHash, x));
  EXPECT_FALSE(IsValue(KeyKind::kHash, std::string(64, 'A')));
  EXPECT_TRUE(IsValue(KeyKind::kId, x));
  EXPECT_FALSE(IsValue(KeyKind::kId, x + "0"));
  EXPECT_TRUE(IsValue(KeyKind::kCode, "terrorism.travel"));
  EXPECT_TRUE(IsValue(KeyKind::kCode, "2027-01-01"));
  EXPECT_FALSE(IsValue(KeyKind::kCode, ""));
  EXPECT_FALSE(IsValue(KeyKind::kCode, ".x"));
  EXPECT_FALSE(IsValue(KeyKind::kCode, "a b"));
  EXPECT_TRUE(IsValue(KeyKind::kCode, std::string(64, 'a')));
  EXPECT_FALSE(IsValue(KeyKind::kCode, std::string(65, 'a')));
  EXPECT_TRUE(IsValue(KeyKind::kText, "a b,c"));
  EXPECT_TRUE(IsValue(KeyKind::kText, std::string(512, 'a')));
  EXPECT_FALSE(IsValue(KeyKind::kText, std::string(513, 'a')));
  EXPECT_FALSE(IsValue(KeyKind::kText, "a\"b"));
  EXPECT_FALSE(IsValue(KeyKind::kText, "a\\b"));
  EXPECT_FALSE(IsValue(KeyKind::kText, "a\x7f"));
  EXPECT_FALSE(IsValue(KeyKind::kText, "\xc3\xa9"));
  for (KeyKind kind :
       {KeyKind::kHash, KeyKind::kId, KeyKind::kCode, KeyKind::kText}) {
    EXPECT_TRUE(IsValue(kind, "-"));
  }
  EXPECT_FALSE(IsValue(KeyKind::kInteger, "-"));
  EXPECT_FALSE(IsValue(KeyKind::kInteger, "1"));
}

}  // namespace
}  // namespace entente::ledger
