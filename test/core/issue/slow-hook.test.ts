// A claims hook that runs longer than the settle time. A token that was valid when a call began is never reported as reused,
// and no answer returns a spent token.

import { randomBytes } from 'node:crypto';

import {
  listSessions,
  issueTokenPair,
  refreshTokenPair,
  RefreshPendingError,
  revokeSubject,
  type ClaimsAnswer,
  type TokenIssuerOptions,
  type TokenPair,
} from '@tokenpair/core';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

/** One second more than the settle time, in which a session does not rotate again. */
const settled = 61;

interface SlowIssuer extends TestIssuer {
  /** Begins a refresh and returns once the hook has been called. The function it returns lets the hook answer. */
  begin(refreshToken: string): Promise<() => Promise<TokenPair>>;
  /** A refresh whose hook answers at once, after the settle time. */
  next(refreshToken: string): Promise<string>;
}

function createSlowIssuer(options: Partial<TokenIssuerOptions> = {}): SlowIssuer {
  const turns: (() => void)[] = [];
  let waits = false;
  const issuer = createTestIssuer({
    claims: () =>
      waits ? new Promise<ClaimsAnswer>((resolve) => turns.push(() => resolve({}))) : {},
    ...options,
  });
  const { tokens, clock } = issuer;
  return {
    ...issuer,
    async begin(refreshToken) {
      waits = true;
      const slow = refreshTokenPair(tokens, refreshToken);
      while (turns.length === 0) await Promise.resolve();
      waits = false;
      return () => {
        turns.shift()?.();
        return slow;
      };
    },
    async next(refreshToken) {
      clock.advance(settled);
      return (await refreshTokenPair(tokens, refreshToken)).refreshToken;
    },
  };
}

async function login({ tokens }: TestIssuer): Promise<string> {
  return (await issueTokenPair(tokens, { subject: 'u_1' })).refreshToken;
}

async function expectSignedIn(issuer: SlowIssuer, refreshToken: string): Promise<void> {
  issuer.clock.advance(settled);
  const { refreshTokenChanged } = await refreshTokenPair(issuer.tokens, refreshToken);
  expect(refreshTokenChanged).toBe(true);
  const types = issuer.events.map(({ type }) => type);
  expect(types).not.toContain('refresh.reused');
  expect(types).not.toContain('session.revoked');
}

