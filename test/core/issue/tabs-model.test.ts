// Any number of tabs with independent delays against the real code: every order of few events, and random orders of many.

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { openCoreWorld } from '../../support/tabs/core-world.js';
import {
  createOracle,
  later,
  reuseInterval,
  settleSteps,
  step,
} from '../../support/tabs/oracle.js';
import { searchOrders, type Scenario } from '../../support/tabs/orders.js';
import { createRandom } from '../../support/tabs/random.js';
import { isStillSignedIn, runStorm, signIn } from '../../support/tabs/storm.js';

const oracle = createOracle();
const { ask } = oracle;
afterAll(() => oracle.close());

describe('a refresh, in half reuse intervals after the rotation to the current generation', () => {
  const cases = Array.from({ length: later + 1 }, (_, age) => age).flatMap((age) =>
    [1, 2, 4].flatMap((current) =>
      Array.from({ length: current }, (_, index) => ({ age, current, presented: index + 1 })),
    ),
  );

  it.each(cases)(
    'at $age with token $presented of $current gets the answer of the rule',
    async ({ age, current, presented }) => {
      const call = await ask({ generation: current, age }, presented);
      expect(call.verdict).toBe(verdictOf(age, current, current - presented));
      expect(call.accusations).toBe(call.verdict === 'refused' ? 1 : 0);
      expect(call.record).toEqual(recordAfter(call.verdict, current, age));
      const isPending = call.verdict === 'pending';
      expect(call.waits).toBe(isPending ? Math.max(1, settleSteps - age) : 0);
    },
  );
});

describe('in every order of events', () => {
  it.each<[string, Scenario]>([
    ['two tabs', { tabs: 2, generations: 6 }],
    ['three tabs', { tabs: 3, generations: 5 }],
    ['five tabs', { tabs: 5, generations: 4 }],
  ])(
    'every guarantee holds for %s',
    async (_, scenario) => {
      const { broken, verdicts } = await searchOrders(scenario, ask);
      expect(broken).toEqual({});
      expect([...verdicts].toSorted()).toEqual(['hold', 'replay', 'rotate']);
    },
    60_000,
  );

  it.each<[string, Scenario]>([
    ['two tabs', { tabs: 2, generations: 6, losses: true }],
    ['three tabs', { tabs: 3, generations: 5, losses: true }],
  ])(
    'every guarantee holds for %s that lose messages',
    async (_, scenario) => {
      const { broken, verdicts } = await searchOrders(scenario, ask);
      expect(broken).toEqual({});
      // A tab whose answer was lost may send the predecessor late: that is not a reuse.
      expect([...verdicts].toSorted()).toEqual(['hold', 'pending', 'replay', 'rotate']);
    },
    60_000,
  );

  it.each<[string, Scenario]>([
    ['one tab', { tabs: 1, generations: 6, thief: true }],
    ['two tabs', { tabs: 2, generations: 5, thief: true }],
    ['three tabs', { tabs: 3, generations: 4, thief: true }],
    ['two tabs that lose messages', { tabs: 2, generations: 4, thief: true, losses: true }],
  ])(
    'a thief beside %s is detected when one of them refreshes later',
    async (_, scenario) => {
      const { broken, verdicts } = await searchOrders(scenario, ask);
      expect(broken).toEqual({});
      expect(verdicts).toContain('refused');
    },
    60_000,
  );
});

describe('in random orders', () => {
  const second = 1_000;
  const settleTime = 2 * reuseInterval * second;

  const anyStorm = fc.record({
    seed: fc.nat(1_000_000),
    tabs: fc.integer({ min: 1, max: 30 }),
    refreshes: fc.integer({ min: 1, max: 4 }),
    spread: fc.constantFrom(0, 2 * second, reuseInterval * second, settleTime, 4 * settleTime),
    // Together at most half of the reuse interval, with eight round trips to the store.
    jitter: fc.constantFrom(0, 300, 3 * second),
    store: fc.constantFrom(0, 20, 400),
    hook: fc.constantFrom(undefined, 100, 3 * second),
    patience: fc.constantFrom(undefined, 0, 5 * second),
  });
  type Storm = typeof anyStorm extends fc.Arbitrary<infer T> ? T : never;

  it('tabs stay signed in, and the session rotates at most once within a settle time', async () => {
    await fc.assert(fc.asyncProperty(anyStorm, run), {
      numRuns: 400,
      interruptAfterTimeLimit: 30_000,
    });
  }, 90_000);

  async function run({ seed, store, hook, ...storm }: Storm): Promise<void> {
    const random = createRandom(seed);
    const { time, client, events, rotations, close } = openCoreWorld(reuseInterval, {
      store: () => random(store),
      hook: hook === undefined ? undefined : () => random(hook),
    });
    const round = { time, client, subject: 'ada', random, events };
    let isAlive = false;
    await time.run([() => signIn(round)]);
    const { refused } = await runStorm(round, storm);
    await time.run([
      async () => {
        await time.sleep(settleTime + second);
        isAlive = await isStillSignedIn(round);
      },
    ]);
    assert.deepEqual({ refused, events, isAlive }, { refused: [], events: [], isAlive: true });
    for (const [index, at] of rotations.entries()) {
      const before = rotations[index - 1];
      if (before !== undefined) assert.ok(at - before > settleTime, 'two rotations at once');
    }
    await close();
  }
});

function verdictOf(age: number, generation: number, older: number) {
  if (older === 0) return generation === 1 || age > settleSteps ? 'rotate' : 'hold';
  if (older === 1 && age * step <= reuseInterval) return 'replay';
  return older === 1 && age <= settleSteps ? 'pending' : 'refused';
}

function recordAfter(verdict: string, generation: number, age: number) {
  if (verdict === 'refused') return null;
  return verdict === 'rotate' ? { generation: generation + 1, age: 0 } : { generation, age };
}
