import { deepEqual, equal, ok } from 'node:assert/strict';

import type { ExpectedGeneration, RotateResult } from '@tokenpair/core/store';

import { includes, isUnchanged, type Case, type Section, type World } from './case.js';
import {
  digest,
  expectOf,
  many,
  nextOf,
  outcomeOf,
  repeat,
  rotateOnce,
  sessionOf,
} from './sessions.js';

const wrong: Readonly<Record<string, ExpectedGeneration>> = {
  'another hash': { generation: 1, secretHash: digest('another') },
  'the generation before': { generation: 0, secretHash: digest('secret 1') },
  'the generation after': { generation: 2, secretHash: digest('secret 1') },
  'a part of the hash': { generation: 1, secretHash: digest('secret 1').slice(0, 42) },
  'the hash in other case': { generation: 1, secretHash: digest('secret 1').toUpperCase() },
  'an empty hash': { generation: 1, secretHash: '' },
};

const conflicts = Object.entries(wrong).map(([what, expected]): Case => ({
  name: `is a conflict for ${what}, and leaves the record as it is`,
  async run({ store, other, time, create, read }) {
    const sessionId = await create();
    const before = await read(sessionId);
    await time.moment();
    const result = await store.rotate(sessionId, expected, nextOf(1));
    equal(result.outcome, 'conflict');
    isUnchanged(sessionOf(result), before);
    isUnchanged(await other.get(sessionId), before);
  },
}));

/** Parallel callers of both stores. */
const race = (
  { store, other }: Pick<World, 'store' | 'other'>,
  sessionId: string,
  generation: number,
  expected: Pick<ExpectedGeneration, 'olderThan'> = {},
): Promise<RotateResult[]> =>
  Promise.all(
    repeat(many, (index) => {
      const next = nextOf(generation, { attempt: `caller ${index}` });
      return (index % 2 === 0 ? store : other).rotate(
        sessionId,
        { ...expectOf(generation), ...expected },
        next,
      );
    }),
  );

const winnersOf = (results: readonly RotateResult[]) =>
  results.filter(({ outcome }) => outcome === 'swapped');

