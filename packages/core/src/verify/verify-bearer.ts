// Verifies the bearer token of a request. RFC 6750 §2, RFC 9068 §4

import { isAuthError, type AuthError } from '../errors/auth-error.js';
import { InvalidTokenError, MissingTokenError, SessionRevokedError } from '../errors/errors.js';
import { readClock } from '../hooks/clock.js';
import { callHook } from '../hooks/hooks.js';
import { failedTimeCheck, subjectOf } from '../jwt/claims.js';
import { checkOptions } from '../lib/options.js';
import type { BearerRequest, BearerSource } from './bearer-request.js';
import { extractBearer, readAuthorization } from './extract-bearer.js';
import { fitClaims, readAccessToken, requireValidClaims } from './read-access-token.js';
import {
  holderOf,
  reportRejection,
  type Circumstances,
  type TokenHolder,
} from './report-rejection.js';
import { isInGoodStanding, requireGoodStanding, standingOf } from './require-standing.js';
import type { CachedToken } from './token-cache.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import { toVerifiedToken, type VerifiedToken } from './verified-token.js';

/**
 * Verifies the access token that a request carries as a bearer credential.
 *
 * Checks, in this order: one well-formed credential of at most `maxTokenBytes`; the token's shape; `alg`, `crit` and `typ`;
 * the key that `kid` names, or without `kid` the only key of the algorithm; the signature; `exp` (required), `nbf`, `iss`,
 * `aud`, `sub` or the `subjectClaim` (required); that the token is not bound to
 * a key (`cnf`); the revocation list, for an issuer with `revocations`; and `isRevoked`, when the verifier has it. For a token in
 * the verifier's cache it checks the key, the times, the list and `isRevoked` again; the other checks have the same result.
 * Does not check scopes ({@link requireScopes}). Without `revocations` and `isRevoked` it does not check whether the session was
 * revoked.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param request - Node's request (also that of Express and Koa), a Fetch `Request`, an object with `headers` whose names are in
 * any case, as in an event of AWS Lambda, or the value of `Authorization`.
 * @param options - `request`: what the application says of the request, for events.
 * @returns subject, scopes as a set, session ID and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; a credential of another scheme does not count.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) the credential is in a cookie, and the request comes from a page that may not
 * use it: see {@link TokenTransports}. Requests that change nothing are not checked for this.
 * @throws {@link InvalidTokenError} (401) a check failed; `code` is for programs, `check` for logs.
 * @throws {@link SessionRevokedError} (401) the session was revoked, or `isRevoked` answered true.
 * @throws {@link ClaimsStaleError} (401) the claims may be older than a change that was announced.
 * @throws {@link TemporarilyUnavailableError} (503) a hook, the clock or the loading of keys failed, or the revocation list is behind
 * and `whenBehind` is `'refuse'`.
 * @throws TypeError `verifier` was not made by {@link createTokenVerifier} or {@link createTokenIssuer}, or the request is an
 * object without headers.
 * @see RFC 6750 §2, RFC 9068 §4
 */
