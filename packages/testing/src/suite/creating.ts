import { deepEqual, equal, ok } from 'node:assert/strict';

import { isAuthError } from '@tokenpair/core';
import { type NewSession, type SessionLimit } from '@tokenpair/core/store';

import { includes, isUnchanged, type Case, type Section } from './case.js';
import { digest, idsOf, roomy, sessionOf } from './sessions.js';

const day = 86_400_000;

const odd: Readonly<Record<string, Partial<NewSession>>> = {
  'separators in the subject': { subject: 'a|b:c{d}e,f\tg%20h' },
  'a line break in the subject': { subject: 'a\r\nb' },
  'control characters in the subject': { subject: '\u0000\u0001\u007F' },
  'any alphabet in the subject': { subject: 'Zoë ☃ 日本語 😀 \uFEFF' },
  'a subject that looks like JSON': { subject: '{"a":["b"]}' },
  'a subject that looks like a number': { subject: '007' },
  'a subject that looks like SQL': { subject: "'; DROP TABLE sessions; --" },
  'a subject with spaces around it': { subject: ' u ' },
  'a subject that objects inherit': { subject: '__proto__' },
  'the longest subject': { subject: '😀'.repeat(512) },
  'the longest data': { data: '"|\\\u0000é'.repeat(2_000).slice(0, 8_192) },
  'no data': { data: '' },
  'data that looks like a record': { data: '1|2|3|4|{"a":1}|0|' },
  'a bound key': { cnf: 'jkt:0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
  'the highest generation': { generation: 0xff_ff_ff_fe, parentGeneration: 0xff_ff_ff_fd },
  'the highest key id': { keyId: 15 },
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
    deepEqual(idsOf(await other.list(wanted.subject)), [wanted.sessionId]);
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
        const instants = { createdAt: asOf, rotatedAt: asOf, anchorAt: asOf };
        const expiresAt = asOf + absoluteLifetime;
        deepEqual(result, {
          outcome: 'created',
          session: { ...given, confirmed: false, ...instants, expiresAt, asOf },
          evicted: [],
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
        equal((await store.list(wanted.subject)).length, found ? 1 : 0);
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
      async run({ store, other, subject, session }) {
        const wanted = session();
        const limit: SessionLimit = { max: 1, onLimit: 'reject' };
        const first = sessionOf(await store.create(wanted, limit));
        isUnchanged(sessionOf(await other.create(wanted, limit)), first);
        equal((await store.list(subject)).length, 1);
      },
    },
    {
      name: 'is repeated without ending the session that it made',
      async run({ store, other, subject, session }) {
        const wanted = session();
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest' };
        const results = await Promise.all([
          store.create(wanted, limit),
          other.create(wanted, limit),
        ]);
        for (const result of results) includes(result, { outcome: 'created', evicted: [] });
        deepEqual(idsOf(await store.list(subject)), [wanted.sessionId]);
      },
    },
  ],
};
