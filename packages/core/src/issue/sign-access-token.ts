// Makes the access token of a login or a refresh: asks the `claims` hook, signs, and keeps the token short enough for verifiers.
// As much of the length as possible is checked at construction and at login, so that a refresh cannot fail because of it,
// unless the hook answers too much. RFC 9068 §2

import { randomUUID } from 'node:crypto';

import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError, TokenTooLargeError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { reservedClaims } from '../jwt/claims.js';
import { maxTokenLength } from '../jwt/compact-jws.js';
import { signCompactJws } from '../jwt/signature.js';
import type { SigningKeySet } from '../keys/keys.js';
import { frozenCopy } from '../lib/frozen.js';
import { isObject, toJsonObject } from '../lib/options.js';
import { maxScopeLength } from './session-record.js';
import type { ClaimsContext, IssuingContext } from './token-issuer.js';

/** What an access token is made for. */
interface AccessGrant {
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
  readonly scope: string;
}

/**
 * Asks the `claims` hook and signs an access token. `undefined` when the hook denies the subject.
 *
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

function sign(
  context: IssuingContext,
  { subject, session: { sessionId, scope }, now, sessionLeft }: AccessGrant,
  claims: Readonly<Record<string, unknown>>,
): SignedAccessToken {
  const iat = Math.floor(now / 1_000);
  const secondsLeft = Math.max(1, Math.floor(sessionLeft / 1_000));
  const expiresIn = Math.min(context.accessTokenLifetime, secondsLeft);
  const contents = { subject, scope, sessionId, iat, expiresIn, claims };
  const accessToken = signContents(context, context.keys.current, contents);
  if (accessToken.length > maxTokenLength) throw tooLarge(context, accessToken.length);
  return { accessToken, expiresIn, scope };
}

// The grant fits, so the answer of the hook is too large. The event reports it to the developer.
function tooLarge({ claims, hooks }: IssuingContext, length: number): TokenTooLargeError {
  const cause = new RangeError(
    `with the answer of the claims hook, the access token has ${length} characters; verifiers accept ${maxTokenLength}. ` +
      'Return fewer or shorter claims, for example an ID instead of a list.',
  );
  if (claims !== undefined) hooks.emit({ type: 'hook.failed', hook: 'claims', cause });
  return new TokenTooLargeError({ cause });
}

/** What differs from token to token. Times are seconds. */
interface TokenContents extends Pick<ClaimsContext, 'sessionId' | 'scope'> {
  readonly subject: string;
  readonly iat: number;
  readonly expiresIn: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

type Names = Pick<IssuingContext, 'issuer' | 'audience'>;

// RFC 9068 §2.2
function signContents(
  { issuer, audience }: Names,
  { signingKey }: SigningKeySet,
  { subject, scope, sessionId, iat, expiresIn, claims }: TokenContents,
): string {
  const payload = {
    iss: issuer,
    sub: subject,
    aud: audience.length === 1 ? audience[0] : audience,
    exp: iat + expiresIn,
    iat,
    jti: randomUUID(),
    sid: sessionId,
    ...(scope !== '' && { scope }),
    ...claims,
  };
  return signCompactJws(signingKey, JSON.stringify(payload));
}

/** Maximum size of subject and scope of a grant together, in bytes of JSON. Every access token of the session has both. */
const maxGrantBytes = 4_096;

/** @throws TypeError issuer, audience and signature leave no room for every grant that {@link requireFittingGrant} accepts. */
export function requireRoomForGrants(names: Names, keys: SigningKeySet): void {
  // Signed, because the length of a signature depends on the key.
  const { length } = signContents(names, keys, {
    subject: 'u'.repeat(maxGrantBytes - maxScopeLength),
    scope: 's'.repeat(maxScopeLength),
    sessionId: 'i'.repeat(38),
    iat: Number.MAX_SAFE_INTEGER,
    expiresIn: 0,
  });
  if (length > maxTokenLength) {
    throw new TypeError(
      `issuer and audience are too long: with the largest subject and scope, an access token has ${length} characters; ` +
        `verifiers accept ${maxTokenLength}. Shorten them, name fewer audiences, or sign with a key that has shorter signatures.`,
    );
  }
}

/** @throws TypeError subject and scope are too large to be in an access token together. */
export function requireFittingGrant(subject: string, scope: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(subject)) - 2 + scope.length;
  if (bytes > maxGrantBytes) {
    throw new TypeError(
      `subject and scope must take at most ${maxGrantBytes} bytes of JSON together; they take ${bytes}. ` +
        'Every access token of the session contains both. Grant fewer scopes, or use a shorter subject.',
    );
  }
}
