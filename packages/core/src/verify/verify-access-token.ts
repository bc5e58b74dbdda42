// On the guard journey: token to claims to verified token: signature, algorithm, type, times, issuer, audience.
// RFC 9068 §4

import type { FailedReading } from '../jwt/access-token.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { parseCompactJws, parseJsonObject } from '../jwt/compact-jws.js';
import { failedClaimCheck, failedTimeCheck, ownClaim } from '../jwt/claims.js';
import { readClock } from '../hooks/clock.js';
import { InvalidTokenError, type TokenCheck } from '../errors/errors.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import { reportRefusal } from './report-refusal.js';
import type { SignedToken } from './token-cache.js';
import type { TokenVerifier } from './token-verifier.js';
import { toVerifiedToken, type VerifiedToken } from './verified-token.js';

/**
 * Verifies an access token by its text: shape, header, key, signature, payload; then `exp`, `nbf`, `iat`, `iss`, `aud`,
 * `sub`, `jti`, `sid`, `scope`, `cnf`. Where several issuers are accepted, `iss` chooses among them first.
 *
 * @throws {@link InvalidTokenError} (401) naming the first check that failed. A `kid` that the verifier does not have is
 * `token_key_unknown`, so that a change of keys sends clients to refresh and not to the sign-in page.
 */
export function verifyAccessToken(
  verifier: TokenVerifier,
  text: string,
): MaybePromise<SignedToken> {
  const issuer = issuerFor(verifier, text);
  if (typeof issuer === 'string') throw refusal(verifier, issuer);
  return andThen(issuer.reader.read(text), (reading) => {
    if ('failed' in reading) throw refusalOf(verifier, reading);
    const token = judgeClaims(verifier, issuer, reading.claims);
    const { nbf = 0, iat = 0 } = token.claims;
    return {
      issuer,
      key: reading.key,
      token,
      startsAt: Math.max(nbf, iat),
      endsAt: token.expiresAt,
    };
  });
}

/**
 * The issuer whose keys and rules a token is held against. Of several it is the one that the token names, before any key
 * is looked for: the claim is not believed, it says who is to be asked. A token of none costs no look-up and no fetch.
 */
function issuerFor({ accepts }: TokenVerifier, text: string): AcceptedIssuer | TokenCheck {
  const [first, ...others] = accepts;
  if (first !== undefined && others.length === 0) return first;
  const jws = parseCompactJws(text);
  if (jws === undefined) return 'shape';
  const claims = parseJsonObject(jws.payload);
  const iss = claims && ownClaim(claims, 'iss');
  return accepts.find(({ issuer }) => issuer === iss) ?? 'iss';
}

function judgeClaims(
  verifier: TokenVerifier,
  issuer: AcceptedIssuer,
  claims: Readonly<Record<string, unknown>>,
): VerifiedToken {
  const { space, clock, clockTolerance } = verifier;
  const time = failedTimeCheck(claims, readClock(clock) / 1_000, clockTolerance);
  if (time) {
    throw reportRefusal(
      verifier.hooks,
      new InvalidTokenError(time.code, time.check, space),
      claims,
    );
  }
  const check = failedClaimCheck(claims, issuer);
  if (check) throw refusal(verifier, check, claims);
  return toVerifiedToken(claims, space, issuer.scopeClaim);
}

function refusalOf(verifier: TokenVerifier, { failed, isKeyUnknown }: FailedReading): unknown {
  if (isKeyUnknown !== true) return refusal(verifier, failed);
  return reportRefusal(
    verifier.hooks,
    new InvalidTokenError('token_key_unknown', failed, verifier.space),
  );
}

function refusal(
  verifier: TokenVerifier,
  check: TokenCheck,
  claims?: Readonly<Record<string, unknown>>,
): unknown {
  return reportRefusal(
    verifier.hooks,
    new InvalidTokenError('token_invalid', check, verifier.space),
    claims,
  );
}
