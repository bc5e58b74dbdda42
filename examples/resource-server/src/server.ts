// Starts the API on a loopback port, with settings from the environment.

import type { AddressInfo } from 'node:net';

import { createApp } from './app.js';

const {
  PORT = '3001',
  KEYS_URL = 'http://127.0.0.1:3000/auth/.well-known/jwks.json',
  REFRESH_INTERVAL = '5s',
} = process.env;

const app = createApp({ keysUrl: KEYS_URL, refreshInterval: REFRESH_INTERVAL });

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(
    `resource-server listens on http://${address}:${port}; it reads keys from ${KEYS_URL}`,
  );
});
