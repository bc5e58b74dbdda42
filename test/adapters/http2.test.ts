// HTTP/2: Koa answers over it, encrypted or not, and on the same port over HTTP/1.1. Requests name their host as :authority.
// Express cannot be given a request of HTTP/2, so only its HTTP/1.1 is tried.

import type { RequestListener } from 'node:http';

import { bodyParser } from '@koa/bodyparser';
import { createTokenVerifier, issueTokenPair, listSessions } from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import { bearer, tokenEndpoints } from '@tokenpair/koa';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import type { TestRequest } from '../support/http.js';
import { startHttp2Server, type Http2Answer, type TestHttp2Server } from '../support/http2.js';
import { audienceName, createTestIssuer, issuerName } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';
import { toListener } from '../support/koa-listener.js';

const { signing, verification } = createTestKey('ES256', 'test');
const { tokens, clock } = createTestIssuer({ keys: [signing] });
const rules = {
  issuer: issuerName,
  audience: audienceName,
  keys: [verification],
  clock: clock.now,
  onEvent: () => {},
};
const verifier = createTokenVerifier({
  ...rules,
  transports: { cookie: '__Host-access_token' },
});
const failing = createTokenVerifier({
  ...rules,
  isRevoked() {
    throw new Error('the list is down');
  },
});

function createApp(Koa: typeof Koa3, parses: boolean): RequestListener {
  const app = new Koa();
  if (parses) app.use(bodyParser({ encoding: 'utf-8' }));
  app.use(tokenEndpoints(tokens, { mount: '/cookie', transport: 'cookie' }));
  const endpoints = tokenEndpoints(tokens, { mount: '/auth' });
  app.use(endpoints);
  const auth = bearer(verifier);
  const guards: Readonly<Record<string, Koa3.Middleware>> = {
    '/scoped': auth.scopes('orders:write'),
    '/failing': bearer(failing),
    '/preflight': bearer(verifier, { preflight: 'pass' }),
  };
  app.use(async (ctx, next) => {
    if (ctx.path !== '/login') return next();
    return endpoints.login(ctx, { subject: 'u_1', scope: 'orders:read' });
  });
  app.use((ctx, next) => (guards[ctx.path] ?? auth)(ctx, next));
  app.use((ctx) => {
    ctx.body = 'reached';
  });
  return toListener(app);
}

const connectionHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

function expectNoConnectionHeaders({ headers }: Http2Answer): void {
  expect(connectionHeaders.filter((name) => headers[name] !== undefined)).toEqual([]);
}

async function accessToken(): Promise<string> {
  const pair = await issueTokenPair(tokens, { subject: 'u_1', scope: 'orders:read' });
  return pair.accessToken;
}

const apps = [
  ['Koa 2', Koa2 as unknown as typeof Koa3, false],
  ['Koa 3', Koa3, false],
  ['Koa 3 behind a body parser', Koa3, true],
] as const;
const table = apps.flatMap(([name, Koa, parses]) =>
  (['h2', 'h2c'] as const).map(
    (protocol) => [`${name} over ${protocol}`, Koa, parses, protocol] as const,
  ),
);

