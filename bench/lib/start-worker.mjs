// A process of lib/worker.mjs, seen from the runner.

import { fork } from 'node:child_process';
import { once } from 'node:events';

const worker = new URL('./worker.mjs', import.meta.url);

export async function startWorker(job) {
  const child = fork(worker, [JSON.stringify(job)]);
  await answerOf(child, job);
  return {
    round() {
      child.send('round');
      return answerOf(child, job);
    },
    stop: () => child.kill(),
  };
}

/** The next message of a child, or an error when it ends instead. */
export async function answerOf(child, { name, group }) {
  const settled = new AbortController();
  const { signal } = settled;
  const answer = await Promise.race([
    once(child, 'message', { signal }).then(([message]) => message),
    once(child, 'exit', { signal }).then(([code]) => ({
      failed: `the process ended with ${code}`,
    })),
  ]);
  settled.abort();
  if (answer.failed) throw new Error(`${name} (${group}): ${answer.failed}`);
  return answer;
}
