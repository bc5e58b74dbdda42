// Confirms that a generation of a session was seen in use: an access token that came with it has reached a server.

import { InvalidTokenError } from '../errors/errors.js';
import { failedClaimCheck, ownClaim } from '../jwt/claims.js';
import { isSessionId } from '../store/session-id.js';
import { askStore } from './ask-store.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/**
 * Notes that an access token was used at a server that has no access to the session store. Servers that verify with the
 * issuer's own `verifier` need not call it: that verifier reports by itself.
 *
 * After it, no older refresh token of the session can recover a lost answer. Checks the signature and the claims of the token,
 * not its times: who forwards it must not be able to report a number of their own. A token without the claim `gen` is
 * accepted and reports nothing.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link InvalidTokenError} (401) the token is not of this issuer.
 * @throws {@link StoreUnavailableError} (503) the store did not answer. Nothing is lost: the next use may be reported instead.
 * @throws TypeError `tokens` is something else.
 */
export async function confirmGeneration(
  tokens: IssuingContext,
  accessToken: string,
): Promise<void> {
  requireTokenIssuer('confirmGeneration', tokens);
  const reading =
    typeof accessToken === 'string'
      ? await tokens.reader.read(accessToken)
      : { failed: 'shape' as const };
  if ('failed' in reading)
    throw new InvalidTokenError('token_invalid', reading.failed, tokens.space);
  const check = failedClaimCheck(reading.claims, tokens);
  if (check !== undefined) throw new InvalidTokenError('token_invalid', check, tokens.space);
  const use = useOf(reading.claims);
  if (use !== undefined) await confirmInStore(tokens, use.sessionId, use.generation);
}

/** The session and the generation that an access token names; `undefined` when it names none. */
export function useOf(
  claims: Readonly<Record<string, unknown>>,
): { readonly sessionId: string; readonly generation: number } | undefined {
  const [sessionId, generation] = [ownClaim(claims, 'sid'), ownClaim(claims, 'gen')];
  const isUse =
    typeof sessionId === 'string' &&
    isSessionId(sessionId) &&
    typeof generation === 'number' &&
    Number.isSafeInteger(generation) &&
    generation > 0;
  return isUse ? { sessionId, generation } : undefined;
}

export function confirmInStore(
  tokens: IssuingContext,
  sessionId: string,
  generation: number,
): Promise<void> {
  return askStore(tokens, 'confirm', sessionId, generation);
}
