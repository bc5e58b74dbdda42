import { deepEqual, equal, ok } from 'node:assert/strict';

import type { Change, Expected, SwapResult } from '@tokenpair/core/store';

import { includes, isUnchanged, type Case, type Section } from './case.js';
import { callersOf, inRounds, type Caller } from './parallel.js';
import {
  digest,
  expectOf,
  many,
  outcomeOf,
  repeat,
  rotateOnce,
  sessionOf,
  successorOf,
} from './sessions.js';

const data = '{"version":1,"x":"a"}';

const wrongTokens: Readonly<Record<string, Expected>> = {
  'another hash': { generation: 1, secretHash: digest('another') },
  'the generation before': { generation: 0, secretHash: digest('secret 1') },
  'the generation after': { generation: 2, secretHash: digest('secret 1') },
  'a part of the hash': { generation: 1, secretHash: digest('secret 1').slice(0, 21) },
  'the hash in other case': { generation: 1, secretHash: digest('secret 1').toUpperCase() },
  'an empty hash': { generation: 1, secretHash: '' },
};

// The record of these cases has generation 1 and the data above, and generation 1 is confirmed.
const wrong: Readonly<Record<string, Expected>> = {
  ...wrongTokens,
  'other data': { data: '{"version":2,"x":"a"}' },
  'a part of the data': { data: data.slice(0, -1) },
  'the data in other case': { data: data.toUpperCase() },
  'empty data': { data: '' },
  'a lower confirmed generation': { confirmed: 0 },
  'a higher confirmed generation': { confirmed: 2 },
  'other data of the expected token': { ...expectOf(1), data: '{}' },
  'another confirmed generation of the expected token': { ...expectOf(1), confirmed: 0 },
  'another token with the expected data': { ...expectOf(2), data, confirmed: 1 },
};

const conflicts = Object.entries(wrong).map(([what, expected]): Case => ({
  name: `is a conflict for ${what}, and leaves the record as it is`,
  async run({ store, other, time, create, read }) {
    const sessionId = await create({ data });
    await store.confirm(sessionId, 1);
    const before = await read(sessionId);
    await time.moment();
    const change = { token: successorOf(1), data: 'new', idleLifetime: 5_000, expiresAt: 1 };
    const result = await store.swap(sessionId, expected, change);
    equal(result.outcome, 'conflict');
    isUnchanged(sessionOf(result), before);
    isUnchanged(await other.get(sessionId), before);
  },
}));

const right: Readonly<Record<string, Expected>> = {
  'generation and hash alone': expectOf(1),
  'data alone': { data },
  'the confirmed generation alone': { confirmed: 1 },
  'an age alone': { olderThan: 1 },
  'all of these at once': { ...expectOf(1), data, confirmed: 1, olderThan: 1 },
};

const fits = Object.entries(right).map(([what, expected]): Case => ({
  name: `writes a record that fits when it expects ${what}`,
  async run({ store, time, create, read }) {
    const sessionId = await create({ data });
    await store.confirm(sessionId, 1);
    await time.moment();
    const result = await store.swap(sessionId, expected, { token: successorOf(1) });
    equal(result.outcome, 'swapped');
    isUnchanged(await read(sessionId), sessionOf(result));
  },
}));

/** Parallel callers with one expectation, of which each writes something else. */
const race = (
  caller: Caller,
  sessionId: string,
  expected: Expected,
  change: (index: number) => Change,
): Promise<SwapResult[]> =>
  Promise.all(repeat(many, (index) => caller(index).swap(sessionId, expected, change(index))));

const winnersOf = (results: readonly SwapResult[]) =>
  results.filter(({ outcome }) => outcome === 'swapped');

/** Asserts that one caller swapped and that every other got its record. */
function hasOneWinner(results: readonly SwapResult[]) {
  const [winner, ...others] = winnersOf(results);
  ok(winner, 'no caller swapped');
  equal(others.length, 0, `${others.length + 1} of ${results.length} parallel callers swapped`);
  const won = sessionOf(winner);
  for (const result of results) isUnchanged(sessionOf(result), won);
  return won;
}

