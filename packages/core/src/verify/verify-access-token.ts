// On the guard journey: token to claims to verified token: signature, algorithm, type, times, issuer, audience.
// RFC 9068 §4

import { readAccessToken } from '../access-token.js';
import { failedClaimCheck, failedTimeCheck } from '../claims.js';
import { readClock } from '../clock.js';
import { InvalidTokenError } from '../errors.js';
import type { TokenVerifier } from './token-verifier.js';
import { toVerifiedToken, type VerifiedToken } from './verified-token.js';

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads the claims that a key of ours vouches for: shape, header, key, signature, payload.
 *
 * @throws {@link InvalidTokenError} (401) naming the first check that failed.
 */
export function readSignedClaims({ keys, space }: TokenVerifier, token: string): Claims {
  const reading = readAccessToken(keys, token);
  if ('failed' in reading) throw new InvalidTokenError('token_invalid', reading.failed, space);
  return reading.claims;
}

/**
 * Judges claims under a good signature: `exp`, `nbf`, `iat`, `iss`, `aud`, `sub`, `jti`, `sid`, `scope`, `cnf`.
 *
 * @throws {@link InvalidTokenError} (401) naming the first check that failed.
 */
export function judgeClaims(verifier: TokenVerifier, claims: Claims): VerifiedToken {
  const { space, clock, clockTolerance } = verifier;
  const time = failedTimeCheck(claims, readClock(clock) / 1_000, clockTolerance);
  if (time) throw new InvalidTokenError(time.code, time.check, space);
  const check = failedClaimCheck(claims, verifier);
  if (check) throw new InvalidTokenError('token_invalid', check, space);
  return toVerifiedToken(claims, space);
}
