// What an application can grant at a login: each member, and what is refused.

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSubject,
  type LoginGrant,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import jwt from 'jsonwebtoken';

import { createTestIssuer, ownerOf, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const hour = 3_600;
const day = 24 * hour;
const audience = ['https://a.test', 'https://b.test'];

const claimsOf = (accessToken: string) => jwt.decode(accessToken) as jwt.JwtPayload;

async function login(grant: Partial<LoginGrant>, options: Partial<TokenIssuerOptions> = {}) {
  const issuer = createTestIssuer({ audience, ...options });
  const loginAt = issuer.clock.now();
  const pair = await issueTokenPair(issuer.tokens, { subject: 'u_1', ...grant });
  const record = await issuer.store.get(pair.sessionId);
  if (record === undefined) throw new Error('there is no session');
  const data = JSON.parse(record.data) as Record<string, unknown>;
  return { ...issuer, pair, record, data, loginAt };
}

const types = ({ events }: TestIssuer) => events.map(({ type }) => type);

describe('the lifetimes of a grant', () => {
  it('are kept in the record, and stay when the options of the issuer change', async () => {
    const { tokens, another, pair, record, clock, loginAt } = await login({
      idleLifetime: '1h',
      absoluteLifetime: 2 * hour,
    });
    expect(record).toMatchObject({
      idleLifetime: hour * 1_000,
      expiresAt: loginAt + 2 * hour * 1_000,
    });
    expect(pair.refreshExpiresIn).toBe(hour);
    clock.advance(hour - 1);
    const next = await refreshTokenPair(another({ idleLifetime: '20d' }), pair.refreshToken);
    expect(next.refreshExpiresIn).toBe(hour);
    clock.advance(hour);
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('refresh_token_invalid');
  });

  it('are those of the issuer when they are left out', async () => {
    const { record, loginAt } = await login({});
    expect(record).toMatchObject({
      idleLifetime: 30 * day * 1_000,
      expiresAt: loginAt + 90 * day * 1_000,
    });
  });

  it.each<[string, Partial<LoginGrant>]>([
    ['the idle lifetime of the issuer', { idleLifetime: '30d' }],
    ['the absolute lifetime of the issuer', { absoluteLifetime: '90d' }],
    ['an idle lifetime of two settle times', { idleLifetime: 120 }],
    ['an absolute lifetime of one second', { absoluteLifetime: 1 }],
  ])('may be %s', async (_what, grant) => {
    await expect(login(grant)).resolves.toBeDefined();
  });

  it.each([
    ['an idle lifetime above that of the issuer', { idleLifetime: 30 * day + 1 }, 'idleLifetime'],
    ['an idle lifetime below two settle times', { idleLifetime: 119 }, 'idleLifetime'],
    ['an idle lifetime of 0', { idleLifetime: 0 }, 'idleLifetime'],
    [
      'an absolute lifetime above that of the issuer',
      { absoluteLifetime: '91d' },
      'absoluteLifetime',
    ],
    ['an absolute lifetime of 0', { absoluteLifetime: 0 }, 'absoluteLifetime'],
    ['bare digits', { absoluteLifetime: '3600' }, 'absoluteLifetime'],
    ['milliseconds', { absoluteLifetime: 3_600_000_000 }, 'absoluteLifetime'],
    ['null', { idleLifetime: null }, 'idleLifetime'],
  ])('are refused when they are %s, and nothing is stored', refuses);

  it.each([
    [300, 1_199, false],
    [300, 1_200, true],
    [0, 1, true],
  ])(
    'with a reuse interval of %i s and an idle lifetime of %i s are accepted: %p',
    async (reuseInterval, idleLifetime, isAccepted) => {
      const outcome = await login({ idleLifetime }, { reuseInterval }).then(
        () => true,
        (error: unknown) => !(error instanceof TypeError),
      );
      expect(outcome).toBe(isAccepted);
    },
  );
});

describe('a session that persists', () => {
  it('is the usual one; the pair of every other session says that its cookie does not outlive the browser', async () => {
    const usual = await login({});
    expect(Reflect.get(usual.pair, 'persistent')).toBe(true);
    const { tokens, pair, data, clock } = await login({ persistent: false });
    expect(data['persistent']).toBe(false);
    clock.advance(61);
    const second = await refreshTokenPair(tokens, pair.refreshToken);
    const held = await refreshTokenPair(tokens, second.refreshToken);
    const replayed = await refreshTokenPair(tokens, pair.refreshToken);
    expect(
      [pair, second, held, replayed].map((one): unknown => Reflect.get(one, 'persistent')),
    ).toEqual(Array(4).fill(false));
    // The end of the session does not depend on it.
    expect(pair.refreshExpiresIn).toBe(usual.pair.refreshExpiresIn);
  });

  it('is not a member of the pair that applications log or send', async () => {
    const { pair } = await login({ persistent: false });
    expect(Object.keys(pair)).not.toContain('persistent');
    expect(JSON.stringify(pair)).not.toContain('persistent');
  });

  it.each([
    ['null', { persistent: null }, 'persistent'],
    ['text', { persistent: 'false' }, 'persistent'],
    ['a number', { persistent: 0 }, 'persistent'],
  ])('is refused when it is %s', refuses);
});

describe('a login that replaces a session', () => {
  it('ends that session in the same step, and reports it', async () => {
    const { tokens, pair, calls, events } = await login({});
    calls.length = 0;
    events.length = 0;
    const next = await issueTokenPair(tokens, { subject: 'u_1', replaces: pair.refreshToken });
    expect(calls).toEqual(['get', 'create']);
    expect(events).toMatchObject([
      { type: 'session.revoked', reason: 'replaced', sessionId: pair.sessionId, subject: 'u_1' },
      { type: 'session.issued', sessionId: next.sessionId },
    ]);
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([
      { sessionId: next.sessionId },
    ]);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('refresh_token_invalid');
  });

  it.each(['evict-oldest', 'reject'] as const)(
    'makes room for itself at a limit of 1, with %s',
    async (onSessionLimit) => {
      const options = { maxSessions: 1, onSessionLimit };
      const issuer = await login({}, options);
      const { tokens, pair } = issuer;
      const grant = { subject: 'u_1', replaces: pair.refreshToken };
      expect(await codeOf(issueTokenPair(tokens, grant))).toBe('ok');
      expect(types(issuer)).not.toContain('session.evicted');
      expect(types(issuer).filter((type) => type === 'session.revoked')).toHaveLength(1);
    },
  );

  it('ends the session by any of its tokens', async () => {
    const { tokens, pair, clock } = await login({});
    const second = await refreshTokenPair(tokens, pair.refreshToken);
    clock.advance(61);
    await refreshTokenPair(tokens, second.refreshToken);
    await issueTokenPair(tokens, { subject: 'u_1', replaces: pair.refreshToken });
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
  });

  it('ends a session of another subject after the new one is created', async () => {
    const { tokens, pair, calls, events } = await login({});
    calls.length = 0;
    events.length = 0;
    await issueTokenPair(tokens, { subject: 'u_2', replaces: pair.refreshToken });
    expect(calls).toEqual(['get', 'create', 'revoke']);
    expect(events).toMatchObject([
      { type: 'session.revoked', reason: 'replaced', sessionId: pair.sessionId, subject: 'u_1' },
      { type: 'session.issued', subject: 'u_2' },
    ]);
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
  });

  it('ends nothing when it is refused itself', async () => {
    let isDenied = false;
    const { tokens, pair } = await login({}, { claims: () => (isDenied ? false : {}) });
    isDenied = true;
    for (const subject of ['u_1', 'u_2']) {
      const grant = { subject, replaces: pair.refreshToken };
      expect(await codeOf(issueTokenPair(tokens, grant))).toBe('access_denied');
    }
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
  });

  it('leaves two sessions when two logins come at once over one token', async () => {
    const issuer = await login({});
    const { tokens, pair } = issuer;
    const grant = { subject: 'u_1', replaces: pair.refreshToken };
    await Promise.all([issueTokenPair(tokens, grant), issueTokenPair(tokens, grant)]);
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(2);
    expect(types(issuer).filter((type) => type === 'session.revoked')).toHaveLength(1);
  });

  it.each([
    ['undefined', undefined],
    ['empty text', ''],
    ['a session ID', 'A'.repeat(38)],
    ['a forged token', `tpr_${'A'.repeat(112)}`],
    ['something else', { token: 'x' }],
    ['null', null],
  ])('goes ahead and ends nothing when the token is %s', async (_what, replaces) => {
    const issuer = await login({});
    const { tokens } = issuer;
    const grant = { subject: 'u_1', replaces: replaces as string };
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('ok');
    expect(types(issuer)).toEqual(['session.issued', 'session.issued']);
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(2);
  });

  it('goes ahead when the session of the token has ended', async () => {
    const issuer = await login({});
    const { tokens, pair } = issuer;
    await revokeSubject(tokens, 'u_1');
    const grant = { subject: 'u_1', replaces: pair.refreshToken };
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('ok');
    expect(types(issuer).filter((type) => type === 'session.revoked')).toHaveLength(1);
  });
});

describe('the client of a grant', () => {
  it('is kept for the session, and compared when a refresh names one', async () => {
    const { tokens, pair, data, clock, events } = await login({ clientId: 'app' });
    expect(data['client']).toBe('app');
    const second = await refreshTokenPair(tokens, pair.refreshToken, { clientId: 'app' });
    clock.advance(61);
    for (const clientId of ['other', 'App', 'app ']) {
      expect(await codeOf(refreshTokenPair(tokens, second.refreshToken, { clientId }))).toBe(
        'refresh_token_invalid',
      );
    }
    expect(events.map(({ type }) => type)).toEqual(['session.issued', 'session.refreshed']);
    expect(await codeOf(refreshTokenPair(tokens, second.refreshToken, { clientId: 'app' }))).toBe(
      'ok',
    );
  });

  it('is needed where a client is compared: a session without one is refused, and nobody is accused', async () => {
    const { tokens, pair, events, calls } = await login({});
    const second = await refreshTokenPair(tokens, pair.refreshToken);
    calls.length = 0;
    for (const token of [pair.refreshToken, second.refreshToken]) {
      expect(await codeOf(refreshTokenPair(tokens, token, { clientId: 'app' }))).toBe(
        'refresh_token_invalid',
      );
    }
    expect(calls).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['session.issued', 'session.refreshed']);
  });

  it.each([
    ['empty', { clientId: '' }, 'clientId'],
    ['too long', { clientId: 'x'.repeat(257) }, 'clientId'],
    ['a number', { clientId: 7 }, 'clientId'],
    ['null', { clientId: null }, 'clientId'],
  ])('is refused when it is %s', refuses);
});

