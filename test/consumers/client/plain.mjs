// An ES module, run by Node.js.
import assert from 'node:assert/strict';

import { ClientError, createClient, eachToken, isClientError } from '@tokenpair/client';

const storage = { get: () => undefined, set() {}, delete() {} };
const client = createClient({ mount: 'https://api.test/auth', transport: 'body', storage });
assert.deepEqual(await client.start(), { status: 'signed-out', reason: 'none' });
assert.equal(typeof eachToken, 'function');
assert.ok(isClientError(new ClientError('storage')));
