// An issuer, with the verifier of what it signs.

import { nowOrSystem } from './hooks/clock.js';
import { describeKeys, type KeyDescription } from './issue/describe-keys.js';
import { importRefreshKeys } from './issue/refresh-keys.js';
import {
  buildIssuingContext,
  issuingOptionNames,
  type IssuingContext,
  type IssuingOptions,
} from './issue/token-issuer.js';
import { requireRoomForGrants } from './issue/token-size.js';
import { importSigningKeys } from './keys/keys.js';
import { checkOptions } from './lib/options.js';
import { acceptTokens } from './verify/accepted-issuer.js';
import {
  buildTokenVerifier,
  verificationOptionNames,
  type TokenVerifier,
  type VerificationOptions,
} from './verify/token-verifier.js';

/** Options of {@link createTokenIssuer}. */
export interface TokenIssuerOptions extends IssuingOptions, VerificationOptions {}

/** Issues token pairs and keeps their sessions. */
export interface TokenIssuer extends IssuingContext {
  /** Verifies what this issuer signs. */
  readonly verifier: TokenVerifier;
  /**
   * Takes other keys instead of the present ones, for signing and verifying: from the next call on. At the very next
   * request a token whose key is gone is refused with `token_key_unknown`, and its client refreshes.
   *
   * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
   * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
   *
   * @throws TypeError naming what is wrong with them; then no key is replaced.
   */
  replaceKeys(keys: IssuingOptions['keys']): void;
  /**
   * The same for the keys of refresh tokens. No user is signed out, even when the former keys are all gone.
   *
   * @throws TypeError naming what is wrong with them; then no key is replaced. A `kid` must not come with another secret
   * while sessions under the secret that it had in this process may be alive: while it is among the keys, and for the
   * shorter of `idleLifetime` and `absoluteLifetime` after its last use.
   */
  replaceRefreshKeys(refreshKeys: IssuingOptions['refreshKeys']): void;
  /** What each key does, and until when it is needed. */
  describeKeys(): readonly KeyDescription[];
}

/**
 * Checks options and imports keys, once, for {@link issueTokenPair}, {@link refreshTokenPair} and their kin.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const checked = checkOptions('createTokenIssuer', options, [
    ...new Set([...issuingOptionNames, ...verificationOptionNames]),
  ]);
  const issuing = buildIssuingContext(checked);
  const { issuer, audience, reader, keys: ring, refreshKeys: refreshRing, clock } = issuing;
  const verifier = buildTokenVerifier([acceptTokens({ issuer, audience }, reader)], checked, () => {
    throw new TypeError('This verifier belongs to an issuer. Call replaceKeys of the issuer.');
  });
  return Object.freeze({
    ...issuing,
    verifier,
    replaceKeys(keys: unknown) {
      const fresh = importSigningKeys(keys, nowOrSystem(clock), ring.current);
      requireRoomForGrants(issuing, fresh);
      ring.replace(fresh);
    },
    replaceRefreshKeys(keys: unknown) {
      const now = nowOrSystem(clock);
      refreshRing.replace(importRefreshKeys(keys, issuer, now, refreshRing), now);
    },
    describeKeys: () => describeKeys(issuing, verifier.clockTolerance),
  });
}
