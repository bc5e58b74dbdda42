// A CommonJS module, run by Node.js.
const assert = require('node:assert/strict');

const { ClientError, createClient } = require('@tokenpair/client');

const storage = { get: () => undefined, set() {}, delete() {} };
const client = createClient({ mount: 'https://api.test/auth', transport: 'body', storage });

// An error of the other copy is recognised.
void import('@tokenpair/client').then(({ isClientError }) => {
  assert.ok(isClientError(new ClientError('storage')));
  return client.start();
});
