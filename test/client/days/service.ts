// The service of the simulated days: a login, the token endpoints for browsers under `/auth` and for apps under `/app`, one guarded
// route.

import type { RequestListener } from 'node:http';

import type { TokenIssuer } from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { toListener } from '../../support/koa-listener.js';

export type Transport = 'cookie' | 'body';
type CreateService = (tokens: TokenIssuer, transport: Transport) => RequestListener;

export const services = {
  'Express 4': (tokens, transport) =>
    createExpressService(express4 as unknown as typeof express5, tokens, transport),
  'Express 5': (tokens, transport) => createExpressService(express5, tokens, transport),
  'Koa 2': (tokens, transport) =>
    createKoaService(Koa2 as unknown as typeof Koa3, tokens, transport),
  'Koa 3': (tokens, transport) => createKoaService(Koa3, tokens, transport),
} as const satisfies Record<string, CreateService>;

export type Framework = keyof typeof services;

function createExpressService(
  framework: typeof express5,
  tokens: TokenIssuer,
  transport: Transport,
): RequestListener {
  const app = framework();
  const auth = express.bearer(tokens.verifier);
  for (const [mount, way] of [['/auth', transport] as const, ['/app', 'body'] as const]) {
    const endpoints = express.tokenEndpoints(tokens, { transport: way });
    app.post(`/login${mount}/:user`, async (req, res) => {
      await endpoints.login(req, res, { subject: req.params.user });
    });
    app.use(mount, endpoints);
  }
  app.get('/me', auth, (req, res) => {
    res.json({ user: auth.of(req).subject });
  });
  return app as RequestListener;
}

function createKoaService(
  Framework: typeof Koa3,
  tokens: TokenIssuer,
  transport: Transport,
): RequestListener {
  const app = new Framework();
  app.silent = true;
  const auth = koa.bearer(tokens.verifier);
  for (const [mount, way] of [['/auth', transport] as const, ['/app', 'body'] as const]) {
    const endpoints = koa.tokenEndpoints(tokens, { transport: way, mount });
    app.use(endpoints);
    app.use(async (ctx, next) => {
      const subject = new RegExp(`^/login${mount}/(.+)$`).exec(ctx.path)?.[1];
      if (subject === undefined) await next();
      else await endpoints.login(ctx, { subject });
    });
  }
  app.use((ctx, next) => (ctx.path === '/me' ? auth(ctx, next) : next()));
  app.use((ctx) => {
    if (ctx.path === '/me') ctx.body = { user: auth.of(ctx).subject };
  });
  return toListener(app);
}
