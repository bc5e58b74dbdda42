import { type Clock } from '@tokenpair/core';

import { readClock, systemClock } from '../../../packages/core/src/hooks/clock.js';
import { createTestVerifier } from '../../support/verifier.js';

const unavailable = { code: 'temporarily_unavailable', status: 503, action: 'retry' };

describe('a clock', () => {
  it('is the system clock by default', () => {
    const before = Date.now();
    const now = readClock(systemClock);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it.each<[string, () => unknown]>([
    ['NaN', () => Number.NaN],
    ['Infinity', () => Number.POSITIVE_INFINITY],
    ['-Infinity', () => Number.NEGATIVE_INFINITY],
    ['zero', () => 0],
    ['a negative number', () => -1],
    ['text', () => '1700000000000'],
    ['a Date', () => new Date()],
    ['a bigint', () => 1_700_000_000_000n],
    ['a promise', () => Promise.resolve(1_700_000_000_000)],
    ['null', () => null],
    ['nothing', () => undefined],
  ])(
    'that returns %s makes every verification fail with 503, not with a refusal of the token',
    async (_what, clock) => {
      const { token, verify, events } = createTestVerifier({ clock: clock as Clock });
      await expect(verify(token())).rejects.toMatchObject({
        ...unavailable,
        cause: expect.any(TypeError),
      });
      expect(events).toEqual([]);
    },
  );

  it('that throws makes every verification fail, and its error is the cause', async () => {
    const cause = new Error('no time');
    const { token, verify, events } = createTestVerifier({
      clock: () => {
        throw cause;
      },
    });
    await expect(verify(token())).rejects.toMatchObject({ ...unavailable, cause });
    expect(events).toEqual([]);
  });

  it('is not read for a token whose signature is invalid', async () => {
    const clock = jest.fn(() => Number.NaN);
    const { token, verify } = createTestVerifier({ clock });
    await expect(verify(`${token()}A`)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(clock).not.toHaveBeenCalled();
  });

  it('is read again for every token, and may recover', async () => {
    const { clock, token, verify } = createTestVerifier();
    const good = token();
    const now = clock.now();
    clock.set(Number.NaN);
    await expect(verify(good)).rejects.toMatchObject(unavailable);
    clock.set(now);
    await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1' });
  });
});
