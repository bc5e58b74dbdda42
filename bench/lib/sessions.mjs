// Logins as they are measured: one scope, and 96 bytes of words about the session.

import { createTokenIssuer, issueTokenPair } from '@tokenpair/core';
import { subjectTag } from '@tokenpair/core/store';
import { randomBytes } from 'node:crypto';

import { audience, issuer, kid } from './material.mjs';

export const metadata = {
  device: 'iPhone 17',
  app: '4.12.0 (2026-11)',
  ip: '203.0.113.42',
  city: 'Berlin',
  x: '.'.repeat(6),
};
export const scope = 'orders:read';

export const limit = { max: 100, onLimit: 'evict-oldest' };

/** An issuer over a store, without a claims hook: a refresh is one trip to the store. */
export function createIssuer(store, { algorithm, signingKey }) {
  const key = algorithm === 'HS256' ? { secret: signingKey } : { privateKey: signingKey };
  return createTokenIssuer({
    issuer,
    audience,
    keys: [{ kid, algorithm, ...key }],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 1) }],
    store: withoutSettleTime(store),
    deadline: 60,
  });
}

// A refresh is measured by rotations, and a session rotates once a minute. So the store is asked for any age: it compares all
// the same.
function withoutSettleTime(store) {
  const { rotate } = store;
  store.rotate = (sessionId, expect, next) =>
    rotate.call(store, sessionId, { ...expect, olderThan: -1 }, next);
  return store;
}

export function login(tokens, subject) {
  return issueTokenPair(tokens, { subject, scope, metadata });
}

/** A session as core hands it to a store, for filling one without signing anything. */
export function newSession(subject) {
  const owner = `Ab3dE6gh.${subject}`;
  return {
    sessionId: subjectTag(owner) + randomBytes(16).toString('base64url'),
    subject: owner,
    generation: 1,
    secretHash: randomBytes(32).toString('base64url'),
    keyId: 1,
    parentGeneration: 0,
    attempt: randomBytes(12).toString('base64url'),
    cnf: '',
    idleLifetime: 2_592_000_000,
    absoluteLifetime: 7_776_000_000,
    data: JSON.stringify(['Ab3dE6gh', scope, metadata]),
  };
}

/**
 * Runs `operate(0, lane)` to `operate(count - 1, lane)`, as many at a time as there are lanes, in each one after the
 * other.
 */
export async function inFlight(count, lanes, operate) {
  let started = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (started < count) await operate(started++, lane);
    }),
  );
}
