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
}

export { RedisSessionStore };
export type { RedisClient, RedisSessionStoreOptions };
