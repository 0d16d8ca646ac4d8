// One request decided by both sides, field by field.
//
// Cedar is asked as the facts are and, where it says no, once more with what can be cured at its best: a case, approvals,
// flags that nobody checked. A field that is allowed at the best would go; the request is permitted when every such field is
// allowed as it stands, pends when it is not, and is denied when no asked field would go.

import { HELD, ITEM, contextOf } from './cedar.mjs';
import { FREE_TEXT, SENSITIVE } from './words.mjs';

const CURABLE = ['C01', 'C02', 'X02'];

export function atBest(facts, what = { hasCase: true, approvals: true, flags: true }) {
  const best = { ...facts, bits: { ...facts.bits }, flags: { ...facts.flags } };
  if (what.hasCase) best.bits.hasCase = true;
  if (what.approvals) best.approvalsHolder = best.approvalsAsker = 255;
  if (what.flags) for (const flag of Object.keys(best.flags)) if (best.flags[flag] === 'not-checked') best.flags[flag] = 'absent';
  return best;
}

const codesOf = (answers) => [...new Set(answers.flatMap(({ by }) => by).map((name) => name.split(':')[0]))];
const clauseOf = (by) => by.filter((name) => name.startsWith('clause:')).map((name) => name.split(':')[1]);

// The answer at the best of a field that is denied as it stands; asked only where it could be another.
function askAtBest(judge, best, context, field, now) {
  const lasting = now.by.filter((name) => judge.lasting.has(name));
  return lasting.length > 0 ? { allow: false, by: lasting } : judge.ask(best, context, field);
}

// What Cedar says of each field: {side, field, now, best}.
function askAll(judge, facts) {
  const best = atBest(facts);
  const answers = [];
  for (const side of ['asked', 'offered']) {
    const context = contextOf(facts, side);
    const bestContext = contextOf(best, side);
    for (const field of facts[side]) {
      const now = judge.ask(facts, context, field);
      answers.push({ side, field, now, best: now.allow ? now : askAtBest(judge, best, bestContext, field, now) });
    }
  }
  return answers;
}

// The curable reasons of a pend: those whose own best alone would not do without.
function missing(judge, facts, kept) {
  const cures = { C01: { approvals: true, flags: true }, C02: { hasCase: true, flags: true }, X02: { hasCase: true, approvals: true } };
  return Object.entries(cures).filter(([, what]) => {
    const cured = atBest(facts, what);
    return kept.some(({ side, field }) => !judge.ask(cured, contextOf(cured, side), field).allow);
  }).map(([code]) => code);
}

// The fields that do not go, with the reasons that Cedar's forbids stand for.
function takenAway(answers) {
  return answers.filter((answer) => !answer.best.allow).map(({ side, field, best }) => ({ side, field, codes: codesOf([best]) }));
}

// Keeping is about the item: masked fields alone do not delete it, so it may be kept with nothing left to read.
function keeping(judge, facts, fields, inForce, decisions) {
  const { allow, by } = judge.ask(facts, contextOf(facts, 'asked'), ITEM);
  if (!allow) return { outcome: 'deny', fields: [], offered: [], inForce, decisions, deletes: codesOf([{ by }]).some((code) => code === 'T01' || code === 'T03') };
  return { outcome: 'permit', fields, offered: [], clause: clauseOf(by)[0], inForce, curable: [], taken: [], decisions };
}

export function expected(judge, facts) {
  const answers = askAll(judge, facts);
  const kept = answers.filter((answer) => answer.best.allow);
  const of = (side) => kept.filter((answer) => answer.side === side).map((answer) => answer.field);
  const inForce = codesOf(answers.map((answer) => answer.best)).filter((code) => /^[AS]0/.test(code));
  const fields = of('asked');
  if (facts.action === 'retain') return keeping(judge, facts, fields, inForce, answers.length);
  if (fields.length === 0) return { outcome: 'deny', fields: [], offered: [], inForce, decisions: answers.length };
  const outcome = kept.every((answer) => answer.now.allow) ? 'permit' : 'pend';
  const clauses = [...new Set(kept.flatMap((answer) => clauseOf(answer.best.by)))];
  if (clauses.length !== 1) throw new Error(`${clauses.length} clauses permit one request: ${clauses}`);
  const reasons = outcome === 'pend' ? missing(judge, facts, kept) : [];
  return { outcome, fields, offered: of('offered'), clause: clauses[0], inForce, curable: reasons, taken: takenAway(answers), decisions: answers.length };
}