export const swapping: Section = {
  title: 'swapping the token half',
  cases: [
    {
      name: 'writes the token half with the time, and keeps the session half',
      async run({ store, time, create, read }) {
        const sessionId = await create({ data: 'mine' });
        await store.confirm(sessionId, 1);
        const before = await read(sessionId);
        await time.moment();
        const token = successorOf(1, { state: '7 1.abc !' });
        const result = await store.swap(sessionId, expectOf(1), { token });
        const { asOf } = sessionOf(result);
        ok(asOf > before.asOf, 'rotatedAt is not now');
        const session = { ...before, ...token, rotatedAt: asOf, asOf };
        deepEqual(result, { outcome: 'swapped', session });
        isUnchanged(await read(sessionId), session);
      },
    },
    ...fits,
    ...conflicts,
    {
      name: 'is a conflict until the generation is older than asked, and leaves the record as it is',
      async run({ store, other, time, create, read }) {
        const sessionId = await create();
        await rotateOnce(store, sessionId, 1);
        const aged = { ...expectOf(2), olderThan: time.hour - 1 };
        await time.mostOf(time.hour);
        const before = await read(sessionId);
        const result = await store.swap(sessionId, aged, { token: successorOf(2) });
        equal(result.outcome, 'conflict');
        isUnchanged(sessionOf(result), before);
        isUnchanged(await other.get(sessionId), before);
        await time.restOf(time.hour);
        equal((await other.swap(sessionId, aged, { token: successorOf(2) })).outcome, 'swapped');
      },
    },
    {
      name: 'counts the age from the last rotation, not from the beginning of the session',
      async run({ store, time, create }) {
        const sessionId = await create();
        await time.pass(time.hour);
        await rotateOnce(store, sessionId, 1);
        const aged = { ...expectOf(2), olderThan: time.hour - 1 };
        equal((await store.swap(sessionId, aged, { token: successorOf(2) })).outcome, 'conflict');
      },
    },
    {
      name: 'is old enough when the clock was ahead by more than asked and was corrected',
      async run({ store, time, create }) {
        if (!time.isMovable) return;
        const sessionId = await create();
        const aged = { ...expectOf(1), olderThan: time.hour };
        await time.pass(-time.hour);
        equal((await store.swap(sessionId, aged, { token: successorOf(1) })).outcome, 'conflict');
        await time.pass(-1);
        equal((await store.swap(sessionId, aged, { token: successorOf(1) })).outcome, 'swapped');
      },
    },
    {
      name: 'requires generation and hash at any age',
      async run({ store, time, create }) {
        const sessionId = await create();
        await time.moment();
        for (const expected of Object.values(wrongTokens)) {
          const aged = { ...expected, olderThan: 1 };
          equal((await store.swap(sessionId, aged, { token: successorOf(1) })).outcome, 'conflict');
        }
      },
    },
    {
      name: 'never creates: an unknown session is absent and stays so',
      async run({ store, session, isOver }) {
        const { sessionId } = session();
        deepEqual(await rotateOnce(store, sessionId, 1), { outcome: 'absent' });
        await isOver(sessionId);
      },
    },
    {
      name: `lets one of ${many} parallel callers through and shows the others the winner, ten times`,
      needs: 'another',
      async run({ store, other, create, read }) {
        const sessionId = await create();
        await inRounds({ store, other }, async (caller, generation) => {
          const results = await race(caller, sessionId, expectOf(generation), (index) => ({
            token: successorOf(generation, { state: `1 caller ${index}` }),
          }));
          const won = hasOneWinner(results);
          equal(won.generation, generation + 1);
          isUnchanged(await read(sessionId), won);
          isUnchanged(await other.get(sessionId), won);
        });
      },
    },
    {
      name: `lets one of ${many} parallel callers through that all ask for the same age`,
      needs: 'another',
      async run({ store, other, time, create }) {
        const sessionId = await create();
        await inRounds({ store, other }, async (caller, generation) => {
          await time.moment();
          const aged = { ...expectOf(generation), olderThan: 1 };
          const token = successorOf(generation);
          hasOneWinner(await race(caller, sessionId, aged, () => ({ token })));
        });
      },
    },
    {
      name: 'lets every one of 50 sessions through at once',
      async run({ store, create }) {
        const ids = await Promise.all(repeat(50, () => create()));
        const outcomes = await Promise.all(ids.map((id) => outcomeOf(store, id, 1)));
        deepEqual(new Set(outcomes), new Set(['swapped']));
      },
    },
    {
      name: 'shows a repeated command the record that it wrote itself',
      async run({ store, other, create }) {
        const sessionId = await create();
        const token = successorOf(1, { state: '1 ~mine' });
        const first = await store.swap(sessionId, expectOf(1), { token, data: 'mine' });
        const again = await other.swap(sessionId, expectOf(1), { token, data: 'mine' });
        equal(again.outcome, 'conflict');
        isUnchanged(sessionOf(again), sessionOf(first));
        includes(sessionOf(again), { ...token, data: 'mine' });
      },
    },
    {
      name: 'can write a lower generation, or the same one: it compares, and does not order',
      async run({ store, create, read }) {
        const sessionId = await create({ generation: 9, secretHash: digest('secret 9') });
        equal(
          (await store.swap(sessionId, expectOf(9), { token: successorOf(4) })).outcome,
          'swapped',
        );
        includes(await read(sessionId), expectOf(5));
        const again = { ...successorOf(4), secretHash: digest('other') };
        equal((await store.swap(sessionId, expectOf(5), { token: again })).outcome, 'swapped');
        includes(await read(sessionId), again);
      },
    },
  ],
};

