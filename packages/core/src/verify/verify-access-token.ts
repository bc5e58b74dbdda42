// Verifies the text of an access token: signature, header, times, claims. RFC 9068 §4

import { readClock } from '../hooks/clock.js';
import { InvalidTokenError, type TokenCheck } from '../errors/errors.js';
import { failedClaimCheck, failedTimeCheck, ownClaim } from '../jwt/claims.js';
import { parseCompactJws, parseJsonObject } from '../jwt/compact-jws.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import { reportRejection } from './report-rejection.js';
import type { CachedToken } from './token-cache.js';
import type { TokenVerifier } from './token-verifier.js';
import { toVerifiedToken } from './verified-token.js';

/**
 * Verifies an access token by its text. Checks, in this order: shape, header, key, signature, payload; then `exp`, `nbf`,
 * `iat`, `iss`, `aud`, `sub`, `jti`, `sid`, `scope`, `cnf`. With several accepted issuers, `iss` selects one of them first.
 *
 * @throws {@link InvalidTokenError} (401) a check failed; `check` names the first one. A `kid` that the verifier does not
 * have is `token_key_unknown`: after a change of keys clients can refresh, and users need not sign in again.
 */
export async function verifyAccessToken(
  verifier: TokenVerifier,
  text: string,
): Promise<CachedToken> {
  let claims: Readonly<Record<string, unknown>> | undefined;
  try {
    const issuer = selectIssuer(verifier, text);
    const reading = await issuer.reader.read(text);
    if ('failed' in reading) {
      const code = reading.isKeyUnknown === true ? 'token_key_unknown' : 'token_invalid';
      throw new InvalidTokenError(code, reading.failed, verifier.space);
    }
    claims = reading.claims;
    requireValidTimes(verifier, claims);
    const check = failedClaimCheck(claims, issuer);
    if (check !== undefined) throw invalidToken(verifier, check);
    const token = toVerifiedToken(claims, verifier.space, issuer.scopeClaim);
    return { text, issuer, key: reading.key, token };
  } catch (error) {
    throw reportRejection(verifier.hooks, error, claims);
  }
}

/**
 * The issuer whose keys and rules apply to a token. With several, it is selected by the `iss` of the token before the
 * signature is verified: the claim is not trusted, it only selects. A token of another issuer causes no key look-up and no
 * fetch.
 */
function selectIssuer(verifier: TokenVerifier, text: string): AcceptedIssuer {
  const [first, ...others] = verifier.accepts;
  if (first !== undefined && others.length === 0) return first;
  const jws = parseCompactJws(text);
  if (jws === undefined) throw invalidToken(verifier, 'shape');
  const claims = parseJsonObject(jws.payload);
  const iss = claims && ownClaim(claims, 'iss');
  const selected = verifier.accepts.find(({ issuer }) => issuer === iss);
  if (selected === undefined) throw invalidToken(verifier, 'iss');
  return selected;
}

function requireValidTimes(
  { clock, clockTolerance, space }: TokenVerifier,
  claims: Readonly<Record<string, unknown>>,
): void {
  const failed = failedTimeCheck(claims, readClock(clock) / 1_000, clockTolerance);
  if (failed) throw new InvalidTokenError(failed.code, failed.check, space);
}

function invalidToken({ space }: TokenVerifier, check: TokenCheck): InvalidTokenError {
  return new InvalidTokenError('token_invalid', check, space);
}
