// Watches a verified token for as long as something depends on it, a WebSocket for example.

import type { AuthError } from '../errors/auth-error.js';
import { ClaimsStaleError, InvalidTokenError, SessionRevokedError } from '../errors/errors.js';
import { nowOrSystem } from '../hooks/clock.js';
import { failedTimeCheck } from '../jwt/claims.js';
import { isObject, refuseOption } from '../lib/options.js';
import { standingOf } from './require-standing.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

// A longer one would fire at once.
const longestTimer = 2 ** 31 - 1;

/**
 * Watches a token that outlives its request, on a socket or a stream. Calls back once, when a request with the token would be
 * refused: never before this function has returned.
 *
 * Asks the revocation list at once, so nothing is missed between the verification and this call. Without `revocations` only the end
 * of the token is watched. A list that is behind ends nothing. Does not call `isRevoked`.
 *
 * To renew: verify the new token, watch it, and call the function that the former watch returned.
 *
 * @param verifier - the verifier that verified the token.
 * @param token - what it returned.
 * @param callback - gets a {@link SessionRevokedError}, a {@link ClaimsStaleError}, or an {@link InvalidTokenError} with the code
 * `token_expired`: close the connection. An error of the callback is the event `hook.failed`.
 * @returns a function that ends the watch.
 * @throws TypeError an argument is something else.
 * @example
 * const stop = watchToken(verifier, token, (error) => socket.close(4401, error.code));
 * socket.on('close', stop);
 */
export function watchToken(
  verifier: TokenVerifier,
  token: VerifiedToken,
  callback: (error: AuthError) => unknown,
): () => void {
  requireVerifier('watchToken', verifier);
  if (!isObject(token) || !isObject(token.claims)) {
    refuseOption('token', 'what verifyBearer returned');
  }
  if (typeof callback !== 'function') refuseOption('callback', 'a function');
  const { space, clock, clockTolerance, hooks } = verifier;
  const { claims, revocations } = token;
  const { rev, tag, sessionId } = standingOf(claims);
  let isOver = false;
  let isEnding = false;
  let timer: NodeJS.Timeout | undefined;
  // Without a session, only what concerns all tokens is heard.
  const targets = sessionId === '' ? [''] : [sessionId, tag];
  const leave = revocations?.follower.followed.watchers.add(targets, askList);

  function stop(): void {
    isOver = true;
    clearTimeout(timer);
    leave?.();
  }

  /** Never rejects. */
  async function end(error: AuthError): Promise<void> {
    if (isOver || isEnding) return;
    isEnding = true;
    clearTimeout(timer);
    leave?.();
    // oxlint-disable-next-line promise/no-promise-in-callback -- the callback must not run before watchToken has returned
    await Promise.resolve();
    try {
      if (!isOver) await callback(error);
    } catch (cause) {
      hooks.emit({ type: 'hook.failed', hook: 'watchToken', cause });
    }
    isOver = true;
  }

  function askList(): void {
    const verdict = revocations?.follower.list.verdictOn(rev, tag, sessionId);
    if (verdict === 'revoked') void end(new SessionRevokedError(space));
    else if (verdict === 'stale') void end(new ClaimsStaleError(space));
  }

  function askClock(): void {
    const now = nowOrSystem(clock) / 1_000;
    const failed = failedTimeCheck(claims, now, clockTolerance);
    if (failed) {
      void end(new InvalidTokenError(failed.code, failed.check, space));
      return;
    }
    const left = Math.ceil((token.expiresAt + clockTolerance - now) * 1_000);
    timer = setTimeout(askClock, Math.min(longestTimer, Math.max(1, left))).unref();
  }

  askClock();
  askList();
  return stop;
}
