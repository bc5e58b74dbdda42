// endpoints.send after a login that comes back by redirect: the cookie and a redirect, and never the tokens as a page.

import type { RequestListener } from 'node:http';

import { issueTokenPair } from '@tokenpair/core';
import * as expressPackage from '@tokenpair/express';
import * as koaPackage from '@tokenpair/koa';
import express from 'express5';
import Koa from 'koa3';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';

const { tokens } = createTestIssuer();
const issue = () => issueTokenPair(tokens, { subject: 'u_1' });

type Transport = 'cookie' | 'auto' | 'body';
type Sent = () => Promise<unknown>;

async function forward(next: (error: unknown) => void, answer: () => Promise<void>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    next(error);
  }
}

const frameworks: Readonly<
  Record<string, (transport: Transport, options: object | undefined, sent: Sent) => RequestListener>
> = {
  Express: (transport, options, sent) => {
    const endpoints = expressPackage.tokenEndpoints(tokens, { transport });
    const app = express();
    app.get('/callback', (req, res, next) => {
      void forward(next, async () => endpoints.send(req, res, (await sent()) as never, options));
    });
    app.use(((error: Error, _req, res, _next) => {
      res.status(500).json({ message: error.message });
    }) as express.ErrorRequestHandler);
    return app;
  },
  Koa: (transport, options, sent) => {
    const endpoints = koaPackage.tokenEndpoints(tokens, { transport });
    const app = new Koa();
    app.use(async (ctx) => {
      try {
        endpoints.send(ctx, (await sent()) as never, options);
      } catch (error) {
        ctx.status = 500;
        ctx.body = { message: (error as Error).message };
      }
    });
    return toListener(app);
  },
};

describe.each(Object.entries(frameworks))('endpoints.send of %s', (_name, create) => {
  const navigation = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'cross-site' };

  test.each(['cookie', 'auto'] as const)(
    'sets the cookie and redirects, with the transport %s',
    async (transport) => {
      const app = create(transport, { redirect: '/home' }, issue);
      for (const headers of [navigation, {}]) {
        const { status, text, headers: answer } = await request(app).get('/callback').set(headers);
        expect({ status, text }).toEqual({ status: 303, text: '' });
        expect(answer).toMatchObject({ location: '/home', 'cache-control': 'no-store' });
        expect(String(answer['set-cookie'])).toMatch(/^__Host-refresh_token=tpr_/);
      }
    },
  );

  test.each(['cookie', 'auto', 'body'] as const)(
    'never shows a person the tokens, with the transport %s',
    async (transport) => {
      const app = create(transport, undefined, issue);
      for (const headers of [navigation, { Accept: 'text/html,*/*;q=0.8' }]) {
        const { status, body, headers: answer } = await request(app).get('/callback').set(headers);
        expect(status).toBe(500);
        expect(body).toEqual({ message: expect.stringContaining("{ redirect: '/' }") as string });
        expect(answer).not.toHaveProperty('set-cookie');
      }
    },
  );

  test('sends JSON to a fetch, whatever types it accepts', async () => {
    const app = create('cookie', undefined, issue);
    for (const headers of [{}, { Accept: 'text/html', 'Sec-Fetch-Mode': 'cors' }]) {
      const { status } = await request(app).get('/callback').set(headers);
      expect(status).toBe(200);
    }
  });

  test.each([
    [{ redirect: '/a b' }, 'redirect must be'],
    [{ redirect: '/a\r\nX: y' }, 'redirect must be'],
    [{ location: '/' }, 'location'],
  ])('refuses the options %j', async (options, message) => {
    const { status, body } = await request(create('cookie', options, issue)).get('/callback');
    expect({ status, body }).toEqual({
      status: 500,
      body: { message: expect.stringContaining(message) as string },
    });
  });

  test('needs the cookie to redirect', async () => {
    const app = create('body', { redirect: '/' }, issue);
    const { body } = await request(app).get('/callback');
    expect(body).toEqual({ message: expect.stringContaining('redirect needs') as string });
  });

  test('refuses what is not a token pair', async () => {
    for (const sent of [
      async () => ({ accessToken: 'x' }),
      async () => 'text',
      async () => null,
      async () => ({ ...(await issue()) }),
    ]) {
      const { status, body } = await request(create('cookie', { redirect: '/' }, sent)).get(
        '/callback',
      );
      expect({ status, body }).toEqual({
        status: 500,
        body: { message: expect.stringContaining('endpoints.send') as string },
      });
    }
  });
});
