// Very many sessions end in a short time: a list that has room for all of them, and lists that have not.

import { setTimeout as sleep } from 'node:timers/promises';

import type { TokenPair } from '@tokenpair/core';

import { until } from '../support/until.js';
import { useOneRedis } from './one-redis.js';
import { loginMany, outcomesOf } from './pairs.js';
import type { Service } from './services.js';

jest.setTimeout(90_000);

const burst = 15_000;
const max = 5_000;

describe.each(['node-redis', 'ioredis'] as const)(
  'services that hear of 15 000 ended sessions, with %s',
  (library) => {
    const { startIssuer, startVerifier } = useOneRedis(library);

    test('miss none of them, and refuse no other token: a list that is full lets tokens refresh', async () => {
      const [a, c, roomy, full] = await Promise.all([
        startIssuer(),
        startIssuer({ follow: { max } }),
        startVerifier(),
        startVerifier({ follow: { max } }),
      ]);
      const ended = await loginMany(a, 20);
      let live: readonly TokenPair[] = await loginMany(a, 20);
      const [early, late] = [ended.slice(0, 10), ended.slice(10)];
      for (const { sessionId } of early) await a.ask('end', sessionId);
      const ending = a.ask('endMany', burst);
      const over = ending.then(() => true);

      /** Uses tokens at a service as clients do: what is stale is refreshed. */
      const useAt = async (service: Service) => {
        const outcomes = await outcomesOf(service, live);
        for (const outcome of outcomes) expect(outcome).toMatch(/^(ok|claims_stale)$/);
        live = await Promise.all(
          live.map(async (pair, index) =>
            outcomes[index] === 'ok' ? pair : c.ask('refresh', pair.refreshToken),
          ),
        );
        return outcomes.every((one) => one === 'ok');
      };
      for (let isOver = false; !isOver;) {
        for (const one of [full, c]) await useAt(one);
        isOver = await Promise.race([over, sleep(1, false)]);
      }
      const took = await ending;
      process.stdout.write(
        `${burst} sessions ended, ${((burst / took) * 1_000).toFixed()} per second\n`,
      );
      for (const { sessionId } of late) await a.ask('end', sessionId);

      await until(async () => (await roomy.ask('state')).facts === burst + ended.length);
      for (const one of [full, c]) await until(() => useAt(one));
      const sessionIds = live.map(({ sessionId }) => sessionId);
      expect(new Set(sessionIds).size).toBe(20);
      expect(await outcomesOf(roomy, live)).toEqual(live.map(() => 'ok'));
      expect(await outcomesOf(roomy, ended)).toEqual(ended.map(() => 'session_revoked'));
      for (const one of [full, c]) {
        await until(async () =>
          (await outcomesOf(one, late)).every((outcome) => outcome === 'session_revoked'),
        );
        // It has dropped these, and does not know whether their claims are old. The store knows that the sessions have ended.
        expect(await outcomesOf(one, early)).toEqual(early.map(() => 'claims_stale'));
        // What was dropped is removed at the next read.
        await until(async () => (await one.ask('state')).facts <= max);
        const gaps = (await one.ask('events')).filter(({ type }) => type === 'revocations.gap');
        expect(new Set(gaps.map(({ kind }) => kind))).toEqual(new Set(['overflow']));
      }
      for (const { refreshToken } of ended) {
        await expect(c.ask('refresh', refreshToken)).rejects.toMatchObject({
          code: 'refresh_token_invalid',
        });
      }
    });
  },
);
