import { randomBytes } from 'node:crypto';

import {
  createRevocations,
  createTokenVerifier,
  issueTokenPair,
  loadedKeySet,
  MemorySessionStore,
  requireFresh,
  type TokenIssuerOptions,
  type VerifiedToken,
} from '@tokenpair/core';
import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';
import { MemoryRevocationLog } from '@tokenpair/core/store';
import { RedisSessionStore } from '@tokenpair/redis';

import { createTestIssuer } from '../../support/issuer.js';

const day = 86_400;
const load = () => Promise.reject(new Error('no'));
const issuer = (options: Partial<TokenIssuerOptions>) => () => createTestIssuer(options).tokens;

describe('a duration in milliseconds', () => {
  it.each<[string, number, string]>([
    ['accessTokenLifetime', 15 * 60 * 1000, '900'],
    ['accessTokenLifetime', 24 * 3_600_000, '86400'],
    ['idleLifetime', 30 * day * 1000, '2592000'],
    ['absoluteLifetime', 90 * day * 1000, '7776000'],
    ['actorLifetime', 3_600_000, '3600'],
    ['reuseInterval', 30_000, '30'],
    ['recovery', 24 * 3_600_000, '86400'],
    ['idleLifetime', 15 * 60_000, '900'],
    ['idleLifetime', 30 * 60_000, '1800'],
    ['idleLifetime', 3_600_000, '3600'],
    ['accessTokenLifetime', 60_000, '60'],
    ['accessTokenLifetime', 30_000, '30'],
    ['recovery', 600_000, '600'],
    ['deadline', 1_000, '1'],
    ['deadline', 5_000, '5'],
    ['clockTolerance', 5_000, '5'],
  ])('is refused as %s, and the seconds are named: %d', (option, value, seconds) => {
    expect(issuer({ [option]: value })).toThrow(TypeError);
    expect(issuer({ [option]: value })).toThrow(
      new RegExp(
        `^${option}: ${value} looks like milliseconds.* Write ${seconds} or '${seconds}s'`,
      ),
    );
  });

  it.each<[string, (value: number) => unknown]>([
    ['refreshInterval', (refreshInterval) => loadedKeySet(load, { refreshInterval })],
    ['staleFor', (staleFor) => loadedKeySet(load, { staleFor })],
    ['sweepInterval', (sweepInterval) => new MemorySessionStore({ sweepInterval })],
    [
      'issuerCache.lifetime',
      (lifetime) => createTokenVerifier({ issuers: () => undefined, issuerCache: { lifetime } }),
    ],
  ])('is refused as %s', (option, make) => {
    for (const milliseconds of [30_000, 60_000, 3_600_000]) {
      expect(() => make(milliseconds)).toThrow(
        new RegExp(`^${option}: ${milliseconds} looks like milliseconds`),
      );
    }
    expect(() => make(day)).not.toThrow();
  });

  it('is refused as a time limit of the first read of a revocation log', async () => {
    const revocations = createRevocations(new MemoryRevocationLog());
    createTestIssuer({ revocations });
    await expect(revocations.ready({ within: 1_000 })).rejects.toThrow(/^within: 1000 looks like/);
    await revocations.close();
  });

  it.each<[string, string, number]>([
    ['accessTokenLifetime', '10d', day],
    ['actorLifetime', '90d', 30 * day],
  ])('is not meant when %s is text, or a number that is usual', (option, text, number) => {
    expect(issuer({ [option]: text })).not.toThrow();
    expect(issuer({ [option]: number })).not.toThrow();
  });

  it('is not meant by a number that is no multiple of 1000, and the message says how to write it', () => {
    expect(issuer({ accessTokenLifetime: 86_401 })).toThrow(/write '86401s' if it is seconds/);
    expect(issuer({ accessTokenLifetime: '86401s' })).not.toThrow();
  });

  it('is meant by a time limit of a part of a second too', () => {
    expect(issuer({ deadline: 250 })).toThrow(
      "deadline: 250 looks like milliseconds, but a number is seconds here. Write 0.25, or '250s' if it is seconds.",
    );
    expect(issuer({ deadline: '250s' })).not.toThrow();
    expect(() => new RedisSessionStore({ client: { call() {} }, deadline: 500 })).toThrow(
      /^deadline: 500 looks like milliseconds/,
    );
  });

  it.each([1_800, 3_600, 18_000, 36_000, 43_200, 7 * day, 30 * day, 31 * day, 365 * day])(
    'is not meant by an idle lifetime of %d',
    (idleLifetime) => {
      expect(issuer({ idleLifetime, absoluteLifetime: '800d' })).not.toThrow();
    },
  );

  it('may be as long as a session as text', () => {
    const options = { idleLifetime: '900d', absoluteLifetime: '1000d' };
    expect(issuer(options)).not.toThrow();
  });

  it('is refused by guards, key sets and grants', async () => {
    const token = { claims: { auth_time: 1 }, now: () => 2 } as never as VerifiedToken;
    expect(() => requireFresh(token, 10 * 60_000)).toThrow(/^within: 600000 looks like milli/);
    expect(() => loadedKeySet(load, { refreshInterval: 600_000 })).toThrow(/looks like millisec/);
    const { tokens } = createTestIssuer();
    const grant = { subject: 'u_1', idleLifetime: 7 * day * 1000 };
    await expect(issueTokenPair(tokens, grant)).rejects.toThrow(/^idleLifetime: .* looks like/);
  });
});

