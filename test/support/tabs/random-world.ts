// Random worlds: what can happen in each, and random steps. A kind of world has only what can be promised together. For example, a
// client whose last rotation a failover has lost is signed out if the key of its token is removed before it refreshes again.

import fc from 'fast-check';

import type { Core } from './core-copy.js';
import type { OpenSessionStore } from './replayed-store.js';
import {
  hour,
  openSessionWorld,
  second,
  type SessionWorldSettings,
  type TabState,
} from './session-world.js';

/** What can happen in a world, besides refreshes, reports, updates and time. */
interface Kind {
  readonly settings?: Partial<SessionWorldSettings>;
  /** Requests and answers are lost, store commands and hooks fail. */
  readonly loses?: boolean;
  readonly endsSession?: boolean;
  readonly stepsUp?: boolean;
  readonly failsOver?: boolean;
  readonly changesKey?: boolean;
  readonly forges?: boolean;
  /** Nobody reports a use. */
  readonly isSilent?: boolean;
  /** @defaultValue 8 */
  readonly maxTabs?: number;
}

export const kinds: Readonly<Record<string, Kind>> = {
  'honest tabs': { loses: true, endsSession: true },
  'honest tabs, nothing is lost': {},
  'honest tabs and step-ups': { loses: true, stepsUp: true },
  'honest tabs and key changes': { loses: true, changesKey: true },
  'honest tabs and failovers': { loses: true, failsOver: true },
  'honest tabs behind a relay': { loses: true, settings: { relay: true } },
  'honest tabs whose uses are reported at once': { loses: true, settings: { reportsAtOnce: true } },
  'one tab at a reuse interval of 0': { settings: { reuseInterval: 0 }, maxTabs: 1 },
  'somebody who has the refresh key': { loses: true, forges: true },
  'a thief who stays apart': { loses: true, settings: { copies: 1, mostTurns: 3 } },
  'a thief who stays apart, and failovers': {
    loses: true,
    failsOver: true,
    settings: { copies: 1, mostTurns: 3 },
  },
  'a thief who stays apart, every use is reported at once': {
    loses: true,
    settings: { copies: 1, mostTurns: 1, reportsAtOnce: true },
  },
  'a thief who stays apart, no use is ever reported': {
    isSilent: true,
    settings: { copies: 1, mostTurns: 1, isConfirmedAtFirst: false },
  },
  'a thief who comes at any time': {
    loses: true,
    endsSession: true,
    stepsUp: true,
    settings: { copies: 1 },
  },
};

const tab = fc.nat(7);
const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  fc.constantFrom('fails' as const, 'sent twice' as const),
);
const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 15_000 }) },
  { weight: 6, arbitrary: fc.constantFrom(14, 15).map((s) => s * second) },
  { weight: 3, arbitrary: fc.constantFrom(15, 30, 31, 45, 60, 61, 90).map((s) => s * second) },
  { weight: 3, arbitrary: fc.constantFrom(3, 23, 25).map((hours) => hours * hour) },
);
/** What happens when a refresh would take too long: no more time passes, or its tab gives up. */
const patience = fc.oneof(
  { weight: 3, arbitrary: fc.constant('time' as const) },
  fc.constantFrom('up' as const, 'up, and the server goes on' as const),
);
const always = () => true;
const isThere = ({ settings }: Kind) => settings?.copies !== undefined;

function step<T extends string, R extends object>(
  weight: number,
  type: T,
  members: { [K in keyof R]: fc.Arbitrary<R[K]> },
  canHappen: (kind: Kind) => boolean | undefined = always,
) {
  const arbitrary = fc.record({ ...members, type: fc.constant(type) }) as unknown as fc.Arbitrary<
    R & { readonly type: T }
  >;
  return { weight, arbitrary, canHappen };
}

