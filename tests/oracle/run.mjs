// The decision function against Cedar on random agreements and requests.
//
//   node run.mjs DECIDE [--decisions N] [--seed S] [--workers W] [--only CASE]
//
// DECIDE: the program oracle_decide. CASE: the number of one agreement of the run, to replay it alone.
// Exits 0 when no field was decided differently, 1 on a difference or an error, with the whole case printed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { emit, randomAgreement, randomLocal } from './agreements.mjs';
import { Judge, VERSION, policiesOf } from './cedar.mjs';
import { differences, expected } from './compare.mjs';
import { decodeDecision, encodeFacts } from './facts.mjs';
import { Random } from './random.mjs';
import { randomRequests } from './requests.mjs';
import { FIELD_CODES, PURPOSES, WORDS } from './words.mjs';

const bitsOf = (words, list) => words.reduce((bits, word) => bits | (1n << BigInt(list.indexOf(word))), 0n);

function localLine(agreement, local) {
  const parties = agreement.parties.map((party) => party.code);
  return ['local', bitsOf(local.parties, parties), bitsOf(local.actions, WORDS.action), bitsOf(local.datasets, WORDS.dataset),
    bitsOf(local.purposes, PURPOSES), bitsOf(local.fields, FIELD_CODES), local.quotaPerDay ?? 4294967295].join(' ');
}

// The answers of oracle_decide, one for each line.
function decide(program, lines) {
  const child = spawnSync(program, [], { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 28, encoding: 'utf8' });
  if (child.error) throw child.error;
  const answers = child.stdout.split('\n').slice(0, -1);
  if (child.status !== 0) throw new Error(`oracle_decide: exit ${child.status} ${child.signal ?? ''} ${child.stderr}`);
  if (answers.length !== lines.length) throw new Error(`oracle_decide: ${answers.length} answers to ${lines.length} lines`);
  return answers;
}

// Mostly small agreements, some of middle size, few with many clauses.
function sizeOf(random, number) {
  if (number % 40 === 39) return random.int(100, 200);
  return number % 4 === 3 ? random.int(12, 40) : random.int(1, 10);
}

const REQUESTS = 120;

function makeCase(seed, number) {
  const random = new Random(Math.imul(seed, 1000003) + number);
  const agreement = randomAgreement(random, sizeOf(random, number));
  const local = randomLocal(random, agreement);
  const document = emit(agreement);
  const hash = createHash('sha256').update(document).digest('hex');
  return { agreement, local, document, hash, requests: randomRequests(random, agreement, local, hash, REQUESTS) };
}

function describe(one, facts, line, answer, want, found) {
  return [
    `${found.length} differences`, ...found, '--- facts', JSON.stringify(facts, null, 1), '--- Cedar says', JSON.stringify(want), '--- Evaluate says', JSON.stringify(decodeDecision(Buffer.from(answer, 'hex'))),
    '--- line for oracle_decide', line, '--- local', localLine(one.agreement, one.local), '--- policies', ...Object.entries(policiesOf(one.agreement, one.local, one.hash)).map(([name, text]) => `${name}: ${text}`),
    '--- agreement', one.document,
  ].join('\n');
}

// One agreement with its requests: {decisions, permit, pend, deny} or {refused}; throws with the whole case on a difference.
function runCase(program, seed, number) {
  const one = makeCase(seed, number);
  const facts = one.requests.map((request) => `facts ${encodeFacts(one.agreement, request).toString('hex')}`);
  const [taken] = decide(program, [`agreement ${Buffer.from(one.document).toString('hex')}`]);
  if (taken !== 'ok') return { refused: taken };
  const [, , ...answers] = decide(program, [`agreement ${Buffer.from(one.document).toString('hex')}`, localLine(one.agreement, one.local), ...facts]);
  const judge = new Judge(one.agreement, one.local, one.hash);
  const tally = { decisions: 0, permit: 0, pend: 0, deny: 0, clauses: one.agreement.clauses.length };
  one.requests.forEach((request, place) => {
    const want = expected(judge, request);
    const got = decodeDecision(Buffer.from(answers[place], 'hex'));
    const found = differences(one.agreement, request, want, got);
    if (found.length > 0) throw new Error(`seed ${seed}, agreement ${number}, request ${place}: ${describe(one, request, facts[place], answers[place], want, found)}`);
    tally.decisions += want.decisions;
    tally[want.outcome] += want.decisions;
  });
  return { ...tally, asked: judge.asked };
}

const add = (sum, one) => Object.fromEntries([...new Set([...Object.keys(sum), ...Object.keys(one)])].map((key) => [key, (sum[key] ?? 0) + (one[key] ?? 0)]));

function work({ program, seed, first, step, decisions, only }) {
  let sum = { decisions: 0, agreements: 0, refused: 0 };
  const refusals = {};
  for (let number = only ?? first; sum.decisions < decisions; number += step) {
    const { refused, ...tally } = runCase(program, seed, number);
    if (refused !== undefined) {
      sum.refused += 1;
      refusals[refused] = (refusals[refused] ?? 0) + 1;
    } else {
      sum = add(sum, { ...tally, agreements: 1 });
    }
    if (only !== undefined) break;
  }
  return { sum, refusals };
}

function inWorker(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { decisions: { type: 'string', default: '100000' }, seed: { type: 'string' }, workers: { type: 'string', default: '2' }, only: { type: 'string' }, verbose: { type: 'boolean', default: false } } });
  const seed = values.seed === undefined ? Math.floor(Date.now() / 1000) % 1000000 : Number(values.seed);
  const only = values.only === undefined ? undefined : Number(values.only);
  const workers = only === undefined ? Number(values.workers) : 1;
  console.log(`oracle: Cedar ${VERSION}, seed ${seed}, ${workers} workers`);
  const started = Date.now();
  const jobs = Array.from({ length: workers }, (_, first) => inWorker({ program: positionals[0], seed, first, step: workers, decisions: Math.ceil(Number(values.decisions) / workers), only }));
  const done = await Promise.all(jobs);
  const sum = done.reduce((total, one) => add(total, one.sum), {});
  const refusals = done.reduce((total, one) => add(total, one.refusals), {});
  const seconds = (Date.now() - started) / 1000;
  if (values.verbose) for (const [why, count] of Object.entries(refusals).sort((a, b) => b[1] - a[1])) console.log(`oracle: ${count} refused: ${why}`);
  console.log(`oracle: ${sum.decisions} field decisions (${sum.permit} in permits, ${sum.pend} in pends, ${sum.deny} in denials) over ${sum.agreements} agreements with ${sum.clauses} clauses, ` +
    `${sum.refused} more refused at load; ${sum.asked} questions to Cedar; ${seconds.toFixed(1)} s, ${Math.round(sum.decisions / seconds)} decisions/s; 0 disagreements`);
}

if (isMainThread) {
  main().catch((error) => {
    console.error(`oracle: ${error.message}`);
    process.exit(1);
  });
} else {
  parentPort.postMessage(work(workerData));
}
