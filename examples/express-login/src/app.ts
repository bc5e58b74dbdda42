// A login, three guarded routes and the token endpoints: everything that a small API needs.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  type Clock,
  type Duration,
  type SessionStore,
  type SigningKeyOptions,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TransportName,
} from '@tokenpair/core';
import { checkPassword, findUser, readCredentials } from '@tokenpair/example-demo';
import { authErrors, bearer, tokenEndpoints } from '@tokenpair/express';
import express, { type ErrorRequestHandler, type Express } from 'express';

export interface Settings {
  readonly accessTokenLifetime: Duration;
  /** How long a session lives on without being refreshed. */
  readonly refreshTokenLifetime: Duration;
  /** How long a spent refresh token gets its successor again. A session rotates at most once in twice this time. */
  readonly reuseInterval?: Duration;
  /** Refresh tokens travel in the body, for programs as in a shell; pages want them in a cookie. */
  readonly transport?: TransportName;
  /** Signing keys of your own. */
  readonly keys?: TokenIssuerOptions['keys'];
  /** For tests, which set the time. */
  readonly clock?: Clock;
  readonly store?: SessionStore;
}

/** The app, and the issuer behind it for whoever rotates its keys. */
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
  clock = Date.now,
  store = new MemorySessionStore({ clock }),
}: Settings): Login {
  // Made at every start, which ends every session: fine for an example only. A service reads its keys from where its
  // other secrets are.
  const refreshSecret = randomBytes(32);

  const tokens = createTokenIssuer({
    issuer: 'https://login.example',
    audience: 'https://login.example',
    keys,
    refreshKeys: [{ kid: '1', secret: refreshSecret }],
    store,
    // Asked at every refresh too, so a change of role arrives with the next access token, and a user who is gone gets none.
    claims: (subject) => {
      const user = findUser(subject);
      return user ? { role: user.role } : false;
    },
    accessTokenLifetime,
    idleLifetime: refreshTokenLifetime,
    reuseInterval,
    // One process signs and verifies, so there is no second clock to be lenient with.
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
    const pair = await issueTokenPair(tokens, { subject: user.id, scope: 'orders:read' });
    endpoints.send(req, res, pair);
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
  app.use(authErrors(), answerError);
  return { app, tokens };
}

// Made at every start too.
function createKey(): SigningKeyOptions {
  // As text: on Node.js 20, to export a key object that was just made, as for the JWKS, can wait for ever.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: 'made-at-start', algorithm: 'ES256', privateKey };
}

// Four parameters make it an error handler. Whatever is left by now is no refusal of tokenpair's: JSON that cannot be
// read, for one.
const answerError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
  const { status = 500 } = error;
  if (status >= 500) console.error(error);
  res.status(status).json({ code: status < 500 ? 'bad_request' : 'server_error' });
};
