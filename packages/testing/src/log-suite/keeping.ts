import { deepEqual, equal, ok } from 'node:assert/strict';

import type { Position } from '@tokenpair/core/store';

import { positionsOf, textsOf, type LogCase, type LogSection } from './log-case.js';

const oddTexts: Readonly<Record<string, string>> = {
  'an empty text': '',
  'one of several lines': 'o Rk3vT0pZq1xW8yLma7Qf2Zs9Yw4Xc6Vb1Nn0Kg\ns Rk3vT0pZq1xW8yLm\nS\nO 12',
  'one of 8 192 bytes': 'é☃'.repeat(1_638) + 'xx',
  'one with control characters and line ends': '\u0000\u0001\u007F\r\n\t\n\n',
  'one of any alphabet': 'Zoë ☃ 日本語 😀 \uFEFF',
  'one that looks like JSON': '{"a":["b"]}',
  'one that looks like a number': '007',
  'one that looks like SQL': "'; DROP TABLE entries; --",
  'one with spaces around it': ' o ',
};

const oddIssuers: Readonly<Record<string, string>> = {
  'separators and braces': 'https://a|b:c{d}e,f\tg%20h',
  'any alphabet': 'https://zoë.test/☃ 日本語 😀 \uFEFF',
  'a name that objects inherit': '__proto__',
  '2 048 characters': `https://${'i'.repeat(2_040)}`,
};

const textCases = Object.entries(oddTexts).map(([what, text]): LogCase => ({
  name: `keeps ${what} exactly`,
  async run({ log, other, entry, readAll }) {
    await log.append(entry({ text }));
    await log.append(entry({ text: 'next' }));
    for (const one of [log, other]) deepEqual(textsOf(await readAll(one)), [text, 'next']);
  },
}));

const issuerCases = Object.entries(oddIssuers).map(([what, issuer]): LogCase => ({
  name: `keeps the log of an issuer with ${what}`,
  async run({ log, other, entry }) {
    const position = await log.append(entry({ issuer }));
    for (const one of [log, other]) {
      const page = await one.read(issuer, 0, 10);
      deepEqual([page.head, positionsOf(page.entries)], [position, [position]]);
    }
  },
}));

export const keeping: LogSection = {
  title: 'keeping',
  cases: [
    ...textCases,
    ...issuerCases,
    {
      name: 'has an entry until `keep` is over, also when others are appended',
      async run({ log, other, entry, time, readAll }) {
        const first = await log.append(entry());
        await time.mostOf(time.hour);
        const second = await other.append(entry());
        for (const one of [log, other]) {
          deepEqual(positionsOf(await readAll(one)), [first, second]);
        }
      },
    },
    {
      name: 'keeps every entry as long as the greatest `keep` says, also that of another process',
      async run({ log, other, entry, time, readAll, issuer }) {
        const first = await log.append(entry({ keep: 1 }));
        const second = await other.append(entry());
        const third = await log.append(entry({ keep: 1 }));
        equal((await log.read(issuer, 0, 0)).keep, time.hour);
        await time.mostOf(time.hour);
        const fourth = await log.append(entry({ keep: 1 }));
        deepEqual(positionsOf(await readAll()), [first, second, third, fourth]);
        equal((await other.read(issuer, 0, 0)).keep, time.hour);
      },
    },
    {
      name: 'raises the kill mark to an entry or to a given position, and never lowers it',
      async run({ log, other, entry, issuer }) {
        const markOf = async () => (await other.read(issuer, 0, 0)).everything;
        const first = await log.append(entry());
        equal(await markOf(), 0);
        const second = await log.append(entry({ everything: 'here' }));
        equal(await markOf(), second);
        for (const everything of [first, undefined, second, 1]) {
          await log.append(entry({ everything }));
          equal(await markOf(), second, 'the kill mark was lowered, or raised without need');
        }
        const given = second + 7_000_000_000;
        await log.append(entry({ everything: given }));
        equal(await markOf(), given);
        await log.append(entry({ everything: second }));
        equal(await markOf(), given);
        const last = await log.append(entry({ floor: given, everything: 'here' }));
        equal(await markOf(), last);
      },
    },
    {
      name: 'never lowers the kill mark for an entry below it',
      async run({ log, entry, issuer }) {
        const first = await log.append(entry());
        const mark = first + 3_600_000_000;
        await log.append(entry({ everything: mark }));
        const below = await log.append(entry({ everything: 'here' }));
        ok(below < mark);
        equal((await log.read(issuer, 0, 0)).everything, mark);
      },
    },
    {
      name: 'keeps the kill mark and the beginning when the first entries are gone',
      async run({ log, entry, issuer, time }) {
        const first = await log.append(entry({ everything: 'here' }));
        // Enough entries for a log that removes old ones in large steps, and no silence that looks like a jump of its clock.
        for (let round = 0; round < 25; round += 1) {
          await time.pass(time.hour / 10);
          for (let count = 0; count < 8; count += 1) await log.append(entry());
        }
        const page = await log.read(issuer, 0, 0);
        deepEqual([page.everything, page.from], [first, first]);
      },
    },
    {
      name: 'shows what was cut off when its clock jumps ahead by less than `keep`',
      needs: 'advance',
      async run({ log, entry, issuer, time, appendAll, readAll }) {
        const all: Position[] = [...(await appendAll(10))];
        await time.pass((time.hour * 3) / 4);
        // Enough entries for a log that removes old ones in large steps.
        for (let round = 0; round < 4; round += 1) {
          all.push(...(await appendAll(30)));
          await time.pass(time.hour / 10);
        }
        all.push(await log.append(entry()));
        const { from } = await log.read(issuer, 0, 0);
        const isThere = (position: Position) => position >= from;
        deepEqual(positionsOf(await readAll()).filter(isThere), all.filter(isThere));
      },
    },
    {
      name: 'shows what was cut off when its clock jumps ahead: entries may be young in truth',
      needs: 'advance',
      async run({ log, entry, issuer, time, appendAll, readAll }) {
        const before = await appendAll(3);
        await time.pass(3 * time.hour);
        const after = await log.append(entry());
        const { from } = await log.read(issuer, 0, 0);
        const cut = before.filter((position) => position >= from);
        deepEqual(
          positionsOf(await readAll()).filter((position) => position >= from),
          [...cut, after],
        );
      },
    },
  ],
};
