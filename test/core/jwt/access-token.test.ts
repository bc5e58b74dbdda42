import { randomBytes } from 'node:crypto';

import { forge, replaceSegment, signerFor } from '../../support/forge.js';
import { createKeyPair } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';
import { generateKeyPair } from '../../support/key-pair.js';

const invalid = (check: string) => ({ code: 'token_invalid', status: 401, check });

describe('the shape of an access token', () => {
  const { token, verify, claims } = createTestVerifier();
  const good = token();
  const filled = (count: number) => token({ filler: 'x'.repeat(count) });

  it.each<[string, string]>([
    ['no dot at all', good.replaceAll('.', '')],
    ['two segments', good.slice(0, good.lastIndexOf('.'))],
    ['four segments', `${good}.AAAA`],
    ['a fifth dot', `${good}..`],
    ['an empty signature', replaceSegment(good, 2, () => '')],
    ['an empty header', replaceSegment(good, 0, () => '')],
    ['an empty payload', replaceSegment(good, 1, () => '')],
    ['padding on the signature', `${good}=`],
    ['double padding', `${good}==`],
    ['the plain base64 alphabet', replaceSegment(good, 2, (text) => `+${text.slice(1)}`)],
    ['the plain base64 slash', replaceSegment(good, 2, (text) => `/${text.slice(1)}`)],
    ['a tilde', replaceSegment(good, 1, (text) => `~${text}`)],
    ['a group of one character', replaceSegment(good, 2, (text) => `${text}AA`)],
  ])('refuses %s', async (_what, bad) => {
    await expect(verify(bad)).rejects.toMatchObject(invalid('shape'));
  });

  it('refuses a header with padding', async () => {
    const padded = replaceSegment(good, 0, (text) => `${text}=`);
    await expect(verify(padded)).rejects.toMatchObject({ code: 'request_malformed', status: 400 });
  });

  it('refuses every other spelling of the same signature', async () => {
    // 32 bytes are 43 characters, of which the last has two bits that carry nothing.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const at = alphabet.indexOf(good.slice(-1));
    const others = [1, 2, 3].map((bits) => `${good.slice(0, -1)}${alphabet[at + bits]}`);
    for (const other of others) {
      expect(Buffer.from(other.split('.')[2] as string, 'base64url')).toEqual(
        Buffer.from(good.split('.')[2] as string, 'base64url'),
      );
      await expect(verify(other)).rejects.toMatchObject(invalid('shape'));
    }
  });

  it('accepts a token of 8192 characters and refuses a longer one before it decodes anything', async () => {
    let count = 5_000;
    while (filled(count + 1).length <= 8_192) count += 1;
    expect(filled(count).length).toBeGreaterThanOrEqual(8_191);
    expect(filled(count + 1).length).toBeLessThanOrEqual(8_194);
    await expect(verify(filled(count))).resolves.toMatchObject({ subject: 'u_1' });
    const tooLong = { code: 'token_too_long', status: 401, check: 'size', action: 'fix' };
    await expect(verify(filled(count + 1))).rejects.toMatchObject(tooLong);
    await expect(verify('a.'.repeat(100_000))).rejects.toMatchObject(tooLong);
  });

  it('refuses two headers, payloads or signatures glued together', async () => {
    const { signer, header } = createTestVerifier();
    const other = forge({ header: header(), payload: claims(), signer });
    for (const index of [0, 1, 2]) {
      const glued = replaceSegment(good, index, (text) => text + other.split('.')[index]);
      await expect(verify(glued)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });
});

describe('the header of an access token', () => {
  const { token, header, verify, signer } = createTestVerifier();
  const withHeader = (part: unknown) => token({}, { header: part });

  it.each<[string, unknown]>([
    ['no JSON', 'alg'],
    ['cut JSON', '{"alg":"HS256"'],
    ['JSON with a comma too many', '{"alg":"HS256",}'],
    ['null', 'null'],
    ['an array', '[{"alg":"HS256","typ":"at+jwt","kid":"test"}]'],
    ['a string', '"HS256"'],
    ['a number', '1'],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ],
    ['a byte order mark', `\uFEFF${JSON.stringify(header())}`],
    ['UTF-16', Buffer.from(JSON.stringify(header()), 'utf16le')],
    ['an object with two algorithms', '{"alg":"none","alg":"HS256","typ":"at+jwt","kid":"test"}'],
    [
      'an object with two key IDs, one of them escaped',
      '{"alg":"HS256","typ":"at+jwt","k\\u0069d":"other","kid":"test"}',
    ],
    [
      'an object with two equal members inside another',
      '{"alg":"HS256","typ":"at+jwt","kid":"test","x":{"y":1,"y":1}}',
    ],
  ])('is refused when it is %s', async (_what, part) => {
    await expect(verify(withHeader(part))).rejects.toMatchObject(invalid('header'));
  });

  it.each([
    'none',
    'None',
    'nOnE',
    'NONE',
    '',
    'hs256',
    ' HS256',
    'HS256 ',
    'HS384',
    'RS256',
    'HS1',
    'constructor',
    'toString',
    '__proto__',
    undefined,
    null,
    256,
    true,
    ['HS256'],
    { name: 'HS256' },
  ])('is refused with alg %p', async (alg) => {
    await expect(verify(withHeader(header({ alg })))).rejects.toMatchObject(invalid('algorithm'));
  });

  it('is refused with alg none and no signature', async () => {
    const unsigned = replaceSegment(withHeader(header({ alg: 'none' })), 2, () => '');
    await expect(verify(unsigned)).rejects.toMatchObject(invalid('shape'));
  });

  it.each<[unknown]>([[['exp']], [['b64']], [[]], [null], [''], [false], [{}]])(
    'is refused with crit %p, also for members that are known',
    async (crit) => {
      await expect(verify(withHeader(header({ crit })))).rejects.toMatchObject(invalid('crit'));
    },
  );

  it.each(['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'APPLICATION/AT+JWT'])(
    'passes with typ %p',
    async (typ) => {
      await expect(verify(withHeader(header({ typ })))).resolves.toMatchObject({ subject: 'u_1' });
    },
  );

  it.each<[unknown]>([
    ['JWT'],
    ['jwt'],
    ['refresh+jwt'],
    ['id+jwt'],
    ['dpop+jwt'],
    ['logout+jwt'],
    ['at'],
    ['at+jwt '],
    ['at+jwt\n'],
    ['xat+jwt'],
    ['text/at+jwt'],
    ['application/application/at+jwt'],
    ['at+jwt; charset=utf-8'],
    [''],
    [undefined],
    [null],
    [1],
    [['at+jwt']],
  ])('is refused with typ %p', async (typ) => {
    await expect(verify(withHeader(header({ typ })))).rejects.toMatchObject(invalid('type'));
  });

  it.each<[string]>([
    ['other'],
    ['TEST'],
    ['test '],
    [''],
    ['0'],
    ['../../dev/null'],
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['k'.repeat(300)],
  ])(
    'with kid %p names an unknown key: no other key is tried, not even the only one',
    async (kid) => {
      await expect(verify(withHeader(header({ kid })))).rejects.toMatchObject({
        code: 'token_key_unknown',
        status: 401,
        error: 'invalid_token',
        action: 'refresh',
        check: 'key',
      });
    },
  );

  it.each<[unknown]>([[null], [0], [['test']], [{}]])(
    'is refused with kid %p: no key is named, so no change of keys explains it',
    async (kid) => {
      await expect(verify(withHeader(header({ kid })))).rejects.toMatchObject({
        ...invalid('key'),
        action: 'login',
      });
    },
  );

  it('names an unknown key also when no key has its algorithm', async () => {
    const odd = header({ kid: 'other', alg: 'ES256' });
    await expect(verify(withHeader(odd))).rejects.toMatchObject({ code: 'token_key_unknown' });
    const none = header({ kid: 'other', alg: 'none' });
    await expect(verify(withHeader(none))).rejects.toMatchObject(invalid('algorithm'));
  });

  it('is refused when its kid is known under another algorithm', async () => {
    for (const alg of ['HS512', 'RS256', 'ES256']) {
      await expect(verify(withHeader(header({ alg })))).rejects.toMatchObject({
        ...invalid('algorithm'),
        action: 'login',
      });
    }
  });

  it('names an unknown key only when all earlier checks pass', async () => {
    for (const [odd, check] of [
      [{ typ: 'JWT' }, 'type'],
      [{ crit: ['x'] }, 'crit'],
      [{ alg: 'HS1' }, 'algorithm'],
    ] as const) {
      const spoilt = withHeader(header({ kid: 'other', ...odd }));
      await expect(verify(spoilt)).rejects.toMatchObject(invalid(check));
    }
  });

  it('does not choose the key by jwk, jku, x5u or x5c', async () => {
    const { privateKey, publicKey } = createKeyPair('ES256');
    const rsa = createKeyPair('RS256');
    const es256 = createTestVerifier({
      keys: [{ kid: 'test', algorithm: 'ES256', publicKey: createKeyPair('ES256').publicKey }],
    });
    const jwk = publicKey.export({ format: 'jwk' });
    for (const extra of [
      { jwk },
      { jku: 'https://attacker.test/jwks.json' },
      { x5u: 'https://attacker.test/cert.pem' },
      { x5c: [rsa.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] },
      { x5t: 'abc', 'x5t#S256': 'abc' },
    ]) {
      const forged = es256.token(
        {},
        {
          header: es256.header({ alg: 'ES256', ...extra }),
          signer: signerFor('ES256', privateKey),
        },
      );
      await expect(es256.verify(forged)).rejects.toMatchObject(invalid('signature'));
    }
  });

  it('may have unknown members, and jwk and jku', async () => {
    const odd = header({ jwk: { kty: 'oct', k: 'AAAA' }, jku: 'https://x.test', cty: 'x', n: 1 });
    await expect(verify(withHeader(odd))).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('is read by its own members, not by inherited ones', async () => {
    const inherited = '{"__proto__":{"alg":"HS256","typ":"at+jwt","kid":"test"}}';
    await expect(verify(withHeader(inherited))).rejects.toMatchObject(invalid('algorithm'));
    const polluted = Object.prototype as { kid?: string; typ?: string };
    polluted.kid = 'other';
    polluted.typ = 'at+jwt';
    try {
      const noKid = forge({ header: '{"alg":"HS256","typ":"at+jwt"}', payload: {}, signer });
      const noTyp = forge({ header: '{"alg":"HS256","kid":"test"}', payload: {}, signer });
      // Its key was found, and made the signature.
      await expect(verify(noKid)).rejects.toMatchObject(invalid('exp'));
      await expect(verify(noTyp)).rejects.toMatchObject(invalid('type'));
    } finally {
      delete polluted.kid;
      delete polluted.typ;
    }
  });

  it('is refused when two members share a name, whichever is right', async () => {
    const late = `{"alg":"none","typ":"JWT","kid":"x","alg":"HS256","typ":"at+jwt","kid":"test"}`;
    const early = `{"alg":"HS256","typ":"at+jwt","kid":"test","alg":"none"}`;
    await expect(verify(withHeader(late))).rejects.toMatchObject(invalid('header'));
    await expect(verify(withHeader(early))).rejects.toMatchObject(invalid('header'));
  });
});

describe('the signature of an access token', () => {
  const rsa = createKeyPair('RS256');
  const secret = randomBytes(64);
  const mixed = createTestVerifier({
    keys: [
      { kid: 'rsa', algorithm: 'RS256', publicKey: rsa.publicKey },
      { kid: 'pss', algorithm: 'PS256', publicKey: rsa.publicKey },
      { kid: 'hmac', algorithm: 'HS256', secret },
    ],
  });

  it.each<[string, string | Uint8Array]>([
    ['PEM text', rsa.publicKey.export({ format: 'pem', type: 'spki' })],
    [
      'PEM text without its last line break',
      rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString().trim(),
    ],
    ['PKCS#1 PEM text', rsa.publicKey.export({ format: 'pem', type: 'pkcs1' })],
    ['DER', rsa.publicKey.export({ format: 'der', type: 'spki' })],
    ['JWK text', JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))],
  ])('is refused when it is an HMAC by the public key as %s', async (_form, publicKey) => {
    const only = createTestVerifier({
      keys: [{ kid: 'rsa', algorithm: 'RS256', publicKey: rsa.publicKey }],
    });
    for (const [verifier, check] of [
      [only, 'algorithm'],
      [mixed, 'algorithm'],
    ] as const) {
      const forged = verifier.token(
        {},
        {
          header: verifier.header({ kid: 'rsa' }),
          signer: signerFor('HS256', publicKey),
        },
      );
      await expect(verifier.verify(forged)).rejects.toMatchObject(invalid(check));
    }
  });

  it('is refused under the algorithm of another key on the list', async () => {
    const byPss = mixed.token(
      {},
      {
        header: mixed.header({ alg: 'PS256', kid: 'rsa' }),
        signer: signerFor('PS256', rsa.privateKey),
      },
    );
    const byRs = mixed.token(
      {},
      {
        header: mixed.header({ alg: 'RS256', kid: 'pss' }),
        signer: signerFor('RS256', rsa.privateKey),
      },
    );
    await expect(mixed.verify(byPss)).rejects.toMatchObject(invalid('algorithm'));
    await expect(mixed.verify(byRs)).rejects.toMatchObject(invalid('algorithm'));
  });

  it('is refused when the alg in the header is not the one that made it', async () => {
    const relabelled = mixed.token(
      {},
      {
        header: mixed.header({ alg: 'PS256', kid: 'pss' }),
        signer: signerFor('RS256', rsa.privateKey),
      },
    );
    await expect(mixed.verify(relabelled)).rejects.toMatchObject(invalid('signature'));
  });

  it('is refused when it was made by another key', async () => {
    const { token, verify } = createTestVerifier();
    const other = token({}, { signer: signerFor('HS256', randomBytes(32)) });
    const empty = token({}, { signer: signerFor('HS256', '') });
    await expect(verify(other)).rejects.toMatchObject(invalid('signature'));
    await expect(verify(empty)).rejects.toMatchObject(invalid('signature'));
  });

  it('is refused when it belongs to another token', async () => {
    const { token, verify } = createTestVerifier();
    const [first, second] = [token(), token({ sub: 'u_2' })];
    const swapped = replaceSegment(first, 2, () => second.split('.')[2] as string);
    await expect(verify(swapped)).rejects.toMatchObject(invalid('signature'));
  });

  it('is refused when it is shortened or extended', async () => {
    const { token, verify } = createTestVerifier();
    const resized = (resize: (bytes: Buffer) => Buffer) =>
      replaceSegment(token(), 2, (text) =>
        resize(Buffer.from(text, 'base64url')).toString('base64url'),
      );
    for (const length of [1, 16, 31]) {
      const cut = resized((bytes) => bytes.subarray(0, length));
      await expect(verify(cut)).rejects.toMatchObject(invalid('signature'));
    }
    const longer = resized((bytes) => Buffer.concat([bytes, Buffer.from([0])]));
    await expect(verify(longer)).rejects.toMatchObject(invalid('signature'));
  });

  it.each([
    ['zeros', Buffer.alloc(64)],
    ['ones', Buffer.alloc(64, 0xff)],
    ['r and s of one', Buffer.from(`${'0'.repeat(63)}1${'0'.repeat(63)}1`, 'hex')],
    ['DER instead of r and s', Buffer.from(`3006020101020101${'00'.repeat(56)}`, 'hex')],
    ['too short', Buffer.alloc(63, 1)],
    ['too long', Buffer.alloc(65, 1)],
  ])('by an EC key is refused when it is %s', async (_what, bytes) => {
    const { publicKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
    const es256 = createTestVerifier({ keys: [{ kid: 'test', algorithm: 'ES256', publicKey }] });
    const forged = es256.token({}, { header: es256.header({ alg: 'ES256' }), signer: () => bytes });
    await expect(es256.verify(forged)).rejects.toMatchObject(invalid('signature'));
  });
});

describe('the payload of an access token', () => {
  const { claims, token, verify } = createTestVerifier();
  const withPayload = (payload: unknown) => token({}, { payload });

  it.each<[string, unknown]>([
    ['a string', '"u_1"'],
    ['a number', '1'],
    ['an array', '[]'],
    ['an array of an object', JSON.stringify([claims()])],
    ['null', 'null'],
    ['true', 'true'],
    ['no JSON', 'sub=u_1'],
    ['a URL', 'https://x.test'],
    ['cut JSON', '{"sub":"u_1"'],
    ['two objects', '{}{}'],
    ['a single NUL', '\0'],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    [
      'a lone surrogate in bytes',
      Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['a byte order mark', `\uFEFF${JSON.stringify(claims())}`],
    ['UTF-16', Buffer.from(JSON.stringify(claims()), 'utf16le')],
    ['an object with two subjects', `{"sub":"admin",${JSON.stringify(claims()).slice(1)}`],
    [
      'an object with two subjects, one of them escaped',
      `{"\\u0073ub":"admin",${JSON.stringify(claims()).slice(1)}`,
    ],
    [
      'an object with two equal members inside another',
      `{"role":{"name":"a","name":"b"},${JSON.stringify(claims()).slice(1)}`,
    ],
    ['brackets without end', '['.repeat(6_000)],
  ])('is refused under a good signature when it is %s', async (_what, payload) => {
    await expect(verify(withPayload(payload))).rejects.toMatchObject(invalid('payload'));
  });

  it('may have white space around the object and any text within', async () => {
    const payload = `\n ${JSON.stringify(claims({ name: 'Ada “Ω” \u0000 🎉' }))} \r\n`;
    await expect(verify(withPayload(payload))).resolves.toMatchObject({
      claims: { name: 'Ada “Ω” \u0000 🎉' },
    });
  });

  it('may be nested as deeply as 8 KB allow', async () => {
    const deep = JSON.stringify(claims()).replace(
      /\}$/,
      `,"x":${'['.repeat(2_800)}${']'.repeat(2_800)}}`,
    );
    await expect(verify(withPayload(deep))).resolves.toMatchObject({ subject: 'u_1' });
  });
});
