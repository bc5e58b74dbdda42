// The text of `data`: what core notes on the session.

import { inspect } from 'node:util';

import {
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
  StoreUnavailableError,
  updateSession,
  type LoginGrant,
} from '@tokenpair/core';
import {
  readSessionData,
  writeSessionData,
  type SessionData,
} from '../../../packages/core/src/issue/session-data.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const least: SessionData = {
  scope: '',
  metadata: {},
  version: 1,
  marks: ['Ab3dE6gh', 'xY-_0123'],
  persistent: true,
};

const most: SessionData = {
  scope: 'a b',
  metadata: { device: 'Zoë’s | phone', nested: [{ x: null }] },
  version: 7,
  marks: ['Ab3dE6gh'],
  clientId: 'app',
  audience: ['https://a.test'],
  persistent: false,
  login: { time: 1_700_000_000 },
  step: { time: 1_700_000_600, acr: 'phr', amr: ['hwk', 'user'] },
  act: { sub: 'staff', dept: 7 },
  actsFor: 'u_1',
  unknown: { later: { k: [1] } },
};

const lengthOf = (size: number) =>
  writeSessionData({ ...least, metadata: { m: 'x'.repeat(size) } }).length;

const parse = (data: SessionData) => JSON.parse(writeSessionData(data)) as Record<string, unknown>;

/** Puts members into the `data` of a session, as a later version would. */
async function addMembers(
  { store }: TestIssuer,
  sessionId: string,
  members: Readonly<Record<string, unknown>>,
): Promise<void> {
  const data = (await store.get(sessionId))?.data ?? '';
  const changed = JSON.stringify({ ...(JSON.parse(data) as object), ...members });
  await store.swap(sessionId, { data }, { data: changed });
}

const membersOf = async ({ store }: TestIssuer, sessionId: string) =>
  JSON.parse((await store.get(sessionId))?.data ?? '{}') as Record<string, unknown>;

describe('session data', () => {
  it.each([
    ['the least', least],
    ['the most', most],
  ])('are read as they were written: %s', (_what, data) => {
    expect(readSessionData(writeSessionData(data))).toEqual({ unknown: {}, ...data });
  });

  it('take no space for what is absent or usual', () => {
    expect(writeSessionData(least)).toBe(
      '{"scope":"","meta":{},"version":1,"for":"Ab3dE6gh xY-_0123"}',
    );
  });

  it.each<[string, Partial<SessionData>, readonly string[] | undefined]>([
    ['nothing', {}, undefined],
    ['a cookie that does not persist', { persistent: false }, undefined],
    ['an authentication', { login: { time: 1 }, step: { acr: 'phr' } }, undefined],
    ['a client', { clientId: 'app' }, ['client']],
    ['an audience', { audience: ['https://a.test'] }, ['aud']],
    ['an actor', { act: { sub: 'staff' }, actsFor: 'u_1' }, ['act', 'as']],
  ])('list the members that restrict the session: %s', (_what, changes, must) => {
    expect(parse({ ...least, ...changes })['must']).toEqual(must);
  });

  it('may take 8 192 characters, and no more', () => {
    const size = 8_192 - lengthOf(0);
    expect(lengthOf(size)).toBe(8_192);
    expect(() => lengthOf(size + 1)).toThrow(TypeError);
    expect(() => lengthOf(size + 1)).toThrow(/must take at most 8192 characters together/);
  });

  it.each([
    '',
    'x',
    '{',
    'null',
    '{}',
    '[]',
    '"scope"',
    '7',
    '["Ab3dE6gh"]',
    ...[
      { scope: undefined },
      { scope: ['a'] },
      { scope: 'a "b"' },
      { meta: undefined },
      { meta: null },
      { meta: [] },
      { meta: 'iPhone' },
      { version: undefined },
      { version: '1' },
      { version: 1.5 },
      { for: undefined },
      { for: ['Ab3dE6gh'] },
      { must: 'client' },
      { must: [1] },
      { client: 7 },
      { aud: 'https://a.test' },
      { aud: [7] },
      { persistent: 0 },
      { auth: 'now' },
      { auth: { time: 'now' } },
      { step: { acr: 1 } },
      { step: { amr: 'pwd' } },
      { act: 'staff' },
      { as: null },
    ].map((changes) => JSON.stringify({ ...parse(least), ...changes })),
  ])('that are %j count as a failure of the store, not as a refusal', (data) => {
    expect(() => readSessionData(data)).toThrow(StoreUnavailableError);
  });

  it('that cannot be parsed are not quoted in the cause, because they are user data', () => {
    for (const data of ['alices-phone', '{"alices-phone":1}', '{"meta":"alices-phone"}']) {
      const error = outcomeOf(() => readSessionData(data));
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('alice');
    }
  });
});

