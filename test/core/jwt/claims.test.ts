import { audienceName, issuerName } from '../../support/issuer.js';
import { createTestVerifier } from '../../support/verifier.js';

const refused = (code: string, check: string) => ({ code, status: 401, check });
const invalid = (check: string) => refused('token_invalid', check);
const passes = { subject: 'u_1' };

describe('the times of an access token', () => {
  it.each<[unknown]>([
    [undefined],
    [null],
    ['9999999999'],
    ['2099-01-01'],
    [true],
    [[9_999_999_999]],
    [{}],
  ])('are refused with exp %p: it is required, and nothing is coerced', async (exp) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ exp }))).rejects.toMatchObject(invalid('exp'));
  });

  it.each(['exp', 'nbf', 'iat'])(
    'are refused with %s of 1e400, which is Infinity',
    async (name) => {
      const { claims, token, verify } = createTestVerifier();
      for (const number of ['1e400', '-1e400']) {
        const payload = JSON.stringify(claims({ [name]: 'HERE' })).replace('"HERE"', number);
        await expect(verify(token({}, { payload }))).rejects.toMatchObject(invalid(name));
      }
    },
  );

  it('expire at exp, not after it', async () => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: 0 });
    const short = token({ exp: clock.now() / 1_000 + 60 });
    clock.advance(59.999);
    await expect(verify(short)).resolves.toMatchObject(passes);
    clock.advance(0.001);
    await expect(verify(short)).rejects.toMatchObject(refused('token_expired', 'exp'));
  });

  it('expire at exp plus the clock tolerance', async () => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: 5 });
    const short = token({ exp: clock.now() / 1_000 });
    clock.advance(4);
    await expect(verify(short)).resolves.toMatchObject(passes);
    clock.advance(1);
    await expect(verify(short)).rejects.toMatchObject(refused('token_expired', 'exp'));
  });

  it('have a clock tolerance of 5 seconds by default', async () => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: undefined });
    const short = token({ exp: clock.now() / 1_000 });
    clock.advance(4);
    await expect(verify(short)).resolves.toMatchObject(passes);
    clock.advance(1);
    await expect(verify(short)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it.each([-1, 0, 1, -1e308])('are expired with exp %p', async (exp) => {
    const { token, verify } = createTestVerifier({ clockTolerance: 300 });
    await expect(verify(token({ exp }))).rejects.toMatchObject(refused('token_expired', 'exp'));
  });

  it('are valid from nbf minus the clock tolerance', async () => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: 5 });
    const early = token({ nbf: clock.now() / 1_000 + 6 });
    await expect(verify(early)).rejects.toMatchObject(refused('token_not_active', 'nbf'));
    clock.advance(1);
    await expect(verify(early)).resolves.toMatchObject(passes);
  });

  it.each([
    [6, '1'],
    [5.2, '1'],
    [66.5, '62'],
    [10 * 86_400, '86400'],
  ])('say when to come back, with nbf %d seconds ahead: %s', async (ahead, seconds) => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: 5 });
    const refusal = verify(token({ nbf: clock.now() / 1_000 + ahead, exp: 1e11 }));
    await expect(refusal).rejects.toMatchObject({ headers: { 'Retry-After': seconds } });
  });

  it.each([6, 600, 1e9])(
    'may have an iat %d seconds in the future: the clock of this server is behind',
    async (ahead) => {
      const { clock, token, verify } = createTestVerifier({ clockTolerance: 5 });
      const early = token({ iat: clock.now() / 1_000 + ahead, exp: 1e11 });
      await expect(verify(early)).resolves.toMatchObject(passes);
    },
  );

  it.each(['nbf', 'iat'])('may lack %s', async (name) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ [name]: undefined }))).resolves.toMatchObject(passes);
  });

  it.each(
    ['nbf', 'iat'].flatMap((name) =>
      ['0', null, false, [0], {}].map((value): [string, unknown] => [name, value]),
    ),
  )('are refused with %s %p', async (name, value) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ [name]: value }))).rejects.toMatchObject(invalid(name));
  });

  it('may have fractions of a second', async () => {
    const { clock, token, verify } = createTestVerifier();
    const now = clock.now() / 1_000;
    const odd = token({ exp: now + 1.5, iat: now - 0.5, nbf: now - 0.25 });
    await expect(verify(odd)).resolves.toMatchObject({ expiresAt: now + 1.5 });
  });
});

describe('the issuer of an access token', () => {
  it.each<[unknown]>([
    [`${issuerName}/`],
    [issuerName.toUpperCase()],
    [` ${issuerName}`],
    [issuerName.slice(0, -1)],
    [issuerName.replace('https', 'http')],
    [''],
    [undefined],
    [null],
    [1],
    [[issuerName]],
    [{}],
  ])('is refused when it is %p: it is compared exactly', async (iss) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ iss }))).rejects.toMatchObject(invalid('iss'));
  });

  it('is not a pattern', async () => {
    const { token, verify } = createTestVerifier({ issuer: 'https://.*' });
    await expect(verify(token())).rejects.toMatchObject(invalid('iss'));
  });
});

