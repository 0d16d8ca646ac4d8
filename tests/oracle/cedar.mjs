// The agreement as Cedar policies, written from the design's sections 2 and 5 (the document, the decision) and from nothing
// else: this is the second reading of the law, so it must never be corrected by looking at the C++.
//
// One request for one field. principal: the asker; action; resource: the field; context: the facts in words, with `releases`
// (who gives this field away: the holder what was asked, the asker what it offers) and `side`.
// Each clause is one permit; each prohibition, reservation, rule of time or state is one forbid whose name begins with the
// reason it stands for. A policy that errors is skipped by Cedar, so any error in an answer is a failure here.

import { setFlagsFromString } from 'node:v8';

import cedar from '@cedar-policy/cedar-wasm/nodejs';

import { AIR_LINK, FREE_TEXT, MASKED, PROFILES, SENSITIVE, WORDS } from './words.mjs';

// Node 18 to 20 inline calls into WebAssembly, and then some runs abort with "unreachable code" when V8 takes back what it had
// optimised: 5 runs of 8 against none of 8 without.
if (Number(process.versions.v8.split('.')[0]) < 12) setFlagsFromString('--no-turbo-inline-js-wasm-calls');

const HOUR = 3600;
const STATUS_LIFE = 24 * HOUR;

const chain = (parts) => (parts.length === 0 ? 'false' : `(${parts.join(' || ')})`);
const set = (parts) => `[${parts.join(', ')}]`;
const oneOf = (words, attribute) => `${set(words.map((word) => JSON.stringify(word)))}.contains(context.${attribute})`;
const fieldIn = (codes) => `${set(codes.map((code) => `Field::${JSON.stringify(code)}`))}.contains(resource)`;
// A word stands for the leaf of its name and for every leaf below it.
const purposeIn = (words) => chain(words.map((word) => (word.includes('.') ? `context.purpose == "${word}"` : `context.purpose like "${word}.*"`)));
const all = (...conditions) => conditions.filter((one) => one !== '').join(' && ');
const any = (...conditions) => chain(conditions);
const actionScope = (actions) => `action in [${actions.map((action) => `Action::"${action}"`).join(', ')}]`;

// --- clauses: the selector, the fields, the scalars

const pairOf = (clause) => (clause.holder === 'each' ? 'context.holder != context.asker'
  : all(`context.holder == "${clause.holder}"`, `context.asker == "${clause.asker}"`));

function selector(clause) {
  return all(pairOf(clause), `context.dataset == "${clause.dataset}"`, purposeIn(clause.purposes), oneOf(clause.bases, 'basis'),
    oneOf(clause.roles, 'role'), oneOf(clause.routes, 'route'), oneOf(clause.urgency, 'urgency'));
}

function grants(clause) {
  return any(all('context.side == "asked"', fieldIn(clause.fields)), all('context.side == "offered"', fieldIn(clause.offered_fields ?? [])));
}

function scalars(clause) {
  const receivers = clause.onward_to?.length ?? 0;
  return all(
    `context.matchSet == "${clause.match_set ?? 'none'}"`,
    receivers > 0 ? `context.receiver >= 1 && context.receiver <= ${receivers}` : 'context.receiver == 0',
    `context.recordAge <= ${clause.record_age_max_hours}`,
    `context.usedDay + context.units <= ${clause.quota_per_day}`,
    `context.usedYear + context.units <= ${clause.quota_per_year}`,
    clause.case_required ? `context.hasCase && context.usedCase + context.units <= ${clause.quota_per_case}` : '',
    `context.approvalsHolder >= ${clause.reviewers_holder ?? 0}`,
    `context.approvalsAsker >= ${clause.reviewers_asker ?? 0}`);
}

const permit = (clause) => `permit(principal, ${actionScope([clause.action])}, resource) when { ${all(selector(clause), grants(clause), scalars(clause))} };`;

// --- what takes away

