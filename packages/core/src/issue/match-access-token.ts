// Checks the access token that a client sends along with a refresh token. Its expiry does not matter.

import { failedClaimCheck, ownClaim } from '../jwt/claims.js';
import { TokenPairMismatchError } from '../errors/errors.js';
import { isObject } from '../lib/options.js';
import { ownerTag, ownerTagOf } from '../store/session-id.js';
import type { PresentedRefreshToken } from './refresh-token.js';
import { emitRefusal } from './session-events.js';
import { ownerOf } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Requires that the access token, when there is one, is this issuer's and of the session and subject of the refresh token.
 *
 * The session ID contains the tag of its owner, so the store is not asked, and nothing is spent. A token whose key is not
 * among the keys counts as absent: a change of keys must not end a session. A bad signature under a known key is a mismatch.
 *
 * @throws {@link TokenPairMismatchError} (401) it is not, or there is none and the issuer requires one. So with
 * `requireAccessToken`, a token whose key is not among the keys is refused.
 */
export async function matchAccessToken(
  call: { readonly tokens: IssuingContext; readonly request?: unknown },
  { sessionId, sealed }: PresentedRefreshToken,
  accessToken: unknown,
): Promise<void> {
  const { tokens } = call;
  const evidence = await compare(tokens, sessionId, accessToken);
  const isEnough = evidence === 'match' || (evidence === 'none' && !tokens.requireAccessToken);
  if (isEnough) return;
  const session = sealed ? { sessionId } : undefined;
  emitRefusal(call, session, { reason: 'mismatch', code: 'token_pair_mismatch' });
  throw new TokenPairMismatchError(tokens.space);
}

async function compare(
  tokens: IssuingContext,
  sessionId: string,
  accessToken: unknown,
): Promise<'match' | 'mismatch' | 'none'> {
  if (accessToken === undefined) return 'none';
  if (typeof accessToken !== 'string') return 'mismatch';
  const reading = await tokens.reader.read(accessToken);
  if ('failed' in reading) return reading.isKeyUnknown === true ? 'none' : 'mismatch';
  if (failedClaimCheck(reading.claims, tokens) !== undefined) return 'mismatch';
  const sid = ownClaim(reading.claims, 'sid');
  const holder = holderOf(reading.claims);
  const isHolder =
    typeof holder === 'string' && ownerTag(ownerOf(tokens, holder)) === ownerTagOf(sessionId);
  return sid === sessionId && isHolder ? 'match' : 'mismatch';
}

// The session of an actor is the actor's.
function holderOf(claims: Readonly<Record<string, unknown>>): unknown {
  const act = ownClaim(claims, 'act');
  return isObject(act) ? ownClaim(act, 'sub') : ownClaim(claims, 'sub');
}
