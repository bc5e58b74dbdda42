import { randomBytes } from 'node:crypto';

import {
  issueTokenPair,
  listSessions,
  MissingRefreshTokenError,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  verifyBearer,
  type SessionReference,
} from '@tokenpair/core';
import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { forgeByHand } from '../../support/refresh-token-by-hand.js';

const refreshKey = { kid: '1', secret: randomBytes(32) };

/** A session that was refreshed twice, with its refresh tokens from the first to the current one. */
async function lineage({ tokens, clock }: Pick<TestIssuer, 'tokens' | 'clock'>, subject = 'u_1') {
  const first = await issueTokenPair(tokens, { subject });
  const second = await refreshTokenPair(tokens, first.refreshToken);
  clock.advance(61);
  const third = await refreshTokenPair(tokens, second.refreshToken);
  return {
    sessionId: first.sessionId,
    accessToken: third.accessToken,
    line: [first, second, third].map(({ refreshToken }) => refreshToken) as [
      string,
      string,
      string,
    ],
  };
}

describe('revoking a session', () => {
  it.each([
    ['the current refresh token', 2],
    ['its predecessor', 1],
    ['the first one', 0],
  ])('ends it by %s', async (_what, index) => {
    const { tokens, clock } = createTestIssuer();
    const { line } = await lineage({ tokens, clock });
    clock.advance(3_600);
    await expect(revokeSession(tokens, { refreshToken: line[index] })).resolves.toBe(true);
    expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('refresh_token_invalid');
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
  });

  it('ends it by its session ID', async () => {
    const { tokens, clock } = createTestIssuer();
    const { sessionId, line } = await lineage({ tokens, clock });
    await expect(revokeSession(tokens, { sessionId })).resolves.toBe(true);
    expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('refresh_token_invalid');
  });

  it('is reported in one event, without a token and not as a reuse', async () => {
    const { tokens, events, clock } = createTestIssuer();
    const { line, sessionId } = await lineage({ tokens, clock });
    events.length = 0;
    await revokeSession(tokens, { refreshToken: line[0] });
    expect(events).toMatchObject([{ type: 'session.revoked', sessionId, reason: 'logout' }]);
    expect(JSON.stringify(events)).not.toContain('tpr_');
  });

  it('ends it once: every further call returns false and emits no event', async () => {
    const { tokens, events, clock } = createTestIssuer();
    const { line, sessionId } = await lineage({ tokens, clock });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        revokeSession(tokens, index % 2 === 0 ? { refreshToken: line[2] } : { sessionId }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'session.revoked')).toHaveLength(1);
    await expect(revokeSession(tokens, { sessionId })).resolves.toBe(false);
  });

  it('leaves every other session unchanged', async () => {
    const { tokens, clock } = createTestIssuer();
    const { line } = await lineage({ tokens, clock });
    const phone = await lineage({ tokens, clock });
    const other = await lineage({ tokens, clock }, 'u_2');
    await revokeSession(tokens, { refreshToken: line[2] });
    for (const { line: theirs } of [phone, other]) {
      expect(await codeOf(refreshTokenPair(tokens, theirs[2]))).toBe('ok');
    }
  });

  it('refuses issued access tokens at once', async () => {
    const { tokens, clock } = createTestIssuer();
    const { sessionId, accessToken } = await lineage({ tokens, clock });
    await revokeSession(tokens, { sessionId });
    expect(await codeOf(verifyBearer(tokens.verifier, `Bearer ${accessToken}`))).toBe(
      'session_revoked',
    );
  });

  it('leaves issued access tokens valid until they expire when there is no revocation log', async () => {
    const { store, ...issuer } = createTestIssuer();
    const tokens = issuer.another({ store: alterStore(store, {}) });
    const { sessionId, accessToken } = await lineage({ tokens, clock: issuer.clock });
    await revokeSession(tokens, { sessionId });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
  });

  it('works long after the access token has expired', async () => {
    const { tokens, clock } = createTestIssuer({ requireAccessToken: true });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(20 * 86_400);
    await expect(revokeSession(tokens, { refreshToken })).resolves.toBe(true);
  });

  it('returns false for a session that has expired', async () => {
    const { tokens, clock, events } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(30 * 86_400);
    await expect(revokeSession(tokens, { refreshToken })).resolves.toBe(false);
    expect(events).toHaveLength(1);
  });
});

