// Shared by the failure tests of Redis: the condition to run them, and a way to end the replication.

import { openNodeRedis } from '../support/redis-clients.js';
import { hasRedisServer } from '../support/redis-server.js';

/** `describe`, or `describe.skip` on a machine without a `redis-server` to start. */
export const describeFailure: jest.Describe = hasRedisServer() ? describe : describe.skip;

/** Ends the replication of a primary whose replicas Redis itself connects again. */
export async function refuseReplicas(url: string): Promise<void> {
  const admin = await openNodeRedis(url);
  try {
    await admin.send('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await admin.send('CLIENT', 'KILL', 'TYPE', 'replica');
  } finally {
    await admin.close();
  }
}
