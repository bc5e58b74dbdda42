// A change of a live session: what it may change, what it keeps, and what happens when several come at once.

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  StoreUnavailableError,
  updateSession,
  type LoginGrant,
  type SessionChange,
  type SessionDetails,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import type { SessionSnapshot, SwapResult } from '@tokenpair/core/store';
import jwt from 'jsonwebtoken';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { withJitter } from '../../support/jittery-store.js';
import { codeOf } from '../../support/outcome.js';

const hour = 3_600;
const day = 24 * hour;
const audience = ['https://a.test', 'https://b.test'];

const claimsOf = (accessToken: string) => jwt.decode(accessToken) as jwt.JwtPayload;

async function signedIn(
  grant: Partial<LoginGrant> = {},
  options: Partial<TokenIssuerOptions> = {},
) {
  const issuer = createTestIssuer({ audience, ...options });
  const createdAt = issuer.clock.now();
  const pair = await issueTokenPair(issuer.tokens, {
    subject: 'u_1',
    scope: 'a',
    metadata: { device: 'x' },
    ...grant,
  });
  issuer.events.length = 0;
  issuer.calls.length = 0;
  return { ...issuer, ...pair, createdAt };
}

const recordOf = async ({ store }: Pick<TestIssuer, 'store'>, sessionId: string) =>
  (await store.get(sessionId)) as SessionSnapshot;

