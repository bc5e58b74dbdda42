import { deepEqual, equal, ok } from 'node:assert/strict';

import type { Section } from './case.js';
import { idsOf, rotateOnce } from './sessions.js';

export const reading: Section = {
  title: 'reading',
  cases: [
    {
      name: 'finds no session that was never created',
      async run({ session, isOver }) {
        await isOver(session().sessionId);
      },
    },
    {
      name: 'returns the time of reading',
      async run({ store, time, owner, create, read }) {
        const sessionId = await create();
        const before = await read(sessionId);
        await time.moment();
        const after = await read(sessionId);
        const [listed] = await store.list(owner);
        ok(after.asOf > before.asOf, 'asOf did not advance');
        ok(listed && listed.asOf >= after.asOf);
      },
    },
    {
      name: 'returns copies: changing one does not change the record',
      async run({ store, owner, create, read }) {
        const sessionId = await create();
        Reflect.set(await read(sessionId), 'generation', 99);
        for (const listed of await store.list(owner)) Reflect.set(listed, 'generation', 99);
        equal((await read(sessionId)).generation, 1);
      },
    },
    {
      name: 'sees at once what another connection wrote',
      needs: 'another',
      async run({ store, other, owner, create }) {
        const sessionId = await create();
        equal((await other.get(sessionId))?.generation, 1);
        await rotateOnce(other, sessionId, 1);
        equal((await store.get(sessionId))?.generation, 2);
        await other.revoke(sessionId);
        equal(await store.get(sessionId), undefined);
        deepEqual(await store.list(owner), []);
      },
    },
    {
      name: 'lists the most recently rotated first',
      async run({ store, time, owner, create }) {
        const ids: string[] = [];
        for (let count = 0; count < 4; count += 1) {
          ids.push(await create());
          await time.moment();
        }
        const [oldest = '', second = '', third = '', newest = ''] = ids;
        await rotateOnce(store, second, 1);
        deepEqual(idsOf(await store.list(owner)), [second, newest, third, oldest]);
      },
    },
    {
      name: 'lists the sessions of that very owner',
      async run({ store, owner, create }) {
        const mine = await create();
        const alike = [`${owner}1`, owner.toUpperCase(), `${owner} `, owner.slice(0, -1)];
        const wild = [`${owner}\u0000`, `${owner.slice(0, -1)}*`, `${owner.slice(0, -1)}?`];
        for (const one of [...alike, ...wild, `${owner.slice(0, -1)}%`]) {
          const its = await create({ owner: one });
          deepEqual(idsOf(await store.list(one)), [its]);
        }
        deepEqual(idsOf(await store.list(owner)), [mine]);
      },
    },
  ],
};
