// Makes the application of the playground: a login example as it is, with a clock, a store, keys and roles that can be changed.

import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';

import { MemorySessionStore, type SessionStore, type SigningKeyOptions } from '@tokenpair/core';
import { findUser, type User } from '@tokenpair/example-demo';
import * as express from '@tokenpair/example-express-login';
import * as koa from '@tokenpair/example-koa-login';
import { breakable } from '@tokenpair/testing';

import type { RecordNote } from './stream.js';

export type Framework = 'express' | 'koa';

export interface ApplicationSettings {
  readonly framework: Framework;
  readonly clock: () => number;
  /** In seconds, as `reuseInterval`. */
  readonly accessTokenLifetime: number;
  readonly reuseInterval: number;
  /** Called with the session records after each change. */
  readonly onRecords: (records: readonly RecordNote[]) => void;
}

export interface Application {
  readonly listener: RequestListener;
  /** Lets the store fail, or work again. Returns whether that is a change. */
  breakStore(isBroken: boolean): boolean;
  /** Changes the role of a user. The next access token has it. */
  setRole(userId: string, role: User['role']): void;
  /** Puts a new signing key first. The old keys stay among the keys, or are lost. */
  replaceKeys(keepOld: boolean): void;
  /** Waits until the store knows these uses: generation by session ID. */
  waitForReports(uses: ReadonlyMap<string, number>): Promise<void>;
  /** Reads the records again: sessions may have ended because time has passed. */
  readRecords(): Promise<void>;
  close(): Promise<void>;
}

const maxOldKeys = 4;
/** Milliseconds. A verifier reports after 250. */
const longestWait = 5_000;

export function createApplication(settings: ApplicationSettings): Application {
  const { framework, clock, accessTokenLifetime, reuseInterval, onRecords } = settings;
  const memory = new MemorySessionStore({ clock });
  const changes = new EventEmitter();
  const ids = new Set<string>();
  const roles = new Map<string, User['role']>();
  let records: readonly RecordNote[] = [];
  let isStoreBroken = false;
  let isClosed = false;
  let keyCount = 1;
  let keys: [SigningKeyOptions, ...SigningKeyOptions[]] = [createKey(keyCount)];

  async function readRecords(): Promise<void> {
    const found = await Promise.all([...ids].map((id) => memory.get(id)));
    records = found.flatMap((record) =>
      record === undefined
        ? []
        : {
            sessionId: record.sessionId,
            generation: record.generation,
            confirmed: record.confirmed,
            hash: record.secretHash.slice(0, 6),
            createdAt: record.createdAt,
            rotatedAt: record.rotatedAt,
            idleEnd: Math.min(record.rotatedAt + record.idleLifetime, record.expiresAt),
            absoluteEnd: record.expiresAt,
          },
    );
    // A report may come after the end.
    if (!isClosed) onRecords(records);
    changes.emit('change');
  }

  const { store, ...switches } = breakable(observe(memory, ids, readRecords));
  const createLogin = framework === 'koa' ? koa.createLogin : express.createLogin;
  const { app, tokens } = createLogin({
    accessTokenLifetime,
    refreshTokenLifetime: '30d',
    reuseInterval,
    // Frames get the cookie, the phone gets the body.
    transport: 'auto',
    keys,
    lookUp(id) {
      const user = findUser(id);
      return user && { ...user, role: roles.get(id) ?? user.role };
    },
    clock,
    store,
  });

  return {
    listener: 'callback' in app ? toListener(app.callback()) : (app as RequestListener),
    breakStore(isBroken) {
      const isChange = isBroken !== isStoreBroken;
      isStoreBroken = isBroken;
      if (isBroken) switches.break('down');
      else switches.repair();
      return isChange;
    },
    setRole: (userId, role) => roles.set(userId, role),
    replaceKeys(keepOld) {
      keyCount += 1;
      // Tokens of the oldest ones have expired long ago.
      keys = [createKey(keyCount), ...(keepOld ? keys.slice(0, maxOldKeys) : [])];
      tokens.replaceKeys(keys);
    },
    async waitForReports(uses) {
      const isReported = () =>
        records.every(({ sessionId, confirmed }) => confirmed >= (uses.get(sessionId) ?? 0));
      const signal = AbortSignal.timeout(longestWait);
      while (!isReported()) await once(changes, 'change', { signal });
    },
    readRecords,
    close() {
      isClosed = true;
      return memory.close();
    },
  };
}

const changing: ReadonlySet<string | symbol> = new Set([
  'create',
  'swap',
  'confirm',
  'revoke',
  'revokeOwner',
]);

/** A store whose changes are seen. */
function observe(
  inner: MemorySessionStore,
  ids: Set<string>,
  onChange: () => Promise<void>,
): SessionStore {
  return new Proxy(inner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]) => {
        const answer: unknown = await Reflect.apply(method, target, args);
        if (name === 'create') ids.add((args[0] as { readonly sessionId: string }).sessionId);
        if (changing.has(name)) await onChange();
        return answer;
      };
    },
  });
}

function createKey(number: number): SigningKeyOptions {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: `demo-${number}`, algorithm: 'ES256', privateKey };
}

function toListener(handle: (...args: Parameters<RequestListener>) => unknown): RequestListener {
  return (request, response) => void handle(request, response);
}
