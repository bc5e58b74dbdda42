// Finds the session of an access token: to compare it with that of a refresh token, or to end it. Its expiry does not matter.

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

/**
 * The session of an access token that this issuer has signed, also of an expired one; `undefined` for any other text. Says nothing
 * of whether the session is live.
 */
export async function sessionOfAccessToken(
  tokens: IssuingContext,
  accessToken: string,
): Promise<string | undefined> {
  const reading = await tokens.reader.read(accessToken);
  if ('failed' in reading || failedClaimCheck(reading.claims, tokens) !== undefined)
    return undefined;
  const sid = ownClaim(reading.claims, 'sid');
  return typeof sid === 'string' && isHolderOf(tokens, sid, reading.claims) ? sid : undefined;
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
  return sid === sessionId && isHolderOf(tokens, sessionId, reading.claims) ? 'match' : 'mismatch';
}

function isHolderOf(
  tokens: IssuingContext,
  sessionId: string,
  claims: Readonly<Record<string, unknown>>,
): boolean {
  const holder = holderOf(claims);
  return typeof holder === 'string' && ownerTag(ownerOf(tokens, holder)) === ownerTagOf(sessionId);
}

// The session of an actor is the actor's.
function holderOf(claims: Readonly<Record<string, unknown>>): unknown {
  const act = ownClaim(claims, 'act');
  return isObject(act) ? ownClaim(act, 'sub') : ownClaim(claims, 'sub');
}
