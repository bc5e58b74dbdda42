// On the refresh journey: the access token sent along, as further evidence. Its expiry does not count.

import { failedClaimCheck, ownClaim } from '../jwt/claims.js';
import { TokenPairMismatchError } from '../errors/errors.js';
import { subjectTag, subjectTagOf } from '../store/session-id.js';
import type { PresentedRefreshToken } from './refresh-token.js';
import { ownerOf } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Requires that the access token, when there is one, is ours and of the refresh token's session and subject.
 *
 * The session id carries the tag of its subject, so the store need not be asked, and nothing is spent. A token whose key is
 * not known, or no longer known, proves nothing for or against the session, so it counts as absent: a change of keys must
 * not end a session. A bad signature under a known key is a mismatch.
 *
 * @throws {@link TokenPairMismatchError} (401) it is not, or there is none and the issuer requires one. With
 * `requireAccessToken`, a token whose key is not known is therefore refused.
 */
export async function matchAccessToken(
  tokens: IssuingContext,
  { sessionId }: PresentedRefreshToken,
  accessToken: unknown,
): Promise<void> {
  const evidence = await examine(tokens, sessionId, accessToken);
  const isEnough = evidence === 'match' || (evidence === 'none' && !tokens.requireAccessToken);
  if (!isEnough) throw new TokenPairMismatchError(tokens.space);
}

async function examine(
  tokens: IssuingContext,
  sessionId: string,
  accessToken: unknown,
): Promise<'match' | 'mismatch' | 'none'> {
  if (accessToken === undefined) return 'none';
  if (typeof accessToken !== 'string') return 'mismatch';
  const reading = await tokens.reader.read(accessToken);
  if ('failed' in reading) return reading.isKeyUnknown === true ? 'none' : 'mismatch';
  if (failedClaimCheck(reading.claims, tokens) !== undefined) return 'mismatch';
  const [sid, sub] = [ownClaim(reading.claims, 'sid'), ownClaim(reading.claims, 'sub')];
  const isSubject =
    typeof sub === 'string' && subjectTag(ownerOf(tokens, sub)) === subjectTagOf(sessionId);
  return sid === sessionId && isSubject ? 'match' : 'mismatch';
}
