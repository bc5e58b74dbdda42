// What fails while an answer is written reaches the application once, and ends no process.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { issueTokenPair, MissingTokenError, type TokenPair } from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import express4 from 'express4';
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { send, startServer, type TestRequest, type TestServer } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';
import { runInChild } from '../support/run-in-child.js';
import { until } from '../support/until.js';
import {
  breakResponse,
  BrokenWriteError,
  watchRejections,
  type WritingMethod,
} from './broken-response.js';

type Bearer = onExpress.Bearer;
type Middleware = onExpress.Middleware;

const { tokens } = createTestIssuer();
const url = 'https://issuer.test/auth';
const resource = { resource: 'https://api.test', authorizationServers: ['https://issuer.test'] };
const json = { 'Content-Type': 'application/json' };
const ownPage = { 'Sec-Fetch-Site': 'same-origin' };

interface Place {
  readonly name: string;
  readonly request: (pair: TokenPair) => TestRequest;
  /** What the answer has where nothing is broken. */
  readonly status: number;
  readonly setsCookie?: true;
}

const bearerOf = ({ accessToken }: TokenPair) => ({ Authorization: `Bearer ${accessToken}` });
const cookie = ({ refreshToken }: TokenPair) => ({
  ...ownPage,
  Cookie: `__Host-refresh_token=${refreshToken}`,
});

/** Every place of an adapter that answers. */
const places: readonly Place[] = [
  { name: 'bearer, which refuses', request: () => ({ path: '/guarded' }), status: 401 },
  {
    name: 'a guard for scopes, which refuses',
    request: (pair) => ({ path: '/scopes', headers: bearerOf(pair) }),
    status: 403,
  },
  {
    name: 'a guard for one of several scopes, which refuses',
    request: (pair) => ({ path: '/any-scope', headers: bearerOf(pair) }),
    status: 403,
  },
  {
    name: 'a guard for a claim, which refuses',
    request: (pair) => ({ path: '/claim', headers: bearerOf(pair) }),
    status: 403,
  },
  {
    name: 'a guard with a check, which refuses',
    request: (pair) => ({ path: '/check', headers: bearerOf(pair) }),
    status: 403,
  },
  {
    name: 'the endpoints, which answer in the body',
    request: ({ refreshToken }) => ({
      method: 'POST',
      path: '/auth/refresh',
      headers: json,
      body: JSON.stringify({ refresh_token: refreshToken }),
    }),
    status: 200,
  },
  {
    name: 'the endpoints, which refuse',
    request: () => ({ method: 'POST', path: '/auth/refresh' }),
    status: 401,
  },
  {
    name: 'the endpoints, which refuse in the OAuth dialect',
    request: () => ({ method: 'POST', path: '/auth/token' }),
    status: 400,
  },
  {
    name: 'the endpoints, which set a cookie',
    request: (pair) => ({ method: 'POST', path: '/cookie-auth/refresh', headers: cookie(pair) }),
    status: 200,
    setsCookie: true,
  },
  {
    name: 'the endpoints, which clear a cookie',
    request: (pair) => ({ method: 'POST', path: '/cookie-auth/logout', headers: cookie(pair) }),
    status: 204,
    setsCookie: true,
  },
  {
    name: 'the document of the issuer',
    request: () => ({ path: '/.well-known/oauth-authorization-server' }),
    status: 200,
  },
  {
    name: 'the document of the issuer, which refuses',
    request: () => ({ method: 'POST', path: '/.well-known/oauth-authorization-server' }),
    status: 405,
  },
  {
    name: 'the document of a resource',
    request: () => ({ path: '/.well-known/oauth-protected-resource' }),
    status: 200,
  },
  {
    name: 'the document of a resource, which refuses',
    request: () => ({ method: 'POST', path: '/.well-known/oauth-protected-resource' }),
    status: 405,
  },
  {
    name: 'the answer to a login',
    request: () => ({ method: 'POST', path: '/login' }),
    status: 200,
    setsCookie: true,
  },
  {
    name: 'the handler of errors thrown in a route',
    request: () => ({ method: 'POST', path: '/refused-login' }),
    status: 401,
  },
];

