// An ES module, run by Node.js.
import assert from 'node:assert/strict';

import { RedisSessionStore } from '@tokenpair/redis';

const store = new RedisSessionStore({ client: { sendCommand: async () => ['absent'] } });
assert.equal(await store.get('A'.repeat(38)), undefined);
