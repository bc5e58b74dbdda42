// What every session store keeps, as one suite that any of them can run.

import { createHash, randomBytes } from 'node:crypto';

import {
  subjectTag,
  type CreateResult,
  type NewSession,
  type NextGeneration,
  type RotateResult,
  type SessionLimit,
  type SessionSnapshot,
  type SessionStore,
} from '@tokenpair/core';

export interface StoreUnderTest {
  readonly store: SessionStore;
  /** Moves the clock of the store on by milliseconds. */
  readonly advance: (milliseconds: number) => void | Promise<void>;
}

const hour = 3_600_000;
const day = 24 * hour;
const many = 200;
const roomy: SessionLimit = { max: 1_000, onLimit: 'reject' };

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A session as core would create it. */
export function newSession(changes: Partial<NewSession> = {}): NewSession {
  const subject = changes.subject ?? 'u_1';
  return {
    sessionId: subjectTag(subject) + randomBytes(16).toString('base64url'),
    subject,
    generation: 1,
    secretHash: digest('secret 1'),
    keyId: 1,
    parentGeneration: 0,
    attempt: randomBytes(12).toString('base64url'),
    cnf: '',
    idleLifetime: 30 * day,
    absoluteLifetime: 90 * day,
    data: '{"scope":"a b"}',
    ...changes,
  };
}

function nextOf(generation: number, changes: Partial<NextGeneration> = {}): NextGeneration {
  return {
    generation: generation + 1,
    secretHash: digest(`secret ${generation + 1}`),
    keyId: 1,
    parentGeneration: generation,
    attempt: randomBytes(12).toString('base64url'),
    moveAnchor: true,
    ...changes,
  };
}

const expectOf = (generation: number) => ({
  generation,
  secretHash: digest(`secret ${generation}`),
});

/** The rotation of a session from one generation to the next, as core would ask for it. */
function rotateOnce(
  store: SessionStore,
  sessionId: string,
  generation: number,
): Promise<RotateResult> {
  return store.rotate(sessionId, expectOf(generation), nextOf(generation));
}

function sessionOf(result: CreateResult | RotateResult): SessionSnapshot {
  if ('session' in result) return result.session;
  throw new Error(`the store answered ${result.outcome}`);
}

const idsOf = (sessions: readonly SessionSnapshot[]) => sessions.map(({ sessionId }) => sessionId);

