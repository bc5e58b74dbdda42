// On the refresh journey: the access token sent along, as further evidence. Its expiry does not count.

import { failedClaimCheck, ownClaim } from '../claims.js';
import { TokenPairMismatchError } from '../errors.js';
import { subjectTag, subjectTagOf } from '../store/session-id.js';
import type { PresentedRefreshToken } from './refresh-token.js';
import { ownerOf } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Requires that the access token, when there is one, is ours and of the refresh token's session and subject.
 *
 * The session id carries the tag of its subject, so the store need not be asked, and nothing is spent.
 *
 * @throws {@link TokenPairMismatchError} (401) it is not, or there is none and the issuer requires one.
 */
export async function matchAccessToken(
  tokens: IssuingContext,
  { sessionId }: PresentedRefreshToken,
  accessToken: unknown,
): Promise<void> {
  if (accessToken === undefined && !tokens.requireAccessToken) return;
  if (typeof accessToken === 'string') {
    const reading = await tokens.reader.read(accessToken);
    if ('claims' in reading && failedClaimCheck(reading.claims, tokens) === undefined) {
      const [sid, sub] = [ownClaim(reading.claims, 'sid'), ownClaim(reading.claims, 'sub')];
      const isSubject =
        typeof sub === 'string' && subjectTag(ownerOf(tokens, sub)) === subjectTagOf(sessionId);
      if (sid === sessionId && isSubject) return;
    }
  }
  throw new TokenPairMismatchError(tokens.space);
}
