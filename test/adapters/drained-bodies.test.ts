// Bodies that something in front of the token endpoints has read: an empty one is as good as an unread one, and one that has
// been read and not been left is never taken for an empty one.

import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, connect, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { PassThrough } from 'node:stream';
import { arrayBuffer, buffer, text } from 'node:stream/consumers';

import { issueTokenPair, listSessions, type AuthError } from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import {
  send,
  sendBytes,
  startServer,
  type TestRequest,
  type TestServer,
} from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

const { tokens } = createTestIssuer({ deadline: 1 });
const strict = createTestIssuer({ requireAccessToken: true }).tokens;

/** What a middleware may do with a body, until it is gone. */
const drains: Readonly<Record<string, (request: IncomingMessage) => Promise<unknown>>> = {
  'data and end': async (request) => {
    request.on('data', () => {});
    await once(request, 'end');
  },
  'readable and read': async (request) => {
    request.on('readable', () => {
      while (request.read() !== null);
    });
    await once(request, 'end');
  },
  'for await': async (request) => {
    for await (const _chunk of request);
  },
  text,
  buffer,
  arrayBuffer,
  json: async (request) => text(request).then((body) => (body === '' ? undefined : body)),
  resume: async (request) => {
    request.resume();
    await once(request, 'end');
  },
  pipe: async (request) => {
    request.pipe(new PassThrough().resume());
    await once(request, 'end');
  },
};

/** What a middleware may do with a body that is then still to read. */
const touches: Readonly<Record<string, (request: IncomingMessage) => unknown>> = {
  'listens to data': (request) => request.on('data', () => {}),
  'starts to read': (request) => void text(request).catch(() => ''),
  pauses: (request) => request.pause(),
  'pipes and unpipes': (request) => {
    const sink = new PassThrough();
    request.pipe(sink);
    request.unpipe(sink);
  },
  'sets an encoding': (request) => request.setEncoding('utf8'),
  'sets another encoding': (request) => request.setEncoding('hex'),
};

type Before = (request: IncomingMessage) => unknown;
const leaveAlone: Before = () => {};
interface Observed {
  readonly listener: RequestListener;
  readonly errors: AuthError[];
}

/** Endpoints on all transports behind something that reads bodies. */
function expressApp(express: typeof express5, before: Before): Observed {
  const errors: AuthError[] = [];
  const app = express();
  app.use((req, _res, next) => {
    void Promise.resolve(before(req)).then(() => setImmediate(next));
  });
  app.use('/body', onExpress.tokenEndpoints(tokens));
  app.use('/auto', onExpress.tokenEndpoints(tokens, { transport: 'auto' }));
  app.use('/cookie', onExpress.tokenEndpoints(tokens, { transport: 'cookie' }));
  app.use('/strict', onExpress.tokenEndpoints(strict, { transport: 'cookie' }));
  app.use('/next', onExpress.tokenEndpoints(tokens, { onError: 'next' }));
  app.use(((error: AuthError, _req, res, _next) => {
    errors.push(error);
    res.status(error.status).json({ code: error.code });
  }) as express5.ErrorRequestHandler);
  return { listener: app as RequestListener, errors };
}

function koaApp(Koa: typeof Koa3, before: Before): Observed {
  const errors: AuthError[] = [];
  const app = new Koa();
  app.use(async (ctx, next) => {
    await before(ctx.req);
    await new Promise(setImmediate);
    try {
      await next();
    } catch (error) {
      errors.push(error as AuthError);
      ctx.status = (error as AuthError).status;
      ctx.body = { code: (error as AuthError).code };
    }
  });
  app.use(onKoa.tokenEndpoints(tokens, { mount: '/body' }));
  app.use(onKoa.tokenEndpoints(tokens, { mount: '/auto', transport: 'auto' }));
  app.use(onKoa.tokenEndpoints(tokens, { mount: '/cookie', transport: 'cookie' }));
  app.use(onKoa.tokenEndpoints(strict, { mount: '/strict', transport: 'cookie' }));
  app.use(onKoa.tokenEndpoints(tokens, { mount: '/next', onError: 'throw' }));
  return { listener: toListener(app), errors };
}

