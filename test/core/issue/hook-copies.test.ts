import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  updateSession,
  verifyBearer,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import type {
  ClaimsContext,
  ClientCredentials,
  TokenpairEvent,
  VerifiedToken,
} from '@tokenpair/core';
import jwt from 'jsonwebtoken';

import { createTestIssuer } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

type Mutable = Record<string, unknown>;

interface Session extends Mutable {
  metadata: Record<string, unknown>;
}

/** Ways in which a hook could grant itself something. */
const changes: [string, (session: Session) => unknown][] = [
  ['the scope', (session) => (session['scope'] = 'admin')],
  ['the session ID', (session) => (session['sessionId'] = 'another')],
  ['a member of the metadata', (session) => ((session.metadata as Mutable)['role'] = 'admin')],
  ['the metadata', (session) => (session['metadata'] = { role: 'admin' })],
  ['a member in a member', (session) => ((session.metadata['user'] as Mutable)['role'] = 'admin')],
  ['a list', (session) => (session.metadata['roles'] as string[]).push('admin')],
  [
    'an object in a list',
    (session) => (((session.metadata['list'] as Mutable[])[0] as Mutable)['role'] = 'admin'),
  ],
  ['a member that is deleted', (session) => delete (session.metadata as Mutable)['user']],
  ['the prototype', (session) => Object.setPrototypeOf(session.metadata, { role: 'admin' })],
];

const metadata = () => ({ device: 'iPhone', user: { role: 'user' }, roles: ['user'], list: [{}] });

