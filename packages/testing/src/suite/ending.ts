import { deepEqual, equal, ok } from 'node:assert/strict';

import type { SessionLimit } from '@tokenpair/core/store';

import type { Case, Section } from './case.js';
import { expectOf, idsOf, outcomeOf, rotateOnce, sessionOf } from './sessions.js';

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
      async run({ store, time, owner, create, isOver }) {
        const sessionId = await create({ idleLifetime: time.hour });
        await time.mostOf(time.hour);
        await store.get(sessionId);
        await store.list(owner);
        await store.confirm(sessionId, 1);
        await store.swap(sessionId, expectOf(1), { data: 'new' });
        equal(await outcomeOf(store, sessionId, 9), 'conflict');
        await store.revokeOwner(owner, sessionId);
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
      name: 'is brought nearer by an earlier absolute end, and not before it',
      async run({ store, time, create, read, isOver }) {
        const sessionId = await create();
        const expiresAt = (await read(sessionId)).createdAt + time.hour;
        await store.swap(sessionId, expectOf(1), { expiresAt });
        await time.mostOf(time.hour);
        await read(sessionId);
        await time.restOf(time.hour);
        await isOver(sessionId);
      },
    },
    {
      name: 'is moved later by a later absolute end, for every method',
      async run({ store, other, time, owner, create, read, isOver }) {
        const lifetimes = { idleLifetime: 9 * time.hour, absoluteLifetime: time.hour };
        const sessionId = await create(lifetimes);
        const expiresAt = (await read(sessionId)).createdAt + 3 * time.hour;
        await store.swap(sessionId, expectOf(1), { expiresAt });
        await time.pass(2 * time.hour);
        await read(sessionId);
        deepEqual(idsOf(await other.list(owner)), [sessionId]);
        equal(await outcomeOf(other, sessionId, 1), 'swapped');
        await time.mostOf(time.hour);
        await read(sessionId);
        await time.restOf(time.hour);
        await isOver(sessionId);
      },
    },
    {
      name: 'is brought nearer by a shorter idle lifetime, which counts from the last rotation',
      async run({ store, time, create, read, isOver }) {
        const sessionId = await create({ idleLifetime: 9 * time.hour });
        const half = time.hour / 2;
        await time.pass(half);
        await store.swap(sessionId, expectOf(1), { idleLifetime: time.hour });
        await time.mostOf(half);
        await read(sessionId);
        await time.restOf(half);
        await isOver(sessionId);
      },
    },
    {
      name: 'is moved later by a longer idle lifetime, which counts from the last rotation',
      async run({ store, time, owner, create, read, isOver }) {
        const sessionId = await create({ idleLifetime: time.hour });
        const half = time.hour / 2;
        await time.pass(half);
        await store.swap(sessionId, expectOf(1), { idleLifetime: 2 * time.hour });
        await time.pass(time.hour);
        deepEqual(idsOf(await store.list(owner)), [sessionId]);
        await time.mostOf(half);
        await read(sessionId);
        await time.restOf(half);
        await isOver(sessionId);
      },
    },
    {
      name: 'comes at once when an end in the past is written, also one before the last rotation',
      async run({ store, time, owner, create, session, read, isOver }) {
        const sessionId = await create();
        const { createdAt } = await read(sessionId);
        await time.moment();
        await rotateOnce(store, sessionId, 1);
        const result = await store.swap(sessionId, expectOf(2), { expiresAt: createdAt + 1 });
        equal(result.outcome, 'swapped');
        await isOver(sessionId);
        const wanted = session();
        await store.create(wanted, { max: 1, onLimit: 'reject' });
        deepEqual(idsOf(await store.list(owner)), [wanted.sessionId]);
      },
    },
    {
      name: 'is not put back by the rotation of another session',
      async run({ store, time, owner, create }) {
        const idle = await create({ idleLifetime: time.hour });
        const busy = await create({ idleLifetime: 3 * time.hour });
        await time.mostOf(time.hour);
        await rotateOnce(store, busy, 1);
        await time.restOf(time.hour);
        equal(await store.get(idle), undefined);
        deepEqual(idsOf(await store.list(owner)), [busy]);
      },
    },
    {
      name: 'takes it out of the list and of what a revocation names, and leaves the others in',
      async run({ store, other, time, owner, create }) {
        await create({ idleLifetime: time.hour });
        const kept = await create();
        await time.pass(time.hour + 10);
        deepEqual(idsOf(await store.list(owner)), [kept]);
        deepEqual(idsOf(await other.list(owner)), [kept]);
        deepEqual(await store.revokeOwner(owner), [kept]);
      },
    },
    {
      name: 'makes room for another session, also when no one has read in between',
      async run({ store, time, owner, create, session }) {
        const limit: SessionLimit = { max: 2, onLimit: 'reject' };
        await create({ idleLifetime: time.hour });
        const kept = await create();
        const wanted = session();
        equal((await store.create(wanted, limit)).outcome, 'refused');
        await time.pass(time.hour + 10);
        equal((await store.create(wanted, limit)).outcome, 'created');
        ok(new Set(idsOf(await store.list(owner))).has(kept));
        equal((await store.create(session(), limit)).outcome, 'refused');
      },
    },
  ],
};
