// Clocks that differ: those of the processes by minutes, and that of the log by hours. No verdict compares two of them.

import { randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  issueTokenPair,
  MemoryRevocations,
  MemorySessionStore,
  refreshTokenPair,
  revokeClaims,
  revokeSession,
} from '@tokenpair/core';

import { createTestKey } from '../../support/keys.js';
import { createProcesses } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const minute = 60_000;
/** A clock that jumps ahead cuts off young entries. The next empty entry shows it, and the repair takes a second at most. */
const settling = 3_000;
/** So that twenty minutes are not many thousands of reads. */
const follow = { pollInterval: 1 };
/** Until all have read an entry. */
const heard = 1_200;
const ahead = () => Date.now() + 5 * minute;
const behind = () => Date.now() - 5 * minute;

/** A is 5 minutes ahead, B 5 minutes behind, C is right. */
async function setUp() {
  const processes = createProcesses();
  const { issuer, verifier, log, advance } = processes;
  const a = issuer({ ...follow, clock: ahead }, { clock: ahead });
  const b = verifier({ ...follow, clock: behind }, log, { clock: behind });
  const c = issuer(follow);
  await advance(heard);
  return { ...processes, a, b, c };
}

describe.each([
  ['right', 0],
  ['2 hours behind', -120 * minute],
  ['2 hours ahead', 120 * minute],
])('processes whose clocks differ by 10 minutes, and a log whose clock becomes %s', (_what, by) => {
  it('refuse a token that was ended by another issuer, until it expires by the slowest clock', async () => {
    const { a, b, c, log, advance } = await setUp();
    const pair = await issueTokenPair(a.tokens, { subject: 'u_1' });
    expect(await b.verify(pair.accessToken)).toBe('ok');
    log.skew(by);
    await advance(settling);
    await revokeSession(c.tokens, { sessionId: pair.sessionId });
    await advance(heard);
    for (const one of [a, b, c]) expect(await one.verify(pair.accessToken)).toBe('session_revoked');
    log.skew(0);
    const outcomes: string[] = [];
    for (let passed = 0; passed < 20; passed += 1) {
      await advance(minute);
      outcomes.push(await b.verify(pair.accessToken));
    }
    const until = outcomes.indexOf('token_expired');
    // 5 minutes by the clock of A end 15 minutes later by that of B.
    expect(until).toBeGreaterThan(12);
    expect(new Set(outcomes.slice(0, until))).toEqual(new Set(['session_revoked']));
    expect(new Set(outcomes.slice(until))).toEqual(new Set(['token_expired']));
  });

  it('make a token refresh exactly once after a change of role', async () => {
    const { a, b, c, log, advance } = await setUp();
    let pair = await issueTokenPair(a.tokens, { subject: 'u_1' });
    for (const skew of [by, 0]) {
      log.skew(skew);
      await advance(settling);
      await revokeClaims(c.tokens, { subject: 'u_1' });
      await advance(heard);
      for (const one of [a, b, c]) expect(await one.verify(pair.accessToken)).toBe('claims_stale');
      pair = await refreshTokenPair(a.tokens, pair.refreshToken);
      for (const one of [a, b, c]) expect(await one.verify(pair.accessToken)).toBe('ok');
      await advance(2_000);
      for (const one of [a, b, c]) expect(await one.verify(pair.accessToken)).toBe('ok');
    }
  });
});

it('a log whose clock jumps ahead by less than it keeps entries has them again: a newcomer refuses the token too', async () => {
  const { a, c, log, verifier, advance } = await setUp();
  const pair = await issueTokenPair(c.tokens, { subject: 'u_1' });
  await revokeSession(a.tokens, { sessionId: pair.sessionId });
  await advance(4 * minute);
  // By its clock the entry is 21 minutes old, and it keeps entries for 20.
  log.skew(17 * minute);
  await advance(settling);
  const newcomer = verifier();
  await advance(heard);
  expect(await newcomer.verify(pair.accessToken)).toBe('session_revoked');
});

it('an issuer in memory that had nothing to announce for an hour reports no loss', async () => {
  const onEvent = jest.fn();
  const revocations = new MemoryRevocations();
  const tokens = createTokenIssuer({
    issuer: 'https://issuer.test',
    audience: 'https://api.test',
    keys: [createTestKey('HS256', 'test').signing],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore(),
    revocations,
    onEvent,
  });
  const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
  await revocations.ready();
  await jest.advanceTimersByTimeAsync(60 * minute);
  await revokeSession(tokens, { sessionId });
  await jest.advanceTimersByTimeAsync(5_000);
  expect(onEvent).not.toHaveBeenCalledWith(expect.objectContaining({ type: 'revocations.gap' }));
});
