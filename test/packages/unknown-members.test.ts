// Tests that every public function refuses an unknown member by its name: a misspelled option must not become a default.

import { randomBytes } from 'node:crypto';
import * as files from 'node:fs';

import { main } from '@tokenpair/cli';
import {
  AuthError,
  createTokenIssuer,
  createTokenVerifier,
  discover,
  discoveredKeySet,
  issueTokenPair,
  InvalidRequestError,
  keyThumbprint,
  loadedKeySet,
  MemorySessionStore,
  refreshTokenPair,
  remoteKeySet,
  revokeSession,
  revokeSubject,
  TokenTooLargeError,
} from '@tokenpair/core';
import {
  createProtectedResource,
  createRequestAuthenticator,
  createTokenEndpoints,
} from '@tokenpair/core/adapter';
import { checkOptions, StoreUnavailableError, toSeconds } from '@tokenpair/core/store';
import * as express from '@tokenpair/express';
import * as koa from '@tokenpair/koa';
import { PostgresRevocations, postgresSchema, PostgresSessionStore } from '@tokenpair/postgres';
import { RedisSessionStore } from '@tokenpair/redis';
import {
  breakable,
  createTestClock,
  createTokenBuilder,
  describeSessionStore,
} from '@tokenpair/testing';

import { createTestIssuer } from '../support/issuer.js';
import { codeOf } from '../support/outcome.js';

const secret = 'hunter2-hunter2-hunter2-hunter2!';
const refreshSecret = secret.toUpperCase();
const { tokens, calls, events } = createTestIssuer();
const { verifier } = tokens;
const key = { kid: '1', algorithm: 'HS256', secret };
const issuing = {
  issuer: 'https://issuer.test',
  audience: 'https://api.test',
  keys: [key],
  refreshKeys: [{ kid: '1', secret: refreshSecret }],
  store: new MemorySessionStore(),
};
const { issuer, audience, keys } = issuing;
const client = { call: () => undefined };
const database = { query: () => undefined };
const runner = { describe: () => undefined, it: () => undefined };
const plainStore = () => ({ store: new MemorySessionStore() });
const io = {
  out: () => undefined,
  err: () => undefined,
  env: {},
  now: Date.now,
  files,
};
const document = { resource: 'https://api.test', authorizationServers: [issuer] };

type Call = (options: never) => unknown;

