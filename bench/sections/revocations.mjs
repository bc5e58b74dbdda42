// Section `revocations`: what the revocation list costs a guard with a cached token, how much memory a fact takes, how soon another
// process refuses a token after its logout, what a burst of revocations costs it, and how much longer core takes to load.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { followers } from '../lib/guards.mjs';
import { measureImports } from '../lib/imports.mjs';
import { answerOf, interleave } from '../lib/interleave.mjs';
import { measureBurst, measureLags } from '../lib/logouts.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { libraries } from '../lib/redis.mjs';
import { median, quantile, summarise } from '../lib/statistics.mjs';
import { toBytes, toSpread, toTable, toTime } from '../lib/table.mjs';

// In each order. Two launches of the same program differ by up to 200 ns, so a difference of 50 ns takes many.
const fullPlan = { launches: 6, rounds: 8, roundTime: 50e6, warmUp: 900e6 };
const quickPlan = { launches: 1, rounds: 2, roundTime: 1e6, warmUp: 1e6 };

/** Nanoseconds more than without a log, at most. */
const most = { '10 000 facts': 50, '1 000 000 facts': 200 };

export async function run({ quick }) {
  const guards = await compareGuards(quick);
  const facts = quick ? 10_000 : 1_000_000;
  const memory = `A fact in a list of ${facts}: ${toBytes(await measureFact(facts))}, its session ID included.`;
  const lags = await compareLags(quick ? 3 : 200);
  const burst = await compareBursts(
    quick ? { rate: 1_000, seconds: 0.2 } : { rate: 10_000, seconds: 60 },
  );
  const imports = await compareImports(quick ? 2 : 60);
  return {
    tables: [guards.table, memory, lags.table, burst.table, imports.table],
    targets: [...guards.targets, ...lags.targets, ...burst.targets, ...imports.targets],
  };
}

/** Two processes at a time: more of them would take memory from each other's caches. */
async function compareGuards(quick) {
  const material = writeMaterial(quick ? 20 : 1_000);
  const [without, ...names] = Object.keys(followers);
  const rows = [];
  const targets = [];
  for (const name of names.filter((one) => !quick || !one.startsWith('1 000 000'))) {
    const [off, on] = await compareWith(without, name, material, quick ? quickPlan : fullPlan);
    // Round by round, because what slowed the machine down in a round slowed both down.
    const more = median(on.map((time, round) => time - off[round]));
    rows.push([
      name,
      toSpread(summarise(off), toTime),
      toSpread(summarise(on), toTime),
      toNanos(more),
    ]);
    if (most[name] === undefined) continue;
    const what = `a cached token, ${name}: more than without a log`;
    targets.push({ what, measured: more, most: most[name], format: toNanos });
  }
  return { table: toTable(['CPU time per request', without, 'with it', 'more'], rows), targets };
}

/** The times of two guards, round by round. Half of the processes are launched in one order, half in the other. */
async function compareWith(off, on, material, plan) {
  const jobs = [off, on].map((name) => ({ name, algorithm: 'HS256', material }));
  const samples = await interleave(jobs, plan);
  const swapped = await interleave(jobs.toReversed(), plan);
  return [[...samples[0], ...swapped[1]].flat(), [...samples[1], ...swapped[0]].flat()];
}

function toNanos(value) {
  return `${value.toFixed(0)} ns`;
}

async function compareLags(logouts) {
  const rows = [];
  const targets = [];
  for (const library of Object.keys(libraries)) {
    const lags = await measureLags(library, logouts);
    const [p50, p99] = [median(lags), quantile(lags, 0.99)];
    rows.push([library, toMillis(p50), toMillis(p99), toMillis(Math.max(...lags))]);
    const what = `a logout at A until B refuses, ${library}: 99th percentile`;
    targets.push({ what, measured: p99, most: 250, format: toMillis });
  }
  const head = [`logout at A until B refuses, ${logouts} logouts`, 'median', 'p99', 'slowest'];
  return { table: toTable(head, rows), targets };
}

async function compareBursts(plan) {
  const names = Object.keys(libraries);
  const bursts = [];
  for (const library of names) bursts.push(await measureBurst(library, plan));
  const facts = plan.rate * plan.seconds;
  const row = (what, format) => [what, ...bursts.map(format)];
  const table = toTable(
    [`${facts} logouts at A in ${plan.seconds} seconds`, ...names],
    [
      row('rate reached', ({ rate }) => `${rate.toFixed(0)} per second`),
      row('after the last one, until B has heard all', ({ lag }) => toMillis(lag)),
      row('event-loop delay at B, p99', ({ delay }) => toMillis(delay / 1e6)),
      row('memory at B', ({ bytes }) => toMegabytes(bytes)),
    ],
  );
  const targets = bursts.flatMap(({ lag, delay, bytes }, at) => [
    {
      what: `a burst, ${names[at]}: until B has heard all`,
      measured: lag,
      most: 2_000,
      format: toMillis,
    },
    {
      what: `a burst, ${names[at]}: event-loop delay at B, 99th percentile`,
      measured: delay / 1e6,
      most: 20,
      format: toMillis,
    },
    {
      what: `a burst, ${names[at]}: memory at B`,
      measured: bytes,
      most: 100e6,
      format: toMegabytes,
    },
  ]);
  return { table, targets };
}

async function compareImports(launches) {
  const times = await measureImports(launches);
  const more = median(times.with.map((time, launch) => time / times.without[launch] - 1));
  const rows = Object.entries(times).map(([name, all]) => [
    `${name} the modules of revocation`,
    toSpread(summarise(all), (time) => toMillis(time / 1e6)),
  ]);
  const what = 'loading core: more than without the modules of revocation';
  return {
    table: toTable(['CPU time to load core in a fresh process', 'median (middle half)'], rows),
    targets: [{ what, measured: more, most: 0.05, format: toPercent }],
  };
}

function toPercent(value) {
  return `${(value * 100).toFixed(1)} %`;
}

function toMillis(value) {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

async function measureFact(facts) {
  const worker = fileURLToPath(new URL('../lib/list-worker.mjs', import.meta.url));
  const child = fork(worker, [String(facts)], { execArgv: ['--expose-gc'] });
  const { bytes } = await answerOf(child, { name: 'list' });
  child.kill();
  return bytes;
}

function toMegabytes(value) {
  return `${(value / 1e6).toFixed(1)} MB`;
}