const changes: Readonly<Record<string, Change>> = {
  data: { data: '{"version":2}' },
  'the idle lifetime': { idleLifetime: 60_000 },
  'the absolute end': { expiresAt: 4_102_444_800_000 },
  'all of the session half': { data: '', idleLifetime: 60_000, expiresAt: 4_102_444_800_000 },
};

const partial = Object.entries(changes).map(([what, change]): Case => ({
  name: `writes ${what} and nothing else`,
  async run({ store, other, time, create, read }) {
    const sessionId = await create({ data });
    await rotateOnce(store, sessionId, 1);
    await store.confirm(sessionId, 2);
    const before = await read(sessionId);
    await time.moment();
    const result = await store.swap(sessionId, { data }, change);
    const { asOf } = sessionOf(result);
    const session = { ...before, ...change, asOf };
    deepEqual(result, { outcome: 'swapped', session });
    isUnchanged(await read(sessionId), session);
    isUnchanged(await other.get(sessionId), session);
  },
}));

export const updating: Section = {
  title: 'swapping the session half',
  cases: [
    ...partial,
    {
      name: 'writes both halves in one swap',
      async run({ store, time, create, read }) {
        const sessionId = await create({ data });
        const { createdAt, ...before } = await read(sessionId);
        await time.moment();
        const token = successorOf(1);
        const expiresAt = before.expiresAt + 60_000;
        const change = { data: 'new', idleLifetime: 60_000, expiresAt };
        const result = await store.swap(sessionId, { ...expectOf(1), data }, { token, ...change });
        const { asOf } = sessionOf(result);
        const session = { ...before, ...token, ...change, createdAt, rotatedAt: asOf, asOf };
        deepEqual(result, { outcome: 'swapped', session });
        isUnchanged(await read(sessionId), session);
      },
    },
    {
      name: 'distinguishes empty data from data that is not named',
      async run({ store, create, read }) {
        const sessionId = await create({ data: '' });
        equal((await store.swap(sessionId, { data: '' }, { data: 'new' })).outcome, 'swapped');
        equal((await store.swap(sessionId, { data: '' }, { data: 'newer' })).outcome, 'conflict');
        await store.swap(sessionId, expectOf(1), { token: successorOf(1) });
        equal((await read(sessionId)).data, 'new');
        await store.swap(sessionId, expectOf(2), { data: '' });
        equal((await read(sessionId)).data, '');
      },
    },
    {
      name: `lets one of ${many} parallel updates of the same data through, and shows the others the winner`,
      needs: 'another',
      async run({ store, other, create, read }) {
        const sessionId = await create({ data: 'round 1' });
        await inRounds({ store, other }, async (caller, round) => {
          const expected = { data: (await read(sessionId)).data };
          const results = await race(caller, sessionId, expected, (index) => ({
            data: `round ${round}, caller ${index}`,
          }));
          isUnchanged(await read(sessionId), hasOneWinner(results));
        });
      },
    },
    {
      name: 'loses none of 30 updates and 40 rotations at the same time',
      needs: 'another',
      async run({ store, other, create, read }) {
        const sessionId = await create({ data: '' });
        const updaters = 5;
        let generation = 1;
        for (const caller of callersOf({ store, other })) {
          await store.swap(sessionId, expectOf(generation), { data: '' });
          const rotate = async () => {
            for (let count = 0; count < 40; count += 1, generation += 1) {
              equal(await outcomeOf(caller(count), sessionId, generation), 'swapped');
            }
          };
          const update = async (updater: number) => {
            for (const mark of marks(updater)) await append(caller(updater), sessionId, mark);
          };
          await Promise.all([rotate(), ...repeat(updaters, update)]);
          const found = await read(sessionId);
          includes(found, expectOf(generation));
          const wanted = repeat(updaters, marks).flat();
          deepEqual(found.data.match(/[^;]+;/g)?.toSorted(), wanted.toSorted());
        }
      },
    },
  ],
};

/** What an updater writes: one mark in each update. */
const marks = (updater: number) => repeat(6, (count) => `${updater}.${count};`);

/** Reads the data and writes it with a mark at its end, as often as another update comes between. */
async function append(store: ReturnType<Caller>, sessionId: string, mark: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const session = await store.get(sessionId);
    ok(session, 'get() did not return a live session');
    const change = { data: session.data + mark };
    const { outcome } = await store.swap(sessionId, { data: session.data }, change);
    if (outcome === 'swapped') return;
  }
  throw new Error('an update was in conflict 100 times');
}
