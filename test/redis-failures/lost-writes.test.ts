// Tests a failover that certainly loses writes: the replica gets no data for a while before the primary crashes, as on a slow
// network. Behind Sentinel and in a Cluster this happens only sometimes.

import { startHonestClients } from '../support/honest-clients.js';
import { openBoth, openNodeRedis } from '../support/redis-clients.js';
import { startRedis } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { describeFailure, expectOnlyLastWritesLost, tell } from './failure.js';

jest.setTimeout(30_000);

describeFailure('a replica that lacks the last 300 ms', () => {
  test('takes over: clients ahead of it sign in again, no client is accused, the last logouts are undone', async () => {
    const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    const replication = await startTcpProxy(primary.port);
    const replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', String(replication.port)],
    });
    const clients = await startTcpProxy(primary.port);
    const opened = await openBoth(`redis://127.0.0.1:${clients.port}`);
    const onReplica = await openNodeRedis(replica.url);
    try {
      await untilReplicated(onReplica.send);
      const load = startHonestClients(opened.map(({ store }) => store));
      const logOut = await load.prepareLogouts(10);
      await load.run(1_500);
      await load.signInAnew();
      replication.fallSilent();
      await logOut();
      await load.run(300);
      await load.fault(() => primary.crash());
      clients.redirect(replica.port);
      await onReplica.send('REPLICAOF', 'NO', 'ONE');
      await load.run(1_500);
      const report = await load.stop();
      tell('failover that loses 300 ms', report);
      expectOnlyLastWritesLost(report);
      expect(report.lost.filter(({ rolledBack }) => rolledBack).length).toBeGreaterThan(0);
      expect(report.cameBack.length).toBeGreaterThanOrEqual(10);
    } finally {
      for (const one of [...opened, onReplica]) await one.close();
      for (const one of [clients, replication]) await one.close();
      for (const one of [replica, primary]) await one.stop();
    }
  });
});

async function untilReplicated(send: (...command: string[]) => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (String(await send('INFO', 'replication')).includes('master_link_status:up')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the replica did not connect to its primary within 10 seconds');
}
