// Step-up: a new pair after the user proved again who they are, which no copy of an older token ever gets. RFC 9470

import { randomBytes } from 'node:crypto';

import {
  AccessDeniedError,
  issueTokenPair,
  listSessions,
  MissingRefreshTokenError,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
  StoreUnavailableError,
  updateSession,
  type Authentication,
  type ClaimsAnswer,
  type LoginGrant,
  type SessionReference,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import jwt from 'jsonwebtoken';

import { alterStore } from '../../support/altered-store.js';
import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import {
  forgeByHand,
  readByHand,
  successorSecretByHand,
} from '../../support/refresh-token-by-hand.js';

const settled = 61;
const firstKey = { kid: '1', secret: randomBytes(32) };
const secondKey = { kid: '2', secret: randomBytes(32) };

/** The claims of an access token that say how the user was authenticated. */
function levelOf({ accessToken }: { readonly accessToken: string }) {
  const { auth_time: time, acr, amr } = jwt.decode(accessToken) as jwt.JwtPayload;
  return { time: time as unknown, acr: acr as unknown, amr: amr as unknown };
}

async function signedIn(
  grant: Partial<LoginGrant> = {},
  options: Partial<TokenIssuerOptions> = {},
) {
  const issuer = createTestIssuer({ refreshKeys: [firstKey], ...options });
  const authentication = { time: 1_700_000_000, acr: 'pwd', amr: ['pwd'] };
  const first = await issueTokenPair(issuer.tokens, {
    subject: 'u_1',
    scope: 'a',
    authentication,
    ...grant,
  });
  issuer.events.length = 0;
  const { refreshToken, sessionId } = first;
  return { ...issuer, first, refreshToken, sessionId };
}

const types = ({ events }: Pick<TestIssuer, 'events'>) => events.map(({ type }) => type);

const login = { time: 1_700_000_000, acr: 'pwd', amr: ['pwd'] };
const proof: Authentication = { time: 1_700_000_500, acr: 'phr', amr: ['hwk', 'user'] };

describe('a step-up', () => {
  it('returns a new pair of the session, with the next generation', async () => {
    const { tokens, first, refreshToken, sessionId } = await signedIn();
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    expect(pair).toEqual({
      ...first,
      accessToken: expect.any(String),
      refreshToken: expect.stringMatching(/^tpr_/),
      refreshTokenChanged: true,
    });
    expect(jwt.decode(pair.accessToken)).toMatchObject({ sub: 'u_1', sid: sessionId, gen: 2 });
    expect(readByHand(pair.refreshToken).generation).toBe(2);
  });

  it('is in this and every later access token, and a refresh never renews it', async () => {
    const { tokens, refreshToken, clock, first } = await signedIn();
    expect(levelOf(first)).toEqual(login);
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    expect(levelOf(pair)).toEqual(proof);
    let latest = pair.refreshToken;
    for (let refreshes = 0; refreshes < 4; refreshes += 1) {
      clock.advance(refreshes % 2 === 0 ? settled : 1);
      const next = await refreshTokenPair(tokens, latest);
      expect(levelOf(next)).toEqual(proof);
      latest = next.refreshToken;
    }
  });

  it('replaces the whole authentication, and is replaced by the next one', async () => {
    const { tokens, sessionId, clock } = await signedIn();
    await reauthenticated(tokens, { sessionId }, proof);
    clock.advance(300);
    const now = Math.floor(clock.now() / 1_000);
    const pair = await reauthenticated(tokens, { sessionId });
    expect(levelOf(pair)).toEqual({ time: now, acr: undefined, amr: undefined });
  });

  it('happens at once, however young the current token is', async () => {
    const { tokens, refreshToken } = await signedIn();
    const second = await refreshTokenPair(tokens, refreshToken);
    const third = await reauthenticated(tokens, { refreshToken: second.refreshToken }, proof);
    const fourth = await reauthenticated(tokens, { refreshToken: third.refreshToken }, proof);
    expect(readByHand(fourth.refreshToken).generation).toBe(4);
  });

  it('takes a session by its ID, without a token', async () => {
    const { tokens, sessionId, clock } = await signedIn();
    const pair = await reauthenticated(tokens, { sessionId }, proof);
    clock.advance(settled);
    expect(levelOf(await refreshTokenPair(tokens, pair.refreshToken))).toEqual(proof);
  });

  it('takes the predecessor too, whose client may not have the current token yet', async () => {
    const { tokens, refreshToken, clock } = await signedIn();
    await refreshTokenPair(tokens, refreshToken);
    clock.advance(3_600);
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    expect(readByHand(pair.refreshToken).generation).toBe(3);
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });

  it('takes the current token when the key that sealed it has been removed', async () => {
    const { another, refreshToken } = await signedIn();
    const changed = another({ refreshKeys: [secondKey] });
    const pair = await reauthenticated(changed, { refreshToken }, proof);
    expect(await codeOf(refreshTokenPair(changed, pair.refreshToken))).toBe('ok');
  });

  it('keeps the scope, the metadata, the client, the actor and the ends of the session', async () => {
    const { tokens, store, sessionId } = await signedIn({
      clientId: 'app',
      metadata: { device: 'x' },
      actor: { subject: 'staff' },
      persistent: false,
    });
    const before = { ...(await store.get(sessionId)) };
    const pair = await reauthenticated(tokens, { sessionId }, proof);
    const after = { ...(await store.get(sessionId)) };
    expect(JSON.parse(after.data ?? '')).toEqual({
      ...(JSON.parse(before.data ?? '') as object),
      step: proof,
      version: expect.any(Number),
    });
    const { idleLifetime, expiresAt, createdAt, owner } = before;
    expect(after).toMatchObject({ idleLifetime, expiresAt, createdAt, owner });
    expect(Reflect.get(pair, 'persistent')).toBe(false);
    expect(readByHand(pair.refreshToken).flags).toBe(1);
  });

  it('starts the idle lifetime again', async () => {
    const { tokens, sessionId, clock } = await signedIn({ idleLifetime: '1h' });
    clock.advance(3_599);
    const pair = await reauthenticated(tokens, { sessionId });
    clock.advance(3_599);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });

  it('reads once and writes once, both halves in one command', async () => {
    const { tokens, sessionId, calls } = await signedIn();
    calls.length = 0;
    await reauthenticated(tokens, { sessionId }, proof);
    expect(calls).toEqual(['get', 'swap']);
  });

  it('is reported by the names of the members, never by their values or tokens', async () => {
    const { tokens, sessionId, refreshToken, events } = await signedIn();
    const request = { ip: '192.0.2.1' };
    await reauthenticated(tokens, { refreshToken }, proof, { request });
    expect(events).toEqual([
      {
        type: 'session.reauthenticated',
        sessionId,
        subject: 'u_1',
        changed: ['time', 'acr', 'amr'],
        request,
        time: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/"phr|tpr_/);
  });
});

describe('a copy of a token from before a step-up', () => {
  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])('never gets the new level, nor the new token, with %s', async (_how, claims) => {
    const { tokens, refreshToken, clock, events, store, sessionId } = await signedIn(
      {},
      { claims },
    );
    await store.confirm(sessionId, 1);
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    for (const seconds of [0, 29, 31]) {
      clock.advance(seconds);
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_pending');
    }
    // Its first use is reported, so the copy cannot be the answer that was lost.
    await store.confirm(sessionId, 2);
    clock.advance(2);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    expect(types({ events })).toContain('refresh.reused');
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('refresh_token_invalid');
  });

  it('ends the session after the settle time when no use was ever reported', async () => {
    const issuer = await signedIn();
    const { tokens, refreshToken, clock } = issuer;
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    expect(types(issuer)).toContain('refresh.reused');
  });

  it('does not give away the token of the step-up, also to somebody who has the refresh key', async () => {
    const { tokens, refreshToken } = await signedIn();
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    const former = readByHand(refreshToken);
    const { secret, parentSecret } = readByHand(pair.refreshToken);
    expect(secret).not.toEqual(successorSecretByHand(firstKey.secret, former, 2));
    expect(parentSecret).toEqual(former.secret);
  });
});

describe('a step-up whose answer was lost', () => {
  it('is taken back by the recovery of the older token', async () => {
    const issuer = await signedIn();
    const { tokens, refreshToken, clock, store, sessionId } = issuer;
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    const recovered = await refreshTokenPair(tokens, refreshToken);
    expect(levelOf(recovered)).toEqual(login);
    expect(issuer.events.at(-1)).toMatchObject({ type: 'session.refreshed', how: 'recovered' });
    clock.advance(settled);
    const next = await refreshTokenPair(tokens, recovered.refreshToken);
    expect(levelOf(next)).toEqual(login);
    expect(JSON.parse((await store.get(sessionId))?.data ?? '')).not.toHaveProperty('step');
  });

  it('shows the hook of the recovery the authentication of the login', async () => {
    const claims = jest.fn(() => ({}));
    const { tokens, refreshToken, clock, store, sessionId } = await signedIn({}, { claims });
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    await refreshTokenPair(tokens, refreshToken);
    expect(claims).toHaveBeenLastCalledWith(
      'u_1',
      expect.objectContaining({ reason: 'refresh', authentication: login }),
    );
  });

  it('leaves the token of the step-up dead: its use ends the session', async () => {
    const issuer = await signedIn();
    const { tokens, refreshToken, clock, store, sessionId } = issuer;
    await store.confirm(sessionId, 1);
    const lost = await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    await refreshTokenPair(tokens, refreshToken);
    expect(await codeOf(refreshTokenPair(tokens, lost.refreshToken))).toBe('refresh_token_invalid');
    expect(types(issuer)).toContain('refresh.reused');
  });

  it('keeps a level that was seen in use, when a later answer is lost', async () => {
    const { tokens, refreshToken, clock, store, sessionId } = await signedIn();
    const pair = await reauthenticated(tokens, { refreshToken }, proof);
    await store.confirm(sessionId, 2);
    clock.advance(settled);
    await refreshTokenPair(tokens, pair.refreshToken);
    clock.advance(settled);
    const recovered = await refreshTokenPair(tokens, pair.refreshToken);
    expect(recovered.refreshTokenChanged).toBe(true);
    expect(levelOf(recovered)).toEqual(proof);
  });

  it('is not taken back from under an update at the same time: both are kept', async () => {
    const { tokens, another, refreshToken, clock, store, sessionId } = await signedIn();
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    let isFirst = true;
    const slow = another({
      store: alterStore(store, {
        swap: async (...command) => {
          // The first swap tries to rotate, the second one recovers.
          const [, expected] = command;
          if (isFirst && expected.confirmed !== undefined) {
            isFirst = false;
            await updateSession(tokens, sessionId, { scope: 'a b' });
          }
          return store.swap(...command);
        },
      }),
    });
    const recovered = await refreshTokenPair(slow, refreshToken);
    expect(isFirst).toBe(false);
    expect(recovered.scope).toBe('a b');
    expect(levelOf(recovered)).toEqual(login);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ scope: 'a b' }]);
  });

  it('gets 503 from a recovery that meets five updates in a row, and nothing is spent', async () => {
    const { tokens, another, refreshToken, clock, store, sessionId } = await signedIn();
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(settled);
    const unlucky = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await updateSession(tokens, sessionId, { scope: 'b' });
          return store.swap(...command);
        },
      }),
    });
    await expect(refreshTokenPair(unlucky, refreshToken)).rejects.toThrow(StoreUnavailableError);
    await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 2 });
    expect((await refreshTokenPair(tokens, refreshToken)).scope).toBe('b');
  });

  it.each([1, 2, 3, 4])(
    'can be repeated: after %i of them the client can still recover with its old token',
    async (times) => {
      const { tokens, refreshToken, clock, store, sessionId } = await signedIn();
      await store.confirm(sessionId, 1);
      for (let time = 0; time < times; time += 1) {
        await reauthenticated(tokens, { refreshToken }, proof);
      }
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_pending');
      clock.advance(settled);
      const recovered = await refreshTokenPair(tokens, refreshToken);
      expect(readByHand(recovered.refreshToken).generation).toBe(times + 2);
      expect(levelOf(recovered)).toEqual(login);
    },
  );

  it('has four predecessors at most: a client that lost five answers is signed out', async () => {
    const issuer = await signedIn();
    const { tokens, refreshToken, store, sessionId } = issuer;
    await store.confirm(sessionId, 1);
    for (let time = 0; time < 5; time += 1) {
      await reauthenticated(tokens, { refreshToken }, proof);
    }
    const { state = '' } = { ...(await store.get(sessionId)) };
    expect(state.split(' ').filter((word) => word.includes('.'))).toHaveLength(4);
    expect(await codeOf(reauthenticated(tokens, { refreshToken }))).toBe('refresh_token_invalid');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    expect(types(issuer)).toContain('refresh.reused');
  });

  it('counts the recovery from the first use of each token', async () => {
    const { tokens, refreshToken, clock, store, sessionId } = await signedIn();
    await store.confirm(sessionId, 1);
    await reauthenticated(tokens, { refreshToken }, proof);
    clock.advance(86_400 - 30);
    await reauthenticated(tokens, { refreshToken }, proof);
    // Within the settle time of the second step-up, and after the end of the recovery.
    clock.advance(31);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_pending');
    clock.advance(30);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });
});

