// Starts express-login with a signing key that rotates every minute. In a service, a rotation takes days.

import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { createLogin } from '@tokenpair/example-express-login';

import { createKeyRotation } from './key-rotation.js';

const { PORT = '3000', ACCESS_TOKEN_LIFETIME = '15s' } = process.env;

const rotation = createKeyRotation();
const { app, tokens } = createLogin({
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
  refreshTokenLifetime: '30d',
  keys: rotation.keys,
});

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(
    `express-login listens on http://${address}:${port}; its signing key rotates every minute`,
  );
});

const steps = [
  () => rotation.publishNext(tokens),
  () => rotation.switchOver(tokens),
  () => rotation.dropRetired(tokens, Date.now()),
];
for (let turn = 0; ; turn += 1) {
  await wait(20_000);
  steps[turn % steps.length]?.();
  for (const { summary } of tokens.describeKeys()) console.log(summary);
}
