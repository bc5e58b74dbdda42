// The session store on Redis. Every step is one script and one round trip; `list` and `revokeOwner` take two.

import {
  checkOptions,
  ownerTag,
  ownerTagOf,
  StoreUnavailableError,
  withDeadline,
  type Change,
  type CreateResult,
  type Duration,
  type Expected,
  type NewSession,
  type SessionLimit,
  type SessionSnapshot,
  type SessionStore,
  type SwapResult,
} from '@tokenpair/core/store';

import { evaluate, isReply, type Script } from './evaluate.js';
import { readRecord, writeExpectedHead, writeHead, writeTail } from './record-text.js';
import { readRedisOptions, requireClient } from './redis-options.js';
import * as scripts from './scripts.js';
import type { RedisClient, SendCommand } from './send-command.js';

/** Options of {@link RedisSessionStore}. */
export interface RedisSessionStoreOptions {
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
export class RedisSessionStore implements SessionStore {
  readonly #send: SendCommand;
  readonly #prefix: string;
  readonly #deadline: number;

  constructor(options: RedisSessionStoreOptions) {
    requireClient('RedisSessionStore', options);
    const checked = checkOptions('RedisSessionStore', options, ['client', 'prefix', 'deadline']);
    const { send, prefix, deadline } = readRedisOptions(checked, 3_600);
    this.#send = send;
    this.#prefix = prefix;
    this.#deadline = deadline;
  }

  async create(session: NewSession, limit: SessionLimit): Promise<CreateResult> {
    const { sessionId, owner, idleLifetime, absoluteLifetime } = session;
    const { max, onLimit, replaces = '' } = limit;
    const tag = ownerTag(owner);
    const { index, record, name } = this.#keysOf(sessionId);
    const former = nameWithin(tag, replaces);
    let reply: readonly string[];
    try {
      reply = await this.#run(
        scripts.create,
        former === '' ? [index, record] : [index, record, index + former],
        [
          name,
          writeHead(session),
          String(idleLifetime),
          writeTail(session),
          String(Math.min(idleLifetime, absoluteLifetime)),
          String(absoluteLifetime),
          String(max),
          onLimit,
          former,
        ],
      );
    } catch (error) {
      // Redis is at its memory limit, and nothing has been written.
      if (error instanceof StoreUnavailableError && isReply(error.cause, 'OOM'))
        return { outcome: 'refused', reason: 'full' };
      throw error;
    }
    const [outcome, now, text, hasReplaced, ...names] = reply;
    if (outcome === 'limit') return { outcome: 'refused', reason: 'limit' };
    const created = this.#read(sessionId, text, now);
    const evicted = names.map((one) => tag + one);
    void this.#forget(evicted);
    return { outcome: 'created', session: created, evicted, replaced: hasReplaced === '1' };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    const { index, record, name } = this.#keysOf(sessionId);
    const [outcome, now, text] = await this.#run(scripts.get, [index, record], [name]);
    return outcome === 'absent' ? undefined : this.#read(sessionId, text, now);
  }

  async swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult> {
    const { index, record, name } = this.#keysOf(sessionId);
    const [outcome, now, text] = await this.#run(
      scripts.swap,
      [index, record],
      [
        name,
        writeExpectedHead(expect),
        toArgument(expect.confirmed),
        toArgument(expect.olderThan),
        toDataArgument(expect.data),
        next.token === undefined ? '' : writeHead(next.token),
        toDataArgument(next.data),
        toArgument(next.idleLifetime),
        toArgument(next.expiresAt),
      ],
    );
    if (outcome === 'absent') return { outcome };
    if (outcome !== 'swapped' && outcome !== 'conflict') throw unexpectedReply();
    return { outcome, session: this.#read(sessionId, text, now) };
  }

  async confirm(sessionId: string, generation: number): Promise<void> {
    const { index, record, name } = this.#keysOf(sessionId);
    await this.#run(scripts.confirm, [index, record], [name, String(generation)]);
  }

  async revoke(sessionId: string): Promise<boolean> {
    const { index, record, name } = this.#keysOf(sessionId);
    const [ended] = await this.#run(scripts.revoke, [index, record], [name]);
    return ended === '1';
  }

