#pragma once
// Codes in messages, made one: sex, country, class of document.
// Source: matching.md 3.1 of the design; ICAO Doc 9303-3 section 5; ISO 3166-1.
// Stateless, thread-safe.

#include <string>
#include <string_view>

#include "node/model/person.h"

namespace entente::ingest {

struct SexCode {
  model::Sex sex = model::Sex::kUnknown;
  bool infant = false;  // FI, MI
  bool known = true;    // false: a spelling that is none of the codes
};
// F M FI MI X; U, `<` and empty are unknown. Any case, outer blanks ignored.
SexCode ReadSex(std::string_view text);

struct CountryCode {
  std::string code;   // three letters, or empty for unknown
  bool known = true;  // false: kept as sent (two or three letters), or dropped
};
// ICAO three-letter codes stay, two-letter ISO codes are mapped, D is DEU, the
// British variants GBD GBN GBO GBP GBS are GBR, XXX and UNK are unknown.
// Letters that are no code stay, upper case, `known` false; anything else is
// dropped.
CountryCode ReadCountry(std::string_view text);

// By the first letter: P; I, A, C are I; V; R; anything else O.
model::DocumentClass ReadDocumentClass(std::string_view type);

// Does the name hold MSTR or MISS, which are said of children?
bool HasChildTitle(const model::Name& name);

}  // namespace entente::ingest
