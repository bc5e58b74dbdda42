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
  it('gets the successor that another tab got meanwhile, however long ago', async () => {
    const issuer = createSlowIssuer();
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    const second = await issuer.next(first);
    issuer.clock.advance(3_600);
    const pair = await finish();
    expect(pair).toMatchObject({ refreshToken: second, refreshTokenChanged: true });
    expect(issuer.events.at(-1)).toMatchObject({
      type: 'session.refreshed',
      how: 'replayed',
      generation: 2,
      presentedGeneration: 1,
    });
    await expectSignedIn(issuer, second);
  });

  it.each([2, 3, 8])(
    'is asked to retry when the session has rotated %i times meanwhile, and nothing changes',
    async (rotations) => {
      const issuer = createSlowIssuer();
      let latest = await login(issuer);
      const finish = await issuer.begin(latest);
      for (let count = 0; count < rotations; count += 1) latest = await issuer.next(latest);
      const refusal = finish();
      await expect(refusal).rejects.toThrow(RefreshPendingError);
      await expect(refusal).rejects.toMatchObject({ headers: { 'Retry-After': '1' } });
      expect(issuer.events.at(-1)).toMatchObject({
        type: 'refresh.pending',
        presentedGeneration: 1,
        storedGeneration: rotations + 1,
      });
      await expectSignedIn(issuer, latest);
    },
  );

  it('is asked to retry when its predecessor was recovered meanwhile, and nothing changes', async () => {
    const issuer = createSlowIssuer();
    const { tokens, clock } = issuer;
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await issuer.store.confirm(sessionId, 1);
    const lost = await issuer.next(refreshToken);
    clock.advance(settled);
    const finish = await issuer.begin(lost);
    const recovered = await issuer.next(refreshToken);
    await expect(finish()).rejects.toThrow(RefreshPendingError);
    await expectSignedIn(issuer, recovered);
  });

  it('is asked to retry when its successor is seen in use during its recovery, and the retry is a reuse', async () => {
    const issuer = createSlowIssuer();
    const { tokens, clock } = issuer;
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await issuer.store.confirm(sessionId, 1);
    await issuer.next(refreshToken);
    clock.advance(settled);
    const finish = await issuer.begin(refreshToken);
    await issuer.store.confirm(sessionId, 2);
    await expect(finish()).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '1' },
    });
    await expect(issuer.store.get(sessionId)).resolves.toMatchObject({ generation: 2 });
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    expect(issuer.events.map(({ type }) => type)).toContain('refresh.reused');
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
          return session && looks === 2 ? { ...session, secretHash: 'x'.repeat(22) } : session;
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

  it.each([
    ['its own token, when that was current and is spent meanwhile', 1],
    ['the former successor, when that is spent meanwhile', 0],
  ])('never gets %s: it is asked to retry', async (_what, index) => {
    const issuer = createSlowIssuer();
    const first = await login(issuer);
    const second = await issuer.next(first);
    const finish = await issuer.begin([first, second][index] as string);
    const third = await issuer.next(second);
    const refusal = finish();
    await expect(refusal).rejects.toThrow(RefreshPendingError);
    await expect(refusal).rejects.toMatchObject({ headers: { 'Retry-After': '1' } });
    expect(issuer.events.at(-1)).toMatchObject({ type: 'refresh.pending', storedGeneration: 3 });
    await expectSignedIn(issuer, third);
  });

  it('gets the token that the store has when the refresh keys are replaced during the swap', async () => {
    const old = { kid: '1', secret: randomBytes(32) };
    const fresh = { kid: '2', secret: randomBytes(32) };
    const { another, store, clock } = createTestIssuer({ refreshKeys: [old] });
    const tokens = another({
      store: alterStore(store, {
        swap: async (...command) => {
          const result = await store.swap(...command);
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

  it('is asked to retry at a reuse interval of 0 too, where only the retry counts as reuse', async () => {
    const issuer = createSlowIssuer({ reuseInterval: 0 });
    const first = await login(issuer);
    const finish = await issuer.begin(first);
    await issuer.next(first);
    await expect(finish()).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '1' },
    });
    expect(issuer.events.map(({ type }) => type)).not.toContain('refresh.reused');
    await expect(listSessions(issuer.tokens, 'u_1')).resolves.toHaveLength(1);
    expect(await codeOf(refreshTokenPair(issuer.tokens, first))).toBe('refresh_token_invalid');
    expect(issuer.events.map(({ type }) => type)).toContain('refresh.reused');
    await expect(listSessions(issuer.tokens, 'u_1')).resolves.toEqual([]);
  });
});
