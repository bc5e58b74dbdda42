// The application that the client is tested against, in Express and in Koa, with a store that can be broken and a clock that is set.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

import {
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  reauthenticated,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenpairEvent,
  type TokenVerifier,
  type VerifiedToken,
} from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import {
  breakable,
  createTestClock,
  type BreakableStore,
  type TestClock,
} from '@tokenpair/testing';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';
import type { Context, Middleware } from 'koa3';

import { toListener } from '../support/koa-listener.js';

export interface Api {
  readonly listener: RequestListener;
  readonly tokens: TokenIssuer;
  readonly clock: TestClock;
  readonly store: BreakableStore;
  readonly events: readonly TokenpairEvent[];
  /** How many of the next requests to `/busy` are answered with 503, and to `/stale` with `claims_stale`. */
  readonly refusals: { busy: number; stale: number };
  /** Lets every access token expire. */
  expire(): void;
  /** Replaces the signing key at once, as in an emergency. */
  changeKey(kid: string): void;
  /** How often the API was reached with a good token, by path. */
  readonly reached: ReadonlyMap<string, number>;
}

export interface ApiOptions {
  readonly transport?: 'cookie' | 'body';
  readonly issuer?: Partial<TokenIssuerOptions>;
}

interface Parts {
  readonly tokens: TokenIssuer;
  readonly transport: 'cookie' | 'body';
  readonly verifiers: Readonly<Record<'foreign' | 'busy', TokenVerifier>>;
  readonly answer: (token: VerifiedToken, request: IncomingMessage) => Promise<ApiAnswer>;
}

interface ApiAnswer {
  readonly status: number;
  readonly body: object;
}

/** Each framework with the function that makes the application. */
export const frameworks = {
  // Its types say less than those of Express 5; what we use of it is the same.
  'Express 4': (parts: Parts) => createExpressApi(express4 as unknown as typeof express5, parts),
  'Express 5': (parts: Parts) => createExpressApi(express5, parts),
  'Koa 2': (parts: Parts) => createKoaApi(Koa2 as unknown as typeof Koa3, parts),
  'Koa 3': (parts: Parts) => createKoaApi(Koa3, parts),
} as const;

export type Framework = keyof typeof frameworks;

const issuer = 'https://issuer.test';
const audience = 'https://api.test';

export function createApi(
  framework: Framework,
  { transport = 'body', issuer: more = {} }: ApiOptions = {},
): Api {
  const clock = createTestClock();
  const store = breakable(new MemorySessionStore({ capacity: 1_000, clock: clock.now }));
  const events: TokenpairEvent[] = [];
  const refusals = { busy: 0, stale: 0 };
  const reached = new Map<string, number>();
  const keys = [key('1')] as const;
  const tokens = createTokenIssuer({
    issuer,
    audience,
    keys,
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    accessTokenLifetime: '5m',
    clockTolerance: 0,
    store: store.store,
    clock: clock.now,
    onEvent: (event) => events.push(event),
    ...more,
  });
  const verification = { issuer, keys, clockTolerance: 0, clock: clock.now, onEvent() {} };
  const parts: Parts = {
    tokens,
    transport,
    verifiers: {
      foreign: createTokenVerifier({ ...verification, audience: 'https://another-api.test' }),
      busy: createTokenVerifier({
        ...verification,
        audience,
        isRevoked() {
          if (refusals.busy-- > 0) throw new Error('the list cannot be read');
          return false;
        },
      }),
    },
    async answer(token, request) {
      const path = (request.url ?? '').split('?')[0] as string;
      reached.set(path, (reached.get(path) ?? 0) + 1);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (path === '/stale' && refusals.stale-- > 0) {
        return { status: 401, body: { code: 'claims_stale', action: 'refresh' } };
      }
      const body = Buffer.concat(chunks).toString();
      return { status: 200, body: { user: token.subject, method: request.method, body } };
    },
  };
  return {
    listener: frameworks[framework](parts),
    tokens,
    clock,
    store,
    events,
    refusals,
    reached,
    expire: () => clock.advance(301),
    changeKey: (kid) => tokens.replaceKeys([key(kid)]),
  };
}

const key = (kid: string) => ({ kid, algorithm: 'HS256', secret: randomBytes(32) }) as const;

const refusedLogin = { code: 'login_failed', action: 'login' };

function createExpressApi(framework: typeof express5, parts: Parts): RequestListener {
  const { tokens, transport, verifiers } = parts;
  const app = framework();
  const auth = express.bearer(tokens.verifier);
  const endpoints = express.tokenEndpoints(tokens, { transport });
  app.post('/login', async (req, res) => {
    const { user, password } = req.query;
    if (password === 'wrong') res.status(401).json(refusedLogin);
    else await endpoints.login(req, res, { subject: user as string });
  });
  app.post('/step-up', auth, async (req, res) => {
    const sessionId = auth.of(req).sessionId as string;
    endpoints.send(req, res, await reauthenticated(tokens, { sessionId }));
  });
  app.use('/auth', endpoints);
  const serve = (path: string, guard: express.Bearer, ...more: readonly express5.Handler[]) => {
    app.use(path, guard, ...more, async (req: express5.Request, res: express5.Response) => {
      req.url = req.originalUrl;
      const { status, body } = await parts.answer(guard.of(req), req);
      res.status(status).json(body);
    });
  };
  serve('/me', auth);
  serve('/stale', auth);
  serve('/fresh', auth, auth.fresh('5m'));
  for (const [name, verifier] of Object.entries(verifiers))
    serve(`/${name}`, express.bearer(verifier));
  app.get('/away', (req, res) => res.redirect(req.query['to'] as string));
  return app;
}

function createKoaApi(Framework: typeof Koa3, parts: Parts): RequestListener {
  const { tokens, transport, verifiers } = parts;
  const app = new Framework();
  app.silent = true;
  const auth = koa.bearer(tokens.verifier);
  const endpoints = koa.tokenEndpoints(tokens, { transport, mount: '/auth' });
  const at = (path: string, ...middleware: readonly Middleware[]) => {
    for (const one of middleware) {
      app.use((ctx, next) => (ctx.path === path ? one(ctx, next) : next()));
    }
  };
  app.use(endpoints);
  at('/login', async (ctx: Context) => {
    const { user, password } = ctx.query;
    if (password === 'wrong') {
      ctx.status = 401;
      ctx.body = refusedLogin;
    } else await endpoints.login(ctx, { subject: String(user) });
  });
  at('/step-up', auth, async (ctx: Context) => {
    const sessionId = auth.of(ctx).sessionId as string;
    endpoints.send(ctx, await reauthenticated(tokens, { sessionId }));
  });
  const serve = (path: string, guard: koa.Bearer, ...more: readonly Middleware[]) => {
    at(path, guard, ...more, async (ctx: Context) => {
      const { status, body } = await parts.answer(guard.of(ctx), ctx.req);
      ctx.status = status;
      ctx.body = body;
    });
  };
  serve('/me', auth);
  serve('/stale', auth);
  serve('/fresh', auth, auth.fresh('5m'));
  for (const [name, verifier] of Object.entries(verifiers)) serve(`/${name}`, koa.bearer(verifier));
  at('/away', (ctx: Context) => ctx.redirect(String(ctx.query['to'])));
  return toListener(app);
}
