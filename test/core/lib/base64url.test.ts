import { isBase64url } from '../../../packages/core/src/lib/base64url.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('base64url', () => {
  it.each([1, 2, 3, 4, 5, 32, 64, 256])('has exactly one valid encoding for %i bytes', (length) => {
    for (const fill of [0x00, 0x5a, 0xff]) {
      const bytes = Buffer.alloc(length, fill);
      const text = bytes.toString('base64url');
      const spellings = Array.from(alphabet, (last) => text.slice(0, -1) + last).filter((other) =>
        Buffer.from(other, 'base64url').equals(bytes),
      );
      expect(spellings).toHaveLength([1, 16, 4][length % 3] as number);
      expect(spellings.filter(isBase64url)).toEqual([text]);
    }
  });

  it.each([
    '',
    'A',
    'AAAAA',
    'AA=',
    'AA==',
    'AAA=',
    'AA AA',
    'AAAA\n',
    '\nAAAA',
    'AA+A',
    'AA/A',
    'AA.A',
    'äAAA',
  ])('is not %p', (text) => {
    expect(isBase64url(text)).toBe(false);
  });
});
