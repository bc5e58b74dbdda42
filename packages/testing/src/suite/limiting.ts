import { deepEqual, equal } from 'node:assert/strict';

import type { CreateResult, SessionLimit } from '@tokenpair/core/store';

import { includes, isUnchanged, type Section } from './case.js';
import { inRounds } from './parallel.js';
import { idsOf, outcomeOf, repeat, rotateOnce, sessionOf } from './sessions.js';

const logins = 60;

export const limiting: Section = {
  title: 'the limit of sessions',
  cases: [
    {
      name: `holds under ${logins} parallel logins that evict: exactly 5 are left`,
      needs: 'another',
      async run({ store, other, owner, session }) {
        const limit: SessionLimit = { max: 5, onLimit: 'evict-oldest' };
        let before: readonly string[] = [];
        await inRounds({ store, other }, async (caller) => {
          const results = await Promise.all(
            repeat(logins, (index) => caller(index).create(session(), limit)),
          );
          const created = results.map((one) => sessionOf(one).sessionId);
          const left = idsOf(await store.list(owner));
          equal(left.length, 5);
          const evicted = results.flatMap(evictedBy);
          deepEqual([...evicted, ...left].toSorted(), [...before, ...created].toSorted());
          for (const sessionId of evicted) equal(await other.get(sessionId), undefined);
          before = left;
        });
        for (const sessionId of before) equal(await outcomeOf(store, sessionId, 1), 'swapped');
      },
    },
    {
      name: `holds under ${logins} parallel logins that are refused: exactly 5 got in`,
      needs: 'another',
      async run({ store, other, owner, session }) {
        const limit: SessionLimit = { max: 5, onLimit: 'reject' };
        await inRounds({ store, other }, async (caller) => {
          const results = await Promise.all(
            repeat(logins, (index) => caller(index).create(session(), limit)),
          );
          const created = results.flatMap((one) => (one.outcome === 'created' ? [one] : []));
          const refused = results.filter(
            (one) => one.outcome === 'refused' && one.reason === 'limit',
          );
          deepEqual([created.length, refused.length], [5, logins - 5]);
          const wanted = created.map((one) => one.session.sessionId);
          deepEqual((await store.revokeOwner(owner)).toSorted(), wanted.toSorted());
        });
      },
    },
    {
      name: 'evicts the least recently rotated first, and names it',
      async run({ store, time, owner, create, session }) {
        const first = await create();
        await time.moment();
        const second = await create();
        await time.moment();
        await rotateOnce(store, first, 1);
        await time.moment();
        const third = session();
        const result = await store.create(third, { max: 2, onLimit: 'evict-oldest' });
        includes(result, { outcome: 'created', evicted: [second] });
        deepEqual(idsOf(await store.list(owner)), [third.sessionId, first]);
      },
    },
    {
      name: 'evicts as many as a lower limit asks for, oldest first',
      async run({ store, time, owner, create, session }) {
        const ids: string[] = [];
        for (let count = 0; count < 4; count += 1) {
          ids.push(await create());
          await time.moment();
        }
        const result = await store.create(session(), { max: 2, onLimit: 'evict-oldest' });
        includes(result, { outcome: 'created', evicted: ids.slice(0, 3) });
        equal((await store.list(owner)).length, 2);
      },
    },
    {
      name: 'ends no session of another owner',
      async run({ store, owner, create, session }) {
        const strangers = [
          await create({ owner: `${owner}2` }),
          await create({ owner: `${owner}3` }),
        ];
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest' };
        for (let count = 0; count < 5; count += 1) await store.create(session(), limit);
        for (const sessionId of strangers) equal(await outcomeOf(store, sessionId, 1), 'swapped');
      },
    },
    {
      name: 'changes nothing when it refuses',
      async run({ store, owner, create, session, read }) {
        const before = await read(await create());
        const refused = session();
        deepEqual(await store.create(refused, { max: 1, onLimit: 'reject' }), {
          outcome: 'refused',
          reason: 'limit',
        });
        equal(await store.get(refused.sessionId), undefined);
        const [only, ...others] = await store.list(owner);
        isUnchanged(only, before);
        deepEqual(others, []);
      },
    },
    {
      name: 'counts live sessions of that owner only',
      async run({ store, owner, create, session }) {
        const limit: SessionLimit = { max: 2, onLimit: 'reject' };
        await create({ owner: `${owner}2` });
        await create();
        await store.revoke(await create());
        equal((await store.create(session(), limit)).outcome, 'created');
        equal((await store.create(session(), limit)).outcome, 'refused');
      },
    },
  ],
};

