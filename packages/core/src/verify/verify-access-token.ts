// On the guard journey: token to claims to verified token: signature, algorithm, type, times, issuer, audience.
// RFC 9068 §4

import { andThen, type Awaitable } from '../awaitable.js';
import { failedClaimCheck, failedTimeCheck } from '../claims.js';
import { readClock } from '../clock.js';
import { InvalidTokenError } from '../errors.js';
import type { ImportedKey } from '../keys.js';
import { reported } from './report-refusal.js';
import type { TokenVerifier } from './token-verifier.js';
import { toVerifiedToken, type VerifiedToken } from './verified-token.js';

/** A token that has passed every check, and the key that vouches for it. */
export interface SignedToken {
  readonly key: ImportedKey;
  readonly token: VerifiedToken;
  /** The later of `nbf` and `iat`, in seconds. */
  readonly startsAt: number;
}

/**
 * Verifies an access token by its text: shape, header, key, signature, payload; then `exp`, `nbf`, `iat`, `iss`, `aud`,
 * `sub`, `jti`, `sid`, `scope`, `cnf`.
 *
 * @throws {@link InvalidTokenError} (401) naming the first check that failed.
 */
export function verifyAccessToken(verifier: TokenVerifier, text: string): Awaitable<SignedToken> {
  return andThen(verifier.reader.read(text), (reading) => {
    if ('failed' in reading) {
      throw reported(
        verifier,
        new InvalidTokenError('token_invalid', reading.failed, verifier.space),
      );
    }
    const token = judgeClaims(verifier, reading.claims);
    const { nbf = 0, iat = 0 } = token.claims;
    return { key: reading.key, token, startsAt: Math.max(nbf, iat) };
  });
}

function judgeClaims(
  verifier: TokenVerifier,
  claims: Readonly<Record<string, unknown>>,
): VerifiedToken {
  const { space, clock, clockTolerance } = verifier;
  const time = failedTimeCheck(claims, readClock(clock) / 1_000, clockTolerance);
  if (time) {
    throw reported(verifier, new InvalidTokenError(time.code, time.check, space), claims);
  }
  const check = failedClaimCheck(claims, verifier);
  if (check) {
    throw reported(verifier, new InvalidTokenError('token_invalid', check, space), claims);
  }
  return toVerifiedToken(claims, space);
}
