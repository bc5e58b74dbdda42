import { randomBytes } from 'node:crypto';

import {
  createTokenVerifier,
  issueTokenPair,
  refreshTokenPair,
  verifyBearer,
  type AcceptedIssuerOptions,
  type TokenVerifier,
} from '@tokenpair/core';

import {
  audienceName,
  createTestIssuer,
  issuerName,
  type TestIssuer,
} from '../../support/issuer.js';
import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';
import { createTestVerifier } from '../../support/verifier.js';

const hs256 = (kid: string, secret: Uint8Array = randomBytes(32)) =>
  ({ kid, algorithm: 'HS256', secret }) as const;

const thrownBy = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
};

const kidOf = (token: string): unknown => {
  const [header = ''] = token.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: unknown }).kid;
};

describe('replaceKeys of a verifier', () => {
  const es256 = createTestKey('ES256', 'es').verification;

  it.each<[string, AcceptedIssuerOptions['keys']]>([
    ['one key for another algorithm', [es256]],
    ['several keys for other algorithms', [es256, createTestKey('RS256', 'rs').verification]],
  ])('refuses %s than the option algorithms names, and changes nothing', async (_what, keys) => {
    const { verifier, token, verify } = createTestVerifier({ algorithms: ['HS256', 'HS512'] });
    const before = token();
    const error = thrownBy(() => verifier.replaceKeys(keys as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('HS256, HS512');
    await expect(verify(before)).resolves.toBeDefined();
    await expect(verify(token())).resolves.toBeDefined();
  });

  it('accepts keys if one of them has an accepted algorithm', async () => {
    const { verifier, token, verify, secret } = createTestVerifier({ algorithms: ['HS256'] });
    verifier.replaceKeys([es256, hs256('test', secret)]);
    await expect(verify(token())).resolves.toBeDefined();
  });

  it.each<[unknown]>([['https://other.test'], [`${issuerName}/`], [''], [null], [0], [{}]])(
    'refuses the issuer %p, which is not its own, and changes nothing',
    async (name) => {
      const { verifier, token, verify } = createTestVerifier();
      const replace = () => verifier.replaceKeys([hs256('fresh')], name as string);
      expect(replace).toThrow(TypeError);
      expect(replace).toThrow(issuerName);
      await expect(verify(token())).resolves.toBeDefined();
    },
  );

  it('accepts the name of its own issuer', async () => {
    const { verifier, token, verify } = createTestVerifier();
    verifier.replaceKeys([hs256('fresh')], issuerName);
    await expect(verify(token())).rejects.toMatchObject({ code: 'token_key_unknown' });
  });

  it('changes the keys of no issuer when it refuses, with several issuers', async () => {
    const one = createTestVerifier();
    const two = createTestVerifier({ issuer: 'https://two.test' });
    const accept = (issuer: string, secret: Uint8Array): AcceptedIssuerOptions => ({
      issuer,
      audience: audienceName,
      algorithms: ['HS256'],
      keys: [hs256('test', secret)],
    });
    const issuers = [accept(issuerName, one.secret), accept('https://two.test', two.secret)];
    const verifier = createTokenVerifier({ issuers, clock: one.clock.now });
    const refused: [unknown, unknown][] = [
      [[hs256('fresh')], undefined],
      [[hs256('fresh')], 'https://three.test'],
      [[es256], issuerName],
      [[hs256('fresh'), hs256('fresh')], 'https://two.test'],
      [[hs256('fresh'), { kid: 'x', algorithm: 'HS256', secret: 'short' }], issuerName],
    ];
    for (const [keys, name] of refused) {
      expect(() => verifier.replaceKeys(keys as never, name as string)).toThrow(TypeError);
    }
    const verify = (token: string) => verifyBearer(verifier, `Bearer ${token}`);
    await expect(verify(one.token())).resolves.toBeDefined();
    await expect(verify(two.token({ iss: 'https://two.test' }))).resolves.toBeDefined();
  });
});

describe('replaceKeys of an issuer', () => {
  it.each<[string, unknown]>([
    ['no key', []],
    ['two keys of one kid', [hs256('a'), hs256('a')]],
    ['a second key that is too short', [hs256('a'), hs256('b', randomBytes(8))]],
    ['two current keys', [hs256('a'), hs256('b')].map((key) => ({ ...key, state: 'current' }))],
    ['a current key that cannot sign', [createTestKey('ES256', 'a').verification]],
    ['a key with a member that it does not have', [{ ...hs256('a'), use: 'sig' }]],
  ])('changes nothing when it is given %s', async (_what, keys) => {
    const { tokens } = createTestIssuer();
    const before = tokens.describeKeys();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(() => tokens.replaceKeys(keys as never)).toThrow(TypeError);
    expect(tokens.describeKeys()).toEqual(before);
    const next = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(kidOf(next.accessToken)).toBe('test');
    for (const token of [accessToken, next.accessToken]) {
      await expect(verifyBearer(tokens.verifier, `Bearer ${token}`)).resolves.toBeDefined();
    }
  });

  it.each([[undefined], [issuerName]])(
    'cannot be called on its verifier, with the issuer %p',
    async (name) => {
      const { tokens } = createTestIssuer();
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const { verifier }: { verifier: TokenVerifier } = tokens;
      expect(() => verifier.replaceKeys([hs256('fresh')], name)).toThrow(TypeError);
      await expect(verifyBearer(verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
    },
  );

  it('accepts another key under a known kid, and then refuses tokens of the former key at once', async () => {
    const { tokens } = createTestIssuer();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const verify = (token: string) => verifyBearer(tokens.verifier, `Bearer ${token}`);
    await verify(accessToken);
    tokens.replaceKeys([hs256('test')]);
    // No change of keys is visible in a token with a known kid, so it looks like a forgery.
    await expect(verify(accessToken)).rejects.toMatchObject({
      code: 'token_invalid',
      action: 'login',
      check: 'signature',
    });
    const { accessToken: next } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(verify(next)).resolves.toBeDefined();
  });
});

describe('replaceRefreshKeys', () => {
  const [secret, other] = [randomBytes(32), randomBytes(32)];
  const day = 86_400;
  let issuer: TestIssuer;
  let refreshToken: string;

  beforeEach(async () => {
    issuer = createTestIssuer({
      refreshKeys: [{ kid: '1', secret }],
      idleLifetime: '30d',
      absoluteLifetime: '90d',
    });
    ({ refreshToken } = await issueTokenPair(issuer.tokens, { subject: 'u_1' }));
  });

  const replace = (...keys: object[]) => issuer.tokens.replaceRefreshKeys(keys as never);
  const mustRefuse = (...keys: object[]) => {
    const before = issuer.tokens.describeKeys();
    const error = thrownBy(() => replace(...keys));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("kid '1'");
    expect(issuer.tokens.describeKeys()).toEqual(before);
    return String(error);
  };

  it.each<[string, object[]]>([
    ['as the only one', [{ kid: '1', secret: other }]],
    [
      'behind another',
      [
        { kid: '2', secret: randomBytes(32) },
        { kid: '1', secret: other },
      ],
    ],
    [
      'before another',
      [
        { kid: '1', secret: other },
        { kid: '2', secret: randomBytes(32) },
      ],
    ],
    [
      'as a retiring one',
      [
        { kid: '2', secret: randomBytes(32), state: 'current' },
        { kid: '1', secret: other, state: 'retiring' },
      ],
    ],
  ])(
    'refuses a known ID with another secret, %s, and signs no user out',
    async (_how, refreshKeys) => {
      const message = mustRefuse(...refreshKeys);
      expect(message).not.toContain(other.toString('base64url'));
      expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
    },
  );

  it('accepts a known ID with its own secret, in any state and any form', async () => {
    const base64url = secret.toString('base64url');
    replace({ kid: '1', secret: { base64url }, state: 'current' });
    replace({ kid: '2', secret: other }, { kid: '1', secret });
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });

  it('refuses a removed ID with another secret while sessions of its key may exist', async () => {
    replace({ kid: '2', secret: randomBytes(32) });
    issuer.clock.advance(30 * day - 1);
    mustRefuse({ kid: '1', secret: other });
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
    issuer.clock.advance(1);
    replace({ kid: '1', secret: other });
    expect(issuer.tokens.describeKeys().map(({ kid }) => kid)).toEqual(['test', '1']);
  });

  it('counts that time from the last use of a key that has retired', () => {
    replace({ kid: '2', secret: other }, { kid: '1', secret });
    issuer.clock.advance(20 * day);
    replace({ kid: '2', secret: other });
    issuer.clock.advance(10 * day - 1);
    mustRefuse({ kid: '1', secret: randomBytes(32) }, { kid: '2', secret: other });
    issuer.clock.advance(1);
    replace({ kid: '1', secret: randomBytes(32) }, { kid: '2', secret: other });
    expect(issuer.tokens.describeKeys().map(({ kid }) => kid)).toEqual(['test', '1', '2']);
  });

  it('accepts a removed ID again with its own secret', async () => {
    replace({ kid: '2', secret: other });
    replace({ kid: '1', secret }, { kid: '2', secret: other });
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });

  it('still replaces all keys at once by one with an ID that was never used', async () => {
    replace({ kid: '2', secret: other });
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });
});
