// An ES module, run by Node.js.
import assert from 'node:assert/strict';

import { PostgresSessionStore } from '@tokenpair/postgres';

const store = new PostgresSessionStore({ client: { query: async () => ({ rows: [] }) } });
assert.equal(await store.get('A'.repeat(38)), undefined);
