// Attacks on a login, and accidents in it: what is left when a part of it fails.

import {
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  updateSession,
  type LoginGrant,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';
import jwt from 'jsonwebtoken';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

describe('a login that replaces the session of another user', () => {
  it('leaves no session that nobody has, when the other session cannot be ended', async () => {
    const clock = createTestClock();
    const inner = new MemorySessionStore({ clock: clock.now });
    const failures: string[] = [];
    const store = alterStore(inner, {
      async revoke(sessionId) {
        if (failures.pop() !== undefined) throw new Error('connection refused');
        return inner.revoke(sessionId);
      },
    });
    const limit = { maxSessions: 1, onSessionLimit: 'reject' } as const;
    const { tokens } = createTestIssuer({ store, clock: clock.now, ...limit });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const grant = { subject: 'u_2', replaces: refreshToken };

    failures.push('once');
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('temporarily_unavailable');
    await new Promise(setImmediate);
    expect(await listSessions(tokens, 'u_2')).toEqual([]);
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('ok');
    expect(await listSessions(tokens, 'u_1')).toEqual([]);
  });
});

describe('the function of an update', () => {
  it('cannot change what it does not return', async () => {
    const { tokens } = createTestIssuer();
    const grant: LoginGrant = { subject: 'u_1', scope: 'a', metadata: { device: { name: 'x' } } };
    const { sessionId } = await issueTokenPair(tokens, grant);
    const changed = updateSession(tokens, sessionId, (was) => {
      Object.assign(was.metadata['device'] as object, { name: 'y' });
      return { scope: 'b' };
    });
    expect(await codeOf(changed)).toBe('TypeError');
    expect(await listSessions(tokens, 'u_1')).toMatchObject([
      { scope: 'a', metadata: { device: { name: 'x' } } },
    ]);
  });
});

describe('an issuer that lacks an audience of a session', () => {
  const [a, b, c] = ['https://a.test', 'https://b.test', 'https://c.test'] as const;

  it('signs no access token for that audience', async () => {
    const { tokens, another } = createTestIssuer({ audience: [a, b, c] });
    const pair = await issueTokenPair(tokens, { subject: 'u_1', audience: [a, b] });
    const other = another({ audience: [a, c] });
    const { accessToken } = await refreshTokenPair(other, pair.refreshToken);
    expect(jwt.decode(accessToken)).toMatchObject({ aud: a });
  });

  it('does not serve a session that has no other audience, and spends nothing', async () => {
    const { tokens, another } = createTestIssuer({ audience: [a, b] });
    const pair = await issueTokenPair(tokens, { subject: 'u_1', audience: b });
    const other = another({ audience: a });
    const outcome = await codeOf(refreshTokenPair(other, pair.refreshToken));
    expect(outcome).toBe('refresh_token_invalid');
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });
});
