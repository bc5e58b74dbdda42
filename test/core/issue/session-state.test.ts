// The text of `state`: what core notes on the current generation.

import { StoreUnavailableError } from '@tokenpair/core';
import { readState, writeState } from '../../../packages/core/src/issue/session-state.js';

const rotatedAt = 1_800_000_000_000;
const hashOf = (letter: string) => letter.repeat(22);
const read = (state: string) => readState({ state, rotatedAt });

const predecessor = (generation: number, letter: string, firstUse?: number) => ({
  generation,
  secretHash: hashOf(letter),
  ...(firstUse !== undefined && { firstUse }),
});

describe('the state of a session', () => {
  it.each([
    ['of a first generation', { keyId: 1, predecessors: [] }, '1'],
    ['after a rotation', { keyId: 15, predecessors: [predecessor(6, 'a')] }, `15 6.${hashOf('a')}`],
    [
      'after a recovery, whose predecessor was first used before',
      { keyId: 2, predecessors: [predecessor(6, 'a', rotatedAt - 7)] },
      `2 6.${hashOf('a')}.1799999999993`,
    ],
    [
      'after two step-ups',
      {
        keyId: 1,
        predecessors: [predecessor(2, 'b'), predecessor(1, 'a', rotatedAt - 60_000)],
        isUnderivable: true,
      },
      `1 2.${hashOf('b')} 1.${hashOf('a')}.1799999940000 !`,
    ],
    [
      'at a reuse interval of 0',
      { keyId: 1, predecessors: [predecessor(1, 'a')], attempt: 'Ab3-_' },
      `1 1.${hashOf('a')} ~Ab3-_`,
    ],
  ])('%s is written as words, and read as it was written', (_when, state, text) => {
    expect(writeState(state)).toBe(text);
    expect(read(text)).toEqual({
      isUnderivable: false,
      ...state,
      predecessors: state.predecessors.map((one) => ({ firstUse: rotatedAt, ...one })),
    });
  });

  it('leaves out a first use that is the instant of the write, and names it when it is carried over', () => {
    const state = writeState({ keyId: 1, predecessors: [predecessor(3, 'c')] });
    expect(state).toBe(`1 3.${hashOf('c')}`);
    const { predecessors } = read(state);
    expect(predecessors).toEqual([predecessor(3, 'c', rotatedAt)]);
    const carried = writeState({ keyId: 1, predecessors: [predecessor(4, 'd'), ...predecessors] });
    expect(carried).toBe(`1 4.${hashOf('d')} 3.${hashOf('c')}.${rotatedAt}`);
    // The record is written again later. The first use stays.
    expect(readState({ state: carried, rotatedAt: rotatedAt + 9_000 }).predecessors).toEqual([
      predecessor(4, 'd', rotatedAt + 9_000),
      predecessor(3, 'c', rotatedAt),
    ]);
  });

  it('has at most four predecessors, the newest first', () => {
    const six = ['f', 'e', 'd', 'c', 'b', 'a'].map((letter, index) =>
      predecessor(6 - index, letter, rotatedAt - index),
    );
    const { predecessors } = read(writeState({ keyId: 1, predecessors: six }));
    expect(predecessors.map(({ generation }) => generation)).toEqual([6, 5, 4, 3]);
  });

  it('takes at most as many characters as a store must accept', () => {
    const longest = Array.from({ length: 4 }, () => predecessor(0xff_ff_ff_ff, 'x', 8.64e15));
    const attempt = 'a'.repeat(16);
    const text = writeState({ keyId: 15, predecessors: longest, isUnderivable: true, attempt });
    expect(text.length).toBeLessThanOrEqual(1_024);
  });

  it('is read although it has words that a later version wrote', () => {
    const text = `7 x:new 6.${hashOf('a')} ?? 5.short 4.${hashOf('b')}.x 3.${hashOf('c')}.5 ! +1 ~me`;
    expect(read(text)).toEqual({
      keyId: 7,
      predecessors: [predecessor(6, 'a', rotatedAt), predecessor(3, 'c', 5)],
      isUnderivable: true,
      attempt: 'me',
    });
  });

  it.each(['', ' ', 'x', '-1', '1.5', '123', ' 1', `6.${hashOf('a')}`, '{"keyId":1}', '!'])(
    'that begins with no key counts as a failure of the store: %j',
    (state) => {
      expect(() => read(state)).toThrow(StoreUnavailableError);
    },
  );
});