/** By name: a call, good options for it, and one known member that may be undefined. */
const functions: Readonly<Record<string, readonly [call: Call, good: object, known: string]>> = {
  'issueTokenPair()': [(grant) => issueTokenPair(tokens, grant), { subject: 'u' }, 'scope'],
  'refreshTokenPair()': [
    (options) => refreshTokenPair(tokens, 'tpr_x', options),
    {},
    'accessToken',
  ],
  'revokeSession()': [
    (reference) => revokeSession(tokens, reference),
    { sessionId: 'x' },
    'refreshToken',
  ],
  'revokeSubject()': [(options) => revokeSubject(tokens, 'u', options), {}, 'except'],
  'createTokenIssuer()': [(options) => createTokenIssuer(options), issuing, 'claims'],
  'a key of createTokenIssuer()': [
    (one) => createTokenIssuer({ ...issuing, keys: [one] } as never),
    key,
    'state',
  ],
  'a refresh key of createTokenIssuer()': [
    (one) => createTokenIssuer({ ...issuing, refreshKeys: [one] } as never),
    { kid: '1', secret: refreshSecret },
    'since',
  ],
  'a key of replaceKeys()': [(one) => tokens.replaceKeys([one]), key, 'state'],
  'a refresh key of replaceRefreshKeys()': [
    (one) => tokens.replaceRefreshKeys([one]),
    { kid: '2', secret: refreshSecret },
    'state',
  ],
  'createTokenVerifier()': [
    (options) => createTokenVerifier(options),
    { issuer, audience, keys },
    'issuers',
  ],
  'an entry of issuers': [
    (one) => createTokenVerifier({ issuers: [one] }),
    { issuer, audience, keys },
    'type',
  ],
  'a key of createTokenVerifier()': [
    (one) => createTokenVerifier({ issuer, audience, keys: [one] }),
    key,
    'state',
  ],
  'the option transports': [
    (transports) => createTokenVerifier({ issuer, audience, keys, transports } as never),
    {},
    'cookie',
  ],
  'the option cache': [
    (cache) => createTokenVerifier({ issuer, audience, keys, cache } as never),
    {},
    'max',
  ],
  'keyThumbprint()': [(one) => keyThumbprint(one), { secret }, 'publicKey'],
  'remoteKeySet()': [(options) => remoteKeySet('https://issuer.test/jwks', options), {}, 'agent'],
  'discoveredKeySet()': [(options) => discoveredKeySet(issuer, options), {}, 'ca'],
  'discover()': [(options) => discover('https://127.0.0.1:1', options), {}, 'headers'],
  'loadedKeySet()': [(options) => loadedKeySet(async () => [], options), {}, 'cooldown'],
  'toSeconds()': [(bounds) => toSeconds('lifetime', 5, bounds), {}, 'max'],
  'checkOptions()': [(options) => checkOptions('mine', options, ['one']), {}, 'one'],
  'a StoreUnavailableError': [(details) => new StoreUnavailableError(details), {}, 'cause'],
  'an AuthError': [(details) => new AuthError('token_missing', details), {}, 'headers'],
  'an InvalidRequestError': [
    (details) => new InvalidRequestError('request_malformed', details),
    {},
    'space',
  ],
  'a TokenTooLargeError': [(details) => new TokenTooLargeError(details), {}, 'cause'],
  'createRequestAuthenticator()': [
    (options) => createRequestAuthenticator(verifier, options),
    {},
    'optional',
  ],
  'createTokenEndpoints()': [(options) => createTokenEndpoints(tokens, options), {}, 'url'],
  'the option cookie': [
    (cookie) => createTokenEndpoints(tokens, { transport: 'cookie', cookie }),
    {},
    'path',
  ],
  'createProtectedResource()': [(options) => createProtectedResource(options), document, 'scopes'],
  'a MemorySessionStore': [(options) => new MemorySessionStore(options), {}, 'capacity'],
  'a RedisSessionStore': [(options) => new RedisSessionStore(options), { client }, 'prefix'],
  'a PostgresSessionStore': [
    (options) => new PostgresSessionStore(options),
    { client: database },
    'table',
  ],
  'a PostgresRevocations': [
    (options) => new PostgresRevocations(options),
    { client: database },
    'table',
  ],
  'postgresSchema()': [(options) => postgresSchema(options), {}, 'schema'],
  'bearer() of Express': [(options) => express.bearer(verifier, options), {}, 'onError'],
  'tokenEndpoints() of Express': [
    (options) => express.tokenEndpoints(tokens, options),
    {},
    'onError',
  ],
  'the cookie of tokenEndpoints() of Express': [
    (cookie) => express.tokenEndpoints(tokens, { transport: 'cookie', cookie }),
    {},
    'sameSite',
  ],
  'pages() of Express': [
    (options) => express.pages(tokens, options),
    { signIn: '/login' },
    'reauthenticate',
  ],
  'the cookies of pages() of Koa': [
    (cookies) => koa.pages(tokens, { signIn: '/login', cookies }),
    {},
    'access',
  ],
  'pages() of Koa': [
    (options) => koa.pages(tokens, options),
    { signIn: '/login' },
    'allowedOrigins',
  ],
  'protectedResource() of Express': [
    (options) => express.protectedResource(options),
    document,
    'scopes',
  ],
  'bearer() of Koa': [(options) => koa.bearer(verifier, options), {}, 'onError'],
  'tokenEndpoints() of Koa': [(options) => koa.tokenEndpoints(tokens, options), {}, 'mount'],
  'the cookie of tokenEndpoints() of Koa': [
    (cookie) => koa.tokenEndpoints(tokens, { transport: 'cookie', cookie }),
    {},
    'sameSite',
  ],
  'protectedResource() of Koa': [(options) => koa.protectedResource(options), document, 'scopes'],
  'createTokenBuilder()': [(options) => createTokenBuilder(options), {}, 'clock'],
  'describeSessionStore()': [
    (options) => describeSessionStore('mine', plainStore, options),
    runner,
    'notShown',
  ],
  'the option notShown': [
    (notShown) => describeSessionStore('mine', plainStore, { ...runner, notShown }),
    {},
    'hang',
  ],
  'main() of the command line': [(given) => main(['help'], given), io, 'now'],
};