export const replacing: Section = {
  title: 'replacing a session at login',
  cases: [
    {
      name: 'ends that session before the limit is counted',
      async run({ store, other, owner, session, create }) {
        const replaces = await create();
        const wanted = session();
        const result = await store.create(wanted, { max: 1, onLimit: 'reject', replaces });
        includes(result, { outcome: 'created', evicted: [], replaced: true });
        for (const one of [store, other]) {
          deepEqual(idsOf(await one.list(owner)), [wanted.sessionId]);
          equal(await one.get(replaces), undefined);
          equal(await outcomeOf(one, replaces, 1), 'absent');
          equal(await one.revoke(replaces), false);
        }
      },
    },
    {
      name: 'evicts no other session when the replaced one makes enough room',
      async run({ store, time, owner, session, create }) {
        const oldest = await create();
        await time.moment();
        const replaces = await create();
        await time.moment();
        const wanted = session();
        const result = await store.create(wanted, { max: 2, onLimit: 'evict-oldest', replaces });
        includes(result, { outcome: 'created', evicted: [], replaced: true });
        deepEqual(idsOf(await store.list(owner)), [wanted.sessionId, oldest]);
      },
    },
    {
      name: 'evicts others as well when the limit is lower, and does not name the replaced one',
      async run({ store, time, owner, session, create }) {
        const replaces = await create();
        await time.moment();
        const oldest = await create();
        await time.moment();
        await create();
        const limit: SessionLimit = { max: 2, onLimit: 'evict-oldest', replaces };
        includes(await store.create(session(), limit), { evicted: [oldest], replaced: true });
        equal((await store.list(owner)).length, 2);
      },
    },
    {
      name: 'ignores a session of another owner',
      async run({ store, owner, session, create }) {
        const replaces = await create({ owner: `${owner}2` });
        const first = await store.create(session(), { max: 1, onLimit: 'reject', replaces });
        includes(first, { outcome: 'created', evicted: [], replaced: false });
        const second = await store.create(session(), { max: 1, onLimit: 'reject', replaces });
        equal(second.outcome, 'refused');
        equal(await outcomeOf(store, replaces, 1), 'swapped');
      },
    },
    {
      name: 'ignores a session that does not exist or has ended',
      async run({ store, time, session, create }) {
        const revoked = await create();
        await store.revoke(revoked);
        const idle = await create({ idleLifetime: time.hour });
        await time.pass(time.hour + 10);
        for (const replaces of [session().sessionId, revoked, idle, '']) {
          const result = await store.create(session(), { max: 9, onLimit: 'reject', replaces });
          includes(result, { outcome: 'created', evicted: [], replaced: false });
        }
      },
    },
    {
      name: 'ends nothing when the login is refused',
      async run({ store, owner, session, create }) {
        const replaces = await create();
        const sibling = await create();
        const limit: SessionLimit = { max: 1, onLimit: 'reject', replaces };
        deepEqual(await store.create(session(), limit), { outcome: 'refused', reason: 'limit' });
        deepEqual(idsOf(await store.list(owner)).toSorted(), [replaces, sibling].toSorted());
      },
    },
    {
      name: 'ends nothing more when the login is repeated',
      async run({ store, other, owner, session, create }) {
        const replaces = await create();
        const wanted = session();
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest', replaces };
        includes(await store.create(wanted, limit), { replaced: true });
        const again = await other.create(wanted, limit);
        includes(again, { outcome: 'created', evicted: [], replaced: false });
        deepEqual(idsOf(await store.list(owner)), [wanted.sessionId]);
      },
    },
    {
      name: `is reported by one of ${logins} parallel logins that replace the same session`,
      needs: 'another',
      async run({ store, other, owner, session, create }) {
        await inRounds({ store, other }, async (caller) => {
          const replaces = await create();
          const limit: SessionLimit = { max: logins, onLimit: 'reject', replaces };
          const results = await Promise.all(
            repeat(logins, (index) => caller(index).create(session(), limit)),
          );
          const reports = results.filter((one) => 'replaced' in one && one.replaced);
          equal(reports.length, 1);
          equal((await store.revokeOwner(owner)).length, logins);
        });
      },
    },
  ],
};

function evictedBy(result: CreateResult): readonly string[] {
  return result.outcome === 'created' ? result.evicted : [];
}
