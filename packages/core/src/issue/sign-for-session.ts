// Signs the access token of a refresh, with the scope of its session or less. RFC 6749 §6

import { ScopeNotGrantedError } from '../errors/errors.js';
import { splitScope } from '../lib/scope.js';
import { announceEnds } from './announce.js';
import { refused, type Refresh } from './judge-refresh.js';
import { revokeInStore } from './revoke-in-store.js';
import { toClaimsContext } from './session-details.js';
import { emitAbout, emitRefusal } from './session-events.js';
import type { OwnSession } from './session-owner.js';
import { signAccessToken, type SignedAccessToken } from './sign-access-token.js';

/** Signs the access token for a session, or revokes the session when the `claims` hook denies its subject. */
export async function signOrRevoke(
  refresh: Refresh,
  session: OwnSession,
  generation: number,
): Promise<SignedAccessToken> {
  const { tokens, rev, now, scope, maxLength, request } = refresh;
  const { sessionId, subject, data, expiresAt, asOf } = session;
  const narrowed = narrowScope(data.scope, scope, () =>
    emitRefusal(refresh, session, { reason: 'scope', code: 'scope_not_granted' }),
  );
  const signed = await signAccessToken(tokens, {
    subject,
    session: { ...toClaimsContext(tokens, session, 'refresh', request), scope: narrowed },
    data,
    generation,
    rev,
    now,
    sessionLeft: expiresAt - asOf,
    maxLength,
  });
  if (signed !== undefined) return signed;
  const isEnded = await revokeInStore(tokens, sessionId);
  void announceEnds(tokens, [sessionId]);
  if (isEnded) {
    emitAbout(refresh, session, { type: 'session.revoked', reason: 'denied' });
  }
  throw refused(refresh, 'denied', session);
}

/**
 * The scope that a client asked for; all that was granted when it asked for nothing.
 *
 * @param onRefusal - called before the error is thrown.
 * @throws {@link ScopeNotGrantedError} (400) it asked for more than was granted.
 */
export function narrowScope(
  granted: string,
  requested: unknown,
  onRefusal: () => void = () => {},
): string {
  if (requested === undefined) return granted;
  const allowed = new Set(splitScope(granted));
  const scopes = typeof requested === 'string' ? splitScope(requested) : undefined;
  if (!scopes?.every((scope) => allowed.has(scope))) {
    onRefusal();
    throw new ScopeNotGrantedError();
  }
  return scopes.join(' ');
}