const same = (a, b) => a.length === b.length && [...a].sort().every((one, place) => one === [...b].sort()[place]);

// The reasons of which one must be named for a field that does not go: outside the clause its own kind, inside it a forbid's.
function reasonsFor(clause, { side, field, codes }) {
  const granted = (side === 'asked' ? clause.fields : clause.offered_fields) ?? [];
  if (granted.includes(field)) return codes.map((code) => (code === 'X' ? 'X01' : code));
  if (SENSITIVE.includes(field)) return ['F02'];
  return [FREE_TEXT.includes(field) ? 'F04' : 'F01'];
}

// Kept for a legal hold or in a suspension: no reading, use or passing on. While the agreement runs, nothing else freezes.
function frozenWrongly(facts, got) {
  const frozen = facts.action === 'retain' && (facts.bits.legalHold || facts.state === 'suspended');
  if (frozen === (got.obligations.frozen === 1) || (!frozen && facts.ended !== 0)) return [];
  return [`frozen: by the page ${frozen}, Evaluate ${got.obligations.frozen}`];
}

// In words where the C++ decision is not what Cedar's answers say; empty: they agree.
export function differences(agreement, facts, want, got) {
  const found = [];
  const differ = (what, a, b) => found.push(`${what}: Cedar ${JSON.stringify(a)}, Evaluate ${JSON.stringify(b)}`);
  if (want.outcome !== got.outcome) differ('outcome', want.outcome, got.outcome);
  if (!same(want.fields, got.fields)) differ('fields', want.fields, got.fields);
  if (!same(want.offered, got.offered)) differ('offered', want.offered, got.offered);
  if (got.outcome === 'deny' && got.reasons.length === 0) differ('reasons of a denial', 'at least one', got.reasons);
  // Of malformed facts nothing more is asked than that they are called so.
  const malformed = want.inForce.includes('A04');
  const inForce = got.reasons.filter((code) => /^[AS]0/.test(code) && !(malformed && code !== 'A04'));
  if (!same(malformed ? ['A04'] : want.inForce, inForce)) differ('in force', want.inForce, inForce);
  // Only T01 and T03 delete.
  const deletes = got.reasons.some((code) => code === 'T01' || code === 'T03');
  if (facts.action === 'retain' && want.outcome === 'deny' && want.deletes !== deletes) differ('deletes', want.deletes, deletes);
  if (want.outcome === 'deny' || found.length > 0) return found;
  const clause = agreement.clauses[got.clause];
  if (want.clause !== clause?.id) return [`clause: Cedar ${want.clause}, Evaluate ${clause?.id}`];
  const named = (codes) => got.reasons.filter((code) => codes.includes(code));
  if (!same(want.curable, named(CURABLE))) differ('what is missing', want.curable, named(CURABLE));
  // Of an item that is held nobody is told why a field of another clause is not there.
  if (HELD.includes(facts.action)) return found.concat(frozenWrongly(facts, got));
  for (const taken of want.taken) {
    const reasons = reasonsFor(clause, taken);
    if (named(reasons).length === 0) differ(`why ${taken.field} (${taken.side}) does not go`, reasons, got.reasons);
  }
  // No reason without a cause.
  const causes = [...CURABLE, ...want.taken.flatMap((taken) => [...reasonsFor(clause, taken), ...taken.codes.map((code) => (code === 'X' ? 'X01' : code))])];
  const without = got.reasons.filter((code) => !causes.includes(code));
  if (without.length > 0) differ('reasons', causes, without);
  return found;
}
