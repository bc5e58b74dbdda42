// Issuers that share a store: each has its own sessions, even when they share keys, subjects or names.

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import {
  confirmGeneration,
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  updateSession,
  verifyBearer,
  type TokenIssuer,
} from '@tokenpair/core';

import { createTestIssuer, ownerOf } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const shopKey = { kid: '1', secret: randomBytes(32) };
const adminKey = { kid: '2', secret: randomBytes(32) };

const shopName = 'https://shop.test';
const adminName = 'https://admin.test';

const setups: readonly (readonly [what: string, admin: object])[] = [
  ['refresh keys of other ids', { refreshKeys: [adminKey] }],
  ['the same refresh key', { refreshKeys: [shopKey] }],
  ['the key of the other behind its own', { refreshKeys: [adminKey, shopKey] }],
];

const others: readonly (readonly [what: string, names: object])[] = [
  ['another name and audience', { issuer: adminName, audience: adminName }],
  ['another name', { issuer: adminName, audience: shopName }],
  ['another audience', { issuer: shopName, audience: adminName }],
];

const cases = others.flatMap(([who, names]) =>
  setups.map(([how, keys]) => [who, how, { ...names, ...keys }] as const),
);

describe.each(cases)('an issuer with %s, over one store, with %s', (_who, how, options) => {
  // With one name and a common refresh key a token can be told apart only by its record, which a rotation writes and reads at
  // once, and then takes back.
  const hasOneName = 'issuer' in options && options.issuer === shopName;
  const opensTokens = how !== 'refresh keys of other ids';
  const writesNothing = !(hasOneName && opensTokens);

  function createBoth() {
    const shop = createTestIssuer({ issuer: shopName, audience: shopName, refreshKeys: [shopKey] });
    return { ...shop, shop: shop.tokens, admin: shop.another(options) };
  }

  it('refuses a refresh token of the other issuer without reporting a reuse, and the owner stays signed in', async () => {
    const { shop, admin, store, calls, events, clock } = createBoth();
    const login = await issueTokenPair(shop, { subject: 'u_1', scope: 'a' });
    const { refreshToken } = await refreshTokenPair(shop, login.refreshToken);
    clock.advance(3_600);
    const before = await store.get(login.sessionId);
    events.length = 0;
    calls.length = 0;
    for (const token of [refreshToken, login.refreshToken]) {
      expect(await codeOf(refreshTokenPair(admin, token))).toBe('refresh_token_invalid');
      expect(await codeOf(refreshTokenPair(admin, token, { scope: 'a' }))).toBe(
        'refresh_token_invalid',
      );
    }
    expect(events).toEqual([]);
    const wrote = calls.some((call) => call !== 'get');
    const isAsBefore = isDeepStrictEqual(await store.get(login.sessionId), before);
    expect({ wrote, isAsBefore }).toEqual(
      writesNothing ? { wrote: false, isAsBefore: true } : { wrote: true, isAsBefore: false },
    );
    // Every write is undone: the owner refreshes after the settle time, when no answer can still be under way.
    clock.advance(3_600);
    const next = await refreshTokenPair(shop, refreshToken);
    expect(next.refreshTokenChanged).toBe(true);
    clock.advance(3_600);
    expect(await codeOf(refreshTokenPair(shop, next.refreshToken))).toBe('ok');
    expect(events.map(({ type }) => type)).toEqual(['session.refreshed', 'session.refreshed']);
  });

  it('neither ends nor lists a session of the other issuer', async () => {
    const { shop, admin } = createBoth();
    const { refreshToken, sessionId } = await issueTokenPair(shop, { subject: 'u_1' });
    expect(await revokeSession(admin, { refreshToken })).toBe(false);
    expect(await revokeSession(admin, { sessionId })).toBe(false);
    await expect(listSessions(admin, 'u_1')).resolves.toEqual([]);
    expect(await codeOf(refreshTokenPair(shop, refreshToken))).toBe('ok');
  });

  it('keeps the sessions of subjects with the same name apart, and returns that name', async () => {
    const { shop, admin } = createBoth();
    await issueTokenPair(shop, { subject: 'u_1' });
    const own = await issueTokenPair(admin, { subject: 'u_1' });
    await expect(listSessions(admin, 'u_1')).resolves.toMatchObject([
      { sessionId: own.sessionId, subject: 'u_1' },
    ]);
    const next = await refreshTokenPair(admin, own.refreshToken);
    await expect(verifyBearer(admin.verifier, `Bearer ${next.accessToken}`)).resolves.toMatchObject(
      { subject: 'u_1' },
    );
  });
});

