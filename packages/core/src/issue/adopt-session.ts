// Takes over a session of another system: exchanges its refresh token for a token pair.

import { readClock } from '../hooks/clock.js';
import { askForSession, newAttempt } from './ask-store.js';
import { createSession } from './issue-token-pair.js';
import { isClientOf, judge, refused, type Refresh } from './judge-refresh.js';
import type { CheckedGrant } from './login-grant.js';
import { signAct } from './refresh-token-pair.js';
import {
  adoptRefreshToken,
  deriveSuccessor,
  openRefreshToken,
  type RefreshToken,
} from './refresh-token.js';
import { ownerOf, type OwnSession } from './session-owner.js';
import type { TokenPair } from './token-pair.js';
import { takePosition } from './token-position.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Issues the pair of the session that takes over a foreign refresh token. The same token always leads to the same session: the
 * first call creates it, and the calls after it within the reuse interval get the same refresh token. Later calls are judged like
 * a refresh with that token, so a foreign token that comes again after its successor was used ends the session.
 */
export async function adoptSession(
  tokens: IssuingContext,
  foreignToken: string,
  grant: CheckedGrant,
  { client, scope, request }: Pick<Refresh, 'client' | 'scope' | 'request'>,
): Promise<TokenPair> {
  const call = { tokens, request };
  // A session of another client is not created for this one.
  if (client !== undefined && !isClientOf(client, grant)) throw refused(call, 'client');
  const rev = await takePosition(tokens, tokens.claims !== undefined);
  const { session, first } = await findAdopted(tokens, foreignToken, grant);
  // The session of this token has ended: its access tokens would be refused.
  if (tokens.revocations?.follower.list.hasEnded(first.sessionId) === true) {
    throw refused(call, 'ended', { sessionId: first.sessionId });
  }
  if (session === undefined) return createSession(call, grant, first, { scope });
  const presented = openRefreshToken(tokens.refreshKeys, first.token);
  if (presented === undefined) throw refused(call, 'garbled');
  const key = tokens.refreshKeys.active;
  const refresh: Refresh = {
    tokens,
    presented,
    key,
    next: deriveSuccessor(key, presented, presented.generation + 1),
    rev,
    now: readClock(tokens.clock),
    attempt: tokens.reuseInterval === 0 ? newAttempt() : undefined,
    scope,
    client,
    relay: false,
    isAdoption: true,
    request,
  };
  return signAct(refresh, await judge(refresh, session));
}

interface Adopted {
  /** The first refresh token of the session that takes the foreign token over. */
  readonly first: RefreshToken;
  /** That session, if there is one. */
  readonly session?: OwnSession;
}

/** Finds the session that took a foreign token over. It may have been created under another key than the active one. */
async function findAdopted(
  tokens: IssuingContext,
  foreignToken: string,
  grant: CheckedGrant,
): Promise<Adopted> {
  const owner = ownerOf(tokens, grant.holder);
  const hasClient = grant.data.clientId !== undefined;
  const { active, byId } = tokens.refreshKeys;
  for (const key of byId.values()) {
    const first = adoptRefreshToken(key, owner, hasClient, foreignToken);
    const session = await askForSession(tokens, first.sessionId);
    if (session !== undefined) return { first, session };
  }
  return { first: adoptRefreshToken(active, owner, hasClient, foreignToken) };
}
