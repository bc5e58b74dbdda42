// A small API on Express: a login, three guarded routes and the token endpoints.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

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
import { bearer, tokenEndpoints } from '@tokenpair/express';
import express, { type ErrorRequestHandler, type Express } from 'express';

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
  readonly app: Express;
  readonly tokens: TokenIssuer;
}

export function createApp(settings: Settings): Express {
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
  const endpoints = tokenEndpoints(tokens, { transport });

  const app = express();

  app.post('/login', express.json(), async (req, res) => {
    const user = await checkPassword(readCredentials(req.body));
    if (!user) {
      res.status(401).json({ code: 'login_failed', message: 'Wrong username or password.' });
      return;
    }
    await endpoints.login(req, res, { subject: user.id, scope: 'orders:read' });
  });

  // POST /auth/refresh, /auth/logout, /auth/logout-all, GET /auth/sessions, DELETE /auth/sessions/:id
  app.use('/auth', endpoints);

  app.get('/me', auth, (req, res) => {
    const { subject, claims } = auth.of(req);
    res.json({ id: subject, role: claims['role'] });
  });
  app.get('/orders', auth.scopes('orders:read'), (req, res) => {
    res.json({ orders: [{ id: 1, buyer: auth.of(req).subject }] });
  });
  app.get('/admin', auth.claim('role', 'admin'), (_req, res) => {
    res.json({ message: 'Welcome, admin.' });
  });

  app.use((_req, res) => {
    res.status(404).json({ code: 'not_found' });
  });
  app.use(answerError);
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

// Express takes a function with four parameters as an error handler. tokenpair answers its errors itself, so this handler gets the
// others: a body that is not JSON, for example.
const answerError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
  const { status = 500 } = error;
  if (status >= 500) console.error(error);
  res.status(status).json({ code: status < 500 ? 'bad_request' : 'server_error' });
};
