// A list that is too small for what it hears: tokens refresh, and no session that lives is refused as ended.

import { randomBytes } from 'node:crypto';

import { issueTokenPair, refreshTokenPair, revokeSession } from '@tokenpair/core';

import { codeOf } from '../../support/outcome.js';
import { createProcesses } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const max = 10_000;
const idsPerEntry = 100;

it('a flood of revocations above max makes tokens refresh, signs no user out, and lets no ended session pass', async () => {
  const { issuer, verifier, log, advance } = createProcesses();
  const a = issuer({ max });
  const b = verifier({ max });
  await advance(500);
  const live = await Promise.all(
    [1, 2, 3, 4, 5].map((index) => issueTokenPair(a.tokens, { subject: `u_${index}` })),
  );
  const ended = await issueTokenPair(a.tokens, { subject: 'u_9' });
  await revokeSession(a.tokens, { sessionId: ended.sessionId });
  const refreshes = live.map(() => 0);
  for (let heard = 0; heard < 5 * max; heard += max / 5) {
    for (let count = 0; count < max / 5; count += idsPerEntry) {
      const ids = Array.from({ length: idsPerEntry }, () => randomBytes(28).toString('base64url'));
      const text = `o ${ids.join(' ')}`;
      await log.append({ issuer: 'https://issuer.test', text, floor: 0, keep: 1_200_000 });
    }
    await advance(200);
    for (const [index, pair] of live.entries()) {
      const outcomes = [await a.verify(pair.accessToken), await b.verify(pair.accessToken)];
      expect(outcomes).not.toContain('session_revoked');
      if (!outcomes.includes('claims_stale')) continue;
      const next = await refreshTokenPair(a.tokens, pair.refreshToken);
      expect(next.sessionId).toBe(pair.sessionId);
      for (const one of [a, b]) expect(await one.verify(next.accessToken)).toBe('ok');
      live[index] = next;
      refreshes[index] = (refreshes[index] ?? 0) + 1;
    }
    for (const one of [a, b]) expect(await one.verify(ended.accessToken)).not.toBe('ok');
  }
  for (const count of refreshes) expect(count).toBeGreaterThan(0);
  expect(await b.verify(ended.accessToken)).toBe('claims_stale');
  expect(await codeOf(refreshTokenPair(a.tokens, ended.refreshToken))).toBe(
    'refresh_token_invalid',
  );
  expect(b.revocations.state.facts).toBeLessThanOrEqual(2 * max);
  expect(b.events).toContainEqual(
    expect.objectContaining({ type: 'revocations.gap', kind: 'overflow' }),
  );
});
