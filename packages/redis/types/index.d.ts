import {
  SessionStore,
  Duration,
  NewSession,
  SessionLimit,
  CreateResult,
  SessionSnapshot,
  Expected,
  Change,
  SwapResult,
  LogRevocations,
  FollowOptions,
} from '@tokenpair/core/store';

/** ioredis 5 and 6, `Redis` and `Cluster`. */
interface IoredisClient {
  call(...args: never[]): unknown;
}
/** node-redis 5 and 6: client, pool, Sentinel and cluster. */
interface NodeRedisClient {
  sendCommand(...args: never[]): unknown;
}
/** A client of either library, connected by the application and closed by it. */
type RedisClient = IoredisClient | NodeRedisClient;

/** Options of {@link RedisSessionStore}. */
interface RedisSessionStoreOptions {
  /**
   * A connected client of node-redis 4 to 6, or ioredis 4 to 6: single, pool, Sentinel or cluster. Close it yourself. When the server
   * answers `READONLY`, because it became a replica, the store makes a single client or a pool connect again.
   */
  readonly client: RedisClient;
  /**
   * Prefix of every key, at most 64 characters. No braces: they would move the hash tag. @defaultValue `'tp:'`
   */
  readonly prefix?: string | undefined;
  /**
   * Maximum time for each step: 0.01 seconds to 1 hour, fractions of a second too; above a minute as text. @defaultValue 1 (second)
   */
  readonly deadline?: Duration | undefined;
}
/**
 * Keeps sessions in Redis 6.2 or newer, or Valkey: all processes share them, and they survive a restart of a process.
 *
 * One record per session and one index per owner, both in one slot of a cluster. Time is Redis's own. A command that the
 * client library sends twice has no further effect. Replication is asynchronous: a failover can lose the last writes.
 *
 * Every method rejects with {@link StoreUnavailableError} (503) when Redis fails, is slower than `deadline`, or holds
 * something else than a session record.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare class RedisSessionStore implements SessionStore {
  #private;
  constructor(options: RedisSessionStoreOptions);
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult>;
  confirm(sessionId: string, generation: number): Promise<void>;
  revoke(sessionId: string): Promise<boolean>;
  revokeOwner(owner: string, except?: string): Promise<readonly string[]>;
  list(owner: string): Promise<readonly SessionSnapshot[]>;
  raise(name: string, value: number): Promise<number>;
}

/** Options of {@link RedisRevocations}. */
interface RedisRevocationsOptions extends FollowOptions {
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
declare class RedisRevocations extends LogRevocations {
  constructor(options: RedisRevocationsOptions);
}

export { RedisRevocations, RedisSessionStore };
export type { RedisClient, RedisRevocationsOptions, RedisSessionStoreOptions };
