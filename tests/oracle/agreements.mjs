// Random agreements that obey the load and lint rules of the design, as plain objects; emit() writes the one spelling.
//
// An agreement is {top, validity, parties, bases, clauses, prohibitions, reservations, rights, ending}, with the key names of
// the document. Instants are POSIX seconds.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

import { FIELDS, FREE_TEXT, HASHES, PROFILES, PURPOSES, SENSITIVE, WORDS, leavesOf } from './words.mjs';

const START = Date.UTC(2026, 0, 1) / 1000;
export const DAY = 86400;
const RELEASABLE = FIELDS.filter((field) => !field.free_text && field.sensitive === 'none');
const SCREEN_FIELDS = ['hit.handle', 'hit.rule', 'hit.tier'];
const GRANTABLE_PURPOSES = PURPOSES.filter((leaf) => !leaf.startsWith('immigration.'));
const ROOTS = ['oversight', 'serious', 'subject', 'terrorism', 'vital'];
// Word lists are sets in the document: sorted by bytes.
const sorted = (list) => [...new Set(list)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const least = (profiles, key) => Math.min(...profiles.map((profile) => profile[key]));
const most = (profiles, key) => Math.max(...profiles.map((profile) => profile[key]));

// The example keys of the design: Ed25519 seed = SHA-256("entente example key " + label).
const keyIds = new Map();
function keyId(label) {
  if (!keyIds.has(label)) {
    const seed = createHash('sha256').update(`entente example key ${label}`).digest();
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const spki = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({ format: 'der', type: 'spki' });
    const kid = createHash('sha256').update('entente/kid/1\n').update(spki.subarray(-32)).digest('hex').slice(0, 32);
    keyIds.set(label, `ed25519:${label}:${kid}`);
  }
  return keyIds.get(label);
}

function party(random, code, from) {
  const label = code.toLowerCase();
  const [legal, technical, dpo, duty] = ['legal', 'tech', 'dpo', 'duty'].map((role) => keyId(`${label}-${role}`));
  return {
    code, name: `State ${code}`, authority: `Passenger Information Unit of ${code}`,
    data_protection_officer: `dpo@${label}.example`, supervisor: `Data Commission of ${code}`,
    legal_profile: random.pick([...PROFILES.keys()]), history_from: from - random.int(-40, 200) * DAY,
    assessment_date: START - 30 * DAY, assessment_hash: `sha256:${'a'.repeat(64)}`, assessment_renew_days: 365,
    sign_legal: legal, sign_technical: technical, suspend: sorted([legal, dpo, duty]),
  };
}

// Roots or leaves, never a root beside its own leaf.
function purposeWords(random) {
  if (random.chance(0.4)) return sorted(random.some(ROOTS, 1, 2));
  const roots = random.chance(0.2) ? [random.pick(ROOTS)] : [];
  const leaves = GRANTABLE_PURPOSES.filter((leaf) => !roots.includes(leaf.split('.')[0]));
  return sorted([...roots, ...random.some(leaves, 1, 6)]);
}

function pairOf(random, codes) {
  if (random.chance(0.35)) return { holder: 'each', asker: 'other' };
  const [holder, asker] = random.chance(0.5) ? random.some(codes, 2, 2) : random.some(codes, 2, 2).reverse();
  return { holder, asker };
}

// The other side's kind of record: what is compared with a list entry is a traveller record, and the reverse.
function offeredFrom(random, dataset) {
  const other = dataset === 'list' ? random.pick([['api'], ['pnr']]) : ['list'];
  const codes = RELEASABLE.filter((field) => other.every((name) => field.datasets.includes(name))).map((field) => field.code);
  return sorted(random.some(codes, 0, 5));
}

function reviewOf(random, clause, profiles) {
  if (clause.action === 'screen') return random.chance(0.7) ? 'none' : random.pick(['holder', 'both-sides']);
  const floors = clause.action === 'disclose' ? profiles.map((profile) => WORDS.review.indexOf(profile.disclose_review)) : [1];
  return WORDS.review[random.int(Math.max(1, ...floors), 2)];
}

function addReview(random, clause, profiles) {
  clause.review = reviewOf(random, clause, profiles);
  if (clause.review === 'none') return;
  const floor = clause.action === 'onward' ? most(profiles, 'onward_reviewers_holder') : 1;
  clause.reviewers_holder = random.int(floor, Math.max(floor, random.chance(0.7) ? 2 : 5));
  if (clause.review === 'both-sides') clause.reviewers_asker = random.int(1, 3);
  clause.answer_within_hours = random.int(1, 720);
}

function addMatch(random, clause, profiles) {
  const allowed = ['narrow', 'standard'].filter((word) => profiles.every((profile) => profile.screen_match_sets.includes(word)));
  clause.match_set = clause.action === 'screen' ? random.pick(allowed) : random.pick(['standard', 'narrow', 'wide']);
  clause.list_rows_max = random.int(1, 10000000);
  if (clause.action === 'screen') clause.rescreen = random.chance(0.5);
  clause.exclude_nationals = random.pick(['none', 'holder', 'asker', 'both']);
}

function addReceivers(random, clause, codes) {
  const thirds = clause.action === 'onward' ? random.some(['QZX', 'QZY', 'QZZ'], 0, 2) : [];
  const askers = clause.asker === 'other' ? codes : [clause.asker];
  const states = [...askers, ...thirds];
  clause.onward_to = sorted(random.some(states.flatMap((code) => [`${code}.court`, `${code}.prosecutor`]), 1, 4));
  if (clause.action === 'onward') clause.third_states = thirds;
}

function clauseOf(random, id, parties, bases) {
  const codes = parties.map((one) => one.code);
  const clause = { id, article: `Article ${random.int(1, 40)}`, action: random.pick(WORDS.action.slice(0, 5)), ...pairOf(random, codes) };
  const covered = clause.holder === 'each' ? parties : parties.filter((one) => one.code === clause.holder || one.code === clause.asker);
  const profiles = covered.map((one) => PROFILES.get(one.legal_profile));
  const asks = clause.action === 'screen' || clause.action === 'query';
  clause.dataset = random.pick(asks ? ['api', 'pnr'] : WORDS.dataset);
  clause.purposes = purposeWords(random);
  clause.bases = sorted(random.some(bases.map((basis) => basis.code), 1, 3));
  clause.roles = sorted(random.some(WORDS.role, 1));
  clause.routes = sorted(random.some(WORDS.route, 1));
  clause.urgency = sorted(random.some(WORDS.urgency, 1));
  const inDataset = RELEASABLE.filter((field) => field.datasets.includes(clause.dataset)).map((field) => field.code);
  clause.fields = asks ? SCREEN_FIELDS : sorted(random.some(inDataset, 1, 12));
  if (clause.action === 'disclose') clause.offered_fields = offeredFrom(random, clause.dataset);
  clause.case_required = random.chance(0.5);
  const oldest = clause.case_required ? 87672 : least(profiles, 'record_age_max_hours_no_case');
  clause.record_age_max_hours = random.int(1, random.chance(0.6) ? 200 : oldest);
  if (asks) addMatch(random, clause, profiles);
  if (clause.match_set === 'wide') clause.case_required = true;
  addReview(random, clause, profiles);
  clause.quota_per_day = random.int(1, random.chance(0.5) ? 50 : 250000);
  clause.quota_per_year = random.int(1, random.chance(0.5) ? 500 : 1000000000);
  if (clause.case_required) clause.quota_per_case = random.int(1, 30);
  if (clause.action === 'onward' || clause.action === 'export') addReceivers(random, clause, codes);
  clause.retain_days = random.int(0, Math.min(400, least(profiles, 'retain_days')));
  clause.retain_days_case = random.int(clause.retain_days, least(profiles, 'retain_days_case'));
  if (!asks) clause.mask_after_days = random.int(0, Math.min(clause.retain_days_case, least(profiles, 'mask_after_days')));
  clause.handling = random.pick(WORDS.handling);
  clause.caveats = sorted(random.some(WORDS.caveat, 0, 2));
  return clause;
}

// Two clauses meet when one request could select both.
export function overlap(a, b) {
  const meet = (x, y) => x.some((word) => y.includes(word));
  const samePair = a.holder === 'each' || b.holder === 'each' || (a.holder === b.holder && a.asker === b.asker);
  return a.action === b.action && a.dataset === b.dataset && samePair && meet(leavesOf(a.purposes), leavesOf(b.purposes)) &&
    meet(a.bases, b.bases) && meet(a.roles, b.roles) && meet(a.routes, b.routes) && meet(a.urgency, b.urgency);
}

// A second clause that differs from the first in one word of its selector: a wrong selection shows.
function split(random, clause, id) {
  const axis = random.pick(['roles', 'routes', 'urgency', 'bases'].filter((key) => clause[key].length > 1));
  if (axis === undefined) return undefined;
  const twin = { ...structuredClone(clause), id };
  twin[axis] = clause[axis].splice(random.int(0, clause[axis].length - 1), 1);
  twin.quota_per_day = random.int(1, 40);
  twin.record_age_max_hours = random.int(1, clause.record_age_max_hours);
  if (twin.reviewers_holder !== undefined) twin.reviewers_holder = Math.min(5, twin.reviewers_holder + random.int(0, 2));
  return twin;
}

function clausesOf(random, count, parties, bases) {
  const clauses = [];
  const id = () => `c${String(clauses.length).padStart(3, '0')}`;
  for (let attempt = 0; clauses.length < count && attempt < count * 12; ++attempt) {
    const twin = clauses.length > 0 && random.chance(0.35) ? split(random, random.pick(clauses), id()) : undefined;
    const clause = twin ?? clauseOf(random, id(), parties, bases);
    if (twin !== undefined || !clauses.some((other) => overlap(clause, other))) clauses.push(clause);
  }
  return clauses;
}

function restrictionFields(random) {
  if (random.chance(0.2)) return ['any'];
  const codes = random.some(FIELDS.map((field) => field.code), 1, 10);
  return sorted(random.chance(0.2) ? [...codes, 'sensitive.any'] : codes);
}

// Flags are not checked on a screening that nobody reviews; a flag rule over it would stop every screening.
function restrictionOf(random, id, clauses) {
  const always = random.chance(0.4);
  const screened = clauses.some((clause) => clause.review === 'none');
  const actions = WORDS.action.slice(0, 5).filter((action) => always || !screened || action !== 'screen');
  const any = random.chance(0.4) && actions.length === 5;
  const fields = always && random.chance(0.8) ? sorted(random.some(FIELDS.map((field) => field.code), 1, 6)) : restrictionFields(random);
  return {
    id, article: `Article ${random.int(1, 40)}`,
    actions: any ? ['any'] : sorted(random.some(actions, 1, 3)),
    purposes: random.chance(0.4) ? ['any'] : purposeWords(random),
    fields,
    when: always ? ['always'] : sorted(random.some(WORDS.flag, 1, 4)),
  };
}

function restrictionsOf(random, prefix, low, high, clauses) {
  return Array.from({ length: random.int(low, high) }, (_, i) => restrictionOf(random, `${prefix}${String(i).padStart(2, '0')}`, clauses));
}

const SENSITIVE_RULE = { id: 'sensitive-data', article: 'Article 9', actions: ['any'], purposes: ['any'], fields: ['sensitive.any'], when: ['always'] };

// `size`: how many clauses to try for.
export function randomAgreement(random, size) {
  const from = START + random.int(0, 500) * DAY + random.int(0, 86399);
  const codes = random.some(['QMA', 'QNB', 'QOR', 'QPD', 'QSE', 'QTA', 'QVA', 'QWI'], 2, random.chance(0.5) ? 2 : 5);
  const parties = codes.map((code) => party(random, code, from));
  const basisCount = random.int(1, 4);
  const bases = Array.from({ length: basisCount }, (_, i) => ({ code: `basis-${i}`, article: `Article ${i + 1}` }));
  const clauses = clausesOf(random, size, parties, bases);
  const profiles = parties.map((one) => PROFILES.get(one.legal_profile));
  const days = random.int(30, least(profiles, 'validity_days'));
  const hostile = random.chance(0.2) ? 14 : 4;
  const reservations = restrictionsOf(random, 'r', 0, hostile, clauses).map(({ id, ...rest }) => ({ id, by: random.pick(codes), ...rest }));
  return {
    id: `ORACLE-${random.int(0, 99999)}`,
    validity: { from, until: from + days * DAY, review_by: from + random.int(1, Math.min(days, 700)) * DAY },
    parties,
    bases: bases.filter((basis) => clauses.some((clause) => clause.bases.includes(basis.code))),
    clauses,
    prohibitions: [...restrictionsOf(random, 'p', 0, hostile, clauses), SENSITIVE_RULE],
    reservations,
    overdueStops: random.chance(0.5),
    logYears: most(profiles, 'log_years'),
    accessDays: least(profiles, 'access_answer_days'),
    ending: { delete_within_days: random.int(1, 365), open_case_extension_max_days: random.int(0, 1827) },
  };
}

const instant = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

function value(one) {
  if (Array.isArray(one)) return `[${one.map((word) => `"${word}"`).join(', ')}]`;
  return typeof one === 'string' ? `"${one}"` : String(one);
}

function table(header, pairs) {
  return `\n${header}\n${Object.entries(pairs).map(([key, one]) => `${key} = ${value(one)}\n`).join('')}`;
}

// In the order of the design's table of keys.
const CLAUSE_KEYS = ['id', 'article', 'action', 'holder', 'asker', 'dataset', 'purposes', 'bases', 'roles', 'routes', 'urgency',
  'fields', 'offered_fields', 'record_age_max_hours', 'match_set', 'list_rows_max', 'rescreen', 'exclude_nationals', 'review',
  'reviewers_holder', 'reviewers_asker', 'answer_within_hours', 'quota_per_day', 'quota_per_year', 'case_required',
  'quota_per_case', 'onward_to', 'third_states', 'retain_days', 'retain_days_case', 'mask_after_days', 'handling', 'caveats'];
const ordered = (clause) => Object.fromEntries(CLAUSE_KEYS.filter((key) => clause[key] !== undefined).map((key) => [key, clause[key]]));

// The document's bytes, as text.
export function emit(agreement) {
  const { validity, ending } = agreement;
  const top = { format: 'agreement/1', id: agreement.id, version: 1, replaces: 'none', title: 'Random agreement', instrument: 'Treaty of Port Elin', ...HASHES };
  const provisions = Object.fromEntries(agreement.parties.map((one) => [one.code, 'Passenger Data Act, s. 9']));
  return [
    Object.entries(top).map(([key, one]) => `${key} = ${value(one)}\n`).join(''),
    table('[validity]', { from: instant(validity.from), until: instant(validity.until), review_by: instant(validity.review_by), notice_of_termination_days: 180, suspension_without_notice: true }),
    table('[screening]', { epoch_hours: 168, epoch_grace_hours: 24, tag_set_padding: 'octave-8', suppressed_hit: 'no-hit' }),
    ...agreement.parties.map((one) => table('[[party]]', { ...one, history_from: instant(one.history_from), assessment_date: instant(one.assessment_date).slice(0, 10) })),
    ...agreement.bases.map((basis) => table('[[basis]]', { ...basis, ...provisions })),
    ...agreement.clauses.map((clause) => table('[[clause]]', ordered(clause))),
    ...agreement.prohibitions.map((rule) => table('[[prohibition]]', rule)),
    ...agreement.reservations.map((rule) => table('[[reservation]]', rule)),
    table('[rights]', { access_answer_days: agreement.accessDays, correction_propagates_hours: 24, erasure_propagates_hours: 24, overdue_receipt_stops_questions: agreement.overdueStops, false_hit_notice: true }),
    table('[audit]', { log_years: agreement.logYears, witness_grace_seconds: 14400, split_view: 'stop', decision_log_unavailable: 'deny', mutual_inspection_per_year: 1, statistics_every_months: 6 }),
    table('[ending]', { on_suspension: 'stop-exchange-freeze-data', on_termination: 'delete-except-open-cases', ...ending, proof_of_deletion: true }),
  ].join('');
}

// Restrictions that one party keeps to itself, by word; empty lists restrict nothing.
export function randomLocal(random, agreement) {
  const none = { parties: [], actions: [], datasets: [], purposes: [], fields: [], quotaPerDay: undefined };
  if (random.chance(0.5)) return none;
  const maybe = (list, high) => (random.chance(0.3) ? random.some(list, 1, high) : []);
  return {
    parties: random.chance(0.1) ? [random.pick(agreement.parties).code] : [],
    actions: random.chance(0.15) ? [random.pick([...WORDS.action.slice(0, 5), 'unmask', 'unmask'])] : [],
    datasets: random.chance(0.15) ? [random.pick(WORDS.dataset)] : [],
    // Leaves that some clause grants, so that the restriction bites.
    purposes: maybe(leavesOf(random.pick(agreement.clauses).purposes), 4),
    fields: maybe(FIELDS.map((field) => field.code), 12),
    quotaPerDay: random.chance(0.3) ? random.int(0, 60) : undefined,
  };
}

export const UNRELEASABLE = new Set([...SENSITIVE, ...FREE_TEXT]);
