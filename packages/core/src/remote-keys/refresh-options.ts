// Checks the options that remote key sets and loaded key sets share: when keys are loaded again, and how long they are kept.

import { systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit, type Emit, type EventListener } from '../hooks/events.js';
import { defaultDeadline } from '../hooks/hooks.js';
import { checkOptions, requireFunction } from '../lib/options.js';

/** When keys are loaded again, and how long they are kept. */
export interface KeyRefreshOptions {
  /**
   * Age at which the keys are loaded again: 1 second to 1 day. The present keys stay in use during the load. Only if no
   * load has started for twice this time does the next request wait for the load, so that a key that was removed long ago
   * is not accepted.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly refreshInterval?: Duration | undefined;
  /**
   * Minimum time from the start of one load to the start of the next while there are usable keys: 1 second to
   * `refreshInterval`. It limits the loads that unknown `kid`s cause. A key that signs as soon as it is published may be
   * refused for this long. Without usable keys the next load may start 2 seconds after a failed one.
   * @defaultValue 30 (seconds), or `refreshInterval` if that is shorter
   */
  readonly cooldown?: Duration | undefined;
  /**
   * How long after `refreshInterval` the last good keys stay in use while loading fails: 0 to 7 days. Then requests get
   * 503. A longer time survives longer outages; a key that is withdrawn during one is accepted until its end.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly staleFor?: Duration | undefined;
  /** Maximum time of one load, all requests included: 0.01 to 60 seconds. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Called with `keys.unavailable` and its cause for every failed load. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. It may go back. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Checked {@link KeyRefreshOptions}; times in milliseconds. */
export interface RefreshSettings {
  readonly refreshInterval: number;
  readonly cooldown: number;
  readonly staleFor: number;
  readonly deadline: number;
  readonly emit: Emit;
  readonly clock: Clock;
}

/** Checks the options of a key source. `others` are the names of its further options. */
export function readRefreshOptions(
  what: string,
  options: KeyRefreshOptions,
  others: readonly string[] = [],
): RefreshSettings {
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
