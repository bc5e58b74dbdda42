// Measures contestants side by side: every contestant in a process of its own, one round each in turn, so that whatever
// slows the machine down meets all of them. Several launches, for what a process is dealt at its start (addresses, the
// order in which code gets optimised) stays with it.

import { fork } from 'node:child_process';
import { once } from 'node:events';

import { summarise } from './statistics.mjs';

const worker = new URL('./worker.mjs', import.meta.url);

/**
 * @param {Array<{ name: string, work: string }>} jobs - `work` is the module whose `prepare(job)` makes a round.
 * @returns one figure a job, in its order: nanoseconds an operation.
 */
export async function interleave(jobs, { launches, rounds, roundTime, warmUp }) {
  const samples = jobs.map(() => []);
  for (let launch = 0; launch < launches; launch++) {
    const workers = [];
    try {
      for (const job of jobs) workers.push(await start({ ...job, roundTime, warmUp }));
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < jobs.length; turn++) {
          const at = (turn + round) % jobs.length;
          samples[at].push(await ask(workers[at], jobs[at]));
        }
      }
    } finally {
      for (const child of workers) child.kill();
    }
  }
  return jobs.map(({ name, group }, at) => ({
    name,
    ...(group && { group }),
    ...toFigure(samples[at]),
  }));
}

function toFigure(samples) {
  const extras = samples.map(({ extra }) => extra).filter((extra) => extra !== undefined);
  return {
    cpu: summarise(samples.map(({ cpu }) => cpu)),
    wall: summarise(samples.map(({ wall }) => wall)),
    operations: summarise(samples.map(({ operations }) => operations)).median,
    rounds: samples.length,
    ...(extras.length > 0 && { extra: extras.at(-1) }),
  };
}

async function start(job) {
  const child = fork(worker, [JSON.stringify(job)], { execArgv: job.execArgv ?? [] });
  await answerOf(child, job);
  return child;
}

function ask(child, job) {
  child.send('round');
  return answerOf(child, job);
}

async function answerOf(child, { name }) {
  const ended = new AbortController();
  const [kind, answer] = await Promise.race([
    once(child, 'message', { signal: ended.signal }).then(([message]) => ['answer', message]),
    once(child, 'exit', { signal: ended.signal }).then(([code]) => ['exit', code]),
  ]).finally(() => ended.abort());
  if (kind === 'exit') throw new Error(`${name} ended with ${answer}`);
  return answer;
}
