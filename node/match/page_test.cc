// docs/protocol/recipe-1.md against the code: its fenced blocks are read here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "crypto/primitive/hash.h"
#include "node/match/key.h"
#include "node/match/made_people.h"
#include "node/match/normal_form.h"
#include "node/match/recipe.h"
#include "node/match/rule.h"
#include "node/match/self_check.h"
#include "node/match/skeleton.h"
#include "node/match/table.h"
#include "node/match/words.h"
#include "tests/testing/shared_data.h"

namespace entente::match {
namespace {

using Lines = std::vector<std::string>;

// The fenced blocks of the page by their info string, in order.
std::multimap<std::string, Lines> Blocks() {
  std::istringstream in(testing::ReadFile(testing::SourceDir() / "docs" /
                                          "protocol" / "recipe-1.md"));
  std::multimap<std::string, Lines> blocks;
  std::string line, info;
  Lines lines;
  while (std::getline(in, line)) {
    if (!line.starts_with("```")) {
      if (!info.empty()) lines.push_back(line);
    } else if (info.empty()) {
      info = line.substr(3);
    } else {
      blocks.emplace(std::exchange(info, {}), std::exchange(lines, {}));
    }
  }
  return blocks;
}

Lines Block(const std::string& info) {
  const auto blocks = Blocks();
  EXPECT_EQ(blocks.count(info), 1U) << info;
  const auto at = blocks.find(info);
  return at == blocks.end() ? Lines() : at->second;
}

std::vector<std::string> Tokens(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> tokens;
  for (std::string token; in >> token;) tokens.push_back(token);
  return tokens;
}

std::vector<std::string> TokensOf(const Lines& lines) {
  std::vector<std::string> all;
  for (const std::string& line : lines) {
    for (std::string& token : Tokens(line)) all.push_back(std::move(token));
  }
  return all;
}

std::string KeyTextOf(std::string spelled) {
  std::replace(spelled.begin(), spelled.end(), '|', '\x1f');
  return "entente/recipe/1\x1f" + spelled;
}

std::string Utf8(char32_t c) {
  if (c < 0x800) {
    return {static_cast<char>(0xC0U | (c >> 6U)),
            static_cast<char>(0x80U | (c & 0x3FU))};
  }
  return {static_cast<char>(0xE0U | (c >> 12U)),
          static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)),
          static_cast<char>(0x80U | (c & 0x3FU))};
}

TEST(RecipePageTest, TheTableIsTheTable) {
  const std::vector<std::string> tokens = TokensOf(Block("letters"));
  std::map<std::string, std::string> page, code;
  for (std::size_t i = 0; i + 1 < tokens.size(); i += 2) {
    page[tokens[i]] = tokens[i + 1] == "-" ? "" : tokens[i + 1];
  }
  for (const Letter& letter : Letters()) {
    code[Utf8(letter.code_point)] = letter.latin;
  }
  EXPECT_EQ(page, code);
}

TEST(RecipePageTest, TheListsOfWordsAreTheLists) {
  using ::testing::UnorderedElementsAreArray;
  EXPECT_THAT(Placeholders(),
              UnorderedElementsAreArray(TokensOf(Block("placeholders"))));
  EXPECT_THAT(Titles(), UnorderedElementsAreArray(TokensOf(Block("titles"))));
  EXPECT_THAT(Particles(),
              UnorderedElementsAreArray(TokensOf(Block("particles"))));
}

TEST(RecipePageTest, FieldsFoldAsThePageSays) {
  const Lines lines = Block("folds");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const std::size_t arrow = line.find(" -> ");
    const std::string folded = Fold(line.substr(0, arrow));
    std::vector<std::string_view> words;
    Words(folded, words);
    std::string joined;
    for (const std::string_view word : words) {
      joined += (joined.empty() ? "" : " ") + std::string(word);
    }
    EXPECT_EQ(joined, line.substr(arrow + 4));
  }
}

TEST(RecipePageTest, SkeletonsAreAsThePageSays) {
  const std::vector<std::string> tokens = TokensOf(Block("skeletons"));
  EXPECT_FALSE(tokens.empty());
  for (std::size_t i = 0; i + 1 < tokens.size(); i += 2) {
    EXPECT_EQ(Skeleton(tokens[i]), tokens[i + 1]);
  }
}

