import { deepEqual, equal, ok } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';

import type { Position, RevocationEntry } from '@tokenpair/core/store';

import { repeat } from '../suite/sessions.js';
import { isChained, positionsOf, textsOf, withDelays, type LogSection } from './log-case.js';

const hour = 3_600_000;
const many = 200;

export const order: LogSection = {
  title: 'order',
  cases: [
    {
      name: 'gives every entry a greater position than all before it, over two connections',
      async run({ log, other, entry, readAll }) {
        const positions: Position[] = [];
        for (let count = 0; count < 20; count += 1) {
          positions.push(await (count % 2 === 0 ? log : other).append(entry()));
        }
        deepEqual(positionsOf(await readAll()), positions);
        deepEqual(positionsOf(await readAll(other)), positions);
        isChained(await readAll(), 0);
      },
    },
    {
      name: `gives ${many} appends at once one order, over two connections, and loses none`,
      needs: 'another',
      async run({ log, other, entry, readAll }) {
        for (const [one, another] of [
          [log, other],
          [withDelays(log), withDelays(other)],
        ] as const) {
          const before = (await readAll()).at(-1)?.position ?? 0;
          const wanted = repeat(many, () => entry());
          const positions = await Promise.all(
            wanted.map((each, index) => (index % 2 === 0 ? one : another).append(each)),
          );
          const found = await readAll(other, before);
          isChained(found, before);
          const answered = wanted.map(({ text }, index) => ({ text, position: positions[index] }));
          deepEqual(
            found.map(({ text, position }) => ({ text, position })),
            answered.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0)),
          );
        }
      },
    },
    {
      name: 'shows no entry below a position that a reader has passed',
      needs: 'another',
      async run({ log, other, issuer, entry, readAll }) {
        const slow = [withDelays(log), withDelays(other)] as const;
        let isWriting = true;
        const read = async () => {
          const seen: RevocationEntry[] = [];
          let isLast = false;
          while (!isLast) {
            isLast = !isWriting;
            await turn();
            const { entries, more } = await other.read(issuer, seen.at(-1)?.position ?? 0, 50);
            seen.push(...entries);
            if (more) isLast = false;
          }
          return seen;
        };
        const reading = Promise.allSettled([read()]);
        try {
          await Promise.all(
            repeat(many, async (index) => slow[index % 2 === 0 ? 0 : 1].append(entry())),
          );
        } finally {
          isWriting = false;
        }
        const [outcome] = await reading;
        if (outcome.status === 'rejected') throw outcome.reason;
        deepEqual(outcome.value, await readAll());
        equal(outcome.value.length, many);
      },
    },
    {
      name: 'takes positions from a clock, in microseconds',
      async run({ log, entry, time }) {
        const first = await log.append(entry());
        await time.pass(time.hour / 4);
        const second = await log.append(entry());
        ok(
          second - first >= time.hour * 240,
          'positions are behind the clock: after a flush they would begin again',
        );
      },
    },
    {
      name: 'takes a position above a floor that is an hour ahead, and goes on above it',
      async run({ log, other, entry, readAll }) {
        const first = await log.append(entry());
        const floor = first + hour * 1_000;
        const second = await log.append(entry({ floor }));
        ok(second > floor, 'the position is not above the floor');
        const third = await other.append(entry());
        ok(third > second, 'the position is not above the last one');
        deepEqual(positionsOf(await readAll()), [first, second, third]);
      },
    },
    {
      name: 'takes the floor of a first entry',
      async run({ log, entry, time, issuer }) {
        const now = await log.append(entry({ issuer: `${issuer}/2` }));
        const floor = now + time.hour * 1_000;
        const first = await log.append(entry({ floor }));
        ok(first > floor);
        equal((await log.read(issuer, 0, 10)).from, first);
      },
    },
    ...[
      { span: hour, what: 'an hour' },
      { span: 24 * hour, what: 'a day' },
    ].map(
      ({ span, what }) =>
        ({
          name: `goes on above the last position after its clock was set back by ${what}`,
          needs: 'advance' as const,
          async run({ log, other, appendAll, entry, readAll, time, issuer }) {
            const before = await appendAll(3);
            await time.pass(-span);
            const text = '? after the clock was set back';
            const after = [await log.append(entry({ text })), await other.append(entry())];
            const found = await readAll(other);
            deepEqual(positionsOf(found), [...before, ...after]);
            isChained(found, 0);
            equal(textsOf(found)[3], text);
            equal((await log.read(issuer, 0, 10)).from, before[0]);
          },
        }) satisfies LogSection['cases'][number],
    ),
  ],
};
