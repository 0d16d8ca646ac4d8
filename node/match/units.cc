#include "node/match/units.h"

namespace entente::match {

const model::Name* QueryName(const model::Person& person) {
  for (const model::NameKind kind :
       {model::NameKind::kDocument, model::NameKind::kBooking}) {
    for (const model::Name& name : person.names) {
      if (name.kind == kind) return &name;
    }
  }
  return nullptr;
}

std::vector<BirthDate> QueryDates(const model::Person& person) {
  std::vector<BirthDate> dates{BirthDate::Of(person.dob)};
  const BirthDate earlier = BirthDate::Of(person.dob_alt);
  if (earlier.any()) dates.push_back(earlier);
  return dates;
}

GluedTitles GluedTitlesOf(model::Source source) {
  return source == model::Source::kPnr ? GluedTitles::kCut : GluedTitles::kKeep;
}

void BuildQuery(const model::Person& person, NameTerms& name,
                CommonTerms& common) {
  const model::Name* chosen = QueryName(person);
  name.Build(chosen == nullptr ? model::Name() : *chosen,
             GluedTitlesOf(person.source));
  common.Build(person.sex, person.nationalities, person.documents);
}

}  // namespace entente::match
