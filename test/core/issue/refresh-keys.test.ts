import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { importRefreshKeys } from '../../../packages/core/src/issue/refresh-keys.js';
import { generateKeyPair } from '../../support/key-pair.js';
import { derivedKey } from '../../support/refresh-token-by-hand.js';

const names = { issuer: 'https://issuer.test', audience: ['https://api.test'] };

const importKeys = (keys: unknown, changes = {}) =>
  importRefreshKeys(keys, { ...names, ...changes }, 0);

const secret = randomBytes(32);

const macOf = (material: string | Uint8Array | KeyObject) =>
  importKeys([{ kid: '1', secret: material }])
    .active.macs[0](Buffer.from('message'))
    .toString('hex');

describe('importing refresh keys', () => {
  it('has the first one seal and finds each by its id', () => {
    const ring = importKeys([
      { kid: '7', secret },
      { kid: '15', secret: randomBytes(64) },
    ]);
    expect(ring.active.id).toBe(7);
    expect([...ring.byId.keys()]).toEqual([7, 15]);
    expect(ring.byId.get(7)).toBe(ring.active);
  });

  it('derives mac keys and a ratchet key, by HKDF under distinct labels', () => {
    const audience = ['https://api.test', 'https://other.test'];
    const { active } = importKeys([{ kid: '1', secret }], { audience });
    const under = (...label: [use: string, ...names: string[]]) =>
      createHmac('sha256', derivedKey(secret, ...label))
        .update('message')
        .digest();
    const macs = audience.map((one) => under('mac', names.issuer, one));
    const ratchet = under('ratchet', names.issuer);
    expect(active.macs.map((mac) => mac(Buffer.from('message')))).toEqual(macs);
    expect(active.ratchet(Buffer.from('message'))).toEqual(ratchet);
    expect(new Set([...macs, ratchet].map(String)).size).toBe(3);
  });

  it.each([
    ['issuer', { issuer: 'https://other.test' }],
    ['audience', { audience: ['https://other.test'] }],
  ])('gives another %s another mac key for the same secret', (_what, changes) => {
    const [one, other] = [{}, changes].map((change) =>
      importKeys([{ kid: '1', secret }], change).active.macs[0](Buffer.from('message')),
    );
    expect(one).not.toEqual(other);
  });

  it('takes a secret as bytes, as a KeyObject and as text of 32 bytes', () => {
    const text = 'an ordinary secret of 32 bytes !';
    const bytes = Buffer.from(text);
    expect(macOf(bytes)).toBe(macOf(text));
    expect(macOf(createSecretKey(bytes))).toBe(macOf(text));
  });

  it.each(['1', '9', '10', '15'])('takes the kid %j', (kid) => {
    expect(importKeys([{ kid, secret }]).active.id).toBe(Number(kid));
  });

  it.each<[string, unknown]>([
    ['0', '0'],
    ['16', '16'],
    ['01', '01'],
    ['-1', '-1'],
    ['1.0', '1.0'],
    ['1 with a line break', '1\n'],
    ['nothing', ''],
    ['the number 1', 1],
    ['undefined', undefined],
  ])('refuses the kid %s by name', (_what, kid) => {
    expect(() => importKeys([{ kid, secret }])).toThrow(/^refreshKeys\[0\]\.kid must be/);
  });

  it.each<[string, unknown]>([
    ['31 bytes', randomBytes(31)],
    ['short text', 'secret'],
    ['nothing', undefined],
    ['a public key', generateKeyPair('ec', { namedCurve: 'P-256' }).publicKey],
    [
      'the text of a public key',
      generateKeyPair('ec', { namedCurve: 'P-256' }).publicKey.export({
        type: 'spki',
        format: 'pem',
      }),
    ],
  ])('refuses %s as a secret, by name', (_what, material) => {
    expect(() =>
      importKeys([
        { kid: '1', secret },
        { kid: '2', secret: material },
      ]),
    ).toThrow(/^refreshKeys\[1\]\.secret/);
  });

  it('does not repeat a wrong secret in its message', () => {
    const wrong = 'hunter2-hunter2';
    expect(() => importKeys([{ kid: '1', secret: wrong }])).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(wrong) }),
    );
  });

  it.each([undefined, null, [], {}, 'secret', { kid: '1', secret }])(
    'refuses %p for a list of keys, by name',
    (keys) => {
      expect(() => importKeys(keys)).toThrow(/^refreshKeys must be/);
    },
  );

  it('refuses two keys of one kid', () => {
    const keys = [
      { kid: '3', secret },
      { kid: '3', secret: randomBytes(32) },
    ];
    expect(() => importKeys(keys)).toThrow(/^refreshKeys: two keys/);
  });

  it('refuses a misspelt member of a key', () => {
    expect(() => importKeys([{ kid: '1', secret, sercet: secret }])).toThrow(/'sercet'/);
  });
});
