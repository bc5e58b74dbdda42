// Tests Redis behind Sentinel: the primary is killed under a steady load of honest clients, and after writes that no replica has.

import { startHonestClients } from '../support/honest-clients.js';
import { loseLastRotation, noClientSignedOut } from '../support/last-rotation.js';
import { expectOnlyLastWritesLost, tell } from '../support/load-expectations.js';
import { openBothOnSentinel, type OpenStores } from '../support/redis-clients.js';
import { startSentinel, type Sentinel } from '../support/redis-topologies.js';
import { describeFailure, refuseReplicas } from './failure.js';

jest.setTimeout(120_000);

describeFailure('Redis behind Sentinel', () => {
  let sentinel: Sentinel;
  let opened: OpenStores;

  beforeEach(async () => {
    sentinel = await startSentinel();
    opened = await openBothOnSentinel(sentinel);
  });
  afterEach(async () => {
    await opened.close();
    await sentinel.stop();
  });

  test('signs no client out when it loses its primary, and loses only the last logins and logouts', async () => {
    const load = startHonestClients(opened.stores);
    await load.run(1_500);
    await load.fault(() => sentinel.primary.crash());
    await load.untilUnavailable();
    await load.run(6_000);
    const report = await load.stop();
    tell('Sentinel failover', report);
    expectOnlyLastWritesLost(report);
    expect(report.unavailable).toBeGreaterThan(0);
  });

  test('signs no client out when it loses the last rotation of each', async () => {
    const { redone, ...report } = await loseLastRotation({
      stores: opened.stores,
      stopReplication: () => refuseReplicas(sentinel.primary.url),
      crash: () => sentinel.primary.crash(),
    });
    expect(report).toEqual(noClientSignedOut);
    expect(redone).toBeGreaterThan(0);
  });
});
