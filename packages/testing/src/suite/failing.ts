import { deepEqual, equal, ok, rejects } from 'node:assert/strict';

import { isAuthError, type SessionStore } from '@tokenpair/core';

import { includes, type Section } from './case.js';
import {
  expectOf,
  idsOf,
  outcomeOf,
  roomy,
  rotateOnce,
  sessionOf,
  successorOf,
} from './sessions.js';

// The store's own deadline and some time for a busy machine.
const patience = 3_000;

const isUnavailable = (error: unknown) => {
  ok(
    isAuthError(error) && error.code === 'temporarily_unavailable',
    `a store that cannot answer rejects with a StoreUnavailableError, not with ${String(error)}`,
  );
  return true;
};

async function rejectsInTime(call: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`${what}() gave no answer within ${patience} ms`));
    // After a pause of the process both timers run at once: the rejection, which was due earlier, comes first.
    timer = setTimeout(() => setImmediate(fail), patience);
  });
  try {
    await Promise.race([rejects(call, isUnavailable), late]);
  } finally {
    clearTimeout(timer);
  }
}

export const failing: Section = {
  title: 'failing',
  cases: [
    {
      name: 'rejects with 503 for a garbled record, and never reports a session or its absence',
      needs: 'garble',
      async run({ store, other, under, owner, create }) {
        const sessionId = await create();
        await under.garble?.(sessionId);
        for (const one of [store, other]) {
          await rejects(one.get(sessionId), isUnavailable);
          await rejects(rotateOnce(one, sessionId, 1), isUnavailable);
          await rejects(one.swap(sessionId, { data: '' }, { data: 'new' }), isUnavailable);
          await rejects(one.confirm(sessionId, 1), isUnavailable);
          await rejects(one.list(owner), isUnavailable);
        }
      },
    },
    {
      name: 'serves other owners while one record is garbled',
      needs: 'garble',
      async run({ store, under, owner, create }) {
        const stranger = await create({ owner: `${owner}2` });
        await under.garble?.(await create());
        equal(await outcomeOf(store, stranger, 1), 'swapped');
        deepEqual(idsOf(await store.list(`${owner}2`)), [stranger]);
      },
    },
    {
      name: 'can end a session whose record is garbled',
      needs: 'garble',
      async run({ store, under, owner, create, isOver }) {
        const sessionId = await create();
        await under.garble?.(sessionId);
        await store.revokeOwner(owner);
        await isOver(sessionId);
      },
    },
    {
      name: 'answers 503 in time when nothing answers it, whatever is asked',
      needs: 'hang',
      async run({ store, under, owner, create, session }) {
        const sessionId = await create();
        const resume = await under.hang?.();
        const calls: { [Name in Exclude<keyof SessionStore, 'close'>]: Promise<unknown> } = {
          create: store.create(session(), roomy),
          get: store.get(sessionId),
          swap: rotateOnce(store, sessionId, 1),
          confirm: store.confirm(sessionId, 1),
          revoke: store.revoke(session().sessionId),
          revokeOwner: store.revokeOwner(`${owner}2`),
          list: store.list(owner),
          raise: store.raise(owner, 1),
        };
        try {
          await Promise.all(Object.entries(calls).map(([what, call]) => rejectsInTime(call, what)));
        } finally {
          await resume?.();
        }
      },
    },
    {
      name: 'has done the whole of a swap that was not answered, or nothing of it',
      needs: 'hang',
      async run({ store, under, owner, create, read }) {
        const sessionId = await create();
        const before = await read(sessionId);
        const change = { token: successorOf(1), data: 'new' };
        const resume = await under.hang?.();
        try {
          await rejectsInTime(store.swap(sessionId, expectOf(1), change), 'swap');
        } finally {
          await resume?.();
        }
        // The caller's retry: swapped now, or a conflict that shows what the first call wrote.
        const after = sessionOf(await store.swap(sessionId, expectOf(1), change));
        includes(after, { ...change.token, data: 'new', expiresAt: before.expiresAt });
        deepEqual(idsOf(await store.list(owner)), [sessionId]);
      },
    },
  ],
};
