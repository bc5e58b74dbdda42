// Loads keys, keeps them and loads them again: one load at a time for any number of requests.

import { monotonic } from '../hooks/clock.js';
import { markAs } from '../lib/brand.js';
import { abortWhenLate } from '../lib/deadline.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import type { RefreshSettings } from './refresh-options.js';
import type { KeySource, KeySourceFactory } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';

/** How keys are loaded. */
export interface KeyLoader {
  /** The public function that makes the key source. */
  readonly factory: KeySourceFactory;
  /** The `source` in the event of a failed load. */
  readonly name: string;
  readonly algorithms: ReadonlySet<string>;
  /** Returns at least one key, by `kid`, or rejects. Stops when the signal is aborted. */
  readonly load: (signal: AbortSignal) => Promise<ReadonlyMap<string, ImportedKey>>;
}

// Without keys every request is refused, so the next load does not wait for the cooldown. It may start when the
// Retry-After of those refusals has passed. Milliseconds.
const retryInterval = 2_000;

/**
 * Creates a key source that loads its keys when a key is first looked up.
 *
 * A known key is returned at once, also during a load. An unknown `kid` waits for the running load, or starts one, at most
 * one per cooldown. After a failed load an unknown `kid` cannot be judged, so the answer is 503.
 */
export function createRefreshedKeys(
  { factory, name, algorithms, load }: KeyLoader,
  { refreshInterval, cooldown, staleFor, deadline, emit, clock }: RefreshSettings,
): KeySource {
  const readTime = monotonic(clock);
  let loaded:
    | { readonly byKid: ReadonlyMap<string, ImportedKey>; readonly since: number }
    | undefined;
  let running: { readonly done: Promise<void>; readonly mustBeAwaited: boolean } | undefined;
  let failure: { readonly cause: unknown; readonly since: number } | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;

  return Object.freeze(markAs(factory, { algorithms, find }));

  function find(kid: string): ImportedKey | undefined | Promise<ImportedKey | undefined> {
    const now = readTime();
    if (loaded && now - loaded.since >= refreshInterval + staleFor) loaded = undefined;
    const key = loaded?.byKid.get(kid);
    if (!running && isLoadDue(now, key)) startLoad(now);
    if (key && !running?.mustBeAwaited) return key;
    return running ? findAfter(running.done, kid) : refuseUnlessLoaded();
  }

  function isLoadDue(now: number, key: ImportedKey | undefined): boolean {
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
      failure = { cause, since: readTimeOr(now) };
      emit({ type: 'keys.unavailable', source: name, cause });
    } finally {
      running = undefined;
    }
  }

  async function findAfter(done: Promise<void>, kid: string): Promise<ImportedKey | undefined> {
    await done;
    return loaded?.byKid.get(kid) ?? refuseUnlessLoaded();
  }

  function refuseUnlessLoaded(): undefined {
    if (failure) throw new TemporarilyUnavailableError({ cause: failure.cause });
    return undefined;
  }

  function readTimeOr(fallback: number): number {
    try {
      return readTime();
    } catch {
      return fallback;
    }
  }
}

// The token cache compares keys by identity: a new object for the same key would empty it at every load.
function reuseUnchangedKeys(
  loaded: ReadonlyMap<string, ImportedKey>,
  former: ReadonlyMap<string, ImportedKey> | undefined,
): ReadonlyMap<string, ImportedKey> {
  return new Map(
    Array.from(loaded, ([kid, key]) => {
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
