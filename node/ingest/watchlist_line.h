#pragma once
// One line of a watchlist, whatever its format, its texts as sent. Private to
// the room.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/ingest/diagnostic.h"
#include "node/model/person.h"

namespace entente::ingest {

enum ListColumn : std::size_t {
  kEntryId,
  kSurname,
  kGiven,
  kFull,
  kDob,
  kSex,
  kNationality,
  kDocNumber,
  kDocIssuer,
  kDocType,
  kGround,
  kGrade,
  kExpires,
  kColumnCount
};
inline constexpr std::array<std::string_view, kColumnCount> kListColumns = {
    "entry_id", "surname",     "given",      "full",       "dob",
    "sex",      "nationality", "doc_number", "doc_issuer", "doc_type",
    "ground",   "grade",       "expires"};
inline constexpr std::array<std::string_view, 4> kNeededListColumns = {
    "entry_id", "ground", "grade", "expires"};

struct ListLine {
  struct Paper {
    std::string type;
    std::string number;
    std::string issuer;
  };
  std::string entry_id;
  std::vector<model::Name> names;
  std::vector<std::string> dobs;
  std::string sex;
  std::vector<std::string> nationalities;
  std::vector<Paper> documents;
  std::string ground;
  std::string grade;
  std::string expires;
};

// `cells`: one for each of kListColumns.
ListLine ListLineFromCells(const std::vector<std::string>& cells);

// None: `bad` says why the line is skipped.
std::optional<ListLine> ListLineFromJson(std::string_view text, Code& bad);

}  // namespace entente::ingest
