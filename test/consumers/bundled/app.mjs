// An application that a bundler makes one file of: it issues a pair, and guards a route with the access token.
import assert from 'node:assert/strict';

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  verifyBearer,
} from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import { bearer as koaBearer } from '@tokenpair/koa';

const tokens = createTokenIssuer({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
  refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
  store: new MemorySessionStore(),
});

async function main() {
  const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  const { subject } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
  assert.equal(subject, 'u_1');
  for (const guard of [bearer(tokens.verifier), koaBearer(tokens.verifier)]) {
    assert.equal(typeof guard.scopes('a'), 'function');
  }
  console.log('the bundled application runs');
}

void main();
