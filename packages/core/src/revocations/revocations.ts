// What follows a revocation log: its options, and what an application sees of it.

import type { Clock } from '../hooks/clock.js';
import type { EventListener } from '../hooks/events.js';
import { isMadeBy, type MadeBy } from '../lib/brand.js';
import type { Duration, Millis } from '../lib/duration.js';
import { refuseOption } from '../lib/options.js';
import type { Announcer } from './announcer.js';
import type { Follower } from './follower.js';
import type { Position } from './revocation-log.js';

/** How a process follows a revocation log. */
export interface FollowOptions {
  /**
   * The list of this process is behind when it has had no contact with an issuer for this time. 2 seconds to 10 minutes, fractions
   * of a second too. Over HTTP choose at least 5 seconds. @defaultValue `30` (seconds)
   */
  readonly maxAge?: Duration | undefined;
  /**
   * What happens to tokens that the list says nothing about while it is behind: `'accept'` lets them pass, so they live until
   * `exp`. `'refuse'` answers 503, also to logins and refreshes. @defaultValue `'accept'`
   */
  readonly whenBehind?: 'accept' | 'refuse' | undefined;
  /**
   * Pause between two reads of the log: 0.02 to 5 seconds, fractions of a second too.
   * @defaultValue `0.1` (seconds); on Postgres `0.25`, over HTTP `1`
   */
  readonly pollInterval?: Duration | undefined;
  /**
   * Maximum number of facts in the list: sessions that have ended and changes of claims. 100 to 10 000 000. Above it the oldest
   * are dropped, and tokens from before them are refreshed once. A million session IDs take about 100 MB.
   * @defaultValue `1_000_000` (one million)
   */
  readonly max?: number | undefined;
  /** Receives the events about this log, beside the listeners of the issuer and of the verifiers that use it. @defaultValue none */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for tests. @defaultValue the wall clock and the monotonic clock; the later one decides */
  readonly clock?: Clock | undefined;
}

/** Where a follower is. */
export interface RevocationsState {
  /** `'behind'`: without contact for longer than `maxAge`. `'starting'`: the log has not been read to its end yet. */
  readonly status: 'starting' | 'live' | 'behind';
  /** Milliseconds since the last contact with an issuer; since the start when there was none. */
  readonly behindFor: Millis;
  /** The greatest position that this process knows. */
  readonly position: Position;
  /** Facts in the list. */
  readonly facts: number;
  /** Lines that wait to be appended. */
  readonly unannounced: number;
}

/** How a follower was set up: its options, with their defaults. */
export interface RevocationsSettings {
  readonly whenBehind: 'accept' | 'refuse';
  /** Seconds without contact until the list is behind. `Infinity`, the default in memory: never. */
  readonly maxAge: number;
  /** Seconds between two reads. */
  readonly pollInterval: number;
  /** Maximum number of facts in the list. */
  readonly max: number;
  /** `'memory'`: the log is in this process. `'http'`: an issuer serves it, as for `remoteRevocations`. `'shared'`: any other. */
  readonly log: 'memory' | 'http' | 'shared';
}

/**
 * Follows the revocation log of one issuer in one process, and announces to it if the process is an issuer. Give one object to the
 * issuer and to all verifiers of its tokens. `createTokenIssuer` and `createTokenVerifier` start it.
 */
export interface Revocations extends MadeBy<'createRevocations'> {
  readonly state: RevocationsState;
  /** The options, with their defaults. They do not change. */
  readonly settings: RevocationsSettings;
  /**
   * Waits until the log was read to its end for the first time. Call it before `listen()`. Keeps the process alive meanwhile.
   *
   * @param options - `within`: 0.01 seconds to 1 hour. @defaultValue no limit
   * @throws {@link RevocationsUnavailableError} (503) `within` has passed, or `close` was called.
   */
  ready(options?: { readonly within?: Duration | undefined }): Promise<void>;
  /** Tries once more to append what waits, and stops following. Then the list is behind after `maxAge`. */
  close(): Promise<void>;
  /** @internal */
  readonly follower: Follower;
  /** @internal */
  readonly announcer: Announcer;
}

/** @throws TypeError the option is not what follows a revocation log. */
export function requireRevocations(option: string, value: unknown): Revocations | undefined {
  if (value === undefined) return undefined;
  if (!isMadeBy('createRevocations', value)) {
    refuseOption(
      option,
      'a MemoryRevocations, a RedisRevocations, a PostgresRevocations or what createRevocations returned',
    );
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mark says what it is
  return value as Revocations;
}
