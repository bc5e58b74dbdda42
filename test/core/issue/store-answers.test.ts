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
      ['create', { outcome: 'created', session, evicted: [] }],
      ['create', { outcome: 'created', session, evicted: ['one'] }],
      ['create', { outcome: 'refused', reason: 'limit' }],
      ['create', { outcome: 'refused', reason: 'full' }],
      ['rotate', { outcome: 'swapped', session }],
      ['rotate', { outcome: 'conflict', session }],
      ['rotate', { outcome: 'absent' }],
      ['get', session],
      ['get', undefined],
      ['revoke', true],
      ['revoke', false],
      ['revokeSubject', []],
      ['revokeSubject', ['one', 'other']],
      ['list', []],
      ['list', [session, session]],
    ];
    expect(good.filter(([operation, answer]) => !isAnswer(operation, answer))).toEqual([]);
  });

  it('is invalid when a member of a record is missing or of another type', async () => {
    const session = await snapshot();
    // Three members are reserved for later; no code reads them yet.
    const unread = new Set(['confirmed', 'cnf', 'anchorAt']);
    const needed = Object.keys(session).filter((name) => !unread.has(name));
    const taken = needed.flatMap((name) =>
      [undefined, null, {}, Number.NaN, typeof session[name as 'asOf'] === 'string' ? 7 : '7']
        .map((value) => ({ ...session, [name]: value }))
        .filter((altered) => isAnswer('get', altered)),
    );
    expect(needed).toHaveLength(13);
    expect(taken).toEqual([]);
  });

  it.each<[Operation, unknown]>([
    ['create', { outcome: 'created', evicted: [] }],
    ['create', { outcome: 'refused', reason: 'mood' }],
    ['create', undefined],
    ['rotate', { outcome: 'swapped' }],
    ['rotate', { outcome: 'created' }],
    ['rotate', 'absent'],
    ['get', null],
    ['get', []],
    ['revoke', 1],
    ['revoke', undefined],
    ['revokeSubject', 'one'],
    ['revokeSubject', [1]],
    ['list', {}],
    ['list', [undefined]],
  ])('is invalid when %s returns %j', (operation, answer) => {
    expect(isAnswer(operation, answer)).toBe(false);
  });

  it('is invalid when a creation evicted something without an ID', async () => {
    const session = await snapshot();
    for (const evicted of [undefined, 'one', [7], [undefined]]) {
      expect(isAnswer('create', { outcome: 'created', session, evicted })).toBe(false);
    }
  });
});