/** One application with everything that answers, and what it sees of a request. */
interface Observed {
  readonly server: TestServer;
  /** What reached the application's own error handler. */
  readonly errors: unknown[];
  /** Does something with the response of the next request. */
  onNextRequest(act: Act): void;
}

type Start = () => Promise<Observed>;
type Act = (res: ServerResponse) => void;
const doNothing: Act = () => {};
const notThrown = () => 0;
const never: RequestHandler = (_req, res) => void res.status(500).send('reached');

function startExpress(express: typeof express5): Start {
  return async () => {
    const errors: unknown[] = [];
    let onRequest: Act = doNothing;
    const app = express();
    app.use((_req, res, next) => {
      onRequest(res);
      next();
    });
    const auth = onExpress.bearer(tokens.verifier);
    app.use('/guarded', auth, never);
    app.use('/scopes', auth.scopes('admin'), never);
    app.use('/any-scope', auth.anyScope('admin', 'owner'), never);
    app.use('/claim', auth.claim('role', 'admin'), never);
    app.use(
      '/check',
      auth.check(() => false),
      never,
    );
    const endpoints = onExpress.tokenEndpoints(tokens, { url });
    const cookieEndpoints = onExpress.tokenEndpoints(tokens, { transport: 'cookie' });
    app.use('/auth', endpoints);
    app.use('/cookie-auth', cookieEndpoints);
    app.use(endpoints.wellKnown, onExpress.protectedResource(resource));
    app.post('/login', (req, res, next) => {
      const answer = async () =>
        cookieEndpoints.send(req, res, await issueTokenPair(tokens, { subject: 'u_2' }));
      // oxlint-disable-next-line promise/no-callback-in-promise -- as an application on Express 4 does it
      answer().catch((error: unknown) => next(error));
    });
    const handsOn = onExpress.bearer(tokens.verifier, { onError: 'next' });
    app.post('/refused-login', handsOn, never);
    const observe: ErrorRequestHandler = (error: Error, _req, res, next) => {
      errors.push(error);
      if (res.headersSent) next(error);
      else res.status(599).json({ application: error.name });
    };
    app.use(onExpress.authErrors(), observe);
    const server = await startServer(app as RequestListener);
    return { server, errors, onNextRequest: (act) => (onRequest = act) };
  };
}

function startKoa(Koa: typeof Koa3): Start {
  return async () => {
    const errors: unknown[] = [];
    let onRequest: Act = doNothing;
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx, next) => {
      onRequest(ctx.res);
      try {
        await next();
      } catch (error) {
        errors.push(error);
        ctx.status = 599;
        ctx.body = { application: (error as Error).name };
      }
    });
    app.use(onKoa.authErrors());
    const auth = onKoa.bearer(tokens.verifier);
    const at = (path: string, middleware: Koa3.Middleware) =>
      app.use((ctx, next) => (ctx.path === path ? middleware(ctx, next) : next()));
    at('/guarded', auth);
    at('/scopes', auth.scopes('admin'));
    at('/any-scope', auth.anyScope('admin', 'owner'));
    at('/claim', auth.claim('role', 'admin'));
    at(
      '/check',
      auth.check(() => false),
    );
    const endpoints = onKoa.tokenEndpoints(tokens, { mount: '/auth', url });
    const cookieEndpoints = onKoa.tokenEndpoints(tokens, {
      mount: '/cookie-auth',
      transport: 'cookie',
    });
    app.use(endpoints).use(cookieEndpoints).use(endpoints.wellKnown);
    app.use(onKoa.protectedResource(resource));
    at('/login', async (ctx) => {
      cookieEndpoints.send(ctx, await issueTokenPair(tokens, { subject: 'u_2' }));
    });
    at('/refused-login', onKoa.bearer(tokens.verifier, { onError: 'throw' }));
    const server = await startServer(toListener(app));
    return { server, errors, onNextRequest: (act) => (onRequest = act) };
  };
}

