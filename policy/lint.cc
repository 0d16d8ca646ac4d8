#include "policy/lint.h"

#include <map>
#include <set>
#include <utility>

#include "policy/civil.h"
#include "policy/lint_rules.h"

namespace entente::policy {
namespace {

void CheckHash(LintInput& in, const std::string& key, const Hash& pinned,
               const Hash& have) {
  if (pinned == have) return;
  in.Report(111, key,
            key + " pins " + HashText(pinned).substr(0, 15) +
                "..., but the file at hand is " + HashText(have).substr(0, 15) +
                "...",
            "load the file with the pinned hash, or pin the one at hand");
}

void CheckFieldWords(LintInput& in, const std::string& path,
                     const std::string& id,
                     const std::vector<std::string>& words, bool in_clause) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    const bool wide = words[i] == "any" || words[i] == "sensitive.any";
    if (wide && in_clause) {
      in.Report(210, at, id + ": \"" + words[i] + "\" cannot stand in a clause",
                "name each field that is meant");
    } else if (!wide && in.catalogues.fields.Bit(words[i]) == 0) {
      in.Report(
          110, at,
          id + ": the fields catalogue does not know \"" + words[i] + "\"",
          "write a code of the fields catalogue");
    }
  }
}

void CheckPurposeWords(LintInput& in, const std::string& path,
                       const std::string& id,
                       const std::vector<std::string>& words, bool in_clause) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (words[i] == "any") {
      if (!in_clause) continue;
      in.Report(210, at, id + ": \"any\" cannot stand in a clause",
                "name each purpose that is meant");
    } else if (in.catalogues.purposes.Expand(words[i]) == 0) {
      in.Report(
          110, at,
          id + ": the purposes catalogue does not know \"" + words[i] + "\"",
          "write a leaf or a group of the purposes catalogue");
    }
  }
}

void CheckRestrictionWords(LintInput& in, const std::string& path,
                           const Restriction& restriction) {
  CheckPurposeWords(in, path + ".purposes", restriction.id,
                    restriction.purposes, false);
  CheckFieldWords(in, path + ".fields", restriction.id, restriction.fields,
                  false);
}

LintInput Prepare(const Agreement& agreement, const Catalogues& catalogues,
                  Findings& findings) {
  LintInput in{agreement, catalogues, findings, {}, {}, {}};
  for (const Clause& clause : agreement.clauses) {
    in.clauses.push_back(Resolve(agreement, catalogues, clause));
  }
  for (const Prohibition& prohibition : agreement.prohibitions) {
    in.prohibitions.push_back(Resolve(agreement, catalogues, prohibition));
  }
  for (const Reservation& reservation : agreement.reservations) {
    in.reservations.push_back(Resolve(agreement, catalogues, reservation));
  }
  return in;
}

}  // namespace

void LintInput::Report(int code, const std::string& path, std::string message,
                       std::string next) {
  const Position at = agreement.PositionOf(path);
  findings.push_back(
      {code, at.line, at.column, std::move(message), std::move(next)});
}

void LintHashes(LintInput& in) {
  const Agreement& a = in.agreement;
  CheckHash(in, "purposes_catalogue", a.purposes_catalogue,
            in.catalogues.purposes.hash());
  CheckHash(in, "fields_catalogue", a.fields_catalogue,
            in.catalogues.fields.hash());
  CheckHash(in, "profiles_catalogue", a.profiles_catalogue,
            in.catalogues.profiles.hash());
  CheckHash(in, "match_recipe", a.match_recipe, in.catalogues.recipe.hash());
}

void LintWords(LintInput& in) {
  for (const Party& party : in.agreement.parties) {
    if (in.catalogues.profiles.Find(party.legal_profile) != nullptr) continue;
    in.Report(110, "party." + party.code + ".legal_profile",
              party.code + ": there is no legal profile \"" +
                  party.legal_profile + "\"",
              "write a profile of the profiles catalogue");
  }
  for (const Clause& clause : in.agreement.clauses) {
    const std::string path = "clause." + clause.id;
    CheckPurposeWords(in, path + ".purposes", clause.id, clause.purposes, true);
    CheckFieldWords(in, path + ".fields", clause.id, clause.fields, true);
    CheckFieldWords(in, path + ".offered_fields", clause.id,
                    clause.offered_fields, true);
  }
  for (const Prohibition& prohibition : in.agreement.prohibitions) {
    CheckRestrictionWords(in, "prohibition." + prohibition.id, prohibition);
  }
  for (const Reservation& reservation : in.agreement.reservations) {
    CheckRestrictionWords(in, "reservation." + reservation.id, reservation);
  }
}

