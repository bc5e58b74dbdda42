// Follows any revocation log, and announces to it.

import { RevocationsUnavailableError } from '../errors/errors.js';
import { createEmit } from '../hooks/emit.js';
import { listenersTo } from '../hooks/key-set-listeners.js';
import { markAs } from '../lib/brand.js';
import { withDeadline } from '../lib/deadline.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import {
  checkOptions,
  isObject,
  refuseOption,
  requireCount,
  requireFunction,
  requireOneOf,
} from '../lib/options.js';
import { Announcer } from './announcer.js';
import type { FollowSettings, ReadableLog } from './follow-settings.js';
import { Follower } from './follower.js';
import { MemoryRevocationLog } from './memory-revocation-log.js';
import type { RevocationLog } from './revocation-log.js';
import type {
  FollowOptions,
  Revocations,
  RevocationsSettings,
  RevocationsState,
} from './revocations.js';

export const followOptionNames: readonly string[] = [
  'maxAge',
  'whenBehind',
  'pollInterval',
  'max',
  'onEvent',
  'clock',
];

/**
 * Follows a revocation log that others write, or a third party has implemented.
 *
 * @throws TypeError the log lacks a method, or an option is wrong or unknown.
 */
export function createRevocations(log: RevocationLog, options: FollowOptions = {}): Revocations {
  const methods: unknown = log;
  for (const name of ['append', 'read']) {
    if (!isObject(methods) || typeof methods[name] !== 'function') {
      refuseOption('log', `a revocation log: it lacks ${name}()`);
    }
  }
  return new LogRevocations(
    log,
    checkOptions('createRevocations', options, [...followOptionNames]),
  );
}

/** What a kind of log has by default, in seconds, and what it is. */
interface FollowDefaults {
  readonly pollInterval?: number;
  readonly maxAge?: number;
  readonly log?: 'http';
}

/** The base of what follows a log. For authors: extend it, and give it the log and its options. */
export class LogRevocations implements Revocations {
  declare readonly '~madeBy': 'createRevocations';
  /** @internal */
  readonly follower: Follower;
  /** @internal */
  readonly announcer: Announcer;
  readonly settings: RevocationsSettings;
  readonly #log: ReadableLog;

  /**
   * @param log - without `append` it cannot announce, and an issuer refuses it.
   * @param options - their names are checked by the caller.
   * @param defaults - other defaults, in seconds. A `maxAge` of Infinity: never behind. `log`: `'http'` if an issuer serves the log.
   * @throws TypeError an option is wrong.
   */
  constructor(log: ReadableLog, options: FollowOptions, defaults: FollowDefaults = {}) {
    this.#log = log;
    const checked = readSettings(this, options, defaults);
    const { whenBehind, maxAge, pollInterval, max } = checked;
    const place = log instanceof MemoryRevocationLog ? 'memory' : (defaults.log ?? 'shared');
    const seconds = { maxAge: maxAge / 1_000, pollInterval: pollInterval / 1_000 };
    this.settings = Object.freeze({ whenBehind, ...seconds, max, log: place });
    this.follower = new Follower(log, checked);
    this.announcer = new Announcer(this.follower);
    markAs('createRevocations', this);
  }

  get state(): RevocationsState {
    const { follower, announcer } = this;
    const { contact, known, list } = follower.followed;
    const status = follower.isBehind() ? 'behind' : 'live';
    return {
      status: follower.hasStarted ? status : 'starting',
      behindFor: contact.age(),
      position: known,
      facts: list.facts,
      unannounced: announcer.size,
    };
  }

  async ready(options: { readonly within?: Duration | undefined } = {}): Promise<void> {
    const { within } = checkOptions('ready', options, ['within']);
    if (this.follower.followed.issuer === undefined) {
      throw new TypeError(
        'revocations follows no issuer yet: give it to createTokenIssuer or createTokenVerifier first',
      );
    }
    const started = this.follower.whenStarted();
    if (within === undefined) return keepingAlive(started);
    const bounds = { min: 0.01, max: 3_600, maxNumber: 300, fractions: true };
    const milliseconds = toSeconds('within', within, bounds) * 1_000;
    return withDeadline(started, milliseconds).catch((cause: unknown) => {
      throw new RevocationsUnavailableError({ cause });
    });
  }

  async close(): Promise<void> {
    await this.announcer.close();
    this.follower.close();
    await this.#log.close?.();
  }
}

// The pauses between two reads keep no process alive. One that waits for the first read must not end meanwhile, without a word.
async function keepingAlive(promise: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 60_000);
  try {
    await promise;
  } finally {
    clearInterval(timer);
  }
}

function readSettings(
  owner: object,
  options: FollowOptions,
  defaults: FollowDefaults,
): FollowSettings {
  const { maxAge, whenBehind = 'accept', max = 1_000_000, onEvent, clock } = options;
  const { pollInterval = defaults.pollInterval ?? 0.1 } = options;
  requireOneOf('whenBehind', whenBehind, ['accept', 'refuse']);
  requireCount('max', max, 10_000_000);
  if (max < 100) refuseOption('max', 'at least 100', max);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  const pollBounds = { min: 0.02, max: 5, fractions: true };
  const ageBounds = { min: 2, max: 600, fractions: true };
  const isNeverBehind = maxAge === undefined && defaults.maxAge === Infinity;
  return {
    maxAge: isNeverBehind ? Infinity : toSeconds('maxAge', maxAge ?? 30, ageBounds) * 1_000,
    whenBehind,
    pollInterval: toSeconds('pollInterval', pollInterval, pollBounds) * 1_000,
    max,
    emit: createEmit(onEvent, () => listenersTo(owner)),
    clock,
  };
}
