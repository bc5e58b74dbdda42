import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { importRefreshKeys } from '../../../packages/core/src/issue/refresh-keys.js';
import { generateKeyPair } from '../../support/key-pair.js';
import { issuerName } from '../../support/issuer.js';
import { derivedKey } from '../../support/refresh-token-by-hand.js';

const importKeys = (keys: unknown, issuer = issuerName) => importRefreshKeys(keys, issuer, 0);

const secret = randomBytes(32);

const macOf = (material: string | Uint8Array | KeyObject) =>
  importKeys([{ kid: '1', secret: material }])
    .active.mac.export()
    .toString('hex');

describe('importing refresh keys', () => {
  it('seals with the first key and finds every key by its ID', () => {
    const ring = importKeys([
      { kid: '7', secret },
      { kid: '15', secret: randomBytes(64) },
    ]);
    expect(ring.active.id).toBe(7);
    expect([...ring.byId.keys()]).toEqual([7, 15]);
    expect(ring.byId.get(7)).toBe(ring.active);
  });

  it('derives a MAC key and a ratchet key by HKDF, with distinct labels that name the issuer', () => {
    const { active } = importKeys([{ kid: '1', secret }]);
    const [mac, ratchet] = ['mac', 'ratchet'].map((use) => derivedKey(secret, use, issuerName));
    expect(active.mac.export()).toEqual(mac);
    expect(active.ratchet.export()).toEqual(ratchet);
    expect(mac).not.toEqual(ratchet);
  });

  it('derives different keys from the same secret for another issuer', () => {
    const [one, other] = ['https://one.test', 'https://other.test'].map(
      (issuer) => importKeys([{ kid: '1', secret }], issuer).active,
    );
    expect(one?.mac.export()).not.toEqual(other?.mac.export());
    expect(one?.ratchet.export()).not.toEqual(other?.ratchet.export());
  });

  it('accepts a secret as bytes, as a KeyObject and as text of 32 bytes', () => {
    const text = 'an ordinary secret of 32 bytes !';
    const bytes = Buffer.from(text);
    expect(macOf(bytes)).toBe(macOf(text));
    expect(macOf(createSecretKey(bytes))).toBe(macOf(text));
  });

  it.each(['1', '9', '10', '15'])('accepts the kid %j', (kid) => {
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
  ])('refuses the kid %s and names the option', (_what, kid) => {
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
  ])('refuses %s as a secret and names the option', (_what, material) => {
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
    'refuses %p as a list of keys and names the option',
    (keys) => {
      expect(() => importKeys(keys)).toThrow(/^refreshKeys must be/);
    },
  );

  it('refuses two keys with the same kid', () => {
    const keys = [
      { kid: '3', secret },
      { kid: '3', secret: randomBytes(32) },
    ];
    expect(() => importKeys(keys)).toThrow(/^refreshKeys: two keys/);
  });

  it('refuses a misspelled member of a key', () => {
    expect(() => importKeys([{ kid: '1', secret, sercet: secret }])).toThrow(/'sercet'/);
  });
});
