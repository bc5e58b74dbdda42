// The API of express-login for several processes: keys and store are settings, so that every process has the same ones.

import {
  createTokenIssuer,
  type Clock,
  type Duration,
  type Revocations,
  type SessionStore,
} from '@tokenpair/core';
import { checkPassword, findUser, readCredentials } from '@tokenpair/example-demo';
import { bearer, tokenEndpoints } from '@tokenpair/express';
import express, { type Express } from 'express';

export interface Settings {
  readonly store: SessionStore;
  /** Tells all processes which access tokens are no longer good. Without it they live until they expire. */
  readonly revocations?: Revocations;
  /** Signs access tokens. 32 random bytes or more, the same in every process. */
  readonly accessKey: Uint8Array;
  /** Seals refresh tokens. 32 random bytes or more, not those of `accessKey`, the same in every process. */
  readonly refreshKey: Uint8Array;
  readonly accessTokenLifetime: Duration;
  /** How long a spent refresh token still gets its successor. A session rotates at most once in twice this time. */
  readonly reuseInterval?: Duration;
  /** Source of the current time for access tokens. Tests set it. Sessions use the clock of Postgres. */
  readonly clock?: Clock;
}

export function createApp({
  store,
  revocations,
  accessKey,
  refreshKey,
  accessTokenLifetime,
  reuseInterval = '30s',
  clock = Date.now,
}: Settings): Express {
  const tokens = createTokenIssuer({
    issuer: 'https://login.example',
    audience: 'https://login.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: accessKey }],
    refreshKeys: [{ kid: '1', secret: refreshKey }],
    store,
    revocations,
    claims: (subject) => {
      const user = findUser(subject);
      return user ? { role: user.role } : false;
    },
    accessTokenLifetime,
    reuseInterval,
    clockTolerance: 0,
    clock,
  });
  const auth = bearer(tokens.verifier);
  const endpoints = tokenEndpoints(tokens);

  const app = express();
  app.post('/login', express.json(), async (req, res) => {
    const user = await checkPassword(readCredentials(req.body));
    if (!user) {
      res.status(401).json({ code: 'login_failed', message: 'Wrong username or password.' });
      return;
    }
    await endpoints.login(req, res, { subject: user.id, scope: 'orders:read' });
  });
  app.use('/auth', endpoints);
  app.get('/me', auth, (req, res) => {
    res.json({ id: auth.of(req).subject });
  });
  app.get('/orders', auth.scopes('orders:read'), (_req, res) => {
    res.json({ orders: [] });
  });
  app.get('/admin', auth.claim('role', 'admin'), (_req, res) => {
    res.json({ message: 'Welcome, admin.' });
  });
  return app;
}
