// Tests that a guarded request reports the generation of its access token, over memory and Redis, in every framework.

import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';

import {
  issueTokenPair,
  refreshTokenPair,
  type SessionStore,
  type TokenIssuer,
} from '@tokenpair/core';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import { breakable } from '@tokenpair/testing';
import express4 from 'express4';
import express5 from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { send, startServer, type TestResponse, type TestServer } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';
import { sendReports, useReportTimer } from '../support/report-timer.js';
import { storeKinds, type TestStore } from '../support/stores.js';
import { until } from '../support/until.js';
import { call, postJson } from './contract-row.js';

/** An application with a guarded handler at `/guarded`, and the endpoints at `/auth`. */
type CreateApp = (tokens: TokenIssuer) => RequestListener;

const onExpress =
  (create: typeof express5): CreateApp =>
  (tokens) => {
    const app = create();
    app.use('/auth', express.tokenEndpoints(tokens));
    app.get('/guarded', express.bearer(tokens.verifier), (_req, res) => {
      res.json({});
    });
    return app;
  };

const onKoa =
  (Koa: typeof Koa3): CreateApp =>
  (tokens) => {
    const app = new Koa();
    app.use(koa.tokenEndpoints(tokens, { mount: '/auth' })).use(koa.bearer(tokens.verifier));
    app.use((ctx) => {
      ctx.body = {};
    });
    return toListener(app);
  };

const frameworks: readonly (readonly [string, CreateApp])[] = [
  ['Express 4', onExpress(express4 as unknown as typeof express5)],
  ['Express 5', onExpress(express5)],
  ['Koa 2', onKoa(Koa2 as unknown as typeof Koa3)],
  ['Koa 3', onKoa(Koa3)],
];

describe.each(frameworks)('%s', (_name, createApp) => {
  describe.each(storeKinds)('over $name', ({ open }) => {
    let opened: TestStore;
    let store: SessionStore;
    let tokens: TokenIssuer;
    let server: TestServer;

    beforeEach(async () => {
      useReportTimer();
      opened = await open(Date.now);
      ({ store } = opened);
      ({ tokens } = createTestIssuer({ store, clock: Date.now }));
      server = await startServer(createApp(tokens));
    });
    afterEach(async () => {
      await server.close();
      await opened.close();
      jest.useRealTimers();
    });

    const subject = `u-${randomBytes(4).toString('hex')}`;
    const signIn = () => issueTokenPair(tokens, { subject });
    const get = (path: string, token: string): Promise<TestResponse> =>
      send(server.port, call(path, token));
    const confirmedOf = async (sessionId: string) => (await store.get(sessionId))?.confirmed;

    /** Lets the verifier report what it has seen, and waits until the store has this generation of it. */
    async function untilReported(sessionId: string, generation: number): Promise<void> {
      await sendReports();
      await until(async () => (await confirmedOf(sessionId)) === generation);
    }

    test('reports each generation a quarter of a second after its first use', async () => {
      const pair = await signIn();
      expect(await confirmedOf(pair.sessionId)).toBe(0);
      for (const _use of [1, 2, 3]) {
        expect((await get('/guarded', pair.accessToken)).status).toBe(200);
      }
      expect(await confirmedOf(pair.sessionId)).toBe(0);
      await untilReported(pair.sessionId, 1);

      const next = await refreshTokenPair(tokens, pair.refreshToken);
      // A refresh is no use.
      expect(await confirmedOf(pair.sessionId)).toBe(1);
      await get('/guarded', next.accessToken);
      await untilReported(pair.sessionId, 2);
      // An older token that is used later takes nothing back.
      await get('/guarded', pair.accessToken);
      const witness = await signIn();
      await get('/guarded', witness.accessToken);
      await untilReported(witness.sessionId, 1);
      expect(await confirmedOf(pair.sessionId)).toBe(2);
    });

    test('reports no use at /sessions and /logout-all', async () => {
      const [pair, other] = [await signIn(), await signIn()];
      expect((await get('/auth/sessions', pair.accessToken)).status).toBe(200);
      const keep = postJson('/auth/logout-all', { keep_current: true }, pair.accessToken);
      expect((await send(server.port, keep)).status).toBe(200);
      expect(await confirmedOf(other.sessionId)).toBeUndefined();

      // Reports are sent in order: when a later one has come, an earlier one would have come too.
      const witness = await signIn();
      await get('/guarded', witness.accessToken);
      await untilReported(witness.sessionId, 1);
      expect(await confirmedOf(pair.sessionId)).toBe(0);
    });

    test('answers a guarded request before it reports, also while the store is down', async () => {
      const broken = breakable(store);
      const other = createTestIssuer({ store: broken.store, clock: Date.now });
      const apart = await startServer(createApp(other.tokens));
      try {
        const pair = await issueTokenPair(other.tokens, { subject });
        broken.break('down');
        const response = await send(apart.port, call('/guarded', pair.accessToken));
        expect(response.status).toBe(200);
        await sendReports();
        expect(other.events).toContainEqual(expect.objectContaining({ type: 'store.unavailable' }));
        expect((await send(apart.port, call('/guarded', pair.accessToken))).status).toBe(200);
        broken.repair();
        expect(await confirmedOf(pair.sessionId)).toBe(0);
      } finally {
        await apart.close();
      }
    });
  });
});
