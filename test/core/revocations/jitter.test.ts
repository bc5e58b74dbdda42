// Several processes over a log whose answers are late, lost, garbled or missing, and that loses entries meanwhile.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeClaims,
  revokeSession,
  type TokenPair,
} from '@tokenpair/core';

import { codeOf } from '../../support/outcome.js';
import { createProcesses } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Numbers from 0 to 1 that a seed decides. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const later = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

it.each(Array.from({ length: 24 }, (_, seed) => seed))(
  'refuses what has ended and nothing else when the log is well again: seed %i',
  async (seed) => {
    const random = createRandom(seed * 7_919 + 1);
    jest.spyOn(Math, 'random').mockImplementation(createRandom(seed + 5));
    const { log, issuer, verifier, advance } = createProcesses();
    let isIll = true;
    /** Delays question and answer on their own, and breaks some. */
    const disturb = <Args extends readonly unknown[], Answer>(
      call: (...args: Args) => Promise<Answer>,
    ) => {
      return async (...args: Args): Promise<Answer> => {
        if (!isIll) return call(...args);
        await later(random() * 300);
        if (random() < 0.1) throw new Error('down');
        const answer = await call(...args);
        await later(random() * 300);
        const fate = random();
        if (fate < 0.1) throw new Error('lost');
        if (fate < 0.12) return new Promise<never>(() => {});
        if (fate < 0.17) return 'QUEUED' as Answer;
        return answer;
      };
    };
    log.append = disturb(log.append.bind(log));
    log.read = disturb(log.read.bind(log));
    const [a, c] = [issuer(), issuer({}, { claims: () => ({}) })];
    const all = [a, c, verifier(), verifier({ whenBehind: 'refuse' })];
    const sessions = new Map<string, { pair: TokenPair; isEnded: boolean }>();
    const tokensOf = () => (random() < 0.5 ? a : c).tokens;

    const doAnything = async () => {
      const what = random();
      if (what < 0.35 || sessions.size === 0) {
        const pair = await issueTokenPair(tokensOf(), { subject: `u_${sessions.size % 3}` });
        sessions.set(pair.sessionId, { pair, isEnded: false });
        return;
      }
      const session = [...sessions.values()][Math.floor(random() * sessions.size)];
      if (session === undefined) return;
      if (what < 0.6) {
        session.isEnded = true;
        await revokeSession(tokensOf(), { sessionId: session.pair.sessionId });
      } else if (what < 0.8) {
        const pair = await refreshTokenPair(tokensOf(), session.pair.refreshToken);
        session.pair = pair;
      } else if (what < 0.9) await revokeClaims(tokensOf(), { subject: 'u_1' });
      else if (what < 0.95) await log.lose(Math.ceil(random() * 5));
      else log.flush();
    };
    for (let step = 0; step < 40; step += 1) {
      doAnything().catch(() => undefined);
      await advance(random() * 400);
    }
    await advance(10_000);
    isIll = false;
    await advance(15_000);
    expect(all.map(({ revocations }) => revocations.state)).toEqual(
      all.map(() => expect.objectContaining({ status: 'live', unannounced: 0 })),
    );
    for (const { pair, isEnded } of sessions.values()) {
      for (const process of all) {
        const code = await process.verify(pair.accessToken);
        expect(code).not.toBe(isEnded ? 'ok' : 'session_revoked');
      }
      const refreshed = refreshTokenPair(a.tokens, pair.refreshToken);
      const expected = isEnded ? 'refresh_token_invalid' : 'ok';
      expect(await codeOf(refreshed)).toBe(expected);
      const { accessToken } = await refreshed.catch(() => pair);
      await advance(1_000);
      for (const process of all) {
        expect((await process.verify(accessToken)) === 'ok').toBe(!isEnded);
      }
    }
  },
);
