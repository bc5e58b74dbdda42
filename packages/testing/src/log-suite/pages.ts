import { deepEqual, equal, ok } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';

import { repeat } from '../suite/sessions.js';
import { positionsOf, type LogSection } from './log-case.js';

export const pages: LogSection = {
  title: 'pages',
  cases: [
    {
      name: 'have at most the limit, and the oldest entries after the position',
      async run({ log, other, issuer, appendAll }) {
        const positions = await appendAll(10);
        for (const one of [log, other]) {
          const page = await one.read(issuer, positions[1] ?? 0, 3);
          deepEqual(positionsOf(page.entries), positions.slice(2, 5));
          deepEqual([page.more, page.head], [true, positions[9]]);
        }
      },
    },
    {
      name: 'say that there is more until the last entry, and never after it',
      async run({ log, issuer, appendAll, readAll }) {
        const positions = await appendAll(10);
        for (const limit of [1, 2, 3, 9]) {
          equal((await log.read(issuer, 0, limit)).more, true);
        }
        for (const limit of [11, 200]) equal((await log.read(issuer, 0, limit)).more, false);
        deepEqual(positionsOf(await readAll()), positions);
      },
    },
    {
      name: 'are empty after the last position and after a greater one, and name the head',
      async run({ log, issuer, appendAll }) {
        const [, , head = 0] = await appendAll(3);
        for (const after of [head, head + 1, head + 3_600_000_000, 2 ** 52]) {
          const page = await log.read(issuer, after, 10);
          deepEqual([page.entries, page.more, page.head], [[], false, head]);
        }
      },
    },
    {
      name: 'begin after a position at which there is no entry',
      async run({ log, issuer, appendAll, entry }) {
        const [first = 0] = await appendAll(1);
        const second = await log.append(entry({ floor: first + 1_999 }));
        for (const after of [first, first + 1, first + 999, first + 1_000, second - 1]) {
          deepEqual(positionsOf((await log.read(issuer, after, 10)).entries), [second]);
        }
        deepEqual(positionsOf((await log.read(issuer, first - 1, 10)).entries), [first, second]);
      },
    },
    {
      name: 'have no entry for a limit of 0, and say all else',
      async run({ log, issuer, entry, time }) {
        const first = await log.append(entry({ everything: 'here' }));
        const head = await log.append(entry());
        for (const after of [0, first, head]) {
          const { entries, more, ...rest } = await log.read(issuer, after, 0);
          deepEqual([entries, more], [[], false]);
          const { head: last, from, everything, keep } = rest;
          deepEqual(
            { last, from, everything, keep },
            { last: head, from: first, everything: first, keep: time.hour },
          );
        }
      },
    },
    {
      name: 'show head, kill mark and entries of one moment while others append',
      needs: 'another',
      async run({ log, other, issuer, entry }) {
        const writing = { isOver: false };
        const check = async () => {
          let cursor = 0;
          while (!writing.isOver) {
            await turn();
            const { head, everything, entries, more } = await other.read(issuer, cursor, 20);
            const last = entries.at(-1)?.position ?? cursor;
            ok(last <= head, 'an entry is after the head');
            if (!more) equal(last, head, 'the head is after the last entry');
            // Every entry below raises the mark to its position.
            equal(everything, head, 'the kill mark and the head are not of one moment');
            cursor = last;
          }
        };
        const checks = Promise.allSettled([check(), check()]);
        try {
          for (let round = 0; round < 10; round += 1) {
            await Promise.all(
              repeat(20, (index) =>
                (index % 2 === 0 ? log : other).append(entry({ everything: 'here' })),
              ),
            );
          }
        } finally {
          writing.isOver = true;
        }
        for (const outcome of await checks) {
          if (outcome.status === 'rejected') throw outcome.reason;
        }
      },
    },
  ],
};
