// Rules that look at one clause, and rules about what clauses and restrictions
// leave of each other.

#include <algorithm>
#include <span>
#include <string_view>

#include "policy/lint_rules.h"

namespace entente::policy {
namespace {

void CheckList(LintInput& in, const Clause& clause, std::string_view key,
               const std::vector<std::string>& codes, std::uint64_t refused,
               int rule, const std::string& what, const std::string& next) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if ((in.catalogues.fields.Bit(codes[i]) & refused) == 0) continue;
    in.Report(rule,
              "clause." + clause.id + "." + std::string(key) + "[" +
                  std::to_string(i) + "]",
              clause.id + ": " + codes[i] + " " + what, next);
  }
}

void CheckFields(LintInput& in, const Clause& clause) {
  const FieldCatalogue& fields = in.catalogues.fields;
  const auto both = [&](std::uint64_t refused, int rule,
                        const std::string& what, const std::string& next) {
    CheckList(in, clause, "fields", clause.fields, refused, rule, what, next);
    CheckList(in, clause, "offered_fields", clause.offered_fields, refused,
              rule, what, next);
  };
  both(fields.sensitive(), 203, "is sensitive and never released", "remove it");
  both(fields.free_text(), 204, "is free text and never released",
       "grant a typed field instead, such as hit.reason");
  if (!clause.masks()) {
    const std::vector<std::string> three{"hit.handle", "hit.rule", "hit.tier"};
    if (clause.fields != three) {
      in.Report(219, "clause." + clause.id + ".fields",
                clause.id + ": a " + std::string(Word(clause.action)) +
                    " gives exactly hit.handle, hit.rule and hit.tier",
                "write those three");
    }
    return;
  }
  const std::uint64_t own = fields.in_dataset(clause.dataset);
  const std::uint64_t other =
      clause.dataset == Dataset::kList
          ? fields.in_dataset(Dataset::kApi) | fields.in_dataset(Dataset::kPnr)
          : fields.in_dataset(Dataset::kList);
  CheckList(
      in, clause, "fields", clause.fields, fields.all() & ~own, 221,
      "is not a field of the dataset " + std::string(Word(clause.dataset)),
      "remove it, or name the dataset that has it");
  CheckList(in, clause, "offered_fields", clause.offered_fields,
            fields.all() & ~other, 221, "is not a field of the asker's records",
            "remove it");
}

void CheckReceivers(LintInput& in, const Clause& clause) {
  const std::string path = "clause." + clause.id;
  for (std::size_t i = 0; i < clause.third_states.size(); ++i) {
    if (in.agreement.FindParty(clause.third_states[i]) == nullptr) continue;
    in.Report(211, path + ".third_states[" + std::to_string(i) + "]",
              clause.id + ": " + clause.third_states[i] +
                  " is a party, not a third state",
              "remove it");
  }
  for (std::size_t i = 0; i < clause.onward_to.size(); ++i) {
    const std::string state = clause.onward_to[i].substr(0, 3);
    const bool covered =
        in.agreement.FindParty(state) != nullptr ||
        std::find(clause.third_states.begin(), clause.third_states.end(),
                  state) != clause.third_states.end();
    if (covered) continue;
    in.Report(211, path + ".onward_to[" + std::to_string(i) + "]",
              clause.id + ": " + state +
                  " is neither a party nor a listed third state",
              "add it to third_states, or remove the receiver");
  }
}

void CheckReview(LintInput& in, const Clause& clause) {
  const std::string path = "clause." + clause.id;
  if (clause.match_set == MatchSet::kWide &&
      (clause.action != Action::kQuery || clause.review == Review::kNone ||
       !clause.case_required)) {
    in.Report(
        212, path + ".match_set",
        clause.id +
            ": match set \"wide\" is only for a query that people review, "
            "with a case",
        "write \"standard\" or \"narrow\", or add a clause with action = "
        "\"query\"");
  }
  if (clause.review == Review::kNone && clause.action != Action::kScreen) {
    in.Report(213, path + ".review",
              clause.id + ": review \"none\" is only for screen",
              "write \"holder\" or \"both-sides\"");
  }
  if (clause.retain_days_case < clause.retain_days) {
    in.Report(
        214, path + ".retain_days_case",
        clause.id +
            ": retain_days_case = " + std::to_string(clause.retain_days_case) +
            " is less than retain_days = " + std::to_string(clause.retain_days),
        "write " + std::to_string(clause.retain_days) + " or more");
  }
  if (clause.masks() && clause.mask_after_days > clause.retain_days_case) {
    in.Report(214, path + ".mask_after_days",
              clause.id + ": mask_after_days = " +
                  std::to_string(clause.mask_after_days) +
                  " is more than retain_days_case = " +
                  std::to_string(clause.retain_days_case),
              "write " + std::to_string(clause.retain_days_case) + " or less");
  }
}

