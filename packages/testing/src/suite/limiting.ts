import { deepEqual, equal } from 'node:assert/strict';

import type { SessionLimit } from '@tokenpair/core/store';

import { includes, isUnchanged, type Section } from './case.js';
import { idsOf, outcomeOf, repeat, rotateOnce, sessionOf } from './sessions.js';

const logins = 60;

export const limiting: Section = {
  title: 'the limit of sessions',
  cases: [
    {
      name: `holds under ${logins} parallel logins that evict: exactly 5 are left`,
      needs: 'another',
      async run({ store, other, subject, session }) {
        const limit: SessionLimit = { max: 5, onLimit: 'evict-oldest' };
        const results = await Promise.all(
          repeat(logins, (index) => (index % 2 === 0 ? store : other).create(session(), limit)),
        );
        const evicted = results.flatMap((one) => (one.outcome === 'created' ? one.evicted : []));
        const created = results.map((one) => sessionOf(one).sessionId);
        const left = idsOf(await store.list(subject));
        equal(left.length, 5);
        deepEqual([...evicted, ...left].toSorted(), created.toSorted());
        for (const sessionId of evicted) equal(await outcomeOf(store, sessionId, 1), 'absent');
        for (const sessionId of left) equal(await outcomeOf(store, sessionId, 1), 'swapped');
      },
    },
    {
      name: `holds under ${logins} parallel logins that are refused: exactly 5 got in`,
      needs: 'another',
      async run({ store, other, subject, session }) {
        const limit: SessionLimit = { max: 5, onLimit: 'reject' };
        const results = await Promise.all(
          repeat(logins, (index) => (index % 2 === 0 ? store : other).create(session(), limit)),
        );
        const created = results.flatMap((one) =>
          one.outcome === 'created' ? [one.session.sessionId] : [],
        );
        const refused = results.filter(
          (one) => one.outcome === 'refused' && one.reason === 'limit',
        );
        deepEqual([created.length, refused.length], [5, logins - 5]);
        deepEqual(idsOf(await store.list(subject)).toSorted(), created.toSorted());
      },
    },
    {
      name: 'evicts the least recently refreshed first, and names it',
      async run({ store, time, subject, create, session }) {
        const first = await create();
        await time.moment();
        const second = await create();
        await time.moment();
        await rotateOnce(store, first, 1);
        await time.moment();
        const third = session();
        const result = await store.create(third, { max: 2, onLimit: 'evict-oldest' });
        includes(result, { outcome: 'created', evicted: [second] });
        deepEqual(idsOf(await store.list(subject)), [third.sessionId, first]);
      },
    },
    {
      name: 'evicts as many as a lower limit asks for, oldest first',
      async run({ store, time, subject, create, session }) {
        const ids: string[] = [];
        for (let count = 0; count < 4; count += 1) {
          ids.push(await create());
          await time.moment();
        }
        const result = await store.create(session(), { max: 2, onLimit: 'evict-oldest' });
        includes(result, { outcome: 'created', evicted: ids.slice(0, 3) });
        equal((await store.list(subject)).length, 2);
      },
    },
    {
      name: 'ends no session of another subject',
      async run({ store, subject, create, session }) {
        const strangers = [
          await create({ subject: `${subject}2` }),
          await create({ subject: `${subject}3` }),
        ];
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest' };
        for (let count = 0; count < 5; count += 1) await store.create(session(), limit);
        for (const sessionId of strangers) equal(await outcomeOf(store, sessionId, 1), 'swapped');
      },
    },
    {
      name: 'changes nothing when it refuses',
      async run({ store, subject, create, session, read }) {
        const before = await read(await create());
        const refused = session();
        deepEqual(await store.create(refused, { max: 1, onLimit: 'reject' }), {
          outcome: 'refused',
          reason: 'limit',
        });
        equal(await store.get(refused.sessionId), undefined);
        const [only, ...others] = await store.list(subject);
        isUnchanged(only, before);
        deepEqual(others, []);
      },
    },
    {
      name: 'counts live sessions of that subject only',
      async run({ store, subject, create, session }) {
        const limit: SessionLimit = { max: 2, onLimit: 'reject' };
        await create({ subject: `${subject}2` });
        await create();
        await store.revoke(await create());
        equal((await store.create(session(), limit)).outcome, 'created');
        equal((await store.create(session(), limit)).outcome, 'refused');
      },
    },
  ],
};
