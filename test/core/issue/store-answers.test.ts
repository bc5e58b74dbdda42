import { issueTokenPair, MemorySessionStore } from '@tokenpair/core';
import { type SessionSnapshot } from '@tokenpair/core/store';
import { isAnswer } from '../../../packages/core/src/issue/ask-store.js';
import { createTestIssuer } from '../../support/issuer.js';

type Operation = Parameters<typeof isAnswer>[0];

async function snapshot(): Promise<SessionSnapshot> {
  const store = new MemorySessionStore();
  const { tokens } = createTestIssuer({ store });
  const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
  return (await store.get(sessionId)) as SessionSnapshot;
}

describe('the answer of a store', () => {
  it('is valid when the contract allows it', async () => {
    const session = await snapshot();
    const good: readonly (readonly [Operation, unknown])[] = [
      ['create', { outcome: 'created', session, evicted: [], replaced: false }],
      ['create', { outcome: 'created', session, evicted: ['one'], replaced: true }],
      ['create', { outcome: 'refused', reason: 'limit' }],
      ['create', { outcome: 'refused', reason: 'full' }],
      ['swap', { outcome: 'swapped', session }],
      ['swap', { outcome: 'conflict', session }],
      ['swap', { outcome: 'absent' }],
      ['confirm', undefined],
      ['get', session],
      ['get', undefined],
      ['revoke', true],
      ['revoke', false],
      ['revokeOwner', []],
      ['revokeOwner', ['one', 'other']],
      ['list', []],
      ['list', [session, session]],
    ];
    expect(good.filter(([operation, answer]) => !isAnswer(operation, answer))).toEqual([]);
  });

  it('is invalid when a member of a record is missing or of another type', async () => {
    const session = await snapshot();
    const needed = Object.keys(session);
    const taken = needed.flatMap((name) =>
      [undefined, null, {}, Number.NaN, typeof session[name as 'asOf'] === 'string' ? 7 : '7']
        .map((value) => ({ ...session, [name]: value }))
        .filter((altered) => isAnswer('get', altered)),
    );
    expect(needed).toHaveLength(12);
    expect(taken).toEqual([]);
  });

  it.each<[Operation, unknown]>([
    ['create', { outcome: 'created', evicted: [] }],
    ['create', { outcome: 'refused', reason: 'mood' }],
    ['create', undefined],
    ['confirm', 'OK'],
    ['confirm', null],
    ['swap', { outcome: 'swapped' }],
    ['swap', { outcome: 'created' }],
    ['swap', 'absent'],
    ['get', null],
    ['get', []],
    ['revoke', 1],
    ['revoke', undefined],
    ['revokeOwner', 'one'],
    ['revokeOwner', [1]],
    ['list', {}],
    ['list', [undefined]],
  ])('is invalid when %s returns %j', (operation, answer) => {
    expect(isAnswer(operation, answer)).toBe(false);
  });

  it('is invalid when a creation evicted something without an ID', async () => {
    const session = await snapshot();
    for (const evicted of [undefined, 'one', [7], [undefined]]) {
      const answer = { outcome: 'created', session, evicted, replaced: false };
      expect(isAnswer('create', answer)).toBe(false);
    }
  });

  it('is invalid when a creation does not say whether it replaced a session', async () => {
    const session = await snapshot();
    for (const replaced of [undefined, null, 1, 'one']) {
      const answer = { outcome: 'created', session, evicted: [], replaced };
      expect(isAnswer('create', answer)).toBe(false);
    }
  });
});
