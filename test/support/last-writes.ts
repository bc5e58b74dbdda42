// A failover under a steady load of honest clients, which certainly loses writes: nothing is replicated for a while before.

import { startHonestClients, type LoadReport } from './honest-clients.js';
import type { Failover } from './last-rotation.js';

/** Logouts that the failover loses. */
export const logouts = 10;

/** Rotations and logouts come before the fault, and no replica has them. */
export async function loseLastWrites(failover: Failover): Promise<LoadReport> {
  const load = startHonestClients(failover.stores);
  const logOut = await load.prepareLogouts(logouts);
  await load.run(1_500);
  await load.signInAnew();
  load.losesWritesFromNow();
  await failover.stopReplication();
  await logOut();
  await load.run(300);
  await load.fault(() => failover.crash());
  await load.run(1_500);
  return load.stop();
}
