// Announces to the revocation log what the store holds already: first the store, then the log.

import { RevocationsUnavailableError } from '../errors/errors.js';
import { withDeadline } from '../lib/deadline.js';
import type { IssuingContext } from './token-issuer.js';

type Announcing = Pick<IssuingContext, 'revocations' | 'hooks'>;

/**
 * Announces that sessions have ended. This process refuses their access tokens at once, the others when they have read the log.
 *
 * @returns a promise that resolves when the log has it. Ignore it where a client must not wait; the announcement is repeated until
 * the log takes it.
 */
export function announceEnds(
  { revocations }: Pick<Announcing, 'revocations'>,
  sessionIds: readonly string[],
): Promise<void> {
  return revocations?.announcer.announceEnds(sessionIds) ?? Promise.resolve();
}

/**
 * Announces that access tokens from before now may carry old claims.
 *
 * @param target - a subject tag or a session ID; `undefined` for all tokens of the issuer.
 * @param except - the session whose tokens are not concerned.
 */
export function announceStale(
  { revocations }: Pick<Announcing, 'revocations'>,
  target: string | undefined,
  except?: string,
): Promise<void> {
  if (revocations === undefined) return Promise.resolve();
  return revocations.announcer.announce(
    target === undefined
      ? { kind: 'all stale' }
      : { kind: 'stale', target, except: except === undefined ? [] : [except] },
  );
}

/**
 * Waits for announcements, until the deadline.
 *
 * @throws {@link RevocationsUnavailableError} (503) the log has not taken them yet. They are repeated.
 */
export async function waitForLog(
  { hooks }: Pick<Announcing, 'hooks'>,
  ...announced: readonly Promise<void>[]
): Promise<void> {
  try {
    await withDeadline(Promise.all(announced), hooks.deadline);
  } catch (cause) {
    throw new RevocationsUnavailableError({ cause });
  }
}