void CheckOverlaps(LintInput& in) {
  for (std::size_t j = 1; j < in.clauses.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      if (!MeetsInPair(in.clauses[i], in.clauses[j])) continue;
      const std::string& id = in.agreement.clauses[j].id;
      in.Report(201, "clause." + id + ".id",
                id + " and " + in.agreement.clauses[i].id +
                    " could both answer one request",
                "make them differ in purpose, basis, role, route or urgency");
    }
  }
}

// Why no request can ever be permitted under the clause; empty: one can. All
// that facts can change is taken at its best: flags absent, fresh records,
// cases and approvals there.
std::string NeverPermits(const LintInput& in, const ClauseBits& clause,
                         std::span<const RestrictionBits> restrictions) {
  bool in_time = false;
  for (std::size_t h = 0; h < in.agreement.parties.size(); ++h) {
    for (std::size_t a = 0; a < in.agreement.parties.size(); ++a) {
      if (!clause.Covers(h, a) || !ReceivesInTime(in.agreement, a)) continue;
      in_time = true;
      if (PurposesLeft(clause, restrictions, h) != 0) return "";
    }
  }
  return in_time ? "all its fields are cut"
                 : "history_from of every asker lies after the end";
}

// A flag that nobody is there to check would refuse every screening.
void CheckUnreviewedFlags(LintInput& in, const std::string& path,
                          const Restriction& restriction,
                          const RestrictionBits& bits) {
  if (bits.flag_pairs == 0) return;
  for (std::size_t i = 0; i < in.clauses.size(); ++i) {
    const Clause& clause = in.agreement.clauses[i];
    const ClauseBits& c = in.clauses[i];
    const bool meets = ((bits.actions >> c.action) & 1U) != 0 &&
                       (bits.purposes & c.purposes) != 0 &&
                       (bits.fields & c.fields) != 0 &&
                       (bits.by == kNobody || ((c.holders >> bits.by) & 1U));
    if (clause.review != Review::kNone || !meets) continue;
    in.Report(205, path + ".when",
              restriction.id + ": flags need a reviewer, but " + clause.id +
                  " has none and would always be refused",
              "leave the action " + std::string(Word(clause.action)) +
                  " out of the list");
  }
}

}  // namespace

bool CutsAllSensitive(const Prohibition& prohibition) {
  return prohibition.any_action && prohibition.always &&
         prohibition.purposes == std::vector<std::string>{"any"} &&
         std::find(prohibition.fields.begin(), prohibition.fields.end(),
                   "sensitive.any") != prohibition.fields.end();
}

void LintClauses(LintInput& in) {
  for (const Clause& clause : in.agreement.clauses) {
    CheckFields(in, clause);
    CheckReceivers(in, clause);
    CheckReview(in, clause);
  }
}

void LintFlows(LintInput& in) {
  CheckOverlaps(in);
  std::vector<RestrictionBits> restrictions = in.prohibitions;
  restrictions.insert(restrictions.end(), in.reservations.begin(),
                      in.reservations.end());
  for (std::size_t i = 0; i < in.clauses.size(); ++i) {
    const std::string why = NeverPermits(in, in.clauses[i], restrictions);
    if (why.empty()) continue;
    const std::string& id = in.agreement.clauses[i].id;
    in.Report(202, "clause." + id + ".id",
              id + " can never permit anything: " + why,
              "remove the clause, or what stands against it");
  }
  const Agreement& a = in.agreement;
  for (std::size_t i = 0; i < a.prohibitions.size(); ++i) {
    CheckUnreviewedFlags(in, "prohibition." + a.prohibitions[i].id,
                         a.prohibitions[i], in.prohibitions[i]);
  }
  for (std::size_t i = 0; i < a.reservations.size(); ++i) {
    CheckUnreviewedFlags(in, "reservation." + a.reservations[i].id,
                         a.reservations[i], in.reservations[i]);
  }
  const bool sensitive_cut = std::any_of(
      a.prohibitions.begin(), a.prohibitions.end(), CutsAllSensitive);
  if (!sensitive_cut) {
    in.Report(220, "prohibition." + a.prohibitions.front().id + ".id",
              "no prohibition takes sensitive.any away from every action and "
              "purpose, always",
              "add it, as in Article 9 of the example");
  }
}

}  // namespace entente::policy
