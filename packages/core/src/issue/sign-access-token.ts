// Makes the access token of a login or a refresh: asks the `claims` hook and signs. RFC 9068 §2

import { reservedClaims } from '../jwt/claims.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { frozenCopy } from '../lib/frozen.js';
import { callHook } from '../hooks/hooks.js';
import { isObject, toJsonObject } from '../lib/options.js';
import { signCompactJws } from '../jwt/signature.js';
import { writePayload } from './payload.js';
import { requireFittingToken } from './token-size.js';
import type { ClaimsContext, IssuingContext } from './token-issuer.js';

/** What an access token is made for. */
export interface AccessGrant {
  readonly subject: string;
  readonly session: ClaimsContext;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds until the absolute end of the session. No access token lives longer. */
  readonly sessionLeft: number;
}

export interface SignedAccessToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * Asks the `claims` hook and signs an access token.
 *
 * @returns `undefined` when the hook denies the subject.
 * @throws {@link TemporarilyUnavailableError} (503) the hook failed, or its answer cannot be signed.
 * @throws {@link TokenTooLargeError} (500) the hook answered more than fits into an access token.
 */
export async function signAccessToken(
  context: IssuingContext,
  grant: AccessGrant,
): Promise<SignedAccessToken | undefined> {
  const { claims } = context;
  if (claims === undefined) return signWithoutClaims(context, grant);
  return callHook(
    context.hooks,
    'claims',
    // A copy for each call: changes that the hook makes are neither signed nor stored.
    () => claims(grant.subject, frozenCopy(grant.session)),
    (answer) => (answer === false ? undefined : sign(context, grant, requireClaims(answer))),
  );
}

function sign(
  context: IssuingContext,
  { subject, session, now, sessionLeft }: AccessGrant,
  claims: Readonly<Record<string, unknown>>,
): SignedAccessToken {
  const iat = Math.floor(now / 1_000);
  const secondsLeft = Math.max(1, Math.floor(sessionLeft / 1_000));
  const expiresIn = Math.min(context.accessTokenLifetime, secondsLeft);
  const { sessionId, scope } = session;
  const payload = writePayload(context, { subject, scope, sessionId, iat, expiresIn, claims });
  const accessToken = signCompactJws(context.keys.current.signingKey, payload);
  requireFittingToken(context, accessToken);
  return { accessToken, expiresIn };
}

// Without a hook, a failure to sign is reported to the client in the same way: its request was in order.
function signWithoutClaims(context: IssuingContext, grant: AccessGrant): SignedAccessToken {
  try {
    return sign(context, grant, {});
  } catch (cause) {
    throw isAuthError(cause) ? cause : new TemporarilyUnavailableError({ cause });
  }
}

function requireClaims(answer: unknown): Record<string, unknown> {
  // Checks the copy that is signed: a toJSON or a getter could answer differently each time.
  const claims = isObject(answer) ? toJsonObject(answer) : undefined;
  if (claims === undefined) {
    throw new TypeError('claims must return an object of claims, or false to deny the subject');
  }
  const reserved = reservedClaims.find(
    (name) => Object.hasOwn(claims, name) || Object.hasOwn(Object(answer), name),
  );
  if (reserved !== undefined) {
    throw new TypeError(
      `claims must not return '${reserved}': the issuer writes that claim. Use another name.`,
    );
  }
  return claims;
}
