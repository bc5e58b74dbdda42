import { issueTokenPair, MemorySessionStore, refreshTokenPair, type Clock } from '@tokenpair/core';

import { readClock, systemClock } from '../../../packages/core/src/hooks/clock.js';
import { createTestIssuer } from '../../support/issuer.js';
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
    ['seconds', () => Date.now() / 1_000],
  ])(
    'that returns %s makes every verification fail with 503, not with a refusal of the token',
    async (_what, clock) => {
      const { token, verify, events } = createTestVerifier({ clock: clock as Clock });
      await expect(verify(token())).rejects.toMatchObject({
        ...unavailable,
        cause: expect.any(TypeError),
      });
      expect(events).toMatchObject([
        {
          type: 'hook.failed',
          hook: 'clock',
          cause: { message: expect.stringContaining('millisec') },
        },
      ]);
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
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'clock', cause }]);
  });

  it('is not read for a token whose signature is invalid', async () => {
    const clock = jest.fn(() => Number.NaN);
    const { token, verify } = createTestVerifier({ clock });
    await expect(verify(`${token()}A`)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(clock).not.toHaveBeenCalled();
  });

  it('of an issuer is heard too, and in its store', async () => {
    const { tokens, clock, events } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    events.length = 0;
    clock.set(Date.now() / 1_000);
    await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject(unavailable);
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'clock' }]);
    const store = new MemorySessionStore({ clock: () => Date.now() / 1_000 });
    await expect(store.get('x')).rejects.toMatchObject(unavailable);
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
