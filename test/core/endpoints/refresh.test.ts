import { randomBytes } from 'node:crypto';

import {
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  type AuthError,
  type TokenIssuer,
} from '@tokenpair/core';
import { createTokenEndpoints, type HttpResponse } from '@tokenpair/core/adapter';
import { breakable } from '@tokenpair/testing';

import { send, startServer, type TestResponse } from '../../support/http.js';
import { createTestIssuer } from '../../support/issuer.js';

/** The answer to a refresh by cookie from the service's own page. */
async function refreshByCookie(
  tokens: TokenIssuer,
  refreshToken: string,
  body: object = {},
): Promise<TestResponse> {
  const endpoints = createTokenEndpoints(tokens, { transport: 'cookie' });
  const server = await startServer((request, response) => {
    const call = { request, path: request.url ?? '', body: undefined };
    void endpoints
      .handle(call)
      .catch((error: unknown) => endpoints.refuse(call, error as AuthError))
      .then((answer) => response.writeHead(answer!.status, toHeaders(answer!)).end(answer!.body));
  });
  try {
    return await send(server.port, {
      method: 'POST',
      path: '/refresh',
      headers: {
        Cookie: `__Host-refresh_token=${refreshToken}`,
        'Sec-Fetch-Site': 'same-origin',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  } finally {
    await server.close();
  }
}

function toHeaders({ headers }: HttpResponse): Record<string, string | string[]> {
  return headers as Record<string, string | string[]>;
}

/** Every way to be refused with `refresh_token_invalid`, for live and for ended sessions. */
const refusals: Readonly<Record<string, () => Promise<TestResponse>>> = {
  async 'a forged token'() {
    return refreshByCookie(createTestIssuer().tokens, 'forged');
  },
  async 'a token of another application on the host'() {
    const other = createTestIssuer().tokens;
    const { refreshToken } = await issueTokenPair(other, { subject: 'u_1' });
    return refreshByCookie(createTestIssuer().tokens, refreshToken);
  },
  async 'a token whose session has been ended'() {
    const { tokens } = createTestIssuer();
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await revokeSession(tokens, { sessionId });
    return refreshByCookie(tokens, refreshToken);
  },
  async 'a token whose session has expired'() {
    const { tokens, clock } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(90 * 86_400);
    return refreshByCookie(tokens, refreshToken);
  },
  async 'a spent token, which ends its session'() {
    const { tokens } = createTestIssuer({ reuseInterval: 0 });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(tokens, refreshToken);
    return refreshByCookie(tokens, refreshToken);
  },
  async 'the predecessor in a live session, where the key of its successor is not known'() {
    const { tokens, another, clock } = createTestIssuer();
    const other = another({ refreshKeys: [{ kid: '2', secret: randomBytes(32) }] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(other, refreshToken);
    clock.advance(61);
    return refreshByCookie(tokens, refreshToken);
  },
  async 'the token of a subject that is denied'() {
    let isBanned = false;
    const { tokens } = createTestIssuer({ claims: () => !isBanned && {} });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    isBanned = true;
    return refreshByCookie(tokens, refreshToken);
  },
};

describe('a refused refresh by cookie', () => {
  test.each(Object.entries(refusals))('sets and clears nothing for %s', async (_what, refuse) => {
    const answer = await refuse();
    expect(answer).toMatchObject({ status: 401 });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'refresh_token_invalid' });
    expect(Object.keys(answer.headers)).not.toContain('set-cookie');
  });

  test('gets the same answer in all of these cases, so that none reveals whether a session is live', async () => {
    const answers = await Promise.all(Object.values(refusals).map((refuse) => refuse()));
    const texts = answers.map(({ status, headers: { date: _date, ...headers }, body }) =>
      JSON.stringify([status, headers, body]),
    );
    expect(new Set(texts).size).toBe(1);
  });

  test.each([
    ['an access token of another session', 401],
    ['more scope than was granted', 400],
    ['a store that is down', 503],
  ] as const)('sets and clears nothing for %s', async (what, status) => {
    const { tokens, another, store } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const faulty = breakable(store);
    faulty.break('down');
    const down = another({ store: faulty.store });
    const answers = {
      'an access token of another session': () =>
        refreshByCookie(tokens, refreshToken, { access_token: accessToken }),
      'more scope than was granted': () => refreshByCookie(tokens, refreshToken, { scope: 'a' }),
      'a store that is down': () => refreshByCookie(down, refreshToken),
    };
    const answer = await answers[what]();
    expect(answer).toMatchObject({ status });
    expect(Object.keys(answer.headers)).not.toContain('set-cookie');
  });
});
