// Issues the first token pair of a new session, after a login.

import { readClock } from '../hooks/clock.js';
import type { AuthError } from '../errors/auth-error.js';
import { AccessDeniedError, SessionLimitError, StoreFullError } from '../errors/errors.js';
import { checkOptions } from '../lib/options.js';
import { askStore, newAttempt } from './ask-store.js';
import { announceEnds } from './announce.js';
import { refused } from './judge-refresh.js';
import { revokeInStore } from './revoke-in-store.js';
import { readGrant, type CheckedGrant, type LoginGrant } from './login-grant.js';
import { endKilledSessions } from './ended-session.js';
import { requireFittingMetadata } from './metadata-schema.js';
import { findPresentedSession } from './presented-session.js';
import { mintRefreshToken, type RefreshToken } from './refresh-token.js';
import { writeSessionData } from './session-data.js';
import { toClaimsContext } from './session-details.js';
import { emitAbout, emitRefusal, type EmittingCall } from './session-events.js';
import { ownerOf } from './session-owner.js';
import { writeState } from './session-state.js';
import { signAccessToken } from './sign-access-token.js';
import { narrowScope } from './sign-for-session.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { killMarkOf, takePosition } from './token-position.js';
import { toTokenPair, type TokenPair } from './token-pair.js';

/**
 * Starts a session and issues its first token pair. Checks no password: call it when the user's identity is proved.
 *
 * The session is stored after the `claims` hook has answered and the access token is signed. With `replaces`, the former session
 * ends in the same step.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `request`: what the application says of the request, for the `claims` hook and for events.
 * @throws {@link AccessDeniedError} (403) the `claims` hook returned `false`.
 * @throws {@link SessionLimitError} (403) the subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.
 * @throws {@link StoreFullError}, {@link StoreUnavailableError} (503) the store has no room, or did not answer.
 * @throws {@link TemporarilyUnavailableError} (503) the `claims` hook or `metadataSchema` failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook returned more than fits into an access token.
 * @throws TypeError `tokens` is something else, or `grant` does not fit its type or `metadataSchema`, or has an unknown member;
 * nothing is stored.
 */
export async function issueTokenPair<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  grant: LoginGrant<NoInfer<Metadata>>,
  options: { readonly request?: unknown } = {},
): Promise<TokenPair> {
  requireTokenIssuer('issueTokenPair', tokens);
  const { request } = checkOptions('issueTokenPair', options, ['request']);
  return issueFor(tokens, grant, { request });
}

/**
 * Issues a pair as {@link issueTokenPair} does.
 *
 * @param limits - `maxLength`: maximum characters of the access token, if it must be shorter than verifiers accept.
 */
export async function issueFor<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  grant: LoginGrant<NoInfer<Metadata>>,
  { request, maxLength }: { readonly request: unknown; readonly maxLength?: number | undefined },
): Promise<TokenPair> {
  const checked = readGrant(tokens, grant);
  // Without a schema, nothing is awaited before the hook is called.
  if (tokens.metadataSchema !== undefined) {
    await requireFittingMetadata(tokens, checked.data.metadata);
  }
  const hasClient = checked.data.clientId !== undefined;
  const first = mintRefreshToken(tokens.refreshKeys, ownerOf(tokens, checked.holder), hasClient);
  return createSession({ tokens, request, maxLength }, checked, first);
}

/**
 * Creates the session of a checked grant with this first refresh token.
 *
 * @param adoption - when the session takes over a refresh token of another system: the scope that the request asks for.
 */
export async function createSession(
  call: {
    readonly tokens: IssuingContext;
    readonly request: unknown;
    readonly maxLength?: number | undefined;
  },
  grant: CheckedGrant,
  first: RefreshToken,
  adoption?: { readonly scope: string | undefined },
): Promise<TokenPair> {
  const { tokens, request, maxLength } = call;
  const { holder, subject, idleLifetime, absoluteLifetime, replaces } = grant;
  const rev = await takePosition(tokens, true);
  const data = { ...grant.data, killMark: killMarkOf(tokens) };
  const { sessionId, generation, secretHash, keyId } = first;
  const text = writeSessionData(data);
  const context = toClaimsContext(
    tokens,
    { sessionId, data, createdAt: undefined },
    'issue',
    request,
  );
  const narrowed = narrowScope(data.scope, adoption?.scope, () =>
    emitRefusal(call, { subject }, { reason: 'scope', code: 'scope_not_granted' }),
  );
  const signed = await signAccessToken(tokens, {
    subject,
    session: { ...context, scope: narrowed },
    data,
    generation,
    rev,
    now: readClock(tokens.clock),
    sessionLeft: absoluteLifetime,
    maxLength,
  });
  if (signed === undefined) {
    if (adoption) throw refused(call, 'denied', { subject, data });
    throw refusedLogin(call, subject, new AccessDeniedError());
  }
  const former = await findPresentedSession(tokens, replaces);
  const isOfOwner = former?.holder === holder;
  const attempt = tokens.reuseInterval === 0 ? newAttempt() : undefined;
  const session = {
    sessionId,
    owner: ownerOf(tokens, holder),
    generation,
    secretHash,
    state: writeState({ keyId, predecessors: [], attempt }),
    data: text,
    idleLifetime,
    absoluteLifetime,
  };
  const limit = { ...tokens.limit, ...(isOfOwner && { replaces: former.sessionId }) };
  // A session that takes over a foreign token may have been created by another call, for the same user.
  const unowned = adoption ? undefined : sessionId;
  const create = () => orEndSession(tokens, unowned, askStore(tokens, 'create', session, limit));
  let created = await create();
  if (created.outcome === 'refused' && created.reason === 'limit' && killMarkOf(tokens) > 0) {
    await endKilledSessions(call, holder);
    created = await create();
  }
  if (created.outcome === 'refused') {
    if (created.reason === 'limit') throw refusedLogin(call, holder, new SessionLimitError());
    throw new StoreFullError();
  }
  void announceEnds(tokens, created.evicted);
  for (const evicted of created.evicted) {
    emitAbout(call, { sessionId: evicted, subject: holder }, { type: 'session.evicted' });
  }
  if (former !== undefined) {
    const isReplaced = isOfOwner
      ? created.replaced
      : await orEndSession(tokens, unowned, revokeInStore(tokens, former.sessionId));
    void announceEnds(tokens, [former.sessionId]);
    if (isReplaced) emitAbout(call, former, { type: 'session.revoked', reason: 'replaced' });
  }
  emitAbout(call, { sessionId, subject, data }, { type: 'session.issued' });
  return toTokenPair(signed, { token: first.token, isNew: true }, created.session, data.persistent);
}

function refusedLogin<Refused extends AuthError>(
  { tokens, request }: EmittingCall,
  subject: string,
  error: Refused,
): Refused {
  const { code } = error;
  const more = request === undefined ? {} : { request };
  tokens.hooks.emit({ type: 'request.refused', code, subject, ...more });
  return error;
}

/**
 * When the answer is lost, the new session may exist, and no client has its token. It is ended in the background, so that the next
 * login is not refused for it.
 */
async function orEndSession<T>(
  tokens: IssuingContext,
  sessionId: string | undefined,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // The event of the failed call names the cause. If this fails too, the session ends by itself.
    if (sessionId !== undefined) revokeInStore(tokens, sessionId).catch(() => undefined);
    throw error;
  }
}
