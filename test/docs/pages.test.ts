// Runs the recipes of docs/pages.md: a visitor signs in, reads and sends forms, proves a password, and signs out.

import type { RequestListener } from 'node:http';

import { bodyParser } from '@koa/bodyparser';
import type { TokenIssuer } from '@tokenpair/core';
import type Koa from 'koa3';

import { openTab } from '../adapters/pages-world.js';
import { startServer, type TestServer } from '../support/http.js';
import { toListener } from '../support/koa-listener.js';
import { runRecipe } from '../support/recipe.js';

describe('pages that your server renders', () => {
  let now: number;
  let server: TestServer;
  beforeEach(() => {
    now = Date.parse('2026-12-01T12:00:00Z');
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await server.close();
  });

  test('on Express', async () => {
    const { app } = await runRecipe<{ app: RequestListener; tokens: TokenIssuer }>('pages.md', {
      under: 'Express',
      given: {
        checkPassword: async (name: string, password: string) =>
          password === 'good' ? name : undefined,
        render: (page: string, values: object) => `${page} ${JSON.stringify(values)}`,
      },
      exported: ['app', 'tokens'],
    });
    server = await startServer(app);
    const tab = openTab(server.port);
    expect((await tab.visit('/')).body).toBe('home {}');
    expect((await tab.visit('/orders?x=1')).headers['location']).toBe(
      '/login?return=%2Forders%3Fx%3D1',
    );
    expect((await tab.visit('/login?return=%2Forders%3Fx%3D1')).body).toBe(
      'login {"return":"/orders?x=1"}',
    );
    expect((await tab.submit('/login', { username: 'u_2', password: 'bad' })).status).toBe(401);
    const login = { username: 'u_2', password: 'good', return: '/orders?x=1', remember: 'on' };
    expect((await tab.submit('/login', login)).headers['location']).toBe('/orders?x=1');
    expect((await tab.visit('/orders?x=1')).body).toBe('orders {"user":"u_2"}');

    now += 3_600_000;
    expect((await tab.submit('/orders')).headers['location']).toBe('/orders');
    expect((await tab.visit('/admin')).status).toBe(403);
    expect((await tab.visit('/address')).headers['location']).toBe('/confirm?return=%2Faddress');
    expect((await tab.visit('/confirm?return=%2Faddress')).body).toContain('/address');
    expect((await tab.submit('/confirm', { password: 'bad' })).status).toBe(401);
    const proof = { password: 'good', return: '/address' };
    expect((await tab.submit('/confirm', proof)).headers['location']).toBe('/address');
    expect((await tab.visit('/address')).body).toBe('address {}');

    const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    expect((await tab.submit('/logout', {}, foreign)).status).toBe(403);
    expect((await tab.submit('/logout')).headers['location']).toBe('/');
    expect((await tab.visit('/orders')).status).toBe(303);
  });

  test('on Koa', async () => {
    const { app } = await runRecipe<{ app: Koa }>('pages.md', {
      under: 'Koa',
      given: { form: bodyParser({ enableTypes: ['form'] }) },
      exported: ['app'],
    });
    server = await startServer(toListener(app));
    const tab = openTab(server.port);
    expect((await tab.visit('/orders')).headers['location']).toBe('/login?return=%2Forders');
    expect((await tab.submit('/login', { return: '/orders' })).headers['location']).toBe('/orders');
    now += 3_600_000;
    expect((await tab.visit('/orders')).body).toBe('The orders of u_1');
    expect((await tab.submit('/logout')).status).toBe(303);
    expect((await tab.visit('/orders')).status).toBe(303);
  });
});
