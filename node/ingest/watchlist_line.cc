#include "node/ingest/watchlist_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/ingest/rows.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

void AddName(ListLine& line, model::Name name) {
  name.surname = Kept(name.surname);
  name.given = Kept(name.given);
  name.full = Kept(name.full);
  if (name.surname.empty() && name.given.empty() && name.full.empty()) return;
  line.names.push_back(std::move(name));
}

using Json = nlohmann::json;

// Reads a text member. False: not a text.
bool Take(const Json& value, std::string& out) {
  std::optional<std::string> text = JsonText(value);
  if (text) out = *std::move(text);
  return text.has_value();
}

// Reads an object of text members. False: `bad` says why.
using Members = std::vector<std::pair<std::string_view, std::string*>>;
bool TakeMembers(const Json& object, const Members& members, Code& bad) {
  if (!object.is_object()) return false;
  for (const auto& [name, value] : object.items()) {
    const auto it = std::find_if(
        members.begin(), members.end(),
        [&key = name](const auto& member) { return member.first == key; });
    if (it == members.end()) {
      bad = Code::kColumnUnknown;
      return false;
    }
    if (!Take(value, *it->second)) return false;
  }
  return true;
}

bool TakeNames(const Json& list, ListLine& line, Code& bad) {
  for (const Json& item : list) {
    model::Name name;
    if (!TakeMembers(item,
                     {{"surname", &name.surname},
                      {"given", &name.given},
                      {"full", &name.full}},
                     bad)) {
      return false;
    }
    // Either typed or in one field.
    if (!name.full.empty() && !(name.surname.empty() && name.given.empty())) {
      return false;
    }
    AddName(line, std::move(name));
  }
  return true;
}

bool TakeDocuments(const Json& list, ListLine& line, Code& bad) {
  for (const Json& item : list) {
    ListLine::Paper paper;
    if (!TakeMembers(item,
                     {{"type", &paper.type},
                      {"number", &paper.number},
                      {"issuer", &paper.issuer}},
                     bad)) {
      return false;
    }
    line.documents.push_back(std::move(paper));
  }
  return true;
}

bool TakeTexts(const Json& list, std::vector<std::string>& out) {
  return std::all_of(list.begin(), list.end(), [&out](const Json& item) {
    return Take(item, out.emplace_back());
  });
}

}  // namespace

ListLine ListLineFromCells(const std::vector<std::string>& v) {
  ListLine line;
  line.entry_id = v[kEntryId];
  AddName(line, {v[kSurname], v[kGiven], v[kFull]});
  line.dobs.push_back(v[kDob]);
  line.sex = v[kSex];
  for (const std::string_view code : SplitList(v[kNationality])) {
    line.nationalities.emplace_back(code);
  }
  line.documents.push_back({v[kDocType], v[kDocNumber], v[kDocIssuer]});
  line.ground = v[kGround];
  line.grade = v[kGrade];
  line.expires = v[kExpires];
  return line;
}

std::optional<ListLine> ListLineFromJson(std::string_view text, Code& bad) {
  bad = Code::kLineJson;
  std::optional<Json> object = ReadObject(text, 3);
  if (!object) return std::nullopt;
  ListLine line;
  for (const auto& list : {"names", "dobs", "nationalities", "documents"}) {
    const auto it = object->find(list);
    if (it == object->end()) continue;
    if (!it->is_array()) return std::nullopt;
    const std::string_view name = list;
    const bool taken = name == "names"       ? TakeNames(*it, line, bad)
                       : name == "documents" ? TakeDocuments(*it, line, bad)
                       : name == "dobs"      ? TakeTexts(*it, line.dobs)
                                        : TakeTexts(*it, line.nationalities);
    if (!taken) return std::nullopt;
    object->erase(it);
  }
  if (!TakeMembers(*object,
                   {{"entry_id", &line.entry_id},
                    {"sex", &line.sex},
                    {"ground", &line.ground},
                    {"grade", &line.grade},
                    {"expires", &line.expires}},
                   bad)) {
    return std::nullopt;
  }
  return line;
}

}  // namespace entente::ingest