describe('an issuer with another audience, over one store, with one refresh key', () => {
  it.each([
    ['the first token', 0],
    ['a later token', 2],
  ])('leaves the owner %s when the other issuer tries several times', async (_what, rotations) => {
    const { tokens: shop, another, clock, events } = createTestIssuer({ audience: shopName });
    const admin = another({ audience: adminName });
    let { refreshToken } = await issueTokenPair(shop, { subject: 'u_1' });
    for (let count = 0; count < rotations; count += 1) {
      clock.advance(61);
      ({ refreshToken } = await refreshTokenPair(shop, refreshToken));
    }
    for (let count = 0; count < 3; count += 1) {
      clock.advance(61);
      expect(await codeOf(refreshTokenPair(admin, refreshToken))).toBe('refresh_token_invalid');
    }
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(shop, refreshToken))).toBe('ok');
    expect(events.map(({ type }) => type)).not.toContain('refresh.reused');
  });

  it('leaves the current token unchanged and its predecessor spent', async () => {
    const options = { audience: shopName, refreshKeys: [adminKey] } as const;
    const { tokens: shop, another, clock, store, events } = createTestIssuer(options);
    const admin = another({ audience: adminName });
    const first = await issueTokenPair(shop, { subject: 'u_1' });
    const second = await refreshTokenPair(shop, first.refreshToken);
    const { generation, secretHash, data } = { ...(await store.get(first.sessionId)) };
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(admin, second.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    const after = await store.get(first.sessionId);
    expect(after).toMatchObject({ generation, secretHash, state: adminKey.kid, data });
    expect(await codeOf(refreshTokenPair(shop, first.refreshToken))).toBe('refresh_token_invalid');
    expect(events.map(({ type }) => type)).toContain('refresh.reused');
  });

  it('does not undo a rotation made by the owner', async () => {
    const { tokens: shop, another, clock } = createTestIssuer({ audience: shopName });
    const admin = another({ audience: adminName });
    const first = await issueTokenPair(shop, { subject: 'u_1' });
    const second = await refreshTokenPair(shop, first.refreshToken);
    expect(await codeOf(refreshTokenPair(admin, first.refreshToken))).toBe('refresh_token_invalid');
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(shop, second.refreshToken))).toBe('ok');
  });
});

describe('issuers of one name with different audiences over one store', () => {
  it('have the same subjects: sessions of a subject are counted and ended together', async () => {
    const options = { maxSessions: 1, onSessionLimit: 'reject' } as const;
    const { tokens: shop, another } = createTestIssuer({ ...options, audience: shopName });
    const admin = another({ ...options, audience: adminName });
    await issueTokenPair(shop, { subject: 'u_1' });
    expect(await codeOf(issueTokenPair(admin, { subject: 'u_1' }))).toBe('session_limit');
    await expect(revokeSubject(admin, 'u_1')).resolves.toHaveLength(1);
  });
});