const allSteps = [
  step(8, 'send', { tab }),
  step(14, 'go on', { tab, fault }),
  step(8, 'answer', { tab }),
  step(8, 'store', { tab }),
  step(6, 'refresh', { tab }),
  step(3, 'lose', { tab, goesOn: fc.boolean() }, ({ loses }) => loses),
  step(2, 'go on for nobody', { fault }, ({ loses }) => loses),
  step(3, 'use', { tab }, ({ settings }) => settings?.relay),
  step(3, 'step up', { tab }, ({ stepsUp }) => stepsUp),
  step(4, 'report', { generation: fc.integer({ min: 1, max: 9 }) }, ({ isSilent }) => !isSilent),
  step(3, 'copy', { which: fc.nat(8) }, isThere),
  step(6, 'present', { back: fc.nat(3) }, isThere),
  step(3, 'forge', { distance: fc.integer({ min: -1, max: 2 }) }, ({ forges }) => forges),
  step(2, 'start update', {}),
  step(2, 'finish update', { which: fc.nat(3) }),
  step(1, 'end', {}, ({ endsSession }) => endsSession),
  step(3, 'change key', {}, ({ changesKey }) => changesKey),
  step(3, 'fail over', { lost: fc.nat(5) }, ({ failsOver }) => failsOver),
  step(8, 'wait', { time, patience }),
];

type Step = (typeof allSteps)[number]['arbitrary'] extends fc.Arbitrary<infer T> ? T : never;

export interface Life {
  readonly tabs: number;
  readonly hook: boolean;
  readonly steps: readonly Step[];
}

/** A random number of tabs and random steps. A step that means nothing at its moment is left out. */
export function anyLife(kind: Kind): fc.Arbitrary<Life> {
  const { maxTabs = 8 } = kind;
  const steps = allSteps
    .filter(({ canHappen }) => canHappen(kind) === true)
    .map(({ weight, arbitrary }) => ({ weight, arbitrary: arbitrary as fc.Arbitrary<Step> }));
  return fc.record({
    // Of few tabs, more meet within an interval.
    tabs: fc.oneof(
      fc.integer({ min: 1, max: Math.min(3, maxTabs) }),
      fc.integer({ min: 1, max: maxTabs }),
    ),
    hook: fc.boolean(),
    steps: fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 80, size: 'max' }),
  });
}

// A client may hold a token this many step-ups back, and one more.
const maxStepUps = 3;
const maxFailovers = 2;

/** @throws BrokenPromise with what happened. */
export async function live(
  kind: Kind,
  { tabs, hook, steps }: Life,
  core: Core,
  openStore?: OpenSessionStore,
): Promise<void> {
  const { loses = false } = kind;
  const world = await openSessionWorld({ core, hook, tabs, openStore, ...kind.settings });
  const left = { stepUps: maxStepUps, failovers: maxFailovers };

  async function play(one: Step): Promise<void> {
    // No tab when there is none in this state.
    const pick = (state: TabState) => {
      const all = world.tabsThat(state);
      return 'tab' in one && all.length > 0 ? (all[one.tab % all.length] as number) : -1;
    };
    const [idle, waiting, answered] = [pick('idle'), pick('waiting'), pick('answered')];
    const isFault = 'fault' in one && (loses || one.fault === 'sent twice');
    const faultNow = isFault ? one.fault : undefined;
    switch (one.type) {
      case 'send':
        return world.send(idle);
      case 'go on':
        return world.goOn(waiting, undefined, faultNow);
      case 'answer':
        return world.goOn(waiting, 'end');
      case 'store':
        return world.store(answered);
      case 'refresh':
        await world.send(idle);
        await world.goOn(idle, 'end');
        return world.store(idle);
      case 'lose':
        return world.lose(waiting === -1 ? answered : waiting, one.goesOn);
      case 'go on for nobody':
        return world.goOnAbandoned(undefined, faultNow);
      case 'use':
        return world.use(answered);
      case 'step up':
        if (left.stepUps === 0) return undefined;
        left.stepUps -= 1;
        return world.stepUp(idle);
      case 'report':
        return world.confirm(one.generation);
      case 'copy':
        return world.copy(one.which);
      case 'present':
        return world.present((holds) => holds.at(-1 - (one.back % Math.max(1, holds.length))));
      case 'forge':
        return world.forge(one.distance);
      case 'start update':
        return world.startUpdate();
      case 'finish update':
        return world.finishUpdate(one.which);
      case 'end':
        return world.end();
      case 'change key':
        return world.changeKey();
      case 'fail over':
        if (left.failovers === 0) return undefined;
        left.failovers -= 1;
        return world.failOver((most) => Math.min(most, one.lost));
      case 'wait':
        return world.wait(one.time, loses ? one.patience : 'time');
    }
  }

  try {
    for (const one of steps) await play(one);
    await world.rest();
  } finally {
    await world.close();
  }
}
