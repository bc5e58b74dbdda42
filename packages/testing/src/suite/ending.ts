import { deepEqual, equal, ok } from 'node:assert/strict';

import type { SessionLimit } from '@tokenpair/core/store';

import type { Case, Section } from './case.js';
import { idsOf, outcomeOf, rotateOnce, sessionOf } from './sessions.js';

const day = 86_400_000;

const longLives = [25, 30, 90, 365].map((days): Case => ({
  name: `comes after ${days} days where that is the lifetime, and no sooner`,
  async run({ time, create, read, isOver }) {
    const lifetime = days * day;
    const sessionId = await create({ idleLifetime: lifetime, absoluteLifetime: lifetime });
    await time.moment();
    const { createdAt, expiresAt } = await read(sessionId);
    equal(expiresAt, createdAt + lifetime);
    if (!time.isMovable) return;
    await time.mostOf(lifetime - 1_000);
    await read(sessionId);
    await time.restOf(lifetime);
    await isOver(sessionId);
  },
}));

export const ending: Section = {
  title: 'the end of a session',
  cases: [
    {
      name: 'comes when it was idle too long, and not before',
      async run({ time, create, read, isOver }) {
        const sessionId = await create({ idleLifetime: time.hour });
        await time.mostOf(time.hour);
        await read(sessionId);
        await time.restOf(time.hour);
        await isOver(sessionId);
      },
    },
    {
      name: 'is postponed by a rotation',
      async run({ store, time, create }) {
        const sessionId = await create({ idleLifetime: time.hour });
        for (let generation = 1; generation <= 3; generation += 1) {
          await time.mostOf(time.hour);
          equal(await outcomeOf(store, sessionId, generation), 'swapped');
        }
      },
    },
    {
      name: 'is postponed by nothing else',
      async run({ store, time, subject, create, isOver }) {
        const sessionId = await create({ idleLifetime: time.hour });
        await time.mostOf(time.hour);
        await store.get(sessionId);
        await store.list(subject);
        equal(await outcomeOf(store, sessionId, 9), 'conflict');
        await store.revokeSubject(subject, sessionId);
        await time.restOf(time.hour);
        await isOver(sessionId);
      },
    },
    {
      name: 'comes at its absolute instant, however often it was rotated',
      async run({ store, time, create, read, isOver }) {
        const half = time.hour / 2;
        const lifetimes = { idleLifetime: time.hour, absoluteLifetime: 3 * time.hour };
        const sessionId = await create(lifetimes);
        const { expiresAt } = await read(sessionId);
        for (let generation = 1; generation <= 5; generation += 1) {
          await time.pass(half);
          const result = await rotateOnce(store, sessionId, generation);
          equal(sessionOf(result).expiresAt, expiresAt, 'a rotation moved the absolute end');
        }
        await time.mostOf(half);
        equal(await outcomeOf(store, sessionId, 6), 'swapped');
        await time.restOf(half);
        await isOver(sessionId);
      },
    },
    ...longLives,
    {
      name: 'is not put back by the rotation of another session',
      async run({ store, time, subject, create }) {
        const idle = await create({ idleLifetime: time.hour });
        const busy = await create({ idleLifetime: 3 * time.hour });
        await time.mostOf(time.hour);
        await rotateOnce(store, busy, 1);
        await time.restOf(time.hour);
        equal(await store.get(idle), undefined);
        deepEqual(idsOf(await store.list(subject)), [busy]);
      },
    },
    {
      name: 'takes it out of the list and of what a revocation names, and leaves the others in',
      async run({ store, other, time, subject, create }) {
        await create({ idleLifetime: time.hour });
        const kept = await create();
        await time.pass(time.hour + 10);
        deepEqual(idsOf(await store.list(subject)), [kept]);
        deepEqual(idsOf(await other.list(subject)), [kept]);
        deepEqual(await store.revokeSubject(subject), [kept]);
      },
    },
    {
      name: 'makes room for another session, also when no one has read in between',
      async run({ store, time, subject, create, session }) {
        const limit: SessionLimit = { max: 2, onLimit: 'reject' };
        await create({ idleLifetime: time.hour });
        const kept = await create();
        const wanted = session();
        equal((await store.create(wanted, limit)).outcome, 'refused');
        await time.pass(time.hour + 10);
        equal((await store.create(wanted, limit)).outcome, 'created');
        ok(new Set(idsOf(await store.list(subject))).has(kept));
        equal((await store.create(session(), limit)).outcome, 'refused');
      },
    },
  ],
};
