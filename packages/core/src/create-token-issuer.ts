// Creates an issuer, with the verifier of what it signs.

import { nowOrSystem } from './hooks/clock.js';
import { createReporter } from './issue/confirm-reporter.js';
import { roleOf } from './issue/issuer-role.js';
import { describeKeys, type KeyDescription } from './issue/describe-keys.js';
import { importRefreshKeys, requireOtherSecrets } from './issue/refresh-keys.js';
import { buildIssuingContext, issuingOptionNames } from './issue/issuing-options.js';
import type { IssuingContext, IssuingOptions } from './issue/token-issuer.js';
import { requireRoomForGrants } from './issue/token-size.js';
import { importSigningKeys } from './keys/keys.js';
import { checkOptions } from './lib/options.js';
import type { StandardSchema } from './lib/standard-schema.js';
import { buildTokenVerifier, type TokenVerifier } from './verify/token-verifier.js';
import { verificationOptionNames, type VerificationOptions } from './verify/verifier-options.js';

/** Options of {@link createTokenIssuer}. */
export interface TokenIssuerOptions<Claims = unknown, Metadata = unknown>
  extends IssuingOptions<Metadata>, VerificationOptions {
  readonly claimsSchema?: StandardSchema<Claims> | undefined;
}

/** Issues token pairs and keeps their sessions. Only {@link createTokenIssuer} makes one. */
export interface TokenIssuer<
  Claims = unknown,
  Metadata = unknown,
> extends IssuingContext<Metadata> {
  /** Verifies what this issuer signs. */
  readonly verifier: TokenVerifier<Claims>;
  /**
   * Replaces the keys for signing and verifying, from the next call on. A token whose key was removed is refused with
   * `token_key_unknown` at its next request, and its client refreshes.
   *
   * Give a new key a new `kid`. Another key under a known `kid` is accepted, so that any key can be withdrawn; but tokens
   * under the former key then have a bad signature (`token_invalid`), and their users must sign in again.
   *
   * @throws TypeError naming what is wrong with the keys; then no key is replaced.
   */
  replaceKeys(keys: IssuingOptions['keys']): void;
  /**
   * Replaces the keys of refresh tokens. No user is signed out, even when all former keys are removed.
   *
   * @throws TypeError naming what is wrong with the keys; then no key is replaced. A `kid` must not come with another secret
   * while sessions under its former secret may be live: while it is among the keys, and for the shorter of `idleLifetime`
   * and `absoluteLifetime` after its last use.
   */
  replaceRefreshKeys(refreshKeys: IssuingOptions['refreshKeys']): void;
  /** Describes each key: its state, and until when it is needed. */
  describeKeys(): readonly KeyDescription[];
}

/**
 * Checks options and imports keys, once. Pass the issuer to {@link issueTokenPair}, {@link refreshTokenPair},
 * {@link revokeSession}, {@link revokeSubject} and {@link listSessions}.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
export function createTokenIssuer<Claims = unknown, Metadata = unknown>(
  options: TokenIssuerOptions<Claims, Metadata>,
): TokenIssuer<Claims, Metadata> {
  const checked = checkOptions('createTokenIssuer', options, [
    ...new Set([...issuingOptionNames, ...verificationOptionNames]),
  ]);
  const issuing = buildIssuingContext(checked);
  const { issuer, audience, reader, keys: ring, refreshKeys: refreshRing, clock } = issuing;
  const { revocations } = issuing;
  const accepted = Object.freeze({ issuer, audience, reader, revocations });
  const reportUse = createReporter(issuing);
  const verifier = buildTokenVerifier([accepted], { ...checked, reportUse }, () => {
    throw new TypeError('This verifier belongs to an issuer. Call replaceKeys of the issuer.');
  });
  // After all checks: an issuer that was not created must not write the log.
  revocations?.follower.start(issuer, roleOf(issuing));
  return Object.freeze(
    Object.assign(issuing, {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the options describes these claims
      verifier: verifier as TokenVerifier<Claims>,
      replaceKeys(keys: unknown) {
        const fresh = importSigningKeys(keys, nowOrSystem(clock), ring.current);
        requireRoomForGrants(issuing, fresh);
        requireOtherSecrets(fresh, refreshRing, issuer);
        ring.replace(fresh);
      },
      replaceRefreshKeys(keys: unknown) {
        const now = nowOrSystem(clock);
        const fresh = importRefreshKeys(keys, issuer, now, refreshRing);
        requireOtherSecrets(ring.current, fresh, issuer);
        refreshRing.replace(fresh, now);
      },
      describeKeys: () => describeKeys(issuing, verifier.clockTolerance),
    }),
  );
}
