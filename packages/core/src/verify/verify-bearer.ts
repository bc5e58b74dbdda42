// The guard journey: request to verified token; the one call that adapters make.

import { ownClaim } from '../claims.js';
import { isAuthError, MissingTokenError, SessionRevokedError } from '../errors.js';
import type { InvalidTokenError } from '../errors.js';
import { callHook } from '../hooks.js';
import type { BearerSource } from './bearer-request.js';
import { extractBearer } from './extract-bearer.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';
import { judgeClaims, readSignedClaims } from './verify-access-token.js';

/**
 * Verifies the access token that a request carries as a bearer credential.
 *
 * Checks, in this order: one well-formed credential; the token's shape; `alg`, `crit` and `typ`; the key that `kid`
 * names; the signature; `exp` (required), `nbf`, `iat`, `iss`, `aud`, `sub` (required); that the token is not bound to
 * a key (`cnf`); and `isRevoked`, where the verifier has it.
 * Does not check scopes ({@link requireScopes}) nor, without `isRevoked`, whether the session has since been ended.
 *
 * @param request - Node's request (so Express's and Koa's), a Fetch `Request`, or the `Authorization` value itself.
 * @returns subject, scopes as a set, session and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; another scheme is none.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link InvalidTokenError} (401) a check failed: `code` for programs, `check` for the log.
 * @throws {@link SessionRevokedError} (401) `isRevoked` answered true.
 * @throws {@link TemporarilyUnavailableError} (503) a hook or the clock failed, so nothing could be judged.
 * @see RFC 6750 §2, RFC 9068 §4
 */
export async function verifyBearer(
  verifier: TokenVerifier,
  request: BearerSource,
): Promise<VerifiedToken> {
  let claims: Readonly<Record<string, unknown>> = {};
  try {
    const credential = await extractBearer(verifier, request);
    if (credential === undefined) throw new MissingTokenError(verifier.space);
    claims = readSignedClaims(verifier, credential);
    const token = judgeClaims(verifier, claims);
    await refuseRevoked(verifier, token);
    return token;
  } catch (error) {
    reportRefusal(verifier, error, claims);
    throw error;
  }
}

async function refuseRevoked(verifier: TokenVerifier, token: VerifiedToken): Promise<void> {
  const { isRevoked } = verifier;
  if (isRevoked === undefined) return;
  const revoked = await callHook(verifier.hooks, 'isRevoked', () => isRevoked(token), readBoolean);
  if (revoked) throw new SessionRevokedError(verifier.space);
}

function readBoolean(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('isRevoked must answer true or false');
  return answer;
}

// An anonymous request is no refused token, and a hook that failed has its own event.
function reportRefusal(
  verifier: TokenVerifier,
  error: unknown,
  claims: Readonly<Record<string, unknown>>,
): void {
  if (!isAuthError(error) || error.code === 'token_missing' || error.status >= 500) return;
  const { check } = error as Partial<InvalidTokenError>;
  const [subject, sessionId] = [ownClaim(claims, 'sub'), ownClaim(claims, 'sid')];
  verifier.hooks.emit({
    type: 'verification.refused',
    code: error.code,
    ...(check && { check }),
    ...(typeof subject === 'string' && { subject }),
    ...(typeof sessionId === 'string' && { sessionId }),
  });
}
