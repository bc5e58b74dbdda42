// A failover under a steady load of honest clients, which certainly loses writes: nothing is replicated for a while before.

import { startHonestClients } from './honest-clients.js';
import type { Failover } from './last-rotation.js';
import { expectOnlyLastWritesLost, tell } from './load-expectations.js';

/** Logouts that the failover loses. */
const logouts = 10;

/**
 * Expects that the rotations that were lost are written again, no client is accused, and the last logouts are undone.
 *
 * @param what - for the printed line.
 */
export async function expectToLoseLastWrites(what: string, failover: Failover): Promise<void> {
  const load = startHonestClients(failover.stores);
  const logOut = await load.prepareLogouts(logouts);
  await load.run(1_500);
  await load.signInAnew();
  await failover.stopReplication();
  await logOut();
  await load.run(300);
  await load.fault(() => failover.crash());
  await load.run(1_500);
  const report = await load.stop();
  tell(what, report);
  expectOnlyLastWritesLost(report);
  expect(report.redone).toBeGreaterThan(0);
  expect(report.cameBack.length).toBeGreaterThanOrEqual(logouts);
}
