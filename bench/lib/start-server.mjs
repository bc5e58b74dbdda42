// A contestant's server under load from this process: CPU time of the server's process for so many requests.

import { fork } from 'node:child_process';

import autocannon from 'autocannon';

import { answerOf } from './start-worker.mjs';

const file = new URL('../work/http-server.mjs', import.meta.url);

export async function startServer({ tokens, forged, requests, warmUpRequests, ...job }) {
  const child = fork(file, [JSON.stringify(job)], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const { port } = await answerOf(child, job);
  const url = `http://127.0.0.1:${port}/orders`;
  if (job.refuses) await requireRefusal(url, forged, job);
  const load = (amount) => fire(url, tokens, amount);
  await load(warmUpRequests);
  const cpu = async () => {
    child.send('cpu');
    const { user, system } = await answerOf(child, job);
    return (user + system) * 1_000;
  };
  return {
    async round() {
      const before = await cpu();
      const startedAt = process.hrtime.bigint();
      await load(requests);
      const wall = Number(process.hrtime.bigint() - startedAt);
      const spent = (await cpu()) - before;
      return { cpu: spent / requests, wall: wall / requests, operations: requests };
    },
    stop: () => child.kill(),
  };
}

async function fire(url, tokens, amount) {
  const { non2xx, errors, timeouts } = await autocannon({
    url,
    amount,
    connections: 16,
    // It ends at a tick of this clock.
    sampleInt: 10,
    requests: tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
  });
  if (non2xx + errors + timeouts > 0) throw new Error(`${non2xx} refused, ${errors} failed`);
}

async function requireRefusal(url, forged, { name, group }) {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${forged}` } });
  if (status !== 401) throw new Error(`${name} (${group}) answers a forged token with ${status}`);
}
