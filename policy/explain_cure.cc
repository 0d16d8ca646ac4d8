// What would change the answer, and who has to do it. A remedy comes with the
// facts that it gives; explain.cc asks Evaluate whether the reason is gone.

#include <algorithm>

#include "policy/civil.h"
#include "policy/evaluate.h"
#include "policy/explain_parts.h"

namespace entente::policy::explain {
namespace {

std::string Text(std::uint64_t number) { return std::to_string(number); }

std::string Code(const Case& c, std::uint8_t party) {
  return std::string(c.compiled.PartyCode(party));
}
std::string Holder(const Case& c) { return Code(c, c.facts.holder); }
std::string Asker(const Case& c) { return Code(c, c.facts.asker); }

Remedy Make(Reason reason, CureKind kind, std::string who, std::string what,
            std::optional<Facts> changed = std::nullopt) {
  return {{reason, kind, std::move(who), std::move(what)}, changed};
}

// What the reason's own table says, when there is nothing better to say.
Remedy Plain(Reason reason, CureKind kind, std::string who,
             std::optional<Facts> changed = std::nullopt) {
  return Make(reason, kind, std::move(who), std::string(TextOf(reason).next),
              changed);
}

// --- The agreement itself.

std::string OverdueAssessments(const Case& c) {
  std::string out;
  if (c.facts.assessment_left_holder == 0) out = Holder(c);
  if (c.facts.assessment_left_asker == 0)
    out += (out.empty() ? "" : " and ") + Asker(c);
  return out;
}

Remedy OfAgreement(const Case& c, Reason reason) {
  const Validity& validity = c.compiled.agreement().validity;
  Facts changed = AsIfInForce(c.compiled, c.facts);
  switch (reason) {
    case Reason::kS01:
      return Make(
          reason, CureKind::kStep,
          Holder(c) + " and " + Asker(c) + ", legal and technical key of each",
          "lift the stop: `entente agreement resume`", changed);
    case Reason::kS02:
      if (c.facts.now < validity.from)
        return Make(reason, CureKind::kWait, "nobody",
                    "wait until " + FormatInstant(validity.from), changed);
      return Make(
          reason, CureKind::kStep, "the legal and technical key of each party",
          "sign what is still unsigned: `entente agreement status`", changed);
    case Reason::kS03:
      return Make(reason, CureKind::kAmend, "all parties",
                  "sign a new version; nothing flows until then");
    case Reason::kS05:
      return Make(reason, CureKind::kStep, "the nodes of both parties",
                  "exchange their status: `entente agreement activate` on "
                  "either side; look at the line and the clocks",
                  changed);
    case Reason::kS06:
      return Make(reason, CureKind::kStep, OverdueAssessments(c),
                  "renew the assessment of human rights and sign it as an "
                  "event of the party",
                  changed);
    case Reason::kS07:
      return Make(reason, CureKind::kStep, Asker(c) + ", officer",
                  "carry out the recall and send the receipt", changed);
    case Reason::kS08:
      return Plain(reason, CureKind::kStep, Holder(c) + ", approver", changed);
    case Reason::kA01:
      return Plain(reason, CureKind::kStep, "this node, administrator",
                   changed);
    default:
      return Plain(reason, CureKind::kStep, "both administrators", changed);
  }
}

// --- The words of the request, put as the nearest clause has them.

template <class E>
std::uint8_t FirstOf(WordSet<E> set, std::uint8_t now) {
  if (set.Has(static_cast<E>(now))) return now;
  std::uint8_t i = 0;
  while (i < WordList<E>::kWords.size() && !set.Has(static_cast<E>(i))) ++i;
  return i;
}

Facts AsTheClause(const Case& c) {
  const Clause& clause = *c.text();
  Facts f = c.in_force;
  f.role = FirstOf(clause.roles, f.role);
  f.route = FirstOf(clause.routes, f.route);
  f.urgency = FirstOf(clause.urgency, f.urgency);
  f.dataset = static_cast<std::uint8_t>(clause.dataset);
  if (f.action != clause.action) {
    f.action = clause.action;
    f.match_set = static_cast<std::uint8_t>(clause.match_set);
    f.units = 1;
  }
  const std::uint64_t leaves = c.compiled.PurposesOf(c.clause);
  while (f.purpose < 64 && ((leaves >> f.purpose) & 1U) == 0)
    f.purpose = static_cast<std::uint8_t>((f.purpose + 1) % 64);
  const std::string& now = c.compiled.agreement().bases[f.basis].code;
  if (std::find(clause.bases.begin(), clause.bases.end(), now) ==
      clause.bases.end())
    f.basis = c.compiled.BasisIndex(clause.bases.front()).value_or(f.basis);
  return f;
}

Remedy OfSelector(const Case& c, Reason reason) {
  if (c.text() == nullptr || reason == Reason::kW01)
    return Make(reason, CureKind::kAmend, "all parties",
                "agree on a clause for it; this document has none");
  const Clause& clause = *c.text();
  const std::string officer = Asker(c) + ", officer";
  const auto ask = [&](const std::string& what) {
    return Make(reason, CureKind::kAsk, officer, what + " (" + clause.id + ")",
                AsTheClause(c));
  };
  switch (reason) {
    case Reason::kW02:
      return Make(reason, CureKind::kAsk, Asker(c) + ", " + Words(clause.roles),
                  "ask: only these may (" + clause.id + ")", AsTheClause(c));
    case Reason::kW03:
      return ask("the clause nearest to it is for " +
                 std::string(Word(clause.action)));
    case Reason::kW04:
      return ask("ask about records of the kind " +
                 std::string(Word(clause.dataset)));
    case Reason::kP01:
      return ask("ask for one of the purposes " + Listed(clause.purposes));
    case Reason::kP02:
      return ask("name one of the legal bases " + Listed(clause.bases));
    case Reason::kC05:
      return ask("only records of the routes " + Words(clause.routes));
    default:
      return ask("only with the urgency " + Words(clause.urgency));
  }
}

// --- Fields.

// The request without the fields that `reason` takes away; nothing: none stays.
std::optional<Facts> Without(const Case& c, Reason reason) {
  const auto cut = [&](const Facts& one) {
    return Evaluate(c.compiled, c.local, one).Has(reason);
  };
  Facts f = c.in_force;
  f.offered = 0;
  Facts one = f;
  for (std::uint64_t rest = c.in_force.asked; rest != 0; rest &= rest - 1) {
    one.asked = rest & (~rest + 1);
    if (cut(one)) f.asked &= ~one.asked;
  }
  if (f.asked == 0) return std::nullopt;
  one = f;
  for (std::uint64_t rest = c.in_force.offered; rest != 0; rest &= rest - 1) {
    one.offered = rest & (~rest + 1);
    if (!cut(one)) f.offered |= one.offered;
  }
  return f;
}

Remedy OfFlags(const Case& c) {
  Facts f = c.in_force;
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    const Flag flag = static_cast<Flag>(i);
    if (f.flag(flag) == FlagState::kNotChecked) f.Set(flag, FlagState::kAbsent);
  }
  return Make(Reason::kX02, CureKind::kStep, Holder(c) + ", reviewer",
              "check these flags: " + Listed(UncheckedFlags(c)) +
                  "; a field goes only where they are absent",
              f);
}

Remedy OfFields(const Case& c, Reason reason) {
  if (reason == Reason::kX02) return OfFlags(c);
  std::optional<Facts> without = Without(c, reason);
  if (!without)
    return Make(reason, CureKind::kNone, "nobody",
                "no field of the request would be left");
  const std::uint64_t gone = (c.in_force.asked & ~without->asked) |
                             (c.in_force.offered & ~without->offered);
  return Make(reason, CureKind::kAsk, Asker(c) + ", officer",
              "leave out " + Listed(c.compiled.FieldCodes(gone)), without);
}

// --- Numbers.

bool Fits(const Case& c, const Facts& f) {
  return !Evaluate(c.compiled, c.local, f).Has(Reason::kC04);
}

std::int64_t NextYear(std::int64_t now) {
  const CivilDate date = CivilFromDays(now / kDaySeconds);
  return DaysFromCivil({date.year + 1, 1, 1}) * kDaySeconds;
}

// The first of these that fits: fewer persons, tomorrow, another case, next
// year.
Remedy OfQuota(const Case& c) {
  const Clause& clause = *c.text();
  Facts fewer = c.in_force;
  const auto left = [](std::uint32_t quota, std::uint32_t used) {
    return quota > used ? quota - used : 0;
  };
  std::uint32_t room = std::min(left(clause.quota_per_day, fewer.used_day),
                                left(clause.quota_per_year, fewer.used_year));
  if (clause.case_required)
    room = std::min(room, left(clause.quota_per_case, fewer.used_case));
  if (room > 0 && room < fewer.units) {
    fewer.units = room;
    if (Fits(c, fewer))
      return Make(Reason::kC04, CureKind::kAsk, Asker(c) + ", officer",
                  "ask about at most " + Text(room) + " now", fewer);
  }
  Facts later = c.in_force;
  later.used_day = 0;
  later.now = (later.now / kDaySeconds + 1) * kDaySeconds;
  if (Fits(c, later))
    return Make(Reason::kC04, CureKind::kWait, "nobody",
                "wait until " + FormatInstant(later.now), later);
  Facts other = c.in_force;
  other.used_case = 0;
  if (Fits(c, other))
    return Make(Reason::kC04, CureKind::kAsk, Asker(c) + ", officer",
                "the quota of this case is used up; another case has its own",
                other);
  later.used_year = 0;
  later.now = NextYear(c.in_force.now);
  if (Fits(c, later))
    return Make(Reason::kC04, CureKind::kWait, "nobody",
                "wait until " + FormatInstant(later.now), later);
  return Make(Reason::kC04, CureKind::kAmend, "all parties",
              "the request is larger than any quota of the clause");
}

Remedy OfApprovals(const Case& c) {
  Facts f = c.in_force;
  std::string who;
  std::string what;
  const auto lack = [&](std::uint8_t& have, std::uint32_t need,
                        const std::string& party) {
    if (have >= need) return;
    who += (who.empty() ? "" : " and ") + party;
    what +=
        (what.empty() ? "" : ", ") + Text(need - have) + " more of " + party;
    have = static_cast<std::uint8_t>(need);
  };
  const Clause* clause = c.text();
  const bool unmask = f.action == Action::kUnmask || clause == nullptr;
  lack(f.approvals_holder, unmask ? 0 : clause->reviewers_holder, Holder(c));
  lack(f.approvals_asker, unmask ? 2 : clause->reviewers_asker, Asker(c));
  return Make(Reason::kC02, CureKind::kStep, who + ", reviewers",
              "approve: " + what + ", each another person", f);
}

Remedy OfNumbers(const Case& c, Reason reason) {
  const std::string officer = Asker(c) + ", officer";
  const Clause* clause = c.text();
  Facts f = c.in_force;
  switch (reason) {
    case Reason::kC01:
      f.bits |= fact::kHasCase;
      return Make(reason, CureKind::kStep, officer, "name a case with --case",
                  f);
    case Reason::kC02:
      return OfApprovals(c);
    case Reason::kC03:
      f.record_age = std::min(f.record_age, clause->record_age_max_hours);
      return Make(reason, CureKind::kAsk, officer,
                  "ask with a record of at most " +
                      Text(clause->record_age_max_hours) + " h",
                  f);
    case Reason::kC04:
      return OfQuota(c);
    case Reason::kW05:
      f.match_set = static_cast<std::uint8_t>(clause->match_set);
      return Make(
          reason, CureKind::kAsk, officer,
          "ask with the match set " + std::string(Word(clause->match_set)), f);
    case Reason::kW06:
      f.receiver = 1;
      return Make(reason, CureKind::kAsk, Asker(c) + ", approver",
                  "name one of " + Listed(clause->onward_to), f);
    case Reason::kC08:
      f.bits |= fact::kHasOrder;
      return Plain(reason, CureKind::kStep, Asker(c) + ", approver", f);
    case Reason::kA04:
      return Plain(reason, CureKind::kNone, "whoever keeps the asking node");
    default:
      return Plain(reason, CureKind::kNone, "nobody");
  }
}

}  // namespace

Remedy RemedyFor(const Case& c, Reason reason) {
  constexpr std::uint64_t kSelector = Bit(Reason::kW01) | Bit(Reason::kW02) |
                                      Bit(Reason::kW03) | Bit(Reason::kW04) |
                                      Bit(Reason::kP01) | Bit(Reason::kP02) |
                                      Bit(Reason::kC05) | Bit(Reason::kC06);
  const std::uint64_t bit = Bit(reason);
  if ((kAgreementReasons & bit) != 0) return OfAgreement(c, reason);
  if ((kSelector & bit) != 0) return OfSelector(c, reason);
  if (reason == Reason::kL01)
    return Plain(reason, CureKind::kStep, "this node, two people");
  if ((kFieldReasons & bit) != 0) return OfFields(c, reason);
  return OfNumbers(c, reason);
}

}  // namespace entente::policy::explain
