// An issuer over a real Redis, and logins with one scope and 96 bytes of metadata.

import { createTokenIssuer, issueTokenPair } from '@tokenpair/core';
import { RedisSessionStore } from '@tokenpair/redis';
import { randomBytes } from 'node:crypto';

import { audience, issuer, kid } from './material.mjs';

const metadata = {
  device: 'iPhone 17',
  app: '4.12.0 (2026-11)',
  ip: '203.0.113.42',
  city: 'Berlin',
  x: '.'.repeat(6),
};

/** @param {object} options - of `createTokenIssuer`, in addition to those that are the same for all. */
export function createIssuer(client, options = {}) {
  // Longer than the default, because many logins at once wait for each other here.
  return createIssuerOver(new RedisSessionStore({ client, deadline: 60 }), options);
}

export function createIssuerOver(store, options = {}) {
  return createTokenIssuer({
    issuer,
    audience,
    keys: [{ kid, algorithm: 'HS256', secret: randomBytes(32) }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store,
    deadline: 60,
    ...options,
  });
}

export function login(tokens, subject) {
  return issueTokenPair(tokens, { subject, scope: 'orders:read', metadata });
}

/** Runs `operate(0)` to `operate(count - 1)` with 256 in flight. */
export async function inFlight(count, operate) {
  let started = 0;
  await Promise.all(
    Array.from({ length: 256 }, async () => {
      while (started < count) await operate(started++);
    }),
  );
}
