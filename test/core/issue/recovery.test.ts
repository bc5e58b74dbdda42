// A client whose answer was lost hours ago gets another successor, as long as nobody was seen with the first one.

import { randomBytes } from 'node:crypto';

import {
  confirmGeneration,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  verifyBearer,
  type ClaimsAnswer,
  type TokenIssuerOptions,
  type TokenPair,
} from '@tokenpair/core';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { readByHand } from '../../support/refresh-token-by-hand.js';

const hour = 3_600;
const settled = 61;
const firstKey = { kid: '1', secret: randomBytes(32) };
const secondKey = { kid: '2', secret: randomBytes(32) };

interface Lost extends TestIssuer {
  readonly sessionId: string;
  /** The token that the client still has. */
  readonly held: TokenPair;
  /** The pair that never arrived. */
  readonly lost: TokenPair;
}

/**
 * A client that has refreshed `rotations` times and lost the last answer.
 *
 * @param reported - generations whose access token was seen in use.
 */
async function lostAnswer(
  reported: readonly number[],
  options: Partial<TokenIssuerOptions> = {},
  rotations = 1,
): Promise<Lost> {
  const issuer = createTestIssuer({ refreshKeys: [firstKey], ...options });
  const { tokens, clock } = issuer;
  const line = [await issueTokenPair(tokens, { subject: 'u_1', metadata: { device: 'x' } })];
  for (let count = 0; count < rotations; count += 1) {
    clock.advance(settled);
    line.push(await refreshTokenPair(tokens, line.at(-1)?.refreshToken));
  }
  for (const generation of reported) {
    await confirmGeneration(tokens, line[generation - 1]?.accessToken ?? '');
  }
  issuer.events.length = 0;
  const [held, lost] = line.slice(-2) as [TokenPair, TokenPair];
  return { ...issuer, sessionId: held.sessionId, held, lost };
}

const types = ({ events }: TestIssuer) => events.map(({ type }) => type);

const refreshHeld = ({ tokens, held }: Lost) => refreshTokenPair(tokens, held.refreshToken);

/** What a refresh with the token that the client has comes to. */
async function outcomeOf(client: Lost) {
  const code = await codeOf(refreshHeld(client));
  return { code, events: types(client), sessions: await listSessions(client.tokens, 'u_1') };
}

const reused = {
  code: 'refresh_token_invalid',
  events: ['refresh.reused', 'session.revoked'],
  sessions: [],
};

const hooks: readonly (readonly [string, (() => ClaimsAnswer) | undefined])[] = [
  ['no hook', undefined],
  ['a hook', () => ({})],
];

