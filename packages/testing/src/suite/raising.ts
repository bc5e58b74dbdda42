import { equal } from 'node:assert/strict';

import type { Section } from './case.js';
import { inRounds } from './parallel.js';
import { repeat } from './sessions.js';

// The largest position of a revocation log.
const largest = 2 ** 52;

export const raising: Section = {
  title: 'raising a number',
  cases: [
    {
      name: 'keeps the greater number and answers it; 0 reads',
      async run({ store, other, owner: name }) {
        equal(await store.raise(name, 0), 0);
        equal(await store.raise(name, 5), 5);
        equal(await other.raise(name, 3), 5);
        equal(await other.raise(name, 0), 5);
        equal(await store.raise(name, largest), largest);
        equal(await other.raise(name, largest - 1), largest);
      },
    },
    {
      name: 'keeps names apart, of any characters, and apart from sessions',
      async run({ store, owner, create, read }) {
        const sessionId = await create();
        const names = [
          owner,
          sessionId,
          `${owner} `,
          `everything:https://${owner}.test/{a}?b=\u00e9`,
        ];
        for (const [index, name] of names.entries())
          equal(await store.raise(name, index + 1), index + 1);
        for (const [index, name] of names.entries()) equal(await store.raise(name, 0), index + 1);
        equal((await read(sessionId)).owner, owner);
        equal((await store.list(owner)).length, 1);
      },
    },
    {
      name: 'keeps the greatest of the numbers that arrive at the same time',
      needs: 'another',
      async run({ store, other, owner }) {
        await inRounds({ store, other }, async (caller, round) => {
          const name = `${owner}:${round}`;
          const numbers = repeat(20, (index) => ((index * 7 + round) % 20) + 1);
          const answers = await Promise.all(
            numbers.map((one, index) => caller(index).raise(name, one)),
          );
          for (const [index, answer] of answers.entries()) {
            equal(answer >= (numbers[index] ?? 0), true, 'raise() answered less than it was given');
          }
          equal(await store.raise(name, 0), 20);
        });
      },
    },
    {
      name: 'keeps the number without expiry',
      async run({ store, time, owner, create }) {
        await create();
        await store.raise(owner, 7);
        await store.revokeOwner(owner);
        await time.pass(3 * time.hour);
        equal(await store.raise(owner, 0), 7);
      },
    },
  ],
};
