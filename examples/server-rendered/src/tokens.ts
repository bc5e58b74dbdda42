// Creates the token issuer that the Express and the Koa server share.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  MemorySessionStore,
  type ClaimsHook,
  type Clock,
  type Duration,
  type EventListener,
  type Revocations,
  type SessionStore,
  type TokenIssuer,
} from '@tokenpair/core';
import { findUser } from '@tokenpair/example-demo';

export interface Settings {
  readonly accessTokenLifetime: Duration;
  /** With several processes: one that they share, and with it `revocations`. */
  readonly store?: SessionStore;
  readonly revocations?: Revocations;
  /** Asked at the login and at every refresh. Tests break it. */
  readonly claims?: ClaimsHook;
  readonly onEvent?: EventListener;
  /** Source of the current time. Tests set it. */
  readonly clock?: Clock;
}

/** The role of a user; a deleted user gets no further access token. */
export const claimsOf: ClaimsHook = (subject) => {
  const user = findUser(subject);
  return user ? { name: user.username, role: user.role } : false;
};

export function createTokens({
  accessTokenLifetime,
  clock = Date.now,
  store = new MemorySessionStore({ clock }),
  revocations,
  claims = claimsOf,
  onEvent,
}: Settings): TokenIssuer {
  // Load the keys of a service from its secret store. New keys at every start end every session.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

  return createTokenIssuer({
    issuer: 'https://shop.example',
    audience: 'https://shop.example',
    keys: [{ kid: 'made-at-start', algorithm: 'ES256', privateKey }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store,
    revocations,
    claims,
    accessTokenLifetime,
    onEvent,
    // One process signs and verifies, with one clock.
    clockTolerance: 0,
    clock,
  });
}
