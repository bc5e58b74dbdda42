// Describes the keys of an issuer: their states, and until when each is needed.

import type { Algorithm } from '../keys/algorithm.js';
import type { DatedKeyState, KeyState } from '../keys/key-state.js';
import type { IssuingContext } from './token-issuer.js';

/** A key of an issuer, its state, and until when it is needed. */
export interface KeyDescription {
  /** What the key is for. */
  readonly for: 'access tokens' | 'refresh tokens';
  readonly kid: string;
  /** Only for a key of access tokens. */
  readonly algorithm?: Algorithm;
  readonly state: KeyState;
  /** When the key entered its state, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * When the last token made with a retiring key becomes useless, in milliseconds since the epoch; `undefined` in the other
   * states. A key of access tokens is needed until they have expired and, with `requireAccessToken`, until the sessions
   * that must present them have expired too.
   */
  readonly neededUntil: number | undefined;
  /** The description as a sentence, for a log. */
  readonly summary: string;
}

/**
 * Describes every key of an issuer, those of access tokens first.
 *
 * The calculation uses the lifetimes that are set now, and `since`. A process that learned of a change of keys later may have
 * used a retiring key longer: wait that much longer.
 */
export function describeKeys(
  tokens: IssuingContext,
  clockTolerance: number,
): readonly KeyDescription[] {
  const { keys, refreshKeys, accessTokenLifetime, idleLifetime, absoluteLifetime } = tokens;
  // A session that is refreshed continues under the current key.
  const refreshSpan = Math.min(idleLifetime, absoluteLifetime);
  const mayComeWithRefresh = tokens.requireAccessToken;
  const lifetime = accessTokenLifetime * 1_000;
  const accessSpan =
    (mayComeWithRefresh ? Math.max(lifetime, refreshSpan) : lifetime) + clockTolerance * 1_000;
  const accessTokensEnd = mayComeWithRefresh ? 'may come with a refresh until' : 'expires';
  return [
    ...Array.from(keys.current.byKid.values(), ({ kid, algorithm, ...key }) => ({
      for: 'access tokens' as const,
      kid,
      algorithm,
      ...describe(kid, key, accessSpan, accessTokensEnd),
    })),
    ...Array.from(refreshKeys.byId.values(), ({ id, ...key }) => ({
      for: 'refresh tokens' as const,
      kid: String(id),
      ...describe(String(id), key, refreshSpan, 'expires'),
    })),
  ];
}

function describe(
  kid: string,
  { state = 'current', since = 0 }: DatedKeyState,
  span: number,
  lastTokenEnds: string,
): Pick<KeyDescription, 'state' | 'since' | 'neededUntil' | 'summary'> {
  if (state === 'retiring') {
    const neededUntil = since + span;
    const end = new Date(neededUntil).toISOString();
    const summary = `the last token of ${kid} ${lastTokenEnds} ${end}: remove the key after that`;
    return { state, since, neededUntil, summary };
  }
  const does =
    state === 'next' ? 'verifies; it does not make tokens yet' : 'makes tokens and verifies';
  return { state, since, neededUntil: undefined, summary: `${kid} ${does}` };
}