function restrictedFields(words) {
  if (words.includes('any')) return '';
  return fieldIn(words.flatMap((word) => (word === 'sensitive.any' ? SENSITIVE : [word])));
}

// A flag rule forbids unless every one of its flags was checked and is absent.
function restriction(rule, by) {
  const actions = rule.actions.includes('any') ? WORDS.action.slice(0, 5) : rule.actions;
  const purposes = rule.purposes.includes('any') ? '' : purposeIn(rule.purposes);
  const when = all(by, purposes, restrictedFields(rule.fields)) || 'true';
  const flags = rule.when.includes('always') ? '' : ` unless { ${all(...rule.when.map((flag) => `context.flags["${flag}"] == "absent"`))} }`;
  return `forbid(principal, ${actionScope(actions)}, resource) when { ${when} }${flags};`;
}

function restrictions(agreement) {
  const kind = (rule, always) => (rule.when.includes('always') ? always : 'X');
  return [
    ...agreement.prohibitions.map((rule) => [`${kind(rule, 'P03')}:prohibition:${rule.id}`, restriction(rule, '')]),
    ...agreement.reservations.map((rule) => [`${kind(rule, 'F03')}:reservation:${rule.id}`, restriction(rule, `context.releases == "${rule.by}"`)]),
  ];
}

// The stricter profile of the pair wins: a leaf with an air link needs the flag checked and absent. Not under a clause that
// nobody reviews, where nobody checks flags either (docs/decisions/0013-what-the-second-reading-asked.md).
function airLink(agreement) {
  const strict = agreement.parties.filter((party) => PROFILES.get(party.legal_profile).air_link_flag).map((party) => party.code);
  if (strict.length === 0) return [];
  const when = all(any(oneOf(strict, 'holder'), oneOf(strict, 'asker')), purposeIn([...AIR_LINK]));
  const rule = (scope, more) => `forbid(principal, ${scope}, resource) when { ${all(when, more)} } unless { context.flags["no-air-link"] == "absent" };`;
  const reviewed = agreement.clauses.filter((clause) => clause.action === 'screen' && clause.review !== 'none');
  return [
    ['X:air-link', rule(actionScope(WORDS.action.filter((action) => action !== 'screen')), '')],
    ...reviewed.map((clause) => [`X:air-link:${clause.id}`, rule(actionScope(['screen']), selector(clause))]),
  ];
}

// By name, the condition under which a restriction of the own side takes away.
function localRules(local) {
  const rules = {
    parties: any(oneOf(local.parties, 'holder'), oneOf(local.parties, 'asker')),
    actions: oneOf(local.actions, 'action'),
    datasets: oneOf(local.datasets, 'dataset'),
    purposes: oneOf(local.purposes, 'purpose'),
    fields: fieldIn(local.fields),
  };
  const found = Object.entries(rules).filter(([key]) => local[key].length > 0).map(([key, when]) => [`L01:${key}`, when]);
  if (local.quotaPerDay !== undefined) found.push(['L01:quota', `context.usedDay + context.units > ${local.quotaPerDay}`]);
  return found;
}

// --- the agreement as a whole

const forbid = (when) => `forbid(principal, action, resource) when { ${when} };`;

// "Unused fields are 0", "ended 0 = not terminated", and a batch has persons while everything else counts as one.
function unused() {
  const onlyFor = (actions, used) => all(`!${oneOf(actions, 'action')}`, used);
  return [
    onlyFor(['screen', 'query'], 'context.matchSet != "none"'), onlyFor(['onward', 'export'], 'context.receiver != 0'),
    onlyFor(['screen', 'retain'], 'context.units != 1'), 'context.action == "screen" && context.units == 0', onlyFor(['retain', 'unmask'], 'context.held != 0'),
    onlyFor(['retain', 'unmask', 'correct'], 'context.originClause != 0'),
    `${oneOf(['terminated', 'closed'], 'state')} != (context.ended != 0)`,
  ];
}

