import { deepEqual, ok, rejects } from 'node:assert/strict';

import type { Position, RevocationPage } from '@tokenpair/core/store';

import { isAbsent, type LogSection, type LogWorld } from './log-case.js';

/** What a follower concludes from a page that it reads after its cursor. */
function showsLoss(
  { head, from, entries }: RevocationPage,
  cursor: Position,
): 'new log' | 'lost' | 'rolled back' | undefined {
  if (head === 0) return 'new log';
  if (from > cursor) return 'lost';
  const isBefore = head < cursor || (entries[0]?.previous ?? cursor) < cursor;
  return isBefore ? 'rolled back' : undefined;
}

async function lossFor({ other, issuer }: LogWorld, cursor: Position) {
  return showsLoss(await other.read(issuer, cursor, 10), cursor);
}

const floors: Readonly<Record<string, (cursor: Position) => Position>> = {
  'a process that knows the lost positions': (cursor) => cursor,
  'a process that does not know them': () => 0,
};

export const loss: LogSection = {
  title: 'loss',
  cases: [
    {
      name: 'of the last entries shows in the head',
      needs: 'lose',
      async run(world) {
        const { under, issuer, appendAll } = world;
        const cursor = (await appendAll(8)).at(-1) ?? 0;
        deepEqual(await lossFor(world, cursor), undefined);
        await under.lose?.(issuer, 3);
        deepEqual(await lossFor(world, cursor), 'rolled back');
      },
    },
    ...Object.entries(floors).map(([who, floorFor]): LogSection['cases'][number] => ({
      name: `of the last entries is not hidden by later entries of ${who}`,
      needs: 'lose',
      async run(world) {
        const { under, log, issuer, appendAll, entry, time } = world;
        const cursor = (await appendAll(8)).at(-1) ?? 0;
        await under.lose?.(issuer, 3);
        await time.moment();
        for (let count = 0; count < 5; count += 1) {
          await log.append(entry({ floor: floorFor(cursor) }));
          deepEqual(await lossFor(world, cursor), 'rolled back');
        }
      },
    })),
    {
      name: 'of all data shows as a new log',
      needs: 'flush',
      async run(world) {
        const { under, other, issuer, appendAll } = world;
        await appendAll(8, { everything: 'here' });
        await under.flush?.();
        await isAbsent(other, issuer);
      },
    },
    ...Object.entries(floors).map(([who, floorFor]): LogSection['cases'][number] => ({
      name: `of all data is not hidden by later entries of ${who}`,
      needs: 'flush',
      async run(world) {
        const { under, log, appendAll, entry, time } = world;
        const cursor = (await appendAll(8)).at(-1) ?? 0;
        await under.flush?.();
        await time.moment();
        for (let count = 0; count < 5; count += 1) {
          const position = await log.append(entry({ floor: floorFor(cursor) }));
          ok(position > cursor, 'positions begin again after a flush');
          deepEqual(await lossFor(world, cursor), 'lost');
        }
      },
    })),
    {
      name: 'is not risked: a backend that was demoted takes no entry',
      needs: 'demote',
      async run({ under, log, other, issuer, entry, appendAll }) {
        const head = (await appendAll(3)).at(-1);
        const promote = await under.demote?.();
        try {
          for (const one of [log, other]) {
            await rejects(one.append(entry()), 'a demoted backend took an entry');
          }
        } finally {
          await promote?.();
        }
        deepEqual((await other.read(issuer, 0, 0)).head, head);
        ok((await log.append(entry())) > (head ?? 0));
      },
    },
  ],
};