describe('an update of a session', () => {
  it('changes the scope from the next refresh on', async () => {
    const { tokens, sessionId, refreshToken } = await signedIn();
    await updateSession(tokens, sessionId, { scope: ['a', 'b'] });
    const next = await refreshTokenPair(tokens, refreshToken);
    expect(next.scope).toBe('a b');
    await updateSession(tokens, sessionId, { scope: '' });
    expect((await refreshTokenPair(tokens, next.refreshToken)).scope).toBe('');
  });

  it('changes the metadata, which it replaces as a whole', async () => {
    const { tokens, sessionId } = await signedIn();
    await updateSession(tokens, sessionId, { metadata: { name: 'laptop' } });
    const [session] = await listSessions(tokens, 'u_1');
    expect(session).toMatchObject({ scope: 'a' });
    expect(session?.metadata).toEqual({ name: 'laptop' });
  });

  it('changes the audience of the next access tokens', async () => {
    const { tokens, sessionId, refreshToken, store } = await signedIn();
    await updateSession(tokens, sessionId, { audience: 'https://b.test' });
    const next = await refreshTokenPair(tokens, refreshToken);
    expect(claimsOf(next.accessToken).aud).toBe('https://b.test');
    await updateSession(tokens, sessionId, { audience });
    expect(JSON.parse((await recordOf({ store }, sessionId)).data)).not.toHaveProperty('aud');
    const last = await refreshTokenPair(tokens, next.refreshToken);
    expect(claimsOf(last.accessToken).aud).toEqual(audience);
  });

  it('changes the idle lifetime, counted from the last rotation', async () => {
    const { tokens, sessionId, refreshToken, clock, createdAt } = await signedIn();
    clock.advance(600);
    await expect(updateSession(tokens, sessionId, { idleLifetime: '1h' })).resolves.toMatchObject({
      refreshedAt: createdAt,
      idleAt: createdAt + hour * 1_000,
    });
    clock.advance(hour - 600 - 0.001);
    const next = await refreshTokenPair(tokens, refreshToken);
    clock.advance(hour);
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('refresh_token_invalid');
  });

  it('changes the absolute lifetime, counted from the login, in both directions', async () => {
    const { tokens, sessionId, refreshToken, clock, createdAt } = await signedIn({
      absoluteLifetime: '1d',
    });
    clock.advance(hour);
    const longer = await updateSession(tokens, sessionId, { absoluteLifetime: '2d' });
    expect(longer).toMatchObject({ expiresAt: createdAt + 2 * day * 1_000 });
    const shorter = await updateSession(tokens, sessionId, { absoluteLifetime: 2 * hour });
    expect(shorter).toMatchObject({ expiresAt: createdAt + 2 * hour * 1_000 });
    clock.advance(hour);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });

  it('ends a session whose end it moves into the past', async () => {
    const { tokens, sessionId, clock } = await signedIn();
    clock.advance(hour);
    await updateSession(tokens, sessionId, { absoluteLifetime: '30m' });
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
  });

  it('returns the session after the change', async () => {
    const { tokens, sessionId, createdAt, clock } = await signedIn();
    clock.advance(60);
    await expect(
      updateSession(tokens, sessionId, { scope: 'b', metadata: { n: 1 } }),
    ).resolves.toEqual({
      sessionId,
      subject: 'u_1',
      scope: 'b',
      metadata: { n: 1 },
      createdAt,
      refreshedAt: createdAt,
      idleAt: createdAt + 30 * day * 1_000,
      expiresAt: createdAt + 90 * day * 1_000,
    });
  });

  it('changes nothing else: neither the token half nor what was granted at the login', async () => {
    const authentication = { time: 1_700_000_000, acr: 'phr' };
    const { tokens, store, sessionId, refreshToken, clock } = await signedIn({
      clientId: 'app',
      persistent: false,
      authentication,
    });
    await refreshTokenPair(tokens, refreshToken);
    clock.advance(10);
    const before = await recordOf({ store }, sessionId);
    await updateSession(tokens, sessionId, { scope: 'b' });
    const after = await recordOf({ store }, sessionId);
    expect(after).toEqual({ ...before, data: expect.any(String) });
    expect(JSON.parse(after.data)).toEqual({
      ...(JSON.parse(before.data) as object),
      scope: 'b',
      version: expect.any(Number),
    });
  });

  it('writes another version of the data each time, even when nothing else changes', async () => {
    const { tokens, store, sessionId } = await signedIn();
    const versions: unknown[] = [];
    for (const change of [{}, {}, { scope: 'a' }, { idleLifetime: '1d' }]) {
      await updateSession(tokens, sessionId, change);
      const { data } = await recordOf({ store }, sessionId);
      versions.push((JSON.parse(data) as { version: number }).version);
    }
    expect(versions).toEqual(
      [...new Set(versions)].toSorted((one, other) => Number(one) - Number(other)),
    );
    expect(versions).toHaveLength(4);
  });

  it('takes two commands', async () => {
    const { tokens, sessionId, calls } = await signedIn();
    await updateSession(tokens, sessionId, { scope: 'b' });
    expect(calls).toEqual(['get', 'swap']);
  });

  it('is reported by the names of the members that changed, with the metadata of now', async () => {
    const { tokens, sessionId, events } = await signedIn();
    const change = { scope: 'secret-scope', metadata: { name: 'laptop' }, audience: undefined };
    await updateSession(tokens, sessionId, change, { request: { ip: '192.0.2.1' } });
    expect(events).toEqual([
      {
        type: 'session.updated',
        sessionId,
        subject: 'u_1',
        changed: ['scope', 'metadata'],
        metadata: { name: 'laptop' },
        request: { ip: '192.0.2.1' },
        time: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });
});

describe('an update by a function', () => {
  it('gives the function the session with all that was granted', async () => {
    const { tokens, sessionId, createdAt } = await signedIn({
      clientId: 'app',
      audience: 'https://a.test',
      persistent: false,
      authentication: { time: 5, acr: 'phr' },
      actor: { subject: 'staff', claims: { dept: 7 } },
    });
    const seen: SessionDetails[] = [];
    await updateSession(tokens, sessionId, (was) => {
      seen.push(was);
      return { scope: `${was.scope} b` };
    });
    expect(seen).toEqual([
      {
        sessionId,
        subject: 'u_1',
        scope: 'a',
        metadata: { device: 'x' },
        createdAt,
        refreshedAt: createdAt,
        idleAt: createdAt + hour * 1_000,
        expiresAt: createdAt + hour * 1_000,
        clientId: 'app',
        audience: ['https://a.test'],
        persistent: false,
        authentication: { time: 5, acr: 'phr' },
        actor: { subject: 'staff', claims: { dept: 7 } },
      },
    ]);
    await expect(listSessions(tokens, 'staff')).resolves.toMatchObject([{ scope: 'a b' }]);
  });

  it('changes nothing when the function returns undefined', async () => {
    const { tokens, sessionId, calls, events } = await signedIn();
    await expect(updateSession(tokens, sessionId, () => undefined)).resolves.toBeUndefined();
    expect(calls).toEqual(['get']);
    expect(events).toEqual([]);
  });

  it('rejects with the error of the function, and changes nothing', async () => {
    const { tokens, sessionId, calls } = await signedIn();
    const error = new Error('no');
    const update = updateSession(tokens, sessionId, () => {
      throw error;
    });
    await expect(update).rejects.toBe(error);
    expect(calls).toEqual(['get']);
  });
});

describe('an update of a session that does not exist', () => {
  it.each(['', 'x', 'A'.repeat(38), 'A'.repeat(39), 7, undefined, null, {}])(
    'returns undefined for the ID %p',
    async (sessionId) => {
      const { tokens, events } = await signedIn();
      await expect(
        updateSession(tokens, sessionId as string, { scope: 'b' }),
      ).resolves.toBeUndefined();
      expect(events).toEqual([]);
    },
  );

  it('returns undefined, and does not bring the session back, when it ends meanwhile', async () => {
    const { tokens, sessionId, refreshToken, another, store } = await signedIn();
    const late = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await revokeSession(tokens, { refreshToken });
          return store.swap(...command);
        },
      }),
    });
    await expect(updateSession(late, sessionId, { scope: 'b' })).resolves.toBeUndefined();
    await expect(store.get(sessionId)).resolves.toBeUndefined();
  });
});