describe.each(hooks)(
  'a lost answer, in a session whose use was reported, with %s',
  (_how, claims) => {
    it.each([
      ['a minute', settled],
      ['3 hours', 3 * hour],
      ['23 hours', 23 * hour],
      ['24 hours', 24 * hour],
    ])('is replaced by another successor after %s', async (_when, seconds) => {
      const client = await lostAnswer([1], { claims });
      const { tokens, clock, events, sessionId, lost } = client;
      clock.advance(seconds);
      const recovered = await refreshHeld(client);
      expect(recovered).toMatchObject({ sessionId, refreshTokenChanged: true });
      expect(readByHand(recovered.refreshToken).generation).toBe(3);
      expect(recovered.refreshToken).not.toBe(lost.refreshToken);
      expect(events).toEqual([
        {
          type: 'session.refreshed',
          sessionId,
          subject: 'u_1',
          how: 'recovered',
          generation: 3,
          presentedGeneration: 1,
          metadata: { device: 'x' },
          time: expect.any(Number),
        },
      ]);
      const token = await verifyBearer(tokens.verifier, `Bearer ${recovered.accessToken}`);
      expect(token.claims).toMatchObject({ gen: 3 });
      clock.advance(settled);
      const next = await refreshTokenPair(tokens, recovered.refreshToken);
      expect(next.refreshTokenChanged).toBe(true);
    });

    it('after 40 seconds makes the client wait for the rest of the settle time, and is replaced then', async () => {
      const client = await lostAnswer([1], { claims });
      client.clock.advance(40);
      await expect(refreshHeld(client)).rejects.toMatchObject({
        code: 'refresh_pending',
        headers: { 'Retry-After': '20' },
      });
      client.clock.advance(20.001);
      const recovered = await refreshHeld(client);
      expect(readByHand(recovered.refreshToken).generation).toBe(3);
    });

    it('is a reuse a millisecond after 24 hours', async () => {
      const client = await lostAnswer([1], { claims });
      client.clock.advance(24 * hour + 0.001);
      expect(await outcomeOf(client)).toEqual(reused);
    });

    it('needs only one report, of any earlier generation', async () => {
      const client = await lostAnswer([1], { claims }, 4);
      client.clock.advance(3 * hour);
      const recovered = await refreshHeld(client);
      expect(readByHand(recovered.refreshToken).generation).toBe(6);
    });

    it('is a reuse once the successor was seen in use', async () => {
      const client = await lostAnswer([1, 2], { claims });
      client.clock.advance(settled);
      expect(await outcomeOf(client)).toEqual(reused);
    });

    it('gives two tabs that recover together the same successor', async () => {
      const client = await lostAnswer([1], { claims });
      client.clock.advance(3 * hour);
      const [one, other] = await Promise.all([refreshHeld(client), refreshHeld(client)]);
      expect(other.refreshToken).toBe(one.refreshToken);
      client.clock.advance(29);
      expect((await refreshHeld(client)).refreshToken).toBe(one.refreshToken);
      expect(types(client)).toEqual(Array(3).fill('session.refreshed'));
    });

    it('leaves the former successor dead: its use ends the session', async () => {
      const client = await lostAnswer([1], { claims });
      const { tokens, clock, lost } = client;
      clock.advance(3 * hour);
      const recovered = await refreshHeld(client);
      expect(await codeOf(refreshTokenPair(tokens, lost.refreshToken))).toBe(
        'refresh_token_invalid',
      );
      expect(client.events.at(-2)).toMatchObject({
        type: 'refresh.reused',
        presentedGeneration: 2,
        storedGeneration: 3,
        confirmed: 1,
        sinceRotation: 0,
        metadata: { device: 'x' },
      });
      expect(await codeOf(refreshTokenPair(tokens, recovered.refreshToken))).toBe(
        'refresh_token_invalid',
      );
    });

    it('can be lost again, and the time in which it can be replaced does not slide', async () => {
      const client = await lostAnswer([1], { claims });
      client.clock.advance(12 * hour);
      const second = await refreshHeld(client);
      client.clock.advance(11 * hour);
      const third = await refreshHeld(client);
      expect(readByHand(third.refreshToken).generation).toBe(4);
      expect(third.refreshToken).not.toBe(second.refreshToken);
      client.clock.advance(hour + 1);
      expect(await codeOf(refreshHeld(client))).toBe('refresh_token_invalid');
      expect(types(client)).toContain('refresh.reused');
    });

    it('begins a new time with the next rotation', async () => {
      const client = await lostAnswer([1], { claims });
      const { tokens, clock } = client;
      clock.advance(23 * hour);
      const recovered = await refreshHeld(client);
      clock.advance(2 * hour);
      await refreshTokenPair(tokens, recovered.refreshToken);
      clock.advance(23 * hour);
      const again = await refreshTokenPair(tokens, recovered.refreshToken);
      expect(client.events.at(-1)).toMatchObject({ how: 'recovered', presentedGeneration: 3 });
      expect(again.refreshTokenChanged).toBe(true);
    });

    it('is a reuse when recovery is off', async () => {
      const client = await lostAnswer([1], { claims, recovery: 0 });
      await client.store.confirm(client.sessionId, 1);
      client.clock.advance(settled);
      expect(await outcomeOf(client)).toEqual(reused);
    });

    it('is replaced within the configured time', async () => {
      const client = await lostAnswer([1], { claims, recovery: '7d' });
      client.clock.advance(6 * 24 * hour);
      expect(await codeOf(refreshHeld(client))).toBe('ok');
      const short = await lostAnswer([1], { claims, recovery: '2m' });
      short.clock.advance(121);
      expect(await outcomeOf(short)).toEqual(reused);
    });

    it('is replaced although the refresh key has been removed meanwhile, because the record knows the token', async () => {
      const client = await lostAnswer([1], { claims });
      const changed = client.another({ refreshKeys: [secondKey] });
      client.clock.advance(settled);
      const recovered = await refreshTokenPair(changed, client.held.refreshToken);
      expect(readByHand(recovered.refreshToken)).toMatchObject({ generation: 3, keyByte: 0x2d });
      client.clock.advance(settled);
      expect(await codeOf(refreshTokenPair(changed, recovered.refreshToken))).toBe('ok');
    });

    it('has the presented generation in its access token through a relay', async () => {
      const client = await lostAnswer([1], { claims });
      client.clock.advance(hour);
      const { tokens, held } = client;
      const recovered = await refreshTokenPair(tokens, held.refreshToken, { relay: true });
      const token = await verifyBearer(tokens.verifier, `Bearer ${recovered.accessToken}`);
      expect(token.claims).toMatchObject({ gen: 1 });
    });

    it('waits when the successor is reported between look and swap; the retry is a reuse', async () => {
      const client = await lostAnswer([1], { claims });
      const { another, store, sessionId, held, clock } = client;
      clock.advance(hour);
      const tokens = another({
        store: alterStore(store, {
          swap: async (...command) => {
            const [, expected] = command;
            if (expected.confirmed !== undefined) await store.confirm(sessionId, 2);
            return store.swap(...command);
          },
        }),
      });
      await expect(refreshTokenPair(tokens, held.refreshToken)).rejects.toMatchObject({
        code: 'refresh_pending',
        headers: { 'Retry-After': '1' },
      });
      await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 2 });
      client.events.length = 0;
      expect(await outcomeOf(client)).toEqual(reused);
    });

    it('gets one successor when the client library repeats the command', async () => {
      const client = await lostAnswer([1], { claims });
      const { another, store, held, clock } = client;
      clock.advance(hour);
      const twice = another({
        store: alterStore(store, {
          swap: async (...command) => {
            await store.swap(...command);
            return store.swap(...command);
          },
        }),
      });
      const recovered = await refreshTokenPair(twice, held.refreshToken);
      expect(readByHand(recovered.refreshToken).generation).toBe(3);
      clock.advance(settled);
      expect(await codeOf(refreshTokenPair(client.tokens, recovered.refreshToken))).toBe('ok');
    });
  },
);

