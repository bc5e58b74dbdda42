// Section `memory`: bytes of a session in Redis, and of an access token in the verifier's cache.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { refreshTokenPair } from '@tokenpair/core';

import { answerOf } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { libraries, withRedis } from '../lib/redis.mjs';
import { createIssuer, inFlight, login } from '../lib/sessions.mjs';
import { toBytes, toTable } from '../lib/table.mjs';

const subjects = {
  UUID: (number) => `6f1c9a52-3d0b-4e8e-9b57-${String(number).padStart(12, '0')}`,
  u_12345: (number) => `u_${String(number).padStart(5, '0')}`,
};

export async function run({ quick }) {
  const count = quick ? 500 : 20_000;
  const rows = [];
  const targets = [];
  for (const kind of Object.keys(subjects)) {
    for (const perSubject of [5, 1]) {
      const what = `subject ${kind}, sessions per subject: ${perSubject}`;
      console.error(`memory: ${what}`);
      const bytes = await measure(count, perSubject, subjects[kind]);
      rows.push([what, ...Object.values(bytes).map(toBytes)]);
      if (kind !== 'UUID') continue;
      // A session is refreshed soon after its login, and its record then names its predecessor.
      const most = perSubject === 1 ? 650 : 600;
      targets.push({ what, measured: bytes.refreshed, most, format: toBytes });
    }
  }
  const head = ['bytes per session in Redis', 'keys', 'keys after a refresh', 'used_memory'];
  return {
    tables: [toTable(head, rows), `A cached access token: ${toBytes(await measureCache())}.`],
    targets,
  };
}

function measure(count, perSubject, subjectOf) {
  return withRedis(async (port) => {
    const { client, close } = await libraries['node-redis'](port);
    const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
    const tokens = createIssuer(client);
    const before = await usedMemory();
    const current = [];
    await inFlight(count, async (at) => {
      const pair = await login(tokens, subjectOf(Math.floor(at / perSubject)));
      current[at] = pair.refreshToken;
    });
    const keys = await bytesOfKeys(client);
    await inFlight(count, (at) => refreshTokenPair(tokens, current[at]));
    const refreshed = await bytesOfKeys(client);
    const used = (await usedMemory()) - before;
    close();
    return { keys: keys / count, refreshed: refreshed / count, used: used / count };
  });
}

/** The sum of MEMORY USAGE over all keys: records and the indexes of the owners. */
async function bytesOfKeys(client) {
  let sum = 0;
  for await (const keys of client.scanIterator({ COUNT: 1_000 })) {
    const sizes = await Promise.all(keys.map((key) => client.memoryUsage(key, { SAMPLES: 0 })));
    for (const size of sizes) sum += size;
  }
  return sum;
}

async function measureCache() {
  const worker = fileURLToPath(new URL('../lib/cache-worker.mjs', import.meta.url));
  const child = fork(worker, [writeMaterial(1)], { execArgv: ['--expose-gc'] });
  const { bytes } = await answerOf(child, { name: 'cache' });
  child.kill();
  return bytes;
}
