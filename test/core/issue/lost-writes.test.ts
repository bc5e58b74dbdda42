// A store that loses writes in a failover: the lost rotation is made again, and nobody is accused.

import { randomBytes } from 'node:crypto';

import {
  issueTokenPair,
  MemorySessionStore,
  reauthenticated,
  refreshTokenPair,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import type { SessionSnapshot } from '@tokenpair/core/store';
import jwt from 'jsonwebtoken';

import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { readByHand, sealByHand, successorByHand } from '../../support/refresh-token-by-hand.js';

const settled = 61;
const firstKey = { kid: '1', secret: randomBytes(32) };
const secondKey = { kid: '2', secret: randomBytes(32) };
const none: readonly never[] = [];

interface Line extends TestIssuer {
  readonly sessionId: string;
  /** The refresh tokens, the first generation first. */
  readonly line: readonly string[];
  /** The record after each of them was issued. */
  readonly records: readonly SessionSnapshot[];
  rotate(): Promise<void>;
  /** The issuer over a replica that has this record: the writes after it are lost. */
  failOver(record: SessionSnapshot | undefined): Promise<TokenIssuer>;
  recordIn(tokens: TokenIssuer): Promise<SessionSnapshot>;
}

async function createLine(
  length: number,
  options: Partial<TokenIssuerOptions> = {},
): Promise<Line> {
  const issuer = createTestIssuer({ refreshKeys: [firstKey], ...options });
  const { tokens, clock, store } = issuer;
  const { sessionId, refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  const line = [refreshToken];
  const note = async () => (await store.get(sessionId)) as SessionSnapshot;
  const records = [await note()];
  const replicas = new Map<TokenIssuer, MemorySessionStore>();
  async function rotate(): Promise<void> {
    clock.advance(settled);
    line.push((await refreshTokenPair(tokens, line.at(-1))).refreshToken);
    records.push(await note());
  }
  while (line.length < length) await rotate();
  issuer.events.length = 0;
  return {
    ...issuer,
    sessionId,
    line,
    records,
    rotate,
    async failOver(record) {
      if (record === undefined) throw new Error('the test has no such record');
      const replica = new MemorySessionStore({ clock: clock.now });
      const { expiresAt } = record;
      const absoluteLifetime = expiresAt - clock.now();
      await replica.create({ ...record, absoluteLifetime }, { max: 1, onLimit: 'reject' });
      if (record.confirmed > 0) await replica.confirm(sessionId, record.confirmed);
      const promoted = issuer.another({ store: replica });
      replicas.set(promoted, replica);
      return promoted;
    },
    recordIn: async (promoted) => (await replicas.get(promoted)?.get(sessionId)) as SessionSnapshot,
  };
}

const types = ({ events }: TestIssuer) => events.map(({ type }) => type);

describe.each([
  ['no hook', undefined],
  ['a hook', () => ({})],
])('a rotation that the store has lost, with %s', (_how, claims) => {
  it('is made again, and the client keeps the token that it has', async () => {
    const issuer = await createLine(3, { claims });
    const { line, records, events, sessionId, clock } = issuer;
    const tokens = await issuer.failOver(records[1]);
    const pair = await refreshTokenPair(tokens, line[2]);
    expect(pair).toMatchObject({ refreshToken: line[2], refreshTokenChanged: false });
    expect(jwt.decode(pair.accessToken)).toMatchObject({ gen: 3, sid: sessionId });
    expect(events).toEqual([
      {
        type: 'session.refreshed',
        sessionId,
        subject: 'u_1',
        how: 'redone',
        generation: 3,
        presentedGeneration: 3,
        time: expect.any(Number),
      },
    ]);
    const { generation, secretHash, state } = records[2] as SessionSnapshot;
    expect(await issuer.recordIn(tokens)).toMatchObject({ generation, secretHash, state });
    const held = await refreshTokenPair(tokens, line[2]);
    expect(held.refreshTokenChanged).toBe(false);
    clock.advance(settled);
    const next = await refreshTokenPair(tokens, line[2]);
    expect(readByHand(next.refreshToken).generation).toBe(4);
  });

  it('of the first generation is made again too', async () => {
    const issuer = await createLine(2, { claims });
    const tokens = await issuer.failOver(issuer.records[0]);
    expect(await codeOf(refreshTokenPair(tokens, issuer.line[1]))).toBe('ok');
    expect(await issuer.recordIn(tokens)).toMatchObject({ generation: 2 });
  });

  it('is made again once by two tabs, and gives a third tab with the predecessor the same token', async () => {
    const issuer = await createLine(3, { claims });
    const { line } = issuer;
    const tokens = await issuer.failOver(issuer.records[1]);
    const pairs = await Promise.all([
      refreshTokenPair(tokens, line[2]),
      refreshTokenPair(tokens, line[2]),
    ]);
    expect(pairs.map(({ refreshToken }) => refreshToken)).toEqual([line[2], line[2]]);
    const replayed = await refreshTokenPair(tokens, line[1]);
    expect(replayed).toMatchObject({ refreshToken: line[2], refreshTokenChanged: true });
    expect(types(issuer)).toEqual(Array(3).fill('session.refreshed'));
  });

  it('was derived under a key that is no longer the active one', async () => {
    const issuer = await createLine(3, { claims });
    const { line, records } = issuer;
    issuer.tokens.replaceRefreshKeys([firstKey]);
    const tokens = await issuer.failOver(records[1]);
    tokens.replaceRefreshKeys([secondKey, firstKey]);
    await refreshTokenPair(tokens, line[2]);
    // It names the key of the token, so that the predecessor still derives to it.
    expect(await issuer.recordIn(tokens)).toMatchObject({ state: records[2]?.state });
    expect((await refreshTokenPair(tokens, line[1])).refreshToken).toBe(line[2]);
  });

  it('was a recovery: its predecessor keeps the time of its first use', async () => {
    const issuer = await createLine(2, { claims });
    const { line, records, clock, sessionId, store, tokens } = issuer;
    await store.confirm(sessionId, 1);
    const before = { ...(records[1] as SessionSnapshot), confirmed: 1 };
    clock.advance(3_600);
    const recovered = await refreshTokenPair(tokens, line[0]);
    const promoted = await issuer.failOver(before);
    expect(await codeOf(refreshTokenPair(promoted, recovered.refreshToken))).toBe('ok');
    expect(issuer.events.at(-1)).toMatchObject({ how: 'redone', generation: 3 });
    const { state } = await issuer.recordIn(promoted);
    const [, predecessor = ''] = state.split(' ');
    expect(predecessor).toMatch(/^1\.[\w-]{22}\.\d+$/);
  });

  it('is not made again when a second one is lost too: refused, and nobody is accused', async () => {
    const issuer = await createLine(4, { claims });
    const { line, records } = issuer;
    const tokens = await issuer.failOver(records[1]);
    expect(await codeOf(refreshTokenPair(tokens, line[3]))).toBe('refresh_token_invalid');
    expect(issuer.events).toMatchObject([
      { type: 'session.rolled_back', presentedGeneration: 4, storedGeneration: 2 },
    ]);
    // The tab with the token between them brings the session back.
    expect(await codeOf(refreshTokenPair(tokens, line[2]))).toBe('ok');
    expect(await codeOf(refreshTokenPair(tokens, line[3]))).toBe('ok');
    expect(await issuer.recordIn(tokens)).toMatchObject({ generation: 4 });
  });

  it.each([
    [10, 'ok'],
    [11, 'refresh_token_invalid'],
  ])('may be at most eight generations ahead: generation %i of 2', async (generation, code) => {
    const issuer = await createLine(2, { claims });
    const ahead = successorByHand(firstKey.secret, readByHand(issuer.line[1] ?? ''), generation);
    const token = sealByHand(firstKey.secret, ahead);
    expect(await codeOf(refreshTokenPair(issuer.tokens, token))).toBe(code);
    expect(types(issuer)).toEqual([code === 'ok' ? 'session.refreshed' : 'session.rolled_back']);
  });

  it('is not believed when the token was sealed with the refresh key alone', async () => {
    const issuer = await createLine(2, { claims });
    const parts = readByHand(issuer.line[1] ?? '');
    for (const parentSecret of [randomBytes(16), Buffer.alloc(16)]) {
      const ahead = { ...parts, generation: 3, secret: randomBytes(16), parentSecret };
      const token = sealByHand(firstKey.secret, ahead);
      expect(await codeOf(refreshTokenPair(issuer.tokens, token))).toBe('refresh_token_invalid');
    }
    expect(types(issuer)).toEqual(['session.rolled_back', 'session.rolled_back']);
    expect(await codeOf(refreshTokenPair(issuer.tokens, issuer.line[1]))).toBe('ok');
  });

  it('made two tokens of one generation in a key change: the one that is not stored is refused, and nobody is accused', async () => {
    const issuer = await createLine(2, { claims });
    const { line, records, clock } = issuer;
    clock.advance(settled);
    const third = await refreshTokenPair(issuer.tokens, line[1]);
    const tokens = await issuer.failOver(records[1]);
    tokens.replaceRefreshKeys([secondKey, firstKey]);
    clock.advance(settled);
    const other = await refreshTokenPair(tokens, line[1]);
    issuer.events.length = 0;
    expect(await codeOf(refreshTokenPair(tokens, third.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(issuer.events).toMatchObject([
      { type: 'session.rolled_back', presentedGeneration: 3, storedGeneration: 3 },
    ]);
    expect(await codeOf(refreshTokenPair(tokens, other.refreshToken))).toBe('ok');
  });
});

describe('a step-up that the store has lost', () => {
  const proof = { acr: 'phr' };

  it('is made again without its level, and marked, because nobody can derive its token', async () => {
    const issuer = await createLine(2);
    const { line, records, sessionId, clock } = issuer;
    const step = await reauthenticated(issuer.tokens, { refreshToken: line[1] }, proof);
    const tokens = await issuer.failOver(records[1]);
    const pair = await refreshTokenPair(tokens, step.refreshToken);
    expect(pair.refreshTokenChanged).toBe(false);
    // Both halves were written in one command, so both are lost.
    expect(jwt.decode(pair.accessToken)).not.toHaveProperty('acr');
    const { state } = await issuer.recordIn(tokens);
    expect(state).toMatch(/^1 2\.[\w-]{22} !$/);
    await expect(refreshTokenPair(tokens, line[1])).rejects.toMatchObject({
      code: 'refresh_pending',
    });
    clock.advance(settled);
    const next = await refreshTokenPair(tokens, step.refreshToken);
    expect(next).toMatchObject({ sessionId, refreshTokenChanged: true });
    expect((await issuer.recordIn(tokens)).state).toMatch(/^1 3\.[\w-]{22}$/);
  });

  it('is noticed, not repaired, when the session was known by its ID only', async () => {
    const issuer = await createLine(2);
    const { sessionId, records } = issuer;
    const step = await reauthenticated(issuer.tokens, { sessionId }, proof);
    const tokens = await issuer.failOver(records[1]);
    issuer.events.length = 0;
    expect(await codeOf(refreshTokenPair(tokens, step.refreshToken))).toBe('refresh_token_invalid');
    expect(types(issuer)).toEqual(['session.rolled_back']);
  });
});

describe('a refresh token whose key was removed, after the store has lost writes', () => {
  it.each([
    ['the generation after the record', 2, none],
    ['the generation of the record', 1, none],
    ['an older generation', 0, ['refresh.unverifiable']],
  ])('is refused without consequence: %s', async (_what, index, expected) => {
    const issuer = await createLine(3);
    const other = await createLine(3, { refreshKeys: [firstKey] });
    const { line, records, sessionId } = issuer;
    const tokens = await issuer.failOver(records[1]);
    tokens.replaceRefreshKeys([secondKey]);
    // The generation of the record with another secret, that of the predecessor with another one.
    const token =
      index === 2
        ? line[2]
        : sealByHand(firstKey.secret, {
            ...readByHand(other.line[index] ?? ''),
            sessionId: Buffer.from(sessionId, 'base64url'),
          });
    const before = await issuer.recordIn(tokens);
    expect(await codeOf(refreshTokenPair(tokens, token))).toBe('refresh_token_invalid');
    expect(types(issuer)).toEqual(expected);
    expect(await issuer.recordIn(tokens)).toEqual(before);
  });
});
