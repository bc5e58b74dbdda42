// Several `bearer`s in one application: those of one verifier share their verified requests, those of two do not.

import type { RequestListener } from 'node:http';

import { issueTokenPair, type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import express4 from 'express4';
import express5, { type ErrorRequestHandler } from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

/** An application that verifies with each verifier in turn, and answers what `of` of one more `bearer` has. */
type CreateApp = (inFront: readonly TokenVerifier[], asked: TokenVerifier) => RequestListener;

const answerMessage: ErrorRequestHandler = (error: Error, _req, res, _next) => {
  res.status(500).json({ message: error.message });
};

const onExpress =
  (create: typeof express5): CreateApp =>
  (inFront, asked) => {
    const app = create();
    for (const verifier of inFront) app.use(express.bearer(verifier));
    const auth = express.bearer(asked);
    app.get('/', (req, res) => {
      res.json({ subject: auth.of(req).subject });
    });
    app.use(answerMessage);
    return app;
  };

const onKoa =
  (Koa: typeof Koa3): CreateApp =>
  (inFront, asked) => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        ctx.status = 500;
        ctx.body = { message: (error as Error).message };
      }
    });
    for (const verifier of inFront) app.use(koa.bearer(verifier));
    const auth = koa.bearer(asked);
    app.use((ctx) => {
      ctx.body = { subject: auth.of(ctx).subject };
    });
    return toListener(app);
  };

async function signIn() {
  const isRevoked = jest.fn((_token: VerifiedToken) => false);
  const { tokens, another } = createTestIssuer({ isRevoked });
  const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  const get = (app: RequestListener) => request(app).get('/').auth(accessToken, { type: 'bearer' });
  return { verifier: tokens.verifier, other: another({ isRevoked }).verifier, isRevoked, get };
}

describe.each<[string, CreateApp]>([
  ['Express 4', onExpress(express4 as unknown as typeof express5)],
  ['Express 5', onExpress(express5)],
  ['Koa 2', onKoa(Koa2 as unknown as typeof Koa3)],
  ['Koa 3', onKoa(Koa3)],
])('on %s', (_name, createApp) => {
  test('two bearers of one verifier verify a request once', async () => {
    const { verifier, isRevoked, get } = await signIn();
    await get(createApp([verifier, verifier], verifier)).expect(200, { subject: 'u_1' });
    expect(isRevoked).toHaveBeenCalledTimes(1);
  });

  test('every bearer of a verifier has the token in of', async () => {
    const { verifier, get } = await signIn();
    const { status, body } = await get(createApp([verifier], verifier));
    expect({ status, body }).toEqual({ status: 200, body: { subject: 'u_1' } });
  });

  test('each of two verifiers verifies the request', async () => {
    const { verifier, other, isRevoked, get } = await signIn();
    await get(createApp([verifier, other], other)).expect(200, { subject: 'u_1' });
    expect(isRevoked).toHaveBeenCalledTimes(2);
  });

  test('a bearer of another verifier has no token of the request', async () => {
    const { verifier, other, get } = await signIn();
    const { status, body } = await get(createApp([verifier], other));
    expect(status).toBe(500);
    expect(body).toEqual({ message: expect.stringContaining('put it in front') });
  });
});
