#include "policy/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

std::string File(std::string_view name) {
  return ToString(fixture::DocFile("catalogues/" + std::string(name)));
}

TEST(CatalogueTest, HoldsTheLeavesAndFieldsOfTheDesign) {
  const Catalogues c = fixture::RealCatalogues();
  EXPECT_EQ(c.purposes.size(), 46U);
  EXPECT_EQ(c.fields.size(), 63U);
  EXPECT_EQ(c.profiles.profiles().size(), 4U);
  EXPECT_EQ(c.recipe.id(), "recipe/1");
}

TEST(CatalogueTest, ExpandsInnerNodesToTheirLeaves) {
  const PurposeCatalogue p = fixture::RealCatalogues().purposes;
  EXPECT_EQ(std::popcount(p.Expand("terrorism")), 6);
  EXPECT_EQ(std::popcount(p.Expand("serious")), 26);
  EXPECT_EQ(p.Expand("serious"), p.air_link());
  EXPECT_EQ(p.Expand("terrorism.travel"),
            std::uint64_t{1} << *p.IndexOf("terrorism.travel"));
  EXPECT_EQ(p.Expand("terror"), 0U);
  EXPECT_EQ(p.Expand(""), 0U);
  EXPECT_EQ(p.Expand("tax"), 0U);
  EXPECT_FALSE(p.IndexOf("terrorism").has_value());
}

TEST(CatalogueTest, MarksSensitiveFreeTextAndMaskedFields) {
  const FieldCatalogue f = fixture::RealCatalogues().fields;
  EXPECT_EQ(std::popcount(f.sensitive()), 11);
  EXPECT_EQ(
      f.Codes(f.free_text()),
      (std::vector<std::string>{"pnr.remarks", "pnr.ticketing", "pnr.history",
                                "ssr.other", "case.narrative"}));
  EXPECT_NE(f.masked() & f.Bit("doc.number"), 0U);
  EXPECT_EQ(f.masked() & f.Bit("hit.handle"), 0U);
  EXPECT_NE(f.in_dataset(Dataset::kList) & f.Bit("hit.reason"), 0U);
  EXPECT_EQ(f.in_dataset(Dataset::kApi) & f.Bit("hit.reason"), 0U);
  EXPECT_EQ(f.Bit("person.shoe-size"), 0U);
}

TEST(CatalogueTest, RefusesADoubledOrBareCode) {
  const std::string purposes = File("purposes.toml");
  EXPECT_FALSE(PurposeCatalogue::Parse(
                   AsBytes(Replaced(purposes, "terrorism.preparation",
                                    "terrorism.offence")))
                   .ok());
  EXPECT_FALSE(PurposeCatalogue::Parse(
                   AsBytes(Replaced(purposes, "terrorism.offence", "terror")))
                   .ok());
}

TEST(CatalogueTest, RefusesMoreThanSixtyFourRows) {
  std::string purposes = File("purposes.toml");
  for (int i = 0; i < 18; ++i) {
    purposes += "\n[[purpose]]\ncode = \"more.p" + std::to_string(i) +
                "\"\ntitle_en = \"x\"\nmin_penalty_months = 0\nair_link = "
                "false\ndpv = \"none\"\n";
  }
  EXPECT_OK(PurposeCatalogue::Parse(AsBytes(purposes)));
  purposes +=
      "\n[[purpose]]\ncode = \"more.last\"\ntitle_en = "
      "\"x\"\nmin_penalty_months = 0\nair_link = false\ndpv = \"none\"\n";
  EXPECT_FALSE(PurposeCatalogue::Parse(AsBytes(purposes)).ok());
}

TEST(CatalogueTest, NamesTheFileInItsErrors) {
  const auto status =
      Profiles::Parse(AsBytes(Replaced(File("profiles.toml"), "log_years = 3",
                                       "log_years = 0")))
          .status();
  EXPECT_THAT(MessageOf(status), ::testing::HasSubstr("legal profiles"));
  EXPECT_EQ(ReasonOf(status), "AG-107");
  EXPECT_FALSE(
      Recipe::Parse(AsBytes(Replaced(File("recipe-1.toml"), "id = \"recipe/1\"",
                                     "id = \"recipe/01\"")))
          .ok());
}

TEST(CatalogueTest, TheHashIsThatOfTheBytes) {
  const Catalogues c = fixture::RealCatalogues();
  EXPECT_EQ(c.fields.hash(),
            DocumentHash(fixture::DocFile("catalogues/fields.toml")));
  EXPECT_NE(c.fields.hash(), c.purposes.hash());
}

TEST(CatalogueTest, TheRecipeNamesTheVectorsAtHand) {
  const Catalogues c = fixture::RealCatalogues();
  for (const RecipeVector& v : c.recipe.vectors()) {
    const auto path = testing::SourceDir() / "tests" / "vectors" / "recipe1" /
                      (v.id + ".tsv");
    EXPECT_EQ(DocumentHash(AsBytes(testing::ReadFile(path))), v.sha256) << path;
  }
}

}  // namespace
}  // namespace entente::policy
