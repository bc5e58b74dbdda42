import { randomBytes } from 'node:crypto';

import {
  issueTokenPair,
  refreshTokenPair,
  TokenPairMismatchError,
  type TokenPair,
} from '@tokenpair/core';
import { forge, signerFor } from '../../support/forge.js';
import {
  audienceName,
  createTestIssuer,
  issuerName,
  type TestIssuer,
} from '../../support/issuer.js';
import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';

const secret = randomBytes(32);
const keys = [{ kid: 'test', algorithm: 'HS256', secret }] as const;
const header = { alg: 'HS256', typ: 'at+jwt', kid: 'test' };
const signer = signerFor('HS256', secret);

function claimsOf({ sessionId }: TokenPair): Record<string, unknown> {
  const now = Date.UTC(2026, 10, 23, 12) / 1_000;
  return {
    iss: issuerName,
    sub: 'u_1',
    aud: audienceName,
    exp: now + 300,
    iat: now,
    jti: 'x',
    sid: sessionId,
  };
}

describe('the access token sent along at refresh', () => {
  let issuer: TestIssuer;
  let pair: TokenPair;

  beforeEach(async () => {
    issuer = createTestIssuer({ keys: [...keys] });
    pair = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
    issuer.calls.length = 0;
  });

  it('is accepted when it belongs to the same session', async () => {
    const { accessToken, refreshToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe('ok');
    expect(issuer.calls).toEqual(['swap']);
  });

  it('is accepted long after it has expired', async () => {
    issuer.clock.advance(20 * 86_400);
    const { accessToken, refreshToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe('ok');
  });

  it('is accepted from any generation of the session', async () => {
    const next = await refreshTokenPair(issuer.tokens, pair.refreshToken);
    const { accessToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, next.refreshToken, { accessToken }))).toBe(
      'ok',
    );
  });

  it('is accepted when its key no longer signs but still verifies', async () => {
    const fresh = { kid: 'fresh', algorithm: 'HS256', secret: randomBytes(32) } as const;
    const changed = issuer.another({ keys: [fresh, ...keys] });
    const { accessToken, refreshToken } = pair;
    expect(await codeOf(refreshTokenPair(changed, refreshToken, { accessToken }))).toBe('ok');
  });

  it('may be absent', async () => {
    expect(await codeOf(refreshTokenPair(issuer.tokens, pair.refreshToken, {}))).toBe('ok');
  });

  it.each<[string, (given: { issuer: TestIssuer; pair: TokenPair }) => unknown]>([
    ['empty', () => ''],
    ['null', () => null],
    ['a number', () => 7],
    ['an object', ({ pair: { accessToken } }) => ({ accessToken })],
    ['a list', ({ pair: { accessToken } }) => [accessToken]],
    ['noise', () => 'x.y.z'],
    ['the refresh token', ({ pair: { refreshToken } }) => refreshToken],
    ['respelled', ({ pair: { accessToken } }) => `${accessToken}=`],
    ['behind a scheme', ({ pair: { accessToken } }) => `Bearer ${accessToken}`],
    ['cut short', ({ pair: { accessToken } }) => accessToken.slice(0, -1)],
    ['unsigned', ({ pair: { accessToken } }) => accessToken.replace(/[^.]+$/, '')],
    [
      'of another session of the same subject',
      async (given) => (await issueTokenPair(given.issuer.tokens, { subject: 'u_1' })).accessToken,
    ],
    [
      'of another subject',
      async (given) => (await issueTokenPair(given.issuer.tokens, { subject: 'u_2' })).accessToken,
    ],
    [
      'of this session, signed by another key',
      (given) =>
        forge({
          header,
          payload: claimsOf(given.pair),
          signer: signerFor('HS256', randomBytes(32)),
        }),
    ],
    [
      'of this session, with a key ID that is not a string',
      (given) => forge({ header: { ...header, kid: 7 }, payload: claimsOf(given.pair), signer }),
    ],
    [
      'of this session, with the ID of a known key of another algorithm',
      (given) =>
        forge({ header: { ...header, alg: 'HS512' }, payload: claimsOf(given.pair), signer }),
    ],
    [
      'of this session, with no algorithm',
      (given) =>
        forge({ header: { ...header, alg: 'none' }, payload: claimsOf(given.pair), signer }),
    ],
    [
      'of this session, of another type',
      (given) =>
        forge({ header: { ...header, typ: 'JWT' }, payload: claimsOf(given.pair), signer }),
    ],
    ...(
      [
        ['of this session, for another subject', { sub: 'u_2' }],
        ['of this session, without a subject', { sub: undefined }],
        ['of this session, with a subject that is not a string', { sub: ['u_1'] }],
        ['of this session, by another issuer', { iss: 'https://other.test' }],
        ['of this session, for another audience', { aud: 'https://other.test' }],
        ['of this session, bound to a key', { cnf: { jkt: 'x' } }],
        ['without a session ID', { sid: undefined }],
        ['with a session ID that is not a string', { sid: 7 }],
      ] as const
    ).map(
      ([what, changes]) =>
        [
          what,
          (given: { pair: TokenPair }) =>
            forge({ header, payload: { ...claimsOf(given.pair), ...changes }, signer }),
        ] as [string, (given: { pair: TokenPair }) => unknown],
    ),
  ])(
    'is refused when it is %s; the store is not asked and the refresh token is not spent',
    async (_what, make) => {
      const accessToken = (await make({ issuer, pair })) as string;
      issuer.calls.length = 0;
      const refusal = refreshTokenPair(issuer.tokens, pair.refreshToken, { accessToken });
      await expect(refusal).rejects.toThrow(TokenPairMismatchError);
      await expect(refusal).rejects.toMatchObject({
        code: 'token_pair_mismatch',
        error: 'invalid_grant',
        status: 401,
        action: 'login',
      });
      expect(issuer.calls).toEqual([]);
      issuer.clock.advance(3_600);
      expect(await codeOf(refreshTokenPair(issuer.tokens, pair.refreshToken))).toBe('ok');
    },
  );

  it('counts as absent when its key has been removed, and the session continues', async () => {
    const { accessToken, refreshToken } = pair;
    issuer.tokens.replaceKeys([{ kid: 'fresh', algorithm: 'HS256', secret: randomBytes(32) }]);
    const next = await refreshTokenPair(issuer.tokens, refreshToken, { accessToken });
    expect(next.sessionId).toBe(pair.sessionId);
    const evidence = { accessToken: next.accessToken };
    issuer.clock.advance(3_600);
    expect(await codeOf(refreshTokenPair(issuer.tokens, next.refreshToken, evidence))).toBe('ok');
  });

  it('counts as absent when the new keys are for another algorithm', async () => {
    const { accessToken, refreshToken } = pair;
    issuer.tokens.replaceKeys([createTestKey('ES256', 'fresh').signing]);
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe('ok');
  });

  it.each<[string, object]>([
    ['of this session', {}],
    ['of another subject', { sub: 'u_2' }],
    ['of another issuer', { iss: 'https://other.test' }],
  ])('counts as absent when its key was never known, %s', async (_whose, changes) => {
    const payload = { ...claimsOf(pair), ...changes };
    const accessToken = forge({ header: { ...header, kid: 'x' }, payload, signer });
    const { refreshToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe('ok');
  });

  it('is a mismatch when its key has been removed and another key has the same ID', async () => {
    const { accessToken, refreshToken } = pair;
    issuer.tokens.replaceKeys([{ ...keys[0], secret: randomBytes(32) }]);
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe(
      'token_pair_mismatch',
    );
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe('ok');
  });

  it('is accepted when its claims are right and only its JSON is written differently', async () => {
    const accessToken = forge({ header, payload: claimsOf(pair), signer });
    const { refreshToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken, { accessToken }))).toBe('ok');
  });

  it('does not make an invalid refresh token valid', async () => {
    const { accessToken } = pair;
    expect(await codeOf(refreshTokenPair(issuer.tokens, 'tpr_x', { accessToken }))).toBe(
      'refresh_token_invalid',
    );
    expect(await codeOf(refreshTokenPair(issuer.tokens, undefined, { accessToken }))).toBe(
      'refresh_token_missing',
    );
  });
});