const rows = Object.entries(functions).map(([name, [call, good, known]]) => ({
  name,
  call,
  good,
  known,
}));

/** The error that a call throws or rejects with. */
async function errorOf(call: Call, options: unknown): Promise<Error | undefined> {
  try {
    await call(options as never);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const hidden = {};
Object.defineProperty(hidden, 'bogus', { value: secret });

class Settings {
  readonly bogus = secret;
}

const noOptions: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['an array', []],
  ['an array with a value', [secret]],
  ['a text', secret],
  ['a number', 7],
  ['a function', () => secret],
  ['a Map', new Map([['bogus', secret]])],
  ['an instance of a class', new Settings()],
];

describe.each(rows)('$name', ({ call, good, known }) => {
  it('refuses an unknown member by name, with any value, and names the known members', async () => {
    for (const bogus of [secret, undefined, null, 0]) {
      const error = await errorOf(call, { ...good, bogus });
      expect(error).toBeInstanceOf(TypeError);
      expect(error?.message).toContain("'bogus'");
      expect(error?.message).toContain(known);
      expect(error?.message).not.toContain('hunter2');
    }
  });

  it('refuses an unknown member that is not enumerable, or is named __proto__', async () => {
    const fromJson = JSON.parse('{"__proto__":{"bogus":1}}') as object;
    for (const [name, extra] of [
      ['bogus', hidden],
      ['__proto__', fromJson],
    ] as const) {
      const options = Object.create(Object.prototype, {
        ...Object.getOwnPropertyDescriptors(good),
        ...Object.getOwnPropertyDescriptors(extra),
      }) as object;
      const error = await errorOf(call, options);
      expect(error).toBeInstanceOf(TypeError);
      expect(error?.message).toContain(`'${name}'`);
    }
  });

  it('refuses an object with inherited members', async () => {
    const error = await errorOf(
      call,
      Object.create({ ...good, [known]: undefined, bogus: secret }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error?.message).not.toContain('hunter2');
  });

  it.each(noOptions)(
    'refuses %s instead of the object, and does not show its value',
    async (_what, options) => {
      const error = await errorOf(call, options);
      expect(error).toBeInstanceOf(TypeError);
      expect(error?.message).not.toContain('hunter2');
    },
  );

  it('accepts undefined for a known member, and an object without a prototype', async () => {
    for (const options of [
      { ...good, ...(known in good ? {} : { [known]: undefined }) },
      Object.assign(Object.create(null) as object, good),
    ]) {
      expect(await errorOf(call, options)).not.toBeInstanceOf(TypeError);
    }
  });
});

describe('a misspelled member', () => {
  it('of a refresh is refused before the store is called, and the refresh token is not spent', async () => {
    const here = createTestIssuer();
    const mine = await issueTokenPair(here.tokens, { subject: 'u_1' });
    const strangers = await issueTokenPair(here.tokens, { subject: 'u_2' });
    here.calls.length = 0;
    here.events.length = 0;
    for (const evidence of [
      { access_token: strangers.accessToken },
      { accesstoken: strangers.accessToken },
      { accessToken: mine.accessToken, scopes: 'a' },
      strangers,
    ]) {
      const refresh = refreshTokenPair(here.tokens, mine.refreshToken, evidence);
      await expect(refresh).rejects.toThrow(TypeError);
    }
    expect([here.calls, here.events]).toEqual([[], []]);
    expect(await codeOf(refreshTokenPair(here.tokens, mine.refreshToken))).toBe('ok');
  });

  it('of a grant is refused, and no session is stored', async () => {
    calls.length = 0;
    events.length = 0;
    for (const grant of [
      { subject: 'u', scopes: 'admin' },
      { subject: 'u', meta: {} },
      { sub: 'u' },
    ]) {
      await expect(issueTokenPair(tokens, grant as never)).rejects.toThrow(TypeError);
    }
    expect([calls, events]).toEqual([[], []]);
  });

  it.each([
    { refresh_token: 'tpr_x' },
    { refreshToken: 'tpr_x', sessionId: 'x' },
    { session_id: 'x' },
  ])('of a reference to a session is refused: %j', async (reference) => {
    calls.length = 0;
    await expect(revokeSession(tokens, reference as never)).rejects.toThrow(TypeError);
    expect(calls).toEqual([]);
  });

  it('of one issuer is refused beside the option issuers', () => {
    const one = { issuer, audience, keys };
    expect(() => createTokenVerifier({ issuers: [one], audience } as never)).toThrow(
      /'audience' beside issuers/,
    );
    expect(() =>
      createTokenVerifier({ issuers: [one], audience: undefined } as never),
    ).not.toThrow();
  });
});

describe('a polluted Object.prototype', () => {
  it('adds no option', () => {
    Reflect.defineProperty(Object.prototype, 'optional', { value: 'yes', configurable: true });
    try {
      expect(() => createRequestAuthenticator(verifier, {})).not.toThrow();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'optional');
    }
  });
});

describe('authErrors()', () => {
  it.each([express.authErrors, koa.authErrors])('refuses options', (authErrors) => {
    expect(() => authErrors({ onError: 'next' } as never)).toThrow(/no option 'onError'/);
    expect(() => authErrors(createTestIssuer as never)).toThrow(TypeError);
    expect(() => authErrors(undefined)).not.toThrow();
  });
});

describe('the factories for tests and the command line', () => {
  it('refuse a harness with an unknown member', async () => {
    const cases: (() => Promise<void>)[] = [];
    describeSessionStore('mine', () => ({ ...plainStore(), advanse: () => undefined }), {
      describe: (_title, define) => define(),
      it: (_name, run) => void cases.push(run),
    });
    await expect(cases[0]?.()).rejects.toThrow(/no option 'advanse'/);
  });

  it('refuse arguments of a wrong type', () => {
    const bad: (() => unknown)[] = [
      () => describeSessionStore('mine', plainStore() as never, runner),
      () => createTestClock({ now: 7 } as never),
      () => createTestClock('7' as never),
      () => breakable(undefined as never),
      () => breakable({} as never),
      () => breakable(new MemorySessionStore()).break('bogus' as never),
      () => createTokenBuilder().bearer([] as never),
      () => createTokenBuilder().bearer('u_1' as never),
    ];
    for (const call of bad) expect(call).toThrow(TypeError);
  });

  it('refuse an io without err', () => {
    const { err: _err, ...rest } = io;
    expect(() => main(['help'], rest as never)).toThrow(/io\.err is missing/);
  });
});

describe('a secret in base64url', () => {
  it('is refused with another member', () => {
    const text = Buffer.from(secret).toString('base64url');
    const misspelled = { base64url: text, encoding: 'hex' };
    expect(() => keyThumbprint({ secret: misspelled })).toThrow(/no option 'encoding'/);
    expect(() => keyThumbprint({ secret: { base64url: text } })).not.toThrow();
  });
});

describe('the members of a JWK', () => {
  it('may include unknown members, because other programs write JWKs', () => {
    const jwk = {
      kty: 'oct',
      k: randomBytes(32).toString('base64url'),
      alg: 'HS256',
      ext: true,
      x5t: 'x',
    };
    expect(() => keyThumbprint({ secret: jwk })).not.toThrow();
  });
});
