// The closed words of agreement/1 in the order of their indexes, and the catalogues; read from the design's word lists and
// docs/catalogues, not from the C++.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const WORDS = {
  action: ['screen', 'query', 'disclose', 'onward', 'export', 'retain', 'unmask', 'correct'],
  dataset: ['api', 'pnr', 'list'],
  role: ['node', 'officer', 'approver', 'dpo'],
  route: ['arrives', 'departs', 'transits', 'none'],
  urgency: ['routine', 'urgent', 'vital'],
  matchSet: ['none', 'standard', 'narrow', 'wide'],
  state: ['draft', 'proposed', 'signed-by-some', 'signed', 'active', 'superseded', 'suspended', 'terminated', 'closed'],
  flagState: ['not-checked', 'absent', 'present', 'both'],
  review: ['none', 'holder', 'both-sides'],
  handling: ['H0', 'H1', 'H2'],
  caveat: ['ask-before-action', 'defer-subject-notice', 'not-for-detention', 'protect-source'],
  flag: ['death-penalty-risk', 'identity-unconfirmed', 'minor', 'no-air-link', 'own-national', 'own-national-minor',
    'political-offence', 'protected-person', 'refoulement-risk', 'torture-risk'],
  bit: ['hasCase', 'openCase', 'logOpen', 'receiptOverdue', 'emergencyUnreviewed', 'hasOrder', 'legalHold', 'declined'],
};

// Reasons sorted by name: A01 is bit 0, X02 is bit 40.
export const REASONS = [].concat(
  ...[['A', 4], ['C', 8], ['F', 4], ['H', 2], ['L', 1], ['P', 3], ['S', 8], ['T', 3], ['W', 6], ['X', 2]].map(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}0${i + 1}`)));

const CATALOGUES = new URL('../../docs/catalogues/', import.meta.url);

// The tables of one catalogue file: strings, integers, booleans and arrays of strings, one to a line.
function tables(text, name) {
  const found = [];
  for (const line of text.split('\n')) {
    if (line === `[[${name}]]`) found.push({});
    const pair = /^([a-z_]+) = (.+)$/.exec(line);
    if (pair && found.length > 0) found.at(-1)[pair[1]] = JSON.parse(pair[2]);
  }
  return found;
}

function load(file, table) {
  const bytes = readFileSync(new URL(file, CATALOGUES));
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { hash, rows: tables(bytes.toString('utf8'), table) };
}

const purposes = load('purposes.toml', 'purpose');
const fields = load('fields.toml', 'field');
const profiles = load('profiles.toml', 'profile');
const recipe = load('recipe-1.toml', 'none');

export const HASHES = {
  purposes_catalogue: purposes.hash, fields_catalogue: fields.hash, profiles_catalogue: profiles.hash, match_recipe: recipe.hash,
};
export const PURPOSES = purposes.rows.map((row) => row.code);
export const AIR_LINK = new Set(purposes.rows.filter((row) => row.air_link).map((row) => row.code));
export const FIELDS = fields.rows;
export const FIELD_CODES = fields.rows.map((row) => row.code);
export const SENSITIVE = fields.rows.filter((row) => row.sensitive !== 'none').map((row) => row.code);
export const FREE_TEXT = fields.rows.filter((row) => row.free_text).map((row) => row.code);
export const MASKED = fields.rows.filter((row) => row.masked).map((row) => row.code);
export const PROFILES = new Map(profiles.rows.map((row) => [row.code, row]));

// A word of a purpose list stands for itself or for every leaf below it.
export function leavesOf(words) {
  return PURPOSES.filter((leaf) => words.some((word) => leaf === word || leaf.startsWith(`${word}.`)));
}