describe.each(table)('%s', (_what, Koa, parses, protocol) => {
  let server: TestHttp2Server;

  async function send(request: TestRequest): Promise<Http2Answer> {
    const answer = await server.send(request);
    expectNoConnectionHeaders(answer);
    return answer;
  }

  beforeAll(async () => {
    server = await startHttp2Server(protocol, createApp(Koa, parses));
  });
  afterAll(() => server.close());

  async function authorized(request: TestRequest): Promise<Http2Answer> {
    const headers = { ...request.headers, authorization: `Bearer ${await accessToken()}` };
    return send({ ...request, headers });
  }

  // A browser sends each cookie as a header of its own. RFC 9113 §8.2.3
  function postCookie(path: string, cookie: string): Promise<Http2Answer> {
    const headers = {
      ':authority': 'api.test',
      origin: 'https://api.test',
      cookie: ['theme=dark', cookie],
    };
    return send({ method: 'POST', path, headers });
  }

  test('a good token reaches the handler', async () => {
    expect(await authorized({ path: '/orders' })).toMatchObject({ status: 200, body: 'reached' });
  });

  test('a request without a token gets 401 with the challenge', async () => {
    const answer = await send({ path: '/orders' });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^Bearer /) as string },
    });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'token_missing' });
  });

  test('a missing scope gets 403', async () => {
    const answer = await authorized({ path: '/scoped' });
    expect(answer).toMatchObject({ status: 403 });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'scope_insufficient' });
  });

  test('a check that failed gets 503 with Retry-After', async () => {
    const answer = await authorized({ path: '/failing' });
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string },
    });
  });

  test('OPTIONS is verified, unless it is a preflight that may pass', async () => {
    const preflight = { origin: 'https://app.test', 'access-control-request-method': 'PUT' };
    const options = { method: 'OPTIONS', headers: preflight };
    expect(await send({ ...options, path: '/orders' })).toMatchObject({ status: 401 });
    expect(await send({ ...options, path: '/preflight' })).toMatchObject({ status: 200 });
    expect(await send({ ...options, path: '/auth/refresh' })).toMatchObject({ status: 405 });
  });

  test('login, refresh, sessions and logout work, with JSON and with a form', async () => {
    const login = await send({ method: 'POST', path: '/login', body: '' });
    expect(login).toMatchObject({ status: 200 });
    const first = JSON.parse(login.body) as Record<string, string>;
    const refreshed = await send({
      method: 'POST',
      path: '/auth/refresh',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: first['refresh_token'] }),
    });
    expect(refreshed).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    const second = JSON.parse(refreshed.body) as Record<string, string>;
    const sessions = await send({
      path: '/auth/sessions',
      headers: { authorization: `Bearer ${second['access_token']}` },
    });
    expect(JSON.parse(sessions.body)).toMatchObject({
      sessions: expect.arrayContaining([
        expect.objectContaining({ current: true, scope: 'orders:read' }),
      ]) as unknown,
    });
    const logout = await send({
      method: 'POST',
      path: '/auth/logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ refresh_token: second['refresh_token'] as string }).toString(),
    });
    expect(logout).toMatchObject({ status: 204, body: '' });
    const late = await send({
      path: '/auth/sessions',
      headers: { authorization: `Bearer ${second['access_token']}` },
    });
    expect(late).toMatchObject({ status: 401 });
  });

  test('a refresh by cookie sets the next cookie, and a logout clears it', async () => {
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_cookie' });
    const refreshed = await postCookie('/cookie/refresh', `__Host-refresh_token=${refreshToken}`);
    expect(refreshed).toMatchObject({ status: 200 });
    const [cookie = ''] = [refreshed.headers['set-cookie']].flat();
    expect(cookie).toMatch(/^__Host-refresh_token=.+; HttpOnly/);
    const logout = await postCookie('/cookie/logout', cookie.split(';', 1)[0] as string);
    expect(logout).toMatchObject({ status: 204 });
    expect([logout.headers['set-cookie']].flat()[0]).toMatch(/^__Host-refresh_token=;.*Max-Age=0/);
    expect(await listSessions(tokens, 'u_cookie')).toEqual([]);
  });

  test('a body that is too large is refused, and its stream ends', async () => {
    const answer = await send({
      method: 'POST',
      path: '/auth/refresh',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: 'x'.repeat(20_000) }),
    });
    // The parser takes larger bodies, and leaves the value to us.
    expect(answer.status).toBe(parses ? 401 : 413);
  });

  describe.each([
    ['a refresh', '/cookie/refresh', '__Host-refresh_token', 'refreshToken'],
    ['a guarded POST', '/orders', '__Host-access_token', 'accessToken'],
  ] as const)('%s by cookie', (_request, path, name, member) => {
    async function post(headers: Readonly<Record<string, string>>): Promise<Http2Answer> {
      const pair = await issueTokenPair(tokens, { subject: 'u_1' });
      const cookie = `${name}=${pair[member]}`;
      return send({ method: 'POST', path, headers: { ...headers, cookie }, body: '' });
    }

    test.each([
      ['api.test', 'https://api.test'],
      ['api.test:443', 'https://api.test'],
      ['api.test:8443', 'https://api.test:8443'],
      ['localhost:3000', 'http://localhost:3000'],
    ])('is believed at %s from %s', async (authority, origin) => {
      expect(await post({ ':authority': authority, origin })).toMatchObject({ status: 200 });
    });

    test.each([
      ['api.test', 'https://evil.test', undefined],
      ['api.test', 'http://api.test', undefined],
      ['api.test', 'https://evil.test', 'evil.test'],
    ])('is not believed at %s from %s, whatever Host says: %s', async (authority, origin, host) => {
      const answer = await post({ ':authority': authority, origin, ...(host && { host }) });
      expect(answer).toMatchObject({ status: 403 });
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_refused' });
    });
  });
});