interface Breakage {
  readonly method: WritingMethod;
  /** Only for this header. */
  readonly header?: string;
}

/** Breaks the response of the next request. */
function breakNext(
  app: Observed,
  { method, ...only }: Breakage,
): { readonly thrown: () => number } {
  let thrown = notThrown;
  app.onNextRequest((res) => {
    app.onNextRequest(doNothing);
    ({ thrown } = breakResponse(res, method, only));
  });
  return { thrown: () => thrown() };
}

const anyHeader: Breakage = { method: 'setHeader' };
// The last one that is set, after the challenge and the cookie.
const lastHeader: Breakage = { method: 'setHeader', header: 'Content-Type' };
const breakages: readonly Breakage[] = [
  { method: 'end' },
  { method: 'writeHead' },
  { method: 'appendHeader' },
  anyHeader,
  lastHeader,
];

const frameworks = [
  ['Express 4', startExpress(express4 as unknown as typeof express5), breakages],
  ['Express 5', startExpress(express5), breakages],
  // Koa writes by itself, behind all middleware, so its adapter calls these alone.
  ['Koa 2', startKoa(Koa2 as unknown as typeof Koa3), [anyHeader, lastHeader]],
  ['Koa 3', startKoa(Koa3), [anyHeader, lastHeader]],
] as const;

let rejections: ReturnType<typeof watchRejections>;
beforeEach(() => {
  rejections = watchRejections();
});
afterEach(async () => {
  await new Promise(setImmediate);
  rejections.stop();
  if (rejections.seen.length > 0) throw new AggregateError(rejections.seen, 'unhandled');
});

describe.each(frameworks)('on %s, what fails while an answer is written', (_name, start, ways) => {
  let app: Observed;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.server.close());
  beforeEach(() => {
    app.errors.length = 0;
  });

  test.each(places)('by $name, is nothing where nothing is broken', async (place) => {
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const { status } = await send(app.server.port, place.request(pair));
    expect(status).toBe(place.status);
    expect(app.errors).toEqual([]);
  });

  test.each(
    ways.flatMap((breakage) =>
      places
        .filter((place) => calls(place, breakage))
        .map((place) => ({ ...place, ...breakage, header: breakage.header ?? '' })),
    ),
  )('by $name, in $method $header, reaches the application once', async (row) => {
    const { method, header, request } = row;
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const broken = breakNext(app, header === '' ? { method } : { method, header });
    const answer = await send(app.server.port, request(pair));
    expect(broken.thrown()).toBe(1);
    expect(app.errors).toEqual([expect.any(BrokenWriteError)]);
    expect(answer).toMatchObject({ status: 599, body: '{"application":"BrokenWriteError"}' });
    // Nothing is left of the answer that failed.
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    for (const name of ['set-cookie', 'www-authenticate', 'cache-control']) {
      expect(answer.headers).not.toHaveProperty(name);
    }
  });

  test('takes no header away that was there before', async () => {
    app.onNextRequest((res) => {
      app.onNextRequest(doNothing);
      res.setHeader('Set-Cookie', ['a=1', 'b=2']);
      res.setHeader('Cache-Control', 'private');
      breakResponse(res, 'setHeader', { header: 'Content-Type' });
    });
    const login = { method: 'POST', path: '/login' };
    const { status, headers } = await send(app.server.port, login);
    expect(status).toBe(599);
    expect(headers).toMatchObject({ 'set-cookie': 'a=1, b=2', 'cache-control': 'private' });
  });
});

function calls({ status, setsCookie }: Place, { method, header }: Breakage): boolean {
  if (method === 'appendHeader') return setsCookie === true;
  // An answer without a body has no type.
  return header === undefined || status !== 204;
}

const requestWith = (authorization?: string) =>
  ({ headers: { authorization }, rawHeaders: [] }) as unknown as IncomingMessage;

