// Rules that need more than the document: dates, opinions, use, other
// agreements, the size of the own list.

#include <algorithm>
#include <string_view>

#include "policy/civil.h"
#include "policy/lint_rules.h"
#include "policy/overlap.h"

namespace entente::policy {
namespace {

constexpr std::int64_t kNearDays = 90;
constexpr std::uint64_t kUseDays = 90;
constexpr std::uint64_t kYearDays = 365;
constexpr std::uint64_t kTooMuch = 10;

void CheckUse(LintInput& in, const Clause& clause, std::uint64_t used) {
  const auto check = [&](std::string_view key, std::uint64_t quota,
                         std::uint64_t days) {
    // quota / days > 10 * used / 90, in whole numbers: 10^9 * 90 fits.
    if (quota * kUseDays <= kTooMuch * used * days) return;
    in.Report(304, "clause." + clause.id + "." + std::string(key),
              clause.id + ": " + std::string(key) + " = " +
                  std::to_string(quota) +
                  " is over ten times the use of the last 90 days, " +
                  std::to_string(used),
              "write what is needed");
  };
  check("quota_per_day", clause.quota_per_day, 1);
  check("quota_per_year", clause.quota_per_year, kYearDays);
}

// Every clause with one and the same basis: bases have other codes there, and
// what they stand for is the same request.
Agreement OfOneBasis(Agreement agreement, const std::vector<Basis>& bases) {
  agreement.bases = {bases.front()};
  for (Clause& clause : agreement.clauses) clause.bases = {bases.front().code};
  return agreement;
}

// What both allow, prohibitions and flags counted in, as exact sets of acts; an
// agreement that is never in force at the same time overlaps in nothing.
void CheckOther(LintInput& in, const Agreement& other) {
  // Another version of the same; or a document that grants nothing.
  if (other.id == in.agreement.id || in.agreement.bases.empty()) return;
  const Agreement mine = OfOneBasis(in.agreement, in.agreement.bases);
  const Agreement theirs = OfOneBasis(other, in.agreement.bases);
  for (const ClauseOverlap& overlap :
       Overlaps({mine, in.catalogues}, {theirs, in.catalogues})) {
    in.Report(305, "clause." + overlap.first_clause + ".id",
              overlap.first_clause + " and " + overlap.second_clause + " of " +
                  other.id + " allow the same: " + overlap.acts,
              "`entente agreement overlaps` shows which is stricter; rights of "
              "two agreements are never pooled");
  }
}

void CheckOwnList(LintInput& in, const OwnList& list) {
  for (std::size_t i = 0; i < in.clauses.size(); ++i) {
    const Clause& clause = in.agreement.clauses[i];
    const bool holds = clause.each() || clause.holder == list.party;
    if (clause.masks() || !holds || list.rows <= clause.list_rows_max) continue;
    in.Report(306, "clause." + clause.id + ".list_rows_max",
              clause.id + ": the list of " + list.party + " has " +
                  std::to_string(list.rows) +
                  " rows, more than list_rows_max = " +
                  std::to_string(clause.list_rows_max),
              "shorten the list, or agree on a higher number");
  }
}

}  // namespace

void LintAssessments(LintInput& in, const LintContext& context) {
  for (const Party& party : in.agreement.parties) {
    const std::string path = "party." + party.code + ".";
    if (party.assessment_hash == Hash{}) {
      in.Report(215, path + "assessment_hash",
                party.code + ": the human-rights assessment is missing",
                "write the SHA-256 of the assessment");
    }
    if (!context.now) continue;
    const std::int64_t due =
        party.assessment_date + party.assessment_renew_days * kDaySeconds;
    if (party.assessment_date > *context.now) {
      in.Report(215, path + "assessment_date",
                party.code + ": the assessment is dated " +
                    FormatDate(party.assessment_date) + ", ahead of today",
                "write the day on which it was made");
    } else if (due <= *context.now) {
      in.Report(215, path + "assessment_date",
                party.code + ": the assessment of " +
                    FormatDate(party.assessment_date) +
                    " was to be renewed by " + FormatDate(due),
                "renew it, then write its date and hash");
    }
  }
}

void LintOpinions(LintInput& in, const LintContext& context) {
  if (!context.opinions) return;
  for (const Party& party : in.agreement.parties) {
    const std::string path = "party." + party.code + ".code";
    const auto opinion =
        std::find_if(context.opinions->begin(), context.opinions->end(),
                     [&](const Opinion& o) { return o.party == party.code; });
    if (opinion == context.opinions->end()) {
      in.Report(223, path,
                party.code +
                    ": the opinion of its data protection officer is missing",
                "ask for it: entente agreement opinion");
    } else if (in.agreement.version > 1 && context.change == Change::kWider &&
               opinion->verdict == OpinionVerdict::kObject) {
      in.Report(223, path,
                party.code +
                    ": its data protection officer objects, and this version "
                    "is wider than the one before",
                "narrow it, or meet the conditions");
    }
  }
}

void LintSurroundings(LintInput& in, const LintContext& context) {
  for (const ClauseUse& use : context.use) {
    for (const Clause& clause : in.agreement.clauses) {
      if (clause.id == use.clause) CheckUse(in, clause, use.units);
    }
  }
  for (const Agreement* other : context.others) CheckOther(in, *other);
  for (const OwnList& list : context.own_lists) CheckOwnList(in, list);
  if (!context.now) return;
  const std::int64_t review = in.agreement.validity.review_by;
  if (review - *context.now > kNearDays * kDaySeconds) return;
  in.Report(308, "validity.review_by",
            "review_by = " + FormatInstant(review) +
                (review <= *context.now ? " is past" : " is near"),
            "begin the review");
}

}  // namespace entente::policy
