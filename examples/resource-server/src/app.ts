// An API that takes the tokens of another server. It holds no key that could sign, no store and no secret: all that it knows
// is who issues, for whom, and where the public keys are.

import { createTokenVerifier, remoteKeySet, type Clock, type Duration } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import express, { type Express } from 'express';

export interface Settings {
  /** Where the issuer publishes its keys. */
  readonly keysUrl: string;
  /** How old the keys may get before they are fetched again. */
  readonly refreshInterval?: Duration;
  /** For tests, which set the time. */
  readonly clock?: Clock;
}

export function createApp({
  keysUrl,
  refreshInterval = '10m',
  clock = Date.now,
}: Settings): Express {
  const verifier = createTokenVerifier({
    issuer: 'https://login.example',
    audience: 'https://login.example',
    keys: remoteKeySet(keysUrl, { refreshInterval, clock, onEvent: console.warn }),
    clock,
  });
  const auth = bearer(verifier);

  const app = express();
  app.use(auth);
  app.get('/notes', (req, res) => {
    res.json({ notes: [`a note of ${auth.of(req).subject}`] });
  });
  app.get('/orders', auth.scopes('orders:read'), (_req, res) => {
    res.json({ orders: [] });
  });
  return app;
}
