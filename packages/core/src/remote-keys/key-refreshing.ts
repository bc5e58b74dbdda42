// Beside the guard journey: the checked options of keys that are loaded.

import { systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit, type Emit, type EventListener } from '../hooks/events.js';
import { defaultDeadline } from '../hooks/hooks.js';
import { checkOptions, requireFunction } from '../lib/options.js';

/** How keys that are loaded are kept. */
export interface KeyRefreshOptions {
  /**
   * Age at which the keys are loaded again: 1 second to 1 day. Keys at hand go on being used meanwhile; only after a
   * rest of twice this time does the next request wait for the load, so that a key that went long ago is not taken.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly refreshInterval?: Duration | undefined;
  /**
   * Least time from the start of one load to the start of the next while there are keys to use: 1 second to
   * `refreshInterval`. It keeps unknown `kid`s from driving loads, and is how long a key may take to be found that signs
   * as soon as it is published. Without a usable key the next load may start 2 seconds after one that failed.
   * @defaultValue 30 (seconds), or `refreshInterval` when that is shorter
   */
  readonly cooldown?: Duration | undefined;
  /**
   * How long past `refreshInterval` the last good keys are used while loading fails: 0 to 7 days. Longer outlives longer
   * outages; a key that is withdrawn during one is accepted until its end. After that: 503.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly staleFor?: Duration | undefined;
  /** How long one load may take, all in all: 0.01 to 60 seconds. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of every load that failed, with its cause. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. A step back does no harm. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Checked {@link KeyRefreshOptions}; times in milliseconds. */
export interface KeyRefreshing {
  readonly refreshInterval: number;
  readonly cooldown: number;
  readonly staleFor: number;
  readonly deadline: number;
  readonly emit: Emit;
  readonly clock: Clock;
}

/** Checks the options that all loaded keys have, beside `others` of one kind. */
export function readKeyRefreshing(
  what: string,
  options: KeyRefreshOptions,
  others: readonly string[] = [],
): KeyRefreshing {
  const checked = checkOptions(what, options, [...refreshOptionNames, ...others]);
  const {
    refreshInterval = '10m',
    staleFor = '1h',
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = checked;
  const interval = toSeconds('refreshInterval', refreshInterval, { max: 86_400 });
  const { cooldown = Math.min(30, interval) } = checked;
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  return {
    refreshInterval: interval * 1_000,
    cooldown: toSeconds('cooldown', cooldown, { max: interval }) * 1_000,
    staleFor: toSeconds('staleFor', staleFor, { min: 0, max: 7 * 86_400 }) * 1_000,
    deadline: toSeconds('deadline', deadline, { min: 0.01, max: 60, fractions: true }) * 1_000,
    emit: createEmit(onEvent),
    clock,
  };
}

const refreshOptionNames: readonly string[] = [
  'refreshInterval',
  'cooldown',
  'staleFor',
  'deadline',
  'onEvent',
  'clock',
];
