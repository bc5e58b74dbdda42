// What the adapters answer to a developer who passes something else than they need.

import type { RequestListener } from 'node:http';

import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import express4 from 'express4';
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

const { tokens } = createTestIssuer();
const secret = 'hunter2-hunter2-hunter2-hunter2!';

describe.each<[string, (...given: readonly unknown[]) => unknown]>([
  ['Express', express.bearer as never],
  ['Koa', koa.bearer as never],
])('bearer on %s', (_name, bearer) => {
  it.each<[string, readonly unknown[]]>([
    ['an issuer', [tokens]],
    ['an object with a secret', [{ secret }]],
    ['nothing', []],
    ['null', [null]],
    ['a secret', [secret]],
    ['a copy of a verifier', [{ ...tokens.verifier }]],
    ['the options first', [{ optional: true }, tokens.verifier]],
  ])('does not accept %s, and says what to pass', (_what, given) => {
    const call = () => bearer(...given);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/^bearer needs what createTokenVerifier returned; got .*tokens\.verifier/);
    expect(call).not.toThrow('hunter2');
  });

  it('accepts the verifier of an issuer', () => {
    expect(() => bearer(tokens.verifier)).not.toThrow();
  });
});

type Serve = (middleware: unknown) => { readonly app: RequestListener; readonly errors: unknown[] };

const onExpress =
  (create: typeof express5): Serve =>
  (middleware) => {
    const errors: unknown[] = [];
    const app = create();
    app.use(middleware as RequestHandler);
    const keep: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
      errors.push(error);
      res.status(500).end();
    };
    app.use(keep);
    return { app, errors };
  };

const onKoa =
  (Koa: typeof Koa3): Serve =>
  (middleware) => {
    const errors: unknown[] = [];
    const app = new Koa();
    app.on('error', (error: unknown) => errors.push(error));
    app.use(middleware as Koa3.Middleware);
    return { app: toListener(app), errors };
  };

describe.each<[string, Serve, object]>([
  ['Express 4', onExpress(express4 as unknown as typeof express5), express],
  ['Express 5', onExpress(express5), express],
  ['Koa 2', onKoa(Koa2 as unknown as typeof Koa3), koa],
  ['Koa 3', onKoa(Koa3), koa],
])('on %s', (_name, serve, adapter) => {
  it.each([
    ['bearer', 'app.use(bearer(verifier))'],
    ['authErrors', 'app.use(authErrors())'],
    ['protectedResource', 'app.use(protectedResource(options))'],
  ])(
    '%s that was not called fails the first request, and says what to write',
    async (name, code) => {
      const { app, errors } = serve(Reflect.get(adapter, name));
      await request(app).get('/').expect(500);
      expect(errors).toEqual([
        new TypeError(
          `${name} was used as middleware without being called. Write ${code} instead.`,
        ),
      ]);
    },
  );
});
