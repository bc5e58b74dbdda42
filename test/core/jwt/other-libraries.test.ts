// Tokens between this package, jose and jsonwebtoken: each verifies what the others sign, under every algorithm.

import { constants, sign, type KeyObject } from 'node:crypto';

import jwt from 'jsonwebtoken';

import { issueTokenPair, verifyBearer, type Algorithm } from '@tokenpair/core';

import { algorithms } from '../../../packages/core/src/keys/algorithm.js';
import { importSigningKeys, type ImportedKey } from '../../../packages/core/src/keys/keys.js';
import { forge, replaceSegment, signerFor } from '../../support/forge.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { jose } from '../../support/jose.js';
import { createTestKey, type TestKey } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';

const keys = new Map<Algorithm, TestKey>();
for (const algorithm of algorithms) {
  // One RSA key for six algorithms: they are slow to make.
  const [known] = /^[RP]S/.test(algorithm)
    ? [...keys].filter(([name]) => /^[RP]S/.test(name)).map(([, key]) => key)
    : [];
  keys.set(
    algorithm,
    known === undefined
      ? createTestKey(algorithm)
      : {
          signing: { ...known.signing, algorithm },
          verification: { ...known.verification, algorithm },
        },
  );
}

const keyFor = (algorithm: Algorithm) => keys.get(algorithm) as TestKey;
const importedFor = (algorithm: Algorithm): ImportedKey =>
  importSigningKeys([keyFor(algorithm).signing], 0).signingKey;
const signingKeyFor = (algorithm: Algorithm) => importedFor(algorithm).signingKey as KeyObject;
const verifierOf = (algorithm: Algorithm) =>
  createTestVerifier({ keys: [keyFor(algorithm).verification] });
const ofJsonwebtoken = algorithms.filter(
  (name): name is Exclude<Algorithm, 'EdDSA' | 'Ed25519'> => !name.startsWith('Ed'),
);

const headerFor = (algorithm: Algorithm) => ({ alg: algorithm, typ: 'at+jwt', kid: 'test' });

describe.each(algorithms)('under %s', (algorithm) => {
  it('a token of jose is verified, and refused with another payload', async () => {
    const { verify, claims } = verifierOf(algorithm);
    const token = await new jose.SignJWT(claims())
      .setProtectedHeader(headerFor(algorithm))
      .sign(signingKeyFor(algorithm));
    await expect(verify(token)).resolves.toMatchObject({ subject: 'u_1' });
    const changed = replaceSegment(token, 1, () =>
      Buffer.from(JSON.stringify(claims({ sub: 'u_2' }))).toString('base64url'),
    );
    await expect(verify(changed)).rejects.toMatchObject({ check: 'signature' });
  });

  it('a token of this package is verified by jose', async () => {
    const { tokens, clock } = createTestIssuer({ keys: [keyFor(algorithm).signing] });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { payload } = await jose.jwtVerify(accessToken, importedFor(algorithm).verificationKey, {
      algorithms: [algorithm],
      typ: 'at+jwt',
      issuer: issuerName,
      audience: audienceName,
      currentDate: new Date(clock.now()),
    });
    expect(payload.sub).toBe('u_1');
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      subject: 'u_1',
    });
  });

  it('a signature that is longer, shorter or empty is refused', async () => {
    const { verify, token, header } = verifierOf(algorithm);
    const signer = signerFor(algorithm, signingKeyFor(algorithm));
    for (const change of [
      (bytes: Buffer) => bytes.subarray(1),
      (bytes: Buffer) => bytes.subarray(0, -1),
      (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), bytes]),
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]),
      (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      () => Buffer.alloc(1),
    ]) {
      const bad = token(
        {},
        { header: header({ alg: algorithm }), signer: (input) => change(signer(input)) },
      );
      await expect(verify(bad)).rejects.toMatchObject({ check: 'signature' });
    }
  });
});

describe.each(ofJsonwebtoken)('under %s', (algorithm) => {
  it('a token of jsonwebtoken is verified', async () => {
    const { verify, claims } = verifierOf(algorithm);
    const token = jwt.sign(JSON.stringify(claims()), signingKeyFor(algorithm), {
      algorithm,
      header: headerFor(algorithm),
    });
    await expect(verify(token)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('a token of this package is verified by jsonwebtoken', async () => {
    const { tokens, clock } = createTestIssuer({ keys: [keyFor(algorithm).signing] });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(
      jwt.verify(accessToken, importedFor(algorithm).verificationKey, {
        algorithms: [algorithm],
        clockTimestamp: clock.now() / 1_000,
      }),
    ).toMatchObject({ sub: 'u_1' });
  });
});

describe.each(['PS256', 'PS384', 'PS512'] as const)(
  'an RSA-PSS signature under %s',
  (algorithm) => {
    const hash = `sha${algorithm.slice(2)}`;
    const hashLength = Number(algorithm.slice(2)) / 8;
    const signWithSalt = (saltLength: number) => (input: string) =>
      sign(hash, Buffer.from(input), {
        key: signingKeyFor(algorithm),
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      });

    it.each([
      ['no salt', 0],
      ['a salt one byte shorter than the hash', hashLength - 1],
      ['a salt one byte longer than the hash', hashLength + 1],
      ['the longest salt that fits', constants.RSA_PSS_SALTLEN_MAX_SIGN],
    ])('is refused with %s', async (_what, saltLength) => {
      const { verify, token, header } = verifierOf(algorithm);
      const bad = token(
        {},
        { header: header({ alg: algorithm }), signer: signWithSalt(saltLength) },
      );
      await expect(verify(bad)).rejects.toMatchObject({ check: 'signature' });
    });

    it('is accepted with a salt as long as the hash', async () => {
      const { verify, token, header } = verifierOf(algorithm);
      const good = token(
        {},
        { header: header({ alg: algorithm }), signer: signWithSalt(hashLength) },
      );
      await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1' });
    });
  },
);

describe.each(['RS256', 'PS256'] as const)('an RSA signature under %s', (algorithm) => {
  it('is refused without its leading zero byte, which makes a second text of the token', async () => {
    const { verify, claims, header } = verifierOf(algorithm);
    const signer = signerFor(algorithm, signingKeyFor(algorithm));
    // One signature in 256 begins with zero.
    for (let count = 0; ; count += 1) {
      const parts = { header: header({ alg: algorithm }), payload: claims({ count }) };
      const good = forge({ ...parts, signer });
      const bytes = Buffer.from(good.split('.')[2] as string, 'base64url');
      if (bytes[0] !== 0) continue;
      const short = forge({ ...parts, signer: () => bytes.subarray(1) });
      await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1' });
      await expect(verify(short)).rejects.toMatchObject({ check: 'signature' });
      return;
    }
  });
});
