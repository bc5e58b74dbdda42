// The contract of a revocation log as a test suite, for any log and any test runner.

import { defineSuite, type Suite } from './define-suite.js';
import { beginning } from './log-suite/beginning.js';
import { failing } from './log-suite/failing.js';
import { keeping } from './log-suite/keeping.js';
import { runInLogWorld, type LogWorld } from './log-suite/log-case.js';
import {
  logHooks,
  logUnderTestNames,
  type LogHook,
  type RevocationLogSuiteOptions,
  type RevocationLogUnderTest,
} from './log-suite/log-under-test.js';
import { loss } from './log-suite/loss.js';
import { order } from './log-suite/order.js';
import { pages } from './log-suite/pages.js';
import { underCore } from './log-suite/under-core.js';

const suite: Suite<RevocationLogUnderTest, LogWorld, LogHook> = {
  caller: 'describeRevocationLog',
  maker: 'makeLog',
  kind: 'a revocation log',
  sections: [order, pages, keeping, beginning, loss, failing, underCore],
  hooks: logHooks,
  members: logUnderTestNames,
  runIn: runInLogWorld,
};

/**
 * Defines tests for everything that a `RevocationLog` must do: keep entries of several processes in one order, show what was
 * lost, keep the issuers apart, and fail in time.
 *
 * Runs under Jest, Vitest and `node:test`. Needs only `describe` and `it`.
 *
 * @param name - name of the log, for the title of the suite.
 * @param makeLog - called for every case; returns a log without entries, and what the suite may do to it.
 * @throws TypeError `describe` or `it` is neither global nor given, or an option is unknown. A test fails with a TypeError
 * when the object that `makeLog` returned has an unknown member.
 */
export function describeRevocationLog(
  name: string,
  makeLog: () => RevocationLogUnderTest | Promise<RevocationLogUnderTest>,
  options: RevocationLogSuiteOptions = {},
): void {
  defineSuite(suite, name, makeLog, options);
}
