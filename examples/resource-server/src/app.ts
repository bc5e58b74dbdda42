// An API that accepts the access tokens of another server. It needs the name of the issuer, the audience and the URL of the
// public keys: no store, no secret and no key that can sign.

import { createTokenVerifier, remoteKeySet, type Clock, type Duration } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import express, { type Express } from 'express';

export interface Settings {
  /** Where the issuer publishes its keys. */
  readonly keysUrl: string;
  /** Maximum age of the keys. The next request after it fetches them again. */
  readonly refreshInterval?: Duration;
  /** Source of the current time. Tests set it. */
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
