// index.d.ts
export { RedisSessionStore } from './redis-session-store.js';
export type { RedisSessionStoreOptions } from './redis-session-store.js';
export type { RedisClient } from './send-command.js';

// record-text.d.ts
import type { ExpectedGeneration, NewSession, SessionSnapshot } from '@tokenpair/core';
/** What a record begins with when it is of this generation and secret. */
export declare function writeExpected({ generation, secretHash }: ExpectedGeneration): string;
/** A record up to the times of its rotation. */
export declare function writeHead(next: Pick<NewSession, 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'>): string;
/** A new record from behind its instants on. */
export declare function writeTail({ cnf, subject, data }: NewSession): string;
/** @throws Error the text is no record. */
export declare function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot;

// redis-session-store.d.ts
import { type CreateResult, type Duration, type ExpectedGeneration, type NewSession, type NextGeneration, type RotateResult, type SessionLimit, type SessionSnapshot, type SessionStore } from '@tokenpair/core';
import { type RedisClient } from './send-command.js';
export interface RedisSessionStoreOptions {
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
export declare class RedisSessionStore implements SessionStore {
    #private;
    constructor(options: RedisSessionStoreOptions);
    create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult>;
    rotate(sessionId: string, expect: ExpectedGeneration, next: NextGeneration): Promise<RotateResult>;
    get(sessionId: string): Promise<SessionSnapshot | undefined>;
    revoke(sessionId: string): Promise<boolean>;
    revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
    list(subject: string): Promise<readonly SessionSnapshot[]>;
}

// scripts.d.ts
export interface Script {
    readonly text: string;
    readonly sha1: string;
}
/**
 * KEYS U S, ARGV name, head, idle lifetime, tail, lifetime without a refresh, absolute lifetime, max, onLimit.
 * Answers `created`, now, record, evicted names; or `limit`. Repeated by the same attempt it answers as before.
 */
export declare const create: Script;
/**
 * KEYS U S, ARGV name, what the record must begin with, its next head, whether the anchor moves, the age that its generation
 * must exceed in either direction (-1: any age). Answers `swapped` or
 * `conflict`, now, record; or `absent`. Never creates: that a name was not in the index shows when it is put there, which
 * is one command less than to ask first, and it is taken out again.
 */
export declare const rotate: Script;
/** KEYS U S, ARGV name. Answers now and record, or nothing. */
export declare const get: Script;
/** KEYS U S, ARGV name. Answers 1 to the one caller that ended the session, else 0. */
export declare const revoke: Script;
/** KEYS U, ARGV name to spare or nothing. Answers the names of the sessions that it ended. */
export declare const revokeSubject: Script;
/** KEYS U. Answers now, then the names of the live sessions; takes the others out of the index. */
export declare const list: Script;

// send-command.d.ts
/** Sends a command whose keys all live in the slot of `key`; answers its reply, or a promise of it, as the client reads it. */
export type SendCommand = (key: string, args: string[]) => unknown;
/** ioredis 5 and 6, `Redis` and `Cluster`. */
interface IoredisClient {
    call(...args: never[]): unknown;
}
/** node-redis 5 and 6: client, pool, Sentinel and cluster. */
interface NodeRedisClient {
    sendCommand(...args: never[]): unknown;
}
/** A client of either library, connected by the application and closed by it. */
export type RedisClient = IoredisClient | NodeRedisClient;
/**
 * Finds out how a client wants to be asked.
 *
 * @throws TypeError it is no client that we know, or it puts a prefix of its own before keys.
 */
export declare function toSendCommand(client: RedisClient): SendCommand;
export {};