// facts.mjs writes "?" as an index beyond the list of its words.
function malformed() {
  const indexes = ['holder', 'asker', 'dataset', 'purpose', 'basis', 'role', 'route', 'urgency', 'matchSet', 'state'];
  return any('context.format != 1', 'context.holder == context.asker', ...indexes.map((key) => `context.${key} == "?"`),
    ...WORDS.flag.map((flag) => `context.flags["${flag}"] == "both"`), ...unused());
}

function inForce(agreement, hash) {
  const { from, until } = agreement.validity;
  const rules = {
    A01: '!context.logOpen',
    A04: malformed(),
    S01: 'context.state == "suspended"',
    S02: any(oneOf(WORDS.state.slice(0, 4), 'state'), `context.now < ${from}`),
    S03: any(oneOf(['terminated', 'closed'], 'state'), `context.now >= ${until}`),
    S04: any('context.state == "superseded"', `context.agreement != "${hash}"`),
    S05: any(`context.statusAgeHolder > ${STATUS_LIFE}`, `context.statusAgeAsker > ${STATUS_LIFE}`),
    S06: any('context.assessmentLeftHolder == 0', 'context.assessmentLeftAsker == 0'),
    S08: 'context.emergencyUnreviewed',
  };
  if (agreement.overdueStops) rules.S07 = 'context.receiptOverdue';
  return rules;
}

const forbids = (rules) => Object.entries(rules).map(([code, when]) => [code, forbid(when)]);

function history(agreement) {
  return agreement.parties.map((party) =>
    [`C07:${party.code}`, forbid(`context.asker == "${party.code}" && context.now - context.recordAge * ${HOUR} < ${party.history_from}`)]);
}

function always() {
  return [['F02:sensitive', forbid(fieldIn(SENSITIVE))], ['F04:free-text', forbid(fieldIn(FREE_TEXT))], ['H01:declined', forbid('context.declined')]];
}

// Every policy of an agreement by its name.
export function policiesOf(agreement, local, hash) {
  return Object.fromEntries([
    ...agreement.clauses.map((clause) => [`clause:${clause.id}`, permit(clause)]),
    ...restrictions(agreement), ...airLink(agreement), ...forbids(Object.fromEntries(localRules(local))), ...forbids(inForce(agreement, hash)), ...history(agreement), ...always(),
  ]);
}

// --- what is held already: may it be kept (retain), may its masked fields be read (unmask)

export const HELD = ['retain', 'unmask'];
// Whether the item itself may stay, whatever is left to read of it.
export const ITEM = 'item';
// A legal hold keeps what would be deleted or masked; it is frozen, so it gives no right to read it.
const NOT_ON_HOLD = '!(context.legalHold && context.action == "retain")';

// An agreement has ended and the days to delete are over; an open case has its extension on top.
function ended({ delete_within_days: within, open_case_extension_max_days: extension }) {
  const after = (days) => `context.now >= context.ended + ${days * 24 * HOUR}`;
  return all('context.ended != 0', any(all('context.openCase', after(within + extension)), all('!context.openCase', after(within))));
}

// Each deadline by clause, since only an item that this clause let pass between these two is deleted by it: an item of another
// direction is no item of the clause, and is kept until somebody has looked.
function heldUnder(clause, index, ending) {
  const origin = all(`context.originClause == ${index}`, pairOf(clause));
  const over = any(all('context.openCase', `context.held >= ${24 * clause.retain_days_case}`), all('!context.openCase', `context.held >= ${24 * clause.retain_days}`));
  const granted = any(grants(clause), `resource == Field::"${ITEM}"`);
  const may = (action, more) => `permit(principal, ${actionScope([action])}, resource) when { ${all(origin, granted, more)} };`;
  const policies = [
    [`clause:${clause.id}`, may('retain', '')],
    [`T01:${clause.id}`, forbid(all(origin, NOT_ON_HOLD, over))],
    [`T03:${clause.id}`, forbid(all(origin, NOT_ON_HOLD, ended(ending)))],
  ];
  if (clause.mask_after_days === undefined) return policies;
  return [...policies,
    [`clause:${clause.id}:unmask`, may('unmask', 'context.approvalsHolder + context.approvalsAsker >= 2')],
    [`T02:${clause.id}`, forbid(all(origin, 'context.action == "retain"', NOT_ON_HOLD, `context.held >= ${24 * clause.mask_after_days}`, fieldIn(MASKED)))]];
}

