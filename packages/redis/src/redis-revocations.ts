// Revocations that all processes hear of, through Redis.

import {
  checkOptions,
  followOptionNames,
  LogRevocations,
  type Duration,
  type FollowOptions,
} from '@tokenpair/core/store';

import { readRedisOptions, requireClient } from './redis-options.js';
import { RedisRevocationLog } from './redis-revocation-log.js';
import type { RedisClient } from './send-command.js';

/** Options of {@link RedisRevocations}. */
export interface RedisRevocationsOptions extends FollowOptions {
  /** A connected client of node-redis 4 to 6, or ioredis 4 to 6: single, pool, Sentinel or cluster. Close it yourself. */
  readonly client: RedisClient;
  /**
   * Prefix of every key, at most 64 characters. No braces: they would move the hash tag. The same in every process.
   * @defaultValue `'tp:'`
   */
  readonly prefix?: string | undefined;
  /** Maximum time for each step: 0.01 to 3 seconds, fractions of a second too. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
}

/**
 * Keeps the revocation log of an issuer in Redis 6.2 or newer, or Valkey: a logout in one process holds in all of them about
 * `pollInterval` later.
 *
 * Give one object to `createTokenIssuer`, which announces, and one in each other process to `createTokenVerifier`, which reads.
 * A process that only verifies needs a Redis user with these rights alone:
 * `~<prefix>{revocations}:* +eval +evalsha +hmget +exists +xrange +@connection`.
 *
 * Two keys per issuer, in one slot of a cluster, without expiry. Set `maxmemory-policy noeviction`. Replication is asynchronous:
 * when a failover loses entries, the issuers that had read them append them again.
 *
 * @throws TypeError naming the option that is wrong.
 * @example
 * ```ts
 * const revocations = new RedisRevocations({ client });
 * const tokens = createTokenIssuer({ issuer, audience, keys, refreshKeys, store, revocations });
 * await revocations.ready({ within: 10 });
 * ```
 */
export class RedisRevocations extends LogRevocations {
  constructor(options: RedisRevocationsOptions) {
    requireClient('RedisRevocations', options);
    const { client, prefix, deadline, ...follow } = checkOptions('RedisRevocations', options, [
      'client',
      'prefix',
      'deadline',
      ...followOptionNames,
    ]);
    super(new RedisRevocationLog(readRedisOptions({ client, prefix, deadline }, 3)), follow);
  }
}
