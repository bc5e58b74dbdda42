// Measures contestants side by side: every contestant in a process of its own, one round each in turn, so that whatever
// slows the machine down meets all of them. Several launches, for what a process is dealt at its start (addresses, the
// order in which code gets optimised) stays with it.

import { summarise } from './statistics.mjs';
import { startWorker } from './start-worker.mjs';

/** @typedef {{ round(): Promise<object>, stop(): void }} Contestant */

/**
 * @param {Array<{ name: string, group: string }>} jobs - whatever else is in a job is for `start`.
 * @param {(job: object) => Promise<Contestant>} start - a process that is warm when the promise is kept.
 * @returns one figure a job, in its order; nanoseconds an operation, `parts` by their names where a round has such.
 */
export async function interleave(jobs, plan, start = startWorker) {
  const { launches, rounds, startsAtOnce = 1 } = plan;
  const samples = jobs.map(() => []);
  for (let launch = 0; launch < launches; launch++) {
    const contestants = [];
    try {
      for (let at = 0; at < jobs.length; at += startsAtOnce) {
        const next = jobs.slice(at, at + startsAtOnce);
        contestants.push(...(await Promise.all(next.map((job) => start({ ...plan, ...job })))));
      }
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < jobs.length; turn++) {
          const at = (turn + round) % jobs.length;
          samples[at].push(await contestants[at].round());
        }
      }
    } finally {
      for (const contestant of contestants) contestant.stop();
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
