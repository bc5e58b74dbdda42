import { verify, type KeyObject } from 'node:crypto';

import type { Algorithm } from '@tokenpair/core';

import { algorithms } from '../../../packages/core/src/keys/algorithm.js';
import { importSigningKeys, type ImportedKey } from '../../../packages/core/src/keys/keys.js';
import { importVerificationKeys } from '../../../packages/core/src/keys/verifier-keys.js';
import { isSignatureGood, signCompactJws } from '../../../packages/core/src/jwt/signature.js';
import { encode, replaceSegment, signerFor } from '../../support/forge.js';
import { createTestKey } from '../../support/keys.js';
import { rfcExamples, type RfcExample } from '../../support/rfc-examples.js';

const signingKeysOf = (keys: unknown) => importSigningKeys(keys, 0);

function importExample({ algorithm, key }: RfcExample): ImportedKey {
  const kind = key['kty'] === 'oct' ? 'secret' : 'publicKey';
  const { byKid } = importVerificationKeys([{ algorithm, [kind]: key }]);
  return [...byKid.values()][0] as ImportedKey;
}

/** Checks the signature of a token that may be spelled in any way. */
function isGood(key: ImportedKey, token: string): boolean {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return isSignatureGood(key, { signingInput: token.slice(0, end), signature });
}

/** A token with the bytes of its signature changed. */
function withSignature(token: string, change: (bytes: Buffer) => Buffer): string {
  return replaceSegment(token, 2, (text) =>
    change(Buffer.from(text, 'base64url')).toString('base64url'),
  );
}