describe.each(hooks)(
  'a lost answer, in a session whose use was never reported, with %s',
  (_how, claims) => {
    it.each([
      ['a minute', settled],
      ['3 hours', 3 * hour],
      ['25 hours', 25 * hour],
    ])('is a reuse after %s', async (_when, seconds) => {
      const client = await lostAnswer([], { claims });
      client.clock.advance(seconds);
      expect(await outcomeOf(client)).toEqual(reused);
    });

    it('stays a reuse although its successor was presented: that is no report', async () => {
      const client = await lostAnswer([], { claims });
      const { tokens, lost, clock } = client;
      clock.advance(settled);
      await refreshTokenPair(tokens, lost.refreshToken);
      clock.advance(settled);
      expect(await codeOf(refreshTokenPair(tokens, lost.refreshToken))).toBe(
        'refresh_token_invalid',
      );
      expect(types(client)).toContain('refresh.reused');
    });
  },
);

describe('a lost answer, in a store that has lost a write', () => {
  it('waits for the client with the newer token, and is a reuse when recovery is over', async () => {
    const client = await lostAnswer([1]);
    const { store, sessionId, clock } = client;
    // Somebody has used generation 3, which the store does not know.
    await store.confirm(sessionId, 3);
    clock.advance(10);
    expect((await refreshHeld(client)).refreshToken).toBe(client.lost.refreshToken);
    clock.advance(30);
    await expect(refreshHeld(client)).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '20' },
    });
    for (const seconds of [settled, 12 * hour, 11 * hour]) {
      clock.advance(seconds);
      await expect(refreshHeld(client)).rejects.toMatchObject({
        code: 'refresh_pending',
        headers: { 'Retry-After': '30' },
      });
    }
    client.events.length = 0;
    clock.advance(hour);
    expect(await outcomeOf(client)).toEqual(reused);
  });
});

describe('a recovery that the claims hook denies', () => {
  it('ends the session', async () => {
    let answer: ClaimsAnswer = {};
    const client = await lostAnswer([1], { claims: () => answer });
    client.clock.advance(hour);
    answer = false;
    expect(await codeOf(refreshHeld(client))).toBe('refresh_token_invalid');
    expect(client.events).toMatchObject([{ type: 'session.revoked', reason: 'denied' }]);
  });

  it('is not begun when the hook fails: the same token recovers later', async () => {
    let isDown = false;
    const client = await lostAnswer([1], {
      claims: () => {
        if (isDown) throw new Error('down');
        return {};
      },
    });
    client.clock.advance(hour);
    isDown = true;
    expect(await codeOf(refreshHeld(client))).toBe('temporarily_unavailable');
    isDown = false;
    expect(readByHand((await refreshHeld(client)).refreshToken).generation).toBe(3);
  });
});

describe('the predecessor, while the clock of the store is corrected', () => {
  it.each([
    [-60, 'ok'],
    [-60.001, 'refresh_token_invalid'],
  ])('by %d s', async (seconds, code) => {
    const client = await lostAnswer([]);
    client.clock.advance(seconds);
    expect(await codeOf(refreshHeld(client))).toBe(code);
  });

  it('waits at most the settle time', async () => {
    const client = await lostAnswer([], { refreshKeys: [firstKey, secondKey] });
    const changed = client.another({ refreshKeys: [secondKey] });
    client.clock.advance(-60);
    await expect(refreshTokenPair(changed, client.held.refreshToken)).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '60' },
    });
  });
});
