// The state of a key in a rotation: next, current or retiring. For signing keys and for refresh keys.

import { refuseOption, requireOneOf } from '../lib/options.js';

/**
 * State of a key in a rotation. A `next` key is published and verifies, but makes no tokens yet, so that services that fetch
 * the key set know it before its first token comes. The `current` key makes tokens. A `retiring` key makes no tokens, and
 * verifies those that it made until the last of them has expired.
 */
export type KeyState = 'next' | 'current' | 'retiring';

export interface KeyStateOptions {
  /**
   * State of the key. Of an issuer's keys either all have a state and exactly one is `current`, or none has. A verifier
   * verifies with every key in any state.
   * @defaultValue the first key is `current`, the rest are `retiring`
   */
  readonly state?: KeyState | undefined;
  /**
   * When the key entered its state: a `Date`, ISO 8601 text or milliseconds since the epoch. From it `describeKeys` computes
   * how long a retiring key is needed.
   * @defaultValue when this process first received the key in that state
   */
  readonly since?: Date | string | number | undefined;
}

/** The checked state of a key. */
export interface DatedKeyState {
  /** `undefined` if not given: possible for the keys of a verifier, and always so for published keys of another issuer. */
  readonly state: KeyState | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
}

/** Names of {@link KeyStateOptions}. */
export const keyStateOptionNames = ['state', 'since'] as const;

export function readKeyState(
  option: string,
  { state, since }: Readonly<Record<string, unknown>>,
): DatedKeyState {
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
  // The value is not in the message: it may be the secret, one line too low.
  return Number.isNaN(instant)
    ? refuseOption(option, 'a Date, ISO 8601 text or milliseconds since the epoch')
    : instant;
}

/**
 * Gives each key of an issuer a state: the given one, or by order. Exactly one is current.
 *
 * @throws TypeError some keys have a state and others have none, or not exactly one is current.
 */
export function assignKeyStates<Key extends DatedKeyState>(
  option: string,
  keys: readonly Key[],
): readonly Key[] {
  if (keys.every(({ state }) => state === undefined)) {
    return keys.map((key, index) => ({ ...key, state: index === 0 ? 'current' : 'retiring' }));
  }
  const without = keys.findIndex(({ state }) => state === undefined);
  if (without !== -1) {
    throw new TypeError(
      `${option}[${without}].state is missing: give every key a state, or none of them`,
    );
  }
  const count = keys.filter(({ state }) => state === 'current').length;
  if (count !== 1) {
    throw new TypeError(
      `${option}: one key must have the state 'current', and only one; ${count} have it`,
    );
  }
  return keys;
}

/** Gives each key without `since` the one it had in the same state before, or now. */
export function assignSince<Key extends DatedKeyState>(
  now: number,
  keys: readonly Key[],
  before: (key: Key) => DatedKeyState | undefined = () => undefined,
): (Key & { readonly since: number })[] {
  return keys.map((key) => {
    const former = before(key);
    const since = key.since ?? (former?.state === key.state ? former?.since : undefined) ?? now;
    return { ...key, since };
  });
}
