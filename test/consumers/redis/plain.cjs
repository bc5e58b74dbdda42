// A CommonJS module, run by Node.js.
const assert = require('node:assert/strict');

const { RedisSessionStore } = require('@tokenpair/redis');

const store = new RedisSessionStore({ client: { sendCommand: async () => ['absent'] } });
void store.get('A'.repeat(38)).then((session) => assert.equal(session, undefined));