export async function verifyBearer<Own = unknown>(
  verifier: TokenVerifier<Own>,
  request: BearerSource,
  options: { readonly request?: unknown } = {},
): Promise<VerifiedToken<Own>> {
  requireVerifier('verifyBearer', verifier);
  const { request: described } = checkOptions('verifyBearer', options, ['request']);
  const token = await verifyDescribed(verifier, request, () => ({ request: () => described }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the verifier has accepted the claims
  return token as VerifiedToken<Own>;
}

/**
 * Verifies as {@link verifyBearer} does.
 *
 * @param describe - called with the error when the request is refused, for the event.
 */
export async function verifyDescribed(
  verifier: TokenVerifier,
  request: BearerSource,
  describe: (error: AuthError) => Circumstances,
): Promise<VerifiedToken> {
  const token = await verifyFrom(verifier, request, verifier.transports, describe);
  verifier.reportUse?.(token.claims);
  return token;
}

/**
 * Verifies the token in the `Authorization` header, and ignores the other transports of the verifier. Does not report the use:
 * it is for the issuer's own endpoints, which say nothing about the servers that the client calls.
 */
export async function verifyAuthorizationHeader(
  verifier: TokenVerifier,
  request: BearerRequest,
  describe: (error: AuthError) => Circumstances,
): Promise<VerifiedToken> {
  return verifyFrom(verifier, request, undefined, describe);
}

/**
 * The token of a request without a promise, when it is in the cache and no check has to be awaited. `undefined` in every
 * other case, also for a bad request: then {@link verifyBearer} decides.
 */
export function verifyFromCache(
  verifier: TokenVerifier,
  request: BearerRequest,
): VerifiedToken | undefined {
  const { cache, isRevoked, transports, space } = verifier;
  if (!cache || isRevoked || transports) return undefined;
  try {
    const text = readAuthorization(request, space);
    const cached = text === undefined ? undefined : readCache(verifier, text);
    if (cached === undefined || !isInGoodStanding(cached.issuer.revocations, cached)) {
      return undefined;
    }
    verifier.reportUse?.(cached.token.claims);
    return cached.token;
  } catch {
    // verifyBearer fails in the same way, and reports it.
    return undefined;
  }
}

async function verifyFrom(
  verifier: TokenVerifier,
  source: BearerSource,
  transports: TokenVerifier['transports'],
  describe: (error: AuthError) => Circumstances,
): Promise<VerifiedToken> {
  const { space, cache, maxTokenBytes } = verifier;
  let holder: TokenHolder = {};
  try {
    const text = await extractBearer(verifier, source, transports);
    if (text === undefined) throw new MissingTokenError(space);
    if (text.length > maxTokenBytes) throw new InvalidTokenError('token_too_long', 'size', space);
    let cached = readCache(verifier, text);
    if (cached === undefined) {
      const { issuer, key, kid, claims } = await readAccessToken(verifier, text);
      holder = holderOf(claims, subjectOf(claims, issuer.subjectClaim));
      requireValidClaims(verifier, issuer, claims);
      const standing = standingOf(claims);
      const token = toVerifiedToken(await fitClaims(verifier, claims), verifier, issuer);
      cached = { text: copyOf(text), issuer, key, kid, token, standing, passedAt: -1 };
      cache?.set(cached);
    }
    const { token, issuer } = cached;
    holder = holderOf(token.claims, token.subject);
    const { revocations } = issuer;
    if (revocations) {
      await requireGoodStanding(revocations, cached, {
        space,
        deadline: verifier.hooks.deadline,
      });
    }
    await requireNotRevoked(verifier, token);
    return token;
  } catch (error) {
    if (isAuthError(error))
      reportRejection({ verifier, source, transports, describe }, error, holder);
    throw error;
  }
}

/** A token that was verified before, if its key is still in use and its times are still valid. */
function readCache(
  { cache, clock, clockTolerance, finder }: TokenVerifier,
  text: string,
): CachedToken | undefined {
  const cached = cache?.get(text);
  if (cached === undefined) return undefined;
  const { issuer, key, kid, token } = cached;
  const isTime = !failedTimeCheck(token.claims, readClock(clock) / 1_000, clockTolerance);
  const isAccepted = finder === undefined || finder.isCurrent(issuer);
  const current = isTime && isAccepted && issuer.reader.keys.find(kid, key.algorithm);
  if (current === key) return cached;
  // The full verification asks for the key again, and handles the failure.
  if (current instanceof Promise) current.catch(() => undefined);
  cache?.delete(text);
  return undefined;
}

// A token from a cookie is a slice of its `Cookie` header, and the cache would keep the whole header in memory: 5.1 kB per token
// with headers of 4 kB, and 1.1 kB with a copy.
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

async function requireNotRevoked(
  { isRevoked, hooks, space }: TokenVerifier,
  token: VerifiedToken,
): Promise<void> {
  if (!isRevoked) return;
  const answer = await callHook(hooks, 'isRevoked', () => isRevoked(token), readBoolean);
  if (answer) throw new SessionRevokedError(space);
}

function readBoolean(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('isRevoked must answer true or false');
  return answer;
}
