// The smallest service with a login, the token endpoints and one guarded route, on both frameworks.

import type { RequestListener } from 'node:http';

import { Router } from '@koa/router';
import {
  issueTokenPair,
  refreshTokenPair,
  type AuthError,
  type TokenIssuer,
} from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import createExpress from 'express5';
import Koa from 'koa3';

import { toListener } from '../koa-listener.js';

export type Transport = 'cookie' | 'body';
export type CreateService = (tokens: TokenIssuer, transport: Transport) => RequestListener;

export const createExpressService: CreateService = (tokens, transport) => {
  const endpoints = express.tokenEndpoints(tokens, { transport });
  const auth = express.bearer(tokens.verifier);
  const app = createExpress();
  app.post('/login/:subject', (req, res, next) => {
    issueTokenPair(tokens, { subject: req.params.subject }).then(
      (pair) => endpoints.send(req, res, pair),
      next,
    );
  });
  app.use('/auth', endpoints);
  app.get('/me', auth, (req, res) => {
    res.json({ subject: auth.of(req).subject });
  });
  return app as RequestListener;
};

export const createKoaService: CreateService = (tokens, transport) => {
  const endpoints = koa.tokenEndpoints(tokens, { transport, mount: '/auth' });
  const auth = koa.bearer(tokens.verifier);
  const router = new Router<koa.AuthState>();
  router.post('/login/:subject', async (ctx) => {
    const subject = ctx.params['subject'] as string;
    endpoints.send(ctx, await issueTokenPair(tokens, { subject }));
  });
  router.get('/me', auth, (ctx) => {
    ctx.body = { subject: ctx.state.auth.subject };
  });
  const app = new Koa();
  app.use(endpoints);
  app.use(router.routes());
  return toListener(app);
};

/** Refreshes for browsers in code of the server, which uses the new access token before the browser has stored the cookie. */
export const createRelayService: CreateService = (tokens, transport) => {
  const endpoints = express.tokenEndpoints(tokens, { transport });
  const app = createExpress();
  app.post('/auth/refresh', (req, res) => {
    const presented = /__Host-refresh_token=([^;]*)/.exec(req.headers.cookie ?? '')?.[1];
    void refreshTokenPair(tokens, presented, { relay: true }).then(
      (pair) => endpoints.send(req, res, pair),
      ({ status, headers, code, action }: AuthError) =>
        res.status(status).set(headers).json({ code, action }),
    );
  });
  app.use(createExpressService(tokens, transport));
  return app as RequestListener;
};
