// Plays the story of a session, in the body and in the cookie, on a server of one framework with one store:
//   story.mjs express|koa memory|node-redis|ioredis
// REDIS_URL names the Redis. Each answer that is not as expected is an error that names its step.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import {
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  remoteKeySet,
  verifyBearer,
} from '@tokenpair/core';
import * as onExpress from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import { RedisSessionStore } from '@tokenpair/redis';
import express from 'express';
import { Redis } from 'ioredis';
import Koa from 'koa';
import { createClient } from 'redis';

/** @typedef {import('@tokenpair/core').TokenIssuer} Tokens */
/** @typedef {'body' | 'cookie'} Transport */

const [framework = '', store = ''] = process.argv.slice(2);
const issuer = 'https://login.example';
const grant = { subject: 'u_ada', scope: 'orders:read' };
let minutes = 0;
const clock = () => Date.now() + minutes * 60_000;

/** @type {Record<string, (tokens: Tokens, transport: Transport) => import('node:http').RequestListener>} */
const apps = {
  express(tokens, transport) {
    const auth = onExpress.bearer(tokens.verifier);
    const endpoints = onExpress.tokenEndpoints(tokens, { transport });
    const app = express();
    app.post('/login', express.json(), async (req, res) => {
      await endpoints.login(req, res, grant);
    });
    app.use('/auth', endpoints);
    app.get('/me', auth, (req, res) => {
      res.json({ id: auth.of(req).subject });
    });
    app.get('/admin', auth.scopes('admin'), (_req, res) => {
      res.json({});
    });
    return app;
  },
  koa(tokens, transport) {
    const auth = onKoa.bearer(tokens.verifier);
    const isAdmin = auth.scopes('admin');
    const endpoints = onKoa.tokenEndpoints(tokens, { mount: '/auth', transport });
    const app = new Koa();
    app.use(endpoints);
    app.use(async (ctx, next) => {
      if (ctx.path === '/login') await endpoints.login(ctx, grant);
      else if (ctx.path === '/admin') await isAdmin(ctx, next);
      else await auth(ctx, next);
    });
    app.use((ctx) => {
      ctx.body = { id: auth.of(ctx).subject };
    });
    const handle = app.callback();
    return (req, res) => void handle(req, res);
  },
};

/** @type {Record<string, () => Promise<{ store: import('@tokenpair/core').SessionStore, close: () => unknown }>>} */
const stores = {
  async memory() {
    return { store: new MemorySessionStore(), close() {} };
  },
  async 'node-redis'() {
    const client = createClient({ url: redisUrl(), disableOfflineQueue: true });
    client.on('error', (error) => console.error(error));
    await client.connect();
    return {
      store: new RedisSessionStore({ client, prefix: prefix() }),
      close: () => client.close(),
    };
  },
  async ioredis() {
    const client = new Redis(redisUrl(), { maxRetriesPerRequest: 1 });
    client.on('error', (error) => console.error(error));
    return {
      store: new RedisSessionStore({ client, prefix: prefix() }),
      close: () => client.quit(),
    };
  },
};

function redisUrl() {
  const url = process.env['REDIS_URL'];
  assert.ok(url, 'REDIS_URL is not set');
  return url;
}

function prefix() {
  return `runtimes-${randomBytes(8).toString('hex')}:`;
}

const createApp = apps[framework];
const openStore = stores[store];
assert.ok(createApp && openStore, `no story for ${framework} with ${store}`);
const { store: sessions, close } = await openStore();
try {
  await playOn('body');
  await playOn('cookie');
} finally {
  await close();
}

/** @param {Transport} transport */
async function playOn(transport) {
  assert.ok(createApp);
  minutes = 0;
  // As text: on Node.js 20 the export of a new key object can block without end.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const tokens = createTokenIssuer({
    issuer,
    audience: issuer,
    keys: [{ kid: '1', algorithm: 'ES256', privateKey }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: sessions,
    // The second use of a refresh token is reuse at once: the story does not wait.
    reuseInterval: 0,
    recovery: 0,
    clockTolerance: 0,
    clock,
  });
  const server = createServer(createApp(tokens, transport));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  try {
    await play(`http://127.0.0.1:${port}`, transport);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/**
 * @param {string} address
 * @param {Transport} transport
 */
async function play(address, transport) {
  const step = (/** @type {string} */ text) => `${transport}: ${text}`;

  /**
   * @param {string} says
   * @param {Response} response
   * @param {number} status
   * @param {Record<string, unknown>} [members]
   */
  async function expectAnswer(says, response, status, members = {}) {
    const text = await response.text();
    assert.equal(response.status, status, `${step(says)}: ${response.status} ${text}`);
    const body = text === '' ? {} : JSON.parse(text);
    for (const [name, value] of Object.entries(members)) {
      assert.deepEqual(body[name], value, `${step(says)}: ${name} in ${text}`);
    }
    return { body, response };
  }

  const get = (/** @type {string} */ path, /** @type {string} */ token) =>
    fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } });

  /** @type {(path: string, refreshToken?: string) => Promise<Response>} */
  const post = (path, refreshToken) =>
    fetch(
      `${address}${path}`,
      transport === 'cookie'
        ? {
            method: 'POST',
            headers: {
              origin: address,
              ...(refreshToken && { cookie: `__Host-refresh_token=${refreshToken}` }),
            },
          }
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ refresh_token: refreshToken }),
          },
    );

  /** @type {(says: string, response: Response) => Promise<{ access: string, refresh: string }>} */
  async function expectPair(says, response) {
    const { body } = await expectAnswer(says, response, 200, { token_type: 'Bearer' });
    const cookies = response.headers.getSetCookie().join();
    const refresh =
      transport === 'cookie'
        ? /^__Host-refresh_token=([^;]+);.*HttpOnly/.exec(cookies)?.[1]
        : body.refresh_token;
    assert.ok(refresh, `${step(says)}: no refresh token in the answer`);
    return { access: body.access_token, refresh };
  }

  const login = () => post('/login').then((response) => expectPair('login', response));
  const refused = { code: 'refresh_token_invalid', action: 'login' };

  const first = await login();
  await expectAnswer('a guarded route', await get('/me', first.access), 200, { id: 'u_ada' });
  const { response } = await expectAnswer(
    'a missing scope',
    await get('/admin', first.access),
    403,
  );
  assert.match(response.headers.get('www-authenticate') ?? '', /insufficient_scope/);
  await expectAnswer('no token', await fetch(`${address}/me`), 401, { code: 'token_missing' });

  const keys = remoteKeySet(`${address}/auth/.well-known/jwks.json`);
  const elsewhere = createTokenVerifier({ issuer, audience: issuer, keys });
  const token = await verifyBearer(elsewhere, `Bearer ${first.access}`);
  assert.equal(token.subject, 'u_ada', step('another service verifies with the published key'));

  minutes += 6;
  await expectAnswer('an expired token', await get('/me', first.access), 401, {
    code: 'token_expired',
    action: 'refresh',
  });
  const second = await expectPair('refresh', await post('/auth/refresh', first.refresh));
  assert.notEqual(second.refresh, first.refresh);
  await expectAnswer('the new token', await get('/me', second.access), 200, { id: 'u_ada' });

  await expectAnswer('a replayed token', await post('/auth/refresh', first.refresh), 401, refused);
  await expectAnswer('its session', await post('/auth/refresh', second.refresh), 401, refused);

  const third = await login();
  await expectAnswer('logout', await post('/auth/logout', third.refresh), 204);
  await expectAnswer('after logout', await post('/auth/refresh', third.refresh), 401, refused);
}
