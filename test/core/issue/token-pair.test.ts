import { issueTokenPair, refreshTokenPair, tokenResponse } from '@tokenpair/core';
import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer } from '../../support/issuer.js';

const day = 86_400;

describe('the response for a token pair', () => {
  it('is the JSON of RFC 6749 §5.1', async () => {
    const { tokens } = createTestIssuer();
    const pair = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a b' });
    expect(tokenResponse(pair)).toEqual({
      access_token: pair.accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: pair.refreshToken,
      refresh_expires_in: pair.refreshExpiresIn,
      scope: 'a b',
      session_id: pair.sessionId,
      session_expires_at: pair.sessionExpiresAt,
    });
  });

  it('has no scope member when there is no scope', async () => {
    const { tokens } = createTestIssuer();
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(tokenResponse(pair)).not.toHaveProperty('scope');
  });
});

describe('the lifetimes in a token pair', () => {
  it('are the idle lifetime while that ends first, and then the rest of the absolute one', async () => {
    const { tokens, clock } = createTestIssuer();
    let pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const told = [pair.refreshExpiresIn];
    for (let week = 1; week <= 12; week += 1) {
      clock.advance(7 * day);
      pair = await refreshTokenPair(tokens, pair.refreshToken);
      told.push(pair.refreshExpiresIn);
    }
    const expected = Array.from({ length: 13 }, (_, week) => Math.min(30, 90 - 7 * week) * day);
    expect(told).toEqual(expected);
  });

  it('count down for a predecessor that is presented again inside the interval', async () => {
    const { tokens, clock } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(tokens, refreshToken);
    clock.advance(20);
    const again = await refreshTokenPair(tokens, refreshToken);
    expect(again.refreshExpiresIn).toBe(30 * day - 20);
    expect(again.expiresIn).toBe(300);
  });

  it('are whole seconds, rounded down', async () => {
    const { tokens, clock } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(tokens, refreshToken);
    clock.advance(0.4);
    const again = await refreshTokenPair(tokens, refreshToken);
    expect(again.refreshExpiresIn).toBe(30 * day - 1);
  });

  it('are never negative when the store clock has passed the end in between', async () => {
    const { tokens, store, another } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const late = alterStore(store, {
      swap: async (...command) => {
        const result = await store.swap(...command);
        if (result.outcome !== 'swapped') return result;
        return { ...result, session: { ...result.session, asOf: result.session.expiresAt + 5 } };
      },
    });
    const hasty = another({ store: late });
    const pair = await refreshTokenPair(hasty, refreshToken);
    expect(pair.refreshExpiresIn).toBe(0);
  });
});
