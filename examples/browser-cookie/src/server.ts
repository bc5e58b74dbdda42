// Starts the example: settings from the environment, one port on loopback.

import type { AddressInfo } from 'node:net';

import { createExpressApp } from './express-app.js';
import { createKoaApp } from './koa-app.js';

const { FRAMEWORK = 'express', PORT = '3000', ACCESS_TOKEN_LIFETIME = '15s' } = process.env;

const settings = { accessTokenLifetime: ACCESS_TOKEN_LIFETIME };
const app = FRAMEWORK === 'koa' ? createKoaApp(settings) : createExpressApp(settings);

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  // Not 127.0.0.1: to a browser `localhost` is as good as https, which `Secure` cookies need.
  console.log(`browser-cookie listens on http://localhost:${port} (${FRAMEWORK})`);
  console.log('Users: ada/lovelace, alan/turing. An access token lasts', ACCESS_TOKEN_LIFETIME);
  console.log('Its keys were made just now, which is for an example only.');
});