describe('an update that is wrong', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'updateSession change'],
    ['null', null, 'updateSession change'],
    ['text', 'scope', 'updateSession change'],
    ['a list', [], 'updateSession change'],
    ['an unknown member', { scopes: 'b' }, 'scopes'],
    ['the subject', { subject: 'u_2' }, 'subject'],
    ['the client', { clientId: 'app' }, 'clientId'],
    ['the actor', { actor: { subject: 'x' } }, 'actor'],
    ['the authentication', { authentication: {} }, 'authentication'],
    ['a promise', Promise.resolve({ scope: 'b' }), 'updateSession change'],
    ['a scope beyond ASCII', { scope: 'ä' }, 'scope'],
    ['a long scope', { scope: 's'.repeat(2_049) }, 'scope'],
    ['metadata that are text', { metadata: 'x' }, 'metadata'],
    ['long metadata', { metadata: { m: 'x'.repeat(4_089) } }, 'metadata'],
    ['a foreign audience', { audience: 'https://c.test' }, 'audience'],
    ['an idle lifetime below two settle times', { idleLifetime: 119 }, 'idleLifetime'],
    ['an idle lifetime above that of the issuer', { idleLifetime: '31d' }, 'idleLifetime'],
    ['an absolute lifetime of 0', { absoluteLifetime: 0 }, 'absoluteLifetime'],
    ['a longer absolute lifetime', { absoluteLifetime: '91d' }, 'absoluteLifetime'],
  ])('is a TypeError that names it, and changes nothing: %s', async (_what, change, name) => {
    const { tokens, store, sessionId, events } = await signedIn();
    const before = await recordOf({ store }, sessionId);
    const given = change as SessionChange;
    for (const update of given === undefined ? [given] : [given, () => given]) {
      const refusal = updateSession(tokens, sessionId, update);
      await expect(refusal).rejects.toThrow(TypeError);
      await expect(refusal).rejects.toThrow(name);
    }
    expect(await recordOf({ store }, sessionId)).toEqual(before);
    expect(events).toEqual([]);
  });

  it('is a TypeError when what access tokens contain becomes too large', async () => {
    const { tokens, sessionId } = await signedIn({ subject: '日'.repeat(800) });
    await expect(updateSession(tokens, sessionId, { scope: 's'.repeat(2_048) })).rejects.toThrow(
      /^subject and scope must take at most 4096 bytes/,
    );
  });
});

describe('an update of a session with an actor', () => {
  it('can only make it shorter', async () => {
    const { tokens, sessionId, createdAt } = await signedIn({ actor: { subject: 'staff' } });
    const longer = updateSession(tokens, sessionId, { absoluteLifetime: hour + 1 });
    await expect(longer).rejects.toThrow(TypeError);
    await expect(longer).rejects.toThrow(/^absoluteLifetime\b/);
    await expect(
      updateSession(tokens, sessionId, { absoluteLifetime: '10m' }),
    ).resolves.toMatchObject({ expiresAt: createdAt + 600_000 });
    await expect(updateSession(tokens, sessionId, { absoluteLifetime: '11m' })).rejects.toThrow(
      /^absoluteLifetime\b/,
    );
  });
});

