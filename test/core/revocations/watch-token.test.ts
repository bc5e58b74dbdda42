import {
  issueTokenPair,
  revokeClaims,
  revokeEverything,
  revokeSession,
  revokeSubject,
  verifyBearer,
  watchToken,
  type AuthError,
} from '@tokenpair/core';

import { createProcesses, typesOf } from '../../support/processes.js';
import { createTestVerifier } from '../../support/verifier.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

async function setUp() {
  const processes = createProcesses();
  const a = processes.issuer({}, { maxSessions: 10_000 });
  const b = processes.verifier();
  await processes.advance(500);
  const open = async (subject = 'u_1') => {
    const pair = await issueTokenPair(a.tokens, { subject });
    const token = await verifyBearer(b.tokens, `Bearer ${pair.accessToken}`);
    return { ...pair, token };
  };
  const codes: string[] = [];
  const hear = (error: AuthError) => codes.push(error.code);
  return { ...processes, a, b, open, codes, hear };
}

describe('a watched token', () => {
  it.each(['logout', 'logout of all', 'change of role', 'change for everyone', 'kill'])(
    'calls back once when a request would be refused, and no other does: %s',
    async (what) => {
      const { a, b, open, codes, hear, advance } = await setUp();
      const { sessionId, token } = await open();
      const other = await open('u_2');
      const others: string[] = [];
      watchToken(b.tokens, token, hear);
      watchToken(b.tokens, other.token, ({ code }) => others.push(code));
      const verbs: Record<string, () => Promise<unknown>> = {
        logout: () => revokeSession(a.tokens, { sessionId }),
        'logout of all': () => revokeSubject(a.tokens, 'u_1'),
        'change of role': () => revokeClaims(a.tokens, { subject: 'u_1' }),
        'change for everyone': () => revokeClaims(a.tokens, { everyone: true }),
        kill: () => revokeEverything(a.tokens, 'https://issuer.test'),
      };
      await verbs[what]?.();
      expect(codes).toEqual([]);
      await advance(100);
      await advance(1_000);
      expect(codes).toEqual([what.startsWith('change') ? 'claims_stale' : 'session_revoked']);
      const reachesAll = what === 'change for everyone' || what === 'kill';
      expect(others).toHaveLength(reachesAll ? 1 : 0);
    },
  );

  it('calls back when it expires', async () => {
    const { b, open, codes, hear, advance } = await setUp();
    const { token } = await open();
    watchToken(b.tokens, token, hear);
    await advance(304_000);
    expect(codes).toEqual([]);
    await advance(2_000);
    expect(codes).toEqual(['token_expired']);
  });

  it('misses nothing between the verification and the watch, and never calls back at once', async () => {
    const { a, b, open, codes, hear, advance } = await setUp();
    const { sessionId, token } = await open();
    await revokeSession(a.tokens, { sessionId });
    await advance(100);
    watchToken(b.tokens, token, hear);
    expect(codes).toEqual([]);
    await advance(0);
    expect(codes).toEqual(['session_revoked']);
  });

  it('is not watched any more after the function that was returned was called, also just before the call', async () => {
    const { a, b, open, codes, hear, advance } = await setUp();
    const { sessionId, token } = await open();
    const stop = watchToken(b.tokens, token, hear);
    stop();
    stop();
    await revokeSession(a.tokens, { sessionId });
    await advance(100);
    const late = watchToken(b.tokens, token, hear);
    late();
    await advance(400_000);
    expect(codes).toEqual([]);
  });

  it('of a log that is behind is left alone', async () => {
    const { b, log, open, codes, hear, advance } = await setUp();
    const { token } = await open();
    watchToken(b.tokens, token, hear);
    log.break('both');
    await advance(60_000);
    expect(b.revocations.state.status).toBe('behind');
    expect(codes).toEqual([]);
  });

  it('is one of 10 000: exactly those of the ended sessions hear of it', async () => {
    const { a, b, open, advance } = await setUp();
    const closed: string[] = [];
    const first = await open('u_0');
    for (let n = 0; n < 10_000; n += 1) {
      const sessionId = `t${String(n).padStart(36, '0')}A`;
      const claims = { ...first.token.claims, sid: sessionId };
      const token = Object.defineProperty({ ...first.token, claims }, 'revocations', {
        value: b.revocations,
      });
      watchToken(b.tokens, token, () => closed.push(sessionId));
    }
    const ended = Array.from({ length: 100 }, (_, n) => `t${String(n * 97).padStart(36, '0')}A`);
    await Promise.all(ended.map((sessionId) => revokeSession(a.tokens, { sessionId })));
    await advance(100);
    expect(closed.toSorted()).toEqual(ended.toSorted());
    await revokeEverything(a.tokens, 'https://issuer.test');
    await advance(200);
    for (let turn = 0; turn < 20; turn += 1) await advance(1);
    expect(closed).toHaveLength(10_000);
  });

  it('without a session or a log is watched until its end', async () => {
    const { verifier, token, verify } = createTestVerifier({ clock: Date.now, clockTolerance: 0 });
    const now = Math.floor(Date.now() / 1_000);
    const verified = await verify(token({ sid: undefined, iat: now, exp: now + 60 }));
    const codes: string[] = [];
    watchToken(verifier, verified, ({ code }) => codes.push(code));
    await jest.advanceTimersByTimeAsync(61_000);
    expect(codes).toEqual(['token_expired']);
  });

  it('reports an error of the callback', async () => {
    const events: { type: string }[] = [];
    const { verifier, token, verify } = createTestVerifier({
      clock: Date.now,
      onEvent: (event) => events.push(event),
    });
    const now = Math.floor(Date.now() / 1_000);
    const verified = await verify(token({ iat: now, exp: now + 60 }));
    watchToken(verifier, verified, () => {
      throw new Error('the socket is gone');
    });
    await jest.advanceTimersByTimeAsync(70_000);
    expect(typesOf(events as never)).toContain('hook.failed');
  });

  it('needs a verifier, a token and a function', async () => {
    const { a, b, open, hear } = await setUp();
    const { token, accessToken } = await open();
    expect(() => watchToken(a.tokens as never, token, hear)).toThrow(TypeError);
    expect(() => watchToken(b.tokens, accessToken as never, hear)).toThrow(TypeError);
    expect(() => watchToken(b.tokens, token, undefined as never)).toThrow(TypeError);
  });
});