describe('the audience of a grant', () => {
  it('is some of the audiences of the issuer, in every access token of the session', async () => {
    const { tokens, pair, data } = await login({ audience: 'https://b.test' });
    expect(data['aud']).toEqual(['https://b.test']);
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    for (const { accessToken } of [pair, next]) {
      expect(claimsOf(accessToken).aud).toBe('https://b.test');
    }
  });

  it('is not stored when it is all of them, so that it follows the issuer', async () => {
    const { another, pair, data } = await login({ audience: audience.toReversed() });
    expect(data).not.toHaveProperty('aud');
    const wider = another({ audience: [...audience, 'https://c.test'] });
    const next = await refreshTokenPair(wider, pair.refreshToken);
    expect(claimsOf(next.accessToken).aud).toEqual([...audience, 'https://c.test']);
  });

  it.each([
    ['foreign', { audience: 'https://c.test' }, 'audience'],
    ['partly foreign', { audience: ['https://a.test', 'https://c.test'] }, 'audience'],
    ['empty', { audience: [] }, 'audience'],
    ['empty text', { audience: '' }, 'audience'],
    ['a pattern', { audience: /a/ }, 'audience'],
    ['null', { audience: null }, 'audience'],
  ])('is refused when it is %s', refuses);
});

describe('the authentication of a grant', () => {
  it('is now when nothing is said of it', async () => {
    for (const authentication of [undefined, {}, { time: undefined }]) {
      const { data, pair, loginAt } = await login({ authentication });
      const time = Math.floor(loginAt / 1_000);
      expect(data['auth']).toEqual({ time });
      expect(claimsOf(pair.accessToken)).toMatchObject({ auth_time: time });
      expect(claimsOf(pair.accessToken)).not.toHaveProperty('acr');
    }
  });

  it('is never changed by a refresh', async () => {
    const authentication = { time: 1_700_000_000, acr: 'phr', amr: ['hwk', 'user'] };
    const { tokens, pair, clock } = await login({ authentication });
    clock.advance(day);
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    const { time, ...levels } = authentication;
    expect(claimsOf(next.accessToken)).toMatchObject({ auth_time: time, ...levels });
  });

  it.each([
    ['a time of 0', { time: 0 }],
    ['the longest level', { acr: 'x'.repeat(256) }],
    ['sixteen methods', { amr: Array.from({ length: 16 }, () => 'm'.repeat(64)) }],
  ])('may have %s', async (_what, authentication) => {
    await expect(login({ authentication })).resolves.toBeDefined();
  });

  it.each([
    ['text', { authentication: 'pwd' }, 'authentication'],
    ['null', { authentication: null }, 'authentication'],
    ['with a member of another name', { authentication: { auth_time: 1 } }, 'authentication'],
    ['in milliseconds', { authentication: { time: 1_700_000_000_000 } }, 'authentication.time'],
    ['in the future', { authentication: { time: 9_999_999_999 } }, 'authentication.time'],
    ['a Date', { authentication: { time: new Date() } }, 'authentication.time'],
    ['with a time below 0', { authentication: { time: -1 } }, 'authentication.time'],
    ['with a part of a second', { authentication: { time: 1.5 } }, 'authentication.time'],
    [
      'with a time that is no number',
      { authentication: { time: Number.NaN } },
      'authentication.time',
    ],
    ['with an empty level', { authentication: { acr: '' } }, 'authentication.acr'],
    ['with a long level', { authentication: { acr: 'x'.repeat(257) } }, 'authentication.acr'],
    ['with a number for a level', { authentication: { acr: 2 } }, 'authentication.acr'],
    ['with no method in the list', { authentication: { amr: [] } }, 'authentication.amr'],
    ['with one method as text', { authentication: { amr: 'pwd' } }, 'authentication.amr'],
    ['with an empty method', { authentication: { amr: [''] } }, 'authentication.amr'],
    ['with a long method', { authentication: { amr: ['m'.repeat(65)] } }, 'authentication.amr'],
    [
      'with seventeen methods',
      { authentication: { amr: Array.from({ length: 17 }, () => 'pwd') } },
      'authentication.amr',
    ],
  ])('is refused when it is %s', refuses);
});

