// The clauses in words: who may ask whom about what, for which purposes, on
// which legal basis, what is released, who confirms, how often, how long.

#include <algorithm>

#include "policy/text/prose_parts.h"

namespace entente::policy::prose {
namespace {

bool Passes(const Clause& clause) {
  return clause.action == Action::kOnward || clause.action == Action::kExport;
}

std::string Keyed(std::string_view head, std::string_view tail) {
  return std::string(head).append(tail);
}

void WriteFlow(Writer& w, const Clause& clause) {
  const std::string action(Word(clause.action));
  if (clause.each()) {
    const std::string others = w.Say(
        Keyed(w.agreement().parties.size() == 2 ? "other.one" : "other.many",
              Passes(clause) ? ".from" : ""));
    w.Line(action + ".each", {{"others", others}});
  } else {
    w.Line(action + ".pair", {{"holder", w.PartyName(clause.holder)},
                              {"asker", w.PartyName(clause.asker)}});
  }
  w.Line(clause.masks() ? "clause.source" : "clause.compared",
         {{"dataset", w.Name("dataset", Word(clause.dataset))}});
}

// The provisions of the parties concerned, where they are few enough to stand
// beside the article.
std::string BasisText(Writer& w, const Clause& clause, std::size_t index) {
  const Basis& basis = w.agreement().bases[index];
  std::vector<std::string> provisions;
  for (const Provision& provision : basis.provisions) {
    if (!clause.each() && provision.party != clause.holder &&
        provision.party != clause.asker) {
      continue;
    }
    provisions.push_back(w.Say(
        "clause.provision",
        {{"party", w.PartyName(provision.party)}, {"text", provision.text}}));
  }
  constexpr std::size_t kBeside = 3;
  if (provisions.size() > kBeside) {
    return w.Say("clause.basis",
                 {{"article", basis.article}, {"n", index + 1}});
  }
  return w.Say(
      "clause.basis.parties",
      {{"article", basis.article}, {"list", w.language().List(provisions)}});
}

void WriteSelector(Writer& w, const Clause& clause) {
  w.Line("clause.purposes", {{"list", w.Purposes(clause.purposes)}});
  std::vector<std::string> bases;
  for (std::size_t i = 0; i < w.agreement().bases.size(); ++i) {
    const std::string& code = w.agreement().bases[i].code;
    if (std::find(clause.bases.begin(), clause.bases.end(), code) !=
        clause.bases.end()) {
      bases.push_back(BasisText(w, clause, i));
    }
  }
  w.Line("clause.bases", {{"list", w.language().List(bases)}});
  w.Line("clause.roles", {{"list", w.Words("role", clause.roles)}});
  w.Line("clause.routes", {{"list", w.Words("route", clause.routes)}});
  w.Line("clause.urgency", {{"list", w.Words("urgency", clause.urgency)}});
}

void WriteFields(Writer& w, const Clause& clause) {
  w.Line(clause.masks() ? "clause.released" : "clause.answer",
         {{"n", clause.fields.size()}, {"list", w.Fields(clause.fields)}});
  if (clause.action == Action::kDisclose) {
    w.Line(clause.offered_fields.empty() ? "clause.offered.none"
                                         : "clause.offered",
           {{"n", clause.offered_fields.size()},
            {"list", w.Fields(clause.offered_fields)}});
  }
  w.Line(clause.dataset == Dataset::kList ? "clause.age.hit"
                                          : "clause.age.carrier",
         {{"n", clause.record_age_max_hours},
          {"days", w.InDays(clause.record_age_max_hours)}});
}

void WriteComparison(Writer& w, const Clause& clause) {
  w.Line("clause.match", {{"set", w.Name("match", Word(clause.match_set))}});
  w.Line("clause.rows", {{"n", clause.list_rows_max}});
  if (clause.action == Action::kScreen) {
    w.Line(clause.rescreen ? "clause.rescreen" : "clause.rescreen.none");
  }
  w.Raw(w.Name("nationals", Word(clause.exclude_nationals)));
}

// Whether the law of a party concerned asks for the link with carriage by air.
bool NeedsAirLink(const Writer& w, const Clause& clause) {
  std::uint64_t leaves = 0;
  for (const std::string& word : clause.purposes) {
    leaves |= w.catalogues().purposes.Expand(word);
  }
  if ((leaves & w.catalogues().purposes.air_link()) == 0) return false;
  for (const Party& party : w.agreement().parties) {
    const bool concerned = clause.each() || party.code == clause.holder ||
                           party.code == clause.asker;
    const Profile* profile = w.catalogues().profiles.Find(party.legal_profile);
    if (concerned && (profile == nullptr || profile->air_link_flag)) {
      return true;
    }
  }
  return false;
}

void WriteReview(Writer& w, const Clause& clause) {
  constexpr std::string_view kReview[] = {
      "clause.review.none", "clause.review.holder", "clause.review.both"};
  w.Line(kReview[static_cast<std::size_t>(clause.review)],
         {{"n", clause.reviewers_holder}, {"m", clause.reviewers_asker}});
  if (clause.review != Review::kNone) {
    if (NeedsAirLink(w, clause)) w.Line("clause.airlink");
    w.Line("clause.due", {{"n", clause.answer_within_hours},
                          {"days", w.InDays(clause.answer_within_hours)}});
  }
}

void WriteQuota(Writer& w, const Clause& clause) {
  const std::string_view unit =
      clause.action == Action::kScreen ? ".screen" : "";
  w.Line(Keyed("clause.quota", unit),
         {{"n", clause.quota_per_day}, {"m", clause.quota_per_year}});
  if (clause.case_required) {
    w.Line(Keyed("clause.case", unit), {{"n", clause.quota_per_case}});
  } else {
    w.Line("clause.case.none");
  }
}

// `QVA.supreme-court` as `supreme court (Valmara)`.
std::string Receiver(const Writer& w, const std::string& receiver) {
  std::string body = receiver.substr(4);
  const std::string state = w.PartyName(receiver.substr(0, 3));
  const std::string* known = w.language().Find("body", body);
  std::replace(body.begin(), body.end(), '-', ' ');
  return w.Say(known != nullptr ? "body.known" : "body.other",
               {{"body", known != nullptr ? *known : body}, {"state", state}});
}

void WriteReceivers(Writer& w, const Clause& clause) {
  std::vector<std::string> bodies;
  for (const std::string& receiver : clause.onward_to) {
    bodies.push_back(Receiver(w, receiver));
  }
  w.Line("clause.onward", {{"list", w.language().List(bodies)}});
  if (clause.action != Action::kOnward) return;
  w.Line(clause.third_states.empty() ? "clause.third.none" : "clause.third",
         {{"list", w.language().List(clause.third_states)}});
}

void WriteRetention(Writer& w, const Clause& clause) {
  w.Line("clause.retain",
         {{"n", clause.retain_days}, {"m", clause.retain_days_case}});
  if (!clause.masks()) return w.Line("clause.nohit");
  const FieldCatalogue& fields = w.catalogues().fields;
  std::vector<std::string> masked;
  for (const std::string& code : clause.fields) {
    if ((fields.Bit(code) & fields.masked()) != 0) masked.push_back(code);
  }
  w.Line(masked.empty() ? "clause.mask.none" : "clause.mask",
         {{"n", clause.mask_after_days}, {"list", w.Fields(masked)}});
}

void WriteHandling(Writer& w, const Clause& clause) {
  const std::string code(Word(clause.handling));
  w.Line("clause.handling",
         {{"code", code}, {"words", w.Name("handling", code)}});
  w.Line(clause.caveats.empty() ? "clause.caveats.none" : "clause.caveats",
         {{"list", w.Words("caveat", clause.caveats)}});
}

}  // namespace

void WriteClauses(Writer& w) {
  w.Section("section.clauses");
  std::uint64_t number = 0;
  for (const Clause& clause : w.agreement().clauses) {
    w.Item("clause.head", {{"n", ++number}, {"text", clause.article}});
    WriteFlow(w, clause);
    WriteSelector(w, clause);
    WriteFields(w, clause);
    if (!clause.masks()) WriteComparison(w, clause);
    WriteReview(w, clause);
    WriteQuota(w, clause);
    if (Passes(clause)) WriteReceivers(w, clause);
    WriteRetention(w, clause);
    WriteHandling(w, clause);
  }
}

}  // namespace entente::policy::prose
