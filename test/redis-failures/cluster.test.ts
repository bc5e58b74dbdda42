// Tests a Redis Cluster of six nodes: a master is killed under a steady load of honest clients.

import { startHonestClients } from '../support/honest-clients.js';
import { openBothOnCluster } from '../support/redis-clients.js';
import { startCluster, type Cluster } from '../support/redis-topologies.js';
import { describeFailure, expectOnlyLastWritesLost, tell } from './failure.js';

jest.setTimeout(60_000);

describeFailure('a Redis Cluster', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  test('accuses no client when it loses a master, and loses only the last writes', async () => {
    const { stores, close } = await openBothOnCluster(cluster.nodes);
    try {
      const load = startHonestClients(stores);
      await load.run(1_500);
      await load.fault(() => cluster.nodes[0]?.crash());
      await load.run(8_000);
      const report = await load.stop();
      tell('Cluster failover', report);
      expectOnlyLastWritesLost(report);
      expect(report.unavailable).toBeGreaterThan(0);
    } finally {
      await close();
    }
  });
});
