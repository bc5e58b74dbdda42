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

export function readInstant(option: string, value: unknown): number {
  const isDate = typeof value === 'string' || typeof value === 'number' || value instanceof Date;
  const instant = isDate ? new Date(value).getTime() : Number.NaN;
  // As milliseconds it would be a day of 1970 to 1973, and as seconds it is one of 2001 to 2128.
  if (typeof value === 'number' && value > 1e9 && value < 5e9) {
    throw new TypeError(
      `${option} looks like seconds, but a number is milliseconds since the epoch here. Multiply it by 1000, or give a Date.`,
    );
  }
  // The value is not in the message: it may be the secret, one line too low.
  return Number.isNaN(instant)
    ? refuseOption(option, 'a Date, ISO 8601 text or milliseconds since the epoch')
    : instant;
}

/**
 * Gives each key of an issuer a state, by order if none has one. A key without `since` gets the one that it had in the same
 * state `before`, or now. Exactly one key must be current.
 */
export function settleKeyStates<Key extends DatedKeyState>(
  option: string,
  keys: readonly Key[],
  now: number,
  before: (key: Key) => DatedKeyState | undefined,
): { readonly keys: readonly Key[]; readonly current: Key } {
  const isByOrder = keys.every(({ state }) => state === undefined);
  const settled = keys.map((key, index) => {
    const byOrder = index === 0 ? 'current' : 'retiring';
    const state = isByOrder ? byOrder : key.state;
    if (state === undefined) {
      throw new TypeError(
        `${option}[${index}].state is missing: give every key a state, or none of them`,
      );
    }
    const former = before(key);
    const formerSince = former?.state === state ? former.since : undefined;
    return { ...key, state, since: key.since ?? formerSince ?? now };
  });
  const all = settled.filter(({ state }) => state === 'current');
  const [current] = all;
  if (current === undefined || all.length > 1) {
    throw new TypeError(
      `${option}: one key must have the state 'current', and only one; ${all.length} have it`,
    );
  }
  return { keys: settled, current };
}
