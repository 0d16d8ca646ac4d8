#include "node/exchange/subjects.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/list_rows.h"
#include "node/match/recipe.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

constexpr std::string_view kLabel = "entente/audit/subject/1\n";
constexpr match::Rule kTagged[] = {match::Rule::kA1, match::Rule::kA2,
                                   match::Rule::kA3, match::Rule::kA4,
                                   match::Rule::kB1, match::Rule::kB2};

constexpr model::DocumentClass kClasses[] = {
    model::DocumentClass::kPassport, model::DocumentClass::kIdentityCard,
    model::DocumentClass::kVisa, model::DocumentClass::kResidence};

bool IsTagged(std::uint8_t rule) {
  return std::any_of(
      std::begin(kTagged), std::end(kTagged),
      [rule](match::Rule r) { return static_cast<std::uint8_t>(r) == rule; });
}

// B2 takes the first letter of the given names only.
bool IsByInitial(std::uint8_t rule) {
  return rule == static_cast<std::uint8_t>(match::Rule::kB2);
}

using RuleTest = bool (*)(std::uint8_t);

absl::Status AddTags(const keys::KeyStore& keys,
                     const std::vector<match::Key>& derived, RuleTest wanted,
                     std::vector<Id16>& out) {
  for (const match::Key& key : derived) {
    if (!wanted(key.rule)) continue;
    Bytes input = Concat({AsBytes(kLabel), ByteView(key.text)});
    const WipeAtEnd wipe(input);
    TRY(const Hash mac, keys.Mac(keys::Purpose::kIndex, input));
    TRY(const Id16 tag, ToArray<16>(ByteView(mac).first(16)));
    out.push_back(tag);
  }
  return absl::OkStatus();
}

std::vector<Id16> Once(std::vector<Id16> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

absl::StatusOr<std::vector<Id16>> TagsOf(const keys::KeyStore& keys,
                                         const model::Person& person,
                                         RuleTest wanted) {
  std::vector<Id16> out;
  TRY_OK(AddTags(keys, match::QueryKeys(person, match::Set::kStandard), wanted,
                 out));
  return Once(std::move(out));
}

bool IsDay(std::string_view text) {
  return text.size() == 8 && std::all_of(text.begin(), text.end(), [](char c) {
           return c >= '0' && c <= '9';
         });
}

// Every person that the query may mean.
std::vector<model::Person> Meant(const SubjectQuery& query) {
  std::vector<model::Person> out;
  model::Person base;
  base.dob = query.born;
  if (!query.number.empty()) {
    for (const model::DocumentClass c : kClasses) {
      model::Person person = base;
      person.documents = {{c, query.number, query.issuer, ""}};
      out.push_back(std::move(person));
    }
  }
  if (query.family_name.empty() || query.born.empty()) return out;
  std::vector<std::string> given = {query.given_names};
  if (query.given_names.empty()) {
    given.clear();
    for (char c = 'A'; c <= 'Z'; ++c) given.emplace_back(1, c);
  }
  for (const std::string& name : given) {
    model::Person person = base;
    person.names = {{query.family_name, name, "", model::NameKind::kDocument}};
    out.push_back(std::move(person));
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<Id16>> SubjectTags(const keys::KeyStore& keys,
                                              const model::Person& person) {
  return TagsOf(keys, person, &IsTagged);
}

absl::StatusOr<std::vector<Id16>> SubjectTags(const keys::KeyStore& keys,
                                              const model::ListEntry& entry) {
  std::vector<Id16> out;
  for (const std::vector<match::Key>& unit :
       match::ListUnits(entry, match::Set::kStandard)) {
    TRY_OK(AddTags(keys, unit, &IsTagged, out));
  }
  return Once(std::move(out));
}

absl::StatusOr<std::vector<Id16>> TravellerTags(const keys::KeyStore& keys,
                                                store::Reader& reader,
                                                ByteView traveller_key) {
  TRY(const auto person, store::GetRecord<model::Person>(
                             reader, store::Table::kTraveller, traveller_key));
  if (!person) return std::vector<Id16>();
  return SubjectTags(keys, *person);
}

absl::StatusOr<std::vector<Id16>> EntryTags(const keys::KeyStore& keys,
                                            store::Reader& reader,
                                            ByteView entry_name) {
  TRY(const auto entry, FindEntry(reader, entry_name));
  if (!entry) return std::vector<Id16>();
  return SubjectTags(keys, *entry);
}

void TagEvent(audit::Job& job, std::size_t event,
              const std::vector<Id16>& tags) {
  for (const Id16& tag : tags) job.subjects.push_back({event, tag});
}

absl::StatusOr<std::vector<Id16>> QueryTags(const keys::KeyStore& keys,
                                            const SubjectQuery& query) {
  if (!query.born.empty() && !IsDay(query.born)) {
    return Invalid("a date of birth is written YYYYMMDD");
  }
  if (query.number.empty() &&
      (query.family_name.empty() || query.born.empty())) {
    return Invalid(
        "a person is looked for by --document, or by --family-name "
        "and --born");
  }
  std::vector<Id16> out;
  for (const model::Person& person : Meant(query)) {
    TRY(const std::vector<Id16> tags,
        TagsOf(keys, person,
               query.given_names.empty() && query.number.empty() ? &IsByInitial
                                                                 : &IsTagged));
    out.insert(out.end(), tags.begin(), tags.end());
  }
  if (out.empty()) {
    return Invalid("nothing to look for can be made of that document or name");
  }
  return Once(std::move(out));
}

}  // namespace entente::exchange
