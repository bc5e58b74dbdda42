// Loads keys, keeps them and loads them again: one load at a time for any number of requests.

import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { monotonic, systemClock, type Clock } from '../hooks/clock.js';
import { createEmit } from '../hooks/emit.js';
import type { EventListener } from '../hooks/events.js';
import { defaultDeadline } from '../hooks/hooks.js';
import { listenersTo } from '../hooks/key-set-listeners.js';
import type { Algorithm } from '../keys/algorithm.js';
import { keyAmong } from '../keys/key-source.js';
import type { FoundKey, KeyID, KeySource, KeySourceFactory } from '../keys/key-source.js';
import type { ImportedKey, KeySet } from '../keys/keys.js';
import { attempt } from '../lib/attempt.js';
import { markAs } from '../lib/brand.js';
import { abortWhenLate } from '../lib/deadline.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
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
   * Minimum time from the start of one load to the start of the next while there are usable keys: 0.01 seconds to
   * `refreshInterval`, fractions of a second too. It limits the loads that unknown `kid`s cause. A key that signs as soon as it is published may be
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
  /** Maximum time of one load, all requests included: 0.01 to 60 seconds, fractions of a second too. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /**
   * Called with `keys.unavailable` and its cause for every failed load. The `onEvent` of each verifier with these keys hears it too.
   */
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
  readonly onEvent: EventListener | undefined;
  readonly clock: Clock;
}

/** Checks the options of a key source. `others` are the names of its further options. */
export function readRefreshOptions(
  what: string,
  options: KeyRefreshOptions,
  others: readonly string[] = [],
): RefreshSettings {
  const checked = checkOptions(what, options, [
    'refreshInterval',
    'cooldown',
    'staleFor',
    'deadline',
    'onEvent',
    'clock',
    ...others,
  ]);
  const { refreshInterval = '10m', staleFor = '1h', deadline = defaultDeadline } = checked;
  const { onEvent, clock = systemClock } = checked;
  const interval = toSeconds('refreshInterval', refreshInterval, {
    max: 86_400,
    maxNumber: 86_400,
  });
  const { cooldown = Math.min(30, interval) } = checked;
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  return {
    refreshInterval: interval * 1_000,
    cooldown: toSeconds('cooldown', cooldown, cooldownBounds(interval)) * 1_000,
    staleFor: toSeconds('staleFor', staleFor, staleBounds) * 1_000,
    deadline: toSeconds('deadline', deadline, { min: 0.01, max: 60, fractions: true }) * 1_000,
    onEvent,
    clock,
  };
}

const staleBounds = { min: 0, max: 7 * 86_400, maxNumber: 7 * 86_400 };

// Shorter than a second for an endpoint on the same machine.
const cooldownBounds = (max: number) => ({ min: 0.01, max, fractions: true });

/** How keys are loaded, and when. */
export interface KeyLoader extends RefreshSettings {
  /** The public function that makes the key source. */
  readonly factory: KeySourceFactory;
  /** The `source` in the event of a failed load. */
  readonly name: string;
  readonly algorithms: readonly Algorithm[];
  /** Returns at least one key, by `kid`, or rejects. Stops when the signal is aborted. */
  readonly load: (signal: AbortSignal) => Promise<KeySet['byKid']>;
}

// Without keys every request is refused, so the next load does not wait for the cooldown. It may start when the
// Retry-After of those refusals has passed. Milliseconds.
const retryInterval = 2_000;

/**
 * Creates a key source that loads its keys when a key is first looked up.
 *
 * A known key is returned at once, also during a load. An unknown `kid`, or a signature without `kid` that no known key made,
 * waits for the running load, or starts one, at most one per cooldown. After a failed load an unknown `kid` cannot be judged, so the answer is 503.
 */
export function createRefreshedKeys(loader: KeyLoader): KeySource {
  const { factory, name, algorithms, load } = loader;
  const { refreshInterval, cooldown, staleFor, deadline } = loader;
  const readTime = monotonic(loader.clock);
  let loaded: Readonly<{ byKid: KeySet['byKid']; since: number }> | undefined;
  let running: Readonly<{ done: Promise<void>; mustBeAwaited: boolean }> | undefined;
  let failure: Readonly<{ cause: unknown; since: number }> | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;

  const source = Object.freeze(markAs(factory, { algorithms: new Set(algorithms), find, holds }));
  const emit = createEmit(loader.onEvent, () => listenersTo(source));
  return source;

  function holds(kid: string, algorithm: string): boolean {
    return loaded?.byKid.get(kid)?.algorithm === algorithm;
  }

  function find(kid: KeyID, algorithm: string, failed?: ImportedKey): MaybePromise<FoundKey> {
    const now = readTime();
    if (loaded && now - loaded.since >= refreshInterval + staleFor) loaded = undefined;
    const lookUp = () => {
      const found = loaded && keyAmong(loaded.byKid, kid, algorithm);
      return found === failed ? undefined : found;
    };
    const key = lookUp();
    if (!running && isLoadDue(now, key)) startLoad(now);
    if (key && !running?.mustBeAwaited) return key;
    return running ? findAfter(running.done, lookUp) : refuseUnlessLoaded();
  }

  function isLoadDue(now: number, key: FoundKey): boolean {
    if (!loaded) return !failure || now - failure.since >= retryInterval;
    const isNeeded = !key || now - loaded.since >= refreshInterval;
    return isNeeded && now - startedAt >= cooldown;
  }

  function startLoad(now: number): void {
    const mustBeAwaited = now - startedAt >= 2 * refreshInterval;
    startedAt = now;
    running = { done: loadOnce(now), mustBeAwaited };
  }

  /** Never rejects, because there may be no request that waits for it. */
  async function loadOnce(now: number): Promise<void> {
    try {
      const byKid = await abortWhenLate(load, deadline);
      loaded = { byKid: reuseUnchangedKeys(byKid, loaded?.byKid), since: now };
      failure = undefined;
    } catch (error) {
      const cause = isAuthError(error) ? (error.cause ?? error) : error;
      failure = { cause, since: attempt(readTime) ?? now };
      emit({ type: 'keys.unavailable', source: name, cause });
    } finally {
      running = undefined;
    }
  }

  async function findAfter(done: Promise<void>, lookUp: () => FoundKey): Promise<FoundKey> {
    await done;
    return lookUp() ?? refuseUnlessLoaded();
  }

  function refuseUnlessLoaded(): undefined {
    if (failure) throw new TemporarilyUnavailableError({ cause: failure.cause });
    return undefined;
  }
}

// The token cache compares keys by identity: a new object for the same key would empty it at every load.
function reuseUnchangedKeys(keys: KeySet['byKid'], former?: KeySet['byKid']): KeySet['byKid'] {
  return new Map(
    Array.from(keys, ([kid, key]) => {
      const before = former?.get(kid);
      return [kid, before && isSameKey(before, key) ? before : key];
    }),
  );
}

export function isSameKey(one: ImportedKey, other: ImportedKey): boolean {
  return (
    one.algorithm === other.algorithm &&
    one.state === other.state &&
    one.verificationKey.equals(other.verificationKey)
  );
}
