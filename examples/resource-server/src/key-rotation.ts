// Rotates a signing key in three steps, with a wait after each for the verifiers to follow. No step makes a valid token fail.

import { generateKeyPairSync } from 'node:crypto';

import { keyThumbprint, type PrivateKeyOptions, type TokenIssuer } from '@tokenpair/core';

type Keys = readonly [PrivateKeyOptions, ...PrivateKeyOptions[]];

/** The three steps of a key rotation. */
export interface KeyRotation {
  /** The first keys of the issuer. */
  readonly keys: Keys;
  /** Publishes a key that does not sign yet. Then wait until every verifier has fetched the keys again. */
  publishNext(tokens: TokenIssuer): void;
  /** Makes that key sign; the former key still verifies. Then wait until the last token of the former key has expired. */
  switchOver(tokens: TokenIssuer): void;
  /** Removes the keys whose last token has expired. */
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
      const expired = tokens
        .describeKeys()
        .filter(({ neededUntil }) => neededUntil !== undefined && neededUntil <= now)
        .map(({ kid }) => kid);
      replace(
        tokens,
        keys.filter(({ kid = '' }) => !expired.includes(kid)),
      );
    },
  };
}

function createKey(state: 'next' | 'current'): PrivateKeyOptions {
  // Generate a key pair as text: on Node.js 20 the export of a new key object, for the JWKS for example, can block without end.
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: keyThumbprint({ publicKey }), algorithm: 'ES256', privateKey, state };
}