export const rotating: Section = {
  title: 'rotating',
  cases: [
    {
      name: 'replaces the given members and keeps the others',
      async run({ store, time, create, read }) {
        const sessionId = await create({ data: 'mine', cnf: 'key' });
        const before = await read(sessionId);
        await time.moment();
        const { moveAnchor, ...next } = nextOf(1, { keyId: 7 });
        const result = await store.rotate(sessionId, expectOf(1), { ...next, moveAnchor });
        const { asOf } = sessionOf(result);
        ok(asOf > before.asOf, 'rotatedAt is not now');
        const instants = { rotatedAt: asOf, anchorAt: asOf, asOf };
        deepEqual(result, {
          outcome: 'swapped',
          session: { ...before, ...next, confirmed: false, ...instants },
        });
        isUnchanged(await read(sessionId), sessionOf(result));
      },
    },
    {
      name: 'keeps the anchor unless the caller moves it',
      async run({ store, time, create, read }) {
        const sessionId = await create();
        const before = await read(sessionId);
        await time.moment();
        const result = await store.rotate(sessionId, expectOf(1), nextOf(1, { moveAnchor: false }));
        equal(sessionOf(result).anchorAt, before.anchorAt);
        ok(sessionOf(result).rotatedAt > before.rotatedAt);
        equal((await read(sessionId)).anchorAt, before.anchorAt);
      },
    },
    ...conflicts,
    {
      name: 'is a conflict until the generation is older than asked, and leaves the record as it is',
      async run({ store, other, time, create, read }) {
        const sessionId = await create();
        await store.rotate(sessionId, expectOf(1), nextOf(1));
        const aged = { ...expectOf(2), olderThan: time.hour - 1 };
        await time.mostOf(time.hour);
        const before = await read(sessionId);
        const result = await store.rotate(sessionId, aged, nextOf(2));
        equal(result.outcome, 'conflict');
        isUnchanged(sessionOf(result), before);
        isUnchanged(await other.get(sessionId), before);
        await time.restOf(time.hour);
        equal((await other.rotate(sessionId, aged, nextOf(2))).outcome, 'swapped');
      },
    },
    {
      name: 'counts the age from the last rotation, not from the beginning of the session',
      async run({ store, time, create }) {
        const sessionId = await create();
        await time.pass(time.hour);
        await store.rotate(sessionId, expectOf(1), nextOf(1));
        const aged = { ...expectOf(2), olderThan: time.hour - 1 };
        equal((await store.rotate(sessionId, aged, nextOf(2))).outcome, 'conflict');
      },
    },
    {
      name: 'is old enough when the clock was ahead by more than asked and was corrected',
      async run({ store, time, create }) {
        if (!time.isMovable) return;
        const sessionId = await create();
        const aged = { ...expectOf(1), olderThan: time.hour };
        await time.pass(-time.hour);
        equal((await store.rotate(sessionId, aged, nextOf(1))).outcome, 'conflict');
        await time.pass(-1);
        equal((await store.rotate(sessionId, aged, nextOf(1))).outcome, 'swapped');
      },
    },
    {
      name: 'needs the generation and the hash whatever the age',
      async run({ store, time, create }) {
        const sessionId = await create();
        await time.moment();
        for (const expected of Object.values(wrong)) {
          const aged = { ...expected, olderThan: 1 };
          equal((await store.rotate(sessionId, aged, nextOf(1))).outcome, 'conflict');
        }
      },
    },
    {
      name: `lets one of ${many} parallel callers through that all ask for the same age`,
      needs: 'another',
      async run({ store, other, time, create, read }) {
        const sessionId = await create();
        await time.moment();
        const results = await race({ store, other }, sessionId, 1, { olderThan: 1 });
        equal(winnersOf(results).length, 1);
        includes(await read(sessionId), { generation: 2 });
      },
    },
    {
      name: 'never creates: an unknown session is absent and stays so',
      async run({ store, session, isOver }) {
        const { sessionId } = session();
        deepEqual(await rotateOnce(store, sessionId, 1), { outcome: 'absent' });
        await isOver(sessionId);
      },
    },
    {
      name: `lets one of ${many} parallel callers through and shows the others the winner`,
      needs: 'another',
      async run({ store, other, create, read }) {
        const sessionId = await create();
        const results = await race({ store, other }, sessionId, 1);
        const [winner, ...others] = winnersOf(results);
        ok(winner, 'no caller rotated the session');
        equal(others.length, 0, `${others.length + 1} of ${many} parallel callers swapped`);
        const won = sessionOf(winner);
        for (const result of results) isUnchanged(sessionOf(result), won);
        isUnchanged(await read(sessionId), won);
        isUnchanged(await other.get(sessionId), won);
      },
    },
    {
      name: 'lets one caller through in each of twenty such rounds',
      needs: 'another',
      async run({ store, other, create, read }) {
        const sessionId = await create();
        for (let generation = 1; generation <= 20; generation += 1) {
          const results = await race({ store, other }, sessionId, generation);
          equal(winnersOf(results).length, 1, `round ${generation}`);
        }
        includes(await read(sessionId), { generation: 21, parentGeneration: 20 });
      },
    },
    {
      name: 'lets every one of 50 sessions through at once',
      async run({ store, create }) {
        const ids = await Promise.all(repeat(50, () => create()));
        const outcomes = await Promise.all(ids.map((id) => outcomeOf(store, id, 1)));
        deepEqual(new Set(outcomes), new Set(['swapped']));
      },
    },
    {
      name: 'shows a repeated command the attempt that it made itself',
      async run({ store, other, create }) {
        const sessionId = await create();
        const next = nextOf(1);
        await store.rotate(sessionId, expectOf(1), next);
        const again = await other.rotate(sessionId, expectOf(1), next);
        equal(again.outcome, 'conflict');
        includes(sessionOf(again), { generation: 2, attempt: next.attempt });
      },
    },
    {
      name: 'can go back to a lower generation: it compares, and does not order',
      async run({ store, create, read }) {
        const sessionId = await create({ generation: 9, secretHash: digest('secret 9') });
        equal((await store.rotate(sessionId, expectOf(9), nextOf(4))).outcome, 'swapped');
        equal((await read(sessionId)).generation, 5);
      },
    },
  ],
};
