// Starts the example: settings from the environment, one port on loopback.

import type { AddressInfo } from 'node:net';

import { describeServer } from '@tokenpair/example-demo';

import { createApp } from './app.js';

const {
  PORT = '3000',
  ACCESS_TOKEN_LIFETIME = '15s',
  REFRESH_TOKEN_LIFETIME = '30d',
  // The default is 30 seconds, and a session then rotates at most once a minute. The printed story shows a theft, which takes
  // two rotations, and its reader should not have to wait that long.
  REUSE_INTERVAL = '1s',
} = process.env;

const app = createApp({
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
  refreshTokenLifetime: REFRESH_TOKEN_LIFETIME,
  reuseInterval: REUSE_INTERVAL,
});

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(describeServer('express-login', `http://${address}:${port}`));
});
