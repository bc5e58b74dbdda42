import {
  SessionStore,
  Duration,
  NewSession,
  SessionLimit,
  CreateResult,
  ExpectedGeneration,
  NextGeneration,
  RotateResult,
  SessionSnapshot,
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

interface RedisSessionStoreOptions {
  /** A connected client of node-redis 5 or 6 or ioredis 5 or 6: single, pool, Sentinel or cluster. It stays yours. */
  readonly client: RedisClient;
  /** What every key begins with. No braces: they would move the hash tag. @defaultValue `'tp:'` */
  readonly prefix?: string | undefined;
  /** How long an answer may take. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
}
/**
 * Sessions in Redis 6.2 and newer, or Valkey: shared by every process, and there after a restart of yours.
 *
 * One record a session, one index a subject, both in one slot. Time is Redis's own. A command that the client library
 * sends twice does no harm. Replication is asynchronous: a failover can lose the last writes (docs/redis.md).
 *
 * @throws TypeError naming the option that is wrong.
 */
declare class RedisSessionStore implements SessionStore {
  #private;
  constructor(options: RedisSessionStoreOptions);
  create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult>;
  rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult>;
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  revoke(sessionId: string): Promise<boolean>;
  revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
  list(subject: string): Promise<readonly SessionSnapshot[]>;
}

export { RedisSessionStore };
export type { RedisClient, RedisSessionStoreOptions };
