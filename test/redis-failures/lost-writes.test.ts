// Tests a failover that certainly loses writes: the replica gets no data for a while before the primary crashes, as on a slow
// network. Behind Sentinel and in a Cluster this happens only sometimes.

import { startHonestClients } from '../support/honest-clients.js';
import { openBoth, openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { describeFailure, expectOnlyLastWritesLost, tell } from './failure.js';
import { clients, loseLastRotation, noClientSignedOut } from './last-rotation.js';

jest.setTimeout(30_000);

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
    const load = startHonestClients(stores());
    const logOut = await load.prepareLogouts(10);
    await load.run(1_500);
    await load.signInAnew();
    replication.fallSilent();
    await logOut();
    await load.run(300);
    await load.fault(() => primary.crash());
    await takeOver();
    await load.run(1_500);
    const report = await load.stop();
    tell('failover that loses 300 ms', report);
    expectOnlyLastWritesLost(report);
    expect(report.redone).toBeGreaterThan(0);
    expect(report.cameBack.length).toBeGreaterThanOrEqual(10);
  });

  test('takes over: no client is signed out when it lacks the last rotation of each', async () => {
    const { redone, ...report } = await loseLastRotation({
      stores: stores(),
      stopReplication: async () => replication.fallSilent(),
      async crash() {
        await primary.crash();
        await takeOver();
      },
    });
    expect(report).toEqual(noClientSignedOut);
    expect(redone).toBeGreaterThanOrEqual(clients / 2);
  });

  function stores() {
    return opened.map(({ store }) => store);
  }

  async function takeOver(): Promise<void> {
    access.redirect(replica.port);
    await onReplica.send('REPLICAOF', 'NO', 'ONE');
  }
});

async function untilReplicated(send: (...command: string[]) => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (String(await send('INFO', 'replication')).includes('master_link_status:up')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the replica did not connect to its primary within 10 seconds');
}