TEST(RecipePageTest, TextsAreAsThePageSays) {
  const Lines lines = Block("keytext");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(ToHex(AsBytes(KeyTextOf(lines[0]))), lines[1]);
  ByteArray<32> random{};
  std::iota(random.begin(), random.end(), std::uint8_t{0});
  EXPECT_THAT(Block("dummy"),
              ::testing::ElementsAre(ToHex(Dummy(random).text)));
}

TEST(RecipePageTest, SetsAreAsThePageSays) {
  const Lines lines = Block("sets");
  ASSERT_EQ(lines.size(), 3U);
  for (std::size_t s = 0; s < 3; ++s) {
    const Set set = static_cast<Set>(s);
    std::vector<std::string> tokens = Tokens(lines[s]);
    ASSERT_GT(tokens.size(), 3U);
    EXPECT_EQ(tokens[0], SetName(set));
    EXPECT_EQ(tokens[1], std::to_string(ElementsPerPerson(set)));
    EXPECT_EQ(tokens[2], std::to_string(EntriesPerUnit(set)));
    std::vector<std::string> rules;
    for (unsigned code = 0; code < 256; ++code) {
      const auto byte = static_cast<std::uint8_t>(code);
      if (Holds(set, byte)) rules.emplace_back(RuleName(byte));
    }
    tokens.erase(tokens.begin(), tokens.begin() + 3);
    EXPECT_THAT(rules, ::testing::UnorderedElementsAreArray(tokens));
  }
}

TEST(RecipePageTest, VectorsHaveTheHashesOfThePageAndOfTheCatalogue) {
  const std::string catalogue = testing::ReadFile(
      testing::SourceDir() / "docs" / "catalogues" / "recipe-1.toml");
  std::vector<std::string> hashes;
  for (const VectorFileHash& file : VectorHashes()) {
    hashes.push_back(std::string(file.name) + " " + ToHex(file.sha256));
    EXPECT_THAT(catalogue, ::testing::HasSubstr(ToHex(file.sha256)))
        << file.name;
    EXPECT_EQ(primitive::Sha256(AsBytes(testing::ReadFile(
                  testing::SourceDir() / "tests" / "vectors" / "recipe1" /
                  (std::string(file.name) + ".tsv")))),
              file.sha256);
  }
  EXPECT_EQ(Block("vectors"), hashes);
}

struct Example {
  model::Person person;
  std::string side, set;
  std::vector<std::string> keys;  // as the page spells them, with the hash

  void Read(const std::string& line) {
    const std::size_t blank = line.find(' ');
    const std::string name = line.substr(0, blank);
    const std::string value = line.substr(blank + 1);
    model::Name& full = person.names.front();
    if (name == "side") side = value;
    if (name == "set") set = value;
    if (name == "surname") full.surname = value;
    if (name == "given") full.given = value;
    if (name == "full") full.full = value;
    if (name == "dob") person.dob = value;
    if (name == "nationality") person.nationalities.push_back(value);
    if (name == "source") person.source = model::Source::kPnr;
    if (name == "key") keys.push_back(value);
    if (name == "sex") {
      person.sex = value == "F" ? model::Sex::kFemale : model::Sex::kMale;
    }
    if (name == "document") {
      const std::vector<std::string> parts = Tokens(value);
      EXPECT_EQ(parts[0], "P");
      person.documents.push_back(
          {model::DocumentClass::kPassport, parts[1], parts[2], {}});
    }
  }
};

TEST(RecipePageTest, EveryWorkedExampleGivesItsKeys) {
  const auto blocks = Blocks();
  EXPECT_EQ(blocks.count("example"), 4U);
  const auto [first, last] = blocks.equal_range("example");
  for (auto at = first; at != last; ++at) {
    Example example;
    example.person.names.emplace_back();
    for (const std::string& line : at->second) example.Read(line);
    const Set set = example.set == "standard" ? Set::kStandard
                    : example.set == "narrow" ? Set::kNarrow
                                              : Set::kWide;
    const std::vector<Key> keys =
        example.side == "query"
            ? QueryKeys(example.person, set)
            : ListUnits(MadeEntry(example.person), set).front();
    std::vector<std::string> spelled;
    for (const Key& key : keys) {
      std::string text(AsText(key.text).substr(17));
      std::replace(text.begin(), text.end(), '\x1f', '|');
      spelled.push_back(text + " " +
                        ToHex(primitive::Sha256(ByteView(key.text))));
    }
    EXPECT_EQ(spelled, example.keys);
  }
}

}  // namespace
}  // namespace entente::match
