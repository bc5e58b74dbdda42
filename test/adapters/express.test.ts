import type { IncomingMessage } from 'node:http';

import { bearer, tokenEndpoints } from '@tokenpair/express';
import { issueTokenPair } from '@tokenpair/core';
import express4 from 'express4';
import express5 from 'express5';
import request from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { describeAdapter } from './adapter-contract.js';
import { createExpressApp } from './express-app.js';

describeAdapter('Express 4', (parts) =>
  // Its types say less than those of Express 5; what we use of it is the same.
  createExpressApp(express4 as unknown as typeof express5, parts),
);
describeAdapter('Express 5', (parts) => createExpressApp(express5, parts));

describe('what only Express has', () => {
  const { tokens } = createTestIssuer();

  test('throws when of is called for a request that bearer has not verified', () => {
    const auth = bearer(tokens.verifier);
    expect(() => auth.of({} as IncomingMessage)).toThrow('put it in front');
    expect(bearer(tokens.verifier, { optional: true }).of({} as IncomingMessage)).toBeUndefined();
  });

  test.each([
    ['Express 4', express4 as unknown as typeof express5],
    ['Express 5', express5],
  ])('sends nothing when %s has answered before, and throws nothing', async (_name, express) => {
    let answered: (() => void) | undefined;
    const late = createTestIssuer({
      claims: () => new Promise((resolve) => (answered = () => resolve({}))),
    });
    const login = issueTokenPair(late.tokens, { subject: 'u_1' });
    await new Promise(setImmediate);
    answered?.();
    const { refreshToken } = await login;
    const app = express();
    app.use((_req, res, next) => {
      next();
      setImmediate(() => res.status(504).send('too late'));
    });
    app.use('/auth', tokenEndpoints(late.tokens));
    const response = await request(app).post('/auth/refresh').send({ refresh_token: refreshToken });
    expect(response.status).toBe(504);
    // An unhandled rejection would fail this test.
    answered?.();
    await new Promise(setImmediate);
  });

  test('refuses options that are not its own, by name', () => {
    expect(() => bearer(tokens.verifier, { onError: 'throw' as 'next' })).toThrow(/^onError must/);
    expect(() => tokenEndpoints(tokens, { mount: '/auth' } as object)).toThrow('mount');
  });
});
