// facts/1 and decisions as bytes, written from docs/protocol/agreement.md.
//
// Facts in words: {action, holder, asker, dataset, purpose, basis, role, route, urgency, matchSet, state, flags: {flag: state},
// asked: [field], offered: [field], now, ended, statusAgeHolder, ..., bits: {hasCase: boolean, ...}, agreement: hash in hex}.
// A word that its list does not have is written as an index beyond the list.

import { FIELD_CODES, PURPOSES, REASONS, WORDS } from './words.mjs';

export const OUTCOMES = ['deny', 'pend', 'permit'];

function index(list, word) {
  const place = list.indexOf(word);
  return place < 0 ? list.length : place;
}

const bitsOf = (codes) => codes.reduce((bits, code) => bits | (1n << BigInt(FIELD_CODES.indexOf(code))), 0n);
const codesOf = (bits) => FIELD_CODES.filter((_, place) => (bits >> BigInt(place)) & 1n);

function flagWord(flags) {
  return WORDS.flag.reduce((word, flag, place) => word + WORDS.flagState.indexOf(flags[flag]) * 4 ** place, 0);
}

// 128 bytes, big-endian.
export function encodeFacts(agreement, facts) {
  const out = Buffer.alloc(128);
  const parties = agreement.parties.map((party) => party.code);
  const bases = agreement.bases.map((basis) => basis.code);
  [facts.format ?? 1, index(WORDS.action, facts.action), index(parties, facts.holder), index(parties, facts.asker), index(WORDS.dataset, facts.dataset),
    index(PURPOSES, facts.purpose), index(bases, facts.basis), index(WORDS.role, facts.role), index(WORDS.route, facts.route),
    index(WORDS.urgency, facts.urgency), index(WORDS.matchSet, facts.matchSet), index(WORDS.state, facts.state),
  ].forEach((byte, place) => out.writeUInt8(byte, place));
  out.writeUInt32BE(flagWord(facts.flags), 12);
  out.writeBigUInt64BE(bitsOf(facts.asked), 16);
  out.writeBigUInt64BE(bitsOf(facts.offered), 24);
  out.writeBigInt64BE(BigInt(facts.now), 32);
  out.writeBigInt64BE(BigInt(facts.ended), 40);
  [facts.statusAgeHolder, facts.statusAgeAsker, facts.assessmentLeftHolder, facts.assessmentLeftAsker, facts.recordAge,
    facts.held, facts.usedDay, facts.usedYear, facts.usedCase, facts.units,
  ].forEach((number, place) => out.writeUInt32BE(number, 48 + 4 * place));
  const bits = WORDS.bit.reduce((byte, bit, place) => byte + (facts.bits[bit] ? 2 ** place : 0), 0);
  [facts.approvalsHolder, facts.approvalsAsker, bits, facts.receiver, facts.originClause].forEach((byte, place) => out.writeUInt8(byte, 88 + place));
  Buffer.from(facts.agreement, 'hex').copy(out, 96);
  return out;
}

// 57 bytes.
export function decodeDecision(bytes) {
  if (bytes.length !== 57) throw new Error(`a decision has 57 bytes, not ${bytes.length}`);
  const reasons = bytes.readBigUInt64BE(19);
  const [retainUntil, maskAt, answerBy] = [27, 35, 43].map((at) => Number(bytes.readBigInt64BE(at)));
  const [handling, caveats, needHolder, needAsker, notify, frozen] = bytes.subarray(51);
  return {
    outcome: OUTCOMES[bytes[0]],
    fields: codesOf(bytes.readBigUInt64BE(1)),
    offered: codesOf(bytes.readBigUInt64BE(9)),
    clause: bytes.readUInt16BE(17),
    reasons: REASONS.filter((_, place) => (reasons >> BigInt(place)) & 1n),
    obligations: { retainUntil, maskAt, answerBy, handling, caveats, needHolder, needAsker, notify, frozen },
  };
}
