// Beside the guard journey: keys that are loaded, kept, and loaded again. One load at a time, however many ask.

import { monotonic } from '../hooks/clock.js';
import { abortWhenLate } from '../lib/deadline.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import type { KeyRefreshing } from './key-refreshing.js';
import type { KeySource } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';

/** What is loaded. */
export interface KeyLoading {
  /** For the event of a load that failed. */
  readonly name: string;
  readonly algorithms: ReadonlySet<string>;
  /** Answers at least one key, by its `kid`, or rejects. Stops when the signal is aborted. */
  readonly load: (signal: AbortSignal) => Promise<ReadonlyMap<string, ImportedKey>>;
}

// With no key at hand every request is refused, so it is tried again sooner than after the cool-down: as soon as the
// Retry-After of those refusals has passed.
const retryInterval = 2_000;

/**
 * Keys that are loaded when they are first asked for.
 *
 * A key at hand is answered at once, also while a load is under way. What is not at hand waits for the load that is
 * under way, or starts one, at most one in a cool-down. After a load that failed an unknown kid cannot be judged: 503.
 */
export function createRefreshedKeys(
  { name, algorithms, load }: KeyLoading,
  { refreshInterval, cooldown, staleFor, deadline, emit, clock }: KeyRefreshing,
): KeySource {
  const readTime = monotonic(clock);
  let kept:
    | { readonly byKid: ReadonlyMap<string, ImportedKey>; readonly since: number }
    | undefined;
  let loading: { readonly done: Promise<void>; readonly mustBeAwaited: boolean } | undefined;
  let failure: { readonly cause: unknown; readonly since: number } | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;

  return Object.freeze({ algorithms, find });

  function find(kid: string): ImportedKey | undefined | Promise<ImportedKey | undefined> {
    const now = readTime();
    if (kept && now - kept.since >= refreshInterval + staleFor) kept = undefined;
    const key = kept?.byKid.get(kid);
    if (!loading && isLoadDue(now, key)) start(now);
    if (key && !loading?.mustBeAwaited) return key;
    return loading ? findAfter(loading.done, kid) : answerUnknown();
  }

  function isLoadDue(now: number, key: ImportedKey | undefined): boolean {
    if (!kept) return !failure || now - failure.since >= retryInterval;
    const isWanted = !key || now - kept.since >= refreshInterval;
    return isWanted && now - startedAt >= cooldown;
  }

  function start(now: number): void {
    const mustBeAwaited = now - startedAt >= 2 * refreshInterval;
    startedAt = now;
    loading = { done: loadOnce(now), mustBeAwaited };
  }

  /** Never rejects: nobody may be waiting. */
  async function loadOnce(now: number): Promise<void> {
    try {
      kept = { byKid: keepKnown(await abortWhenLate(load, deadline), kept?.byKid), since: now };
      failure = undefined;
    } catch (error) {
      const cause = isAuthError(error) ? (error.cause ?? error) : error;
      failure = { cause, since: readTimeOr(now) };
      emit({ type: 'keys.unavailable', source: name, cause });
    } finally {
      loading = undefined;
    }
  }

  async function findAfter(done: Promise<void>, kid: string): Promise<ImportedKey | undefined> {
    await done;
    return kept?.byKid.get(kid) ?? answerUnknown();
  }

  function answerUnknown(): undefined {
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

/** A key that is loaded again is the same object, by which a cache knows what it verified. */
function keepKnown(
  loaded: ReadonlyMap<string, ImportedKey>,
  known: ReadonlyMap<string, ImportedKey> | undefined,
): ReadonlyMap<string, ImportedKey> {
  return new Map(
    Array.from(loaded, ([kid, key]) => {
      const before = known?.get(kid);
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
