// Beside the journeys: until when each key of an issuer is still needed.

import type { Algorithm } from '../keys/algorithm.js';
import type { DatedKeyState, KeyState } from '../keys/key-state.js';
import type { IssuingContext } from './token-issuer.js';

/** A key, what it does, and until when. */
export interface KeyDescription {
  /** Which of the issuer's two kinds of keys it is. */
  readonly for: 'access tokens' | 'refresh tokens';
  readonly kid: string;
  /** Of a key for access tokens. */
  readonly algorithm?: Algorithm;
  readonly state: KeyState;
  /** Since when it is in its state, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * When the last token that it has made is of no more use, in milliseconds; `undefined` while the key is not retiring. A
   * key for access tokens is needed until they have expired and, with `requireAccessToken`, until the sessions that must
   * present them have expired too.
   */
  readonly neededUntil: number | undefined;
  /** All of that as a sentence, for a log. */
  readonly summary: string;
}

/**
 * Says of every key of an issuer what it does and until when it is needed, those for access tokens first.
 *
 * It reckons with the lifetimes that are set now and with `since`. A retiring key may have gone on signing in another
 * process that learned of the change later: wait that much longer.
 */
export function describeKeys(
  tokens: IssuingContext,
  clockTolerance: number,
): readonly KeyDescription[] {
  const { keys, refreshKeys, accessTokenLifetime, idleLifetime, absoluteLifetime } = tokens;
  // A session that is refreshed meanwhile goes on under the current key.
  const refreshSpan = Math.min(idleLifetime, absoluteLifetime);
  // Where every refresh must bring the access token, its key is needed as long as the refresh token may come.
  const evidenceSpan = tokens.requireAccessToken ? refreshSpan : 0;
  const accessSpan = Math.max(accessTokenLifetime * 1_000, evidenceSpan) + clockTolerance * 1_000;
  return [
    ...Array.from(keys.current.byKid.values(), ({ kid, algorithm, ...key }) => ({
      for: 'access tokens' as const,
      kid,
      algorithm,
      ...describe(
        kid,
        key,
        accessSpan,
        evidenceSpan > 0 ? 'may come with a refresh until' : 'expires',
      ),
    })),
    ...Array.from(refreshKeys.byId.values(), ({ id, ...key }) => ({
      for: 'refresh tokens' as const,
      kid: String(id),
      ...describe(String(id), key, refreshSpan),
    })),
  ];
}

function describe(
  kid: string,
  { state = 'current', since = 0 }: DatedKeyState,
  span: number,
  fate: 'expires' | 'may come with a refresh until' = 'expires',
): Pick<KeyDescription, 'state' | 'since' | 'neededUntil' | 'summary'> {
  if (state === 'next') {
    return { state, since, neededUntil: undefined, summary: `${kid} verifies; it makes none yet` };
  }
  if (state === 'current') {
    return { state, since, neededUntil: undefined, summary: `${kid} makes tokens and verifies` };
  }
  const neededUntil = since + span;
  const end = new Date(neededUntil).toISOString();
  return {
    state,
    since,
    neededUntil,
    summary: `the last token of ${kid} ${fate} ${end}: it can go then`,
  };
}
