import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';

import {
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  verifyBearer,
  type TokenpairEvent,
} from '@tokenpair/core';

import { createTestIssuer } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

/** The events published on the diagnostics channel while a function runs. */
async function listenOnChannel(run: () => Promise<unknown>): Promise<unknown[]> {
  const told: unknown[] = [];
  const listener = (message: unknown) => void told.push(message);
  subscribe('tokenpair', listener);
  try {
    await run();
  } finally {
    unsubscribe('tokenpair', listener);
  }
  return told;
}

describe('an event', () => {
  it('goes to the listener and to the diagnostics channel as the same object', async () => {
    const { verify, token, events } = createTestVerifier();
    const told = await listenOnChannel(() => verify(token({ aud: 'x' })).catch(() => {}));
    expect(events).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toBe(events[0]);
    expect(events[0]).toMatchObject({ type: 'verification.refused', check: 'aud' });
  });

  it('goes to the diagnostics channel when there is no listener', async () => {
    const { verify, token } = createTestVerifier({ onEvent: undefined });
    const told = await listenOnChannel(() => verify(token({ aud: 'x' })).catch(() => {}));
    expect(told).toMatchObject([{ type: 'verification.refused', check: 'aud' }]);
  });

  it('causes no failure when there is no listener and no subscriber', async () => {
    const { verify, token } = createTestVerifier({ onEvent: undefined });
    await expect(verify(token({ aud: 'x' }))).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('has the time of this process, even when the clock is broken', async () => {
    jest.useFakeTimers({ now: 1_700_000_000_000, doNotFake: ['nextTick', 'setImmediate'] });
    try {
      const { verify, token, events } = createTestVerifier({ clock: () => Number.NaN });
      await verify(`${token()}A`).catch(() => {});
      expect(events).toMatchObject([{ time: 1_700_000_000_000 }]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('cannot be changed by a listener before the next one gets it', async () => {
    const { verify, token, events } = createTestVerifier();
    await verify(token({ aud: 'x' })).catch(() => {});
    expect(() => Object.assign(events[0] as TokenpairEvent, { subject: 'root' })).toThrow(
      TypeError,
    );
  });
});

describe('a listener', () => {
  const broken: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
    ['never answers', () => new Promise(() => {})],
    [
      'returns a thenable that throws when it is awaited',
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- a thenable is under test here
        get then(): never {
          throw new Error('listener');
        },
      }),
    ],
  ];

  it.each(broken)(
    'that %s does not change the result for a refused token',
    async (_how, onEvent) => {
      const { verify, token } = createTestVerifier({ onEvent });
      await expect(verify(token({ aud: 'x' }))).rejects.toMatchObject({
        code: 'token_invalid',
        check: 'aud',
      });
    },
  );

  it.each(broken)('that %s does not change the result for a failed hook', async (_how, onEvent) => {
    const cause = new Error('down');
    const { verify, token } = createTestVerifier({
      onEvent,
      isRevoked: () => Promise.reject(cause),
    });
    await expect(verify(token())).rejects.toMatchObject({ status: 503, cause });
  });

  it.each(broken)(
    'that %s does not change any result from login to logout',
    async (_how, onEvent) => {
      const { tokens } = createTestIssuer({ onEvent });
      const pair = await issueTokenPair(tokens, { subject: 'u_1' });
      const next = await refreshTokenPair(tokens, pair.refreshToken);
      await revokeSession(tokens, { refreshToken: next.refreshToken });
      await expect(refreshTokenPair(tokens, next.refreshToken)).rejects.toMatchObject({
        code: 'refresh_token_invalid',
      });
    },
  );

  it('causes no unhandled rejection', async () => {
    const { verify, token } = createTestVerifier({
      onEvent: () => Promise.reject(new Error('listener')),
    });
    await expect(verify(token({ aud: 'x' }))).rejects.toMatchObject({ code: 'token_invalid' });
    // Jest fails the test in which one occurs.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the events of a session', () => {
  it('contain no token and no secret, from login to the end', async () => {
    const { tokens, events, clock } = createTestIssuer({ reuseInterval: 0 });
    const pair = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a' });
    const next = await refreshTokenPair(tokens, pair.refreshToken, {
      accessToken: pair.accessToken,
    });
    await verifyBearer(tokens.verifier, `Bearer ${next.accessToken}A`).catch(() => {});
    clock.advance(3_600);
    await verifyBearer(tokens.verifier, `Bearer ${next.accessToken}`).catch(() => {});
    await refreshTokenPair(tokens, pair.refreshToken).catch(() => {});
    await refreshTokenPair(tokens, `${next.refreshToken}A`).catch(() => {});
    const types = events.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'session.issued',
        'session.refreshed',
        'verification.refused',
        'refresh.reused',
      ]),
    );
    const told = inspect(events, { depth: 9, maxStringLength: null });
    for (const { accessToken, refreshToken } of [pair, next]) {
      expect(told).not.toContain(refreshToken);
      expect(told).not.toContain(refreshToken.slice(-40));
      for (const segment of accessToken.split('.')) expect(told).not.toContain(segment);
    }
  });
});
