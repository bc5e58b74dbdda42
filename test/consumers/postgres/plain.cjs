// A CommonJS module, run by Node.js.
const assert = require('node:assert/strict');

const { PostgresSessionStore } = require('@tokenpair/postgres');

const store = new PostgresSessionStore({ client: { query: async () => ({ rows: [] }) } });
void store.get('A'.repeat(38)).then((session) => assert.equal(session, undefined));