describe('issuers of different names over one store', () => {
  it('name the same subject differently in the store, so that its sessions have other owner tags', async () => {
    const { tokens: shop, another, store } = createTestIssuer({ issuer: shopName });
    const admin = another({ issuer: adminName });
    const one = await issueTokenPair(shop, { subject: 'u_1' });
    const other = await issueTokenPair(admin, { subject: 'u_1' });
    expect((await store.get(one.sessionId))?.owner).toBe(ownerOf('u_1', shopName));
    expect((await store.get(other.sessionId))?.owner).toBe(ownerOf('u_1', adminName));
    expect(one.sessionId.slice(0, 16)).not.toBe(other.sessionId.slice(0, 16));
  });

  it('neither change, step up nor report a session of the other one', async () => {
    const { tokens: shop, another, store } = createTestIssuer({ issuer: shopName });
    const admin = another({ issuer: adminName });
    const { sessionId, refreshToken, accessToken } = await issueTokenPair(shop, { subject: 'u_1' });
    const before = await store.get(sessionId);
    await expect(updateSession(admin, sessionId, { scope: 'a' })).resolves.toBeUndefined();
    for (const reference of [{ sessionId }, { refreshToken }]) {
      expect(await codeOf(reauthenticated(admin, reference))).toBe('refresh_token_invalid');
    }
    expect(await codeOf(confirmGeneration(admin, accessToken))).toBe('token_invalid');
    expect(await store.get(sessionId)).toEqual(before);
  });

  it('end no session of the other one by a login that replaces it', async () => {
    const { tokens: shop, another, events } = createTestIssuer({ issuer: shopName });
    const admin = another({ issuer: adminName });
    const former = await issueTokenPair(shop, { subject: 'u_1' });
    await issueTokenPair(admin, { subject: 'u_1', replaces: former.refreshToken });
    expect(events.map(({ type }) => type)).toEqual(['session.issued', 'session.issued']);
    expect(await codeOf(refreshTokenPair(shop, former.refreshToken))).toBe('ok');
  });

  it('count and end the sessions of a subject separately', async () => {
    const options = { maxSessions: 1, onSessionLimit: 'reject' } as const;
    const { tokens: shop, another } = createTestIssuer({ ...options, issuer: shopName });
    const admin = another({ ...options, issuer: adminName });
    const { refreshToken } = await issueTokenPair(shop, { subject: 'u_1' });
    await issueTokenPair(admin, { subject: 'u_1' });
    await expect(revokeSubject(admin, 'u_1')).resolves.toHaveLength(1);
    expect(await codeOf(refreshTokenPair(shop, refreshToken))).toBe('ok');
  });
});

const audiences = (...audience: string[]) => ({ audience });
const names = (count: number) =>
  audiences(...Array.from({ length: count }, (_, index) => index.toString(36)));

describe('the audiences of an issuer', () => {
  it('leave room for the largest grant in the stored data', async () => {
    const { tokens, store } = createTestIssuer(names(200));
    const scope = 's'.repeat(2_048);
    const metadata = { device: 'x'.repeat(4_096 - '{"device":""}'.length) };
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1', scope, metadata });
    const session = await store.get(sessionId);
    expect(session?.data.length).toBeLessThanOrEqual(8_192);
  });

  it('are refused when they leave too little room for the largest grant', () => {
    expect(() => createTestIssuer(names(201))).toThrow(TypeError);
  });
});

describe('a change of audiences', () => {
  const { tokens, another } = createTestIssuer(audiences('https://a.test', 'https://b.test'));

  it.each([
    ['that adds one', audiences('https://a.test', 'https://b.test', 'https://c.test')],
    ['that reverses their order', audiences('https://b.test', 'https://a.test')],
    ['that removes one', audiences('https://a.test')],
    ['that adds one in front', audiences('https://c.test', 'https://a.test', 'https://b.test')],
  ])('%s signs no client out, before and after a rotation', async (_what, change) => {
    const changed = another(change);
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(changed, first.refreshToken);
    expect(second.refreshTokenChanged).toBe(true);
    const back: TokenIssuer = another(audiences('https://a.test'));
    expect(await codeOf(refreshTokenPair(back, second.refreshToken))).toBe('ok');
  });

  it('that replaces all of them ends every session of this issuer', async () => {
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = another(audiences('https://c.test'));
    expect(await codeOf(refreshTokenPair(other, refreshToken))).toBe('refresh_token_invalid');
  });
});