// `retain` is answered in every state; `unmask` needs the agreement in force and an order, and local restrictions cut it.
export function heldPoliciesOf(agreement, local, hash) {
  const rules = inForce(agreement, hash);
  const states = Object.keys(rules).filter((code) => code.startsWith('S'));
  for (const code of states) rules[code] = all('context.action != "retain"', rules[code].includes(' || ') ? `(${rules[code]})` : rules[code]);
  for (const [name, when] of localRules({ ...local, quotaPerDay: undefined })) rules[name] = all('context.action == "unmask"', when.startsWith('(') ? when : `(${when})`);
  rules.C08 = all('context.action == "unmask"', '!context.hasOrder');
  return Object.fromEntries([...agreement.clauses.flatMap((clause, index) => heldUnder(clause, index, agreement.ending)), ...forbids(rules)]);
}

const NUMBERS = ['now', 'ended', 'statusAgeHolder', 'statusAgeAsker', 'assessmentLeftHolder', 'assessmentLeftAsker', 'recordAge', 'held', 'usedDay',
  'usedYear', 'usedCase', 'units', 'approvalsHolder', 'approvalsAsker', 'receiver', 'originClause'];
const TEXTS = ['action', 'holder', 'asker', 'dataset', 'purpose', 'basis', 'role', 'route', 'urgency', 'matchSet', 'state', 'agreement'];

export function contextOf(facts, side) {
  const context = { side, releases: side === 'asked' ? facts.holder : facts.asker, format: facts.format ?? 1, flags: facts.flags, ...facts.bits };
  for (const key of [...TEXTS, ...NUMBERS]) context[key] = facts[key];
  return context;
}

export const VERSION = cedar.getCedarSDKVersion();

const BY_FIELD = /contains\(resource\)|context\.releases/;
const CURED = /context\.(hasCase|approvals|flags)/;

function parse(name, policies) {
  const parsed = cedar.preparsePolicySet(name, { staticPolicies: policies });
  if (parsed.type !== 'success') throw new Error(`Cedar refuses the policies: ${JSON.stringify(parsed.errors)}`);
}

// One agreement, parsed once.
export class Judge {
  constructor(agreement, local, hash) {
    this.asked = 0;
    this.policies = policiesOf(agreement, local, hash);
    // A forbid of the whole request that reads nothing curable forbids at the best too; A04 reads flags, but none that can be cured.
    this.lasting = new Set(Object.keys(this.policies).filter((name) => name === 'A04' || !(CURED.test(this.policies[name]) || BY_FIELD.test(this.policies[name]))));
    parse('agreement', this.policies);
    parse('held', heldPoliciesOf(agreement, local, hash));
  }

  // {allow, by}: `by` names the policies that decided.
  ask(facts, context, field) {
    ++this.asked;
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'Party', id: facts.asker }, action: { type: 'Action', id: facts.action }, resource: { type: 'Field', id: field },
      context, preparsedPolicySetId: HELD.includes(facts.action) ? 'held' : 'agreement', entities: [],
    });
    if (answer.type !== 'success') throw new Error(`Cedar fails: ${JSON.stringify(answer.errors)}`);
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) throw new Error(`a policy errs: ${JSON.stringify(diagnostics.errors)}`);
    return { allow: decision === 'allow', by: diagnostics.reason };
  }
}
