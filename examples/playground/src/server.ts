// Starts the playground, and beside it the same login for the story in a shell, with settings from the environment.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describeServer } from '@tokenpair/example-demo';
import * as express from '@tokenpair/example-express-login';
import * as koa from '@tokenpair/example-koa-login';

import { startPlayground } from './playground.js';

const {
  FRAMEWORK = 'express',
  PORT = '3000',
  ACCESS_TOKEN_LIFETIME = '15s',
  REFRESH_TOKEN_LIFETIME = '30d',
  // With the default of 30 seconds a session rotates at most once per minute. The printed story shows a theft, which takes two
  // rotations: its reader would wait for a minute. The playground moves its clock instead.
  REUSE_INTERVAL = '1s',
} = process.env;

if (FRAMEWORK !== 'express' && FRAMEWORK !== 'koa') {
  throw new Error('FRAMEWORK must be express or koa');
}
const framework = FRAMEWORK;
const port = Number(PORT);

const settings = {
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
  refreshTokenLifetime: REFRESH_TOKEN_LIFETIME,
  reuseInterval: REUSE_INTERVAL,
};
const handle: (...args: Parameters<RequestListener>) => unknown =
  framework === 'koa' ? koa.createApp(settings).callback() : express.createApp(settings);

const playground = await startPlayground({ framework, port }).catch((error: unknown) => {
  throw new Error(`The playground cannot listen on port ${PORT}. Set PORT to another one.`, {
    cause: error,
  });
});
// The printed story needs short lifetimes, so it runs on another application, on the next port.
const server = createServer((request, response) => void handle(request, response));
server.listen(port === 0 ? 0 : port + 1, '127.0.0.1', () => {
  const { address, port: own } = server.address() as AddressInfo;
  console.log(`${describeServer(`${framework}-login`, `http://${address}:${own}`)}

The playground: ${playground.url}
Open it in a browser, watch a session, and break things.`);
});