describe('revoking a session by an invalid token or session ID', () => {
  it.each<[string, (good: string) => unknown]>([
    ['a refresh token with one character changed', (good) => `${good.slice(0, -1)}~`],
    [
      'a refresh token with another last character',
      (good) => good.slice(0, -1) + (good.endsWith('A') ? 'Q' : 'A'),
    ],
    ['a refresh token that was cut short', (good) => good.slice(0, -4)],
    ['a padded refresh token', (good) => `${good}=`],
    ['noise', () => 'x'],
    ['a number', () => 7],
    ['a list', (good) => [good]],
    ['an object', (good) => ({ good })],
  ])('ends no session for %s, and does not ask the store', async (_what, make) => {
    const { tokens, calls, clock } = createTestIssuer();
    const { line } = await lineage({ tokens, clock });
    calls.length = 0;
    const refreshToken = make(line[2]) as string;
    await expect(revokeSession(tokens, { refreshToken })).resolves.toBe(false);
    expect(calls).toEqual([]);
    expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('ok');
  });

  it.each([
    '',
    'x',
    '__proto__',
    'A'.repeat(37),
    'A'.repeat(39),
    `${'A'.repeat(37)}B`,
    `${'A'.repeat(36)}+/`,
    7,
    null,
    {},
    ['A'.repeat(38)],
  ])('ends no session for the session ID %p, and does not ask the store', async (sessionId) => {
    const { tokens, calls } = createTestIssuer();
    const reference = { sessionId } as SessionReference;
    await expect(revokeSession(tokens, reference)).resolves.toBe(false);
    expect(calls).toEqual([]);
  });

  it('ends no session for an unknown session ID', async () => {
    const { tokens, events } = createTestIssuer();
    const sessionId = randomBytes(28).toString('base64url');
    await expect(revokeSession(tokens, { sessionId })).resolves.toBe(false);
    expect(events).toEqual([]);
  });

  it.each([{}, { refreshToken: undefined }, { refreshToken: null }, { refreshToken: '' }])(
    'is refused as a missing refresh token for %p',
    async (reference) => {
      const { tokens, calls } = createTestIssuer();
      const refusal = revokeSession(tokens, reference as SessionReference);
      await expect(refusal).rejects.toThrow(MissingRefreshTokenError);
      await expect(refusal).rejects.toMatchObject({ code: 'refresh_token_missing', status: 401 });
      expect(calls).toEqual([]);
    },
  );

  it.each<unknown>([undefined, null, 'tpr_x', [], { token: 'x' }])(
    'is a TypeError for %p',
    async (reference) => {
      const { tokens } = createTestIssuer();
      await expect(revokeSession(tokens, reference as SessionReference)).rejects.toThrow(TypeError);
    },
  );
});

describe('revoking a session whose refresh key was retired', () => {
  it('ends it by the current refresh token, whose secret matches the record', async () => {
    const { tokens, another, clock } = createTestIssuer({ refreshKeys: [refreshKey] });
    const changed = another({ refreshKeys: [{ kid: '2', secret: randomBytes(32) }] });
    const { line } = await lineage({ tokens, clock });
    await expect(revokeSession(changed, { refreshToken: line[2] })).resolves.toBe(true);
    await expect(revokeSession(changed, { refreshToken: line[2] })).resolves.toBe(false);
  });

  it('ends no session by an older or a forged refresh token', async () => {
    const { tokens, another, clock } = createTestIssuer({ refreshKeys: [refreshKey] });
    const changed = another({ refreshKeys: [{ kid: '2', secret: randomBytes(32) }] });
    const { line, sessionId } = await lineage({ tokens, clock });
    const made = [1, 2, 3, 4].map((generation) => forgeByHand(refreshKey, sessionId, generation));
    for (const refreshToken of [line[0], ...made]) {
      await expect(revokeSession(changed, { refreshToken })).resolves.toBe(false);
    }
    expect(await codeOf(refreshTokenPair(changed, line[2]))).toBe('ok');
  });
});

