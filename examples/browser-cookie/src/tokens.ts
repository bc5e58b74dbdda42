// What both apps share: who issues the tokens, for how long, and what is in them.

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
  /** For tests, which set the time. */
  readonly clock?: Clock;
  readonly store?: SessionStore;
}

export function createTokens({
  accessTokenLifetime,
  clock = Date.now,
  store = new MemorySessionStore({ clock }),
}: Settings): TokenIssuer {
  // Made at every start, which ends every session: fine for an example only. A service reads its keys from where its
  // other secrets are.
  // As text: on Node.js 20, to export a key object that was just made, as for the JWKS, can wait for ever.
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
    // Asked at every refresh too: a user who is gone gets no further access token.
    claims: (subject) => {
      const user = findUser(subject);
      return user ? { name: user.username } : false;
    },
    accessTokenLifetime,
    // One process signs and verifies, so there is no second clock to be lenient with.
    clockTolerance: 0,
    clock,
  });
}
