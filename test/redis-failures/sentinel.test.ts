// Tests Redis behind Sentinel: the primary is killed under a steady load of honest clients.

import { startHonestClients } from '../support/honest-clients.js';
import { openBothOnSentinel } from '../support/redis-clients.js';
import { startSentinel, type Sentinel } from '../support/redis-topologies.js';
import { describeFailure, expectOnlyLastWritesLost, tell } from './failure.js';

jest.setTimeout(60_000);

describeFailure('Redis behind Sentinel', () => {
  let sentinel: Sentinel;

  beforeAll(async () => {
    sentinel = await startSentinel();
  });
  afterAll(() => sentinel.stop());

  test('accuses no client when it loses its primary, and loses only the last writes', async () => {
    const { stores, close } = await openBothOnSentinel(sentinel);
    try {
      const load = startHonestClients(stores);
      await load.run(1_500);
      await load.fault(() => sentinel.primary.crash());
      await load.run(6_000);
      const report = await load.stop();
      tell('Sentinel failover', report);
      expectOnlyLastWritesLost(report);
      expect(report.unavailable).toBeGreaterThan(0);
    } finally {
      await close();
    }
  });
});
