import { deepEqual, equal } from 'node:assert/strict';

import { repeat } from '../suite/sessions.js';
import { isAbsent, isChained, positionsOf, readOn, type LogSection } from './log-case.js';

export const beginning: LogSection = {
  title: 'the first entry',
  cases: [
    {
      name: 'comes after a page with head 0 and without entries',
      async run({ log, other, issuer }) {
        for (const one of [log, other]) await isAbsent(one, issuer);
      },
    },
    {
      name: 'is where the log begins, and names none before it',
      async run({ log, other, issuer, entry }) {
        const first = await log.append(entry());
        const page = await other.read(issuer, 0, 10);
        deepEqual([page.from, page.head, page.entries[0]?.previous], [first, first, 0]);
        await other.append(entry());
        equal((await log.read(issuer, 0, 0)).from, first);
      },
    },
    {
      name: 'is one of 50 first appends at once, for all of them',
      needs: 'another',
      async run({ log, other, issuer, entry, readAll }) {
        const positions = await Promise.all(
          repeat(50, (index) => (index % 2 === 0 ? log : other).append(entry())),
        );
        const found = await readAll();
        isChained(found, 0);
        deepEqual(
          positionsOf(found),
          positions.toSorted((one, another) => one - another),
        );
        equal((await other.read(issuer, 0, 0)).from, found[0]?.position);
      },
    },
    {
      name: 'of one issuer changes nothing for another one that appends at the same time',
      async run({ log, other, issuer, entry, time }) {
        const issuers = [issuer, `${issuer}/`, `${issuer}2`, issuer.toUpperCase(), ''];
        const positions = await Promise.all(
          issuers.map(async (name, index) => {
            const mine: number[] = [];
            for (let count = 0; count < 10; count += 1) {
              const keep = time.hour * (index + 1);
              const everything = index === 2 && count === 4 ? ('here' as const) : undefined;
              const one = (index + count) % 2 === 0 ? log : other;
              mine.push(await one.append(entry({ issuer: name, keep, everything })));
            }
            return mine;
          }),
        );
        for (const [index, name] of issuers.entries()) {
          const mine = positions[index] ?? [];
          const { head, from, keep, everything } = await log.read(name, 0, 0);
          deepEqual(
            { head, from, keep, everything },
            {
              head: mine[9],
              from: mine[0],
              keep: time.hour * (index + 1),
              everything: index === 2 ? mine[4] : 0,
            },
          );
          deepEqual(positionsOf(await readOn(other, name, 0)), mine);
        }
        await isAbsent(log, `${issuer}/3`);
      },
    },
  ],
};
