#include "node/hits/subject_fields.h"

namespace entente::hits {
namespace {

std::string SexWord(model::Sex sex) {
  switch (sex) {
    case model::Sex::kFemale:
      return "F";
    case model::Sex::kMale:
      return "M";
    case model::Sex::kOther:
      return "X";
    case model::Sex::kUnknown:
      return "";
  }
  return "";
}

std::string ClassLetter(model::DocumentClass document_class) {
  switch (document_class) {
    case model::DocumentClass::kPassport:
      return "P";
    case model::DocumentClass::kIdentityCard:
      return "I";
    case model::DocumentClass::kVisa:
      return "V";
    case model::DocumentClass::kResidence:
      return "R";
    case model::DocumentClass::kOther:
      return "O";
  }
  return "O";
}

std::vector<std::string> NameValues(const model::ListEntry& entry,
                                    bool family) {
  std::vector<std::string> out;
  for (const model::Name& name : entry.names) {
    // A name in one field cannot be split: it stands under the family name,
    // whole.
    out.push_back(family ? (name.surname.empty() ? name.full : name.surname)
                         : name.given);
  }
  return out;
}

std::vector<std::string> DocumentValues(const model::ListEntry& entry,
                                        std::string_view part) {
  std::vector<std::string> out;
  for (const model::Document& document : entry.documents) {
    if (part == "type") out.push_back(ClassLetter(document.document_class));
    if (part == "number") out.push_back(document.number);
    if (part == "issuer") out.push_back(document.issuer);
    if (part == "expiry") out.push_back(document.expiry);
  }
  return out;
}

std::vector<std::string> ValuesOf(const model::ListEntry& entry,
                                  std::string_view code) {
  if (code == "person.family-name") return NameValues(entry, true);
  if (code == "person.given-names") return NameValues(entry, false);
  if (code == "person.birth-date") return entry.dobs;
  if (code == "person.sex") return {SexWord(entry.sex)};
  if (code == "person.nationality") return entry.nationalities;
  if (code.starts_with("doc.")) return DocumentValues(entry, code.substr(4));
  if (code == "hit.reason" || code == "hit.category") return {entry.ground};
  if (code == "hit.source-grade") return {entry.source_grade};
  if (code == "hit.info-grade") return {entry.info_grade};
  if (code == "hit.expiry") return {entry.expires};
  return {};
}

}  // namespace

std::vector<model::FieldValue> FieldsOf(const model::ListEntry& entry,
                                        const std::vector<std::string>& codes) {
  std::vector<model::FieldValue> out;
  for (const std::string& code : codes) {
    for (std::string& value : ValuesOf(entry, code)) {
      if (!value.empty()) out.push_back({code, std::move(value)});
    }
  }
  return out;
}

}  // namespace entente::hits
