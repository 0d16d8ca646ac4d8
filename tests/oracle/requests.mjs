// Random requests: most begin as what a clause permits and are then bent in a few places, on, below and above each limit;
// some are pure chance. A directed request is also asked the other way round.

import { DAY } from './agreements.mjs';
import { FIELD_CODES, PURPOSES, WORDS, leavesOf } from './words.mjs';

const codesOf = (agreement) => agreement.parties.map((party) => party.code);
const near = (random, limit) => Math.max(0, limit + random.pick([-1, 0, 1]));
const U32 = 4294967295;

function noFlags(random) {
  return Object.fromEntries(WORDS.flag.map((flag) => [flag, 'absent']));
}

function pairOf(random, agreement, clause) {
  if (clause.holder !== 'each') return [clause.holder, clause.asker];
  const pair = random.some(codesOf(agreement), 2, 2);
  return random.chance(0.5) ? pair : pair.reverse();
}

function permitted(random, agreement, clause, hash) {
  const [holder, asker] = pairOf(random, agreement, clause);
  const { from, until } = agreement.validity;
  const history = agreement.parties.find((party) => party.code === asker).history_from;
  const recordAge = random.int(0, Math.min(20, clause.record_age_max_hours));
  return {
    action: clause.action, holder, asker, dataset: clause.dataset, purpose: random.pick(leavesOf(clause.purposes)), basis: random.pick(clause.bases),
    role: random.pick(clause.roles), route: random.pick(clause.routes), urgency: random.pick(clause.urgency), matchSet: clause.match_set ?? 'none',
    state: 'active', flags: noFlags(random), asked: random.some(clause.fields, 1, 6), offered: random.some(clause.offered_fields ?? [], 0, 3),
    now: Math.min(until - 1, Math.max(from, history + recordAge * 3600) + random.int(0, 20 * DAY)), ended: 0,
    statusAgeHolder: random.int(0, 86400), statusAgeAsker: random.int(0, 86400), assessmentLeftHolder: random.int(1, 9999), assessmentLeftAsker: random.int(1, 9999),
    recordAge, held: 0, usedDay: 0, usedYear: 0, usedCase: 0, units: 1,
    approvalsHolder: clause.reviewers_holder ?? 0, approvalsAsker: clause.reviewers_asker ?? 0,
    bits: { hasCase: clause.case_required || random.chance(0.3), openCase: false, logOpen: true, receiptOverdue: false, emergencyUnreviewed: false, hasOrder: false, legalHold: false, declined: false },
    receiver: clause.onward_to === undefined ? 0 : random.int(1, clause.onward_to.length), originClause: 0, agreement: hash,
  };
}

// Each changes one thing; what it changes may still be permitted.
const SELECTOR = ['action', 'dataset', 'role', 'route', 'urgency', 'matchSet'];
const BENDS = [
  (random, facts) => { const key = random.pick(SELECTOR); facts[key] = random.pick(key === 'action' ? WORDS.action.slice(0, 5) : WORDS[key]); },
  (random, facts) => { facts.purpose = random.pick(PURPOSES); },
  (random, facts, { agreement }) => { facts.basis = random.pick(agreement.bases).code; },
  (random, facts, { agreement }) => { [facts.holder, facts.asker] = random.some(codesOf(agreement), 2, 2); },
  (random, facts) => { [facts.holder, facts.asker] = [facts.asker, facts.holder]; },
  (random, facts, { clause }) => { facts.recordAge = near(random, clause.record_age_max_hours); },
  (random, facts, { clause }) => { facts.usedDay = near(random, clause.quota_per_day - facts.units); },
  (random, facts, { clause }) => { facts.usedYear = near(random, clause.quota_per_year - facts.units); },
  (random, facts, { clause }) => { facts.usedCase = near(random, (clause.quota_per_case ?? 3) - facts.units); },
  (random, facts, { clause }) => { facts.units = random.pick([1, 2, near(random, clause.quota_per_day), U32]); },
  (random, facts) => { facts[random.pick(['usedDay', 'usedYear', 'usedCase'])] = random.pick([U32, U32 - 1]); },
  (random, facts, { local }) => { facts.usedDay = near(random, (local.quotaPerDay ?? 1) - 1); },
  (random, facts, { clause }) => { facts.approvalsHolder = near(random, clause.reviewers_holder ?? 0); },
  (random, facts, { clause }) => { facts.approvalsAsker = near(random, clause.reviewers_asker ?? 0); },
  (random, facts) => { facts.bits.hasCase = !facts.bits.hasCase; },
  (random, facts) => { const bit = random.pick(WORDS.bit); facts.bits[bit] = !facts.bits[bit]; },
  (random, facts, { clause }) => { facts.receiver = random.pick([0, 1, clause.onward_to?.length ?? 0, (clause.onward_to?.length ?? 0) + 1, 255]); },
  (random, facts) => {
    facts.state = random.pick(WORDS.state);
    facts.ended = ['terminated', 'closed'].includes(facts.state) ? facts.now - random.int(0, 40) * DAY : 0;
  },
  (random, facts, { agreement }) => { facts.now = random.pick([near(random, agreement.validity.from), near(random, agreement.validity.until), random.int(1, 1e9), random.int(3e9, 4e9)]); },
  (random, facts, { agreement }) => {
    const history = agreement.parties.find((party) => party.code === facts.asker)?.history_from ?? 0;
    facts.now = near(random, history + facts.recordAge * 3600);
  },
  (random, facts) => { facts[random.pick(['statusAgeHolder', 'statusAgeAsker'])] = random.pick([86399, 86400, 86401, U32]); },
  (random, facts) => { facts[random.pick(['assessmentLeftHolder', 'assessmentLeftAsker'])] = random.int(0, 1); },
  (random, facts) => { facts.agreement = random.pick([facts.agreement, `${facts.agreement.slice(0, 62)}00`, '0'.repeat(64)]); },
  // Malformed: beyond a list, one party twice, both bits of a flag.
  (random, facts) => { facts[random.pick(['holder', 'asker', 'dataset', 'purpose', 'basis', 'role', 'route', 'urgency', 'matchSet', 'state'])] = '?'; },
  (random, facts) => { facts.asker = facts.holder; },
  (random, facts) => { facts.flags[random.pick(WORDS.flag)] = 'both'; },
];
const bendFlags = (random, facts) => {
  for (const flag of random.some(WORDS.flag, 1, 5)) facts.flags[flag] = random.pick(['not-checked', 'present']);
};
const bendFields = (random, facts) => {
  facts.asked = [...new Set([...facts.asked, ...random.some(FIELD_CODES, 1, 5)])];
  if (random.chance(0.4)) facts.offered = [...new Set([...facts.offered, ...random.some(FIELD_CODES, 1, 3)])];
};
const curable = (random, facts) => {
  if (random.chance(0.5)) facts.bits.hasCase = false;
  facts.approvalsHolder = random.int(0, facts.approvalsHolder);
  facts.approvalsAsker = random.int(0, facts.approvalsAsker);
};

