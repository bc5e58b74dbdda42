// Creates the token issuer that the Express and the Koa server share.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  MemorySessionStore,
  type Clock,
  type Duration,
  type SessionStore,
  type TokenIssuer,
} from '@tokenpair/core';
import { findUser } from '@tokenpair/example-demo';

export interface Settings {
  readonly accessTokenLifetime: Duration;
  /** Source of the current time. Tests set it. */
  readonly clock?: Clock;
  readonly store?: SessionStore;
}

export function createTokens({
  accessTokenLifetime,
  clock = Date.now,
  store = new MemorySessionStore({ clock }),
}: Settings): TokenIssuer {
  // Load the keys of a service from its secret store. New keys at every start end every session.
  // Generate a key pair as text: on Node.js 20 the export of a new key object, for the JWKS for example, can block without end.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const refreshSecret = randomBytes(32);

  return createTokenIssuer({
    issuer: 'https://login.example',
    audience: 'https://login.example',
    keys: [{ kid: 'made-at-start', algorithm: 'ES256', privateKey }],
    refreshKeys: [{ kid: '1', secret: refreshSecret }],
    store,
    // Called at login and at every refresh: a deleted user gets no further access token.
    claims: (subject) => {
      const user = findUser(subject);
      return user ? { name: user.username } : false;
    },
    accessTokenLifetime,
    // One process signs and verifies, with one clock.
    clockTolerance: 0,
    clock,
  });
}