  async revokeOwner(owner: string, except = ''): Promise<readonly string[]> {
    const tag = ownerTag(owner);
    const index = this.#indexOf(tag);
    const kept = nameWithin(tag, except);
    // Two round trips within one deadline: the second script can delete records only if their keys are declared. So no command
    // that is lost later leaves a user's data behind.
    const end = async () => {
      const names = await evaluate(this.#send, scripts.names, [index], []);
      if (names.length === 0) return [];
      const records = names.map((name) => index + name);
      return evaluate(this.#send, scripts.revokeOwner, [index, ...records], [kept, ...names]);
    };
    const [count = '0', ...names] = await this.#inTime(end());
    const sessionIds = names.map((name) => tag + name);
    void this.#forget(sessionIds.slice(Number(count)));
    return sessionIds.slice(0, Number(count));
  }

  async list(owner: string): Promise<readonly SessionSnapshot[]> {
    const tag = ownerTag(owner);
    const index = this.#indexOf(tag);
    // Two round trips within one deadline: the index has the keys of the records.
    const ask = async () => {
      const [asOf, ...live] = await evaluate(this.#send, scripts.list, [index], []);
      if (live.length === 0) return { now: asOf, names: live, texts: [] };
      const keys = live.map((name) => this.#keysOf(tag + name).record);
      const records = await this.#send(index, ['MGET', ...keys]);
      if (!Array.isArray(records)) throw unexpectedReply();
      return { now: asOf, names: live, texts: records as unknown[] };
    };
    const { now, names, texts } = await this.#inTime(ask());
    return names
      .map((name, place) => ({ name, text: texts[place] }))
      .filter(({ text }) => text !== null && text !== undefined)
      .map(({ name, text }) => this.#read(tag + name, String(text), now))
      .filter((session) => session.owner === owner)
      .toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  async raise(name: string, value: number): Promise<number> {
    const [raised] = await this.#run(scripts.raise, [this.#prefix + name], [String(value)]);
    return Number(raised);
  }

  #indexOf(tag: string): string {
    return `${this.#prefix}{${tag}}`;
  }

  #keysOf(sessionId: string): {
    readonly index: string;
    readonly record: string;
    readonly name: string;
  } {
    const tag = ownerTagOf(sessionId);
    const index = this.#indexOf(tag);
    const name = sessionId.slice(tag.length);
    return { index, record: `${index}${name}`, name };
  }

  #run(
    script: Script,
    keys: readonly [string, ...string[]],
    args: readonly string[],
  ): Promise<readonly string[]> {
    return this.#inTime(evaluate(this.#send, script, keys, args));
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    try {
      return await withDeadline(answer, this.#deadline);
    } catch (cause) {
      throw cause instanceof StoreUnavailableError ? cause : new StoreUnavailableError({ cause });
    }
  }

  #read(sessionId: string, text: string | undefined, now: string | undefined): SessionSnapshot {
    try {
      return readRecord(sessionId, text ?? '', Number(now));
    } catch (cause) {
      throw new StoreUnavailableError({ cause });
    }
  }

  // Sessions that are not in the index have ended. Their records would expire; this only frees the memory earlier.
  async #forget(sessionIds: readonly string[]): Promise<void> {
    const [first] = sessionIds;
    if (first === undefined) return;
    const keys = sessionIds.map((sessionId) => this.#keysOf(sessionId).record);
    try {
      await this.#send(this.#keysOf(first).index, ['UNLINK', ...keys]);
    } catch {
      // The records expire.
    }
  }
}

/** The name of a session of the owner with this tag; empty for any other session. */
function nameWithin(tag: string, sessionId: string): string {
  return ownerTagOf(sessionId) === tag ? sessionId.slice(tag.length) : '';
}

function toArgument(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

// So that empty data differs from none.
function toDataArgument(data: string | undefined): string {
  return data === undefined ? '' : `=${data}`;
}

function unexpectedReply(): StoreUnavailableError {
  return new StoreUnavailableError({
    cause: new Error('Redis returned something that no script of RedisSessionStore returns'),
  });
}
