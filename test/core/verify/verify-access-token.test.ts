import { randomBytes } from 'node:crypto';

import { createTokenVerifier, verifyBearer, type Algorithm } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';
import jwt from 'jsonwebtoken';

import { forge, signerFor } from '../../support/forge.js';
import { audienceName, issuerName } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';

const rsa = createKeyPair('RS256');
const secret = randomBytes(64);
const elsewhere = (['HS', 'RS', 'PS', 'ES'] as const).flatMap((family) =>
  (['256', '384', '512'] as const).map((bits) => `${family}${bits}` as const),
);
const algorithms: readonly Algorithm[] = [...elsewhere, 'EdDSA', 'Ed25519'];
const materials = algorithms.map((algorithm) => {
  if (algorithm.startsWith('HS')) {
    return { algorithm, key: { kid: algorithm, algorithm, secret }, signingKey: secret };
  }
  const { publicKey, privateKey } = /^[RP]S/.test(algorithm) ? rsa : createKeyPair(algorithm);
  return { algorithm, key: { kid: algorithm, algorithm, publicKey }, signingKey: privateKey };
});
type Material = (typeof materials)[number];

describe('verifyBearer, for an algorithm', () => {
  const all = createTestVerifier({ keys: materials.map(({ key }) => key) });

  it.each(materials)('accepts a valid $algorithm token', async ({ algorithm, signingKey }) => {
    const good = all.token(
      {},
      {
        header: all.header({ alg: algorithm, kid: algorithm }),
        signer: signerFor(algorithm, signingKey),
      },
    );
    await expect(all.verify(good)).resolves.toMatchObject({ subject: 'u_1', sessionId: 'sid-1' });
  });

  it.each(elsewhere)(
    'accepts a %s token signed by another library, and refuses it once it is changed',
    async (algorithm) => {
      const { signingKey } = materials.find((one) => one.algorithm === algorithm) as Material;
      const good = jwt.sign(all.claims(), signingKey, {
        algorithm,
        keyid: algorithm,
        header: { alg: algorithm, typ: 'at+jwt' },
      });
      await expect(all.verify(good)).resolves.toMatchObject({ subject: 'u_1' });
      const [header, , signature] = good.split('.');
      const payload = Buffer.from(JSON.stringify(all.claims({ sub: 'root' }))).toString(
        'base64url',
      );
      await expect(all.verify(`${header}.${payload}.${signature}`)).rejects.toMatchObject({
        code: 'token_invalid',
        check: 'signature',
      });
    },
  );

  it.each(
    materials.flatMap((signing) =>
      algorithms
        .filter((claimed) => claimed !== signing.algorithm)
        .map((claimed) => ({ ...signing, claimed })),
    ),
  )(
    'refuses a $algorithm signature in a token that names $claimed and its key',
    async ({ algorithm, signingKey, claimed }) => {
      const forged = all.token(
        {},
        {
          header: all.header({ alg: claimed, kid: claimed }),
          signer: signerFor(algorithm, signingKey),
        },
      );
      await expect(all.verify(forged)).rejects.toMatchObject({
        code: 'token_invalid',
        check: 'signature',
      });
    },
  );

  it.each<[Algorithm, Algorithm]>([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('refuses the alg %s with a key for %s', async (claimed, algorithm) => {
    const { signingKey } = materials.find((one) => one.algorithm === algorithm) as Material;
    const signer = signerFor(algorithm, signingKey);
    const forged = all.token({}, { header: all.header({ alg: claimed, kid: algorithm }), signer });
    await expect(all.verify(forged)).rejects.toMatchObject({
      code: 'token_invalid',
      check: 'algorithm',
    });
  });
});

interface Spec {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  rawHeader?: string;
  rawPayload?: string;
  secret: Uint8Array;
  padding: string;
  authorization: (token: string) => string;
  revoked: boolean;
}

// Every check in the order in which it runs, each with an input that fails it.
const now = createTestClock().now() / 1_000;
const invalid = (check: string) => ({ code: 'token_invalid', check });
const defects: { name: string; refusal: object; spoil: (spec: Spec) => void }[] = [
  {
    name: 'credential',
    refusal: { code: 'request_malformed' },
    spoil: (spec) => (spec.authorization = (token) => `Bearer ${token} x`),
  },
  {
    name: 'shape',
    refusal: invalid('shape'),
    spoil: (spec) => (spec.padding = '='),
  },
  { name: 'header', refusal: invalid('header'), spoil: (spec) => (spec.rawHeader = 'null') },
  {
    name: 'algorithm',
    refusal: invalid('algorithm'),
    spoil: ({ header }) => (header['alg'] = 'none'),
  },
  { name: 'crit', refusal: invalid('crit'), spoil: ({ header }) => (header['crit'] = ['x']) },
  { name: 'type', refusal: invalid('type'), spoil: ({ header }) => (header['typ'] = 'JWT') },
  {
    name: 'key',
    refusal: { code: 'token_key_unknown', check: 'key' },
    spoil: ({ header }) => (header['kid'] = 'unknown'),
  },
  {
    name: 'signature',
    refusal: invalid('signature'),
    spoil: (spec) => (spec.secret = randomBytes(32)),
  },
  { name: 'payload', refusal: invalid('payload'), spoil: (spec) => (spec.rawPayload = '[]') },
  {
    name: 'exp',
    refusal: { code: 'token_expired', check: 'exp' },
    spoil: ({ claims }) => (claims['exp'] = now - 1),
  },
  {
    name: 'nbf',
    refusal: { code: 'token_not_active', check: 'nbf' },
    spoil: ({ claims }) => (claims['nbf'] = now + 60),
  },
  {
    name: 'iat',
    refusal: invalid('iat'),
    spoil: ({ claims }) => (claims['iat'] = 'now'),
  },
  { name: 'iss', refusal: invalid('iss'), spoil: ({ claims }) => (claims['iss'] = 'x') },
  { name: 'aud', refusal: invalid('aud'), spoil: ({ claims }) => (claims['aud'] = 'x') },
  { name: 'sub', refusal: invalid('sub'), spoil: ({ claims }) => (claims['sub'] = '') },
  { name: 'jti', refusal: invalid('jti'), spoil: ({ claims }) => (claims['jti'] = 1) },
  { name: 'sid', refusal: invalid('sid'), spoil: ({ claims }) => (claims['sid'] = 1) },
  { name: 'scope', refusal: invalid('scope'), spoil: ({ claims }) => (claims['scope'] = 1) },
  { name: 'cnf', refusal: invalid('cnf'), spoil: ({ claims }) => (claims['cnf'] = {}) },
  {
    name: 'revoked',
    refusal: { code: 'session_revoked', check: 'revoked' },
    spoil: (spec) => (spec.revoked = true),
  },
];

describe('verifyBearer, for a token that fails two checks', () => {
  const hmacSecret = randomBytes(32);

  async function show(...spoils: ((spec: Spec) => void)[]): Promise<unknown> {
    const spec: Spec = {
      header: { alg: 'HS256', typ: 'at+jwt', kid: 'test' },
      claims: {
        iss: issuerName,
        sub: 'u_1',
        aud: audienceName,
        exp: now + 60,
        iat: now,
        jti: 'jti-1',
        sid: 'sid-1',
      },
      secret: hmacSecret,
      padding: '',
      authorization: (token) => `Bearer ${token}`,
      revoked: false,
    };
    for (const spoil of spoils) spoil(spec);
    const verifier = createTokenVerifier({
      issuer: issuerName,
      audience: audienceName,
      keys: [{ kid: 'test', algorithm: 'HS256', secret: hmacSecret }],
      clock: createTestClock().now,
      clockTolerance: 0,
      isRevoked: () => spec.revoked,
    });
    const token = forge({
      header: spec.rawHeader ?? spec.header,
      payload: spec.rawPayload ?? spec.claims,
      signer: signerFor('HS256', spec.secret),
    });
    return verifyBearer(verifier, spec.authorization(token + spec.padding));
  }

  it('accepts the token without a defect', async () => {
    await expect(show()).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each(defects)('reports $name when it is the only defect', async ({ refusal, spoil }) => {
    await expect(show(spoil)).rejects.toMatchObject(refusal);
  });

  it.each(
    defects.flatMap((first, index) =>
      defects
        .slice(index + 1)
        .map((second) => ({ first, second, names: [first.name, second.name] })),
    ),
  )('reports the earlier of $names', async ({ first, second }) => {
    await expect(show(second.spoil, first.spoil)).rejects.toMatchObject(first.refusal);
    await expect(show(first.spoil, second.spoil)).rejects.toMatchObject(first.refusal);
  });
});
