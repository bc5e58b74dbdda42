// The application of the adapter contract in Koa, 2 as 3: plain, or with @koa/router and koa-mount.

import type { RequestListener } from 'node:http';

import { bodyParser } from '@koa/bodyparser';
import cors from '@koa/cors';
import { Router } from '@koa/router';
import { issueTokenPair, requireFresh, requireScopes, type TokenIssuer } from '@tokenpair/core';
import {
  authErrors,
  bearer,
  protectedResource,
  tokenEndpoints,
  type KoaTokenEndpointOptions,
  type KoaTokenEndpoints,
} from '@tokenpair/koa';
import mount from 'koa-mount';
import type Koa3 from 'koa3';
import type { Context, Middleware } from 'koa3';

import { toListener } from '../support/koa-listener.js';
import {
  browserOptions,
  checkNames,
  ownCookies,
  ownErrors,
  protectedResources,
  publishedOptions,
  type ContractParts,
} from './contract-world.js';

/** How an application of Koa, which knows no paths itself, finds its way. */
export interface Routing {
  /** Middleware for a path and everything below it. */
  below(app: Koa3, path: string, ...middleware: readonly Middleware[]): void;
  /** Middleware for one method on exactly this path. */
  route(
    app: Koa3,
    method: 'GET' | 'POST',
    path: string,
    ...middleware: readonly Middleware[]
  ): void;
  /** The endpoints of an issuer below a path. */
  endpoints(
    app: Koa3,
    path: string,
    tokens: TokenIssuer,
    options?: KoaTokenEndpointOptions,
  ): KoaTokenEndpoints;
}

/** By looking at the path, as a small application does. */
export const plainRouting: Routing = {
  below(app, path, ...middleware) {
    for (const one of middleware) {
      app.use((ctx, next) => (`${ctx.path}/`.startsWith(`${path}/`) ? one(ctx, next) : next()));
    }
  },
  route(app, method, path, ...middleware) {
    for (const one of middleware) {
      app.use((ctx, next) =>
        ctx.path === path && ctx.method === method ? one(ctx, next) : next(),
      );
    }
  },
  endpoints(app, path, tokens, options) {
    const endpoints = tokenEndpoints(tokens, { ...options, mount: path });
    app.use(endpoints);
    return endpoints;
  },
};

/** With the two that most applications use. */
export const routerRouting: Routing = {
  below(app, path, ...middleware) {
    for (const one of middleware) app.use(mount(path, one));
  },
  route(app, method, path, ...middleware) {
    const router = new Router();
    router.register(path, [method], [...middleware]);
    app.use(router.routes());
  },
  endpoints(app, path, tokens, options) {
    const endpoints = tokenEndpoints(tokens, options);
    app.use(mount(path, endpoints));
    return endpoints;
  },
};

