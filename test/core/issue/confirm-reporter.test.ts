// The reports of the issuer's own verifier: the first use of each generation, in the background.

import {
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import type { IncomingMessage } from 'node:http';

import { alterStore } from '../../support/altered-store.js';
import { forge, signerFor } from '../../support/forge.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const secret = Buffer.alloc(32, 7);

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const use = (tokens: TokenIssuer, accessToken: string) =>
  verifyBearer(tokens.verifier, `Bearer ${accessToken}`);

/** An issuer that records its reports. Its store fails all of them while `isDown`, or those of one session. */
function createReporting(options: Partial<TokenIssuerOptions> = {}) {
  const reports: (readonly [sessionId: string, generation: number])[] = [];
  const faults: { isDown: boolean; session?: string } = { isDown: false };
  const memory = new MemorySessionStore();
  const store = alterStore(memory, {
    async confirm(sessionId, generation) {
      reports.push([sessionId, generation]);
      if (faults.isDown || sessionId === faults.session) throw new Error('connection refused');
      await memory.confirm(sessionId, generation);
    },
  });
  const keys: TokenIssuerOptions['keys'] = [{ kid: 'k', algorithm: 'HS256', secret }];
  const issuer = createTestIssuer({ store, keys, clock: Date.now, ...options });
  return { ...issuer, reports, faults };
}

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

describe('the verifier of an issuer', () => {
  it('reports the first use of a session 250 ms later', async () => {
    const { tokens, reports, store } = createReporting();
    const { accessToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await pass(1_000);
    expect(reports).toEqual([]);
    await use(tokens, accessToken);
    await pass(249);
    expect(reports).toEqual([]);
    await pass(1);
    expect(reports).toEqual([[sessionId, 1]]);
    await expect(store.get(sessionId)).resolves.toMatchObject({ confirmed: 1 });
  });

  it('reports each generation once, and never a lower one after a higher one', async () => {
    const { tokens, reports } = createReporting();
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    for (const { accessToken } of [first, first, second, second, first, second]) {
      await use(tokens, accessToken);
      await pass(300);
    }
    const { sessionId } = first;
    expect(reports).toEqual([
      [sessionId, 1],
      [sessionId, 2],
    ]);
  });

  it('reports the highest generation of each session in a batch', async () => {
    const { tokens, reports } = createReporting();
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    const other = await issueTokenPair(tokens, { subject: 'u_2' });
    await use(tokens, first.accessToken);
    await pass(100);
    for (const { accessToken } of [other, second, first]) await use(tokens, accessToken);
    await pass(149);
    expect(reports).toEqual([]);
    await pass(1);
    expect(reports).toEqual([
      [first.sessionId, 2],
      [other.sessionId, 1],
    ]);
    await pass(10_000);
    expect(reports).toHaveLength(2);
  });

  it('lets no request wait for a report', async () => {
    const { tokens, faults } = createReporting();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    faults.isDown = true;
    await expect(use(tokens, accessToken)).resolves.toMatchObject({ subject: 'u_1' });
    await pass(300);
    await expect(use(tokens, accessToken)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('reports nothing when recovery is off, because nobody would read it', async () => {
    for (const options of [{ recovery: 0 }, { reuseInterval: 0 }]) {
      const { tokens, reports } = createReporting(options);
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      await use(tokens, accessToken);
      await pass(10_000);
      expect(reports).toEqual([]);
    }
  });

  it.each<[string, object]>([
    ['without a generation', { gen: undefined }],
    ['with a generation that is text', { gen: '1' }],
    ['without a session', { sid: undefined }],
    ['with a session ID of another form', { sid: 'x' }],
  ])('does not report a token %s', async (_what, claims) => {
    const { tokens, reports } = createReporting();
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const iat = Math.floor(Date.now() / 1_000);
    const token = forge({
      header: { alg: 'HS256', typ: 'at+jwt', kid: 'k' },
      payload: {
        iss: issuerName,
        aud: audienceName,
        sub: 'u_1',
        sid: sessionId,
        gen: 1,
        iat,
        exp: iat + 300,
        ...claims,
      },
      signer: signerFor('HS256', secret),
    });
    await use(tokens, token);
    await pass(10_000);
    expect(reports).toEqual([]);
  });

  it('does not report a token that it refuses', async () => {
    let isRevoked = false;
    const { tokens, reports } = createReporting({ isRevoked: () => isRevoked });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(await codeOf(use(tokens, `${accessToken}A`))).toBe('token_invalid');
    isRevoked = true;
    expect(await codeOf(use(tokens, accessToken))).toBe('session_revoked');
    isRevoked = false;
    await pass(301_000);
    expect(await codeOf(use(tokens, accessToken))).toBe('token_expired');
    await pass(10_000);
    expect(reports).toEqual([]);
  });

  it('does not report what the endpoints of the issuer verify', async () => {
    const { tokens, reports } = createReporting();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const headers = { authorization: `Bearer ${accessToken}` };
    const request = { method: 'GET', headers, rawHeaders: [] } as unknown as IncomingMessage;
    const { handle } = createTokenEndpoints(tokens);
    await handle({ request, path: '/sessions', body: undefined });
    await pass(10_000);
    expect(reports).toEqual([]);
  });

  it('makes recovery possible: a lost answer is replaced hours later', async () => {
    const { tokens } = createReporting();
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    await use(tokens, first.accessToken);
    await pass(250);
    await refreshTokenPair(tokens, first.refreshToken);
    await pass(3 * 3_600_000);
    const recovered = await refreshTokenPair(tokens, first.refreshToken);
    expect(recovered.refreshTokenChanged).toBe(true);
  });
});

describe('the verifier of an issuer whose store fails', () => {
  it('drops the batch, and reports again at the next use after 5 seconds', async () => {
    const { tokens, reports, faults, events, store } = createReporting();
    const one = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = await issueTokenPair(tokens, { subject: 'u_2' });
    events.length = 0;
    faults.isDown = true;
    await use(tokens, one.accessToken);
    await use(tokens, other.accessToken);
    await pass(250);
    expect(reports).toEqual([
      [one.sessionId, 1],
      [other.sessionId, 1],
    ]);
    const failure = { type: 'store.unavailable', operation: 'confirm' };
    expect(events).toMatchObject([failure, failure]);
    faults.isDown = false;
    await use(tokens, one.accessToken);
    await pass(4_999);
    await use(tokens, other.accessToken);
    await pass(1);
    expect(reports).toHaveLength(2);
    await use(tokens, other.accessToken);
    await use(tokens, one.accessToken);
    await pass(250);
    expect(reports.slice(2)).toEqual([
      [other.sessionId, 1],
      [one.sessionId, 1],
    ]);
    for (const { sessionId } of [one, other]) {
      await expect(store.get(sessionId)).resolves.toMatchObject({ confirmed: 1 });
    }
  });

  it('does not report again what the store took before it failed', async () => {
    const { tokens, reports, faults } = createReporting();
    const one = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = await issueTokenPair(tokens, { subject: 'u_2' });
    faults.session = other.sessionId;
    for (const { accessToken } of [one, other]) await use(tokens, accessToken);
    await pass(250);
    faults.session = '';
    await pass(5_000);
    for (const { accessToken } of [one, other]) await use(tokens, accessToken);
    await pass(250);
    expect(reports).toEqual([
      [one.sessionId, 1],
      [other.sessionId, 1],
      [other.sessionId, 1],
    ]);
  });

  it('waits 5 seconds again after every failure', async () => {
    const { tokens, reports, faults } = createReporting();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    faults.isDown = true;
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await use(tokens, accessToken);
      await pass(1_000);
    }
    expect(reports.length).toBeGreaterThanOrEqual(9);
    expect(reports.length).toBeLessThanOrEqual(11);
  });
});