describe.each([
  ['bearer', (bearer: Bearer): Middleware => bearer],
  ['a guard for scopes', (bearer: Bearer): Middleware => bearer.scopes('admin')],
  ['a guard with a check', (bearer: Bearer): Middleware => bearer.check(() => false)],
])('%s of Express in front of a WebSocket server, which has no response', (_name, middlewareOf) => {
  const middleware = middlewareOf(onExpress.bearer(tokens.verifier));
  test('hands the refusal of a request without a token on, once', async () => {
    const handedOn = jest.fn();
    middleware(requestWith(), {} as ServerResponse, handedOn);
    await new Promise(setImmediate);
    expect(handedOn.mock.calls).toEqual([[expect.objectContaining({ code: 'token_missing' })]]);
  });

  test('hands the refusal of a bad token on, once', async () => {
    const handedOn = jest.fn();
    middleware(requestWith('Bearer x'), {} as ServerResponse, handedOn);
    await new Promise(setImmediate);
    expect(handedOn.mock.calls).toEqual([[expect.objectContaining({ code: 'token_invalid' })]]);
  });
});

test('the handler of errors of Express hands a refusal on, once, where there is no response', () => {
  const error = new MissingTokenError({ realm: 'api' });
  const handedOn = jest.fn();
  onExpress.authErrors()(error, {} as express5.Request, {} as express5.Response, handedOn);
  expect(handedOn.mock.calls).toEqual([[error]]);
});

test('a process with bearer in front of Socket.IO outlives a request without a token', async () => {
  const { exitCode, stdout, stderr } = await runInChild(`
    const { bearer } = requireOfTests('@tokenpair/express');
    const { createServer } = require('node:http');
    const keys = [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 7) }];
    const verifier = core.createTokenVerifier({ issuer: 'https://a.test', audience: 'b', keys });
    const auth = bearer(verifier);
    const server = createServer((req, res) => {
      auth(req, {}, (error) => res.end(error.code));
    });
    server.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      for (const path of ['/a', '/b']) console.log(await (await fetch(url + path)).text());
      server.close();
      server.closeAllConnections();
    });
  `);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: 'token_missing\ntoken_missing\n',
    stderr: '',
  });
}, 60_000);