describe('a change that a claims hook makes to its session argument', () => {
  it.each(changes)(
    'is neither signed nor stored, at login or at refresh: %s',
    async (_what, change) => {
      const errors: unknown[] = [];
      const { tokens } = createTestIssuer({
        claims: async (_subject, session) => {
          // A module in sloppy mode would not throw.
          await Promise.resolve();
          try {
            change(session as unknown as Session);
          } catch (error) {
            errors.push(error);
          }
          return {};
        },
      });
      const first = await issueTokenPair(tokens, {
        subject: 'u_1',
        scope: 'a b',
        metadata: metadata(),
      });
      const second = await refreshTokenPair(tokens, first.refreshToken);
      for (const { accessToken, scope, sessionId } of [first, second]) {
        expect(scope).toBe('a b');
        expect(jwt.decode(accessToken)).toMatchObject({ scope: 'a b', sid: sessionId });
      }
      expect(await listSessions(tokens, 'u_1')).toMatchObject([
        { sessionId: first.sessionId, scope: 'a b', metadata: metadata() },
      ]);
      const [listed] = await listSessions(tokens, 'u_1');
      expect(listed?.metadata).toEqual(metadata());
      expect(errors).toEqual([expect.any(TypeError), expect.any(TypeError)]);
    },
  );

  it('affects only the copy made for that call', async () => {
    const seen: ClaimsContext[] = [];
    const { tokens } = createTestIssuer({
      claims: (_subject, session) => (seen.push(session), {}),
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u', metadata: metadata() });
    await refreshTokenPair(tokens, refreshToken);
    await refreshTokenPair(tokens, refreshToken);
    expect(new Set(seen).size).toBe(3);
    expect(new Set(seen.map((session) => session.metadata)).size).toBe(3);
    for (const session of seen) expect(session.metadata).toEqual(metadata());
  });

  it('cannot reach a __proto__ member of the metadata, which is frozen like any other', async () => {
    const seen: ClaimsContext[] = [];
    const { tokens } = createTestIssuer({
      claims: (_subject, session) => (seen.push(session), {}),
    });
    const parsed = JSON.parse('{"__proto__":{"role":"user"}}') as Record<string, unknown>;
    await issueTokenPair(tokens, { subject: 'u', metadata: parsed });
    const own = Object.getOwnPropertyDescriptor(seen[0]?.metadata, '__proto__');
    expect(own?.value).toEqual({ role: 'user' });
    expect(Object.isFrozen(own?.value)).toBe(true);
  });
});

describe('the grant of a login', () => {
  it('is not frozen, and changing it while the hook runs has no effect', async () => {
    const grant = { subject: 'u_1', scope: ['a', 'b'], metadata: metadata() };
    let answer: ((claims: object) => void) | undefined;
    const { tokens } = createTestIssuer({
      claims: () => new Promise((resolve) => (answer = (claims) => resolve({ ...claims }))),
    });
    const login = issueTokenPair(tokens, grant);
    grant.subject = 'root';
    grant.scope.push('admin');
    grant.metadata.user.role = 'admin';
    grant.metadata.roles.push('admin');
    await new Promise(setImmediate);
    answer?.({});
    const { accessToken, scope } = await login;
    expect(jwt.decode(accessToken)).toMatchObject({ sub: 'u_1', scope: 'a b' });
    expect(scope).toBe('a b');
    expect(await listSessions(tokens, 'u_1')).toMatchObject([
      { scope: 'a b', metadata: metadata() },
    ]);
    for (const part of [
      grant,
      grant.scope,
      grant.metadata,
      grant.metadata.user,
      grant.metadata.list,
    ]) {
      expect(Object.isFrozen(part)).toBe(false);
    }
  });
});

describe('other hooks', () => {
  it('receive a deeply frozen verified token: isRevoked', async () => {
    const seen: VerifiedToken[] = [];
    const { verify, token } = createTestVerifier({ isRevoked: (one) => seen.push(one) < 0 });
    const text = token({ user: { role: 'user' }, roles: [['user']], scope: 'a' });
    await verify(text);
    await verify(text);
    expect(seen).toHaveLength(2);
    for (const one of seen) expect(findLoose(one)).toEqual([]);
  });

  it('receive a frozen client: authenticateClient', async () => {
    const { tokens } = createTestIssuer();
    const seen: (ClientCredentials | undefined)[] = [];
    const { handle } = createTokenEndpoints(tokens, {
      authenticateClient: (client) => seen.push(client) > 0,
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    for (const client of [{}, { client_id: 'app', client_secret: 'x' }]) {
      await handle({
        request: { method: 'POST', headers: {} } as never,
        path: '/token',
        body: { grant_type: 'refresh_token', refresh_token: refreshToken, ...client },
      });
    }
    expect(seen).toEqual([undefined, { clientId: 'app', clientSecret: 'x' }]);
    expect(findLoose(seen[1])).toEqual([]);
  });

  it('receive only the request: transports.custom', async () => {
    const request = { headers: { 'x-token': 'x' }, url: '/' };
    const custom = jest.fn(() => undefined);
    const { verifier } = createTestVerifier({ transports: { custom } });
    await verifyBearer(verifier, request).catch(() => undefined);
    expect(custom.mock.calls).toEqual([[request]]);
  });
});

describe('an event', () => {
  it('is frozen with everything in it, and has only strings, numbers and booleans besides its cause and the metadata', async () => {
    const events: TokenpairEvent[] = [];
    let fails = false;
    const { tokens, clock } = createTestIssuer({
      onEvent: (event) => events.push(event),
      maxSessions: 2,
      claims: () => {
        if (fails) throw new Error('down');
        return {};
      },
    });
    const pair = await issueTokenPair(tokens, { subject: 'u_1', metadata: metadata() });
    const second = await refreshTokenPair(tokens, pair.refreshToken);
    await refreshTokenPair(tokens, second.refreshToken);
    clock.advance(3_600);
    await refreshTokenPair(tokens, pair.refreshToken).catch(() => undefined);
    for (const _login of [1, 2]) await issueTokenPair(tokens, { subject: 'u_1' });
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await verifyBearer(tokens.verifier, 'Bearer x').catch(() => undefined);
    fails = true;
    await issueTokenPair(tokens, { subject: 'u_1' }).catch(() => undefined);
    await updateSession(tokens, sessionId, { scope: 'a', metadata: {} });
    const types = new Set(events.map(({ type }) => type));
    expect(types.size).toBeGreaterThanOrEqual(6);
    for (const event of events) {
      const { cause: _cause, ...rest } = event as TokenpairEvent & { readonly cause?: unknown };
      expect(findLoose(Object.freeze(rest))).toEqual([]);
      expect(Object.isFrozen(event)).toBe(true);
      const objects = Object.entries(rest).filter(([, value]) => typeof value === 'object');
      for (const [name] of objects) expect(['metadata', 'changed']).toContain(name);
    }
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refresh.reused', metadata: metadata() }),
    );
  });
});

/** Paths to the objects inside a value that are not frozen. */
function findLoose(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const parts = Object.entries(value).flatMap(([name, part]) => findLoose(part, `${path}.${name}`));
  return Object.isFrozen(value) ? parts : [path, ...parts];
}
