import {
  AuthError,
  createTokenVerifier,
  verifyBearer,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import { bearer, pages, tokenEndpoints } from '@tokenpair/express';
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
const site = pages(tokens, { signIn: '/login', reauthenticate: '/confirm' });
app.use(site);
app.get('/orders', site.page, site.page.fresh('10m'), (req, res) => {
  const subject: string | undefined = site.of(req)?.subject;
  res.send(`${subject} ${site.returnPath(req)}`);
});
app.post('/pages/login', (req, res) => site.signIn(req, res, { subject: 'u_1' }));
app.post('/pages/logout', (req, res) => site.signOut(req, res, '/'));
// Here and not in test/types: packages that other tests use add a member `auth`.
app.get('/own-types', (req, res) => {
  // @ts-expect-error -- nothing is added to Express's own types
  res.json(req.auth);
});