describe('a refresh whose hook is slow', () => {
  it('gets the current token when another tab has refreshed twice meanwhile', async () => {
    const issuer = createSlowIssuer();
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    const second = await issuer.next(first);
    const third = await issuer.next(second);
    const pair = await finish();
    expect(pair).toMatchObject({ refreshToken: third, refreshTokenChanged: true });
    await expectSignedIn(issuer, third);
  });

  it.each([1, 2, 8])('gets the current token %i rotations later', async (rotations) => {
    const issuer = createSlowIssuer();
    let latest = await login(issuer);
    const finish = await issuer.begin(latest);
    for (let count = 0; count < rotations; count += 1) latest = await issuer.next(latest);
    expect((await finish()).refreshToken).toBe(latest);
    await expectSignedIn(issuer, latest);
  });

  it('is asked to retry when the session has rotated too often meanwhile, and nothing changes', async () => {
    const issuer = createSlowIssuer();
    let latest = await login(issuer);
    const finish = await issuer.begin(latest);
    for (let count = 0; count < 9; count += 1) latest = await issuer.next(latest);
    await expect(finish()).rejects.toThrow(RefreshPendingError);
    expect(issuer.events.at(-1)).toMatchObject({ type: 'refresh.pending', storedGeneration: 10 });
    await expectSignedIn(issuer, latest);
  });

  it('is asked to retry when the key of the current token has been removed, and nothing changes', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const issuer = createSlowIssuer({ refreshKeys: [old] });
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }, old]);
    const second = await issuer.next(first);
    issuer.tokens.replaceRefreshKeys([{ kid: '3', secret: randomBytes(32) }, old]);
    const refusal = finish();
    await expect(refusal).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '1' },
    });
    await expectSignedIn(issuer, second);
  });

  it('gets the current token, sealed by its own key, when another key has become current', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const issuer = createSlowIssuer({ refreshKeys: [old] });
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    const second = await issuer.next(first);
    issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }, old]);
    expect((await finish()).refreshToken).toBe(second);
    await expectSignedIn(issuer, second);
  });

  it('is asked to retry when two keys sealed the rotations that it missed, and nothing changes', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const issuer = createSlowIssuer({ refreshKeys: [old] });
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    const second = await issuer.next(first);
    issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }, old]);
    const third = await issuer.next(second);
    await expect(finish()).rejects.toThrow(RefreshPendingError);
    await expectSignedIn(issuer, third);
  });

  it('is asked to retry when the store has replaced the token that it presented', async () => {
    const { another, store, clock } = createTestIssuer();
    let looks = 0;
    const tokens = another({
      claims: () => ({}),
      store: alterStore(store, {
        get: async (sessionId) => {
          const session = await store.get(sessionId);
          looks += 1;
          // The second read of a refresh that is held.
          return session && looks === 2 ? { ...session, secretHash: 'x'.repeat(43) } : session;
        },
      }),
    });
    const { sessionId, refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, refreshToken);
    looks = 0;
    expect(await codeOf(refreshTokenPair(tokens, second.refreshToken))).toBe('refresh_pending');
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, second.refreshToken))).toBe('ok');
    await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 3 });
  });

  it('gets the successor instead of its own token when that token was spent meanwhile', async () => {
    const issuer = createSlowIssuer();
    const second = await issuer.next(await login(issuer));
    const finish = await issuer.begin(second);
    const third = await issuer.next(second);
    expect(await finish()).toMatchObject({ refreshToken: third, refreshTokenChanged: true });
    await expectSignedIn(issuer, third);
  });

  it('gets the current token, not a spent one, when it presented the predecessor', async () => {
    const issuer = createSlowIssuer();
    const first = await login(issuer);
    const second = await issuer.next(first);
    const finish = await issuer.begin(first);
    const third = await issuer.next(second);
    expect((await finish()).refreshToken).toBe(third);
    await expectSignedIn(issuer, third);
  });

  it('gets the token that the store has when the refresh keys are replaced during the swap', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const fresh = { kid: '2', secret: randomBytes(32) };
    const { another, store, clock } = createTestIssuer({ refreshKeys: [old] });
    const tokens = another({
      store: alterStore(store, {
        rotate: async (...command) => {
          const result = await store.rotate(...command);
          tokens.replaceRefreshKeys([fresh, old]);
          return result;
        },
      }),
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const next = await refreshTokenPair(tokens, refreshToken);
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('ok');
  });

  it('gets the token that the store has when the refresh keys are replaced before the swap', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const issuer = createSlowIssuer({ refreshKeys: [old] });
    const finish = await issuer.begin(await login(issuer));
    issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }, old]);
    const { refreshToken, refreshTokenChanged } = await finish();
    expect(refreshTokenChanged).toBe(true);
    await expectSignedIn(issuer, refreshToken);
  });

  it.each([
    ['the current token', 0],
    ['the predecessor', 1],
  ])('is refused with %s when the session ended meanwhile', async (_what, back) => {
    const issuer = createSlowIssuer();
    const first = await login(issuer);
    const second = await issuer.next(first);
    const finish = await issuer.begin([second, first][back] as string);
    await revokeSubject(issuer.tokens, 'u_1');
    expect(await codeOf(finish())).toBe('refresh_token_invalid');
  });

  it('ends the session at a reuse interval of 0, where every second use counts as reuse', async () => {
    const issuer = createSlowIssuer({ reuseInterval: 0 });
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    await issuer.next(first);
    expect(await codeOf(finish())).toBe('refresh_token_invalid');
    await expect(listSessions(issuer.tokens, 'u_1')).resolves.toEqual([]);
  });
});
