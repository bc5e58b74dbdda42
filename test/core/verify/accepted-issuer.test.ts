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
  it('takes the tokens of each, by its own rules', async () => {
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

  it('accepts of the first what it accepted without the second, and nothing more', async () => {
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
    ["under the other's audience", one.sign({ aud: two.audience }), 'aud'],
    ["under the other's type", one.sign({}, { typ: 'JWT' }), 'type'],
    ["under the other's algorithm", one.sign({}, { alg: 'RS256' }), 'algorithm'],
    [
      "under the other's name",
      one.sign({ iss: 'https://two.test' }, { alg: 'RS256', kid: two.kid, typ: 'JWT' }),
      'signature',
    ],
    ["under the other's name, its own key", one.sign({ iss: 'https://two.test' }), 'type'],
    ['under a name with a slash more', one.sign({ iss: 'https://one.test/' }), 'iss'],
    ['under two names', one.sign({ iss: ['https://one.test', 'https://two.test'] }), 'iss'],
    ['under no name', one.sign({ iss: undefined }), 'iss'],
    ['under a name that objects have anyway', one.sign({ iss: 'constructor' }), 'iss'],
  ])('takes no token of one %s', async (_how, token, check) => {
    await expect(verify(token)).rejects.toMatchObject(invalid(check));
  });

  it.each<[string, string]>([
    ["under the other's kid", one.sign({}, { kid: two.kid })],
    [
      "under the other's name and type, its own key",
      one.sign({ iss: 'https://two.test' }, { typ: 'JWT' }),
    ],
  ])('has no key for a token of one %s', async (_how, token) => {
    await expect(verify(token)).rejects.toMatchObject(keyUnknown);
  });

  it('looks for no key of a token that names none of them', async () => {
    const load = jest.fn(async () => [createTestKey('ES256', 'other').verification]);
    const keys = loadedKeySet(load);
    const verifier = accepting({ ...one.options, keys }, two.options);
    await expect(verify(one.sign({ iss: 'https://else.test' }), verifier)).rejects.toMatchObject(
      invalid('iss'),
    );
    await expect(verify(two.sign(), verifier)).resolves.toBeDefined();
    expect(load).not.toHaveBeenCalled();
    // A token of the issuer's own does load them.
    await expect(verify(one.sign(), verifier)).rejects.toMatchObject(keyUnknown);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it.each([['no dots'], ['a.b.c'], ['AAAA.AAAA.AAAA'], ['bnVsbA.bnVsbA.bnVsbA']])(
    'refuses %p as ever',
    async (text) => {
      await expect(verify(text.replace(' ', ''))).rejects.toMatchObject({ status: 401 });
    },
  );

  it('has the keys of one replaced by the name of the issuer', async () => {
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
    ['there are none', [], 'issuers'],
    ['it is no list', one.options, 'issuers'],
    ['one is no object', [null], 'issuers[0]'],
    ['one is misspelt', [{ ...one.options, audiance: 'x' }], 'audiance'],
    ['one has no audience', [one.options, { ...two.options, audience: '' }], 'issuers[1].audience'],
    ['one has an empty issuer', [{ ...one.options, issuer: '' }], 'issuers[0].issuer'],
    [
      'two are the same',
      [one.options, { ...two.options, issuer: 'https://one.test' }],
      'https://one.test',
    ],
    [
      'one has no key for its algorithms',
      [{ ...one.options, algorithms: ['RS256'] }],
      'issuers[0].algorithms',
    ],
  ])('fails at construction, by name, when %s', (_what, issuers, name) => {
    expect(() => createTokenVerifier({ issuers, clock } as TokenVerifierOptions)).toThrow(
      TypeError,
    );
    expect(() => createTokenVerifier({ issuers, clock } as TokenVerifierOptions)).toThrow(name);
  });

  it('does not take an issuer beside issuers', () => {
    const both = { ...one.options, issuers: [two.options] } as TokenVerifierOptions;
    expect(() => createTokenVerifier(both)).toThrow("'issuer'");
  });
});

const accept = (changes: Partial<AcceptedIssuerOptions>) =>
  createTokenVerifier({ ...one.options, ...changes, clock });

describe('the form of an issuer', () => {
  it.each(['JWT', 'jwt', 'application/jwt', 'at+jwt'])(
    'takes the type %p where it asks for it',
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

  it('accepts every type, and none, when type is false', async () => {
    const verifier = accept({ type: false });
    for (const typ of ['JWT', 'at+jwt', 'x', undefined, 7]) {
      await expect(verify(one.sign({}, { typ }), verifier)).resolves.toBeDefined();
    }
    await expect(verify(one.sign({}, { crit: ['x'] }), verifier)).rejects.toMatchObject(
      invalid('crit'),
    );
  });

  it('reads the audience from another claim, and from that alone', async () => {
    const verifier = accept({ audienceClaim: 'client_id', audience: 'app' });
    await expect(
      verify(one.sign({ aud: undefined, client_id: 'app' }), verifier),
    ).resolves.toBeDefined();
    await expect(verify(one.sign({ aud: 'app' }), verifier)).rejects.toMatchObject(invalid('aud'));
    await expect(verify(one.sign({ aud: 'app', client_id: 'x' }), verifier)).rejects.toMatchObject(
      invalid('aud'),
    );
  });

  it('reads the scopes from another claim, as text or as a list', async () => {
    const verifier = accept({ scopeClaim: 'scp' });
    for (const scp of ['a b', ['a', 'b']]) {
      const { scopes } = await verify(one.sign({ scp, scope: 'admin' }), verifier);
      expect([...scopes]).toEqual(['a', 'b']);
    }
    await expect(verify(one.sign({ scp: 7 }), verifier)).rejects.toMatchObject(invalid('scope'));
  });

  it('asks for claims of exactly one value', async () => {
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

  it('narrows the algorithms of its keys', async () => {
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

  it('could not check while there are none, and says no word of why', async () => {
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

  it('refuses a token that it knows as soon as its key is loaded no more', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const token = one.sign(long);
    await verifyLoaded(token);
    state.keys = two.options.keys as readonly never[];
    state.at += 601_000;
    // The loaded keys answer once more while they are loaded again.
    await verifyLoaded(token);
    await new Promise(setImmediate);
    await expect(verifyLoaded(token)).rejects.toMatchObject(keyUnknown);
  });

  it('says that a key is unknown when the set was loaded, and that it could not check when it was not', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const unknown = one.sign(long, { kid: 'other' });
    await expect(verifyLoaded(unknown)).rejects.toMatchObject(keyUnknown);
    // In the cool-down no load is started.
    await expect(verifyLoaded(unknown)).rejects.toMatchObject(keyUnknown);
    state.isDown = true;
    state.at += 31_000;
    await expect(verifyLoaded(unknown)).rejects.toMatchObject({ status: 503, action: 'retry' });
    await expect(verifyLoaded(one.sign(long))).resolves.toBeDefined();
  });

  it('takes a token that it knows no longer than the keys may be used while they cannot be loaded', async () => {
    const { state, verify: verifyLoaded } = createLoading();
    const token = one.sign(long);
    await verifyLoaded(token);
    state.isDown = true;
    state.at += 4_199_000;
    await verifyLoaded(token);
    state.at += 2_000;
    await expect(verifyLoaded(token)).rejects.toMatchObject({ status: 503 });
  });

  it('has no keys to be replaced by hand', () => {
    const keys = loadedKeySet(async () => []);
    const verifier = createTokenVerifier({ ...one.options, keys, clock });
    expect(() => verifier.replaceKeys([])).toThrow(TypeError);
  });
});
