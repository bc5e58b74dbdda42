// Tests a failover that certainly loses writes: the replica gets no data for a while before the primary crashes, as on a slow
// network. Behind Sentinel and in a Cluster this happens only sometimes.

import { loseLastRotation, noClientSignedOut, type Failover } from '../support/last-rotation.js';
import { logouts, loseLastWrites } from '../support/last-writes.js';
import { expectOnlyLastWritesLost, tell } from '../support/load-expectations.js';
import { openBoth, openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { describeFailure } from './failure.js';

jest.setTimeout(120_000);

describeFailure('a replica that lacks the last writes', () => {
  let primary: RedisProcess;
  let replica: RedisProcess;
  let replication: TcpProxy;
  let access: TcpProxy;
  let opened: readonly OpenStore[];
  let onReplica: OpenStore;

  beforeEach(async () => {
    primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    replication = await startTcpProxy(primary.port);
    replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(replication.port)] });
    access = await startTcpProxy(primary.port);
    opened = await openBoth(`redis://127.0.0.1:${access.port}`);
    onReplica = await openNodeRedis(replica.url);
    await untilReplicated(onReplica.send);
  });
  afterEach(async () => {
    for (const one of [...opened, onReplica]) await one.close();
    for (const one of [access, replication]) await one.close();
    for (const one of [replica, primary]) await one.stop();
  });

  test('takes over: the rotations that it lacks are written again, no client is accused, the last logouts are undone', async () => {
    const report = await loseLastWrites(failover());
    tell('failover that loses 300 ms', report);
    expectOnlyLastWritesLost(report);
    expect(report.redone).toBeGreaterThan(0);
    expect(report.cameBack.length).toBeGreaterThanOrEqual(logouts);
  });

  test('takes over: no client is signed out when it lacks the last rotation of each', async () => {
    const { redone, ...report } = await loseLastRotation(failover());
    expect(report).toEqual(noClientSignedOut);
    expect(redone).toBeGreaterThan(0);
  });

  function failover(): Failover {
    return {
      stores: opened.map(({ store }) => store),
      stopReplication: async () => replication.fallSilent(),
      async crash() {
        await primary.crash();
        access.redirect(replica.port);
        await onReplica.send('REPLICAOF', 'NO', 'ONE');
      },
    };
  }
});

async function untilReplicated(send: (...command: string[]) => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (String(await send('INFO', 'replication')).includes('master_link_status:up')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the replica did not connect to its primary within 10 seconds');
}
