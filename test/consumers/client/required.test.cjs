const { createClient } = require('@tokenpair/client');

test('a CommonJS Jest project without transforms can require the client', async () => {
  const storage = { get: () => undefined, set() {}, delete() {} };
  const client = createClient({ mount: 'https://api.test/auth', transport: 'body', storage });
  expect(await client.start()).toEqual({ status: 'signed-out', reason: 'none' });
});