describe('the audience of an access token', () => {
  it.each<[unknown]>([
    [audienceName],
    [[audienceName]],
    [['https://other.test', audienceName]],
    [[audienceName, audienceName]],
  ])('passes when it is %p', async (aud) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ aud }))).resolves.toMatchObject(passes);
  });

  it('must be one of several audiences of the verifier', async () => {
    const { token, verify } = createTestVerifier({ audience: ['first', 'second'] });
    await expect(verify(token({ aud: 'second' }))).resolves.toMatchObject(passes);
    await expect(verify(token({ aud: ['third', 'first'] }))).resolves.toMatchObject(passes);
    await expect(verify(token({ aud: 'third' }))).rejects.toMatchObject(invalid('aud'));
    await expect(verify(token({ aud: 'first second' }))).rejects.toMatchObject(invalid('aud'));
  });

  it.each<[unknown]>([
    ['https://other.test'],
    [`${audienceName}/`],
    [audienceName.toUpperCase()],
    [''],
    [undefined],
    [null],
    [true],
    [1],
    [[]],
    [['https://other.test']],
    [[audienceName, 1]],
    [[audienceName, null]],
    [[[audienceName]]],
    [{ 0: audienceName, length: 1 }],
  ])('is refused when it is %p', async (aud) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ aud }))).rejects.toMatchObject(invalid('aud'));
  });
});

describe('the subject of an access token', () => {
  it.each<[unknown]>([[undefined], [''], [null], [1], [['u_1']], [{}]])(
    'is refused when it is %p',
    async (sub) => {
      const { token, verify } = createTestVerifier();
      await expect(verify(token({ sub }))).rejects.toMatchObject(invalid('sub'));
    },
  );
});

describe('the identifiers of an access token', () => {
  it.each(['jti', 'sid'])('may lack %s', async (name) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ [name]: undefined }))).resolves.toMatchObject(passes);
  });

  it.each(
    ['jti', 'sid'].flatMap((name) =>
      [1, null, ['x'], {}].map((value): [string, unknown] => [name, value]),
    ),
  )('are refused with %s %p', async (name, value) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ [name]: value }))).rejects.toMatchObject(invalid(name));
  });
});

describe('the scope of an access token', () => {
  it.each<[unknown, string[]]>([
    [undefined, []],
    ['', []],
    [[], []],
    ['a', ['a']],
    ['b a b', ['b', 'a']],
    ['a  b', ['a', 'b']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a b', 'b'],
      ['a', 'b'],
    ],
    ['orders:read https://x.test/all', ['orders:read', 'https://x.test/all']],
  ])('%p becomes the set %p', async (scope, scopes) => {
    const { token, verify } = createTestVerifier();
    const { scopes: set } = await verify(token({ scope }));
    expect([...set]).toEqual(scopes);
  });

  it.each<[unknown]>([
    [1],
    [null],
    [true],
    [{}],
    [{ a: true }],
    [['a', 1]],
    [[['a']]],
    ['a"b'],
    ['a\\b'],
    ['a\tb'],
    ['a\nb'],
    ['ä'],
    [['a', 'b"']],
  ])('is refused when it is %p', async (scope) => {
    const { token, verify } = createTestVerifier();
    await expect(verify(token({ scope }))).rejects.toMatchObject(invalid('scope'));
  });
});

describe('an access token that is bound to a key', () => {
  it.each<[unknown]>([[{ jkt: 'abc' }], [{ 'x5t#S256': 'abc' }], [{}], [null], ['abc'], [false]])(
    'is refused as a plain bearer credential, with cnf %p',
    async (cnf) => {
      const { token, verify } = createTestVerifier();
      await expect(verify(token({ cnf }))).rejects.toMatchObject(invalid('cnf'));
    },
  );
});

describe('the claims of an access token', () => {
  it('count only when they are its own, not when __proto__ holds them', async () => {
    const { claims, token, verify } = createTestVerifier();
    const hidden = `{"__proto__":${JSON.stringify(claims())}}`;
    await expect(verify(token({}, { payload: hidden }))).rejects.toMatchObject(invalid('exp'));
    for (const name of ['iss', 'aud', 'sub']) {
      const { [name]: value, ...rest } = claims();
      const payload = JSON.stringify(rest).replace(
        /\}$/,
        `,"__proto__":${JSON.stringify({ [name]: value })}}`,
      );
      await expect(verify(token({}, { payload }))).rejects.toMatchObject(invalid(name));
    }
  });

  it.each<[string, (now: number) => unknown]>([
    ['exp', (now) => now + 300],
    ['iss', () => issuerName],
    ['aud', () => audienceName],
    ['sub', () => 'u_1'],
  ])(
    'count only when they are its own, not when Object.prototype holds %s',
    async (name, value) => {
      const { clock, token, verify } = createTestVerifier();
      const without = token({ [name]: undefined });
      const polluted = Object.prototype as unknown as Record<string, unknown>;
      polluted[name] = value(clock.now() / 1_000);
      try {
        await expect(verify(without)).rejects.toMatchObject(invalid(name));
      } finally {
        delete polluted[name];
      }
    },
  );

  it('are not disturbed by a polluted Object.prototype', async () => {
    const { token, verify } = createTestVerifier();
    const good = token();
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    const names = ['cnf', 'nbf', 'scope', 'crit', 'jti', 'sid'];
    for (const name of names) polluted[name] = { x: 1 };
    try {
      await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1', sessionId: 'sid-1' });
    } finally {
      for (const name of names) delete polluted[name];
    }
  });

  it('may carry the names of Object.prototype as data', async () => {
    const { claims, token, verify } = createTestVerifier();
    const payload = JSON.stringify(claims({ constructor: 'x', toString: 1, hasOwnProperty: null }));
    const { claims: read } = await verify(token({}, { payload }));
    expect(read['constructor']).toBe('x');
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});
