// Section `revocations`: what the revocation list costs a guard with a cached token, and how much memory a fact takes.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { followers } from '../lib/guards.mjs';
import { answerOf, interleave } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { median, summarise } from '../lib/statistics.mjs';
import { toBytes, toSpread, toTable, toTime } from '../lib/table.mjs';

const fullPlan = { launches: 3, rounds: 8, roundTime: 50e6, warmUp: 900e6 };
const quickPlan = { launches: 1, rounds: 2, roundTime: 1e6, warmUp: 1e6 };

/** Nanoseconds more than without a log, at most. */
const most = { '10 000 facts': 50, '1 000 000 facts': 200 };

export async function run({ quick }) {
  const material = writeMaterial(quick ? 20 : 1_000);
  const names = Object.keys(followers).filter((name) => !quick || !name.startsWith('1 000 000'));
  const jobs = names.map((name) => ({ name, algorithm: 'HS256', material }));
  const samples = await interleave(jobs, quick ? quickPlan : fullPlan);
  // Round by round, because what slowed the machine down in a round slowed all of them down.
  const [without] = samples;
  const more = samples.map((launches) =>
    launches.flatMap((rounds, launch) =>
      rounds.map((time, round) => time - without[launch][round]),
    ),
  );
  const rows = names.map((name, at) => [
    name,
    toSpread(summarise(samples[at].flat()), toTime),
    `${median(more[at]).toFixed(0)} ns`,
  ]);
  const targets = names.flatMap((name, at) =>
    most[name] === undefined
      ? []
      : [
          {
            what: `a cached token, ${name}: more than without a log`,
            measured: median(more[at]),
            most: most[name],
            format: (value) => `${value.toFixed(0)} ns`,
          },
        ],
  );
  const facts = quick ? 10_000 : 1_000_000;
  const memory = `A fact in a list of ${facts}: ${toBytes(await measureFact(facts))}, its session ID included.`;
  return {
    tables: [toTable(['CPU time per request', 'median (middle half)', 'more'], rows), memory],
    targets,
  };
}

async function measureFact(facts) {
  const worker = fileURLToPath(new URL('../lib/list-worker.mjs', import.meta.url));
  const child = fork(worker, [String(facts)], { execArgv: ['--expose-gc'] });
  const { bytes } = await answerOf(child, { name: 'list' });
  child.kill();
  return bytes;
}