describe('a step-up that is refused', () => {
  it.each([undefined, null, ''])('has no token: %p', async (refreshToken) => {
    const { tokens } = await signedIn();
    const refusal = reauthenticated(tokens, { refreshToken } as SessionReference, proof);
    await expect(refusal).rejects.toThrow(MissingRefreshTokenError);
  });

  it.each<[string, (signed: Awaited<ReturnType<typeof signedIn>>) => SessionReference]>([
    ['a forged token', () => ({ refreshToken: `tpr_${'A'.repeat(112)}` })],
    ['a session ID of another form', () => ({ sessionId: 'x' })],
    ['an unknown session ID', () => ({ sessionId: 'A'.repeat(38) })],
    [
      'a token for an unknown session',
      () => ({ refreshToken: forgeByHand(firstKey, 'A'.repeat(38), 1) }),
    ],
    [
      'a token with a good tag that was never issued',
      ({ sessionId }) => ({ refreshToken: forgeByHand(firstKey, sessionId, 1) }),
    ],
    [
      'a token under an unknown key',
      ({ sessionId }) => ({ refreshToken: forgeByHand(secondKey, sessionId, 1) }),
    ],
  ])('has %s, and nothing changes', async (_what, referenceTo) => {
    const signed = await signedIn();
    const { tokens, store, sessionId, refreshToken } = signed;
    const before = await store.get(sessionId);
    expect(await codeOf(reauthenticated(tokens, referenceTo(signed), proof))).toBe(
      'refresh_token_invalid',
    );
    expect(await store.get(sessionId)).toEqual(before);
    expect(types(signed)).toEqual([]);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('has a token that is older than the predecessors, and ends no session', async () => {
    const signed = await signedIn();
    const { tokens, refreshToken, clock } = signed;
    const second = await refreshTokenPair(tokens, refreshToken);
    clock.advance(settled);
    const third = await refreshTokenPair(tokens, second.refreshToken);
    expect(await codeOf(reauthenticated(tokens, { refreshToken }, proof))).toBe(
      'refresh_token_invalid',
    );
    expect(types(signed)).not.toContain('refresh.reused');
    clock.advance(settled);
    expect(levelOf(await refreshTokenPair(tokens, third.refreshToken))).toEqual(login);
  });

  it('has a session that has ended', async () => {
    const { tokens, refreshToken, sessionId } = await signedIn();
    await revokeSession(tokens, { refreshToken });
    for (const reference of [{ refreshToken }, { sessionId }]) {
      expect(await codeOf(reauthenticated(tokens, reference, proof))).toBe('refresh_token_invalid');
    }
  });

  it.each<[string, unknown, unknown, string]>([
    ['both references', { refreshToken: 'x', sessionId: 'y' }, {}, 'refreshToken or a sessionId'],
    ['an unknown reference', { token: 'x' }, {}, "'token'"],
    ['a time in milliseconds', { sessionId: 'x' }, { time: 1.8e12 }, 'authentication.time'],
    ['an empty level', { sessionId: 'x' }, { acr: '' }, 'authentication.acr'],
    ['methods that are text', { sessionId: 'x' }, { amr: 'otp' }, 'authentication.amr'],
    ['an unknown member', { sessionId: 'x' }, { auth_time: 1 }, "'auth_time'"],
  ])('has %s, which is a TypeError', async (_what, reference, authentication, message) => {
    const { tokens, calls } = await signedIn();
    calls.length = 0;
    const refusal = reauthenticated(
      tokens,
      reference as SessionReference,
      authentication as Authentication,
    );
    await expect(refusal).rejects.toThrow(TypeError);
    await expect(refusal).rejects.toThrow(message);
    expect(calls).toEqual([]);
  });
});

describe('a step-up with a claims hook', () => {
  it('tells the hook the new authentication and the reason', async () => {
    const claims = jest.fn(() => ({}));
    const { tokens, sessionId } = await signedIn({}, { claims });
    const request = { ip: '192.0.2.1' };
    await reauthenticated(tokens, { sessionId }, proof, { request });
    expect(claims).toHaveBeenLastCalledWith(
      'u_1',
      expect.objectContaining({
        sessionId,
        reason: 'reauthenticate',
        authentication: proof,
        request,
      }),
    );
  });

  it('ends the session when the hook denies', async () => {
    let answer: ClaimsAnswer = {};
    const signed = await signedIn({}, { claims: () => answer });
    const { tokens, sessionId, refreshToken } = signed;
    answer = false;
    const refusal = reauthenticated(tokens, { sessionId }, proof);
    await expect(refusal).rejects.toThrow(AccessDeniedError);
    expect(signed.events).toMatchObject([{ type: 'session.revoked', reason: 'denied' }]);
    answer = {};
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });

  it('spends nothing when the hook fails', async () => {
    let isDown = false;
    const { tokens, store, sessionId, refreshToken } = await signedIn(
      {},
      {
        claims: () => {
          if (isDown) throw new Error('down');
          return {};
        },
      },
    );
    const before = await store.get(sessionId);
    isDown = true;
    expect(await codeOf(reauthenticated(tokens, { refreshToken }, proof))).toBe(
      'temporarily_unavailable',
    );
    expect(await store.get(sessionId)).toEqual(before);
  });
});

describe('a step-up while the session changes', () => {
  it('goes on from the record as another tab left it', async () => {
    const { tokens, another, store, refreshToken, clock, sessionId } = await signedIn();
    let isFirst = true;
    const slow = another({
      store: alterStore(store, {
        swap: async (...command) => {
          if (isFirst) {
            isFirst = false;
            await refreshTokenPair(tokens, refreshToken);
            await updateSession(tokens, sessionId, { scope: 'b' });
          }
          return store.swap(...command);
        },
      }),
    });
    const pair = await reauthenticated(slow, { refreshToken }, proof);
    expect(pair.scope).toBe('b');
    expect(jwt.decode(pair.accessToken)).toMatchObject({ gen: 3, scope: 'b', acr: 'phr' });
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });

  it('is refused when the session ends meanwhile', async () => {
    const { tokens, another, store, refreshToken, sessionId } = await signedIn();
    const slow = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await revokeSession(tokens, { sessionId });
          return store.swap(...command);
        },
      }),
    });
    expect(await codeOf(reauthenticated(slow, { refreshToken }, proof))).toBe(
      'refresh_token_invalid',
    );
    await expect(store.get(sessionId)).resolves.toBeUndefined();
  });

  it('gets 503 after five conflicts', async () => {
    const { tokens, another, store, sessionId } = await signedIn();
    const unlucky = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await updateSession(tokens, sessionId, { scope: 'b' });
          return store.swap(...command);
        },
      }),
    });
    await expect(reauthenticated(unlucky, { sessionId }, proof)).rejects.toThrow(
      StoreUnavailableError,
    );
    await expect(store.get(sessionId)).resolves.toMatchObject({ generation: 1 });
  });

  it('recognises its own write when the client library repeats the command', async () => {
    const { tokens, another, store, sessionId, clock, events } = await signedIn();
    const twice = another({
      store: alterStore(store, {
        swap: async (...command) => {
          await store.swap(...command);
          return store.swap(...command);
        },
      }),
    });
    const pair = await reauthenticated(twice, { sessionId }, proof);
    expect(readByHand(pair.refreshToken).generation).toBe(2);
    expect(events).toHaveLength(1);
    clock.advance(settled);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });
});
