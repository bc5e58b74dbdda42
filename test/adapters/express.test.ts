import type { IncomingMessage } from 'node:http';

import { bearer, tokenEndpoints } from '@tokenpair/express';
import express4 from 'express4';
import express5 from 'express5';

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

  test('says so when the token of a request is asked for that bearer has not seen', () => {
    const auth = bearer(tokens.verifier);
    expect(() => auth.of({} as IncomingMessage)).toThrow('put it in front');
    expect(bearer(tokens.verifier, { optional: true }).of({} as IncomingMessage)).toBeUndefined();
  });

  test('refuses options that are not its own, by name', () => {
    expect(() => bearer(tokens.verifier, { onError: 'throw' as 'next' })).toThrow(/^onError must/);
    expect(() => tokenEndpoints(tokens, { mount: '/auth' } as object)).toThrow('mount');
  });
});
