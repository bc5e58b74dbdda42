const { PostgresSessionStore } = require('@tokenpair/postgres');

test('a CommonJS Jest project without transforms can require the store', async () => {
  const store = new PostgresSessionStore({ client: { query: async () => ({ rows: [] }) } });
  expect(await store.get('A'.repeat(38))).toBeUndefined();
});
