// Starts the example on a loopback port, with settings from the environment.

import type { AddressInfo } from 'node:net';

import { describeServer } from '@tokenpair/example-demo';

import { createApp } from './app.js';

const {
  PORT = '3000',
  ACCESS_TOKEN_LIFETIME = '15s',
  REFRESH_TOKEN_LIFETIME = '30d',
  // With the default of 30 seconds a session rotates at most once per minute. The printed story shows a theft, which takes two
  // rotations: its reader would wait for a minute.
  REUSE_INTERVAL = '1s',
} = process.env;

const app = createApp({
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
  refreshTokenLifetime: REFRESH_TOKEN_LIFETIME,
  reuseInterval: REUSE_INTERVAL,
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(describeServer('koa-login', `http://${address}:${port}`));
});
