#include "policy/explain_parts.h"

#include <algorithm>

#include "policy/civil.h"
#include "policy/evaluate_parts.h"
#include "policy/freshness.h"

namespace entente::policy::explain {
namespace {

std::string Text(std::uint64_t number) { return std::to_string(number); }

std::string Code(const Case& c, std::uint8_t party) {
  return std::string(c.compiled.PartyCode(party));
}

// What both parties have of something that may run out.
std::string OfBoth(const Case& c, const std::string& holder,
                   const std::string& asker) {
  return Code(c, c.facts.holder) + " " + holder + ", " +
         Code(c, c.facts.asker) + " " + asker;
}

std::string StatusAge(std::uint32_t seconds) {
  if (seconds == kNoStatus) return "none";
  return Text(seconds / 3600) + " h old";
}

std::string Left(std::uint32_t seconds) {
  if (seconds == 0) return "overdue";
  return Text(seconds / 86400) + " days left";
}

std::string Used(const std::string& window, std::uint32_t used,
                 std::uint32_t units, std::uint32_t quota) {
  return window + " " + Text(used) + " + " + Text(units) + " of " + Text(quota);
}

std::string Quota(const Clause& clause, const Facts& f) {
  std::string out = Used("day", f.used_day, f.units, clause.quota_per_day) +
                    ", " +
                    Used("year", f.used_year, f.units, clause.quota_per_year);
  if (clause.case_required)
    out += ", " + Used("case", f.used_case, f.units, clause.quota_per_case);
  return out;
}

std::string OfAgreement(const Case& c, Reason reason) {
  const Facts& f = c.facts;
  const Agreement& agreement = c.compiled.agreement();
  switch (reason) {
    case Reason::kS01:
      return "state " + std::string(Word(static_cast<State>(f.state)));
    case Reason::kS02:
      return "from " + FormatInstant(agreement.validity.from) + ", asked " +
             FormatInstant(f.now);
    case Reason::kS03:
      return "until " + FormatInstant(agreement.validity.until);
    case Reason::kS04:
      return "asked under " + ToHex(f.agreement).substr(0, 16);
    case Reason::kS05:
      return "status of " +
             OfBoth(c, StatusAge(f.status_age_holder),
                    StatusAge(f.status_age_asker)) +
             "; at most 24 h";
    case Reason::kS06:
      return OfBoth(c, Left(f.assessment_left_holder),
                    Left(f.assessment_left_asker));
    case Reason::kS07:
      if (!agreement.rights.overdue_receipt_stops_questions)
        return "this agreement does not stop for it";
      return f.Has(fact::kReceiptOverdue) ? "overdue" : "none overdue";
    default:
      return {};
  }
}

std::string OfSelector(const Case& c, Reason reason) {
  const Facts& f = c.facts;
  const Clause* clause = c.text();
  const auto beside = [&](std::string_view found, const std::string& allowed) {
    return std::string(found) +
           (clause == nullptr ? "" : "; the clause has " + allowed);
  };
  const auto words = [&](auto member) {
    return clause == nullptr ? std::string() : Words(clause->*member);
  };
  switch (reason) {
    case Reason::kW01:
      return Code(c, f.holder) + " gives " + Code(c, f.asker) +
             (clause == nullptr || clause->each()
                  ? ""
                  : "; the clause has " + clause->holder + " gives " +
                        clause->asker);
    case Reason::kW02:
      return beside(Word(static_cast<Role>(f.role)), words(&Clause::roles));
    case Reason::kW03:
      return beside(Word(f.action), clause == nullptr
                                        ? std::string()
                                        : std::string(Word(clause->action)));
    case Reason::kW04:
      return beside(Word(static_cast<Dataset>(f.dataset)),
                    clause == nullptr ? std::string()
                                      : std::string(Word(clause->dataset)));
    case Reason::kP01:
      return beside(c.compiled.purposes().purposes()[f.purpose].code,
                    clause == nullptr ? "" : Listed(clause->purposes));
    case Reason::kP02:
      return beside(c.compiled.agreement().bases[f.basis].code,
                    clause == nullptr ? "" : Listed(clause->bases));
    case Reason::kC05:
      return beside(Word(static_cast<Route>(f.route)), words(&Clause::routes));
    case Reason::kC06:
      return beside(Word(static_cast<Urgency>(f.urgency)),
                    words(&Clause::urgency));
    default:
      return {};
  }
}

std::string OfNumbers(const Case& c, Reason reason) {
  const Facts& f = c.in_force;
  const Clause* clause = c.text();
  if (clause == nullptr) return {};
  switch (reason) {
    case Reason::kW05:
      return std::string(Word(static_cast<MatchSet>(f.match_set))) +
             "; the clause has " + std::string(Word(clause->match_set));
    case Reason::kW06:
      return "the clause has " + Listed(clause->onward_to);
    case Reason::kC03:
      return Text(f.record_age) + " h; at most " +
             Text(clause->record_age_max_hours) + " h";
    case Reason::kC07:
      return "record of " +
             FormatInstant(f.now - std::int64_t{f.record_age} * 3600) +
             "; not before " +
             FormatInstant(
                 c.compiled.agreement().parties[f.asker].history_from);
    case Reason::kC04:
      return Quota(*clause, f);
    case Reason::kC01:
      return !clause->case_required  ? "the clause needs none"
             : f.Has(fact::kHasCase) ? "one is named"
                                     : "none is named";
    case Reason::kC02:
      return OfBoth(
          c, Text(f.approvals_holder) + " of " + Text(clause->reviewers_holder),
          Text(f.approvals_asker) + " of " + Text(clause->reviewers_asker));
    default:
      return {};
  }
}

}  // namespace

std::string Listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

Facts AsIfInForce(const Compiled& compiled, const Facts& facts) {
  const Validity& validity = compiled.agreement().validity;
  Facts out = facts;
  out.agreement = compiled.hash();
  out.state = static_cast<std::uint8_t>(State::kActive);
  out.ended = 0;
  out.now = std::clamp(facts.now, validity.from, validity.until - 1);
  out.status_age_holder = 0;
  out.status_age_asker = 0;
  out.assessment_left_holder = std::max(1U, facts.assessment_left_holder);
  out.assessment_left_asker = std::max(1U, facts.assessment_left_asker);
  out.bits |= fact::kLogOpen;
  out.bits = static_cast<std::uint8_t>(
      out.bits & ~(fact::kReceiptOverdue | fact::kEmergencyUnreviewed));
  return out;
}

std::string Found(const Case& c, Reason reason) {
  if ((kAgreementReasons & Bit(reason)) != 0) return OfAgreement(c, reason);
  const std::string selector = OfSelector(c, reason);
  return selector.empty() ? OfNumbers(c, reason) : selector;
}

std::vector<std::string> UncheckedFlags(const Case& c) {
  const Facts& f = c.in_force;
  std::uint32_t pairs = 0;
  for (const RestrictionBits& r : c.compiled.restrictions()) {
    const bool holder = r.by == kNobody || r.by == f.holder;
    const bool asker = r.by == kNobody || r.by == f.asker;
    const std::uint64_t fields =
        (holder ? f.asked : 0) | (asker ? f.offered : 0);
    if ((fields & r.fields) != 0 &&
        r.Touches(static_cast<std::uint8_t>(f.action), f.purpose))
      pairs |= r.flag_pairs;
  }
  const std::uint64_t air = c.compiled.AirLinkLeaves(f.holder, f.asker);
  if (c.text() != nullptr && c.text()->review != Review::kNone &&
      evaluate::Holds(air, f.purpose))
    pairs |= PairBit(Flag::kNoAirLink);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    const Flag flag = static_cast<Flag>(i);
    if ((pairs & PairBit(flag)) != 0 && f.flag(flag) == FlagState::kNotChecked)
      out.emplace_back(Word(flag));
  }
  return out;
}

}  // namespace entente::policy::explain
