// A verifier that follows a Redis revocation log: says when it refuses a token, and what a burst of revocations costs it.

import { createTokenVerifier, verifyBearer } from '@tokenpair/core';
import { RedisRevocations } from '@tokenpair/redis';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { libraries } from './redis.mjs';

const { library, port, issuer, secret } = JSON.parse(process.argv[2]);
const { client } = await libraries[library](port);
const revocations = new RedisRevocations({ client });
const keys = [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(secret, 'base64') }];
const verifier = createTokenVerifier({ issuer, audience: issuer, keys, revocations });
await revocations.ready();

const now = () => performance.timeOrigin + performance.now();
const delay = monitorEventLoopDelay({ resolution: 1 });
let before = 0;

const verbs = {
  /** When a guard refuses the token. */
  async untilRefused(token) {
    for (;;) {
      try {
        await verifyBearer(verifier, `Bearer ${token}`);
      } catch {
        return now();
      }
      await sleep(1);
    }
  },
  async begin() {
    before = await usedMemory();
    delay.enable();
  },
  /** When the list has so many facts, and what that has cost since `begin`. */
  async untilFacts(count) {
    const last = now() + 60_000;
    while (revocations.state.facts < count && now() < last) await sleep(5);
    const { facts } = revocations.state;
    if (facts < count) throw new Error(`the list has ${facts} of ${count} facts after a minute`);
    const at = now();
    delay.disable();
    // Nanoseconds, the resolution of the monitor included.
    return { at, delay: delay.percentile(99) - 1e6, bytes: (await usedMemory()) - before };
  },
};

// A rejection ends the process, and the runner reports it.
async function respond({ verb, argument }) {
  process.send({ value: await verbs[verb](argument) });
}

process.on('message', (asked) => void respond(asked));
// The runner has ended, perhaps by an error.
process.once('disconnect', () => process.exit());
process.send({ ready: true });

async function usedMemory() {
  for (let passes = 0; passes < 6; passes++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