const ownPage = { 'Sec-Fetch-Site': 'same-origin' };
const json = { 'Content-Type': 'application/json' };
const cookieOf = (refreshToken: string) => ({
  ...ownPage,
  Cookie: `__Host-refresh_token=${refreshToken}`,
});

/** An empty body as clients send it, and what a client says of it. */
const emptyBodies: Readonly<Record<string, Partial<TestRequest>>> = {
  'of length 0': { body: '' },
  'of length 0, called JSON': { body: '', headers: json },
  'in no pieces': { chunked: true, body: '', headers: { 'Transfer-Encoding': 'chunked' } },
};

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

describe.each([
  ['Express 4', (before: Before) => expressApp(express4 as unknown as typeof express5, before)],
  ['Express 5', (before: Before) => expressApp(express5, before)],
  ['Koa 2', (before: Before) => koaApp(Koa2 as unknown as typeof Koa3, before)],
  ['Koa 3', (before: Before) => koaApp(Koa3, before)],
])('on %s', (_name, appOf) => {
  describe.each(Object.entries(drains))('a body that %s has read', (_how, drain) => {
    let server: TestServer;
    let errors: AuthError[];
    beforeAll(async () => {
      const app = appOf(drain);
      ({ errors } = app);
      server = await startServer(app.listener);
    });
    afterAll(() => server.close());
    const post = (path: string, more: Partial<TestRequest>) =>
      send(server.port, { method: 'POST', path, ...more });

    test.each(Object.entries(emptyBodies))(
      'and that was empty is no matter: %s',
      async (_n, more) => {
        for (const mount of ['/cookie', '/auto']) {
          const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
          const headers = { ...more.headers, ...cookieOf(refreshToken) };
          expect(await post(`${mount}/refresh`, { ...more, headers })).toMatchObject({
            status: 200,
          });
          expect(await post(`${mount}/logout`, { ...more, headers })).toMatchObject({
            status: 204,
          });
        }
        const missing = await post('/body/refresh', more);
        expect(missing).toMatchObject({ status: 401 });
        expect(missing.body).toContain('refresh_token_missing');
        expect(warn).not.toHaveBeenCalled();
      },
    );

    test('and that was empty lets the holder of an access token end its sessions', async () => {
      const pair = await issueTokenPair(tokens, { subject: 'u_2' });
      const { sessionId } = await issueTokenPair(tokens, { subject: 'u_2' });
      const headers = { Authorization: `Bearer ${pair.accessToken}` };
      const one = { method: 'DELETE', path: `/body/sessions/${sessionId}`, headers };
      expect(await send(server.port, one)).toMatchObject({ status: 204 });
      expect(await post('/body/logout-all', { headers, body: '' })).toMatchObject({
        status: 200,
        body: '{"revoked":1}',
      });
    });

    test('and that was not empty is not needed beside a cookie', async () => {
      for (const mount of ['/cookie', '/auto']) {
        const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
        const more = { headers: { ...json, ...cookieOf(refreshToken) }, body: '{"x":1}' };
        expect(await post(`${mount}/refresh`, more)).toMatchObject({ status: 200 });
        expect(await post(`${mount}/logout`, more)).toMatchObject({ status: 204 });
      }
    });

    test('and that was not empty is needed where the access token must be in it', async () => {
      const pair = await issueTokenPair(strict, { subject: 'u_1' });
      const body = JSON.stringify({ access_token: pair.accessToken });
      const more = { headers: { ...json, ...cookieOf(pair.refreshToken) }, body };
      const refused = await post('/strict/refresh', more);
      expect(refused.status).toBe(400);
      expect(refused.body).toContain('request_malformed');
      expect(await post('/strict/logout', more)).toMatchObject({ status: 204 });
    });

    test.each(['/body/refresh', '/body/logout', '/auto/refresh', '/body/token', '/body/revoke'])(
      'and that was not empty is a malformed request, and ends nothing: %s',
      async (path) => {
        const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_3' });
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        const body = new URLSearchParams({
          grant_type: 'refresh_token',
          token: refreshToken,
          refresh_token: refreshToken,
        }).toString();
        const before = await listSessions(tokens, 'u_3');
        const refused = await post(path, { headers, body });
        expect(refused.status).toBe(400);
        expect(JSON.parse(refused.body)).toMatchObject({
          code: 'request_malformed',
          action: 'fix',
        });
        expect(refused.body).not.toContain('middleware');
        expect(await listSessions(tokens, 'u_3')).toHaveLength(before.length);
      },
    );

    test('and that was not empty does not end all sessions, for it may say which to keep', async () => {
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_4' });
      const headers = { ...json, Authorization: `Bearer ${accessToken}` };
      const body = JSON.stringify({ keep_current: true });
      expect(await post('/body/logout-all', { headers, body })).toMatchObject({ status: 400 });
    });

    test('and that was not empty is an error that says to the developer what to do', async () => {
      errors.length = 0;
      await post('/next/refresh', { headers: json, body: '{"refresh_token":"x"}' });
      expect(errors).toEqual([expect.objectContaining({ code: 'request_malformed' })]);
      const said = expect.stringMatching(/has read the body.*Put the token endpoints/) as string;
      expect(errors).toMatchObject([{ cause: { message: said } }]);
    });
  });

  describe.each(Object.entries(touches))('where a middleware %s', (_how, touch) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(appOf(touch).listener);
    });
    afterAll(() => server.close());

    // A body that has gone by may be refused. It must not keep the client waiting, nor end the process.
    test('a body is read or refused, at once', async () => {
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const body = JSON.stringify({ refresh_token: refreshToken });
      const request = { method: 'POST', path: '/body/refresh', headers: json, body };
      const { status } = await send(server.port, request);
      const passesBy = /data|read/.test(_how);
      expect(passesBy ? [200, 400] : [200]).toContain(status);
    });

    test('a cookie is enough', async () => {
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const headers = cookieOf(refreshToken);
      const request = { method: 'POST', path: '/cookie/refresh', headers };
      expect(await send(server.port, request)).toMatchObject({ status: 200 });
    });
  });

  test('a warning says what to do about a body that is gone, once in a process', async () => {
    Reflect.deleteProperty(globalThis, Symbol.for('tokenpair.warned.TOKENPAIR_BODY_GONE'));
    const server = await startServer(appOf(text).listener);
    const request = { method: 'POST', path: '/body/refresh', headers: json, body: '{"a":1}' };
    await send(server.port, request);
    await send(server.port, request);
    await server.close();
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining('Put the token endpoints in front of that middleware'),
        { type: 'TokenpairWarning', code: 'TOKENPAIR_BODY_GONE' },
      ],
    ]);
  });
});

