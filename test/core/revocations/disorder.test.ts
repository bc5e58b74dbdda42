// A log that repeats and shuffles its entries brings the same verdicts, and looks like no loss.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeClaims,
  revokeEverything,
  revokeSession,
  revokeSubject,
  type TokenPair,
} from '@tokenpair/core';

import { disordered } from '../../support/disordered-log.mjs';
import { createProcesses } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe.each([1, 2, 3, 4, 5])('a log that repeats and shuffles its entries (%i)', (seed) => {
  const random = createRandom(seed);

  async function setUp() {
    const processes = createProcesses();
    const { log, issuer, verifier, advance } = processes;
    const shuffled = { ...log, ...disordered(log, random) };
    const a = issuer({}, { maxSessions: 100 }, shuffled);
    const [plain, other] = [verifier(), verifier({}, shuffled)];
    await advance(500);
    const pairs: TokenPair[] = [];
    for (let count = 0; count < 30; count += 1) {
      pairs.push(await issueTokenPair(a.tokens, { subject: `u_${count % 6}` }));
      if (count % 7 === 0) await advance(300);
    }
    const verdicts = ({ verify }: typeof plain) =>
      Promise.all(pairs.map(({ accessToken }) => verify(accessToken)));
    return { ...processes, shuffled, a, plain, other, pairs, verdicts };
  }

  it('brings the verdicts of the log itself, after each change', async () => {
    const { a, plain, other, pairs, verdicts, advance } = await setUp();
    const change = async (index: number) => {
      const { sessionId } = pairs[index] ?? {};
      if (sessionId === undefined) throw new Error('no such pair');
      const kind = Math.floor(random() * 4);
      if (kind < 2) await revokeSession(a.tokens, { sessionId });
      else if (kind === 2) await revokeClaims(a.tokens, { sessionId });
      else await revokeClaims(a.tokens, { subject: `u_${index % 6}`, except: sessionId });
    };
    for (let round = 0; round < 5; round += 1) {
      for (let count = 0; count < 5; count += 1) await change(Math.floor(random() * 30));
      await advance(200);
      const wanted = await verdicts(plain);
      expect(await verdicts(other)).toEqual(wanted);
      expect(await verdicts({ ...plain, verify: a.verify })).toEqual(wanted);
    }
    await revokeSubject(a.tokens, 'u_1');
    await advance(200);
    expect(await verdicts(other)).toEqual(await verdicts(plain));
    await revokeEverything(a.tokens, 'https://issuer.test');
    await advance(200);
    expect(new Set(await verdicts(other))).toEqual(new Set(['session_revoked']));
  });

  it('looks like no loss, also to an issuer that appends more than a page has', async () => {
    const { a, other, pairs, advance } = await setUp();
    for (const { sessionId } of pairs.slice(0, 15)) {
      await revokeSession(a.tokens, { sessionId });
      if (random() < 0.2) await advance(20);
    }
    await advance(2_000);
    const gaps = [...a.events, ...other.events].filter(({ type }) => type === 'revocations.gap');
    expect(gaps).toEqual([]);
  });

  it('is repaired when it has lost entries', async () => {
    const { a, other, pairs, log, verifier, shuffled, advance } = await setUp();
    const [ended, live] = pairs;
    if (ended === undefined || live === undefined) throw new Error('no pairs');
    await revokeSession(a.tokens, { sessionId: ended.sessionId });
    await advance(300);
    await log.lose(log.texts().length + 1);
    await advance(3_000);
    const newcomer = verifier({}, shuffled);
    await advance(200);
    for (const one of [a, other, newcomer]) {
      expect(await one.verify(ended.accessToken)).toBe('session_revoked');
      expect(await one.verify(live.accessToken)).toBe('ok');
    }
    const next = await refreshTokenPair(a.tokens, live.refreshToken);
    expect(await newcomer.verify(next.accessToken)).toBe('ok');
  });
});
