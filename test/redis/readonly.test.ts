// A primary that became a replica while clients kept their connections: every client library finds the new primary.

import { setTimeout as sleep } from 'node:timers/promises';

import { RedisSessionStore } from '@tokenpair/redis';

import { newSession } from '../../packages/testing/src/suite/sessions.js';
import { startAwakeTime } from '../support/awake-time.mjs';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const limit = { max: 1_000, onLimit: 'reject' } as const;

// Clients of node-redis before 4.2 lose commands while they connect again, so the store leaves them alone.
const able = Object.entries(libraries).filter(([name]) => name !== 'node-redis 4.0.0');

jest.setTimeout(60_000);

describe.each(able)('a failover under %s', (_name, open) => {
  let former: RedisProcess;
  let next: RedisProcess;
  /** Stands for the host name, which leads to the primary. */
  let host: TcpProxy;
  let direct: readonly OpenClient[];
  let opened: OpenClient;

  beforeEach(async () => {
    [former, next] = await Promise.all([startRedis(), startRedis()]);
    host = await startTcpProxy(former.port);
    const plain = libraries['node-redis 6'] as typeof open;
    direct = await Promise.all([plain(former.url), plain(next.url)]);
    opened = await open(`redis://127.0.0.1:${host.port}`);
  });

  afterEach(async () => {
    opened.close();
    for (const one of direct) one.close();
    await host.close();
    await Promise.all([former.stop(), next.stop()]);
  });

  async function failOver() {
    const [formerly, primary] = direct;
    host.redirect(next.port);
    await formerly?.send('REPLICAOF', '127.0.0.1', String(next.port));
    return primary;
  }

  test('is over within a second: the store leaves a server that answers READONLY', async () => {
    const [store, patient] = [1, 10].map(
      (deadline) => new RedisSessionStore({ client: opened.client, deadline }),
    ) as [RedisSessionStore, RedisSessionStore];
    const login = () => store.create(newSession({ owner: 'u_1' }), limit);
    const patiently = () => patient.create(newSession({ owner: 'u_1' }), limit);
    await patiently();
    const primary = await failOver();
    // As many at once as an application sends: all of them hear it.
    const first = await Promise.allSettled(Array.from({ length: 20 }, patiently));
    const causes = first.map((one) => (one.status === 'rejected' ? one.reason.cause.code : 'ok'));
    expect(causes).toContain('READONLY');
    const awake = startAwakeTime();
    for (const start = awake(); !(await areServed(login)); await sleep(20)) {
      expect(awake() - start).toBeLessThan(1_000);
      // While the machine does not run Redis, this waits too.
      await primary?.send('PING');
    }
    expect(Number(await primary?.send('DBSIZE'))).toBeGreaterThan(0);
    // The new connection stays: no later command is lost.
    for (let times = 0; times < 5; times += 1) expect(await areServed(patiently)).toBe(true);
  });
});

async function areServed(login: () => Promise<unknown>): Promise<boolean> {
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, login));
  return outcomes.every(({ status }) => status === 'fulfilled');
}
