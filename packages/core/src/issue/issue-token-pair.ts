// Issues the first token pair of a new session, after a login.

import { readClock } from '../hooks/clock.js';
import { AccessDeniedError, SessionLimitError, StoreFullError } from '../errors/errors.js';
import { checkOptions, isObject, refuseOption, toJsonObject } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import { requireSubject } from '../lib/subject.js';
import { askStore, newAttempt } from './ask-store.js';
import { mintRefreshToken } from './refresh-token.js';
import {
  maxMetadataLength,
  maxScopeLength,
  ownerOf,
  writeSessionData,
  type SessionGrant,
} from './session-record.js';
import { requireFittingGrant, signAccessToken } from './sign-access-token.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';

/** The user who signs in, and what is granted. */
export interface LoginGrant {
  /** Stable account ID; claim `sub`. Well-formed, 1 to 1 024 characters, and with the scope at most 4 096 bytes of JSON. */
  readonly subject: string;
  /** What is granted, for the whole session: `'a b'` or `['a', 'b']`, at most 2 048 characters. @defaultValue no scope */
  readonly scope?: string | readonly string[] | undefined;
  /** Stored with the session and returned by `listSessions`, for example a device name. At most 4 096 characters of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Starts a session and issues its first token pair. Checks no password: call it when the user's identity is proved.
 *
 * The session is stored after the `claims` hook has answered and the access token is signed.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link AccessDeniedError} (403) the `claims` hook returned `false`.
 * @throws {@link SessionLimitError} (403) the subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.
 * @throws {@link StoreFullError}, {@link StoreUnavailableError} (503) the store has no room, or did not answer.
 * @throws {@link TemporarilyUnavailableError} (503) the `claims` hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook returned more than fits into an access token.
 * @throws TypeError `tokens` is something else, or `grant` does not fit its type or has an unknown member; nothing is stored.
 */
export async function issueTokenPair(
  tokens: IssuingContext,
  grant: LoginGrant,
): Promise<TokenPair> {
  requireTokenIssuer('issueTokenPair', tokens);
  const { subject, scope, metadata } = readGrant(grant);
  const { idleLifetime, absoluteLifetime, limit } = tokens;
  const owner = ownerOf(tokens, subject);
  const minted = mintRefreshToken(tokens.refreshKeys, owner);
  const { token, sessionId, generation, secretHash, keyId } = minted;
  const signed = await signAccessToken(tokens, {
    subject,
    session: { sessionId, scope, metadata, createdAt: undefined, reason: 'issue' },
    now: readClock(tokens.clock),
    sessionLeft: absoluteLifetime,
  });
  if (signed === undefined) throw new AccessDeniedError();
  const created = await askStore(
    tokens,
    'create',
    {
      sessionId,
      subject: owner,
      generation,
      secretHash,
      keyId,
      parentGeneration: 0,
      attempt: newAttempt(),
      cnf: '',
      idleLifetime,
      absoluteLifetime,
      data: writeSessionData({ marks: tokens.audienceMarks, grant: { scope, metadata } }),
    },
    limit,
  );
  if (created.outcome === 'refused') {
    throw created.reason === 'limit' ? new SessionLimitError() : new StoreFullError();
  }
  for (const evicted of created.evicted) {
    tokens.hooks.emit({ type: 'session.evicted', sessionId: evicted, subject });
  }
  tokens.hooks.emit({ type: 'session.issued', sessionId, subject });
  return toTokenPair(signed, { token, isNew: true }, created.session);
}

function readGrant(grant: unknown): SessionGrant & { readonly subject: string } {
  const {
    subject: given,
    scope = '',
    metadata = {},
  } = checkOptions('grant', grant, ['subject', 'scope', 'metadata']);
  const subject = requireSubject(given);
  const scopes = readScopes('scope', [scope]).join(' ');
  if (scopes.length > maxScopeLength) {
    refuseOption('scope', `at most ${maxScopeLength} characters`);
  }
  requireFittingGrant(subject, scopes);
  return { subject, scope: scopes, metadata: readMetadata(metadata) };
}

// The copy is what the store returns later, so that hooks see the same at a login and at a refresh.
function readMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  // Without the value: it is of a user.
  const message = `metadata must be an object of at most ${maxMetadataLength} characters of JSON`;
  let copy: Record<string, unknown> | undefined;
  try {
    copy = isObject(metadata) ? toJsonObject(metadata) : undefined;
  } catch (cause) {
    throw new TypeError(message, { cause });
  }
  if (copy && JSON.stringify(copy).length <= maxMetadataLength) return copy;
  throw new TypeError(message);
}
