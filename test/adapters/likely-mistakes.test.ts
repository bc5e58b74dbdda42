// Tests what a developer hears of the likely mistakes with endpoints, on every framework.

import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';

import {
  createTokenVerifier,
  issueTokenPair,
  type RequestContext,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import cors from 'cors';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { send, startServer, type TestServer } from '../support/http.js';
import { audienceName, createTestIssuer, issuerName, type TestIssuer } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';
import { toListener } from '../support/koa-listener.js';

interface App {
  readonly name: string;
  /** `/cookie/…` and `/body/…` are mounts; `/cookie-login` signs in; with `guarded`, bearer stands in front of everything. */
  readonly create: (tokens: TokenIssuer, guarded: boolean) => RequestListener;
}

const requestContext: RequestContext = ({ headers }) => headers['x-device'];

const onExpress =
  (create: typeof express5): App['create'] =>
  (tokens, guarded) => {
    const app = create();
    app.use(cors({ exposedHeaders: ['WWW-Authenticate', 'Retry-After'] }));
    if (guarded) app.use(express.bearer(tokens.verifier));
    const cookie = express.tokenEndpoints(tokens, { transport: 'cookie', requestContext });
    app.use('/cookie', cookie);
    app.use('/body', express.tokenEndpoints(tokens));
    app.use('/one', express.tokenEndpoints(tokens, { maxParallelRefreshes: 1 }));
    app.post('/cookie-login', (req, res, next) => {
      cookie.login(req, res, { subject: 'u_1' }).then(() => undefined, next);
    });
    app.post('/cookie-send', (req, res, next) => {
      issueTokenPair(tokens, { subject: 'u_1' })
        .then((pair) => cookie.send(req, res, pair))
        .then(() => undefined, next);
    });
    app.use(express.authErrors());
    return app;
  };

const onKoa =
  (Koa: typeof Koa3): App['create'] =>
  (tokens, guarded) => {
    const app = new Koa();
    if (guarded) app.use(koa.bearer(tokens.verifier));
    const cookie = koa.tokenEndpoints(tokens, {
      transport: 'cookie',
      mount: '/cookie',
      requestContext,
    });
    app
      .use(koa.authErrors())
      .use(cookie)
      .use(koa.tokenEndpoints(tokens, { mount: '/body' }))
      .use(koa.tokenEndpoints(tokens, { mount: '/one', maxParallelRefreshes: 1 }));
    app.use(async (ctx, next) => {
      if (ctx.path === '/cookie-login') await cookie.login(ctx, { subject: 'u_1' });
      else if (ctx.path !== '/cookie-send') await next();
      else cookie.send(ctx, await issueTokenPair(tokens, { subject: 'u_1' }));
    });
    return toListener(app);
  };

const apps: readonly App[] = [
  { name: 'Express 4', create: onExpress(express4 as unknown as typeof express5) },
  { name: 'Express 5', create: onExpress(express5) },
  { name: 'Koa 2', create: onKoa(Koa2 as unknown as typeof Koa3) },
  { name: 'Koa 3', create: onKoa(Koa3) },
];

describe.each(apps)('$name', ({ create }) => {
  let issuer: TestIssuer;
  let server: TestServer;
  const start = async (guarded = false, options: Partial<TokenIssuerOptions> = {}) => {
    issuer = createTestIssuer(options);
    server = await startServer(create(issuer.tokens, guarded));
  };
  afterEach(async () => {
    jest.restoreAllMocks();
    await server.close();
  });
  const post = (path: string, headers: Record<string, string> = {}, body = '') =>
    send(server.port, { method: 'POST', path, headers, body });
  const json = { 'content-type': 'application/json' };
  const ownPage = { 'sec-fetch-site': 'same-origin' };

  test('says that a cookie mount takes no refresh token from the body, and emits it', async () => {
    await start();
    const body = JSON.stringify({ refresh_token: 'x' });
    const answer = await post('/cookie/refresh', { ...json, ...ownPage, 'x-device': 'd' }, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'refresh_token_misplaced',
      error_description: expect.stringContaining('from the cookie here, not from the body'),
      action: 'fix',
    });
    expect(issuer.refusals).toMatchObject([
      { reason: 'malformed', code: 'refresh_token_misplaced', request: 'd' },
    ]);
  });

  test('hints at a cookie that a body mount does not take', async () => {
    await start();
    expect((await post('/body/refresh', { cookie: '__Host-refresh_token=x' })).status).toBe(401);
    expect(issuer.refusals).toMatchObject([
      { reason: 'missing', hint: expect.stringContaining("transport: 'cookie'") },
    ]);
  });

  test.each([
    ['an origin', { origin: 'https://evil.test' }, { origin: 'https://evil.test' }],
    ['a page over plain http', { origin: 'http://192.0.2.1' }, { origin: 'http://192.0.2.1' }],
    ['no origin', {}, { hint: expect.stringContaining('X-Requested-With') }],
  ])('emits the refused origin of a refresh: %s', async (_what, headers, expected) => {
    await start();
    const answer = await post('/cookie/refresh', { ...headers, 'x-device': 'd' });
    expect(answer.status).toBe(403);
    expect(issuer.refusals).toEqual([
      {
        type: 'refresh.refused',
        reason: 'origin',
        code: 'origin_refused',
        hint: expect.any(String),
        request: 'd',
        time: expect.any(Number),
        ...expected,
      },
    ]);
  });

  test.each(['/cookie/logout', '/cookie-login', '/cookie-send'])(
    'emits the refused origin of %s as request.refused',
    async (path) => {
      await start();
      const origin = 'https://evil.test';
      const cookie = '__Host-refresh_token=x';
      expect((await post(path, { origin, cookie })).status).toBe(403);
      const refused = issuer.events.filter(({ type }) => type === 'request.refused');
      expect(refused).toMatchObject([{ code: 'origin_refused', origin }]);
    },
  );

  test('emits one event for each other refusal of a refresh', async () => {
    await start();
    await post('/body/refresh');
    await post('/body/refresh', json, '{');
    await post('/body/refresh', json, JSON.stringify({ refresh_token: 'x' }));
    await post('/body/token', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1');
    expect(issuer.refusals.map(({ reason }) => reason)).toEqual([
      'missing',
      'malformed',
      'garbled',
      'malformed',
    ]);
  });

  test('emits a refresh beyond maxParallelRefreshes', async () => {
    const hook = new EventEmitter();
    const [entered, gate] = [once(hook, 'entered'), once(hook, 'open')];
    await start(false, {
      claims: async (_subject, { reason }) => {
        if (reason === 'refresh') hook.emit('entered');
        if (reason === 'refresh') await gate;
        return {};
      },
    });
    const { refreshToken } = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    const body = JSON.stringify({ refresh_token: refreshToken });
    const first = post('/one/refresh', json, body);
    await entered;
    expect((await post('/one/refresh', json, body)).status).toBe(503);
    hook.emit('open');
    expect((await first).status).toBe(200);
    expect(issuer.refusals).toMatchObject([{ reason: 'limit', code: 'temporarily_unavailable' }]);
  });

  test('warns once when the cookie goes to a page over plain http that is not on localhost', async () => {
    Reflect.deleteProperty(globalThis, Symbol.for('tokenpair.warned.TOKENPAIR_COOKIE_OVER_HTTP'));
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await start();
    const browser = { 'user-agent': 'Mozilla/5.0', 'x-requested-with': 'x' };
    const lost = { ...browser, host: '192.0.2.1:3000' };
    for (const good of [
      { ...browser, host: 'localhost:3000' },
      { ...browser, host: '127.0.0.1' },
      { ...lost, 'x-forwarded-proto': 'https' },
      { ...lost, forwarded: 'for=192.0.2.9;proto=https' },
      { host: '192.0.2.1:3000', 'x-requested-with': 'x' },
    ]) {
      expect((await post('/cookie-login', good)).status).toBe(200);
    }
    expect(warn).not.toHaveBeenCalled();
    expect((await post('/cookie-login', lost)).status).toBe(200);
    expect((await post('/cookie-send', lost)).status).toBe(200);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('Use https'),
      expect.objectContaining({ code: 'TOKENPAIR_COOKIE_OVER_HTTP' }),
    );
    expect((await post('/cookie/refresh', lost)).status).toBe(401);
    expect(issuer.refusals).toMatchObject([
      { reason: 'missing', hint: expect.stringContaining('plain http') },
    ]);
  });

  test('hints at a guard in front of the endpoints, which refuses every refresh', async () => {
    await start(true);
    const { accessToken } = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    issuer.clock.advance(3_600);
    const authorization = `Bearer ${accessToken}`;
    const body = JSON.stringify({ refresh_token: 'x' });
    const answer = await post('/body/refresh', { ...json, authorization }, body);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'token_expired' });
    expect((await post('/body/refresh', json, body)).status).toBe(401);
    const hint = expect.stringContaining('Mount tokenEndpoints before');
    expect(issuer.events.slice(1)).toMatchObject([
      { type: 'verification.refused', code: 'token_expired', hint },
      { type: 'verification.refused', code: 'token_missing', hint },
    ]);
    // Another path is an ordinary one.
    await post('/orders', { authorization });
    expect(issuer.events.at(-1)).not.toHaveProperty('hint');
  });

  test('repeats Retry-After in the body, for a page of another origin', async () => {
    await start(true);
    const issued = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    issuer.clock.set(Number.NaN);
    const answer = await post('/orders', { authorization: `Bearer ${issued.accessToken}` });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(JSON.parse(answer.body)).toMatchObject({ action: 'retry', retry_after: 2 });
  });
});

describe('a guard of Express in front of one endpoint only', () => {
  test.each([
    ['/auth/refresh', false],
    ['/auth', false],
    ['/auth', true],
  ])('is named in the event: %s, with another verifier: %p', async (mount, isOther) => {
    const key = createTestKey();
    const { tokens, refusals: _none, events, clock } = createTestIssuer({ keys: [key.signing] });
    const app = express5();
    const other = createTokenVerifier({
      issuer: issuerName,
      audience: audienceName,
      keys: [key.verification],
      clock: clock.now,
      onEvent: (event) => events.push(event),
    });
    app.use(mount, express.bearer(isOther ? other : tokens.verifier));
    app.use('/auth', express.tokenEndpoints(tokens));
    const server = await startServer(app);
    try {
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      clock.advance(3_600);
      const headers = { authorization: `Bearer ${accessToken}` };
      await send(server.port, { method: 'POST', path: '/auth/refresh', headers });
      expect(events.filter(({ type }) => type === 'verification.refused')).toMatchObject([
        { code: 'token_expired', hint: expect.stringContaining('bearer stands in front of it') },
      ]);
    } finally {
      await server.close();
    }
  });
});
