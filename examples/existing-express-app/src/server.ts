// Starts the example on a loopback port, with keys that are made at this start. A service loads its keys.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { createTokenIssuer, MemorySessionStore } from '@tokenpair/core';

import { createApp } from './app.js';

const { PORT = '3000' } = process.env;
// Generate a key pair as text: on Node.js 20 the export of a new key object, for the JWKS for example, can block without end.
const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const tokens = createTokenIssuer({
  issuer: 'https://shop.example',
  audience: 'https://shop.example',
  keys: [{ kid: 'made-at-start', algorithm: 'ES256', privateKey }],
  refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
  store: new MemorySessionStore(),
  claims: (subject) => ({ role: subject === 'u_ada' ? 'admin' : 'user' }),
});

const server = createApp(tokens).listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(`existing-express-app listens on http://${address}:${port}`);
  console.log('The keys are made at every start, which is for an example only.');
});
