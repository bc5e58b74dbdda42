// Revokes one session (logout), or all sessions of a subject. RFC 7009 §2

import { checkOptions, requireText } from '../lib/options.js';
import { requireSubject } from '../lib/subject.js';
import { isSessionId, ownerTag } from '../store/session-id.js';
import { announceEnds, announceStale, waitForLog } from './announce.js';
import { askStore } from './ask-store.js';
import { invalidRefreshToken, isClientOf, type ExpectedClient } from './judge-refresh.js';
import { findSession, sessionIdOf, type SessionReference } from './presented-session.js';
import { revokeInStore } from './revoke-in-store.js';
import { emitAbout } from './session-events.js';
import { ownerOf, type OwnSession } from './session-owner.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/**
 * Ends one session: no further access token is issued for it. With `revocations`, its access tokens are refused at once in this
 * process, and in others when they have read the log. Without it they stay valid until they expire, unless `isRevoked` refuses
 * them. Idempotent.
 *
 * Accepts every refresh token of the session, also a spent one, unless the key that sealed it is no longer among the keys.
 * Needs no access token. A forged refresh token ends nothing. Does not check whose session ID it is: check that before.
 *
 * A session that the store does not have is announced too, so that a call that is repeated after a crash has its effect.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @returns true when this call ended a session; false for an unknown session, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still be live: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the session has ended, and the revocation log has not taken it within
 * `deadline`: other processes may not know it yet. It is repeated; call again to wait again.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws TypeError `tokens` is something else, or the reference has both members or an unknown one.
 */
export async function revokeSession(
  tokens: IssuingContext,
  reference: SessionReference,
  options: { readonly request?: unknown } = {},
): Promise<boolean> {
  requireTokenIssuer('revokeSession', tokens);
  const { request } = checkOptions('revokeSession', options, ['request']);
  const { ended, announced } = await revokeFor(tokens, reference, undefined, request);
  await waitForLog(tokens, announced);
  return ended;
}

/** What a revocation came to. */
interface Revoked {
  /** Whether this call ended the session. */
  readonly ended: boolean;
  /** Resolves when the revocation log has it. May be ignored. */
  readonly announced: Promise<void>;
}

/**
 * Ends a session for a client whose authentication is known. Does not wait for the announcement: the session has ended, and a
 * browser could do nothing about a log that is down.
 *
 * @param client - `undefined`: not compared.
 * @throws {@link InvalidRefreshTokenError} (401) the session is another client's. RFC 7009 §2.1
 */
export async function revokeFor(
  tokens: IssuingContext,
  reference: SessionReference,
  client: ExpectedClient | undefined,
  request: unknown,
): Promise<Revoked> {
  // The record is read, because the event names its subject.
  const found = await findSession('revokeSession', tokens, reference);
  if (found === undefined) {
    const known = sessionIdOf(tokens, reference);
    const announced = announceEnds(tokens, known === undefined ? [] : [known]);
    return { ended: false, announced };
  }
  const { session } = found;
  if (client !== undefined && !isClientOf(client, session)) throw invalidRefreshToken(tokens);
  const ended = await revokeInStore(tokens, session.sessionId);
  const announced = announceEnds(tokens, [session.sessionId]);
  if (ended) emitAbout({ tokens, request }, session, { type: 'session.revoked', reason: 'logout' });
  return { ended, announced };
}

/** Ends a session that a login replaces. */
export async function endReplacedSession(
  tokens: IssuingContext,
  session: OwnSession,
  request: unknown,
): Promise<void> {
  const ended = await revokeInStore(tokens, session.sessionId);
  void announceEnds(tokens, [session.sessionId]);
  if (ended) {
    emitAbout({ tokens, request }, session, { type: 'session.revoked', reason: 'replaced' });
  }
}

/**
 * Ends all sessions of a subject, or all but one: for example after a change of password. A refresh at the same time cannot
 * keep a session alive. Does not end sessions in which an actor acts for the subject: they are the actor's.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `except`: the ID of a session that continues. `request`: what the application says of the request, for events.
 * @returns the IDs of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still be live: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the sessions have ended, and the revocation log has not taken it within `deadline`:
 * other processes may not know it yet. It is repeated; call again to wait again.
 * @throws TypeError `tokens` is something else, the subject is not well-formed text of 1 to 1 024 characters, or `options`
 * has an unknown member.
 */
export async function revokeSubject(
  tokens: IssuingContext,
  subject: string,
  options: { readonly except?: string | undefined; readonly request?: unknown } = {},
): Promise<readonly string[]> {
  requireTokenIssuer('revokeSubject', tokens);
  requireSubject(subject);
  const { except, request } = checkOptions('revokeSubject', options, ['except', 'request']);
  if (except !== undefined) requireText('except', except);
  const { ended, announced } = await revokeAllOf(tokens, subject, except, request);
  await waitForLog(tokens, announced);
  return ended;
}

/** Ends all sessions of a subject but one. Does not wait for the announcement. */
export async function revokeAllOf(
  tokens: IssuingContext,
  subject: string,
  except: string | undefined,
  request: unknown,
): Promise<{ readonly ended: readonly string[]; readonly announced: Promise<void> }> {
  const owner = ownerOf(tokens, subject);
  const ended = await askStore(tokens, 'revokeOwner', owner, except);
  const left = except !== undefined && isSessionId(except) ? except : undefined;
  // A repeated call gets no IDs from the store. Then the tokens must refresh, and cannot.
  const stale = announceStale(tokens, ownerTag(owner), left);
  const announced = Promise.all([announceEnds(tokens, ended), stale]).then(() => undefined);
  announced.catch(() => undefined);
  for (const sessionId of ended) {
    emitAbout(
      { tokens, request },
      { sessionId, subject },
      { type: 'session.revoked', reason: 'subject' },
    );
  }
  return { ended, announced };
}
