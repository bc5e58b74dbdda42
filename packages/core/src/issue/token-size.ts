// Keeps access tokens short enough for verifiers. As much as possible is checked at construction and at login, so that a
// refresh cannot fail because of it, unless the `claims` hook answers too much.

import { maxTokenLength, parseCompactJws, parseJsonObject } from '../jwt/compact-jws.js';
import { TokenTooLargeError } from '../errors/errors.js';
import type { HookContext } from '../hooks/hooks.js';
import type { SigningKeySet } from '../keys/keys.js';
import { signCompactJws } from '../jwt/signature.js';
import { warnOnce } from '../lib/warn-once.js';
import { writePayload, type PayloadContext } from './payload.js';
import { maxScopeLength, type SessionData } from './session-data.js';

/** Maximum size of subject and scope of a grant together, in bytes of JSON. Every access token of the session has both. */
const maxGrantBytes = 4_096;

/**
 * Requires that every grant that {@link requireFittingGrant} accepts fits into an access token of this issuer.
 *
 * @throws TypeError issuer, audience and signature leave no room for the largest grant.
 */
export function requireRoomForGrants(
  context: PayloadContext & { readonly audience: readonly string[] },
  { signingKey }: SigningKeySet,
): void {
  const payload = writePayload(context, {
    subject: 'u'.repeat(maxGrantBytes - maxScopeLength),
    audience: context.audience,
    scope: 's'.repeat(maxScopeLength),
    sessionId: 'i'.repeat(38),
    generation: 0xff_ff_ff_ff,
    rev: 2 ** 52,
    // Their values count as part of the grant.
    authentication: { time: Number.MAX_SAFE_INTEGER, acr: '', amr: [] },
    act: {},
    iat: Number.MAX_SAFE_INTEGER,
    expiresIn: 0,
  });
  // Signed, because the length of a signature depends on the key.
  const { length } = signCompactJws(signingKey, payload);
  if (length > maxTokenLength) {
    throw new TypeError(
      `issuer and audience are too long: with the largest subject and scope, an access token has ${length} characters; ` +
        `verifiers accept ${maxTokenLength}. Shorten them, name fewer audiences, or sign with a key that has shorter signatures.`,
    );
  }
}

/** @throws TypeError what the grant, or the step-up, puts into access tokens is too large. */
export function requireFittingGrant(subject: string, data: SessionData): void {
  const { scope, clientId = '', login = {}, step = {}, act } = data;
  const texts = [subject, clientId].map((text) => JSON.stringify(text).slice(1, -1));
  const bytes =
    Buffer.byteLength([...texts, scope].join('')) +
    jsonBytes([act]) +
    // An access token has one of the two. A recovery can take the step-up back.
    Math.max(jsonBytes([login.acr, login.amr]), jsonBytes([step.acr, step.amr]));
  if (bytes > maxGrantBytes) {
    throw new TypeError(
      `subject and scope must take at most ${maxGrantBytes} bytes of JSON together, with clientId, authentication and actor; ` +
        `they take ${bytes}. Every access token of the session contains them. Grant fewer scopes, or use a shorter subject.`,
    );
  }
}

function jsonBytes(members: readonly unknown[]): number {
  const given = members.filter((member) => member !== undefined);
  return Buffer.byteLength(given.map((member) => JSON.stringify(member)).join(''));
}

/**
 * Requires that a signed access token is no longer than verifiers accept, or than the cookie that it is for holds. The developer
 * hears of it: by the event `hook.failed` if there is a `claims` hook, otherwise by a warning.
 *
 * @throws {@link TokenTooLargeError} (500)
 */
export function requireFittingToken(
  { claims, hooks }: { readonly claims: unknown; readonly hooks: HookContext },
  accessToken: string,
  maxLength: number = maxTokenLength,
): void {
  const { length } = accessToken;
  if (length <= maxLength) return;
  const limit =
    maxLength < maxTokenLength
      ? `a cookie holds ${maxLength}`
      : `verifiers accept ${maxTokenLength}`;
  const cause = new RangeError(
    `the access token has ${length} characters; ${limit}. Its largest claims: ${largestClaims(accessToken)}. ` +
      'Return fewer or shorter claims, for example an ID instead of a list, and grant fewer scopes.',
  );
  if (claims !== undefined) hooks.emit({ type: 'hook.failed', hook: 'claims', cause });
  else warnOnce('TOKENPAIR_TOKEN_TOO_LARGE', `No access token was issued: ${cause.message}`);
  throw new TokenTooLargeError({ cause });
}

/** Names and sizes, no values: the message ends up in logs. */
function largestClaims(accessToken: string): string {
  const jws = parseCompactJws(accessToken, accessToken.length);
  return Object.entries((jws && parseJsonObject(jws.payload)) ?? {})
    .map(([name, value]) => ({ name, length: JSON.stringify(value).length }))
    .toSorted((one, other) => other.length - one.length)
    .slice(0, 3)
    .map(({ name, length }) => `${JSON.stringify(name.slice(0, 64))} (${length})`)
    .join(', ');
}
