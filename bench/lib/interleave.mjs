// Measures contestants side by side: every contestant in a process of its own, one round each in turn, so that whatever
// slows the machine down meets all of them. Several launches, for what a process is dealt at its start (addresses, the
// order in which code gets optimised) stays with it.

import { fork } from 'node:child_process';
import { once } from 'node:events';

import { summarise } from './statistics.mjs';

const worker = new URL('./worker.mjs', import.meta.url);

/** @typedef {{ median: number, min: number, max: number }} Summary */

/**
 * @param {Array<{ name: string, group: string, work: string }>} jobs - `work` is the module whose `prepare(job)` makes a
 * round; whatever else is in a job is for it.
 * @returns one figure a job, in its order; nanoseconds an operation, `parts` by their names where a round has such.
 */
export async function interleave(jobs, { launches, rounds, roundTime, warmUp }) {
  const samples = jobs.map(() => []);
  for (let launch = 0; launch < launches; launch++) {
    const workers = [];
    try {
      for (const job of jobs) workers.push(await start({ roundTime, warmUp, ...job }));
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < jobs.length; turn++) {
          const at = (turn + round) % jobs.length;
          workers[at].send('round');
          samples[at].push(await answerOf(workers[at], jobs[at]));
        }
      }
    } finally {
      for (const child of workers) child.kill();
    }
  }
  return jobs.map(({ name, group }, at) => ({ name, group, ...toFigure(samples[at]) }));
}

function toFigure(samples) {
  const [first] = samples;
  const over = (read) => summarise(samples.map(read));
  const parts = Object.keys(first.parts ?? {}).map((part) => [
    part,
    {
      cpu: over(({ parts: of }) => of[part].cpu),
      wall: over(({ parts: of }) => of[part].wall),
    },
  ]);
  return {
    cpu: over(({ cpu }) => cpu),
    wall: over(({ wall }) => wall),
    operations: over(({ operations }) => operations).median,
    rounds: samples.length,
    ...(parts.length > 0 && { parts: Object.fromEntries(parts) }),
    ...(first.facts && { facts: samples.at(-1).facts }),
  };
}

async function start(job) {
  const child = fork(worker, [JSON.stringify(job)]);
  await answerOf(child, job);
  return child;
}

async function answerOf(child, { name, group }) {
  const settled = new AbortController();
  const { signal } = settled;
  const answer = await Promise.race([
    once(child, 'message', { signal }).then(([message]) => message),
    once(child, 'exit', { signal }).then(([code]) => ({ failed: `the process ended with ${code}` })),
  ]);
  settled.abort();
  if (answer.failed) throw new Error(`${name} (${group}): ${answer.failed}`);
  return answer;
}
