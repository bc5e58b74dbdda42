import { issueTokenPair, listSessions, refreshTokenPair, revokeSession } from '@tokenpair/core';
import { createTestIssuer, ownerOf } from '../../support/issuer.js';

const day = 86_400_000;

describe('listing sessions', () => {
  it('shows each with its grant, its metadata and its instants', async () => {
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

  it('ends the idle lifetime with the absolute one', async () => {
    const { tokens, clock } = createTestIssuer({ idleLifetime: '30d', absoluteLifetime: '7d' });
    await issueTokenPair(tokens, { subject: 'u_1' });
    const end = clock.now() + 7 * day;
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([
      { idleAt: end, expiresAt: end },
    ]);
  });

  it('begins with the one that was refreshed last', async () => {
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

  it('shows no session of anybody else, none that is over and none that was ended', async () => {
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

  it('gives no digest, no token and no key away', async () => {
    const { tokens, store } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const text = JSON.stringify(await listSessions(tokens, 'u_1'));
    const [record] = await store.list(ownerOf('u_1'));
    expect(text).not.toContain(refreshToken);
    expect(text).not.toContain(record?.secretHash);
  });

  it.each([undefined, null, '', 7, {}, 'x'.repeat(1_025)])(
    'refuses %p for a subject, by name',
    async (subject) => {
      const { tokens, calls } = createTestIssuer();
      await expect(listSessions(tokens, subject as string)).rejects.toThrow(/^subject must be/);
      expect(calls).toEqual([]);
    },
  );
});
