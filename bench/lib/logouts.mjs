// Logouts at one process, heard by another over one Redis.

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  revokeSession,
} from '@tokenpair/core';
import { RedisRevocations } from '@tokenpair/redis';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { answerOf } from './interleave.mjs';
import { libraries, withRedis } from './redis.mjs';

const worker = fileURLToPath(new URL('./follower-worker.mjs', import.meta.url));
const issuer = 'https://api.example.com';
const pollInterval = 100;

const now = () => performance.timeOrigin + performance.now();

/** Milliseconds from the return of a logout at A until a guard at B refuses its token, for each logout. */
export function measureLags(library, logouts) {
  return withProcesses(library, async ({ tokens, ask }) => {
    const lags = [];
    for (let count = 0; count < logouts; count++) {
      const pair = await issueTokenPair(tokens, { subject: `u_${count}` });
      const refused = ask('untilRefused', pair.accessToken);
      // At any moment between two reads of B.
      await sleep(Math.random() * pollInterval);
      await revokeSession(tokens, { sessionId: pair.sessionId });
      const returned = now();
      lags.push(Math.max(0, (await refused) - returned));
    }
    return lags;
  });
}

/**
 * Ends sessions at A at an even rate.
 *
 * @returns milliseconds from the last return until B has heard all; the event-loop delay at B, 99th percentile in nanoseconds; the
 * bytes that they take at B; and the rate that A has reached.
 */
export function measureBurst(library, { rate, seconds }) {
  return withProcesses(library, async ({ tokens, revocations, ask }) => {
    const total = rate * seconds;
    await ask('begin');
    const start = now();
    const ending = [];
    for (let ended = 0; ended < total;) {
      const due = Math.min(total, Math.ceil(((now() - start) / 1_000) * rate));
      for (; ended < due; ended++) {
        ending.push(end(tokens));
      }
      await sleep(10);
    }
    await Promise.all(ending);
    while (revocations.state.unannounced > 0) await sleep(5);
    const returned = now();
    const { at, delay, bytes } = await ask('untilFacts', total);
    const reached = total / ((returned - start) / 1_000);
    return { lag: Math.max(0, at - returned), delay, bytes, rate: reached };
  });
}

/** Ends a session that the store does not have. When the log is slower than the deadline, the announcement goes on. */
async function end(tokens) {
  try {
    await revokeSession(tokens, { sessionId: randomBytes(28).toString('base64url') });
  } catch (error) {
    if (error.code !== 'temporarily_unavailable') throw error;
  }
}

/** Runs an issuer in this process, and a verifier in a separate process. */
function withProcesses(library, act) {
  return withRedis(async (port) => {
    const secret = randomBytes(32);
    const { client, close } = await libraries[library](port);
    const revocations = new RedisRevocations({ client });
    const tokens = createTokenIssuer({
      issuer,
      audience: issuer,
      keys: [{ kid: '1', algorithm: 'HS256', secret }],
      refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
      store: new MemorySessionStore(),
      revocations,
    });
    await revocations.ready();
    const config = { library, port, issuer, secret: secret.toString('base64') };
    const child = fork(worker, [JSON.stringify(config)], { execArgv: ['--expose-gc'] });
    try {
      await answerOf(child, { name: 'follower' });
      const ask = async (verb, argument) => {
        const answer = answerOf(child, { name: verb });
        child.send({ verb, argument });
        return (await answer).value;
      };
      return await act({ tokens, revocations, ask });
    } finally {
      child.kill();
      await revocations.close();
      close();
    }
  });
}
