// Tests a Redis Cluster of six nodes: a master is killed under a steady load of honest clients, and after writes that no replica
// has.

import { ownerTag } from '@tokenpair/core/store';

import { startHonestClients } from '../support/honest-clients.js';
import { clients, loseLastRotation, noClientSignedOut } from '../support/last-rotation.js';
import { expectOnlyLastWritesLost, tell } from '../support/load-expectations.js';
import { ownerOf } from '../support/issuer.js';
import { openBothOnCluster, openNodeRedis, type OpenStores } from '../support/redis-clients.js';
import { startCluster, type Cluster } from '../support/redis-topologies.js';
import type { RedisProcess } from '../support/redis-server.js';
import { describeFailure, refuseReplicas } from './failure.js';

jest.setTimeout(120_000);

describeFailure('a Redis Cluster', () => {
  let cluster: Cluster;
  let opened: OpenStores;

  beforeEach(async () => {
    cluster = await startCluster();
    opened = await openBothOnCluster(cluster.nodes);
  });
  afterEach(async () => {
    await opened.close();
    await cluster.stop();
  });

  test('signs no client out when it loses a master, and loses only the last logins and logouts', async () => {
    const load = startHonestClients(opened.stores);
    await load.run(1_500);
    await load.fault(() => cluster.nodes[0]?.crash());
    await load.untilUnavailable();
    await load.run(8_000);
    const report = await load.stop();
    tell('Cluster failover', report);
    expectOnlyLastWritesLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('signs no client out when it loses the last rotation of each', async () => {
    const [master] = cluster.nodes as readonly [RedisProcess];
    const { redone, ...report } = await loseLastRotation({
      stores: opened.stores,
      stopReplication: () => refuseReplicas(master.url),
      crash: () => master.crash(),
      subjects: await subjectsOn(master),
    });
    expect(report).toEqual(noClientSignedOut);
    expect(redone).toBeGreaterThan(0);
  });
});

/** Subjects whose sessions are on a master: the first one has the first third of the slots. */
async function subjectsOn(first: RedisProcess): Promise<readonly string[]> {
  const subjects: string[] = [];
  const node = await openNodeRedis(first.url);
  try {
    for (let number = 0; subjects.length < clients; number += 1) {
      const key = `tp:{${ownerTag(ownerOf(`u_${number}`))}}`;
      const slot = Number(await node.send('CLUSTER', 'KEYSLOT', key));
      if (slot < 16_384 / 3 - 1) subjects.push(`u_${number}`);
    }
  } finally {
    await node.close();
  }
  return subjects;
}
