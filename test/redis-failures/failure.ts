// What the failure tests share: they need a redis-server to start, and every one of them promises the same.

import { enoughEach, type LoadReport } from '../support/honest-clients.js';
import { hasRedisServer } from '../support/redis-server.js';

/** `describe`, or `describe.skip` on a machine that has a REDIS_URL and no Redis to start. */
export const describeFailure: jest.Describe = hasRedisServer() ? describe : describe.skip;

/** Milliseconds: the store's deadline, and as much again for a machine that has other things to do. */
const slowestAllowed = 2_000;

/** Nobody was signed out, nobody was accused, nothing came back, nothing hung. */
export function expectNothingLost(report: LoadReport): void {
  expectNobodyHarmed(report);
  expect(report.lost).toEqual([]);
  expect(report.cameBack).toEqual([]);
}

/** The same for a failover, which may lose the last writes: what is lost must be one of those. */
export function expectOnlyLastWritesLost(report: LoadReport): void {
  expectNobodyHarmed(report);
  expect(report.unexplained).toEqual([]);
  // A logout that was acknowledged a second before the fault had been replicated.
  expect(report.cameBack.filter(({ beforeFault }) => beforeFault > 1_000)).toEqual([]);
}

/** One line for whoever runs the tests. */
export function tell(what: string, report: LoadReport): void {
  const { lost, cameBack, slowest, outage, ...rest } = report;
  const rolledBack = lost.filter((one) => one.rolledBack).length;
  process.stdout.write(
    `${what}: ${rest.refreshes} refreshes, ${rest.unavailable} × 503, outage ${outage} ms, ` +
      `slowest answer ${slowest} ms; ${lost.length} sessions lost (${rolledBack} rolled back), ` +
      `${cameBack.length} of ${rest.loggedOut} logouts undone, ${rest.thieves} called a thief\n`,
  );
}

function expectNobodyHarmed(report: LoadReport): void {
  expect(report.surprises).toEqual([]);
  expect(report.signedIn).toBe(report.clients);
  expect(report.thieves).toBe(0);
  expect(report.slowest).toBeLessThan(slowestAllowed);
  // The load was there, before the fault and after it.
  expect(report.refreshes).toBeGreaterThan(report.clients * enoughEach);
}
