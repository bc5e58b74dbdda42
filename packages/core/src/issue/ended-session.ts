// Sessions that have ended although the store still has them.

import { revokeInStore } from './revoke-in-store.js';
import type { EmittingCall } from './session-events.js';
import type { OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Ends a session that the revocation list knows as ended: the store has lost its end, in a failover for example.
 *
 * @returns whether the session has ended.
 */
export async function endIfRevoked(
  call: EmittingCall & { readonly tokens: IssuingContext },
  session: OwnSession,
): Promise<boolean> {
  const { tokens } = call;
  const list = tokens.revocations?.follower.list;
  if (list === undefined) return false;
  const { sessionId } = session;
  if (!list.hasEnded(sessionId)) return false;
  if (await revokeInStore(tokens, sessionId)) {
    tokens.hooks.emit({ type: 'session.revived', sessionId });
  }
  return true;
}
