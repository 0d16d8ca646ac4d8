#include "node/exchange/protected.h"

#include <utility>

#include "crypto/primitive/hash.h"
#include "node/exchange/tag_set_keys.h"
#include "node/store/record.h"

namespace entente::exchange {

model::ListEntry EntryOf(const model::Person& person) {
  model::ListEntry entry;
  entry.names = person.names;
  if (!person.dob.empty()) entry.dobs.push_back(person.dob);
  if (!person.dob_alt.empty()) entry.dobs.push_back(person.dob_alt);
  entry.sex = person.sex;
  entry.nationalities = person.nationalities;
  entry.documents = person.documents;
  return entry;
}

std::vector<model::Person> PersonsOf(const model::ListEntry& entry) {
  std::vector<model::Person> out;
  const std::vector<std::string> dobs =
      entry.dobs.empty() ? std::vector<std::string>{""} : entry.dobs;
  for (const model::Name& name : entry.names) {
    for (const std::string& dob : dobs) {
      model::Person person;
      person.names = {name};
      person.dob = dob;
      person.sex = entry.sex;
      person.nationalities = entry.nationalities;
      person.documents = entry.documents;
      out.push_back(std::move(person));
    }
  }
  return out;
}

absl::Status CountProtectedChange(store::Writer& writer) {
  return CountChange(writer, "p");
}

absl::StatusOr<bool> ProtectedIndex::IsCurrent(store::Reader& reader) const {
  TRY(const std::uint64_t changes, ChangesOf(reader, "p"));
  return changes == changes_;
}

absl::StatusOr<std::shared_ptr<const ProtectedIndex>> ProtectedIndex::Load(
    store::Reader& reader) {
  auto index = std::make_shared<ProtectedIndex>();
  TRY(index->changes_, ChangesOf(reader, "p"));
  TRY(const auto persons,
      store::AllRecords<model::Person>(reader, store::Table::kProtected));
  for (const auto& [row, person] : persons) {
    const auto number = static_cast<std::uint32_t>(index->size_++);
    for (const std::vector<match::Key>& unit :
         match::ListUnits(EntryOf(person), match::Set::kStandard)) {
      for (const match::Key& key : unit) {
        index->keys_[primitive::Sha256(key.text)].emplace_back(number,
                                                               key.rule);
      }
    }
  }
  return std::shared_ptr<const ProtectedIndex>(std::move(index));
}

bool ProtectedIndex::Covers(const model::Person& traveller) const {
  std::map<std::uint32_t, std::vector<std::uint8_t>> found;
  for (const match::Key& key :
       match::QueryKeys(traveller, match::Set::kStandard)) {
    const auto it = keys_.find(primitive::Sha256(key.text));
    if (it == keys_.end()) continue;
    for (const auto& [person, rule] : it->second) found[person].push_back(rule);
  }
  for (const auto& [person, rules] : found) {
    if (match::Classify(rules) != match::Tier::kNothing) return true;
  }
  return false;
}

bool ProtectedIndex::Covers(const model::ListEntry& entry) const {
  for (const model::Person& person : PersonsOf(entry)) {
    if (Covers(person)) return true;
  }
  return false;
}

}  // namespace entente::exchange
