const { RedisSessionStore } = require('@tokenpair/redis');

test('a CommonJS Jest project without transforms can require the store', async () => {
  const store = new RedisSessionStore({ client: { sendCommand: async () => ['absent'] } });
  expect(await store.get('A'.repeat(38))).toBeUndefined();
});
