// Services whose log gives every entry twice, shuffled, in pages of three: their verdicts are those of a service whose log is in
// order.

import { until } from '../support/until.js';
import { useOneRedis } from './one-redis.js';
import { outcomesOf } from './pairs.js';
import type { Service } from './services.js';

jest.setTimeout(60_000);

const isDisordered = true;

describe.each(['node-redis', 'ioredis'] as const)(
  'services whose log repeats and shuffles its entries, with %s',
  (library) => {
    const { startIssuer, startVerifier } = useOneRedis(library);

    test('come to the verdicts of one whose log is in order, and take it for no loss', async () => {
      const [a, b, c] = await Promise.all([
        startIssuer({ isDisordered }),
        startVerifier({ isDisordered }),
        startIssuer(),
      ]);
      const pairs = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 ? a : c).ask('login', { subject: `u_${index % 8}` }),
        ),
      );
      const all = [a, b, c];
      /** What all say when they have heard what was announced before. */
      const agree = async () => {
        const lastEnds = await Promise.all(
          [a, c].map((one) => one.ask('login', { subject: 'u_0' })),
        );
        await a.ask('end', lastEnds[0]?.sessionId ?? '');
        await c.ask('end', lastEnds[1]?.sessionId ?? '');
        for (const one of all) {
          await until(async () =>
            (await outcomesOf(one, lastEnds)).every((outcome) => outcome === 'session_revoked'),
          );
        }
        const wanted = await outcomesOf(c, pairs);
        for (const one of all) expect(await outcomesOf(one, pairs)).toEqual(wanted);
        return wanted;
      };
      const [first, second, third, ...rest] = pairs;
      if (!first || !second || !third) throw new Error('no pairs');
      await Promise.all([
        ...rest.slice(0, 12).map(({ sessionId }) => a.ask('end', sessionId)),
        ...rest.slice(8, 20).map(({ sessionId }) => c.ask('end', sessionId)),
      ]);
      expect(new Set(await agree())).toEqual(new Set(['ok', 'session_revoked']));
      await a.ask('changeClaims', { sessionId: first.sessionId });
      await c.ask('changeClaims', { subject: 'u_1', except: second.sessionId });
      await a.ask('changeClaims', { subject: 'u_2' });
      const afterwards = await c.ask('login', { subject: 'u_2' });
      pairs.push(afterwards);
      const mixed = await agree();
      expect(new Set(mixed)).toEqual(new Set(['ok', 'claims_stale', 'session_revoked']));
      expect([mixed[0], mixed[1], mixed[2], mixed.at(-1)]).toEqual([
        'claims_stale',
        'ok',
        'claims_stale',
        'ok',
      ]);
      // A newcomer reads the whole log in this way.
      all.push(await startVerifier({ isDisordered }));
      expect(await outcomesOf(all[3] as Service, pairs)).toEqual(mixed);
      await a.ask('kill');
      expect(new Set(await agree())).toEqual(new Set(['session_revoked']));
      pairs.push(await a.ask('login', { subject: 'new' }));
      expect((await agree()).at(-1)).toBe('ok');
      const events = (await Promise.all(all.map((one) => one.ask('events')))).flat();
      expect(events.filter(({ type }) => type === 'revocations.gap')).toEqual([]);
    });
  },
);
