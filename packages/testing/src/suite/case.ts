// A case of the store suite, and what it gets to work with.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  checkOptions,
  type NewSession,
  type SessionSnapshot,
  type SessionStore,
} from '@tokenpair/core/store';

import { newSession, outcomeOf, roomy, sessionOf } from './sessions.js';
import { storeUnderTestNames, type Hook, type StoreUnderTest } from './store-under-test.js';

export interface Case {
  readonly name: string;
  /** What {@link StoreUnderTest} must give for this case. */
  readonly needs?: Hook;
  readonly run: (world: World) => Promise<void>;
}

export interface Section {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** How a case lets time pass: by the store's clock when that can be moved, else by waiting for short real times. */
export interface SuiteTime {
  /** A lifetime to give to sessions. */
  readonly hour: number;
  /** Whether the clock of the store can be moved: then days pass at once. */
  readonly isMovable: boolean;
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Long enough for two instants to differ. */
  readonly moment: () => Promise<void>;
  /** Lets most of a span pass: what lasts for the span is still there. */
  readonly mostOf: (span: number) => Promise<void>;
  /** Lets the rest of the span pass: what lasts for the span has ended. */
  readonly restOf: (span: number) => Promise<void>;
}

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

const shortest = 120;
const longest = 4_000;

/** Runs a case on a new store. With real time it runs again, with longer times, when the machine was too slow. */
export async function runCase(
  { needs, run }: Case,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
): Promise<void> {
  for (let hour = shortest; ; hour *= 2) {
    const under = checkOptions('makeStore()', await makeStore(), storeUnderTestNames);
    const lag = watchLag();
    try {
      requireHook(under, needs);
      await runOnce(under, toTime(under, hour, lag.expect), run);
      return;
    } catch (error) {
      const wasTooSlow = under.advance === undefined && lag.sofar() > hour / 4;
      if (!wasTooSlow || hour >= longest) throw error;
    } finally {
      await under.close?.();
    }
  }
}

function requireHook(under: StoreUnderTest, hook: Hook | undefined): void {
  ok(
    hook === undefined || under[hook] !== undefined,
    `makeStore() returned no '${hook}', which this case needs: return it, or give the reason in the option notShown`,
  );
}

async function runOnce(
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

function toTime(
  { advance }: StoreUnderTest,
  hour: number,
  expectToTake: (milliseconds: number) => void,
): SuiteTime {
  if (advance) {
    const pass = async (milliseconds: number) => advance(milliseconds);
    return {
      hour: 3_600_000,
      isMovable: true,
      pass,
      moment: () => pass(1_000),
      mostOf: (span) => pass(span - 1),
      restOf: () => pass(1),
    };
  }
  const pass = async (milliseconds: number) => {
    expectToTake(milliseconds);
    await sleep(milliseconds);
  };
  return {
    hour,
    isMovable: false,
    pass,
    moment: () => pass(5),
    mostOf: (span) => pass(span / 2),
    restOf: (span) => pass(span / 2 + 10),
  };
}

/** Measures how much longer than its waits a case takes. */
function watchLag() {
  const start = performance.now();
  let expected = 0;
  return {
    expect: (milliseconds: number) => {
      expected += milliseconds;
    },
    sofar: () => performance.now() - start - expected,
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
