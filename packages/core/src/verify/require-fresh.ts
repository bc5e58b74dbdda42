// Checks how recently, and at which level, the user of a token was authenticated. RFC 9470

import { InsufficientAuthenticationError } from '../errors/errors.js';
import { ownClaim } from '../jwt/claims.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { refuseOption } from '../lib/options.js';
import type { VerifiedToken } from './verified-token.js';

// As seconds, 10 minutes in milliseconds would accept a login of almost a week ago.
export const freshBounds = { maxNumber: 259_200 } as const;

/**
 * Requires that the user proved who they are recently, by the claim `auth_time`, and at one of the levels, by the claim `acr`.
 *
 * A refresh does not renew `auth_time`: a login does, and a step-up ({@link reauthenticated}).
 *
 * @param within - how long ago at most. 1 second to 100 years. A number above 259 200 (three days) is refused: it is probably
 * milliseconds; text is not.
 * @param acr - levels, compared as text. Without them, every level passes.
 * @throws {@link InsufficientAuthenticationError} (401) `auth_time` is older, absent or in the future, or `acr` is none of the
 * levels. The client authenticates again and keeps everything.
 * @throws TypeError `within` is not a duration, or a level is not printable ASCII without spaces, quotes and backslashes.
 * @see RFC 9470 §3
 */
export function requireFresh(
  token: VerifiedToken,
  within: Duration,
  ...acr: readonly string[]
): void {
  requireAuthentication(token, toSeconds('within', within, freshBounds), readLevels(acr));
}

/** A guard that does what {@link requireFresh} does. @throws TypeError a wrong argument. */
export function guardFresh(
  within: Duration,
  ...acr: readonly string[]
): (token: VerifiedToken) => void {
  const [seconds, levels] = [toSeconds('within', within, freshBounds), readLevels(acr)];
  return function requireFreshAuthentication(token) {
    requireAuthentication(token, seconds, levels);
  };
}

/** A guard that requires one of the levels, however long ago it was reached. @throws TypeError no level was named. */
export function guardAcr(...values: readonly string[]): (token: VerifiedToken) => void {
  const levels = readLevels(values);
  if (levels.length === 0)
    throw new TypeError('acr must name at least one value: no token would pass');
  return function requireLevel(token) {
    requireAuthentication(token, undefined, levels);
  };
}

function requireAuthentication(
  token: VerifiedToken,
  within: number | undefined,
  levels: readonly string[],
): void {
  const { claims, space, now } = token;
  const [time, acr] = [ownClaim(claims, 'auth_time'), ownClaim(claims, 'acr')];
  const isFresh = within === undefined || isWithin(within, time, now);
  const isHigh = levels.length === 0 || levels.some((level) => level === acr);
  if (!isFresh || !isHigh) throw new InsufficientAuthenticationError(space, within, levels);
}

// The clocks of issuer and verifier may differ by as much as `clockTolerance` can allow. A later time is wrong, milliseconds for
// example, and would stay fresh for ever.
const maxAhead = 300;

function isWithin(within: number, time: unknown, now: () => number): boolean {
  if (typeof time !== 'number') return false;
  const age = now() - time;
  return age <= within && age >= -maxAhead;
}

// They stand in the challenge, which does not escape, with spaces between.
function readLevels(acr: readonly unknown[]): readonly string[] {
  return acr.map((level) =>
    typeof level === 'string' && /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/.test(level)
      ? level
      : refuseOption('acr', 'printable ASCII without spaces, quotes and backslashes', level),
  );
}