function byChance(random, facts, agreement) {
  for (const key of SELECTOR) facts[key] = random.pick(WORDS[key]);
  facts.action = random.pick(WORDS.action.slice(0, 5));
  facts.purpose = random.pick(PURPOSES);
  [facts.holder, facts.asker] = random.some(codesOf(agreement), 2, 2).reverse();
  facts.asked = random.some(FIELD_CODES, 1, 8);
}

// An item that was received under `clause` some time ago: may it be kept, may its masked fields be read?
function heldRequest(random, agreement, clause, hash) {
  const facts = permitted(random, agreement, clause, hash);
  const masks = clause.mask_after_days !== undefined;
  const limits = [clause.retain_days, clause.retain_days_case, clause.mask_after_days ?? clause.retain_days].map((days) => 24 * days);
  Object.assign(facts, { action: masks && random.chance(0.5) ? 'unmask' : 'retain', matchSet: 'none', receiver: 0, offered: [], originClause: agreement.clauses.indexOf(clause) });
  facts.units = facts.action === 'retain' ? 0 : 1;
  facts.held = random.chance(0.7) ? near(random, random.pick(limits)) : random.int(0, 1.2 * Math.max(...limits));
  for (const bit of ['openCase', 'legalHold', 'hasOrder']) facts.bits[bit] = random.chance(bit === 'hasOrder' ? 0.7 : 0.3);
  [facts.approvalsHolder, facts.approvalsAsker] = random.pick([[0, 2], [0, 2], [0, 1], [0, 0], [0, 3]]);
  if (random.chance(0.2)) facts.asked = [...new Set([...facts.asked, ...random.some(FIELD_CODES, 1, 3)])];
  if (random.chance(0.4)) endIt(random, facts, agreement.ending);
  if (random.chance(0.2)) facts.state = facts.ended === 0 ? random.pick(['active', 'superseded', 'suspended']) : facts.state;
  if (random.chance(0.1)) facts.statusAgeHolder = 86401;
  return facts;
}

function endIt(random, facts, ending) {
  facts.state = random.pick(['terminated', 'closed']);
  const days = ending.delete_within_days + random.pick([0, ending.open_case_extension_max_days]);
  facts.ended = facts.now - days * DAY + random.int(-1, 1);
}

function randomRequest(random, agreement, local, hash) {
  const clause = random.pick(agreement.clauses);
  if (random.chance(0.12)) return heldRequest(random, agreement, clause, hash);
  const facts = permitted(random, agreement, clause, hash);
  if (random.chance(0.03)) byChance(random, facts, agreement);
  if (random.chance(0.35)) bendFields(random, facts);
  if (random.chance(0.35)) bendFlags(random, facts);
  if (random.chance(0.2)) curable(random, facts);
  const bends = random.pick([0, 0, 0, 1, 1, 1, 2, 3]);
  for (let i = 0; i < bends; ++i) random.pick(BENDS)(random, facts, { agreement, clause, local });
  return facts;
}

// `count` requests or one more.
export function randomRequests(random, agreement, local, hash, count) {
  const requests = [];
  while (requests.length < count) {
    const facts = randomRequest(random, agreement, local, hash);
    requests.push(facts);
    if (random.chance(0.2)) requests.push({ ...structuredClone(facts), holder: facts.asker, asker: facts.holder });
  }
  return requests;
}
