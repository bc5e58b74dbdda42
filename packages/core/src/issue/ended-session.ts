// Sessions that have ended although the store still has them.

import { announceEnds } from './announce.js';
import { askStore } from './ask-store.js';
import { revokeInStore } from './revoke-in-store.js';
import { emitAbout, type EmittingCall } from './session-events.js';
import { ownerOf, readOwnSession, type OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';
import { killMarkOf } from './token-position.js';

type Call = EmittingCall & { readonly tokens: IssuingContext };

/** Whether the session began before the kill mark. */
export function isKilled(tokens: IssuingContext, { data }: Pick<OwnSession, 'data'>): boolean {
  return (data.killMark ?? 0) < killMarkOf(tokens);
}

/**
 * Ends a session that began before the kill mark, and one that the revocation log knows as ended: the store has lost its end, in a
 * failover for example.
 *
 * @returns whether the session has ended.
 */
export async function endIfRevoked(call: Call, session: OwnSession): Promise<boolean> {
  const { tokens } = call;
  const { sessionId } = session;
  if (isKilled(tokens, session)) {
    const isEnded = await revokeInStore(tokens, sessionId);
    void announceEnds(tokens, [sessionId]);
    if (isEnded) emitAbout(call, session, { type: 'session.revoked', reason: 'everything' });
    return true;
  }
  if (tokens.revocations?.follower.list.hasEnded(sessionId) !== true) return false;
  if (await revokeInStore(tokens, sessionId)) {
    tokens.hooks.emit({ type: 'session.revived', sessionId });
  }
  return true;
}

/** Ends the sessions of a holder that began before the kill mark: they must not count as live ones. */
export async function endKilledSessions(call: Call, holder: string): Promise<void> {
  const { tokens } = call;
  if (killMarkOf(tokens) === 0) return;
  const records = await askStore(tokens, 'list', ownerOf(tokens, holder));
  const sessions = records.flatMap((one) => readOwnSession(tokens, one.sessionId, one) ?? []);
  const killed = sessions.filter((session) => isKilled(tokens, session));
  await Promise.all(killed.map((session) => endIfRevoked(call, session)));
}