describe('the actor of a grant', () => {
  const actor = { subject: 'staff', claims: { dept: 7 } };

  it('has the session: it counts, shows and ends with the sessions of the actor', async () => {
    const { tokens, pair, record, events } = await login({ actor });
    expect(record.owner).toBe(ownerOf('staff'));
    expect(claimsOf(pair.accessToken)).toMatchObject({
      sub: 'u_1',
      act: { sub: 'staff', dept: 7 },
    });
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
    await expect(listSessions(tokens, 'staff')).resolves.toMatchObject([
      { sessionId: pair.sessionId, subject: 'u_1' },
    ]);
    await expect(revokeSubject(tokens, 'u_1')).resolves.toEqual([]);
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
    await expect(revokeSubject(tokens, 'staff')).resolves.toEqual([pair.sessionId]);
    expect(events).toMatchObject([
      { type: 'session.issued', subject: 'u_1' },
      { type: 'session.refreshed', subject: 'u_1' },
      { type: 'session.revoked', subject: 'staff' },
    ]);
  });

  it('counts the session against its own limit, not against that of the subject', async () => {
    const { tokens } = await login({}, { maxSessions: 1, onSessionLimit: 'reject' });
    const grant = { subject: 'u_1', actor };
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('ok');
    expect(await codeOf(issueTokenPair(tokens, grant))).toBe('session_limit');
  });

  it('limits the absolute lifetime to that of actors', async () => {
    const { record, loginAt } = await login({ actor });
    expect(record.expiresAt).toBe(loginAt + hour * 1_000);
    const shorter = await login({ actor, absoluteLifetime: '10m' });
    expect(shorter.record.expiresAt).toBe(shorter.loginAt + 600_000);
    const longer = await login(
      { actor, absoluteLifetime: '8h' },
      { actorLifetime: '8h', absoluteLifetime: '1d' },
    );
    expect(longer.record.expiresAt).toBe(longer.loginAt + 8 * hour * 1_000);
    // An issuer whose sessions are shorter anyway.
    const short = await login({ actor }, { absoluteLifetime: '30m' });
    expect(short.record.expiresAt).toBe(short.loginAt + 1_800_000);
  });

  it('may be the subject itself', async () => {
    const { record, data, pair } = await login({ actor: { subject: 'u_1' } });
    expect(record.owner).toBe(ownerOf('u_1'));
    expect(data).not.toHaveProperty('as');
    expect(claimsOf(pair.accessToken)).toMatchObject({ sub: 'u_1', act: { sub: 'u_1' } });
  });

  it('is copied at the login', async () => {
    const claims = { list: ['a'] };
    const { tokens, pair } = await login({ actor: { subject: 'staff', claims } });
    claims.list.push('b');
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    expect(claimsOf(next.accessToken)['act']).toEqual({ sub: 'staff', list: ['a'] });
  });

  it.each([
    ['with a longer absolute lifetime', { actor, absoluteLifetime: hour + 1 }, 'absoluteLifetime'],
    ['text', { actor: 'staff' }, 'actor'],
    ['null', { actor: null }, 'actor'],
    ['without a subject', { actor: {} }, 'actor.subject'],
    ['with an empty subject', { actor: { subject: '' } }, 'actor.subject'],
    ['with a lone surrogate', { actor: { subject: 'u\uD800' } }, 'actor.subject'],
    ['with a member of another name', { actor: { subject: 'staff', dept: 7 } }, 'actor'],
    ['with claims that are a list', { actor: { subject: 'staff', claims: [] } }, 'actor.claims'],
    [
      'with a second subject in its claims',
      { actor: { subject: 'staff', claims: { sub: 'root' } } },
      'actor.claims',
    ],
    [
      'with claims of more than 1 024 characters',
      { actor: { subject: 'staff', claims: { x: 'x'.repeat(1_017) } } },
      'actor.claims',
    ],
    [
      'with claims that JSON cannot say',
      { actor: { subject: 'staff', claims: { n: 1n } } },
      'actor.claims',
    ],
  ])('is refused when it is %s', refuses);
});

