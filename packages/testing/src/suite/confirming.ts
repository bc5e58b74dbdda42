import { equal } from 'node:assert/strict';

import { includes, isUnchanged, type Section } from './case.js';
import { callersOf, inRounds } from './parallel.js';
import { digest, expectOf, outcomeOf, repeat, sessionOf, successorOf } from './sessions.js';

export const confirming: Section = {
  title: 'confirming',
  cases: [
    {
      name: 'writes the generation that was seen in use, and nothing else',
      async run({ store, other, time, create, read }) {
        const sessionId = await create({ generation: 5, secretHash: digest('secret 5') });
        const before = await read(sessionId);
        await time.moment();
        equal(await store.confirm(sessionId, 4), undefined);
        isUnchanged(await read(sessionId), { ...before, confirmed: 4 });
        isUnchanged(await other.get(sessionId), { ...before, confirmed: 4 });
      },
    },
    {
      name: 'never lowers the number',
      async run({ store, create, read }) {
        const sessionId = await create({ generation: 5, secretHash: digest('secret 5') });
        await store.confirm(sessionId, 5);
        const before = await read(sessionId);
        for (const generation of [5, 4, 0, 1]) await store.confirm(sessionId, generation);
        isUnchanged(await read(sessionId), before);
      },
    },
    {
      name: 'keeps the highest of the numbers that arrive in any order',
      needs: 'another',
      async run({ store, other, create, read }) {
        await inRounds({ store, other }, async (caller, round) => {
          const sessionId = await create({ generation: 20, secretHash: digest('secret 20') });
          // 7 and 20 have no common divisor: every number from 1 to 20 comes once.
          const numbers = repeat(20, (index) => ((index * 7 + round) % 20) + 1);
          await Promise.all(numbers.map((one, index) => caller(index).confirm(sessionId, one)));
          equal((await read(sessionId)).confirmed, 20);
        });
      },
    },
    {
      name: 'takes the generation after that of the record, and ignores one further ahead',
      async run({ store, create, read }) {
        const sessionId = await create({ generation: 9, secretHash: digest('secret 9') });
        const before = await read(sessionId);
        for (const generation of [11, 12, 100, 2 ** 32]) {
          await store.confirm(sessionId, generation);
          isUnchanged(await read(sessionId), before);
        }
        await store.confirm(sessionId, 10);
        isUnchanged(await read(sessionId), { ...before, confirmed: 10 });
      },
    },
    {
      name: 'does nothing to a session that does not exist or was revoked',
      async run({ store, create, session, isOver }) {
        const { sessionId: unknown } = session();
        await store.confirm(unknown, 1);
        await isOver(unknown);
        const ended = await create();
        await store.revoke(ended);
        await store.confirm(ended, 1);
        await isOver(ended);
      },
    },
    {
      name: 'is kept by rotations and updates, and by those that write another generation',
      async run({ store, create, read }) {
        const sessionId = await create();
        await store.confirm(sessionId, 1);
        await store.swap(sessionId, expectOf(1), { token: successorOf(1) });
        await store.confirm(sessionId, 2);
        await store.swap(sessionId, expectOf(2), { data: 'new' });
        await store.swap(sessionId, expectOf(2), { token: successorOf(0) });
        includes(await read(sessionId), { generation: 1, confirmed: 2 });
      },
    },
    {
      name: 'is a conflict for a swap that expects the number before',
      async run({ store, other, create }) {
        const sessionId = await create();
        const expected = { ...expectOf(1), confirmed: 0 };
        await other.confirm(sessionId, 1);
        const result = await store.swap(sessionId, expected, { token: successorOf(1) });
        equal(result.outcome, 'conflict');
        includes(sessionOf(result), { generation: 1, confirmed: 1 });
      },
    },
    {
      name: 'loses no number, rotation or update of the same time',
      needs: 'another',
      async run({ store, other, create, read }) {
        for (const caller of callersOf({ store, other })) {
          const sessionId = await create({ data: '0' });
          const reports: Promise<void>[] = [];
          const rotate = async () => {
            for (let generation = 1; generation <= 30; generation += 1) {
              equal(await outcomeOf(caller(generation), sessionId, generation), 'swapped');
              reports.push(caller(generation + 1).confirm(sessionId, generation));
            }
          };
          const update = async () => {
            for (let count = 1; count <= 30; count += 1) {
              const change = { data: String(count) };
              const result = await caller(count).swap(sessionId, { data: `${count - 1}` }, change);
              equal(result.outcome, 'swapped');
            }
          };
          await Promise.all([rotate(), update()]);
          await Promise.all(reports);
          includes(await read(sessionId), { generation: 31, confirmed: 30, data: '30' });
        }
      },
    },
  ],
};
