// Last check: core takes the ring. What it refuses the application would not start with.

import {
  createTokenIssuer,
  createTokenVerifier,
  type SessionStore,
  type TokenIssuerOptions,
  type VerificationKeyOptions,
} from '@tokenpair/core';

import type { KeyRing } from '../key-ring.js';
import { makeRefreshKey, makeSigningKey } from '../make-key.js';
import { Refusal } from '../refusal.js';

/** Answers what core has against it, as its own sentence, or `undefined`. */
export function whatCoreRefuses({ keys, refreshKeys }: KeyRing): string | undefined {
  const place = { issuer: 'https://doctor.invalid', audience: 'https://doctor.invalid' };
  const verifiesOnly =
    refreshKeys === undefined && keys?.every((key) => key.publicKey !== undefined) === true;
  try {
    if (verifiesOnly) {
      const forVerifier: { readonly keys: readonly VerificationKeyOptions[] } = asRead({ keys });
      createTokenVerifier({ ...place, ...forVerifier });
    } else {
      const forIssuer: Pick<TokenIssuerOptions, 'keys' | 'refreshKeys'> = asRead({
        // What a ring of one list leaves out comes from another ring.
        keys: keys ?? [
          makeSigningKey({ algorithm: 'ES256', state: 'current', now: 0, bits: 0, kid: '1' }),
        ],
        refreshKeys: refreshKeys ?? [makeRefreshKey('1', 'current', 0)],
      });
      createTokenIssuer({ ...place, ...forIssuer, store });
    }
    return undefined;
  } catch (error) {
    // Core shows no key; but what came in the place of something else may be one.
    return error instanceof TypeError ? error.message.replace(/; got .*$/s, '') : 'unforeseen';
  }
}

// As an application reads it, for whom the types say nothing either.
const asRead = (ring: KeyRing) => JSON.parse(JSON.stringify(ring));

// Before anything is written: what core would not start with is no key ring.
export function requireAcceptable(ring: KeyRing): void {
  const refusal = whatCoreRefuses(ring);
  if (refusal !== undefined) throw new Refusal(`Nothing was written, for core says: ${refusal}.`);
}

const never = (): Promise<never> => Promise.reject(new Error('a ring is looked at, not used'));

const store: SessionStore = {
  create: never,
  rotate: never,
  get: never,
  revoke: never,
  revokeSubject: never,
  list: never,
};