describe('revoking a subject', () => {
  it('ends all of its sessions and no others, and returns their IDs', async () => {
    const { tokens, events, clock } = createTestIssuer();
    const mine = [await lineage({ tokens, clock }), await lineage({ tokens, clock })];
    const other = await lineage({ tokens, clock }, 'u_2');
    events.length = 0;
    const ended = await revokeSubject(tokens, 'u_1');
    expect(ended.toSorted()).toEqual(mine.map(({ sessionId }) => sessionId).toSorted());
    expect(events).toEqual(
      ended.map((sessionId) => ({
        type: 'session.revoked',
        sessionId,
        subject: 'u_1',
        reason: 'subject',
        time: expect.any(Number),
      })),
    );
    for (const { line } of mine) {
      expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('refresh_token_invalid');
    }
    expect(await codeOf(refreshTokenPair(tokens, other.line[2]))).toBe('ok');
  });

  it('keeps only the session named in except', async () => {
    const { tokens, clock } = createTestIssuer();
    const gone = await lineage({ tokens, clock });
    const kept = await lineage({ tokens, clock });
    const except = kept.sessionId;
    await expect(revokeSubject(tokens, 'u_1', { except })).resolves.toEqual([gone.sessionId]);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ sessionId: except }]);
    expect(await codeOf(refreshTokenPair(tokens, kept.line[2]))).toBe('ok');
  });

  it('keeps no session when except names a session of another subject', async () => {
    const { tokens, clock } = createTestIssuer();
    await lineage({ tokens, clock });
    const { sessionId } = await lineage({ tokens, clock }, 'u_2');
    await expect(revokeSubject(tokens, 'u_1', { except: sessionId })).resolves.toHaveLength(1);
  });

  it('ends no session the second time, and lets the subject sign in again', async () => {
    const { tokens, clock } = createTestIssuer();
    await lineage({ tokens, clock });
    await revokeSubject(tokens, 'u_1');
    await expect(revokeSubject(tokens, 'u_1')).resolves.toEqual([]);
    await expect(revokeSubject(tokens, 'nobody')).resolves.toEqual([]);
    const { line } = await lineage({ tokens, clock });
    expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('ok');
  });

  it.each([undefined, null, '', 7, {}, 'x'.repeat(1_025)])(
    'refuses %p as subject and names the argument',
    async (subject) => {
      const { tokens, calls } = createTestIssuer();
      await expect(revokeSubject(tokens, subject as string)).rejects.toThrow(/^subject must be/);
      expect(calls).toEqual([]);
    },
  );

  it.each([
    ['an unknown option', { expect: 'x' }, /'expect'/],
    ['an empty except', { except: '' }, /^except must be/],
    ['an except that is not a string', { except: 7 }, /^except must be/],
    ['null as options', null, /options must be/],
  ])('refuses %s, names the option and ends no session', async (_what, options, message) => {
    const { tokens, clock } = createTestIssuer();
    await lineage({ tokens, clock });
    const refusal = revokeSubject(tokens, 'u_1', options as { except?: string });
    await expect(refusal).rejects.toThrow(message);
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
  });
});

describe('a logout during 50 refreshes', () => {
  it.each([
    ['revokeSession', 'no hook', undefined],
    ['revokeSession', 'a hook', () => Promise.resolve({})],
    ['revokeSubject', 'no hook', undefined],
    ['revokeSubject', 'a hook', () => Promise.resolve({})],
  ])('by %s, with %s, is final: no refresh succeeds afterwards', async (how, _hook, claims) => {
    const { tokens, clock } = createTestIssuer({ claims });
    const { line, sessionId } = await lineage({ tokens, clock });
    const refreshes = Array.from({ length: 50 }, async (_, index) => {
      for (let turn = 0; turn < index % 10; turn += 1) await Promise.resolve();
      return refreshTokenPair(tokens, line[2]);
    });
    const logout =
      how === 'revokeSession' ? revokeSession(tokens, { sessionId }) : revokeSubject(tokens, 'u_1');
    const settled = await Promise.allSettled([...refreshes, logout]);
    const handedOut = settled.flatMap((one) =>
      one.status === 'fulfilled' && typeof one.value === 'object' && 'refreshToken' in one.value
        ? [one.value.refreshToken]
        : [],
    );
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
    for (const refreshToken of [...line, ...handedOut]) {
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    }
  });
});

describe('ending a session', () => {
  it('throws when both a refresh token and a session ID are given', async () => {
    const { tokens } = createTestIssuer();
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const both = { refreshToken, sessionId } as unknown as SessionReference;
    await expect(revokeSession(tokens, both)).rejects.toThrow(TypeError);
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
  });

  it('does not end the session of another subject when the store returns the wrong record', async () => {
    const { tokens, another, store } = createTestIssuer();
    const mine = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = await issueTokenPair(tokens, { subject: 'u_2' });
    const mixedUp = another({
      store: alterStore(store, { get: () => store.get(other.sessionId) }),
    });
    await expect(revokeSession(mixedUp, { refreshToken: mine.refreshToken })).rejects.toMatchObject(
      { code: 'temporarily_unavailable' },
    );
    await expect(listSessions(tokens, 'u_2')).resolves.toHaveLength(1);
  });
});