describe.each(['h2', 'h2c'] as const)('HEAD over %s', (protocol) => {
  let server: TestHttp2Server;

  beforeAll(async () => {
    server = await startHttp2Server(protocol, createApp(Koa3, false));
  });
  afterAll(() => server.close());

  test('is answered like GET on Koa 3, without the body', async () => {
    const authorization = `Bearer ${await accessToken()}`;
    for (const headers of [{}, { authorization }]) {
      for (const path of ['/orders', '/scoped', '/failing', '/auth/sessions']) {
        const get = await server.send({ path, headers });
        const head = await server.send({ method: 'HEAD', path, headers });
        expect(head).toMatchObject({ status: get.status, body: '' });
        expect(head.headers['www-authenticate']).toBe(get.headers['www-authenticate']);
        expect(head.headers['content-type']).toBe(get.headers['content-type']);
        expectNoConnectionHeaders(head);
      }
    }
  });

  // Koa 2 takes the stream of such a request, which cannot be written, for a closed connection.
  test('is not answered by Koa 2, also without tokenpair', async () => {
    const app = new Koa2();
    app.use((ctx) => {
      ctx.body = 'reached';
    });
    const handle = app.callback();
    const answered: boolean[] = [];
    const plain = await startHttp2Server(protocol, async (req, res) => {
      await handle(req, res);
      answered.push(res.headersSent);
      res.end();
    });
    await plain.send({ method: 'HEAD', path: '/' });
    await plain.close();
    expect(answered).toEqual([false]);
  });
});

describe.each([
  ['Koa 2', createApp(Koa2 as unknown as typeof Koa3, false)],
  ['Koa 3', createApp(Koa3, false)],
  ['Express 4', createExpressApp(express4 as unknown as typeof express5)],
  ['Express 5', createExpressApp(express5)],
])('HTTP/1.1 on the port of an HTTP/2 server, %s', (_name, listener) => {
  let server: TestHttp2Server;

  beforeAll(async () => {
    server = await startHttp2Server('h2', listener);
  });
  afterAll(() => server.close());

  test('guards and endpoints answer, HEAD too', async () => {
    const authorization = `Bearer ${await accessToken()}`;
    expect(await server.sendHttp1({ path: '/orders' })).toMatchObject({ status: 401 });
    expect(await server.sendHttp1({ method: 'HEAD', path: '/orders' })).toMatchObject({
      status: 401,
      body: '',
    });
    expect(await server.sendHttp1({ path: '/orders', headers: { authorization } })).toMatchObject({
      status: 200,
      body: 'reached',
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const refreshed = await server.sendHttp1({
      method: 'POST',
      path: '/auth/refresh',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: refreshToken }),
    });
    expect(refreshed).toMatchObject({ status: 200 });
  });
});

function createExpressApp(express: typeof express5): RequestListener {
  const app = express();
  app.use('/auth', onExpress.tokenEndpoints(tokens));
  app.use(onExpress.bearer(verifier), (_req, res) => {
    res.send('reached');
  });
  return app;
}