describe('updates at the same time', () => {
  it('are both kept: the second reads the session again', async () => {
    const { tokens, store, another, sessionId } = await signedIn();
    let isFirst = true;
    const slow = another({
      store: alterStore(store, {
        swap: async (...command) => {
          if (isFirst) {
            isFirst = false;
            await updateSession(tokens, sessionId, { scope: 'a b' });
          }
          return store.swap(...command);
        },
      }),
    });
    await updateSession(slow, sessionId, { metadata: { name: 'laptop' } });
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([
      { scope: 'a b', metadata: { name: 'laptop' } },
    ]);
  });

  const twins: readonly (readonly [
    what: string,
    one: (was: SessionDetails) => SessionChange,
    other: (was: SessionDetails) => SessionChange,
    expected: (createdAt: number) => object,
  ])[] = [
    [
      'of different lifetimes',
      () => ({ idleLifetime: '1d' }),
      () => ({ absoluteLifetime: '2d' }),
      (createdAt) => ({
        idleAt: createdAt + day * 1_000,
        expiresAt: createdAt + 2 * day * 1_000,
      }),
    ],
    [
      'that count the same number up',
      ({ metadata }) => ({ metadata: { count: Number(metadata['count'] ?? 0) + 1 } }),
      ({ metadata }) => ({ metadata: { count: Number(metadata['count'] ?? 0) + 1 } }),
      () => ({ metadata: { count: 2 } }),
    ],
  ];

  it.each(twins)(
    'are both kept when they write the same data: %s',
    async (_what, one, other, expected) => {
      const { tokens, sessionId, createdAt, events } = await signedIn();
      await Promise.all([
        updateSession(tokens, sessionId, one),
        updateSession(tokens, sessionId, other),
      ]);
      await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([expected(createdAt)]);
      expect(events).toHaveLength(2);
    },
  );

  it('is done once when the client library repeats the command', async () => {
    const { tokens, store, another, sessionId, events } = await signedIn();
    const twice = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await store.swap(...command);
          return store.swap(...command);
        },
      }),
    });
    const count = jest.fn(({ metadata }: SessionDetails) => ({
      metadata: { count: Number(metadata['count'] ?? 0) + 1 },
    }));
    await updateSession(twice, sessionId, count);
    expect(count).toHaveBeenCalledTimes(1);
    expect(events).toHaveLength(1);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ metadata: { count: 1 } }]);
  });

  // Alternately one conflict and one success would never end, so the attempts are counted.
  it('get 503 after five conflicts, and nothing is changed by the one that gives up', async () => {
    const { tokens, store, another, sessionId, events } = await signedIn();
    let conflicts = 0;
    const unlucky = another({
      store: alterStore(store, {
        swap: async (...command): Promise<SwapResult> => {
          conflicts += 1;
          await updateSession(tokens, sessionId, { metadata: { conflicts } });
          return store.swap(...command);
        },
      }),
    });
    const asked = jest.fn(() => ({ scope: 'b' }));
    await expect(updateSession(unlucky, sessionId, asked)).rejects.toThrow(StoreUnavailableError);
    expect(asked).toHaveBeenCalledTimes(5);
    expect(conflicts).toBe(5);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([
      { scope: 'a', metadata: { conflicts: 5 } },
    ]);
    expect(events.map(({ type }) => type)).toEqual(Array(5).fill('session.updated'));
  });

  it('are not disturbed by a rotation, and do not disturb it', async () => {
    const { tokens, store, another, sessionId, refreshToken } = await signedIn();
    const slow = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await refreshTokenPair(tokens, refreshToken);
          return store.swap(...command);
        },
      }),
    });
    const asked = jest.fn(() => ({ scope: 'b' }));
    await updateSession(slow, sessionId, asked);
    expect(asked).toHaveBeenCalledTimes(1);
    await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 2 });
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ scope: 'b' }]);
  });

  it('and 40 rotations over a store with random delays: none of 30 updates and no rotation is lost', async () => {
    const { store, another, clock, sessionId, refreshToken, events } = await signedIn();
    const tokens = another({ store: withJitter(store, 2) });
    let count = 0;
    async function update(): Promise<void> {
      // 503 after five conflicts asks the caller to repeat.
      const code = await codeOf(
        updateSession(tokens, sessionId, ({ metadata }) => ({
          metadata: { count: Number(metadata['count'] ?? 0) + 1 },
        })),
      );
      if (code === 'ok') count += 1;
      else await update();
    }
    async function rotate(): Promise<string> {
      let latest = refreshToken;
      for (let rotations = 0; rotations < 40; rotations += 1) {
        clock.advance(61);
        const next = await refreshTokenPair(tokens, latest);
        expect(next.refreshTokenChanged).toBe(true);
        latest = next.refreshToken;
      }
      return latest;
    }
    const [latest] = await Promise.all([rotate(), ...Array.from({ length: 30 }, update)]);
    expect(count).toBe(30);
    await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 41 });
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ metadata: { count: 30 } }]);
    expect(events.filter(({ type }) => type === 'session.updated')).toHaveLength(30);
    clock.advance(61);
    expect(await codeOf(refreshTokenPair(tokens, latest))).toBe('ok');
  });
});
