// The life of a signing key, in three steps between which others are given time to follow. No step refuses anybody.

import { generateKeyPairSync } from 'node:crypto';

import { keyThumbprint, type PrivateKeyOptions, type TokenIssuer } from '@tokenpair/core';

type Keys = readonly [PrivateKeyOptions, ...PrivateKeyOptions[]];

/** Keys that rotate. */
export interface KeyRotation {
  /** For the issuer to begin with. */
  readonly keys: Keys;
  /** Publishes a key that does not sign yet. Then wait until every verifier has fetched the keys again. */
  publishNext(tokens: TokenIssuer): void;
  /** Signs with that key from now on; the former one still verifies. Then wait for its last token to expire. */
  switchOver(tokens: TokenIssuer): void;
  /** Takes away the keys that nobody needs any more. */
  dropRetired(tokens: TokenIssuer, now: number): void;
}

export function createKeyRotation(): KeyRotation {
  let keys: PrivateKeyOptions[] = [createKey('current')];

  function replace(tokens: TokenIssuer, others: PrivateKeyOptions[]): void {
    tokens.replaceKeys(others as unknown as Keys);
    keys = others;
  }

  return {
    keys: keys as unknown as Keys,
    publishNext: (tokens) => replace(tokens, [...keys, createKey('next')]),
    switchOver: (tokens) =>
      replace(
        tokens,
        keys.map((key) => ({
          ...key,
          state: key.state === 'next' ? 'current' : 'retiring',
        })),
      ),
    dropRetired(tokens, now) {
      const over = tokens
        .describeKeys()
        .filter(({ neededUntil }) => neededUntil !== undefined && neededUntil <= now)
        .map(({ kid }) => kid);
      replace(
        tokens,
        keys.filter(({ kid = '' }) => !over.includes(kid)),
      );
    },
  };
}

function createKey(state: 'next' | 'current'): PrivateKeyOptions {
  // As text: on Node.js 20, to export a key object that was just made, as for the JWKS, can wait for ever.
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: keyThumbprint({ publicKey }), algorithm: 'ES256', privateKey, state };
}