describe('a member of a grant that does not exist', () => {
  it.each([
    ['a misspelled one', { scopes: 'a' }, 'scopes'],
    ['one in snake case', { client_id: 'app' }, 'client_id'],
    ['the reserved claim of another library', { acr: 'phr' }, 'acr'],
  ])('is named in the error: %s', async (_what, grant, name) => {
    const { tokens, calls } = createTestIssuer();
    const refusal = issueTokenPair(tokens, { subject: 'u_1', ...grant });
    await expect(refusal).rejects.toThrow(TypeError);
    await expect(refusal).rejects.toThrow(`'${name}'`);
    expect(calls).toEqual([]);
  });

  it('is refused in the options too', async () => {
    const { tokens, calls } = createTestIssuer();
    const refusal = issueTokenPair(tokens, { subject: 'u_1' }, { req: {} } as never);
    await expect(refusal).rejects.toThrow("'req'");
    expect(calls).toEqual([]);
  });
});

describe('a grant that puts too much into access tokens', () => {
  it.each<[string, Partial<LoginGrant>]>([
    ['with a client', { clientId: '日'.repeat(256) }],
    ['with an authentication', { authentication: { acr: '日'.repeat(256) } }],
    ['with an actor', { actor: { subject: 'staff', claims: { x: '日'.repeat(256) } } }],
  ])('is refused at the login, before anything is stored, %s', async (_what, grant) => {
    const { tokens, calls } = createTestIssuer();
    const largest = { subject: '😀'.repeat(512), scope: 's'.repeat(2_048) };
    await expect(issueTokenPair(tokens, largest)).resolves.toBeDefined();
    calls.length = 0;
    await expect(issueTokenPair(tokens, { ...largest, ...grant })).rejects.toThrow(
      /^subject and scope must take at most 4096 bytes of JSON together, with clientId, authentication and actor/,
    );
    expect(calls).toEqual([]);
  });
});

async function refuses(_what: string, grant: object, name: string): Promise<void> {
  const { tokens, calls, events } = createTestIssuer({ audience });
  const refusal = issueTokenPair(tokens, { subject: 'u_1', ...grant });
  await expect(refusal).rejects.toThrow(TypeError);
  await expect(refusal).rejects.toThrow(new RegExp(`^${name.replace('.', String.raw`\.`)}\\b`));
  expect(calls).toEqual([]);
  expect(events).toEqual([]);
}
