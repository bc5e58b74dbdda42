// Clocks that differ: that of A is five minutes ahead, that of B five minutes behind, and that of Redis is set back and ahead.

import type { TokenPair } from '@tokenpair/core';

import { until } from '../support/until.js';
import { useOneRedis } from './one-redis.js';
import { outcomesOf } from './pairs.js';
import type { Service } from './services.js';

jest.setTimeout(60_000);

const minutes = 60_000;
const hours = 60 * minutes;

const expiryOf = ({ accessToken }: TokenPair): number => {
  const [, payload = ''] = accessToken.split('.');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp * 1_000;
};

const gapsOf = async (service: Service) =>
  (await service.ask('events')).filter(({ type }) => type === 'revocations.gap');

describe.each(['node-redis', 'ioredis'] as const)(
  'services whose clocks differ, with %s',
  (library) => {
    // A log is trimmed in whole nodes of its stream. With one entry in each, it keeps no more than it must.
    const server = useOneRedis(library, ['--stream-node-max-entries', '1']);
    let a: Service;
    let b: Service;
    let c: Service;

    beforeEach(async () => {
      [a, b, c] = await Promise.all([
        startIssuer(5 * minutes),
        startVerifier(-5 * minutes),
        startIssuer(0),
      ]);
    });

    const startIssuer = (clock: number) => server.startIssuer({ roles: server.redis.url, clock });
    const startVerifier = (clock: number) => server.startVerifier({ clock });

    const setRedis = (ahead: number) =>
      Promise.all([a, b, c].map((one) => one.ask('setRedis', ahead)));

    /** Waits until the verifier has heard some entries that are appended now. They concern another user. */
    async function hearNews(): Promise<void> {
      for (let count = 0; count < 3; count += 1) {
        await c.ask('changeClaims', { subject: 'u_2' });
        const { position } = await c.ask('state');
        await until(async () => (await b.ask('state')).position >= position);
      }
    }

    /** Uses a token at the verifier as a client does, while that hears news. */
    async function use(pair: TokenPair): Promise<{ pair: TokenPair; refreshes: number }> {
      let [current, refreshes] = [pair, 0];
      for (let count = 0; count < 3; count += 1) {
        const [outcome = ''] = await outcomesOf(b, [current]);
        expect(outcome).toMatch(/^(ok .+|claims_stale)$/);
        if (outcome === 'claims_stale') {
          current = await c.ask('refresh', current.refreshToken);
          refreshes += 1;
        }
        await hearNews();
      }
      return { pair: current, refreshes };
    }

    test('refuse the tokens of an ended session until they expire by the slowest clock', async () => {
      const ended: TokenPair[] = [];
      for (const ahead of [0, -2 * hours, 2 * hours]) {
        await setRedis(ahead);
        const pair = await a.ask('login', { subject: 'u_1' });
        expect(await outcomesOf(b, [pair])).toEqual(['ok none']);
        await c.ask('end', pair.sessionId);
        ended.push(pair);
        await until(async () => (await outcomesOf(b, [pair]))[0] === 'session_revoked');
      }
      // The jump ahead has cut off what was young.
      expect((await gapsOf(b)).map(({ kind }) => kind)).toContain('lost');
      const refused = ended.map(() => 'session_revoked');
      const expectRefused = async () => {
        const newcomer = await startVerifier(-5 * minutes);
        for (const one of [b, newcomer]) {
          await until(async () => String(await outcomesOf(one, ended)) === String(refused));
        }
        await newcomer.stop();
      };
      await expectRefused();
      // Just before the tokens expire by the clock of B: ten minutes after they have expired by that of A.
      const left = Math.min(...ended.map(expiryOf)) - (await b.ask('now'));
      expect(left).toBeGreaterThan(14 * minutes);
      // Minute by minute, so that log and lists forget on their way what they may forget.
      const passed = left - minutes;
      for (let rest = passed; rest > 0; rest -= minutes) {
        const time = Math.min(rest, minutes);
        await Promise.all([a, b, c].map((one) => one.ask('letPass', time)));
        const pair = await a.ask('login', { subject: 'u_1' });
        await c.ask('end', pair.sessionId);
        await until(async () => (await outcomesOf(b, [pair]))[0] === 'session_revoked');
        expect(await outcomesOf(b, ended)).toEqual(refused);
      }
      const late = await startVerifier(-5 * minutes);
      await late.ask('letPass', passed);
      await until(async () => String(await outcomesOf(late, ended)) === String(refused));
      for (const one of [b, late]) {
        await one.ask('letPass', 2 * minutes);
        expect(await outcomesOf(one, ended)).toEqual(ended.map(() => 'token_expired'));
      }
    });

    test('let a change of role make one refresh, and no loop', async () => {
      const first = await a.ask('login', { subject: 'u_1' });
      let pair = first;
      for (const ahead of [0, -2 * hours, 2 * hours]) {
        await setRedis(ahead);
        await hearNews();
        if (ahead > 0) {
          // The log has lost what is young. The event comes when an issuer has appended again what it knows.
          for (const one of [a, b, c]) await until(async () => (await gapsOf(one)).length > 0);
          ({ pair } = await use(pair));
        }
        const role = `r${ahead}`;
        await server.admin.send('SET', 'role:u_1', role);
        await a.ask('changeClaims', { subject: 'u_1' });
        const { outcome } = await b.ask('untilRefused', pair.accessToken);
        expect(outcome).toBe('claims_stale');
        const used = await use(pair);
        expect(used.refreshes).toBe(1);
        ({ pair } = used);
        for (const one of [a, b, c]) expect(await outcomesOf(one, [pair])).toEqual([`ok ${role}`]);
        expect(pair.sessionId).toBe(first.sessionId);
      }
    });
  },
);