describe('the access token when requireAccessToken is set', () => {
  it('causes a refusal when it is missing, and the refresh token is not spent', async () => {
    const { tokens, calls } = createTestIssuer({ requireAccessToken: true, reuseInterval: 0 });
    const { refreshToken, accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    calls.length = 0;
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('token_pair_mismatch');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { accessToken: undefined }))).toBe(
      'token_pair_mismatch',
    );
    expect(calls).toEqual([]);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { accessToken }))).toBe('ok');
  });

  it('is refused while its key is removed, and accepted once that key is back', async () => {
    const { tokens, calls, clock } = createTestIssuer({
      requireAccessToken: true,
      keys: [...keys],
    });
    const { refreshToken, accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const fresh = { kid: 'fresh', algorithm: 'HS256', secret: randomBytes(32) } as const;
    calls.length = 0;
    tokens.replaceKeys([fresh]);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { accessToken }))).toBe(
      'token_pair_mismatch',
    );
    expect(calls).toEqual([]);
    tokens.replaceKeys([fresh, ...keys]);
    // The key is needed until the refresh token itself expires, as describeKeys reports.
    clock.advance(30 * 86_400 - 1);
    const old = tokens.describeKeys().find(({ kid }) => kid === 'test');
    expect(old?.neededUntil).toBeGreaterThan(clock.now());
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { accessToken }))).toBe('ok');
  });
});
