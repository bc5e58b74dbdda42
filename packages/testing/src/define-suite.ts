// A contract as a suite of cases, for any implementation and any test runner.

import { ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { checkOptions } from '@tokenpair/core/store';

export interface Case<World, Hook extends string> {
  readonly name: string;
  /** What the object under test must give for this case. */
  readonly needs?: Hook;
  readonly run: (world: World) => Promise<void>;
}

export interface Section<World, Hook extends string> {
  readonly title: string;
  readonly cases: readonly Case<World, Hook>[];
}

/** Ends what a hook of the object under test began. */
export type Resume = () => void | Promise<void>;

/** The functions that a suite needs of a test runner: those of Jest, Vitest and `node:test` fit. */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}

/** Options of a suite, with the members of the object under test that it cannot have. */
export interface SuiteOptions<Hook extends string> extends Partial<TestRunner> {
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}

/** What every object under test may have. */
interface UnderTest {
  readonly advance?: ((milliseconds: number) => void | Promise<void>) | undefined;
  readonly close?: (() => void | Promise<void>) | undefined;
}

export interface Suite<Under extends UnderTest, World, Hook extends string & keyof Under> {
  /** Name of the public function, for messages. */
  readonly caller: string;
  /** Name of its parameter that makes the object under test, for messages. */
  readonly maker: string;
  /** `'a session store'` */
  readonly kind: string;
  readonly sections: readonly Section<World, Hook>[];
  readonly hooks: readonly Hook[];
  /** Members that the object under test may have. */
  readonly members: readonly string[];
  /** Runs a case in a new world. */
  readonly runIn: (
    under: Under,
    time: SuiteTime,
    run: (world: World) => Promise<void>,
  ) => Promise<void>;
}

/** @throws TypeError `describe` or `it` is neither global nor given, an option is unknown, or `make` is no function. */
export function defineSuite<Under extends UnderTest, World, Hook extends string & keyof Under>(
  suite: Suite<Under, World, Hook>,
  name: string,
  make: () => Under | Promise<Under>,
  options: SuiteOptions<Hook>,
): void {
  const { caller, maker, kind, sections, hooks } = suite;
  const checked = checkOptions(caller, options, ['describe', 'it', 'notShown']);
  if (typeof make !== 'function') {
    const made = kind.slice(kind.lastIndexOf(' ') + 1);
    throw new TypeError(`${maker} must be a function that returns a ${made} for each test`);
  }
  const { describe, it } = toRunner(caller, checked);
  const { notShown: given = {} } = checked;
  const notShown: Readonly<Record<string, unknown>> = checkOptions('notShown', given, hooks);
  const gaps = Object.entries(notShown).map(([hook, reason]) => `${hook}, since ${String(reason)}`);
  const suffix = gaps.length === 0 ? '' : ` (not shown: ${gaps.join('; ')})`;
  const isShown = ({ needs }: Case<World, Hook>) =>
    needs === undefined || notShown[needs] === undefined;
  const define = (one: Case<World, Hook>) => it(one.name, () => runCase(suite, one, make));
  describe(`${name} as ${kind}${suffix}`, () => {
    for (const { title, cases } of sections) {
      const shown = cases.filter(isShown);
      // Vitest fails a group without a test.
      if (shown.length > 0) describe(title, () => shown.forEach(define));
    }
  });
}

function toRunner(caller: string, options: Partial<TestRunner>): TestRunner {
  const globals: Partial<TestRunner> = {
    describe: Reflect.get(globalThis, 'describe'),
    it: Reflect.get(globalThis, 'it'),
  };
  const { describe = globals.describe, it = globals.it } = options;
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new TypeError(
      `${caller} found no global describe and it: pass those of your test runner as options`,
    );
  }
  return { describe, it };
}

const shortest = 120;
const longest = 4_000;

/** Runs a case on a new object. With real time it runs again, with longer times, when the machine was too slow. */
async function runCase<Under extends UnderTest, World, Hook extends string & keyof Under>(
  { maker, members, runIn }: Suite<Under, World, Hook>,
  { needs, run }: Case<World, Hook>,
  make: () => Under | Promise<Under>,
): Promise<void> {
  for (let hour = shortest; ; hour *= 2) {
    const under = checkOptions(`${maker}()`, await make(), members);
    const lag = watchLag();
    try {
      ok(
        needs === undefined || under[needs] !== undefined,
        `${maker}() returned no '${needs}', which this case needs: return it, or give the reason in the option notShown`,
      );
      await runIn(under, toTime(under, hour, lag.expect), run);
      return;
    } catch (error) {
      const wasTooSlow = under.advance === undefined && lag.sofar() > hour / 4;
      if (!wasTooSlow || hour >= longest) throw error;
    } finally {
      await under.close?.();
    }
  }
}

/** How a case lets time pass: by the clock of the object when that can be moved, else by waiting for short real times. */
export interface SuiteTime {
  /** A lifetime to give to what is kept. */
  readonly hour: number;
  /** Whether the clock can be moved: then days pass at once. */
  readonly isMovable: boolean;
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Long enough for two instants to differ. */
  readonly moment: () => Promise<void>;
  /** Lets most of a span pass: what lasts for the span is still there. */
  readonly mostOf: (span: number) => Promise<void>;
  /** Lets the rest of the span pass: what lasts for the span has ended. */
  readonly restOf: (span: number) => Promise<void>;
}

function toTime(
  { advance }: UnderTest,
  hour: number,
  expectToTake: (milliseconds: number) => void,
): SuiteTime {
  if (advance) {
    const pass = async (milliseconds: number) => advance(milliseconds);
    return {
      hour: 3_600_000,
      isMovable: true,
      pass,
      moment: () => pass(1_000),
      mostOf: (span) => pass(span - 1),
      restOf: () => pass(1),
    };
  }
  const pass = async (milliseconds: number) => {
    expectToTake(milliseconds);
    await sleep(milliseconds);
  };
  return {
    hour,
    isMovable: false,
    pass,
    moment: () => pass(5),
    mostOf: (span) => pass(span / 2),
    restOf: (span) => pass(span / 2 + 10),
  };
}

/** Measures how much longer than its waits a case takes. */
function watchLag() {
  const start = performance.now();
  let expected = 0;
  return {
    expect: (milliseconds: number) => {
      expected += milliseconds;
    },
    sofar: () => performance.now() - start - expected,
  };
}
