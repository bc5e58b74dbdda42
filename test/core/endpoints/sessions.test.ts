import type { IncomingMessage } from 'node:http';

import { issueTokenPair, listSessions } from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';

import { createTestIssuer } from '../../support/issuer.js';

describe('the session endpoints of an issuer that takes access tokens from a cookie', () => {
  it.each([
    ['POST', '/logout-all'],
    ['GET', '/sessions'],
  ])(
    'still require the header for %s %s, because no other site can make a browser send it',
    async (method, path) => {
      const { tokens } = createTestIssuer({ transports: { cookie: 'access_token' } });
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const headers = { cookie: `access_token=${accessToken}`, 'sec-fetch-site': 'cross-site' };
      const request = { method, headers, rawHeaders: [] } as unknown as IncomingMessage;
      const answer = createTokenEndpoints(tokens).handle({ request, path, body: { a: '1' } });
      await expect(answer).rejects.toMatchObject({ code: 'token_missing' });
      await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
    },
  );
});
