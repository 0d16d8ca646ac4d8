// Who is found by which words, and that a tag says nothing without its key.

#include "node/exchange/subjects.h"

#include <algorithm>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "keys/file_key_store.h"
#include "node/ledger/body.h"
#include "node/match/recipe.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::exchange {
namespace {

using ::entente::testing::HasCode;
using ::testing::IsEmpty;
using ::testing::Not;

class SubjectsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(keys::Sealing::MakeKeyFile(dir_.Path("seal")));
    auto sealing = keys::Sealing::FromKeyFile(dir_.Path("seal"));
    ASSERT_OK(sealing);
    auto store =
        keys::FileKeyStore::Create(dir_.Path("keys"), *std::move(sealing));
    ASSERT_OK(store);
    store_ = *std::move(store);
    ASSERT_OK(store_->Generate(keys::Purpose::kIndex));
  }
  static model::Person Orsina() {
    model::Person person;
    person.names = {{"VALDERMAN", "ORSINA", "", model::NameKind::kDocument}};
    person.dob = "19870412";
    person.sex = model::Sex::kFemale;
    person.documents = {
        {model::DocumentClass::kPassport, "KX4410982", "QOR", ""}};
    return person;
  }
  // Whether the query finds whoever has `tags`.
  bool Finds(const SubjectQuery& query, const std::vector<Id16>& tags) {
    const auto asked = QueryTags(*store_, query);
    EXPECT_OK(asked);
    return std::any_of(asked->begin(), asked->end(), [&tags](const Id16& tag) {
      return std::binary_search(tags.begin(), tags.end(), tag);
    });
  }

  testing::TempDir dir_;
  std::unique_ptr<keys::KeyStore> store_;
};

TEST_F(SubjectsTest, AreTheKeyedHashesOfMatchKeys) {
  const auto tags = SubjectTags(*store_, Orsina());
  ASSERT_OK(tags);
  ASSERT_THAT(*tags, Not(IsEmpty()));
  EXPECT_TRUE(std::is_sorted(tags->begin(), tags->end()));
  std::size_t found = 0;
  for (const match::Key& key :
       match::QueryKeys(Orsina(), match::Set::kStandard)) {
    const auto mac = store_->Mac(
        keys::Purpose::kIndex,
        Concat({AsBytes("entente/audit/subject/1\n"), ByteView(key.text)}));
    ASSERT_OK(mac);
    const Id16 tag = *ToArray<16>(ByteView(*mac).first(16));
    found += std::binary_search(tags->begin(), tags->end(), tag) ? 1U : 0U;
  }
  EXPECT_EQ(found, tags->size()) << "a tag that is of no match key";
}

TEST_F(SubjectsTest, APersonIsFoundByDocumentAndByNameWithDate) {
  const auto tags = SubjectTags(*store_, Orsina());
  ASSERT_OK(tags);
  EXPECT_TRUE(Finds({.issuer = "QOR", .number = "KX4410982"}, *tags));
  EXPECT_TRUE(Finds({.issuer = "QOR", .number = "kx 4410982"}, *tags));
  EXPECT_TRUE(Finds(
      {.family_name = "Valderman", .given_names = "Orsina", .born = "19870412"},
      *tags));
  EXPECT_TRUE(Finds({.family_name = "Valderman", .born = "19870412"}, *tags));
  EXPECT_FALSE(Finds({.issuer = "QVA", .number = "KX4410982"}, *tags));
  EXPECT_FALSE(Finds({.issuer = "QOR", .number = "KX4410983"}, *tags));
  EXPECT_FALSE(Finds({.family_name = "Valderman", .born = "19870413"}, *tags));
  EXPECT_FALSE(Finds({.family_name = "Oldenray", .born = "19870412"}, *tags));
}

TEST_F(SubjectsTest, AnEntryOfAListHasTheTagsOfItsPerson) {
  model::ListEntry entry;
  entry.entry_id = "V-1";
  entry.names = Orsina().names;
  entry.dobs = {"19870412"};
  entry.documents = Orsina().documents;
  const auto tags = SubjectTags(*store_, entry);
  ASSERT_OK(tags);
  EXPECT_TRUE(Finds({.issuer = "QOR", .number = "KX4410982"}, *tags));
  EXPECT_TRUE(Finds({.family_name = "Valderman", .born = "19870412"}, *tags));
}

TEST_F(SubjectsTest, AQueryThatCannotMeanAPersonIsRefused) {
  const auto refused = [this](const SubjectQuery& query) {
    EXPECT_THAT(QueryTags(*store_, query),
                HasCode(absl::StatusCode::kInvalidArgument));
  };
  refused({});
  refused({.family_name = "Valderman"});
  refused({.born = "19870412"});
  refused({.family_name = "Valderman", .born = "1987"});
  refused({.issuer = "QOR", .number = "000"});
}

TEST_F(SubjectsTest, AnotherKeyGivesOtherTags) {
  const auto before = SubjectTags(*store_, Orsina());
  ASSERT_OK(store_->Rotate(keys::Purpose::kIndex));
  const auto after = SubjectTags(*store_, Orsina());
  ASSERT_OK(before);
  ASSERT_OK(after);
  for (const Id16& tag : *after) {
    EXPECT_FALSE(std::binary_search(before->begin(), before->end(), tag));
  }
}

}  // namespace
}  // namespace entente::exchange
