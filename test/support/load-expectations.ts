// What the tests of failures expect of the report of a load, and how they print it.

import { enoughEach, type LoadReport } from './honest-clients.js';

/** Milliseconds: twice the deadline of the store. */
const slowestAllowed = 2_000;

/** Expects that no client was signed out or accused, no logout was undone, and no request hung. */
export function expectNothingLost(report: LoadReport): void {
  expectNoClientHarmed(report);
  expect(report.lost).toEqual([]);
  expect(report.cameBack).toEqual([]);
}

/** Expects the same of a failover, except that it may lose the last logins and logouts. */
export function expectOnlyLastWritesLost(report: LoadReport): void {
  expectNoClientHarmed(report);
  expect(report.unexplained).toEqual([]);
  // A session is lost only with its login. A rotation is written again.
  expect(report.lost.filter(({ rolledBack }) => rolledBack)).toEqual([]);
  // A logout that was acknowledged more than a second before writes were lost was replicated.
  expect(report.cameBack.filter(({ beforeLoss }) => beforeLoss > 1_000)).toEqual([]);
}

/** Prints one line about the load. */
export function tell(what: string, report: LoadReport): void {
  const { lost, cameBack, slowest, outage, ...rest } = report;
  const rolledBack = lost.filter((one) => one.rolledBack).length;
  process.stdout.write(
    `${what}: ${rest.refreshes} refreshes, ${rest.unavailable} × 503, outage ${outage} ms, ` +
      `slowest answer ${slowest} ms; ${rest.redone} rotations written again, ` +
      `${lost.length} sessions lost (${rolledBack} rolled back), ` +
      `${cameBack.length} of ${rest.loggedOut} logouts undone, ${rest.thieves} clients accused\n`,
  );
}

function expectNoClientHarmed(report: LoadReport): void {
  expect(report.surprises).toEqual([]);
  expect(report.signedIn).toBe(report.clients);
  expect(report.thieves).toBe(0);
  expect(report.slowestAwake).toBeLessThan(slowestAllowed);
  // There was a real load, before the fault and after it.
  expect(report.refreshes).toBeGreaterThan(report.clients * enoughEach);
}
