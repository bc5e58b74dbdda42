// Leaf of every journey: where a key stands in its life, whatever it is for.

import { refuseOption, requireOneOf } from '../lib/options.js';

/**
 * Where a key stands in its life. `next` is known to all who verify, but makes nothing: whoever fetches keys now and then
 * must have seen it before its first token comes. `current` makes tokens. `retiring` makes no more, and verifies what it has
 * made until the last of that is over.
 */
export type KeyState = 'next' | 'current' | 'retiring';

export interface KeyStateOptions {
  /**
   * For the keys of an issuer: all of them have a state and one is `current`, or none has. A verifier takes every key
   * that it is given, whatever its state.
   * @defaultValue the first key is `current`, the rest are `retiring`
   */
  readonly state?: KeyState | undefined;
  /**
   * When the key came into its state: a `Date`, ISO 8601 text or milliseconds since the epoch. `describeKeys` reckons from
   * it until when a retiring key is needed.
   * @defaultValue when this process was given the key in that state
   */
  readonly since?: Date | string | number | undefined;
}

/** What is known of a key's life. */
export interface KeyStanding {
  /** `undefined` where nobody has said: among the keys of a verifier, and those that others publish. */
  readonly state: KeyState | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
}

/** The options by name, for whoever checks that there are no others. */
export const keyStateOptionNames = ['state', 'since'] as const;

export function readKeyState(
  option: string,
  { state, since }: Readonly<Record<string, unknown>>,
): KeyStanding {
  return {
    state: state === undefined ? undefined : requireOneOf(`${option}.state`, state, states),
    since: since === undefined ? undefined : readInstant(`${option}.since`, since),
  };
}

const states: readonly KeyState[] = ['next', 'current', 'retiring'];

function readInstant(option: string, value: unknown): number {
  const instant =
    typeof value === 'string' || typeof value === 'number' || value instanceof Date
      ? new Date(value).getTime()
      : Number.NaN;
  // Not what came instead: it may be the secret, one line too low.
  return Number.isNaN(instant)
    ? refuseOption(option, 'a Date, ISO 8601 text or milliseconds since the epoch')
    : instant;
}

/** The keys of an issuer, each with a state: as they say, or in their order. One of them is current. */
export function settleKeyStates<Key extends KeyStanding>(
  option: string,
  keys: readonly Key[],
): readonly Key[] {
  if (keys.every(({ state }) => state === undefined)) {
    return keys.map((key, index) => ({ ...key, state: index === 0 ? 'current' : 'retiring' }));
  }
  const without = keys.findIndex(({ state }) => state === undefined);
  if (without !== -1) {
    throw new TypeError(
      `${option}[${without}].state is missing: either all keys have a state or none`,
    );
  }
  const count = keys.filter(({ state }) => state === 'current').length;
  if (count !== 1) {
    throw new TypeError(
      `${option}: one key must have the state 'current', and only one; ${count} have`,
    );
  }
  return keys;
}

/** Has every key say since when, where it does not: as long as it was in that state before, or from now on. */
export function datedFrom<Key extends KeyStanding>(
  now: number,
  keys: readonly Key[],
  before: (key: Key) => KeyStanding | undefined = () => undefined,
): (Key & { readonly since: number })[] {
  return keys.map((key) => {
    const former = before(key);
    const since = key.since ?? (former?.state === key.state ? former?.since : undefined) ?? now;
    return { ...key, since };
  });
}
