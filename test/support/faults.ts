// Tests a contract suite itself: it passes an implementation without faults, and fails each that has one.

import type { TestRunner } from '@tokenpair/testing';

export interface Failing {
  /** The cases that are meant for the fault and are run. Other cases may fail as well. */
  readonly fails: readonly string[];
}

interface SuiteTests<Made> {
  /** What the suite is for: `'store'`. */
  readonly kind: string;
  readonly leastCases: number;
  /** Without faults. */
  readonly plain: Made;
  /** By what each does wrong: 'reads first and writes in a second step'. */
  readonly faults: Readonly<Record<string, Made & Failing>>;
  /** Defines the suite for an implementation. */
  readonly define: (made: Made, runner: TestRunner) => void;
}

/** Defines the tests of a suite. Call it in a `describe`. */
export function testWithFaults<Made>(tests: SuiteTests<Made>): void {
  const { kind, leastCases, plain, faults, define } = tests;
  const collect = (made: Made) => collectCases((runner) => define(made, runner));
  const names = () => collect(plain).map(({ name }) => name);

  it(`has at least ${leastCases} cases, each with a unique name`, () => {
    expect(names().length).toBeGreaterThanOrEqual(leastCases);
    expect(new Set(names()).size).toBe(names().length);
  });

  it(`passes a simple ${kind} without faults`, async () => {
    expect(await findFailing(collect(plain))).toEqual([]);
  });

  it.each(Object.entries(faults))(`fails a ${kind} that %s`, async (_fault, faulty) => {
    const { fails } = faulty;
    expect(fails).not.toEqual([]);
    const failing = await findFailing(collect(faulty).filter(({ name }) => fails.includes(name)));
    expect(failing.toSorted()).toEqual(fails.toSorted());
  });

  it('has only cases that at least one fault fails', () => {
    const failed = new Set(Object.values(faults).flatMap(({ fails }) => fails));
    expect(names().filter((name) => !failed.has(name))).toEqual([]);
  });
}

interface Collected {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** The cases, as a runner that starts none of them gets them. */
export function collectCases(define: (runner: TestRunner) => void): readonly Collected[] {
  const cases: Collected[] = [];
  define({
    describe: (_name, defineCases) => defineCases(),
    it: (name, run) => cases.push({ name, run }),
  });
  return cases;
}

/** Names of the cases that fail. */
async function findFailing(cases: readonly Collected[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases.filter((_, index) => results[index]?.status === 'rejected').map(({ name }) => name);
}