export function describeSessionStore(
  name: string,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  let store: SessionStore;
  let advance: StoreUnderTest['advance'];

  async function create(changes: Partial<NewSession> = {}, limit = roomy): Promise<string> {
    return sessionOf(await store.create(newSession(changes), limit)).sessionId;
  }

  const outcomeOf = async (sessionId: string, generation: number) =>
    (await rotateOnce(store, sessionId, generation)).outcome;

  const expectAbsent = async (sessionId: string) => {
    expect(await store.get(sessionId)).toBeUndefined();
    expect(await store.list('u_1')).toEqual([]);
    expect(await outcomeOf(sessionId, 1)).toBe('absent');
    expect(await store.revoke(sessionId)).toBe(false);
    expect(await store.revokeSubject('u_1')).toEqual([]);
  };

  describe(`${name} as a session store`, () => {
    beforeEach(async () => {
      ({ store, advance } = await makeStore());
    });

    afterEach(() => store.close?.());

    describe('creating', () => {
      it('adds the instants, by the clock of the store, and gives the record back', async () => {
        const session = newSession();
        const { absoluteLifetime, ...given } = session;
        const result = await store.create(session, roomy);
        const { asOf } = sessionOf(result);
        expect(result).toEqual({
          outcome: 'created',
          session: {
            ...given,
            confirmed: false,
            createdAt: asOf,
            rotatedAt: asOf,
            anchorAt: asOf,
            expiresAt: asOf + absoluteLifetime,
            asOf,
          },
          evicted: [],
        });
      });

      it.each<[string, Partial<NewSession>]>([
        ['a separator in the subject', { subject: 'a|b:c{d}e,f\tg' }],
        ['a line break in the subject', { subject: 'a\r\nb' }],
        ['control characters in the subject', { subject: '\u0000\u0001\u007F' }],
        ['any alphabet in the subject', { subject: 'Zoë ☃ 日本語 😀 \uFEFF' }],
        ['a subject that looks like JSON', { subject: '{"a":["b"]}' }],
        ['a subject that looks like a number', { subject: '007' }],
        ['a subject with spaces around it', { subject: ' u ' }],
        ['a subject that objects inherit', { subject: '__proto__' }],
        ['the longest subject', { subject: '😀'.repeat(512) }],
        ['the longest data', { data: '"|\\\u0000é'.repeat(2_000).slice(0, 8_192) }],
        ['no data', { data: '' }],
        ['a bound key', { cnf: 'jkt:0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
        ['the highest generation', { generation: 0xff_ff_ff_fe, parentGeneration: 0xff_ff_ff_fd }],
        ['the highest key id', { keyId: 15 }],
        ['lifetimes of a second', { idleLifetime: 1_000, absoluteLifetime: 1_000 }],
        [
          'lifetimes of fifty years',
          { idleLifetime: 18_250 * day, absoluteLifetime: 18_250 * day },
        ],
      ])('keeps %s to the letter', async (_what, changes) => {
        const session = newSession(changes);
        const { absoluteLifetime: _span, ...given } = session;
        const created = sessionOf(await store.create(session, roomy));
        expect(created).toMatchObject(given);
        const { asOf, ...record } = (await store.get(session.sessionId)) as SessionSnapshot;
        expect(asOf).toBeGreaterThanOrEqual(created.asOf);
        expect({ ...record, asOf: created.asOf }).toEqual(created);
        expect(idsOf(await store.list(session.subject))).toEqual([session.sessionId]);
      });

      it('does not see what becomes of the object that it was given', async () => {
        const session = { ...newSession() };
        await store.create(session, roomy);
        session.secretHash = 'changed';
        const record = await store.get(session.sessionId);
        expect(record?.secretHash).toBe(digest('secret 1'));
      });

      it('answers as before when the client library repeats the command', async () => {
        const session = newSession();
        const limit: SessionLimit = { max: 1, onLimit: 'reject' };
        const first = await store.create(session, limit);
        expect(await store.create(session, limit)).toMatchObject({
          outcome: 'created',
          session: { ...sessionOf(first), asOf: expect.any(Number) },
        });
        expect(await store.list('u_1')).toHaveLength(1);
      });

      it('is repeated without ending the session that it made', async () => {
        const session = newSession();
        const limit: SessionLimit = { max: 1, onLimit: 'evict-oldest' };
        const results = await Promise.all([
          store.create(session, limit),
          store.create(session, limit),
        ]);
        expect(results).toMatchObject([
          { outcome: 'created', evicted: [] },
          { outcome: 'created', evicted: [] },
        ]);
        expect(idsOf(await store.list('u_1'))).toEqual([session.sessionId]);
      });
    });

    describe('rotating', () => {
      it('swaps what is given and keeps all else', async () => {
        const sessionId = await create({ data: 'mine', cnf: 'key' });
        const before = (await store.get(sessionId)) as SessionSnapshot;
        await advance(5_000);
        const { moveAnchor: _move, ...next } = nextOf(1, { keyId: 7 });
        const result = await store.rotate(sessionId, expectOf(1), { ...next, moveAnchor: true });
        const { asOf } = sessionOf(result);
        expect(asOf).toBeGreaterThanOrEqual(before.asOf + 5_000);
        expect(result).toEqual({
          outcome: 'swapped',
          session: { ...before, ...next, confirmed: false, rotatedAt: asOf, anchorAt: asOf, asOf },
        });
        const after = await store.get(sessionId);
        expect(after).toEqual({ ...sessionOf(result), asOf: after?.asOf });
      });

      it('leaves the anchor where it is unless it is told to move it', async () => {
        const sessionId = await create();
        const before = (await store.get(sessionId)) as SessionSnapshot;
        await advance(5_000);
        const result = await store.rotate(sessionId, expectOf(1), nextOf(1, { moveAnchor: false }));
        expect(sessionOf(result).anchorAt).toBe(before.anchorAt);
        expect(sessionOf(result).rotatedAt).toBeGreaterThanOrEqual(before.rotatedAt + 5_000);
      });

      it.each([
        ['another secret', { generation: 1, secretHash: digest('another') }],
        ['the generation before', { generation: 0, secretHash: digest('secret 1') }],
        ['the generation after', { generation: 2, secretHash: digest('secret 1') }],
        [
          'a hash that is a part of the right one',
          { generation: 1, secretHash: digest('secret 1').slice(0, 42) },
        ],
        ['a hash in other case', { generation: 1, secretHash: digest('secret 1').toUpperCase() }],
        ['an empty hash', { generation: 1, secretHash: '' }],
      ])('is a conflict for %s, and leaves the record as it is', async (_what, expected) => {
        const sessionId = await create();
        const before = await store.get(sessionId);
        await advance(5_000);
        const result = await store.rotate(sessionId, expected, nextOf(1));
        expect(result).toEqual({
          outcome: 'conflict',
          session: { ...before, asOf: sessionOf(result).asOf },
        });
        const after = await store.get(sessionId);
        expect(after).toEqual({ ...before, asOf: after?.asOf });
      });

      it('never creates: an unknown session is absent and stays so', async () => {
        const { sessionId } = newSession();
        expect(await rotateOnce(store, sessionId, 1)).toEqual({ outcome: 'absent' });
        expect(await store.get(sessionId)).toBeUndefined();
        expect(await store.list('u_1')).toEqual([]);
      });

      it(`lets one of ${many} parallel callers through and shows the others the winner`, async () => {
        const sessionId = await create();
        const results = await Promise.all(
          Array.from({ length: many }, (_, index) =>
            store.rotate(sessionId, expectOf(1), nextOf(1, { secretHash: digest(`${index}`) })),
          ),
        );
        const winners = results.filter(({ outcome }) => outcome === 'swapped');
        const losers = results.filter(({ outcome }) => outcome === 'conflict');
        expect([winners.length, losers.length]).toEqual([1, many - 1]);
        const { asOf: _asOf, ...won } = sessionOf(winners[0] as RotateResult);
        for (const loser of losers) expect(sessionOf(loser)).toMatchObject(won);
        expect(await store.get(sessionId)).toMatchObject(won);
      });

      it('loses nothing in twenty rounds of that', async () => {
        const sessionId = await create();
        for (let generation = 1; generation <= 20; generation += 1) {
          const results = await Promise.all(
            Array.from({ length: many }, () => outcomeOf(sessionId, generation)),
          );
          expect(results.filter((outcome) => outcome === 'swapped')).toHaveLength(1);
        }
        expect(await store.get(sessionId)).toMatchObject({ generation: 21, parentGeneration: 20 });
      });

      it('shows a repeated command the attempt that it made itself', async () => {
        const sessionId = await create();
        const next = nextOf(1);
        await store.rotate(sessionId, expectOf(1), next);
        const again = await store.rotate(sessionId, expectOf(1), next);
        expect(again).toMatchObject({
          outcome: 'conflict',
          session: { generation: 2, attempt: next.attempt },
        });
      });
    });

    describe('reading', () => {
      it('knows nothing of a session that nobody created', async () => {
        expect(await store.get(newSession().sessionId)).toBeUndefined();
        expect(await store.list('nobody')).toEqual([]);
      });

      it('says at which instant it read', async () => {
        const sessionId = await create();
        const before = await store.get(sessionId);
        await advance(1_234);
        const after = await store.get(sessionId);
        const [listed] = await store.list('u_1');
        expect(Number(after?.asOf) - Number(before?.asOf)).toBeGreaterThanOrEqual(1_234);
        expect(Number(listed?.asOf)).toBeGreaterThanOrEqual(Number(after?.asOf));
      });

      it('gives away nothing through which the record could be changed', async () => {
        const sessionId = await create();
        const read = (await store.get(sessionId)) as {
          -readonly [K in keyof SessionSnapshot]: SessionSnapshot[K];
        };
        const changed = Reflect.set(read, 'generation', 99);
        expect(await store.get(sessionId)).toMatchObject({ generation: 1 });
        expect([true, false]).toContain(changed);
      });

      it('lists the most recently refreshed first', async () => {
        const ids: string[] = [];
        for (let count = 0; count < 4; count += 1) {
          ids.push(await create());
          await advance(1_000);
        }
        const [oldest = '', second = '', third = '', newest = ''] = ids;
        await rotateOnce(store, second, 1);
        await advance(1_000);
        expect(idsOf(await store.list('u_1'))).toEqual([second, newest, third, oldest]);
      });

      it('lists the sessions of that very subject', async () => {
        const mine = await create({ subject: 'u_1' });
        for (const subject of ['u_11', 'U_1', 'u_1 ', 'u', 'u_1\u0000', '*', 'u_?']) {
          await create({ subject });
          expect(await store.list(subject)).toHaveLength(1);
        }
        expect(idsOf(await store.list('u_1'))).toEqual([mine]);
      });
    });

    describe('revoking', () => {
      it('is final: the session is absent to every method', async () => {
        const sessionId = await create();
        expect(await store.revoke(sessionId)).toBe(true);
        expect(await outcomeOf(sessionId, 1)).toBe('absent');
        expect(await store.get(sessionId)).toBeUndefined();
        expect(await store.list('u_1')).toEqual([]);
        expect(await store.revokeSubject('u_1')).toEqual([]);
      });

      it(`tells one of ${many} parallel callers that it ended the session`, async () => {
        const sessionId = await create();
        const answers = await Promise.all(
          Array.from({ length: many }, () => store.revoke(sessionId)),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await store.revoke(sessionId)).toBe(false);
      });

      it('answers false for a session that nobody created', async () => {
        expect(await store.revoke(newSession().sessionId)).toBe(false);
      });

      it('leaves every other session as it is', async () => {
        const gone = await create();
        const sibling = await create();
        const other = await create({ subject: 'u_2' });
        await store.revoke(gone);
        expect(await outcomeOf(sibling, 1)).toBe('swapped');
        expect(await outcomeOf(other, 1)).toBe('swapped');
      });

      it(`stands against ${many} rotations under way`, async () => {
        const sessionId = await create();
        const rotations = (from: number) =>
          Array.from({ length: many / 2 }, (_, index) => outcomeOf(sessionId, from + (index % 3)));
        const before = rotations(1);
        const revoked = store.revoke(sessionId);
        const after = rotations(1);
        expect(await revoked).toBe(true);
        expect(new Set(await Promise.all(rotations(1)))).toEqual(new Set(['absent']));
        await Promise.all([...before, ...after]);
        expect(await store.get(sessionId)).toBeUndefined();
        expect(await store.list('u_1')).toEqual([]);
      });
    });

    describe('revoking a subject', () => {
      it('ends all of its sessions and no other, and names them', async () => {
        const mine = [await create(), await create(), await create()];
        const other = await create({ subject: 'u_2' });
        const ended = await store.revokeSubject('u_1');
        expect(ended.toSorted()).toEqual(mine.toSorted());
        for (const sessionId of mine) expect(await outcomeOf(sessionId, 1)).toBe('absent');
        expect(await outcomeOf(other, 1)).toBe('swapped');
      });

      it('keeps exactly the session that is excepted', async () => {
        const gone = [await create(), await create()];
        const kept = await create();
        const ended = await store.revokeSubject('u_1', kept);
        expect(ended.toSorted()).toEqual(gone.toSorted());
        expect(idsOf(await store.list('u_1'))).toEqual([kept]);
        expect(await outcomeOf(kept, 1)).toBe('swapped');
      });

      it('does not mind an exception that is no session of the subject', async () => {
        const mine = await create();
        const other = await create({ subject: 'u_2' });
        expect(await store.revokeSubject('u_1', other)).toEqual([mine]);
        expect(await store.get(other)).toBeDefined();
      });

      it('names every session to one of several parallel callers only', async () => {
        const mine = [await create(), await create(), await create()];
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => store.revokeSubject('u_1')),
        );
        expect(answers.flat().toSorted()).toEqual(mine.toSorted());
      });

      it('wins against rotations under way', async () => {
        const mine = [await create(), await create()];
        const rotations = () =>
          Array.from({ length: many / 2 }, (_, index) => outcomeOf(mine[index % 2] as string, 1));
        const before = rotations();
        const ended = store.revokeSubject('u_1');
        const after = rotations();
        await Promise.all([...before, ended, ...after]);
        expect(new Set(await Promise.all(rotations()))).toEqual(new Set(['absent']));
        expect(await store.list('u_1')).toEqual([]);
      });

      it('leaves the subject free to sign in again', async () => {
        await create();
        await store.revokeSubject('u_1');
        const sessionId = await create();
        expect(await outcomeOf(sessionId, 1)).toBe('swapped');
        expect(idsOf(await store.list('u_1'))).toEqual([sessionId]);
      });
    });

    describe('the end of a session', () => {
      it('comes when it was idle too long, and not a moment before', async () => {
        const sessionId = await create({ idleLifetime: hour });
        await advance(hour - 1_000);
        expect(await store.get(sessionId)).toBeDefined();
        await advance(1_000);
        await expectAbsent(sessionId);
      });

      it('is put off by a rotation', async () => {
        const sessionId = await create({ idleLifetime: hour });
        await advance(hour - 1_000);
        expect(await outcomeOf(sessionId, 1)).toBe('swapped');
        await advance(hour - 1_000);
        expect(await outcomeOf(sessionId, 2)).toBe('swapped');
      });

      it('is put off by nothing else', async () => {
        const sessionId = await create({ idleLifetime: hour });
        await advance(hour - 1_000);
        await store.get(sessionId);
        await store.list('u_1');
        expect(await outcomeOf(sessionId, 9)).toBe('conflict');
        await store.revokeSubject('u_1', sessionId);
        await advance(1_000);
        await expectAbsent(sessionId);
      });

      it('comes at its absolute instant, however often it was rotated', async () => {
        const sessionId = await create({ idleLifetime: hour, absoluteLifetime: 3 * hour });
        const { expiresAt } = (await store.get(sessionId)) as SessionSnapshot;
        for (let generation = 1; generation <= 5; generation += 1) {
          await advance(hour / 2);
          const result = await rotateOnce(store, sessionId, generation);
          expect(sessionOf(result).expiresAt).toBe(expiresAt);
        }
        await advance(hour / 2 - 1_000);
        expect(await outcomeOf(sessionId, 6)).toBe('swapped');
        await advance(1_000);
        await expectAbsent(sessionId);
      });

      it.each([25, 30, 90, 365])('comes after %i days where that is the lifetime', async (days) => {
        const sessionId = await create({ idleLifetime: days * day, absoluteLifetime: days * day });
        await advance(days * day - 1_000);
        expect(await store.get(sessionId)).toBeDefined();
        await advance(1_000);
        await expectAbsent(sessionId);
      });

      it('takes it out of the list, and leaves the others in', async () => {
        await create({ idleLifetime: hour });
        const kept = await create({ idleLifetime: 2 * hour });
        await advance(hour);
        expect(idsOf(await store.list('u_1'))).toEqual([kept]);
        expect(await store.revokeSubject('u_1')).toEqual([kept]);
      });
    });

    describe('the limit of sessions', () => {
      it('holds under 60 parallel logins that evict: exactly 5 are left', async () => {
        const limit: SessionLimit = { max: 5, onLimit: 'evict-oldest' };
        const results = await Promise.all(
          Array.from({ length: 60 }, () => store.create(newSession(), limit)),
        );
        const evicted = results.flatMap((one) => (one.outcome === 'created' ? one.evicted : []));
        const created = results.map((one) => sessionOf(one).sessionId);
        const left = idsOf(await store.list('u_1'));
        expect(left).toHaveLength(5);
        expect([...evicted, ...left].toSorted()).toEqual(created.toSorted());
        for (const sessionId of evicted) expect(await outcomeOf(sessionId, 1)).toBe('absent');
        for (const sessionId of left) expect(await outcomeOf(sessionId, 1)).toBe('swapped');
      });

      it('holds under 60 parallel logins that are refused: exactly 5 got in', async () => {
        const limit: SessionLimit = { max: 5, onLimit: 'reject' };
        const results = await Promise.all(
          Array.from({ length: 60 }, () => store.create(newSession(), limit)),
        );
        const created = results.flatMap((one) =>
          one.outcome === 'created' ? [one.session.sessionId] : [],
        );
        const refused = results.filter(
          (one) => one.outcome === 'refused' && one.reason === 'limit',
        );
        expect([created.length, refused.length]).toEqual([5, 55]);
        expect(idsOf(await store.list('u_1')).toSorted()).toEqual(created.toSorted());
      });

      it('evicts the least recently refreshed first, and names it', async () => {
        const first = await create();
        await advance(1_000);
        const second = await create();
        await advance(1_000);
        await rotateOnce(store, first, 1);
        await advance(1_000);
        const third = newSession();
        const result = await store.create(third, { max: 2, onLimit: 'evict-oldest' });
        expect(result).toMatchObject({ outcome: 'created', evicted: [second] });
        expect(idsOf(await store.list('u_1'))).toEqual([third.sessionId, first]);
      });

      it('evicts as many as a lower limit asks for, oldest first', async () => {
        const ids: string[] = [];
        for (let count = 0; count < 4; count += 1) {
          ids.push(await create());
          await advance(1_000);
        }
        const result = await store.create(newSession(), { max: 2, onLimit: 'evict-oldest' });
        expect(result).toMatchObject({ outcome: 'created', evicted: ids.slice(0, 3) });
        expect(await store.list('u_1')).toHaveLength(2);
      });

      it('changes nothing when it refuses', async () => {
        const sessionId = await create();
        const before = await store.get(sessionId);
        const refused = newSession();
        expect(await store.create(refused, { max: 1, onLimit: 'reject' })).toEqual({
          outcome: 'refused',
          reason: 'limit',
        });
        expect(await store.get(refused.sessionId)).toBeUndefined();
        expect(await store.list('u_1')).toEqual([{ ...before, asOf: expect.any(Number) }]);
      });

      it('counts live sessions of that subject only', async () => {
        const limit: SessionLimit = { max: 2, onLimit: 'reject' };
        await create({ subject: 'u_2' });
        await create({ idleLifetime: hour });
        await store.revoke(await create());
        await create({ idleLifetime: 3 * hour });
        expect((await store.create(newSession(), limit)).outcome).toBe('refused');
        await advance(hour);
        expect((await store.create(newSession(), limit)).outcome).toBe('created');
      });
    });
  });
}