void LintBases(LintInput& in) {
  std::set<std::string> used;
  for (const Clause& clause : in.agreement.clauses) {
    used.insert(clause.bases.begin(), clause.bases.end());
  }
  for (const Basis& basis : in.agreement.bases) {
    const std::string path = "basis." + basis.code;
    if (used.find(basis.code) == used.end()) {
      in.Report(207, path + ".code",
                "the basis " + basis.code + " is used by no clause",
                "remove it, or name it in a clause");
    }
    std::set<std::string> parties;
    for (const Provision& provision : basis.provisions) {
      parties.insert(provision.party);
      if (in.agreement.FindParty(provision.party) != nullptr) continue;
      in.Report(222, path + "." + provision.party,
                basis.code + ": " + provision.party + " is no party",
                "remove the provision, or add the party");
    }
    for (const Party& party : in.agreement.parties) {
      if (parties.find(party.code) != parties.end()) continue;
      in.Report(206, path + ".code",
                basis.code + " lacks the provision of " + party.code,
                "add the line " + party.code + " = \"...\"");
    }
  }
}

void LintDates(LintInput& in) {
  const Validity& v = in.agreement.validity;
  if (v.until <= v.from) {
    in.Report(216, "validity.until", "until is not after from",
              "write a later instant");
  }
  if (v.review_by <= v.from || v.review_by > v.until) {
    in.Report(216, "validity.review_by",
              "review_by is not between from and until",
              "write an instant in that time");
  }
  const std::int64_t latest = AddYears(v.from, 2);
  if (v.review_by > latest) {
    in.Report(216, "validity.review_by",
              "review_by = " + FormatInstant(v.review_by) +
                  ", more than two years after from",
              "write " + FormatInstant(latest) + " or earlier");
  }
}

void LintKeys(LintInput& in) {
  std::map<std::string, std::string, std::less<>> places;  // kid or label
  const auto claim = [&](const KeyId& key, const std::string& path) {
    for (std::string_view name : {key.kid(), key.label()}) {
      const auto [at, fresh] = places.emplace(std::string(name), path);
      if (fresh) continue;
      in.Report(217, path,
                "the key " + std::string(key.label()) +
                    " stands in two signing places",
                "give each place its own person and key");
      return;
    }
  };
  for (const Party& party : in.agreement.parties) {
    const std::string path = "party." + party.code;
    claim(party.sign_legal, path + ".sign_legal");
    claim(party.sign_technical, path + ".sign_technical");
  }
  for (const Party& party : in.agreement.parties) {
    const std::string path = "party." + party.code + ".suspend";
    bool legal = false;
    bool other = false;
    for (const KeyId& key : party.suspend) {
      const auto place = places.find(key.kid());
      const bool own = place == places.end() ||
                       place->second.starts_with("party." + party.code + ".");
      if (!own) {
        in.Report(217, path,
                  party.code + ": the key " + std::string(key.label()) +
                      " is another party's",
                  "name keys of " + party.code + " only");
      }
      legal = legal || key == party.sign_legal;
      other = other || (key != party.sign_legal && key != party.sign_technical);
    }
    if (!legal || !other) {
      in.Report(217, path,
                party.code + ": suspend lacks " +
                    (legal ? "the key of the data protection officer"
                           : "the legal key"),
                "add it to the list");
    }
  }
}

void LintVersion(LintInput& in, const LintContext& context) {
  const Agreement& a = in.agreement;
  if ((a.version == 1) != !a.replaces.has_value()) {
    in.Report(218, "replaces",
              a.version == 1 ? "version 1 replaces nothing"
                             : "a later version names the one it replaces",
              a.version == 1 ? "write \"none\""
                             : "write the hash of the version before");
    return;
  }
  if (context.previous == nullptr) return;
  if (a.id != context.previous->id ||
      a.version != context.previous->version + 1 || !a.replaces ||
      *a.replaces != context.previous_hash) {
    in.Report(218, "version",
              "this is not the version after " + context.previous->id + " " +
                  std::to_string(context.previous->version),
              "keep the id, add one to the version, and name the hash before");
  }
}

Findings Lint(const Agreement& agreement, const Catalogues& catalogues,
              const LintContext& context) {
  Findings findings;
  LintInput in = Prepare(agreement, catalogues, findings);
  LintHashes(in);
  const bool same_words = findings.empty();
  LintBases(in);
  LintDates(in);
  LintKeys(in);
  LintVersion(in, context);
  LintAssessments(in, context);
  LintOpinions(in, context);
  if (same_words) {  // with other files every word would be in doubt
    LintWords(in);
    LintClauses(in);
    LintFlows(in);
    LintProfiles(in);
    LintWarnings(in);
    LintSurroundings(in, context);
  }
  SortInFileOrder(findings);
  return findings;
}

}  // namespace entente::policy
