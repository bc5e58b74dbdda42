import { deepEqual, equal, ok, rejects } from 'node:assert/strict';

import { isAuthError, type SessionStore } from '@tokenpair/core';

import type { Section } from './case.js';
import { expectOf, idsOf, nextOf, outcomeOf, roomy, rotateOnce, sessionOf } from './sessions.js';

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
    timer = setTimeout(() => {
      reject(new Error(`${what}() gave no answer within ${patience} ms`));
    }, patience);
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
      async run({ store, other, under, subject, create }) {
        const sessionId = await create();
        await under.garble?.(sessionId);
        for (const one of [store, other]) {
          await rejects(one.get(sessionId), isUnavailable);
          await rejects(rotateOnce(one, sessionId, 1), isUnavailable);
          await rejects(one.list(subject), isUnavailable);
        }
      },
    },
    {
      name: 'serves other subjects while one record is garbled',
      needs: 'garble',
      async run({ store, under, subject, create }) {
        const stranger = await create({ subject: `${subject}2` });
        await under.garble?.(await create());
        equal(await outcomeOf(store, stranger, 1), 'swapped');
        deepEqual(idsOf(await store.list(`${subject}2`)), [stranger]);
      },
    },
    {
      name: 'can end a session whose record is garbled',
      needs: 'garble',
      async run({ store, under, subject, create, isOver }) {
        const sessionId = await create();
        await under.garble?.(sessionId);
        await store.revokeSubject(subject);
        await isOver(sessionId);
      },
    },
    {
      name: 'answers 503 in time when nothing answers it, whatever is asked',
      needs: 'hang',
      async run({ store, under, subject, create, session }) {
        const sessionId = await create();
        const resume = await under.hang?.();
        const calls: { [Name in Exclude<keyof SessionStore, 'close'>]: Promise<unknown> } = {
          create: store.create(session(), roomy),
          rotate: rotateOnce(store, sessionId, 1),
          get: store.get(sessionId),
          revoke: store.revoke(session().sessionId),
          revokeSubject: store.revokeSubject(`${subject}2`),
          list: store.list(subject),
        };
        try {
          await Promise.all(Object.entries(calls).map(([what, call]) => rejectsInTime(call, what)));
        } finally {
          await resume?.();
        }
      },
    },
    {
      name: 'has done the whole of a rotation that was not answered, or nothing of it',
      needs: 'hang',
      async run({ store, under, subject, create, read }) {
        const sessionId = await create();
        const before = await read(sessionId);
        const next = nextOf(1);
        const resume = await under.hang?.();
        try {
          await rejectsInTime(store.rotate(sessionId, expectOf(1), next), 'rotate');
        } finally {
          await resume?.();
        }
        // The caller's retry: swapped now, or a conflict that shows the attempt as its own.
        const after = sessionOf(await store.rotate(sessionId, expectOf(1), next));
        equal(after.generation, 2);
        equal(after.attempt, next.attempt);
        equal(after.expiresAt, before.expiresAt);
        deepEqual(idsOf(await store.list(subject)), [sessionId]);
      },
    },
  ],
};
