import {
  AuthError,
  createTokenVerifier,
  verifyBearer,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import { bearer, tokenEndpoints } from '@tokenpair/express';
import express from 'express';

import options from '../verifier-options.cjs';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
const verifier = createTokenVerifier(options);
export const refused: Promise<boolean> = verifyBearer(verifier, 'Bearer x').then(
  (token) => token.subject === '',
  (error: unknown) => error instanceof AuthError,
);

const guard = bearer(verifier);
const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });
const app = express();
app.use('/api', guard);
app.use('/auth', endpoints);
app.post('/login', (req, res) => endpoints.send(req, res, pair));
app.get('/me', guard, (req, res) => {
  res.json({ subject: guard.of(req).subject });
});
// Here and not in test/types: packages that other tests use add a member `auth`.
app.get('/own-types', (req, res) => {
  // @ts-expect-error -- nothing is added to Express's own types
  res.json(req.auth);
});
