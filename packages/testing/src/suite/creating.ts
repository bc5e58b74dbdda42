import { deepEqual, equal, ok, rejects } from 'node:assert/strict';

import { isAuthError } from '@tokenpair/core';
import { type NewSession, type SessionLimit } from '@tokenpair/core/store';

import { includes, isUnchanged, type Case, type Section } from './case.js';
import { inRounds } from './parallel.js';
import { digest, idsOf, repeat, roomy, rotateOnce, sessionOf } from './sessions.js';

const day = 86_400_000;

const odd: Readonly<Record<string, Partial<NewSession>>> = {
  'separators in the owner': { owner: 'a|b:c{d}e,f\tg%20h' },
  'a line break in the owner': { owner: 'a\r\nb' },
  'control characters in the owner': { owner: '\u0000\u0001\u007F' },
  'any alphabet in the owner': { owner: 'Zoë ☃ 日本語 😀 \uFEFF' },
  'an owner that looks like JSON': { owner: '{"a":["b"]}' },
  'an owner that looks like a number': { owner: '007' },
  'an owner that looks like SQL': { owner: "'; DROP TABLE sessions; --" },
  'an owner with spaces around it': { owner: ' u ' },
  'an owner that objects inherit': { owner: '__proto__' },
  'the longest owner': { owner: '😀'.repeat(528) },
  'the longest data': { data: '"|\\;\té☃'.repeat(2_000).slice(0, 8_192) },
  'no data': { data: '' },
  'data that looks like a record': { data: '1|2|3|4|{"a":1}|0|' },
  'the state of a usual session': {
    state: '15 4294967295.u3Gk9wAAAAAAAAAAAAAAAA.1795435200000 ! ~x',
  },
  'separators in the state': { state: 'a|b;c:d%20e"f\'g\r\n☃' },
  'the longest state': { state: '1 '.repeat(512) },
  'no state': { state: '' },
  'the highest generation': { generation: 0xff_ff_ff_ff },
  'lifetimes of a second': { idleLifetime: 1_000, absoluteLifetime: 1_000 },
  'lifetimes of fifty years': { idleLifetime: 18_250 * day, absoluteLifetime: 18_250 * day },
};

const roundTrips = Object.entries(odd).map(([what, changes]): Case => ({
  name: `keeps ${what} exactly`,
  async run({ store, other, session, read }) {
    const wanted = session(changes);
    const { absoluteLifetime, ...given } = wanted;
    const created = sessionOf(await store.create(wanted, roomy));
    includes(created, { ...given, expiresAt: created.createdAt + absoluteLifetime });
    const found = await read(wanted.sessionId);
    ok(found.asOf >= created.asOf);
    isUnchanged(found, created);
    isUnchanged(await other.get(wanted.sessionId), created);
    deepEqual(idsOf(await other.list(wanted.owner)), [wanted.sessionId]);
  },
}));

export const creating: Section = {
  title: 'creating',
  cases: [
    {
      name: 'adds the times, by the clock of the store, and returns the record',
      async run({ store, session }) {
        const wanted = session();
        const { absoluteLifetime, ...given } = wanted;
        const result = await store.create(wanted, roomy);
        const { asOf } = sessionOf(result);
        const instants = { createdAt: asOf, rotatedAt: asOf };
        const expiresAt = asOf + absoluteLifetime;
        deepEqual(result, {
          outcome: 'created',
          session: { ...given, confirmed: 0, ...instants, expiresAt, asOf },
          evicted: [],
          replaced: false,
        });
      },
    },
    ...roundTrips,
    {
      name: 'keeps data past the maximum to the letter or refuses it, and never cuts it',
      async run({ store, session }) {
        const wanted = session({ data: 'é|'.repeat(200_000) });
        try {
          const created = sessionOf(await store.create(wanted, roomy));
          equal(created.data, wanted.data);
        } catch (error) {
          ok(isAuthError(error) || error instanceof TypeError || error instanceof RangeError);
        }
        const found = await store.get(wanted.sessionId);
        ok(found === undefined || found.data === wanted.data, 'the data was cut');
        equal((await store.list(wanted.owner)).length, found ? 1 : 0);
      },
    },
    {
      name: 'is not affected by later changes of the object that it got',
      async run({ store, session, read }) {
        const wanted = { ...session() };
        await store.create(wanted, roomy);
        wanted.secretHash = 'changed';
        equal((await read(wanted.sessionId)).secretHash, digest('secret 1'));
      },
    },
    {
      name: 'answers as before when the client library repeats the command',
      async run({ store, other, owner, session }) {
        const wanted = session();
        const limit: SessionLimit = { max: 1, onLimit: 'reject' };
        const first = sessionOf(await store.create(wanted, limit));
        const again = await other.create(wanted, limit);
        includes(again, { outcome: 'created', evicted: [], replaced: false });
        isUnchanged(sessionOf(again), first);
        equal((await store.list(owner)).length, 1);
      },
    },
    {
      name: 'is repeated without ending the session that it made',
      needs: 'another',
      async run({ store, other, owner, session }) {
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest' };
        await inRounds({ store, other }, async (caller, round) => {
          const wanted = session();
          const results = await Promise.all(
            repeat(4, (index) => caller(index).create(wanted, limit)),
          );
          // The first call of a later round ends the session of the round before.
          const evicted = results.flatMap((one) => ('evicted' in one ? one.evicted : []));
          equal(results.filter(({ outcome }) => outcome === 'created').length, 4);
          equal(evicted.length, round === 1 ? 0 : 1);
          deepEqual(idsOf(await store.list(owner)), [wanted.sessionId]);
        });
      },
    },
    {
      name: 'does not write over a live session with the same ID and another secret',
      async run({ store, session, create, read }) {
        const sessionId = await create();
        await rotateOnce(store, sessionId, 1);
        const before = await read(sessionId);
        await rejects(store.create(session({ sessionId }), roomy));
        isUnchanged(await read(sessionId), before);
      },
    },
  ],
};
