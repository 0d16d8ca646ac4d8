// Legal profiles: for each clause the stricter value of the parties that it
// concerns is the limit (208), and purposes that a profile never allows (209).
// Source: agreements.md 2.6.

#include <functional>
#include <string_view>

#include "policy/civil.h"
#include "policy/lint_rules.h"

namespace entente::policy {
namespace {

struct Bound {
  const Party* party;
  const Profile* profile;
};

std::vector<Bound> BoundsOf(const LintInput& in, std::uint64_t parties) {
  std::vector<Bound> out;
  for (std::size_t i = 0; i < in.agreement.parties.size(); ++i) {
    const Party& party = in.agreement.parties[i];
    const Profile* profile = in.catalogues.profiles.Find(party.legal_profile);
    if (((parties >> i) & 1U) != 0 && profile != nullptr) {
      out.push_back({&party, profile});
    }
  }
  return out;
}

class ProfileRules {
 public:
  ProfileRules(LintInput& in, std::vector<Bound> bounds)
      : in_(in), bounds_(std::move(bounds)) {}

  // Reports the strictest of the profiles that `value` is looser than.
  void AtMost(const std::string& path, const std::string& what,
              std::uint32_t value, std::uint32_t Profile::* limit) {
    Limit(path, what, value, limit, "at most ", " or less",
          std::less<std::uint32_t>());
  }
  void AtLeast(const std::string& path, const std::string& what,
               std::uint32_t value, std::uint32_t Profile::* limit) {
    Limit(path, what, value, limit, "at least ", " or more",
          std::greater<std::uint32_t>());
  }

  void Check(const Clause& clause, const ClauseBits& bits) {
    const std::string path = "clause." + clause.id + ".";
    const std::string id = clause.id + ": ";
    AtMost(path + "retain_days", id + "retain_days", clause.retain_days,
           &Profile::retain_days);
    AtMost(path + "retain_days_case", id + "retain_days_case",
           clause.retain_days_case, &Profile::retain_days_case);
    if (clause.masks()) {
      AtMost(path + "mask_after_days", id + "mask_after_days",
             clause.mask_after_days, &Profile::mask_after_days);
    }
    if (!clause.case_required) {
      AtMost(path + "record_age_max_hours", id + "record_age_max_hours",
             clause.record_age_max_hours,
             &Profile::record_age_max_hours_no_case);
    }
    if (clause.action == Action::kOnward) {
      AtLeast(path + "reviewers_holder", id + "reviewers_holder",
              clause.reviewers_holder, &Profile::onward_reviewers_holder);
    }
    CheckWords(clause, path, id);
    CheckPurposes(clause, bits);
  }

 private:
  template <class Stricter>
  void Limit(const std::string& path, const std::string& what,
             std::uint32_t value, std::uint32_t Profile::* limit,
             std::string_view allowed, std::string_view next,
             Stricter stricter) {
    const Bound* strictest = nullptr;
    std::uint32_t bound_value = value;
    for (const Bound& bound : bounds_) {
      if (!stricter(bound.profile->*limit, bound_value)) continue;
      bound_value = bound.profile->*limit;
      strictest = &bound;
    }
    if (strictest == nullptr) return;
    const std::string number = std::to_string(bound_value);
    Looser(path, what + " = " + std::to_string(value), *strictest,
           std::string(allowed) + number,
           "write " + number + std::string(next));
  }
  void Looser(const std::string& path, const std::string& what,
              const Bound& bound, const std::string& allowed,
              const std::string& next) {
    in_.Report(208, path,
               what + ", but " + bound.party->code + "'s profile " +
                   bound.profile->code + " allows " + allowed,
               next);
  }
  void CheckWords(const Clause& clause, const std::string& path,
                  const std::string& id) {
    for (const Bound& bound : bounds_) {
      if (clause.action == Action::kScreen &&
          !bound.profile->screen_match_sets.Has(clause.match_set)) {
        Looser(
            path + "match_set",
            id + "match_set = \"" + std::string(Word(clause.match_set)) + "\"",
            bound, "only " + SetWords(bound.profile->screen_match_sets),
            "write \"narrow\"");
        break;
      }
    }
    if (clause.action == Action::kDisclose) CheckReview(clause, path, id);
  }
  void CheckReview(const Clause& clause, const std::string& path,
                   const std::string& id) {
    const Bound* strictest = nullptr;
    Review most = clause.review;
    for (const Bound& bound : bounds_) {
      if (bound.profile->disclose_review <= most) continue;
      most = bound.profile->disclose_review;
      strictest = &bound;
    }
    if (strictest == nullptr) return;
    const std::string least(Word(most));
    Looser(path + "review",
           id + "review = \"" + std::string(Word(clause.review)) + "\"",
           *strictest, "at least \"" + least + "\"", "write \"" + least + "\"");
  }
  static std::string SetWords(WordSet<MatchSet> sets) {
    std::string out;
    for (std::size_t i = 0; i < WordList<MatchSet>::kWords.size(); ++i) {
      if (!sets.Has(static_cast<MatchSet>(i))) continue;
      out.append(out.empty() ? "\"" : " and \"")
          .append(WordList<MatchSet>::kWords[i])
          .append("\"");
    }
    return out;
  }
  void CheckPurposes(const Clause& clause, const ClauseBits& bits) {
    for (const Bound& bound : bounds_) {
      std::uint64_t never = 0;
      for (const std::string& word : bound.profile->purposes_never) {
        never |= in_.catalogues.purposes.Expand(word);
      }
      if ((never & bits.purposes) == 0) continue;
      in_.Report(209, "clause." + clause.id + ".purposes",
                 clause.id + ": " + bound.party->code + "'s profile " +
                     bound.profile->code + " never allows one of the purposes",
                 "remove the purposes that it excludes");
      return;
    }
  }

  LintInput& in_;
  std::vector<Bound> bounds_;
};

}  // namespace

void LintProfiles(LintInput& in) {
  for (std::size_t i = 0; i < in.clauses.size(); ++i) {
    const ClauseBits& bits = in.clauses[i];
    ProfileRules(in, BoundsOf(in, bits.holders | bits.askers))
        .Check(in.agreement.clauses[i], bits);
  }
  const Agreement& a = in.agreement;
  ProfileRules all(in, BoundsOf(in, ~std::uint64_t{0}));
  all.AtLeast("audit.log_years", "log_years", a.audit.log_years,
              &Profile::log_years);
  all.AtMost("rights.access_answer_days", "access_answer_days",
             a.rights.access_answer_days, &Profile::access_answer_days);
  for (const Party& party : a.parties) {
    all.AtMost("party." + party.code + ".assessment_renew_days",
               party.code + ": assessment_renew_days",
               party.assessment_renew_days, &Profile::assessment_renew_days);
  }
  if (a.validity.until > a.validity.from) {
    // A part of a day counts as a day.
    const std::int64_t days =
        (a.validity.until - a.validity.from + kDaySeconds - 1) / kDaySeconds;
    all.AtMost("validity.until", "days from `from` to `until`",
               static_cast<std::uint32_t>(days), &Profile::validity_days);
  }
}

}  // namespace entente::policy