describe('a member of the data that a later version wrote', () => {
  const later = { later: { thumbprint: 'x' }, note: 'kept' };

  async function signedIn() {
    const issuer = createTestIssuer();
    const pair = await issueTokenPair(issuer.tokens, { subject: 'u_1', scope: 'a' });
    await addMembers(issuer, pair.sessionId, later);
    return { ...issuer, ...pair, issuer };
  }

  it('is kept by an update', async () => {
    const { issuer, tokens, sessionId } = await signedIn();
    await updateSession(tokens, sessionId, { scope: 'a b', metadata: { device: 'x' } });
    expect(await membersOf(issuer, sessionId)).toMatchObject({ ...later, scope: 'a b' });
  });

  it('is kept by a step-up, and by the recovery that takes the step-up back', async () => {
    const { issuer, tokens, store, clock, sessionId, refreshToken } = await signedIn();
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, { acr: 'phr' });
    expect(await membersOf(issuer, sessionId)).toMatchObject({ ...later, step: { acr: 'phr' } });
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    const members = await membersOf(issuer, sessionId);
    expect(members).toMatchObject(later);
    expect(members).not.toHaveProperty('step');
  });

  it('is not touched by a rotation', async () => {
    const { tokens, store, sessionId, refreshToken } = await signedIn();
    const before = (await store.get(sessionId))?.data;
    await refreshTokenPair(tokens, refreshToken);
    expect(await store.get(sessionId)).toMatchObject({ generation: 2, data: before });
  });
});

describe('a session that a later version restricted', () => {
  const later = { must: ['geo'], geo: 'CH' };

  const calls: readonly (readonly [
    what: string,
    call: (issuer: TestIssuer, refreshToken: string, sessionId: string) => Promise<unknown>,
  ])[] = [
    ['a refresh', ({ tokens }, token) => refreshTokenPair(tokens, token)],
    [
      'a refresh for less scope',
      ({ tokens }, token) => refreshTokenPair(tokens, token, { scope: '' }),
    ],
    ['a step-up', ({ tokens }, token) => reauthenticated(tokens, { refreshToken: token })],
    ['an update', ({ tokens }, _token, id) => updateSession(tokens, id, { scope: '' })],
    ['a list', ({ tokens }) => listSessions(tokens, 'u_1')],
    ['a logout', ({ tokens }, token) => revokeSession(tokens, { refreshToken: token })],
  ];

  it.each(calls)('gets 503 from %s, and nothing is handed out', async (_what, call) => {
    const claims = jest.fn(() => ({}));
    const issuer = createTestIssuer({ claims });
    const { refreshToken, sessionId } = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    await addMembers(issuer, sessionId, later);
    const before = await issuer.store.get(sessionId);
    claims.mockClear();
    expect(await codeOf(call(issuer, refreshToken, sessionId))).toBe('temporarily_unavailable');
    expect(claims).not.toHaveBeenCalled();
    expect(issuer.events.map(({ type }) => type)).not.toContain('session.refreshed');
    expect(await issuer.store.get(sessionId)).toEqual(before);
  });

  it('gets 503 from a refresh that writes before it reads, and works again in a process that knows the restriction', async () => {
    const issuer = createTestIssuer();
    const { tokens, store, events } = issuer;
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { data } = { ...(await store.get(sessionId)) };
    await addMembers(issuer, sessionId, later);
    for (const _attempt of [1, 2]) {
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
    }
    expect(events.map(({ type }) => type)).not.toContain('session.refreshed');
    // As if this process knew the member.
    await store.swap(
      sessionId,
      { data: (await store.get(sessionId))?.data ?? '' },
      { data: data ?? '' },
    );
    const again = await refreshTokenPair(tokens, refreshToken);
    expect(again.refreshTokenChanged).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'session.refreshed', how: 'replayed' });
  });

  it.each<[string, Partial<LoginGrant>]>([
    ['a client', { clientId: 'app' }],
    ['an audience', { audience: 'https://a.test' }],
    ['an actor', { actor: { subject: 'staff' } }],
  ])('is served when it is restricted by %s, which this version knows', async (_what, grant) => {
    const { tokens } = createTestIssuer({ audience: ['https://a.test', 'https://b.test'] });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1', ...grant });
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });
});

function outcomeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