describe('next of Express, where it throws', () => {
  const thrown = new RangeError('the handler behind is broken');
  let server: TestServer;
  let warn: jest.SpyInstance;

  beforeEach(() => {
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });
  afterEach(async () => {
    warn.mockRestore();
    await server.close();
  });

  /** A server without a framework: `next` is its own. */
  async function serve(middleware: Middleware): Promise<jest.Mock> {
    const next = jest.fn(() => {
      throw thrown;
    });
    server = await startServer((req, res) => middleware(req, res, next));
    return next;
  }

  const checked = onExpress.bearer(tokens.verifier).check(async () => true);
  const endpoints = onExpress.tokenEndpoints(tokens) as unknown as Middleware;
  const handsOn = onExpress.bearer(tokens.verifier, { onError: 'next' });

  test.each([
    ['a guard that waits has let the request pass', checked],
    ['a refusal was handed on', handsOn],
    [
      'a path belongs to no endpoint',
      (req: IncomingMessage, res: ServerResponse, next: () => void) =>
        endpoints(Object.assign(req, { path: '/other' }), res, next),
    ],
  ])('is called once, and the client does not wait: %s', async (name, middleware) => {
    const next = await serve(middleware);
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const headers = name.startsWith('a refusal') ? {} : bearerOf(pair);
    await expect(send(server.port, { path: '/', headers })).rejects.toThrow('socket hang up');
    expect(next).toHaveBeenCalledTimes(1);
    const warning = {
      type: 'TokenpairWarning',
      code: 'TOKENPAIR_NEXT_THREW',
      detail: thrown.stack,
    };
    expect(warn.mock.calls).toEqual([[expect.stringContaining('Catch the error'), warning]]);
  });

  test('ends no answer that was sent before', async () => {
    server = await startServer((req, res) => {
      checked(req, res, () => {
        res.end('answered');
        throw thrown;
      });
    });
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const answer = await send(server.port, { path: '/', headers: bearerOf(pair) });
    expect(answer).toMatchObject({ status: 200, body: 'answered' });
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe.each([
  ['Express 4', express4 as unknown as typeof express5],
  ['Express 5', express5],
])('on %s', (_name, express) => {
  test('a client that has gone is answered without an error', async () => {
    const errors: unknown[] = [];
    const ended: boolean[] = [];
    const app = express();
    app.use((_req, res, next) => {
      res.once('close', () => next()).destroy();
    });
    app.use(onExpress.bearer(tokens.verifier));
    app.use(((error, _req, _res, _next) => errors.push(error)) as ErrorRequestHandler);
    const listener = app as RequestListener;
    const server = await startServer((req, res) => {
      listener(req, res);
      res.once('close', () => setImmediate(() => ended.push(res.writableEnded)));
    });
    await expect(send(server.port, { path: '/' })).rejects.toThrow('socket hang up');
    await until(() => ended.length > 0);
    expect({ errors, ended }).toEqual({ errors: [], ended: [true] });
    await server.close();
  });

  test('a refusal after the answer has begun goes to the application, once', async () => {
    const errors: unknown[] = [];
    const app = express();
    app.use((_req, res, next) => {
      res.write('begun');
      next();
    });
    app.use(onExpress.bearer(tokens.verifier));
    app.use(((error, _req, res, _next) => {
      errors.push(error);
      res.end();
    }) as ErrorRequestHandler);
    const server = await startServer(app as RequestListener);
    expect(await send(server.port, { path: '/' })).toMatchObject({ status: 200, body: 'begun' });
    expect(errors).toEqual([expect.objectContaining({ code: 'token_missing' })]);
    await server.close();
  });
});

const refusal = new MissingTokenError({ realm: 'api' });
const refuse: Koa3.Middleware = () => {
  throw refusal;
};

describe.each([
  ['Koa 2', Koa2 as unknown as typeof Koa3],
  ['Koa 3', Koa3],
])('on %s', (_name, Koa) => {
  /** What the middleware rejects with when the answer has begun before it refuses. */
  async function outcomeOf(middleware: readonly Koa3.Middleware[]): Promise<{
    readonly errors: readonly unknown[];
    readonly body: string;
  }> {
    const errors: unknown[] = [];
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx, next) => {
      ctx.respond = false;
      ctx.res.write('begun');
      await next().catch((error: unknown) => errors.push(error));
      ctx.res.end();
    });
    for (const one of middleware) app.use(one);
    const server = await startServer(toListener(app));
    const { body } = await send(server.port, { path: '/' });
    await server.close();
    return { errors, body };
  }

  test('a refusal after the answer has begun rejects the middleware, once', async () => {
    const auth = onKoa.bearer(tokens.verifier);
    const missing = expect.objectContaining({ code: 'token_missing' }) as unknown;
    for (const middleware of [[auth], [auth.scopes('a')], [onKoa.authErrors(), refuse]]) {
      expect(await outcomeOf(middleware)).toEqual({ errors: [missing], body: 'begun' });
    }
  });

  test('an answer that something else has begun gets no second one', async () => {
    const endpoints = onKoa.tokenEndpoints(tokens, { url });
    const atRoot: Koa3.Middleware = (ctx, next) => {
      ctx.path = '/.well-known/oauth-authorization-server';
      return endpoints.wellKnown(ctx, next);
    };
    expect(await outcomeOf([atRoot])).toEqual({ errors: [], body: 'begun' });
  });

  test('what fails behind a guard rejects it as it is, once, and is not answered', async () => {
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const errors: unknown[] = [];
    const auth = onKoa.bearer(tokens.verifier);
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx, next) => {
      await next().catch((error: unknown) => errors.push(error));
      ctx.body = 'answered once';
    });
    app.use(auth).use(auth.check(async () => true));
    app.use(refuse);
    const server = await startServer(toListener(app));
    const headers = { Authorization: `Bearer ${accessToken}` };
    const answer = await send(server.port, { path: '/', headers });
    expect(answer).toMatchObject({ status: 200, body: 'answered once' });
    expect(errors).toEqual([refusal]);
    await server.close();
  });
});
