// One application with pages in Express 4 and 5, Koa 2 and 3: its routes are a table, and a handler does not know its framework.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import type { LoginGrant, TokenIssuer, VerifiedToken } from '@tokenpair/core';
import type { PagesOptions } from '@tokenpair/core/adapter';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import express4 from 'express4';
import express5, { type ErrorRequestHandler } from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { toListener } from '../support/koa-listener.js';

/** What a handler has of a request, in every framework. */
export interface Visit {
  /** What `auth.of` answers. */
  readonly token: () => VerifiedToken | undefined;
  readonly returnPath: () => string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  signIn(grant: LoginGrant): Promise<void>;
  reauthenticated(): Promise<void>;
  signOut(location?: string): Promise<void>;
  /** Answers with a page, by the means of the framework. */
  show(text: string): void;
  /** Lets the handler write to `res` itself. */
  takeOver(): void;
}

export type Guarding =
  | 'page'
  | 'claim'
  | 'scopes'
  | 'anyScope'
  | 'check'
  | 'fresh'
  | 'acr'
  | undefined;

export interface PageRoute {
  readonly method?: 'get' | 'post';
  readonly path: string;
  readonly guard?: Guarding;
  readonly run: (visit: Visit) => void | Promise<void>;
}

export interface PagesAppOptions {
  readonly tokens: TokenIssuer;
  readonly options?: Partial<PagesOptions>;
  /** How often `app.use(auth)` runs in front of the routes. @defaultValue 1 */
  readonly uses?: number;
  /** Whether errors go to the error handler of the application. */
  readonly handsOn?: boolean;
  readonly routes: readonly PageRoute[];
  /** Where the routes are mounted. */
  readonly mount?: string;
}

/** What the guards of both frameworks have in common. */
interface Guards<Middleware> {
  scopes(...scopes: string[]): Middleware;
  anyScope(...scopes: string[]): Middleware;
  claim(name: string, ...values: string[]): Middleware;
  fresh(within: string): Middleware;
  acr(...values: string[]): Middleware;
  check(predicate: (token: VerifiedToken) => boolean): Middleware;
}

const signIn = { signIn: '/login', reauthenticate: '/confirm' };

export const frameworks: readonly (readonly [
  name: string,
  create: (app: PagesAppOptions) => RequestListener,
])[] = [
  ['Express 4', (app) => createExpress(express4 as unknown as typeof express5, app)],
  ['Express 5', (app) => createExpress(express5, app)],
  ['Koa 2', (app) => createKoa(Koa2 as unknown as typeof Koa3, app)],
  ['Koa 3', (app) => createKoa(Koa3, app)],
];

function guardOf<Middleware>(
  page: Middleware & Guards<Middleware>,
  guard: Exclude<Guarding, undefined>,
): Middleware {
  return {
    page: () => page,
    claim: () => page.claim('role', 'admin'),
    scopes: () => page.scopes('orders:write'),
    anyScope: () => page.anyScope('orders:write', 'orders:admin'),
    check: () => page.check(({ subject }) => subject === 'alan'),
    fresh: () => page.fresh('10m'),
    acr: () => page.acr('phr'),
  }[guard]();
}

function createExpress(express: typeof express5, app: PagesAppOptions): RequestListener {
  const { tokens, options, uses = 1, handsOn, routes, mount } = app;
  const auth = onExpress.pages(tokens, {
    ...signIn,
    ...options,
    ...(handsOn && { onError: 'next' }),
  });
  const server = express();
  for (let times = 0; times < uses; times += 1) server.use(auth);
  const router = mount === undefined ? server : express.Router();
  for (const { method = 'get', path, guard, run } of routes) {
    const guards = guard === undefined ? [] : [guardOf(auth.page, guard)];
    router[method](
      path,
      ...guards,
      express.urlencoded({ extended: false }),
      async (req, res, next) => {
        const visit: Visit = {
          token: () => auth.of(req),
          returnPath: () => auth.returnPath(req),
          body: (req.body ?? {}) as Record<string, unknown>,
          req,
          res,
          signIn: (grant) => auth.signIn(req, res, grant),
          reauthenticated: () => auth.reauthenticated(req, res),
          signOut: (location) => auth.signOut(req, res, location),
          show: (text) => void res.type('html').send(text),
          takeOver: () => undefined,
        };
        try {
          await run(visit);
        } catch (error) {
          next(error);
        }
      },
    );
  }
  if (mount !== undefined) server.use(mount, router);
  server.use(((error: Error & { status?: number; code?: string }, req, res, next) => {
    if (res.headersSent) return next(error);
    // As a page of errors does that greets the user.
    if (handsOn) auth.of(req);
    return res.status(error.status ?? 500).send(`application: ${error.code ?? error.message}`);
  }) as ErrorRequestHandler);
  return server as RequestListener;
}

function createKoa(Koa: typeof Koa3, app: PagesAppOptions): RequestListener {
  const { tokens, options, uses = 1, handsOn, routes, mount = '' } = app;
  const auth = onKoa.pages(tokens, {
    ...signIn,
    ...options,
    ...(handsOn && { onError: 'throw' }),
  });
  const server = new Koa();
  server.silent = true;
  server.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { status = 500, code, message } = error as Error & { status?: number; code?: string };
      if (!handsOn && code === undefined) throw error;
      if (handsOn) auth.of(ctx);
      ctx.status = status;
      ctx.body = `application: ${code ?? message}`;
    }
  });
  for (let times = 0; times < uses; times += 1) server.use(auth);
  const router = new Router({ prefix: mount });
  for (const { method = 'get', path, guard, run } of routes) {
    const guards = guard === undefined ? [] : [guardOf(auth.page, guard)];
    router[method](path, ...guards, bodyParser({ encoding: 'utf-8' }), async (ctx) => {
      await run({
        token: () => auth.of(ctx),
        returnPath: () => auth.returnPath(ctx),
        body: (ctx.request.body ?? {}) as Record<string, unknown>,
        req: ctx.req,
        res: ctx.res,
        signIn: (grant) => auth.signIn(ctx, grant),
        reauthenticated: () => auth.reauthenticated(ctx),
        signOut: (location) => auth.signOut(ctx, location),
        show(text) {
          ctx.type = 'html';
          ctx.body = text;
        },
        takeOver() {
          ctx.respond = false;
        },
      });
    });
  }
  server.use(router.routes());
  return toListener(server);
}
