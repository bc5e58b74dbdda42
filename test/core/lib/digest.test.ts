import { createHash, createHmac } from 'node:crypto';

import fc from 'fast-check';

import { createHmacSha256, sha256, sha256Text } from '../../../packages/core/src/lib/digest.js';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

describe('a digest in one call', () => {
  it('is SHA-256, of bytes as of text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'grapheme' })),
        (data) => {
          const expected = createHash('sha256').update(data).digest();
          expect(sha256(data)).toEqual(expected);
          expect(sha256Text(data)).toBe(expected.toString('base64url'));
        },
      ),
    );
  });

  it('is HMAC-SHA256 of the parts in turn, under every key of at most 64 bytes', () => {
    fc.assert(
      fc.property(bytes(64), fc.array(bytes(200), { maxLength: 4 }), (key, parts) => {
        const expected = createHmac('sha256', key).update(Buffer.concat(parts)).digest();
        expect(createHmacSha256(key)(...parts)).toEqual(expected);
      }),
    );
  });

  it('does not follow a key that is changed later', () => {
    const key = new Uint8Array(32).fill(1);
    const mac = createHmacSha256(key);
    const before = mac(Buffer.from('a'));
    key.fill(2);
    expect(mac(Buffer.from('a'))).toEqual(before);
  });

  it('remembers nothing of what it was given before', () => {
    const mac = createHmacSha256(new Uint8Array(32));
    const before = mac(Buffer.from('a'));
    mac(Buffer.alloc(960, 'b'));
    expect(mac(Buffer.from('a'))).toEqual(before);
  });

  it('refuses more than 960 bytes, and is as good as before', () => {
    const mac = createHmacSha256(new Uint8Array(32));
    const before = mac(Buffer.from('a'));
    expect(() => mac(Buffer.alloc(900), Buffer.alloc(61))).toThrow('out of bounds');
    expect(mac(Buffer.from('a'))).toEqual(before);
  });

  it('refuses a key of more than 64 bytes', () => {
    expect(() => createHmacSha256(new Uint8Array(65))).toThrow(RangeError);
  });
});
