// The guard journey: request to verified token; the one call that adapters make.

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { readClock } from '../hooks/clock.js';
import { MissingTokenError, SessionRevokedError } from '../errors/errors.js';
import type { BearerSource } from './bearer-request.js';
import { extractBearer, requireB64token } from './extract-bearer.js';
import { askHook, reportRefusal } from './report-refusal.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
import { verifyAccessToken } from './verify-access-token.js';

/**
 * Verifies the access token that a request carries as a bearer credential.
 *
 * Checks, in this order: one well-formed credential; the token's shape; `alg`, `crit` and `typ`; the key that `kid`
 * names; the signature; `exp` (required), `nbf`, `iat`, `iss`, `aud`, `sub` (required); that the token is not bound to
 * a key (`cnf`); and `isRevoked`, where the verifier has it. Of a token that was verified before, the key, the times and
 * `isRevoked` are checked again; the rest cannot have changed.
 * Does not check scopes ({@link requireScopes}) nor, without `isRevoked`, whether the session has since been ended.
 *
 * @param request - Node's request (so Express's and Koa's), a Fetch `Request`, or the `Authorization` value itself.
 * @returns subject, scopes as a set, session and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; another scheme is none.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) the credential is in a cookie, and the request comes from a page that may not
 * use it: see {@link TokenTransports}. Requests that change nothing are not checked for this.
 * @throws {@link InvalidTokenError} (401) a check failed: `code` for programs, `check` for the log.
 * @throws {@link SessionRevokedError} (401) `isRevoked` answered true.
 * @throws {@link TemporarilyUnavailableError} (503) a hook or the clock failed, so nothing could be judged.
 * @throws TypeError the request is an object without headers.
 * @see RFC 6750 §2, RFC 9068 §4
 */
export async function verifyBearer(
  verifier: TokenVerifier,
  request: BearerSource,
): Promise<VerifiedToken> {
  return verifyRequest(verifier, request);
}

/** The same, and at once when nothing has to be waited for: then it throws where the other rejects. */
export function verifyRequest(
  verifier: TokenVerifier,
  request: BearerSource,
): MaybePromise<VerifiedToken> {
  const credential = extractBearer(verifier, request);
  return credential instanceof Promise
    ? credential.then((text) => verifyCredential(verifier, text))
    : verifyCredential(verifier, credential);
}

function verifyCredential(
  verifier: TokenVerifier,
  text: string | undefined,
): MaybePromise<VerifiedToken> {
  if (text === undefined) throw new MissingTokenError(verifier.space);
  const token = recall(verifier, text) ?? verifyAnew(verifier, text);
  return verifier.isRevoked === undefined
    ? token
    : andThen(token, (verified) => refuseRevoked(verifier, verified));
}

/** A token that was verified before, when its key still stands and its time has not passed. */
function recall(
  { cache, clock, clockTolerance }: TokenVerifier,
  text: string,
): VerifiedToken | undefined {
  const known = cache?.get(text);
  if (known === undefined) return undefined;
  const { issuer, key, token, startsAt, endsAt } = known;
  const now = readClock(clock) / 1_000;
  const isTime = startsAt - clockTolerance <= now && now < endsAt + clockTolerance;
  const held = isTime && issuer.reader.keys.find(key.kid);
  if (held === key) return token;
  // Asked again when the token is verified anew, and what comes of it is told there.
  if (held instanceof Promise) held.catch(() => undefined);
  cache?.delete(text);
  return undefined;
}

function verifyAnew(verifier: TokenVerifier, text: string): MaybePromise<VerifiedToken> {
  requireB64token(verifier, text);
  return andThen(verifyAccessToken(verifier, text), (signed) => {
    verifier.cache?.set(text, signed);
    return signed.token;
  });
}

function refuseRevoked(verifier: TokenVerifier, token: VerifiedToken): MaybePromise<VerifiedToken> {
  const { isRevoked, space } = verifier;
  if (isRevoked === undefined) return token;
  const answer = askHook(
    verifier.hooks,
    'isRevoked',
    () => isRevoked(token),
    readBoolean,
    token.claims,
  );
  return andThen(answer, (revoked) => {
    if (revoked) throw reportRefusal(verifier.hooks, new SessionRevokedError(space), token.claims);
    return token;
  });
}

function readBoolean(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('isRevoked must answer true or false');
  return answer;
}
