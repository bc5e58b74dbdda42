import { issueTokenPair, listSessions, refreshTokenPair, revokeSession } from '@tokenpair/core';
import { createTestIssuer, ownerOf } from '../../support/issuer.js';

const day = 86_400_000;

describe('listing sessions', () => {
  it('returns each session with its grant, its metadata and its times', async () => {
    const { tokens, clock } = createTestIssuer();
    const login = clock.now();
    const { refreshToken, sessionId } = await issueTokenPair(tokens, {
      subject: 'u_1',
      scope: 'a b',
      metadata: { device: 'iPhone' },
    });
    clock.advance(60);
    await refreshTokenPair(tokens, refreshToken, { scope: 'a' });
    clock.advance(60);
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([
      {
        sessionId,
        subject: 'u_1',
        scope: 'a b',
        metadata: { device: 'iPhone' },
        createdAt: login,
        refreshedAt: login + 60_000,
        idleAt: login + 60_000 + 30 * day,
        expiresAt: login + 90 * day,
      },
    ]);
  });

  it('reports an idle expiry no later than the absolute one', async () => {
    const { tokens, clock } = createTestIssuer({ idleLifetime: '5d', absoluteLifetime: '7d' });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const end = clock.now() + 7 * day;
    clock.advance(4 * 86_400);
    await refreshTokenPair(tokens, refreshToken);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([
      { idleAt: end, expiresAt: end },
    ]);
  });

  it('returns the most recently refreshed session first', async () => {
    const { tokens, clock } = createTestIssuer();
    const pairs = [];
    for (const device of ['phone', 'laptop', 'desk']) {
      pairs.push(await issueTokenPair(tokens, { subject: 'u_1', metadata: { device } }));
      clock.advance(1);
    }
    await refreshTokenPair(tokens, pairs[0]?.refreshToken);
    const sessions = await listSessions(tokens, 'u_1');
    expect(sessions.map(({ metadata }) => metadata['device'])).toEqual(['phone', 'desk', 'laptop']);
  });

  it('omits sessions of other subjects, expired sessions and revoked sessions', async () => {
    const { tokens, clock } = createTestIssuer();
    await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(30 * 86_400);
    const ended = await issueTokenPair(tokens, { subject: 'u_1' });
    await revokeSession(tokens, { refreshToken: ended.refreshToken });
    await issueTokenPair(tokens, { subject: 'u_11' });
    await issueTokenPair(tokens, { subject: 'U_1' });
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ sessionId }]);
    await expect(listSessions(tokens, 'nobody')).resolves.toEqual([]);
  });

  it('returns no digest, no token and no key', async () => {
    const { tokens, store } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const text = JSON.stringify(await listSessions(tokens, 'u_1'));
    const [record] = await store.list(ownerOf('u_1'));
    expect(text).not.toContain(refreshToken);
    expect(text).not.toContain(record?.secretHash);
  });

  it.each([undefined, null, '', 7, {}, 'x'.repeat(1_025)])(
    'refuses %p as subject and names the argument',
    async (subject) => {
      const { tokens, calls } = createTestIssuer();
      await expect(listSessions(tokens, subject as string)).rejects.toThrow(/^subject must be/);
      expect(calls).toEqual([]);
    },
  );
});
