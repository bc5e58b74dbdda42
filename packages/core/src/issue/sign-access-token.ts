// Makes the access token of a login or a refresh: asks the `claims` hook and signs. RFC 9068 §2

import { reservedClaims } from '../jwt/claims.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { frozenCopy } from '../lib/frozen.js';
import { callHook } from '../hooks/hooks.js';
import { isObject, toJsonObject } from '../lib/options.js';
import { splitScope } from '../lib/scope.js';
import { membersOf, readSchemaResult, type StandardSchema } from '../lib/standard-schema.js';
import { signCompactJws } from '../jwt/signature.js';
import { writePayload } from './payload.js';
import type { SessionData } from './session-data.js';
import { authenticationOf, type ClaimsContext } from './session-details.js';
import { requireFittingToken } from './token-size.js';
import type { IssuingContext } from './token-issuer.js';

/** What an access token is made for. */
export interface AccessGrant {
  readonly subject: string;
  /** What the hook gets; its scope and audience are those of this token. */
  readonly session: ClaimsContext;
  readonly data: SessionData;
  /** The claim `gen`. */
  readonly generation: number;
  /** The claim `rev`. */
  readonly rev: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds until the absolute end of the session. No access token lives longer. */
  readonly sessionLeft: number;
  /** Maximum characters of the token, if it must be shorter than verifiers accept. */
  readonly maxLength?: number | undefined;
}

export interface SignedAccessToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** The scope of the token, which the hook may have narrowed. */
  readonly scope: string;
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
  const { claims, claimsSchema } = context;
  if (claims === undefined) return signWithoutClaims(context, grant);
  return callHook(
    context.hooks,
    'claims',
    // A copy for each call: changes that the hook makes are neither signed nor stored.
    () => {
      const answer = claims(grant.subject, copyOf(grant.session));
      return claimsSchema ? fittingAnswer(claimsSchema, answer) : answer;
    },
    (answer) => (answer === false ? undefined : sign(context, grant, requireClaims(answer))),
  );
}

/** @throws TypeError the answer does not fit; the message names the members, not their values. */
async function fittingAnswer(schema: StandardSchema, pending: unknown): Promise<unknown> {
  const answer = await pending;
  if (answer === false) return answer;
  const { issues } = readSchemaResult(await schema['~standard'].validate(answer));
  if (issues === undefined) return answer;
  throw new TypeError(`claims returned what claimsSchema does not accept, at ${membersOf(issues)}`);
}

// The application's own `request` is passed on as it is.
function copyOf({ request, ...session }: ClaimsContext): ClaimsContext {
  return Object.freeze({ ...frozenCopy(session), request });
}

function sign(
  context: IssuingContext,
  { subject, session, data, generation, rev, now, sessionLeft, maxLength }: AccessGrant,
  { scope: narrowed, ...claims }: HookAnswer,
): SignedAccessToken {
  const iat = Math.floor(now / 1_000);
  const secondsLeft = Math.max(1, Math.floor(sessionLeft / 1_000));
  const expiresIn = Math.min(context.accessTokenLifetime, secondsLeft);
  const { sessionId, audience } = session;
  const scope = narrowed === undefined ? session.scope : takeScopesAway(session.scope, narrowed);
  const payload = writePayload(context, {
    subject,
    audience,
    scope,
    sessionId,
    generation,
    // Never below the mark that the session began after.
    rev: rev === undefined ? rev : Math.max(rev, data.killMark ?? 0),
    iat,
    expiresIn,
    clientId: data.clientId,
    authentication: authenticationOf(data),
    act: data.act,
    claims,
  });
  const accessToken = signCompactJws(context.keys.current.signingKey, payload);
  requireFittingToken(context, accessToken, maxLength);
  return { accessToken, expiresIn, scope };
}

// Without a hook, a failure to sign is reported to the client in the same way: its request was in order.
function signWithoutClaims(context: IssuingContext, grant: AccessGrant): SignedAccessToken {
  try {
    return sign(context, grant, {});
  } catch (cause) {
    throw isAuthError(cause) ? cause : new TemporarilyUnavailableError({ cause });
  }
}

type HookAnswer = Readonly<Record<string, unknown>> & { readonly scope?: unknown };

function requireClaims(answer: unknown): HookAnswer {
  // Checks the copy that is signed: a toJSON or a getter could answer differently each time.
  const claims = isObject(answer) ? toJsonObject(answer) : undefined;
  if (claims === undefined) {
    throw new TypeError('claims must return an object of claims, or false to deny the subject');
  }
  const reserved = reservedClaims.find(
    (name) =>
      name !== 'scope' && (Object.hasOwn(claims, name) || Object.hasOwn(Object(answer), name)),
  );
  if (reserved !== undefined) {
    throw new TypeError(
      `claims must not return '${reserved}': the issuer writes that claim. Use another name.`,
    );
  }
  return claims;
}

// The hook may take scopes away, for a role that the subject has lost. It cannot grant what the login did not grant.
function takeScopesAway(granted: string, answered: unknown): string {
  const allowed = splitScope(granted) ?? [];
  const scopes = typeof answered === 'string' ? splitScope(answered) : undefined;
  if (!scopes?.every((scope) => allowed.includes(scope))) {
    throw new TypeError(
      'claims returned a scope that is not part of session.scope: it may only take scopes away. Return some of those scopes.',
    );
  }
  return scopes.join(' ');
}