describe('what a client sends twice', () => {
  let server: TestServer;
  beforeAll(async () => {
    const endpoints = onExpress.tokenEndpoints(tokens, { authenticateClient: () => true });
    server = await startServer(express5().use('/auth', endpoints) as RequestListener);
  });
  afterAll(() => server.close());

  const form = 'Content-Type: application/x-www-form-urlencoded';
  const basic = 'Authorization: Basic YTpi';

  test.each([
    ['/token', [basic, basic, form]],
    ['/token', [basic, 'authorization: Bearer x', form]],
    ['/token', ['Authorization: Basic YTpi, Basic YTpi', form]],
    ['/token', [form, 'Content-Type: application/json']],
    ['/revoke', [basic, basic, form]],
    ['/revoke', [form, form]],
    ['/refresh', [form, 'Content-Type: application/json']],
    ['/logout', [form, 'content-type: text/plain']],
  ])('is refused, and ends nothing: %s with %j', async (path, lines) => {
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_5' });
    const before = await listSessions(tokens, 'u_5');
    const body = `grant_type=refresh_token&refresh_token=${refreshToken}&token=${refreshToken}`;
    const head = [`POST /auth${path} HTTP/1.1`, 'Host: a.test', 'Connection: close', ...lines];
    const bytes = [...head, `Content-Length: ${body.length}`, '', body].join('\r\n');
    const refused = await sendBytes(server.port, bytes);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'request_malformed' });
    expect(await listSessions(tokens, 'u_5')).toHaveLength(before.length);
  });

  test.each([
    ['Origin: https://a.test', 403],
    ['Sec-Fetch-Site: cross-site', 403],
  ])('is not believed once: %s beside one that is', async (line, status) => {
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_6' });
    const endpoints = onExpress.tokenEndpoints(tokens, { transport: 'cookie' });
    const own = await startServer(express5().use('/auth', endpoints) as RequestListener);
    const isAboutSite = line.startsWith('Sec');
    const lines = [
      'POST /auth/logout HTTP/1.1',
      'Host: a.test',
      'Connection: close',
      `Cookie: __Host-refresh_token=${refreshToken}`,
      line,
      isAboutSite ? 'Sec-Fetch-Site: same-origin' : 'Origin: http://a.test',
      'Content-Length: 0',
    ];
    const answer = await sendBytes(own.port, `${lines.join('\r\n')}\r\n\r\n`);
    await own.close();
    expect(answer.status).toBe(status);
    expect((await listSessions(tokens, 'u_6')).length).toBeGreaterThan(0);
  });
});

