// Tests many tabs of one client over real HTTP, in virtual time: every request and every answer has its own delay, so
// `Set-Cookie` lines arrive late and in any order. A failure lists the seeds of the failed rounds.

import { sendReports, useReportTimer } from '../support/report-timer.js';
import { createRandom } from '../support/tabs/random.js';
import { noneLost, sumUp, type EndedRound } from '../support/tabs/rounds.js';
import { createExpressService, createKoaService, type Transport } from '../support/tabs/service.js';
import { isStillSignedIn, runStorm, signIn, type StormSettings } from '../support/tabs/storm.js';
import {
  openVirtualWorld,
  reuseInterval,
  settleTime,
  type WorldSettings,
} from '../support/tabs/world.js';

const second = 1_000;
const storm = { tabs: 8, spread: 2 * second, jitter: 300 };

describe.each<[string, WorldSettings, number]>([
  ['on Express with cookies', { createService: createExpressService, transport: 'cookie' }, 500],
  ['on Express with bodies', { createService: createExpressService, transport: 'body' }, 500],
  ['on Koa with cookies', { createService: createKoaService, transport: 'cookie' }, 100],
])('%s', (_, world, rounds) => {
  it.each([3, 8, 20])(
    'a refresh storm of %i tabs signs no client out',
    async (tabs) => {
      expect(await runRounds(rounds, world, { ...storm, tabs })).toEqual(noneLost(rounds));
    },
    300_000,
  );

  it('eight tabs that are restored within 400 ms sign no client out', async () => {
    const settings = { ...storm, spread: 400, jitter: 150 };
    expect(await runRounds(rounds, world, settings)).toEqual(noneLost(rounds));
  }, 300_000);
});

describe.each<Transport>(['cookie', 'body'])('in %s transport', (transport) => {
  const world = { createService: createExpressService, transport };
  const rounds = 150;

  it.each<[string, StormSettings]>([
    ['lose requests and answers, and ask again', { ...storm, patience: 5 * second }],
    ['refresh three times each, over three settle times', threeTimes()],
    // The slowest network that is allowed: half of the reuse interval for a request and its answer.
    ['are on a slow network', threeTimes({ jitter: reuseInterval / 4 })],
    ['lose messages on a slow network', threeTimes({ jitter: 3 * second, patience: second })],
    ['sign in again in between', { ...storm, signsIn: true }],
    ['sign in again over three settle times', threeTimes({ signsIn: true, jitter: 3 * second })],
  ])(
    'a client stays signed in when its tabs %s',
    async (_, settings) => {
      expect(await runRounds(rounds, world, settings)).toEqual(noneLost(rounds));
    },
    300_000,
  );

  describe('whose access tokens are used, and reported at any later moment', () => {
    beforeAll(() => useReportTimer());
    afterAll(() => {
      jest.useRealTimers();
    });

    it.each<[string, StormSettings]>([
      ['refresh three times each, over three settle times', threeTimes()],
      ['lose messages on a slow network', threeTimes({ jitter: 3 * second, patience: second })],
    ])(
      'a client stays signed in when its tabs %s',
      async (_, settings) => {
        const found = await runRounds(rounds, world, { ...settings, usesTokens: true });
        expect(found).toEqual(noneLost(rounds));
      },
      300_000,
    );
  });

  it('a client stays signed in when the claims hook is slow', async () => {
    const settings = threeTimes({ jitter: 2 * second });
    const found = await runRounds(rounds, world, settings, 5 * second);
    expect(found).toEqual(noneLost(rounds));
  }, 300_000);
});

function threeTimes(change: Partial<StormSettings> = {}): StormSettings {
  return { ...storm, spread: 3 * settleTime, refreshes: 3, ...change };
}

/** @param hookTime - the maximum time of the claims hook, in milliseconds; without it there is no hook. */
async function runRounds(
  rounds: number,
  world: WorldSettings,
  settings: StormSettings,
  hookTime?: number,
) {
  let random = createRandom(0);
  const { time, wait, events, openClient, close } = await openVirtualWorld({
    ...world,
    hookTime: hookTime === undefined ? undefined : () => random(hookTime),
  });
  const ended: EndedRound[] = [];
  try {
    for (let seed = 1; seed <= rounds; seed += 1) {
      random = createRandom(seed);
      const client = openClient();
      const round = { time, client, subject: `round-${seed}`, random, events, sendReports };
      await signIn(round);
      const report = await runStorm(round, settings);
      await wait(settleTime + second);
      ended.push({ seed, round, report, isAlive: await isStillSignedIn(round) });
    }
  } finally {
    await close();
  }
  return sumUp(ended);
}
