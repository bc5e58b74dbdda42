import type * as crypto from 'node:crypto';

import { issueTokenPair, verifyBearer, type Algorithm } from '@tokenpair/core';

import { createTestIssuer } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';

// The packages call the functions of this object.
const real = jest.requireActual<typeof crypto>('node:crypto');
const { sign, verify } = real;

/** As Deno does it: a curve takes its own hash, and no other. */
function allowOneHashPerCurve(): void {
  const hashes: Readonly<Record<string, string>> = {
    prime256v1: 'sha256',
    secp384r1: 'sha384',
    secp521r1: 'sha512',
  };
  const check = (hash: unknown, key: unknown) => {
    const curve = (key as crypto.KeyObject).asymmetricKeyDetails?.namedCurve;
    if (curve !== undefined && hashes[curve] !== hash) {
      throw new TypeError(`${String(hash)} is not supported on ${curve}`);
    }
  };
  jest.spyOn(real, 'sign').mockImplementation(((
    hash: string,
    data: Buffer,
    key: crypto.KeyObject,
  ) => {
    check(hash, key);
    return sign(hash, data, key);
  }) as never);
  jest.spyOn(real, 'verify').mockImplementation(((
    hash: string,
    data: Buffer,
    key: crypto.KeyObject,
    signature: Buffer,
  ) => {
    check(hash, key);
    return verify(hash, data, key, signature);
  }) as never);
}

function thrownFor(algorithm: Algorithm, privateKey: unknown): Error {
  try {
    createTestIssuer({ keys: [{ kid: '1', algorithm, privateKey }] as never });
  } catch (error) {
    return error as Error;
  }
  throw new Error('the key was accepted');
}

describe('the two parts of a private key', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each<[Algorithm, string | null]>([
    ['ES256', 'sha256'],
    ['ES384', 'sha384'],
    ['ES512', 'sha512'],
    ['RS256', 'sha256'],
    ['RS384', 'sha384'],
    ['RS512', 'sha512'],
    ['PS256', 'sha256'],
    ['PS384', 'sha384'],
    ['PS512', 'sha512'],
    ['EdDSA', null],
    ['Ed25519', null],
  ])('are compared under %s with the hash %s', (algorithm, hash) => {
    const { privateKey } = createKeyPair(algorithm);
    const signing = jest.spyOn(real, 'sign');
    const verifying = jest.spyOn(real, 'verify');
    createTestIssuer({ keys: [{ kid: '1', algorithm, privateKey }] });
    // A signature is made to measure it as well.
    expect(new Set(signing.mock.calls.map(([used]) => used))).toEqual(new Set([hash]));
    expect(verifying.mock.calls.map(([used]) => used)).toEqual([hash]);
  });

  it.each<[Algorithm]>([['ES256'], ['ES384'], ['ES512'], ['EdDSA'], ['RS512']])(
    'are accepted for %s in a runtime where a curve supports only its own hash',
    async (algorithm) => {
      const { privateKey } = createKeyPair(algorithm);
      allowOneHashPerCurve();
      const { tokens } = createTestIssuer({ keys: [{ kid: '1', algorithm, privateKey }] });
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
        subject: 'u_1',
      });
    },
  );

  it.each<['sign' | 'verify']>([['sign'], ['verify']])(
    'are not reported as parts of two keys when %s throws: the error says what failed and has the cause',
    (method) => {
      const { privateKey } = createKeyPair('ES512');
      const cause = new Error('not implemented: P-521');
      jest.spyOn(real, method).mockImplementation(() => {
        throw cause;
      });
      const error = thrownFor('ES512', privateKey);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.cause).toBe(cause);
      expect(error.message).toContain('keys[0].privateKey');
      expect(error.message).toContain('ES512');
      expect(error.message).not.toContain(cause.message);
      expect(error.message).not.toContain('not of one key');
    },
  );

  it('are refused, without a cause, when they belong to two keys', () => {
    for (const algorithm of ['ES256', 'ES384', 'ES512'] as const) {
      const [one, other] = [createKeyPair(algorithm), createKeyPair(algorithm)];
      const { x, y } = other.publicKey.export({ format: 'jwk' });
      const error = thrownFor(algorithm, { ...one.privateKey.export({ format: 'jwk' }), x, y });
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain('not of one key');
      expect(error.cause).toBeUndefined();
    }
  });
});