describe('a fraction of a second', () => {
  it.each([0.3, 0.01, 2.5])('is a time limit: %d', (deadline) => {
    expect(issuer({ deadline })).not.toThrow();
    expect(() => loadedKeySet(load, { deadline, cooldown: deadline })).not.toThrow();
    const client = { sendCommand: () => undefined };
    expect(() => new RedisSessionStore({ client, deadline })).not.toThrow();
  });

  it('ends the wait for a hook', async () => {
    const { tokens } = createTestIssuer({ deadline: 0.02, claims: () => new Promise(() => {}) });
    const login = issueTokenPair(tokens, { subject: 'u_1' });
    await expect(login).rejects.toMatchObject({ status: 503 });
  });

  it('is no lifetime, and the message says that seconds must be whole', () => {
    for (const option of ['accessTokenLifetime', 'idleLifetime', 'reuseInterval']) {
      expect(issuer({ [option]: 0.3 })).toThrow(new RegExp(`^${option} must be whole seconds`));
    }
  });
});

describe('options that contradict each other', () => {
  it.each<Partial<TokenIssuerOptions>>([
    { idleLifetime: '30d', absoluteLifetime: '7d' },
    { idleLifetime: '180d' },
  ])('are refused: an idle lifetime above the absolute one, %j', (options) => {
    expect(issuer(options)).toThrow(/^idleLifetime must be at most absoluteLifetime/);
  });

  it('are not there when only the absolute lifetime is given: the idle one is as long', async () => {
    const { tokens } = createTestIssuer({ absoluteLifetime: '7d' });
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(pair.refreshExpiresIn).toBe(7 * day);
    expect(issuer({ idleLifetime: '7d', absoluteLifetime: '7d' })).not.toThrow();
  });

  const secret = randomBytes(32);
  const keys: TokenIssuerOptions['keys'] = [{ kid: 'a', algorithm: 'HS256', secret }];

  it.each<[string, string | Uint8Array | { base64url: string }]>([
    ['the same bytes', secret],
    ['a copy', Uint8Array.from(secret)],
    ['base64url of them', { base64url: secret.toString('base64url') }],
  ])('are refused: one secret for keys and refreshKeys, %s', (_what, same) => {
    const refreshKeys = [
      { kid: '1', secret: randomBytes(32) },
      { kid: '2', secret: same },
    ] as const;
    const create = issuer({ keys, refreshKeys });
    expect(create).toThrow(/^refreshKeys: the key '2' has the secret of the key 'a' in keys/);
    expect(create).not.toThrow(secret.toString('base64url'));
  });

  it('are refused also when keys are replaced, and then none is', () => {
    const tokens = issuer({})();
    const before = tokens.describeKeys().map(({ kid }) => kid);
    tokens.replaceRefreshKeys([{ kid: '2', secret }]);
    expect(() => tokens.replaceKeys(keys)).toThrow(/has the secret of/);
    const other = issuer({ keys })();
    expect(() => other.replaceRefreshKeys([{ kid: '3', secret }])).toThrow(/has the secret of/);
    expect(tokens.describeKeys().map(({ kid }) => kid)).toEqual([before[0], '2']);
  });

  it.each<[string, TokenEndpointOptions]>([
    ['cookie', { cookie: { sameSite: 'lax' } }],
    ['cookie', { transport: 'body', cookie: {} }],
    ['allowedOrigins', { allowedOrigins: ['https://app.test'] }],
  ])('are refused: %s with the body transport', (name, options) => {
    const { tokens } = createTestIssuer();
    expect(() => createTokenEndpoints(tokens, options)).toThrow(
      new RegExp(`^tokenEndpoints: ${name} has no effect with the transport 'body'`),
    );
    expect(() => createTokenEndpoints(tokens, { ...options, transport: 'auto' })).not.toThrow();
  });

  it('are not there when a list from the configuration is empty', () => {
    const { tokens } = createTestIssuer();
    expect(() => createTokenEndpoints(tokens, { allowedOrigins: [] })).not.toThrow();
  });
});
