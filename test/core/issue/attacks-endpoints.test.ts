// Accidents at the HTTP endpoints: a function of the application that does something else than it should.

import type { IncomingMessage } from 'node:http';

import { issueTokenPair, type TokenIssuer } from '@tokenpair/core';
import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';

import { createTestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

function refresh(
  tokens: TokenIssuer,
  refreshToken: string,
  options: TokenEndpointOptions,
): Promise<unknown> {
  return createTokenEndpoints(tokens, options).handle({
    request: { headers: {}, method: 'POST' } as IncomingMessage,
    path: '/refresh',
    body: { refresh_token: refreshToken },
  });
}

describe('the option requestContext', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['resolves', () => Promise.resolve({ ip: '::1' })],
  ])(
    'is reported when it answers a promise that %s, and the refresh goes on',
    async (_, requestContext) => {
      const unhandled: unknown[] = [];
      const listen = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', listen);
      const { tokens, events } = createTestIssuer();
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      expect(await codeOf(refresh(tokens, refreshToken, { requestContext }))).toBe('ok');
      await new Promise(setImmediate);
      process.off('unhandledRejection', listen);

      expect(unhandled).toEqual([]);
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'hook.failed', hook: 'requestContext' }),
      );
      const refreshed = events.find(({ type }) => type === 'session.refreshed');
      expect(refreshed).not.toHaveProperty('request');
    },
  );
});
