import { createHash } from 'node:crypto';

import { weaknessOf } from '../../packages/cli/src/doctor/weak-secret.js';

describe('a secret that a person wrote', () => {
  it.each([
    ['one byte', Buffer.alloc(32, 7)],
    ['zeros', Buffer.alloc(64)],
    ['a word again and again', 'secretsecretsecretsecretsecretsecret'],
    ['digits', '12345678901234567890123456789012'],
    ['the letters', 'abcdefghijklmnopqrstuvwxyzabcdef'],
    ['bytes in a row', Uint8Array.from({ length: 32 }, (_, index) => index)],
    ['bytes in a row, downwards', Uint8Array.from({ length: 32 }, (_, index) => 200 - index)],
    ['hexadecimal digits in a row', '0123456789abcdef0123456789abcdef'],
    ['zeros in hexadecimal', '0'.repeat(64)],
    ['a sentence', 'correct horse battery staple and then some'],
    ['a name of itself', 'my_super_secret_jwt_key_2024_do_not_share'],
    ['a placeholder', 'CHANGE-ME-CHANGE-ME-IN-PRODUCTION-1'],
    ['another placeholder', 'your-256-bit-secret-goes-here-1234567'],
    ['the keys of a keyboard', 'qwertyuiopasdfghjklzxcvbnm123456'],
    ['text in hexadecimal', Buffer.from('this is a secret for our tokens').toString('hex')],
    ['text in Base64', Buffer.from('this is a secret for our tokens').toString('base64')],
    ['text in base64url', Buffer.from('a-very-very-long-passphrase-here').toString('base64url')],
    ['few different bytes', Buffer.from('aabbaaabbbabababbaabbbbaaabbabab')],
  ])('is found: %s', (_what, secret) => {
    expect(weaknessOf(Buffer.from(secret as string))).toEqual(expect.any(String));
  });

  it('is not found in random bytes, in any encoding', () => {
    const spellings: ((bytes: Buffer) => Buffer | string)[] = [
      (bytes) => bytes,
      (bytes) => bytes.toString('hex'),
      (bytes) => bytes.toString('hex').toUpperCase(),
      (bytes) => bytes.toString('base64'),
      (bytes) => bytes.toString('base64url'),
      (bytes) => bytes.subarray(0, 16).toString('hex'),
      base32,
      (bytes) => base32(bytes).toLowerCase(),
      (bytes) =>
        bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
      (bytes) => `tp_${bytes.toString('base64url')}`,
    ];
    for (const [kind, spell] of spellings.entries()) {
      for (let count = 0; count < 500; count += 1) {
        // As good as random, and the same at every run.
        const bytes = createHash('sha256').update(`${kind} ${count}`).digest();
        const secret = Buffer.from(spell(bytes) as string);
        expect({ kind, secret, looks: weaknessOf(secret) }).toEqual({
          kind,
          secret,
          looks: undefined,
        });
      }
    }
  });
});

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{5}/g) ?? [];
  return groups
    .map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group, 2)])
    .join('');
}
