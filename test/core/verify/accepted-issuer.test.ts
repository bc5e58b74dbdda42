import type { KeyObject } from 'node:crypto';

import {
  createTokenVerifier,
  loadedKeySet,
  verifyBearer,
  type AcceptedIssuerOptions,
  type Algorithm,
  type AuthError,
  type TokenVerifierOptions,
} from '@tokenpair/core';

import { forge, signerFor } from '../../support/forge.js';
import { createTestKey } from '../../support/keys.js';

const invalid = (check: string) => ({ code: 'token_invalid', status: 401, check });
const keyUnknown = { code: 'token_key_unknown', status: 401, action: 'refresh', check: 'key' };
const now = 1_800_000_000;

/** An issuer with its own key, and the tokens that it signs. */
function createIssuer(
  issuer: string,
  algorithm: Algorithm,
  changes: Partial<AcceptedIssuerOptions> = {},
) {
  const key = createTestKey(algorithm, `${issuer}#1`);
  const audience = `${issuer}/api`;
  const options: AcceptedIssuerOptions = { issuer, audience, keys: [key.verification], ...changes };
  const header = {
    alg: algorithm,
    typ: changes.type === 'JWT' ? 'JWT' : 'at+jwt',
    kid: `${issuer}#1`,
  };
  const claims = { iss: issuer, aud: audience, sub: 'u_1', exp: now + 300, iat: now };
  const sign = (claimChanges: object = {}, headerChanges: object = {}) =>
    forge({
      header: { ...header, ...headerChanges },
      payload: { ...claims, ...claimChanges },
      signer: signerFor(algorithm, (key.signing as { privateKey: KeyObject }).privateKey),
    });
  return { options, sign, audience, kid: header.kid };
}

const one = createIssuer('https://one.test', 'ES256');
const two = createIssuer('https://two.test', 'RS256', { type: 'JWT' });
const clock = () => now * 1_000;

const accepting = (...issuers: AcceptedIssuerOptions[]) => createTokenVerifier({ issuers, clock });
const verify = (token: string, verifier = accepting(one.options, two.options)) =>
  verifyBearer(verifier, `Bearer ${token}`);

