"""The faults of mutants.py: each a single change of one text of the decision function."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


def _in(file: str, rows: list[tuple[str, str, str]]) -> list[Mutant]:
    return [Mutant(name, file, old, new) for name, old, new in rows]


_CLAUSE = _in("policy/evaluate.cc", [
    ("selector: basis not asked", "kBasisPlace.One(f.basis)", "kBasisPlace.One(0)"),
    ("selector: dataset not asked", "kDatasetPlace.One(f.dataset)", "kDatasetPlace.One(2)"),
    ("selector: role not asked", "kRolePlace.One(f.role)", "kRolePlace.One(1)"),
    ("selector: route not asked", "kRoutePlace.One(f.route)", "kRoutePlace.One(0)"),
    ("selector: urgency not asked", "kUrgencyPlace.One(f.urgency)", "kUrgencyPlace.One(0)"),
    ("selector: purpose not asked", "if ((packed & ~clause.selector) == 0 && Holds(clause.purposes, f.purpose)) {", "if ((packed & ~clause.selector) == 0) {"),
    ("selector: parties swapped", "compiled.ClausesFor(f.holder, f.asker, f.action)", "compiled.ClausesFor(f.asker, f.holder, f.action)"),
    ("nearest: most failed tests", "if (failed < fewest) {", "if (failed <= fewest) {"),
    ("nearest: direction not counted", "(clause.Covers(f.holder, f.asker) ? 0 : 1);", "0;"),
    ("fields: what the clause does not grant", "const std::uint64_t within = asked & granted;", "const std::uint64_t within = asked;"),
    ("fields: no reason for those outside", "if (outside != 0) out.reasons |= OutsideReasons(outside);", ""),
    ("fields: sensitive is just not granted", "reasons |= Bit(Reason::kF02);", ";"),
    ("restriction: whatever the releasing party", "(r.by != kNobody && r.by != releasing)", "false"),
    ("restriction: the other party's reservation", "r.by != releasing)", "r.by == releasing)"),
    ("restriction: whatever action and purpose", "!r.Touches(static_cast<std::uint8_t>(f_.action), f_.purpose)", "false"),
    ("restriction: the unconditional cuts nothing", "left &= ~hit;", ""),
    ("restriction: prohibition and reservation confused", "r.by == kNobody ? Reason::kP03 : Reason::kF03", "r.by != kNobody ? Reason::kP03 : Reason::kF03"),
    ("flags: all of them must be present", "(r.flag_pairs & present_) != 0) {", "(r.flag_pairs & present_) == r.flag_pairs) {"),
    ("flags: present overwrites", "flagged |= hit;", "flagged = hit;"),
    ("flags: unchecked lets pass", "(r.flag_pairs & unchecked_) != 0) {", "false) {"),
    ("flags: unchecked overwrites", "doubtful |= hit;", "doubtful = hit;"),
    ("flags: present cuts nothing", "left &= ~flagged;", ""),
    ("flags: unchecked counts for fields that are gone", "if ((left & doubtful) != 0)", "if ((within & doubtful) != 0)"),
    ("air link: present lets pass", "if ((PairBit(Flag::kNoAirLink) & present_) != 0) flagged |= within;", ""),
    ("air link: unchecked lets pass", "if ((PairBit(Flag::kNoAirLink) & unchecked_) != 0) doubtful |= within;", ""),
    ("air link: also where nobody reviews", "clause.review != Review::kNone &&\n      Holds(compiled.AirLinkLeaves", "Holds(compiled.AirLinkLeaves"),
    ("local: fields stay", "left &= ~local_.fields;", ""),
    ("local: no reason for a field", "if ((left & local_.fields) != 0) out.reasons |= Bit(Reason::kL01);", ""),
    ("local: quota not asked", "local.quota_per_day != kNoLocalQuota &&\n           over(f.used_day, local.quota_per_day)", "false"),
    ("local: the whole act not asked", "ScalarReasons(compiled, clause, local, f) |\n                               evaluate::LocalReasons(local, f);", "ScalarReasons(compiled, clause, local, f);"),
    ("quota: one too few", "return std::uint64_t{used} + f.units > quota;", "return std::uint64_t{used} + f.units >= quota;"),
    ("quota: one too many", "return std::uint64_t{used} + f.units > quota;", "return std::uint64_t{used} > quota;"),
    ("quota: wraps around", "return std::uint64_t{used} + f.units > quota;", "return used + f.units > quota;"),
    ("quota: the day not asked", "over(f.used_day, clause.quota_per_day) ||", ""),
    ("quota: the year not asked", "over(f.used_year, clause.quota_per_year) ||", ""),
    ("quota: the case not asked", "||\n           (clause.case_required && over(f.used_case, clause.quota_per_case)),", ","),
    ("match set not asked", "fail(f.match_set != static_cast<std::uint8_t>(clause.match_set),", "fail(false,"),
    ("receiver: none will do", "(f.receiver == 0 || f.receiver > clause.onward_to.size())", "f.receiver > clause.onward_to.size()"),
    ("receiver: one beyond the list", "f.receiver > clause.onward_to.size())", "f.receiver > clause.onward_to.size() + 1)"),
    ("receiver: the last is not listed", "f.receiver > clause.onward_to.size())", "f.receiver >= clause.onward_to.size())"),
    ("age: the oldest hour is outside", "f.record_age > clause.record_age_max_hours", "f.record_age >= clause.record_age_max_hours"),
    ("age not asked", "fail(f.record_age > clause.record_age_max_hours, Reason::kC03);", ""),
    ("history: the holder's", "parties[f.asker].history_from", "parties[f.holder].history_from"),
    ("history: the first second is outside", "fail(oldest < compiled", "fail(oldest <= compiled"),
    ("history: of the request, not the record", "f.now - std::int64_t{f.record_age} * kHour", "f.now"),
    ("declined not asked", "fail(f.Has(fact::kDeclined), Reason::kH01);\n  fail(clause.case_required", "fail(clause.case_required"),
    ("case not asked", "fail(clause.case_required && !f.Has(fact::kHasCase), Reason::kC01);", ""),
    ("case always asked", "clause.case_required && !f.Has(fact::kHasCase)", "!f.Has(fact::kHasCase)"),
    ("approvals: of one side are enough", "f.approvals_holder < clause.reviewers_holder ||", "f.approvals_holder < clause.reviewers_holder &&"),
    ("approvals: one too many", "f.approvals_holder < clause.reviewers_holder ||", "f.approvals_holder <= clause.reviewers_holder ||"),
    ("approvals: the holder's count for the asker", "f.approvals_asker < clause.reviewers_asker", "f.approvals_holder < clause.reviewers_asker"),
    ("released by: the asker for what was asked", "releaser.From(f.holder, f.asked, bits.fields)", "releaser.From(f.asker, f.asked, bits.fields)"),
    ("released by: the holder for what is offered", "releaser.From(f.asker, f.offered, bits.offered)", "releaser.From(f.holder, f.offered, bits.offered)"),
    ("offered: the fields of the answer", "releaser.From(f.asker, f.offered, bits.offered)", "releaser.From(f.asker, f.offered, bits.fields)"),
    ("outcome: a permit of nothing", "if (fields.fields == 0 || (failed & ~kCurable) != 0) return out;", "if ((failed & ~kCurable) != 0) return out;"),
    ("outcome: only curable reasons count", "if (fields.fields == 0 || (failed & ~kCurable) != 0) return out;", "if (fields.fields == 0) return out;"),
    ("outcome: what can be cured denies", "(failed & ~kCurable) != 0) return out;", "failed != 0) return out;"),
    ("outcome: an unchecked flag permits", "(out.reasons & kCurable) != 0 ? Outcome::kPend", "(failed & kCurable) != 0 ? Outcome::kPend"),
    ("duties: the case's days without a case", "f.Has(fact::kOpenCase) ? clause.retain_days_case : clause.retain_days;", "clause.retain_days_case;"),
    ("duties: vital waits as long", "seconds = std::min(seconds, kVitalSeconds);", ""),
    ("duties: masks what has no mask", "if (clause.masks()) out.mask_at", "out.mask_at"),
    ("duties: needs of the sides swapped", "out.need_holder = static_cast<std::uint8_t>(clause.reviewers_holder);", "out.need_holder = static_cast<std::uint8_t>(clause.reviewers_asker);"),
    ("state: not asked at all", "if (reasons != 0) return evaluate::Deny(reasons);", ""),
    ("facts: malformed ones are judged", "if (!evaluate::WellFormed(compiled, facts)) {\n    return evaluate::Malformed(facts);\n  }", ""),
])

_PARTS = _in("policy/evaluate_parts.cc", [
    ("facts: one party twice", "f.asker < c.agreement().parties.size() && f.holder != f.asker &&", "f.asker < c.agreement().parties.size() &&"),
    ("facts: both bits of a flag", "&&\n         (flags & (flags >> 1U) & 0x55555555U) == 0", ""),
    ("facts: an undefined flag", "(flags & ~kDefinedFlags) == 0 &&\n         ", ""),
    ("facts: an unknown field", "(f.asked & ~c.fields().all()) == 0 &&", "true &&"),
    ("facts: an end without its state", "return (f.ended != 0) ==\n", "return (f.ended != 0) <=\n"),
    ("facts: a receiver without use", "|| (!passes_on && f.receiver != 0)", ""),
    ("facts: two disclosures count as one", "(f.action == Action::kScreen || f.units == 1)", "true"),
    ("facts: a batch of nobody", "f.asked != 0 && f.units != 0 &&", "f.asked != 0 &&"),
    ("state: suspended is active", "return Bit(Reason::kS01);", "return 0;"),
    ("state: superseded is active", "case State::kSuperseded:\n      return Bit(Reason::kS04);", "case State::kSuperseded:\n      return 0;"),
    ("state: ended is active", "case State::kClosed:\n      return Bit(Reason::kS03);", "case State::kClosed:\n      return 0;"),
    ("state: unsigned is active", "return Bit(Reason::kS02);\n  }", "return 0;\n  }"),
    ("validity: the first second is outside", "f.now < agreement.validity.from", "f.now <= agreement.validity.from"),
    ("validity: the last second and one", "f.now >= agreement.validity.until", "f.now > agreement.validity.until"),
    ("validity: whichever document", "fail(f.agreement != compiled.hash(), Reason::kS04);", ""),
    ("status: stale only when both are", "f.status_age_holder > kStatusLifeSeconds ||", "f.status_age_holder > kStatusLifeSeconds &&"),
    ("status: a day is too old", "f.status_age_asker > kStatusLifeSeconds", "f.status_age_asker >= kStatusLifeSeconds"),
    ("assessment: overdue only when both are", "f.assessment_left_holder == 0 || f.assessment_left_asker == 0", "f.assessment_left_holder == 0 && f.assessment_left_asker == 0"),
    ("receipt: overdue stops always", "agreement.rights.overdue_receipt_stops_questions &&\n           f.Has", "f.Has"),
    ("receipt: overdue never stops", "f.Has(fact::kReceiptOverdue)", "false"),
    ("emergency not asked", "fail(f.Has(fact::kEmergencyUnreviewed), Reason::kS08);", ""),
    ("log not asked", "fail(!f.Has(fact::kLogOpen), Reason::kA01);", ""),
    ("reasons of the state: the last overwrites", "if (failed) reasons |= Bit(reason);\n  };\n  fail(f.now <", "if (failed) reasons = Bit(reason);\n  };\n  fail(f.now <"),
    ("correct: also when closed", "if (f.action == Action::kCorrect &&\n      f.state != static_cast<std::uint8_t>(State::kClosed)) {", "if (f.action == Action::kCorrect) {"),
    ("correct: what passes it passes all", "if (f.action == Action::kCorrect &&", "if (f.action != Action::kCorrect &&"),
    ("correct: the other way", "c.clause_bits()[f.origin_clause].Covers(f.holder, f.asker)\n             ?", "c.clause_bits()[f.origin_clause].Covers(f.asker, f.holder)\n             ?"),
    ("local: the holder may be any", "Holds(local.parties, f.holder) || ", ""),
    ("local: the asker may be any", "Holds(local.parties, f.asker) ||", ""),
    ("local: any action", "Holds(local.actions, static_cast<std::size_t>(f.action)) ||", ""),
    ("local: any dataset", "Holds(local.datasets, f.dataset) || ", ""),
    ("local: any purpose", "|| Holds(local.purposes, f.purpose);", ";"),
])

_RESOLVE = _in("policy/resolve.h", [
    ("restriction: whatever the action", "((actions >> action) & 1U) != 0 && ((purposes", "((purposes"),
    ("restriction: whatever the purpose", "((actions >> action) & 1U) != 0 && ((purposes >> purpose) & 1U) != 0", "((actions >> action) & 1U) != 0"),
])

_RETAIN = _in("policy/evaluate_retain.cc", [
    ("retain: an hour longer", "return f.held >= (f.Has", "return f.held > (f.Has"),
    ("retain: the case's days always", "(f.Has(fact::kOpenCase) ? retain_case : retain)", "retain_case"),
    ("retain: the longer of two versions", "std::min(a.retain, b.retain)", "std::max(a.retain, b.retain)"),
    ("retain: the longer of two versions in a case", "std::min(a.retain_case, b.retain_case)", "std::max(a.retain_case, b.retain_case)"),
    ("mask: the later of two versions", "std::min(a.mask, b.mask)", "std::max(a.mask, b.mask)"),
    ("mask: an hour later", "const bool masked = f.held >= limits.mask;", "const bool masked = f.held > limits.mask;"),
    ("mask: the fields stay", "fields & ~received_under.fields().masked()", "fields"),
    ("present version: basis by its place", "g.basis = IndexOf(now.bases, old.bases[f.basis].code);", ""),
    ("present version: the holder by its place", "g.holder = IndexOf(now.parties, old.parties[f.holder].code);", ""),
    ("present version: the asker by its place", "g.asker = IndexOf(now.parties, old.parties[f.asker].code);", ""),
    ("present version: not asked", "if (same != nullptr) limits", "if (false) limits"),
    ("ending: a second later", "f.now >= delete_by) over", "f.now > delete_by) over"),
    ("ending: the extension without a case", "return f.Has(fact::kOpenCase)\n             ? within", "return true\n             ? within"),
    ("ending: not asked", "if (delete_by != 0 && f.now >= delete_by) over |= Bit(Reason::kT03);", ""),
    ("ending: not by the clock", "if (ended == 0 && f.now >= agreement.validity.until &&", "if (false &&"),
    ("ending: also of a version that was replaced", "&&\n      f.state != static_cast<std::uint8_t>(State::kSuperseded)) {", ") {"),
    ("frozen: not while it waits for its end", "delete_by != 0 || f.state ==", "f.state =="),
    ("frozen: not in a suspension", "delete_by != 0 || f.state == static_cast<std::uint8_t>(State::kSuspended);", "delete_by != 0;"),
    ("frozen: not on hold", "Decision out = Keep(f, fields);\n    out.obligations.frozen = 1;", "Decision out = Keep(f, fields);"),
    ("frozen: a fault thaws", "Decision out = evaluate::Deny(reasons);\n  out.obligations.frozen = 1;", "Decision out = evaluate::Deny(reasons);"),
    ("hold: not asked", "if (f.Has(fact::kLegalHold)) {", "if (false) {"),
    ("retain: without the log", "if (!f.Has(fact::kLogOpen)) return Frozen(Bit(Reason::kA01));", ""),
    ("retain: under another document", "if (f.agreement != received_under.hash()) return Frozen(Bit(Reason::kS04));", ""),
    ("retain: of another direction", "if (!bits.Covers(f.holder, f.asker)) return Frozen(Bit(Reason::kW01));", ""),
    ("retain: fields of another clause", "const std::uint64_t fields = f.asked & bits.fields;", "const std::uint64_t fields = f.asked;"),
    ("unmask: of another direction", "if (!bits.Covers(f.holder, f.asker)) return Deny(Bit(Reason::kW01));", ""),
    ("unmask: without an order", "fail(!f.Has(fact::kHasOrder), Reason::kC08);", ""),
    ("unmask: one approval", "kUnmaskApprovals = 2;", "kUnmaskApprovals = 1;"),
    ("unmask: the holder approves", "f.approvals_asker < kUnmaskApprovals", "f.approvals_holder < kUnmaskApprovals"),
    ("unmask: a no is no matter", "fail(f.Has(fact::kDeclined), Reason::kH01);", ""),
    ("unmask: after its time", "fail(limits.Over(f), Reason::kT01);", ""),
    ("unmask: local fields too", "within & ~local.fields;", "within;"),
    ("unmask: local restrictions not asked", "out.reasons = LocalReasons(local, f);", "out.reasons = 0 * LocalReasons(local, f);"),
    ("unmask: nobody is told", "out.obligations.notify = kNotifyAskerDpo;", ""),
])

MUTANTS = _CLAUSE + _PARTS + _RESOLVE + _RETAIN
