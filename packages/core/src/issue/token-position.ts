// The claim `rev`: a position in the revocation log that was known before the `claims` hook was asked.

import type { IssuingContext } from './token-issuer.js';

/** How long a login or a refresh waits for the head of the log. Then the known positions must do. */
const headDeadline = 250;

/** The kill mark that this process knows: sessions that began before it have ended. 0 without a log. */
export function killMarkOf({ revocations }: Pick<IssuingContext, 'revocations'>): number {
  return revocations?.follower.list.everythingBefore ?? 0;
}

/**
 * Takes the position for the access token of a call. Call it before hook and store are asked: a change that is announced later
 * has a greater position, and so refuses the token.
 *
 * @param readsHead - whether to read the head of the log: at every login, and where the `claims` hook is asked. Data that was read
 * before the head could be older than the position says.
 * @returns `undefined` when the issuer has no log.
 * @throws {@link RevocationsUnavailableError} (503) the list is behind, and `whenBehind` is `'refuse'`.
 */
export async function takePosition(
  { revocations, hooks }: Pick<IssuingContext, 'revocations' | 'hooks'>,
  readsHead: boolean,
): Promise<number | undefined> {
  if (revocations === undefined) return undefined;
  const { follower } = revocations;
  await follower.waitForStart(hooks.deadline);
  follower.requireUpToDate();
  if (readsHead) await follower.followed.readHead(headDeadline);
  return Math.max(follower.followed.seen, killMarkOf({ revocations }));
}
