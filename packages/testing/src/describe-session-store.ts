// The contract of a session store as a test suite, for any store and any test runner.

import { defineSuite, type Suite } from './define-suite.js';
import { runIn, type World } from './suite/case.js';
import { confirming } from './suite/confirming.js';
import { creating } from './suite/creating.js';
import { ending } from './suite/ending.js';
import { failing } from './suite/failing.js';
import { limiting, replacing } from './suite/limiting.js';
import { raising } from './suite/raising.js';
import { reading } from './suite/reading.js';
import { revoking, revokingOwners } from './suite/revoking.js';
import {
  hooks,
  storeUnderTestNames,
  type Hook,
  type SessionStoreSuiteOptions,
  type StoreUnderTest,
} from './suite/store-under-test.js';
import { swapping, updating } from './suite/swapping.js';
import { underCore } from './suite/under-core.js';

const suite: Suite<StoreUnderTest, World, Hook> = {
  caller: 'describeSessionStore',
  maker: 'makeStore',
  kind: 'a session store',
  sections: [
    creating,
    swapping,
    updating,
    confirming,
    reading,
    revoking,
    revokingOwners,
    ending,
    limiting,
    replacing,
    raising,
    failing,
    underCore,
  ],
  hooks,
  members: storeUnderTestNames,
  runIn,
};

/**
 * Defines tests for everything that a `SessionStore` must do: keep records, decide between concurrent callers, end sessions,
 * limit them, and fail in time.
 *
 * Runs under Jest, Vitest and `node:test`. Needs only `describe` and `it`.
 *
 * @param name - name of the store, for the title of the suite.
 * @param makeStore - called for every case; returns a store without sessions, and what the suite may do to it.
 * @throws TypeError `describe` or `it` is neither global nor given, or an option is unknown. A test fails with a TypeError
 * when the object that `makeStore` returned has an unknown member.
 */
export function describeSessionStore(
  name: string,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  options: SessionStoreSuiteOptions = {},
): void {
  defineSuite(suite, name, makeStore, options);
}
