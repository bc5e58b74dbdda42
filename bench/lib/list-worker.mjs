// Bytes that a fact in the revocation list keeps alive: memory before and after the list has filled, garbage collected both times.

import { createRevocations, createTokenVerifier } from '@tokenpair/core';
import { setImmediate as turn } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';

const facts = Number(process.argv[2]);
const issuer = 'https://api.example.com';
let last = 0;

// A log that makes its entries when they are read, so that it takes no memory itself.
const log = {
  append: async () => 0,
  async read(_issuer, after, limit) {
    const head = facts / 100;
    const count = Math.max(0, Math.min(limit, head - after, head - last));
    const entries = Array.from({ length: count }, (_, at) => ({
      position: after + at + 1,
      previous: after + at,
      text: `o ${Array.from({ length: 100 }, () => idOf()).join(' ')}`,
    }));
    last = after + count;
    return { head, from: 1, everything: 0, keep: 1_200_000, more: last < head, entries };
  },
};

function idOf() {
  return randomBytes(29).toString('base64url').slice(0, 38);
}

const revocations = createRevocations(log, { max: 10_000_000 });
const before = await used();
const keys = [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32) }];
const verifier = createTokenVerifier({ issuer, audience: issuer, keys, revocations });
await revocations.ready();
process.send({ bytes: ((await used()) - before) / revocations.state.facts });
// Until then it may not be collected.
process.once('exit', () => [verifier]);

async function used() {
  for (let passes = 0; passes < 6; passes++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
