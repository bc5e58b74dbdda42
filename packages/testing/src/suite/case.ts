// A case of the store suite, and what it gets to work with.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import type { NewSession, SessionSnapshot, SessionStore } from '@tokenpair/core/store';

import type { Case as AnyCase, Section as AnySection, SuiteTime } from '../define-suite.js';
import { newSession, outcomeOf, roomy, sessionOf } from './sessions.js';
import type { Hook, StoreUnderTest } from './store-under-test.js';

export type Case = AnyCase<World, Hook>;

export type Section = AnySection<World, Hook>;

export interface World {
  readonly store: SessionStore;
  /** A second store over the same data. */
  readonly other: SessionStore;
  readonly under: StoreUnderTest;
  readonly time: SuiteTime;
  /** The owner of the sessions, unless a case says otherwise. */
  readonly owner: string;
  /** A session of that owner that has not been created. */
  readonly session: (changes?: Partial<NewSession>) => NewSession;
  /** Creates a session and returns its ID. */
  readonly create: (changes?: Partial<NewSession>) => Promise<string>;
  readonly read: (sessionId: string) => Promise<SessionSnapshot>;
  /** Asserts that the session is absent to every method of both stores, and that the owner has no other. */
  readonly isOver: (sessionId: string) => Promise<void>;
}

/** Runs a case with two stores over the same data. */
export async function runIn(
  under: StoreUnderTest,
  time: SuiteTime,
  run: (world: World) => Promise<void>,
): Promise<void> {
  const { store } = under;
  const other = (await under.another?.()) ?? store;
  try {
    await run(toWorld(under, other, time));
  } finally {
    await store.close?.();
    if (other !== store) await other.close?.();
  }
}

function toWorld(under: StoreUnderTest, other: SessionStore, time: SuiteTime): World {
  const { store } = under;
  const owner = `u_${randomBytes(6).toString('hex')}`;
  const session = (changes: Partial<NewSession> = {}) => newSession({ owner, ...changes });
  return {
    store,
    other,
    under,
    time,
    owner,
    session,
    create: async (changes) => sessionOf(await store.create(session(changes), roomy)).sessionId,
    read: async (sessionId) => {
      const record = await store.get(sessionId);
      ok(record, 'get() did not return a live session');
      return record;
    },
    isOver: async (sessionId) => {
      for (const one of [store, other]) {
        equal(await one.get(sessionId), undefined, 'get() still returns a session that has ended');
        deepEqual(await one.list(owner), [], 'list() still returns a session that has ended');
        equal(await outcomeOf(one, sessionId, 1), 'absent');
        deepEqual(await one.swap(sessionId, { confirmed: 0 }, { data: '' }), { outcome: 'absent' });
        await one.confirm(sessionId, 1);
        equal(await one.get(sessionId), undefined, 'confirm() brought a session back');
        equal(await one.revoke(sessionId), false, 'revoke() ended a session that had ended before');
        deepEqual(await one.revokeOwner(owner), []);
      }
    },
  };
}

/** Asserts that every member of `part` is equal in `actual`. */
export function includes(actual: object | undefined, part: object): void {
  const found = Object.fromEntries(
    Object.keys(part).map((name) => [name, actual && Reflect.get(actual, name)]),
  );
  deepEqual(found, { ...part });
}

/** Asserts that the record is as it was, but for the time of reading. */
export function isUnchanged(actual: SessionSnapshot | undefined, before: SessionSnapshot): void {
  deepEqual({ ...actual, asOf: before.asOf }, { ...before });
}