/** The two numbers of an ES256 signature as ASN.1 writes them. */
function toDer(bytes: Buffer): Buffer {
  const numbers = [bytes.subarray(0, 32), bytes.subarray(32)].map((number) => {
    const positive = number.readUInt8(0) < 0x80 ? number : Buffer.concat([Buffer.alloc(1), number]);
    return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
  });
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function createKey(algorithm: Algorithm): ImportedKey {
  return signingKeysOf([createTestKey(algorithm, 'k1').signing]).signingKey;
}

const malformations: [string, (bytes: Buffer) => Buffer][] = [
  ['empty', () => Buffer.alloc(0)],
  ['one byte', (bytes) => bytes.subarray(0, 1)],
  ['without its last byte', (bytes) => bytes.subarray(0, -1)],
  ['without its first byte', (bytes) => bytes.subarray(1)],
  ['with a zero before it', (bytes) => Buffer.concat([Buffer.alloc(1), bytes])],
  ['with a zero after it', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ['twice', (bytes) => Buffer.concat([bytes, bytes])],
  ['half', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['reversed', (bytes) => Buffer.from(bytes.toReversed())],
  ['all zeros', (bytes) => Buffer.alloc(bytes.length)],
  ['all ones', (bytes) => Buffer.alloc(bytes.length, 0xff)],
];

describe.each(rfcExamples)('the $algorithm token of $where', (example) => {
  const key = importExample(example);
  const { token } = example;

  it('is accepted with the key that the RFC prints', () => {
    expect(isGood(key, token)).toBe(true);
  });

  it('is refused with one bit changed in any byte of its signature', () => {
    const { length } = Buffer.from(token.split('.')[2] as string, 'base64url');
    const flipped = Array.from({ length }, (_, at) =>
      withSignature(token, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
        return bytes;
      }),
    );
    expect(flipped.filter((changed) => isGood(key, changed))).toEqual([]);
  });

  it.each([0, 1])('is refused with segment %i changed', (index) => {
    const changed = replaceSegment(token, index, (text) => `${text.slice(0, -2)}AA`);
    expect(changed).not.toBe(token);
    expect(isGood(key, changed)).toBe(false);
  });

  it.each(malformations)('is refused with a signature that is %s', (_what, change) => {
    expect(isGood(key, withSignature(token, change))).toBe(false);
  });

  it('is refused with every other key of the RFCs', () => {
    const others = rfcExamples.filter((other) => other.key !== example.key).map(importExample);
    expect(others.filter((other) => isGood(other, token))).toEqual([]);
  });
});

describe('the signature of an elliptic curve', () => {
  const es256 = rfcExamples.find(({ where }) => where === 'RFC 7515 A.3') as RfcExample;
  const ed25519 = rfcExamples.find(({ where }) => where === 'RFC 8037 A.4') as RfcExample;

  it('is refused as DER', () => {
    const der = withSignature(es256.token, toDer);
    const [header, payload, signature] = der.split('.');
    const { verificationKey } = importExample(es256);
    // Node takes it by default, so the form itself is a good one.
    const signingInput = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature as string, 'base64url');
    expect(verify('sha256', signingInput, verificationKey, bytes)).toBe(true);
    expect(isGood(importExample(es256), der)).toBe(false);
  });

  it('is refused with the order of Ed25519 added to it', () => {
    const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
    const withOrder = withSignature(ed25519.token, (bytes) => {
      const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + order;
      const hex = s.toString(16).padStart(64, '0');
      return Buffer.concat([bytes.subarray(0, 32), Buffer.from(hex, 'hex').toReversed()]);
    });
    expect(isGood(importExample(ed25519), withOrder)).toBe(false);
  });
});

describe('a signed token', () => {
  const payload = JSON.stringify({ sub: 'ü' });
  const keys = new Map(algorithms.map((algorithm) => [algorithm, createKey(algorithm)]));
  const keyFor = (algorithm: Algorithm) => keys.get(algorithm) as ImportedKey;
  /** Another key that fits. An RSA key fits six algorithms, so none is made for one of them. */
  const otherKeyFor = (algorithm: Algorithm) => {
    const forRsa = algorithms.filter((one) => /^[RP]S/.test(one));
    const other = forRsa.find((one) => one !== algorithm) as Algorithm;
    return forRsa.includes(algorithm) ? { ...keyFor(other), algorithm } : createKey(algorithm);
  };

  it.each(algorithms)(
    'has %s, its type, its kid and its payload, and its signature is good',
    (algorithm) => {
      const token = signCompactJws(keyFor(algorithm), payload);
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      const [header, body] = token
        .split('.', 2)
        .map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()) as unknown);
      expect(header).toEqual({ alg: algorithm, typ: 'at+jwt', kid: 'k1' });
      expect(body).toEqual({ sub: 'ü' });
      expect(isGood(keyFor(algorithm), token)).toBe(true);
      expect(isGood(otherKeyFor(algorithm), token)).toBe(false);
    },
  );

  it.each(['EdDSA', 'Ed25519'] as const)(
    'under %s is the one that node:crypto makes',
    (algorithm) => {
      const key = keyFor(algorithm);
      const token = signCompactJws(key, payload);
      const signingInput = `${encode({ alg: algorithm, typ: 'at+jwt', kid: 'k1' })}.${encode(payload)}`;
      const signature = signerFor(algorithm, key.signingKey as KeyObject)(signingInput);
      expect(token).toBe(`${signingInput}.${signature.toString('base64url')}`);
    },
  );

  it.each(['ES256', 'EdDSA'] as const)(
    'cannot be made with an %s key that only verifies',
    (algorithm) => {
      const key = { ...keyFor(algorithm), signingKey: undefined };
      expect(() => signCompactJws(key, payload)).toThrow(TypeError);
    },
  );

  it('is refused under every other key and algorithm, also a key of another type', () => {
    const good = [...keys.values()].flatMap((signing) => {
      const token = signCompactJws(signing, payload);
      return [...keys.values()].flatMap(({ verificationKey }) =>
        algorithms
          .filter((algorithm) => isGood({ ...signing, algorithm, verificationKey }, token))
          .map((algorithm) => `${signing.algorithm} as ${algorithm}`),
      );
    });
    // Two words for one thing: the header is for the caller to compare.
    const same = ['EdDSA as Ed25519', 'Ed25519 as EdDSA'];
    const own = algorithms.map((algorithm) => `${algorithm} as ${algorithm}`);
    expect(new Set(good)).toEqual(new Set([...own, ...same]));
    expect(good).toHaveLength(own.length + same.length);
  });

  it.each(['', '.', '..', '...', 'a', 'a.b', 'a.b.', '.b.c', 'a.b.c', 'ÿ.ÿ.ÿ'])(
    'is refused for the text %p',
    (text) => {
      expect([...keys.values()].filter((key) => isGood(key, text))).toEqual([]);
    },
  );
});
