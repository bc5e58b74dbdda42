// Starts the example on a loopback port, with settings from the environment.

import type { AddressInfo } from 'node:net';

import { createExpressApp } from './express-app.js';
import { createKoaApp } from './koa-app.js';

const { FRAMEWORK = 'express', PORT = '3000', ACCESS_TOKEN_LIFETIME = '15s' } = process.env;

const settings = { accessTokenLifetime: ACCESS_TOKEN_LIFETIME };
const app = FRAMEWORK === 'koa' ? createKoaApp(settings) : createExpressApp(settings);

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  // Print `localhost`, not 127.0.0.1: browsers store `Secure` cookies from `http://localhost`.
  console.log(`browser-cookie listens on http://localhost:${port} (${FRAMEWORK})`);
  console.log('Users: ada/lovelace, alan/turing. Access token lifetime:', ACCESS_TOKEN_LIFETIME);
  console.log('The keys are made at every start, which is for an example only.');
});
