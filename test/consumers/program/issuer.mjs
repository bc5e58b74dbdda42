// An issuer starts from the file that `tokenpair keygen` writes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  verifyBearer,
} from '@tokenpair/core';

const tokens = createTokenIssuer({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  ...JSON.parse(readFileSync('tokenpair.keys.json', 'utf8')),
  store: new MemorySessionStore(),
});
const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
const { subject } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
assert.equal(subject, 'u_1');
