// Measures contestants side by side. Each has a process for itself, so V8 optimises for that contestant alone, as in a
// server that uses it. One round of each in turn: what slows the machine down slows all of them down. Several launches,
// because memory layout and the order of optimisation stay with a process.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const worker = fileURLToPath(new URL('./guard-worker.mjs', import.meta.url));

/**
 * @param {Array<{ name: string }>} jobs - what else is in a job is for the worker.
 * @param {{ launches: number, rounds: number }} plan - what else is in the plan is for the worker.
 * @returns {Promise<number[][][]>} nanoseconds of CPU time per operation, by job, launch and round.
 */
export async function interleave(jobs, plan) {
  const samples = jobs.map(() => []);
  for (let launch = 0; launch < plan.launches; launch++) {
    const children = [];
    try {
      for (const job of jobs) {
        const child = fork(worker, [JSON.stringify({ ...plan, ...job })]);
        children.push(child);
        await answerOf(child, job);
      }
      for (const ofJob of samples) ofJob.push([]);
      for (let round = 0; round < plan.rounds; round++) {
        for (let turn = 0; turn < jobs.length; turn++) {
          const at = (turn + round) % jobs.length;
          children[at].send('round');
          const { cpu } = await answerOf(children[at], jobs[at]);
          samples[at][launch][round] = cpu;
        }
      }
    } finally {
      for (const child of children) child.kill();
    }
  }
  return samples;
}

/** The next message of a child, or an error when the child ends instead. */
export async function answerOf(child, { name }) {
  const settled = new AbortController();
  const { signal } = settled;
  const answer = await Promise.race([
    once(child, 'message', { signal }).then(([message]) => message),
    once(child, 'exit', { signal }).then(([code]) => ({
      failed: `the process ended with ${code}`,
    })),
  ]);
  settled.abort();
  if (answer.failed) throw new Error(`${name}: ${answer.failed}`);
  return answer;
}