export function createKoaApp(
  Koa: typeof Koa3,
  routing: Routing,
  parts: ContractParts,
): RequestListener {
  const app = new Koa();
  const { tokens } = parts;
  const auth = bearer(tokens.verifier);
  const below = (path: string, ...middleware: readonly Middleware[]) =>
    routing.below(app, path, ...middleware);
  const get = (path: string, ...middleware: readonly Middleware[]) =>
    routing.route(app, 'GET', path, ...middleware);
  const post = (path: string, ...middleware: readonly Middleware[]) =>
    routing.route(app, 'POST', path, ...middleware);
  const mountEndpoints = (path: string, issuer: TokenIssuer, options?: KoaTokenEndpointOptions) =>
    routing.endpoints(app, path, issuer, options);

  const answerWith =
    (subjectOf: (ctx: Context) => string | undefined): Middleware =>
    (ctx) => {
      parts.reached();
      ctx.body = { subject: subjectOf(ctx) ?? null, body: ctx.request.body };
    };
  const answer = answerWith((ctx) => auth.of(ctx).subject);
  const answerByState = answerWith((ctx) => (ctx.state['auth'] as { subject: string }).subject);

  app.use(failed);
  app.use(authErrors());
  app.use(handedOn);

  get(
    '/open',
    answerWith(() => undefined),
  );
  below('/guarded', auth, answerByState);
  get('/route', auth, answer);
  below('/router', auth);
  get('/router/inside', answerByState);

  get('/scopes', auth.scopes('orders:read orders:write'), answer);
  get('/any-scope', auth.anyScope('orders:write', 'orders:admin'), answerByState);
  get('/claim', auth.claim('role', 'admin', 'owner'), answer);
  for (const how of checkNames) get(`/check/${how}`, auth.check(parts.check(how)), answer);

  const optional = bearer(tokens.verifier, { optional: true });
  const answerAnybody = answerWith((ctx) => optional.of(ctx)?.subject);
  get('/optional', optional, answerAnybody);
  get('/optional-scopes', optional, optional.scopes('orders:read'), answerAnybody);

  const revocable = bearer(parts.revocable);
  get(
    '/revocable',
    revocable,
    answerWith((ctx) => revocable.of(ctx).subject),
  );
  get('/twice', revocable, revocable, revocable.scopes('orders:read'), answerByState);

  below('/lenient', bearer(parts.lenient), answerByState);
  below(
    '/preflight',
    bearer(tokens.verifier, { preflight: 'pass' }),
    answerWith(() => undefined),
  );

  const allowOrigin = cors({ origin: 'https://app.test', credentials: true });
  below('/cors', allowOrigin, numberRequest, auth, answer);
  below('/cors-auth', allowOrigin, numberRequest);
  mountEndpoints('/cors-auth', tokens);

  below('/parsed-before', parsers.json, auth, answer);
  below('/parsed-after', auth, parsers.json, answer);

  below('/next', bearer(tokens.verifier, { onError: 'throw' }), answerByState);
  mountEndpoints('/next-auth', tokens, { onError: 'throw' });

  get('/failing/sync', auth, () => {
    parts.reached();
    throw ownErrors.sync;
  });
  get('/failing/later', auth, async () => {
    parts.reached();
    await new Promise(setImmediate);
    throw ownErrors.later;
  });
  get('/failing/alike', auth, async () => {
    parts.reached();
    throw ownErrors.alike;
  });
  get('/failing/refusal', auth, (ctx) => {
    requireScopes(auth.of(ctx), 'orders:write');
  });

  const endpoints = mountEndpoints('/auth', tokens);
  mountEndpoints('/strict-auth', parts.strict);
  for (const [name, parser] of Object.entries(parsers)) {
    below(`/${name}-auth`, parser);
    mountEndpoints(`/${name}-auth`, tokens);
  }

  const login =
    (issuer: TokenIssuer, answering: KoaTokenEndpoints = endpoints): Middleware =>
    async (ctx) => {
      const { subject } = ctx.request.body as { subject: string };
      answering.send(ctx, await issueTokenPair(issuer, { subject, scope: 'orders:read' }));
    };
  post('/login', parsers.json, login(tokens));
  post('/login-limited', parsers.json, login(parts.limited));
  post('/login-full', parsers.json, login(parts.full));

  for (const [name, options] of Object.entries(browserOptions)) {
    const forBrowsers = mountEndpoints(`/${name}-auth`, tokens, options);
    post(`/${name}-login`, setOwnCookies, parsers.json, login(tokens, forBrowsers));
  }
  mountEndpoints('/next-cookie-auth', tokens, { ...browserOptions.cookie, onError: 'throw' });

  for (const [name, { tokens: issuer, options, handsOn }] of Object.entries(parts.sessionMounts)) {
    const onError = handsOn ? 'throw' : undefined;
    const mounted = mountEndpoints(`/${name}-auth`, issuer, { ...options, onError });
    const signIn: Middleware = (ctx) => {
      const { grant, options: loginOptions } = parts.login();
      return mounted.login(ctx, grant, loginOptions);
    };
    get(`/${name}-signin`, signIn);
    post(`/${name}-signin`, signIn);
  }

  get('/fresh', auth.fresh('10m'), answer);
  get('/fresh-acr', auth.fresh('10m', 'phr', 'phrh'), answerByState);
  get('/acr', auth.acr('phr', 'phrh'), answer);
  get('/required-fresh', auth, (ctx) => {
    requireFresh(auth.of(ctx), '10m');
    ctx.body = { actor: auth.of(ctx).actor ?? null };
  });

  app.use(mountEndpoints('/client-auth', tokens, parts.clientOptions).wellKnown);

  const published = bearer(parts.published.verifier);
  get('/published', published, answerByState);
  get('/published-scopes', published.scopes('orders:write'), answerByState);
  app.use(mountEndpoints('/published-auth', parts.published, publishedOptions).wellKnown);
  for (const resource of protectedResources) app.use(protectedResource(resource));

  app.use((ctx) => {
    ctx.status = 404;
    ctx.body = { application: 'not found' };
  });
  // What Koa says of clients that hang up is not for the output of the tests.
  app.silent = true;
  return toListener(app);
}

const readRaw: Middleware = async (ctx, next) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  ctx.request.body = Buffer.concat(chunks);
  return next();
};

const parsers = {
  json: bodyParser({ enableTypes: ['json'] }),
  form: bodyParser({ enableTypes: ['form'] }),
  text: bodyParser({ enableTypes: ['text'], extendTypes: { text: ['*/*'] } }),
  raw: readRaw,
} as const satisfies Readonly<Record<string, Middleware>>;

const numberRequest: Middleware = (ctx, next) => {
  ctx.set('X-Request-Id', '7');
  return next();
};

const setOwnCookies: Middleware = (ctx, next) => {
  ctx.append('Set-Cookie', [...ownCookies]);
  return next();
};

interface HandedOnError extends Error {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
  readonly action?: string;
}

const handedOn: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!ctx.path.startsWith('/next')) throw error;
    const { status = 500, headers = {}, code, action } = error as HandedOnError;
    ctx.status = status;
    ctx.set({ ...headers });
    ctx.body = { application: 'refused', code, action };
  }
};

const failed: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const { status = 500, message } = error as HandedOnError;
    ctx.status = status;
    ctx.body = { application: 'failed', message };
  }
};