describe('over HTTP/2', () => {
  let server: Http2Server;
  let port: number;
  let before: Before = leaveAlone;

  beforeAll(async () => {
    const app = new Koa3();
    app.use(async (ctx, next) => {
      await before(ctx.req);
      await next();
    });
    app.use(onKoa.tokenEndpoints(tokens, { mount: '/body' }));
    app.use(onKoa.tokenEndpoints(tokens, { mount: '/cookie', transport: 'cookie' }));
    const handle = app.callback();
    server = createServer((req, res) => void handle(req as never, res as never));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    before = leaveAlone;
  });

  /** The answer, and how long the stream lives if the client goes on sending. */
  async function post(
    path: string,
    headers: Readonly<Record<string, string | string[]>>,
    body: string | undefined,
    goOn = false,
  ) {
    const client = connect(`http://127.0.0.1:${port}`);
    const stream = client.request({ ':method': 'POST', ':path': path, ...headers });
    stream.on('error', () => {});
    if (goOn) stream.write(body);
    else stream.end(body);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(stream, 'close');
    const [head] = (await once(stream, 'response')) as [Record<string, string>];
    await Promise.race([
      closed,
      wait(15_000, undefined, { ref: false }).then(() => stream.destroy()),
    ]);
    const answer = Buffer.concat(chunks).toString();
    const code = stream.rstCode;
    client.close();
    return { status: Number(head[':status']), headers: head, body: answer, code };
  }

  test.each(Object.keys(drains))('an empty body that %s has read is no matter', async (how) => {
    before = drains[how] as Before;
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const headers = {
      'sec-fetch-site': 'same-origin',
      cookie: `__Host-refresh_token=${refreshToken}`,
    };
    expect(await post('/cookie/refresh', headers, undefined)).toMatchObject({ status: 200 });
    expect(await post('/cookie/logout', headers, undefined)).toMatchObject({ status: 204 });
  });

  test.each([
    ['too large', 'x'.repeat(20_000), 413],
    ['never complete', '{"refresh_', 408],
  ])('a body that is %s ends its stream and not the connection', async (_what, body, status) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await post('/body/refresh', headers, body, true);
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('connection');
    // NO_ERROR: the client is asked to send no more. RFC 9113 §8.1
    expect(answer.code).toBe(0);
    expect(answer.body).toContain(status === 413 ? 'request_too_large' : 'request_timeout');
    expect(warn.mock.calls).toEqual([]);
  });
});
