// The kill switch: ends every session of an issuer.

import { RevocationsUnavailableError } from '../errors/errors.js';
import { withDeadline } from '../lib/deadline.js';
import { checkOptions } from '../lib/options.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/**
 * Ends all sessions of an issuer and refuses all its access tokens: after a break-in, or after a backup was restored. There is no
 * undo, and clients that hear of it have dropped their tokens.
 *
 * A login that begins after the call has returned is good on every process. One that began before is ended.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param issuer - the name of the issuer, so that no one calls this by mistake.
 * @param options - `request`: what the application says of the request, for events.
 * @throws {@link RevocationsUnavailableError} (503) it is unknown whether the log has the mark. It is not repeated, because a late
 * one would end newer sessions. Call again; that also ends the sessions that began since.
 * @throws TypeError `tokens` is something else or has no `revocations`, or `issuer` is not its name.
 * @example await revokeEverything(tokens, 'https://api.example.com');
 */
export async function revokeEverything(
  tokens: IssuingContext,
  issuer: string,
  options: { readonly request?: unknown } = {},
): Promise<void> {
  requireTokenIssuer('revokeEverything', tokens);
  const { request } = checkOptions('revokeEverything', options, ['request']);
  if (issuer !== tokens.issuer) {
    throw new TypeError(
      'revokeEverything ends all sessions of an issuer: as a confirmation, pass the name of that issuer',
    );
  }
  const { revocations, hooks } = tokens;
  if (revocations === undefined) {
    throw new TypeError('revokeEverything needs the option revocations of createTokenIssuer');
  }
  const { writer } = revocations.follower;
  let position: number;
  try {
    position = await withDeadline(writer.killAll(), hooks.deadline);
  } catch (cause) {
    throw new RevocationsUnavailableError({ cause });
  }
  // The mark is in the log: a store that is down must not make the call look as if it had failed.
  await writer.keepKillMark(position);
  const more = request === undefined ? {} : { request };
  hooks.emit({ type: 'everything.revoked', issuer, position, ...more });
}