describe('a verifier of several issuers', () => {
  it('accepts the tokens of each issuer by the rules of that issuer', async () => {
    const verifier = accepting(one.options, two.options);
    for (let round = 0; round < 2; round += 1) {
      await expect(verify(one.sign(), verifier)).resolves.toMatchObject({
        claims: { iss: 'https://one.test' },
      });
      await expect(verify(two.sign(), verifier)).resolves.toMatchObject({
        claims: { iss: 'https://two.test' },
      });
    }
  });

  it('accepts the same tokens of the first issuer as without the second one', async () => {
    const alone = accepting(one.options);
    const tokens = [
      one.sign(),
      one.sign({ aud: two.audience }),
      one.sign({}, { typ: 'JWT' }),
      one.sign({}, { alg: 'RS256' }),
      one.sign({}, { kid: two.kid }),
      one.sign({ exp: 1 }),
      one.sign({ sub: undefined }),
    ];
    for (const token of tokens) {
      const outcome = await verify(token, alone).then(
        ({ claims }) => claims,
        (error) => [error.code, error.check],
      );
      const together = await verify(token).then(
        ({ claims }) => claims,
        (error) => [error.code, error.check],
      );
      expect(together).toEqual(outcome);
    }
  });

  it.each<[string, string, string]>([
    ['with the audience of the other', one.sign({ aud: two.audience }), 'aud'],
    ['with the type of the other', one.sign({}, { typ: 'JWT' }), 'type'],
    ['with the algorithm of the other', one.sign({}, { alg: 'RS256' }), 'algorithm'],
    [
      'with the name of the other',
      one.sign({ iss: 'https://two.test' }, { alg: 'RS256', kid: two.kid, typ: 'JWT' }),
      'signature',
    ],
    ['with the name of the other and its own key', one.sign({ iss: 'https://two.test' }), 'type'],
    ['with an additional slash in its name', one.sign({ iss: 'https://one.test/' }), 'iss'],
    ['with two names', one.sign({ iss: ['https://one.test', 'https://two.test'] }), 'iss'],
    ['without a name', one.sign({ iss: undefined }), 'iss'],
    ['with the name of an inherited object member', one.sign({ iss: 'constructor' }), 'iss'],
  ])('refuses a token of one issuer %s', async (_how, token, check) => {
    await expect(verify(token)).rejects.toMatchObject(invalid(check));
  });

  it.each<[string, string]>([
    ['with the kid of the other', one.sign({}, { kid: two.kid })],
    [
      'with the name and type of the other and its own key',
      one.sign({ iss: 'https://two.test' }, { typ: 'JWT' }),
    ],
  ])('finds no key for a token of one issuer %s', async (_how, token) => {
    await expect(verify(token)).rejects.toMatchObject(keyUnknown);
  });

  it('loads no key for a token that names none of the issuers', async () => {
    const load = jest.fn(async () => [createTestKey('ES256', 'other').verification]);
    const keys = loadedKeySet(load);
    const verifier = accepting({ ...one.options, keys }, two.options);
    await expect(verify(one.sign({ iss: 'https://else.test' }), verifier)).rejects.toMatchObject(
      invalid('iss'),
    );
    await expect(verify(two.sign(), verifier)).resolves.toBeDefined();
    expect(load).not.toHaveBeenCalled();
    // A token that names the issuer does load its keys.
    await expect(verify(one.sign(), verifier)).rejects.toMatchObject(keyUnknown);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it.each([['no dots'], ['a.b.c'], ['AAAA.AAAA.AAAA'], ['bnVsbA.bnVsbA.bnVsbA']])(
    'refuses the malformed token %p',
    async (text) => {
      await expect(verify(text.replace(' ', ''))).rejects.toMatchObject({ status: 401 });
    },
  );

  it('replaces the keys of the issuer that is named', async () => {
    const verifier = accepting(one.options, two.options);
    await verify(one.sign(), verifier);
    const fresh = createTestKey('ES256', 'fresh');
    expect(() => verifier.replaceKeys([fresh.verification])).toThrow(TypeError);
    expect(() => verifier.replaceKeys([fresh.verification], 'https://else.test')).toThrow(
      TypeError,
    );
    verifier.replaceKeys([fresh.verification], 'https://one.test');
    await expect(verify(one.sign(), verifier)).rejects.toMatchObject(keyUnknown);
    await expect(verify(two.sign(), verifier)).resolves.toBeDefined();
  });

  it.each<[string, unknown, string]>([
    ['there are no issuers', [], 'issuers'],
    ['issuers is not a list', one.options, 'issuers'],
    ['one issuer is not an object', [null], 'issuers[0]'],
    ['an option of one issuer is misspelled', [{ ...one.options, audiance: 'x' }], 'audiance'],
    [
      'one issuer has no audience',
      [one.options, { ...two.options, audience: '' }],
      'issuers[1].audience',
    ],
    ['one issuer has an empty name', [{ ...one.options, issuer: '' }], 'issuers[0].issuer'],
    [
      'two issuers have the same name',
      [one.options, { ...two.options, issuer: 'https://one.test' }],
      'https://one.test',
    ],
    [
      'one issuer has no key for its algorithms',
      [{ ...one.options, algorithms: ['RS256'] }],
      'issuers[0].algorithms',
    ],
  ])('fails at construction when %s, and the error names the option', (_what, issuers, name) => {
    expect(() => createTokenVerifier({ issuers, clock } as TokenVerifierOptions)).toThrow(
      TypeError,
    );
    expect(() => createTokenVerifier({ issuers, clock } as TokenVerifierOptions)).toThrow(name);
  });

  it('refuses the option issuer together with issuers', () => {
    const both = { ...one.options, issuers: [two.options] } as TokenVerifierOptions;
    expect(() => createTokenVerifier(both)).toThrow("'issuer'");
  });
});

const accept = (changes: Partial<AcceptedIssuerOptions>) =>
  createTokenVerifier({ ...one.options, ...changes, clock });

describe('an accepted issuer with its own token format', () => {
  it.each(['JWT', 'jwt', 'application/jwt', 'at+jwt'])(
    'accepts the type %p when that is required',
    async (type) => {
      const verifier = accept({ type });
      await expect(
        verify(one.sign({}, { typ: type.toUpperCase() }), verifier),
      ).resolves.toBeDefined();
      await expect(verify(one.sign({}, { typ: `${type}x` }), verifier)).rejects.toMatchObject(
        invalid('type'),
      );
      await expect(verify(one.sign({}, { typ: undefined }), verifier)).rejects.toMatchObject(
        invalid('type'),
      );
    },
  );

  it('accepts every type and a missing type when type is false', async () => {
    const verifier = accept({ type: false });
    for (const typ of ['JWT', 'at+jwt', 'x', undefined, 7]) {
      await expect(verify(one.sign({}, { typ }), verifier)).resolves.toBeDefined();
    }
    await expect(verify(one.sign({}, { crit: ['x'] }), verifier)).rejects.toMatchObject(
      invalid('crit'),
    );
  });

  it('reads the audience only from the configured claim', async () => {
    const verifier = accept({ audienceClaim: 'client_id', audience: 'app' });
    await expect(
      verify(one.sign({ aud: undefined, client_id: 'app' }), verifier),
    ).resolves.toBeDefined();
    await expect(verify(one.sign({ aud: 'app' }), verifier)).rejects.toMatchObject(invalid('aud'));
    await expect(verify(one.sign({ aud: 'app', client_id: 'x' }), verifier)).rejects.toMatchObject(
      invalid('aud'),
    );
  });

  it('reads the scopes from the configured claim, as text or as a list', async () => {
    const verifier = accept({ scopeClaim: 'scp' });
    for (const scp of ['a b', ['a', 'b']]) {
      const { scopes } = await verify(one.sign({ scp, scope: 'admin' }), verifier);
      expect([...scopes]).toEqual(['a', 'b']);
    }
    await expect(verify(one.sign({ scp: 7 }), verifier)).rejects.toMatchObject(invalid('scope'));
  });

  it('requires claims with exactly the configured value', async () => {
    const verifier = accept({ requiredClaims: { token_use: 'access', level: 2 } });
    await expect(
      verify(one.sign({ token_use: 'access', level: 2 }), verifier),
    ).resolves.toBeDefined();
    for (const claims of [
      { token_use: 'id', level: 2 },
      { token_use: 'access' },
      { token_use: 'access', level: '2' },
      { token_use: ['access'], level: 2 },
      {},
    ]) {
      await expect(verify(one.sign(claims), verifier)).rejects.toMatchObject(invalid('claim'));
    }
  });

  it('restricts the algorithms of its keys', async () => {
    const rsa = createIssuer('https://three.test', 'RS256');
    const keys = [...(one.options.keys as []), ...(rsa.options.keys as [])];
    const verifier = accept({ keys, algorithms: ['ES256'] });
    await expect(verify(one.sign(), verifier)).resolves.toBeDefined();
    await expect(
      verify(one.sign({}, { alg: 'RS256', kid: rsa.kid }), verifier),
    ).rejects.toMatchObject(invalid('algorithm'));
  });
});

describe('a verifier whose keys are loaded', () => {
  const long = { exp: now + 10_000 };

  function createLoading() {
    const state = { at: now * 1_000, isDown: false, keys: one.options.keys as readonly never[] };
    const load = async () => {
      if (state.isDown) throw new Error('the address of the key server');
      return state.keys;
    };
    const time = () => state.at;
    const keys = loadedKeySet(load, { clock: time, refreshInterval: '10m' });
    const verifier = createTokenVerifier({ ...one.options, keys, clock: time });
    return { state, verify: (token: string) => verify(token, verifier) };
  }

  it('answers 503 while there are none, and does not reveal the cause', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    state.isDown = true;
    const error: AuthError = await verifyLoaded(one.sign(long)).then(
      () => undefined as never,
      (thrown: AuthError) => thrown,
    );
    expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503, action: 'retry' });
    expect(error.headers).toHaveProperty('Retry-After');
    expect(error.headers).not.toHaveProperty('WWW-Authenticate');
    expect(JSON.stringify(error)).not.toContain('address');
    expect(error.cause).toMatchObject({ message: 'the address of the key server' });
    state.isDown = false;
    state.at += 2_000;
    await expect(verifyLoaded(one.sign(long))).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('refuses a cached token once a reload no longer contains its key', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const token = one.sign(long);
    await verifyLoaded(token);
    state.keys = two.options.keys as readonly never[];
    state.at += 601_000;
    // The old keys are used once more while the reload runs.
    await verifyLoaded(token);
    await new Promise(setImmediate);
    await expect(verifyLoaded(token)).rejects.toMatchObject(keyUnknown);
  });

  it('reports an unknown key when the set was loaded, and answers 503 when it could not be loaded', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const unknown = one.sign(long, { kid: 'other' });
    await expect(verifyLoaded(unknown)).rejects.toMatchObject(keyUnknown);
    // No load is started during the cool-down.
    await expect(verifyLoaded(unknown)).rejects.toMatchObject(keyUnknown);
    state.isDown = true;
    state.at += 31_000;
    await expect(verifyLoaded(unknown)).rejects.toMatchObject({ status: 503, action: 'retry' });
    await expect(verifyLoaded(one.sign(long))).resolves.toBeDefined();
  });

  it('accepts a cached token only as long as keys may be used that cannot be reloaded', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const token = one.sign(long);
    await verifyLoaded(token);
    state.isDown = true;
    state.at += 4_199_000;
    await verifyLoaded(token);
    state.at += 2_000;
    await expect(verifyLoaded(token)).rejects.toMatchObject({ status: 503 });
  });

  it('refuses replaceKeys', () => {
    const keys = loadedKeySet(async () => []);
    const verifier = createTokenVerifier({ ...one.options, keys, clock });
    expect(() => verifier.replaceKeys([])).toThrow(TypeError);
  });
});
