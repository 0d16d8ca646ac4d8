#pragma once
// Which names and dates of a person or a list entry make a unit. Private to the
// room. Source: docs/protocol/recipe-1.md, section 3.

#include <vector>

#include "node/match/emit.h"
#include "node/match/recipe.h"
#include "node/match/terms.h"
#include "node/model/person.h"

namespace entente::match {

// The document's name, else the booking's, else none.
const model::Name* QueryName(const model::Person& person);
// The date of birth, then the earlier century's if there is one.
std::vector<BirthDate> QueryDates(const model::Person& person);
// Only bookings glue titles to given names.
GluedTitles GluedTitlesOf(model::Source source);
void BuildQuery(const model::Person& person, NameTerms& name,
                CommonTerms& common);

// Calls each(const Unit&) for the units of `entry`, at most kMaxUnits.
template <class Each>
void ForEachUnit(const model::ListEntry& entry, GluedTitles glued,
                 NameTerms& name, CommonTerms& common, Each each) {
  const std::vector<model::Name> no_name(1);
  const std::vector<std::string> no_date(1);
  std::size_t count = 0;
  common.Build(entry.sex, entry.nationalities, entry.documents);
  for (const model::Name& variant :
       entry.names.empty() ? no_name : entry.names) {
    if (count == kMaxUnits) return;
    name.Build(variant, glued);
    for (const std::string& dob : entry.dobs.empty() ? no_date : entry.dobs) {
      if (count == kMaxUnits) return;
      ++count;
      each(Unit{name, common, BirthDate::Of(dob), Side::kList});
    }
  }
}

}  // namespace entente::match
