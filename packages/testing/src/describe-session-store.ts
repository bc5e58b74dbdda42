// The contract of a session store as a test suite, for any store and any test runner.

import { checkOptions } from '@tokenpair/core/store';

import type { Case, Section } from './suite/case.js';
import { runCase } from './suite/case.js';
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
  type SessionStoreSuiteOptions,
  type StoreUnderTest,
  type TestRunner,
} from './suite/store-under-test.js';
import { swapping, updating } from './suite/swapping.js';
import { underCore } from './suite/under-core.js';

const sections: readonly Section[] = [
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
];

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
  const checked = checkOptions('describeSessionStore', options, ['describe', 'it', 'notShown']);
  if (typeof makeStore !== 'function')
    throw new TypeError('makeStore must be a function that returns a store for each test');
  const { describe, it } = toRunner(checked);
  const { notShown: gapsGiven = {} } = checked;
  const notShown = checkOptions('notShown', gapsGiven, hooks);
  const gaps = Object.entries(notShown).map(([hook, reason]) => `${hook}, since ${String(reason)}`);
  const suffix = gaps.length === 0 ? '' : ` (not shown: ${gaps.join('; ')})`;
  const isShown = ({ needs }: Case) => needs === undefined || notShown[needs] === undefined;
  const define = (one: Case) => it(one.name, () => runCase(one, makeStore));
  describe(`${name} as a session store${suffix}`, () => {
    for (const { title, cases } of sections) {
      const shown = cases.filter(isShown);
      // Vitest fails a group without a test.
      if (shown.length > 0) describe(title, () => shown.forEach(define));
    }
  });
}

function toRunner(options: SessionStoreSuiteOptions): TestRunner {
  const globals: Partial<TestRunner> = {
    describe: Reflect.get(globalThis, 'describe'),
    it: Reflect.get(globalThis, 'it'),
  };
  const { describe = globals.describe, it = globals.it } = options;
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new TypeError(
      'describeSessionStore found no global describe and it: pass those of your test runner as options',
    );
  }
  return { describe, it };
}
