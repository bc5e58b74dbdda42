// Keeps access tokens short enough for verifiers. As much as possible is checked at construction and at login, so that a
// refresh cannot fail because of it, unless the `claims` hook answers too much.

import { maxTokenLength } from '../jwt/compact-jws.js';
import { TokenTooLargeError } from '../errors/errors.js';
import type { HookContext } from '../hooks/hooks.js';
import type { SigningKeySet } from '../keys/keys.js';
import { signCompactJws } from '../jwt/signature.js';
import { writePayload, type PayloadContext } from './payload.js';
import { maxScopeLength } from './session-data.js';

/** Maximum size of subject and scope of a grant together, in bytes of JSON. Every access token of the session has both. */
const maxGrantBytes = 4_096;

/**
 * Requires that every grant that {@link requireFittingGrant} accepts fits into an access token of this issuer.
 *
 * @throws TypeError issuer, audience and signature leave no room for the largest grant.
 */
export function requireRoomForGrants(context: PayloadContext, { signingKey }: SigningKeySet): void {
  const payload = writePayload(context, {
    subject: 'u'.repeat(maxGrantBytes - maxScopeLength),
    scope: 's'.repeat(maxScopeLength),
    sessionId: 'i'.repeat(38),
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

/**
 * Requires that a signed access token is no longer than verifiers accept. The grant fits, so the answer of the `claims` hook
 * is too large. The event `hook.failed` reports it to the developer.
 *
 * @throws {@link TokenTooLargeError} (500)
 */
export function requireFittingToken(
  { claims, hooks }: { readonly claims: unknown; readonly hooks: HookContext },
  { length }: string,
): void {
  if (length <= maxTokenLength) return;
  const cause = new RangeError(
    `with the answer of the claims hook, the access token has ${length} characters; verifiers accept ${maxTokenLength}. ` +
      'Return fewer or shorter claims, for example an ID instead of a list.',
  );
  if (claims !== undefined) hooks.emit({ type: 'hook.failed', hook: 'claims', cause });
  throw new TokenTooLargeError({ cause });
}
