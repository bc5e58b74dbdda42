// Tests that a developer hears of a refresh token in the wrong place or form, on each framework. The client is answered as always.

import type { RequestListener } from 'node:http';

import {
  issueTokenPair,
  refreshTokenPair,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { send, startServer, type TestServer } from '../support/http.js';
import { createTestIssuer, type TestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

/** `/body/…`, `/parsed/…` (behind a parser), `/cookie/…` and `/auto/…` are mounts. */
type CreateApp = (tokens: TokenIssuer) => RequestListener;

const moved = { path: '/moved', former: [{ path: '/before' }] };

const onExpress =
  (create: typeof express5): CreateApp =>
  (tokens) => {
    const app = create();
    app.use('/parsed', create.json(), express.tokenEndpoints(tokens));
    app.use('/body', express.tokenEndpoints(tokens));
    app.use('/cookie', express.tokenEndpoints(tokens, { transport: 'cookie' }));
    app.use('/moved', express.tokenEndpoints(tokens, { transport: 'cookie', cookie: moved }));
    return app;
  };

const onKoa =
  (Koa: typeof Koa3): CreateApp =>
  (tokens) => {
    const mount = (path: string, options = {}) =>
      koa.tokenEndpoints(tokens, { mount: path, ...options });
    const app = new Koa();
    app.use(mount('/parsed')).use(mount('/body'));
    app.use(mount('/cookie', { transport: 'cookie' }));
    app.use(mount('/moved', { transport: 'cookie', cookie: moved }));
    return toListener(app);
  };

const apps: [string, CreateApp][] = [
  ['Express 4', onExpress(express4 as unknown as typeof express5)],
  ['Express 5', onExpress(express5)],
  ['Koa 2', onKoa(Koa2 as unknown as typeof Koa3)],
  ['Koa 3', onKoa(Koa3)],
];

interface Misplaced {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
}

const rows: [string, RegExp, (pair: TokenPair) => Misplaced][] = [
  [
    'refreshToken in the body',
    /under another name.*parameter refresh_token/,
    ({ refreshToken }) => ({ body: { refreshToken } }),
  ],
  [
    'token in the body',
    /under another name/,
    ({ refreshToken }) => ({ body: { token: refreshToken } }),
  ],
  [
    'a member of a member',
    /under another name/,
    ({ refreshToken }) => ({ body: { session: { tokens: [refreshToken] } } }),
  ],
  [
    'the Authorization header',
    /Authorization has the refresh token/,
    ({ refreshToken }) => ({ headers: { authorization: `Bearer ${refreshToken}` } }),
  ],
  [
    'another header',
    /Another header has the refresh token/,
    ({ refreshToken }) => ({ headers: { 'x-refresh-token': refreshToken } }),
  ],
  [
    'the URL',
    /URLs end up in logs/,
    ({ refreshToken }) => ({ query: `?refresh_token=${refreshToken}` }),
  ],
  [
    'a cookie of another name',
    /A cookie of another name/,
    ({ refreshToken }) => ({ headers: { cookie: `rt=${refreshToken}` } }),
  ],
  [
    'an access token in its place, in the header',
    /Authorization has an access token/,
    ({ accessToken }) => ({ headers: { authorization: `Bearer ${accessToken}` } }),
  ],
  [
    'an access token in its place, in the body',
    /A JWT was sent as refresh token/,
    ({ accessToken }) => ({ body: { refresh_token: accessToken } }),
  ],
  [
    'a scheme before it',
    /has a scheme before it/,
    ({ refreshToken }) => ({ body: { refresh_token: `Bearer ${refreshToken}` } }),
  ],
  [
    'quotation marks around it',
    /quotation marks/,
    ({ refreshToken }) => ({ body: { refresh_token: JSON.stringify(refreshToken) } }),
  ],
  ['an empty variable', /was empty/, () => ({ body: { refresh_token: 'undefined' } })],
  [
    'a template that was not filled in',
    /was empty/,
    () => ({ body: { refresh_token: '${refreshToken}' } }),
  ],
  [
    'a token that was cut, or is of other keys',
    /other refreshKeys/,
    ({ refreshToken }) => ({ body: { refresh_token: refreshToken.slice(0, 60) } }),
  ],
];

const types: [string, RegExp, string | undefined][] = [
  ['text of fetch', /fetch sends text as text\/plain/, 'text/plain;charset=UTF-8'],
  ['nothing', /without the Content-Type of JSON/, undefined],
  ['FormData', /Send JSON, or URLSearchParams/, 'multipart/form-data; boundary=x'],
];

describe.each(apps)('on %s', (_name, create) => {
  let issuer: TestIssuer;
  let server: TestServer;
  let pair: TokenPair;
  beforeAll(async () => {
    issuer = createTestIssuer();
    server = await startServer(create(issuer.tokens));
    pair = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
  });
  beforeEach(() => {
    issuer.events.length = 0;
    issuer.refusals.length = 0;
  });
  afterAll(() => server.close());

  async function post(path: string, { headers = {}, query = '', body }: Misplaced) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await send(server.port, {
      method: 'POST',
      path: path + query,
      headers: { ...type, ...headers },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    const heard = JSON.stringify([issuer.events, issuer.refusals, answer.body]);
    expect(heard).not.toContain(pair.refreshToken.slice(0, 40));
    expect(heard).not.toContain(pair.accessToken.slice(0, 40));
    return answer;
  }

  test.each(rows)('%s is hinted at when it is sent to refresh', async (_what, hint, make) => {
    for (const mount of ['/body', '/parsed']) {
      expect((await post(`${mount}/refresh`, make(pair))).status).toBe(401);
      expect(issuer.refusals.at(-1)).toMatchObject({ hint: expect.stringMatching(hint) });
    }
    expect(issuer.refusals).toHaveLength(2);
  });

  test.each(rows)('%s is hinted at when it is sent to log out', async (_what, hint, make) => {
    expect([401, 204]).toContain((await post('/body/logout', make(pair))).status);
    expect(issuer.events).toMatchObject([
      { type: 'request.refused', hint: expect.stringMatching(hint) },
    ]);
  });

  test.each(types)('a body with the type of %s is hinted at', async (_what, hint, type) => {
    for (const path of ['/body/refresh', '/body/logout']) {
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      const body = JSON.stringify({ refresh_token: pair.refreshToken });
      const answer = await send(server.port, { method: 'POST', path, headers, body });
      expect(answer.status).toBe(415);
    }
    const expected = { code: 'media_type_unsupported', hint: expect.stringMatching(hint) };
    expect(issuer.refusals).toMatchObject([expected]);
    expect(issuer.events).toMatchObject([{ type: 'request.refused', ...expected }]);
  });

  test('JSON is hinted at where OAuth asks for a form', async () => {
    const body = { grant_type: 'refresh_token', refresh_token: pair.refreshToken };
    expect((await post('/body/token', { body })).status).toBe(415);
    expect(issuer.refusals).toMatchObject([{ hint: expect.stringContaining('URL-encoded form') }]);
  });

  test('a mount that takes the cookie says so', async () => {
    const headers = { 'sec-fetch-site': 'same-origin', cookie: `rt=${pair.refreshToken}` };
    expect((await post('/cookie/refresh', { headers })).status).toBe(401);
    expect(issuer.refusals).toMatchObject([
      { hint: expect.stringMatching(/another name.*reads the cookie that its answers set/) },
    ]);
  });

  test('a visitor without a token, a good logout and a forged token are an ordinary day', async () => {
    const other = await issueTokenPair(issuer.tokens, { subject: 'u_2' });
    issuer.events.length = 0;
    await post('/body/refresh', {});
    await post('/body/refresh', { body: { refresh_token: 'x' } });
    expect(issuer.refusals).toHaveLength(2);
    for (const refusal of issuer.refusals) expect(refusal).not.toHaveProperty('hint');
    await post('/body/logout', { body: { refresh_token: other.refreshToken } });
    await post('/body/logout', { body: { refresh_token: other.refreshToken } });
    await post('/body/logout', {});
    expect(issuer.events.map(({ type }) => type)).toEqual(['session.revoked']);
  });

  test('cookies of two live sessions are one refusal with its reason', async () => {
    const name = '__Secure-refresh_token';
    const { refreshToken } = await issueTokenPair(issuer.tokens, { subject: 'u_3' });
    const cookie = `${name}=${pair.refreshToken}; ${name}=${refreshToken}`;
    const headers = { 'sec-fetch-site': 'same-origin', cookie };
    expect((await post('/moved/refresh', { headers })).status).toBe(401);
    expect(issuer.refusals).toMatchObject([{ reason: 'ambiguous', code: 'refresh_token_invalid' }]);
  });
});

describe('refreshTokenPair', () => {
  it.each<[string, unknown, RegExp]>([
    ['the body of the request', { refresh_token: 'x' }, /must be text; a value of type object/],
    ['a text with a scheme', 'Bearer x', /scheme before it/],
    ['a promise', Promise.resolve('x'), /must be text/],
  ])('hints at %s in place of the token', async (_what, value, hint) => {
    const { tokens, refusals } = createTestIssuer();
    await expect(refreshTokenPair(tokens, value as string)).rejects.toMatchObject({
      code: 'refresh_token_invalid',
    });
    expect(refusals).toMatchObject([{ hint: expect.stringMatching(hint) }]);
  });

  it('hints at other refresh keys, those of the process before a restart for example', async () => {
    const { refreshToken } = await issueTokenPair(createTestIssuer().tokens, { subject: 'u_1' });
    const { tokens, refusals } = createTestIssuer();
    await expect(refreshTokenPair(tokens, refreshToken)).rejects.toBeDefined();
    expect(refusals).toMatchObject([{ hint: expect.stringContaining('other refreshKeys') }]);
  });
});
