// A small API on Koa: a login, three guarded routes and the token endpoints.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import {
  createTokenIssuer,
  MemorySessionStore,
  type Clock,
  type Duration,
  type SessionStore,
  type SigningKeyOptions,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TransportName,
} from '@tokenpair/core';
import { checkPassword, findUser, readCredentials, type User } from '@tokenpair/example-demo';
import { bearer, tokenEndpoints } from '@tokenpair/koa';
import Koa, { type Middleware } from 'koa';

export interface Settings {
  readonly accessTokenLifetime: Duration;
  /** How long a session lives without a refresh. */
  readonly refreshTokenLifetime: Duration;
  /** How long a spent refresh token still gets its successor. A session rotates at most once in twice this time. */
  readonly reuseInterval?: Duration;
  /** How refresh tokens travel. `'body'` for programs such as curl; use `'cookie'` for pages. */
  readonly transport?: TransportName;
  /** Signing keys. By default one is made at every start. */
  readonly keys?: TokenIssuerOptions['keys'];
  /** Where the role of a user is looked up. By default the table of the example, which never changes. */
  readonly lookUp?: (id: string) => User | undefined;
  /** Source of the current time. Tests set it. */
  readonly clock?: Clock;
  readonly store?: SessionStore;
}

/** The app, and its issuer, so that a caller can rotate the keys. */
export interface Login {
  readonly app: Koa;
  readonly tokens: TokenIssuer;
}

export function createApp(settings: Settings): Koa {
  return createLogin(settings).app;
}

export function createLogin({
  accessTokenLifetime,
  refreshTokenLifetime,
  reuseInterval = '30s',
  transport = 'body',
  keys = [createKey()],
  lookUp = findUser,
  clock = Date.now,
  store = new MemorySessionStore({ clock }),
}: Settings): Login {
  // Load the keys of a service from its secret store. New keys at every start end every session.
  const refreshSecret = randomBytes(32);

  const tokens = createTokenIssuer({
    issuer: 'https://login.example',
    audience: 'https://login.example',
    keys,
    refreshKeys: [{ kid: '1', secret: refreshSecret }],
    store,
    // Called at login and at every refresh: the next access token has a changed role, and a deleted user gets no access token.
    claims: (subject) => {
      const user = lookUp(subject);
      return user ? { role: user.role } : false;
    },
    accessTokenLifetime,
    idleLifetime: refreshTokenLifetime,
    reuseInterval,
    // One process signs and verifies, with one clock.
    clockTolerance: 0,
    clock,
  });
  const auth = bearer(tokens.verifier);
  // POST /auth/refresh, /auth/logout, /auth/logout-all, GET /auth/sessions, DELETE /auth/sessions/:id
  const endpoints = tokenEndpoints(tokens, { mount: '/auth', transport });

  const router = new Router();

  router.post('/login', bodyParser({ enableTypes: ['json'] }), async (ctx) => {
    const user = await checkPassword(readCredentials(ctx.request.body));
    if (!user) {
      ctx.status = 401;
      ctx.body = { code: 'login_failed', message: 'Wrong username or password.' };
      return;
    }
    await endpoints.login(ctx, { subject: user.id, scope: 'orders:read' });
  });

  router.get('/me', auth, (ctx) => {
    const { subject, claims } = auth.of(ctx);
    ctx.body = { id: subject, role: claims['role'] };
  });
  router.get('/orders', auth.scopes('orders:read'), (ctx) => {
    ctx.body = { orders: [{ id: 1, buyer: auth.of(ctx).subject }] };
  });
  router.get('/admin', auth.claim('role', 'admin'), (ctx) => {
    ctx.body = { message: 'Welcome, admin.' };
  });

  const app = new Koa();
  app.use(answerErrors);
  app.use(endpoints);
  app.use(router.routes());
  app.use((ctx) => {
    ctx.status = 404;
    ctx.body = { code: 'not_found' };
  });
  return { app, tokens };
}

function createKey(): SigningKeyOptions {
  // Generate a key pair as text: on Node.js 20 the export of a new key object, for the JWKS for example, can block without end.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: 'made-at-start', algorithm: 'ES256', privateKey };
}

// tokenpair answers its errors itself, so this middleware gets the others: a body that is not JSON, for example.
const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const { status = 500 } = error as { status?: number };
    if (status >= 500) console.error(error);
    ctx.status = status;
    ctx.body = { code: status < 500 ? 'bad_request' : 'server_error' };
  }
};
