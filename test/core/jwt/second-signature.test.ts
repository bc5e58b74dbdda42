// ECDSA lets anyone who holds a signed token make a second signature of it: with (r, s), (r, n - s) is good as well.

import type { Algorithm } from '@tokenpair/core';

import { replaceSegment, signerFor } from '../../support/forge.js';
import { createKeyPair } from '../../support/keys.js';
import { createTestVerifier, type TestVerifier } from '../../support/verifier.js';

/** FIPS 186-4 D.1.2: bytes of a number, and how many points the curve has. */
const curves: [Algorithm, number, bigint][] = [
  ['ES256', 32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    'ES384',
    48,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
  [
    'ES512',
    66,
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ],
];

describe.each(curves)('a token under %s', (algorithm, size, order) => {
  const { publicKey, privateKey } = createKeyPair(algorithm);
  const keys = [{ kid: 'test', algorithm, publicKey }];

  const createToken = ({ token, header }: TestVerifier) =>
    token({}, { header: header({ alg: algorithm }), signer: signerFor(algorithm, privateKey) });

  /** The token with the two numbers of its signature changed. */
  function resign(text: string, change: (r: bigint, s: bigint) => [bigint, bigint]): string {
    return withSignature(text, (bytes) => {
      const [r, s] = [bytes.subarray(0, size), bytes.subarray(size)].map((number) =>
        BigInt(`0x${number.toString('hex')}`),
      ) as [bigint, bigint];
      const hex = change(r, s).map((number) => number.toString(16).padStart(2 * size, '0'));
      return Buffer.from(hex.join(''), 'hex');
    });
  }

  const respell = (text: string) => resign(text, (r, s) => [r, order - s]);

  it('has a second text that is accepted too, with the same claims', async () => {
    const test = createTestVerifier({ keys });
    const first = createToken(test);
    const second = respell(first);
    expect(second).not.toBe(first);
    expect(second).toHaveLength(first.length);
    expect(respell(second)).toBe(first);
    const { claims, subject, sessionId } = await test.verify(first);
    await expect(test.verify(second)).resolves.toMatchObject({ claims, subject, sessionId });
    expect(claims.jti).toBe('jti-1');
  });

  it('is revoked under both texts by its `jti`, whichever is cached', async () => {
    const revoked = new Set<unknown>();
    const test = createTestVerifier({ keys, isRevoked: ({ claims }) => revoked.has(claims.jti) });
    const first = createToken(test);
    const texts = [first, respell(first)];
    for (const text of texts) await test.verify(text);
    revoked.add('jti-1');
    for (const text of texts) {
      await expect(test.verify(text)).rejects.toMatchObject({ code: 'session_revoked' });
    }
  });

  it('is refused under both texts once it has expired', async () => {
    const test = createTestVerifier({ keys });
    const first = createToken(test);
    const texts = [first, respell(first)];
    for (const text of texts) await test.verify(text);
    test.clock.advance(300);
    for (const text of texts) {
      await expect(test.verify(text)).rejects.toMatchObject({ code: 'token_expired' });
    }
  });

  it.each<[string, (r: bigint, s: bigint) => [bigint, bigint]]>([
    ['r of zero', (_r, s) => [0n, s]],
    ['s of zero', (r) => [r, 0n]],
    ['both of zero', () => [0n, 0n]],
    ['r of the order', (_r, s) => [order, s]],
    ['s of the order', (r) => [r, order]],
    ['both of the order', () => [order, order]],
    ['r of the order and one', (_r, s) => [order + 1n, s]],
    ['s of the order and one', (r) => [r, order + 1n]],
    ['the other r', (r, s) => [order - r, s]],
    ['the other r and the other s', (r, s) => [order - r, order - s]],
    ['r and s exchanged', (r, s) => [s, r]],
    ['the greatest numbers that fit', () => [256n ** BigInt(size) - 1n, 256n ** BigInt(size) - 1n]],
    // The number that counts would be the same. It has room under ES512 only.
    ...(algorithm === 'ES512'
      ? ([
          ['the order added to r', (r, s) => [r + order, s]],
          ['the order added to s', (r, s) => [r, s + order]],
        ] satisfies [string, (r: bigint, s: bigint) => [bigint, bigint]][])
      : []),
  ])('is refused with %s', async (_what, change) => {
    const test = createTestVerifier({ keys });
    const text = createToken(test);
    const changed = resign(text, change);
    expect(changed).toHaveLength(text.length);
    await expect(test.verify(changed)).rejects.toMatchObject({ check: 'signature' });
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['DER', toDer],
    ['one byte too few', (bytes) => bytes.subarray(0, -1)],
    ['one byte too many', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['a zero before each number', (bytes) => widen(bytes, Buffer.alloc(1))],
    ['r alone', (bytes) => bytes.subarray(0, size)],
    ['a second signature behind the first', (bytes) => Buffer.concat([bytes, bytes])],
  ])('is refused with a signature of another form: %s', async (_what, change) => {
    const test = createTestVerifier({ keys });
    const changed = withSignature(createToken(test), change);
    await expect(test.verify(changed)).rejects.toMatchObject({ check: 'signature' });
  });

  function widen(bytes: Buffer, by: Buffer): Buffer {
    return Buffer.concat([by, bytes.subarray(0, size), by, bytes.subarray(size)]);
  }

  function toDer(bytes: Buffer): Buffer {
    const numbers = [bytes.subarray(0, size), bytes.subarray(size)].map((number) => {
      const hex = BigInt(`0x${number.toString('hex')}`).toString(16);
      const even = hex.length % 2 === 0 ? hex : `0${hex}`;
      const positive = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
      return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
    });
    const body = Buffer.concat(numbers);
    const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
    return Buffer.concat([Buffer.from([0x30, ...length]), body]);
  }
});

function withSignature(token: string, change: (bytes: Buffer) => Buffer): string {
  return replaceSegment(token, 2, (text) =>
    change(Buffer.from(text, 'base64url')).toString('base64url'),
  );
}
