// What the option `keys` of a verifier accepts: an array of keys, or what one of the factories returned.

import {
  createTokenIssuer,
  createTokenVerifier,
  discover,
  discoveredKeySet,
  loadedKeySet,
  MemorySessionStore,
  remoteKeySet,
  type OneIssuerOptions,
} from '@tokenpair/core';

import { isKeySource } from '../../../packages/core/src/keys/key-source.js';
import { startKeyEndpoint } from '../../support/key-endpoint.js';
import { createTestKey } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';

const url = 'https://id.example.com/jwks';
const key = createTestKey('ES256', 'k1').verification;

function thrownFor(keys: unknown, create: (keys: never) => unknown = verifierWith): Error {
  try {
    create(keys as never);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was accepted');
}

function verifierWith(keys: OneIssuerOptions['keys']) {
  return createTokenVerifier({ issuer: 'i', audience: 'a', keys });
}

const factories: [string, () => OneIssuerOptions['keys']][] = [
  ['remoteKeySet', () => remoteKeySet(url)],
  ['discoveredKeySet', () => discoveredKeySet('https://id.example.com')],
  ['loadedKeySet', () => loadedKeySet(async () => [key])],
];

describe('the option keys of a verifier', () => {
  it.each(factories)('accepts what %s returned', (_factory, create) => {
    expect(isKeySource(create())).toBe(true);
    expect(() => verifierWith(create())).not.toThrow();
  });

  it.each(factories)('accepts one key source of %s in two verifiers', (_factory, create) => {
    const keys = create();
    expect(Object.isFrozen(keys)).toBe(true);
    verifierWith(keys);
    expect(() => verifierWith(keys)).not.toThrow();
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'an object that looks like a key source',
      () => ({ algorithms: new Set(['ES256']), find: () => undefined }),
      /pass a function to loadedKeySet/,
    ],
    ['a copy of a key source', () => ({ ...remoteKeySet(url) }), /loadedKeySet/],
    [
      'an object that inherits the members of a look-alike',
      () => Object.create({ algorithms: new Set(['ES256']), find: () => undefined }),
      /loadedKeySet/,
    ],
    ['a factory that was not called', () => remoteKeySet, /what remoteKeySet,.* returned/],
    ['a function that loads keys', () => async () => [key], /pass a function to loadedKeySet/],
    ['a promise of keys', () => Promise.resolve([key]), /await it first/],
    ['a URL', () => url, /remoteKeySet/],
    ['a Map of keys', () => new Map([['k1', key]]), /array of keys/],
    ['a verifier', () => createTestVerifier().verifier, /array of keys/],
    ['one key outside an array', () => key, /array of keys/],
    ['an empty array', () => [], /non-empty array of keys/],
    ['null', () => null, /array of keys/],
    ['undefined', () => undefined, /array of keys/],
    ['a number', () => 1, /array of keys/],
  ])('refuses %s at once and says what to pass', (_what, create, advice) => {
    const error = thrownFor(create());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(
      /^keys must be a non-empty array of keys, or a key source: what remoteKeySet, discoveredKeySet or loadedKeySet returned/,
    );
    expect(error.message).toMatch(advice);
    const several = thrownFor(create(), (keys) =>
      createTokenVerifier({ issuers: [{ issuer: 'i', audience: 'a', keys }] }),
    );
    expect(several.message).toMatch(/^issuers\[0\]\.keys must be /);
  });

  it('refuses what discover resolved with and names its member keys, which is accepted', async () => {
    const endpoint = await startKeyEndpoint();
    try {
      endpoint.answer = { issuer: endpoint.address, jwks_uri: `${endpoint.address}/jwks` };
      const discovery = await discover(endpoint.address);
      expect(thrownFor(discovery).message).toContain(
        'the member `keys` of what discover resolved with',
      );
      expect(() => verifierWith(discovery.keys)).not.toThrow();
      const promise = discover(endpoint.address);
      expect(thrownFor(promise).message).toContain('await it first');
      await promise;
    } finally {
      await endpoint.close();
    }
  });

  it('never has a value that was passed in its message', () => {
    const secret = 'correct horse battery staple';
    for (const keys of [secret, { secret }, { keys: [secret] }]) {
      expect(thrownFor(keys).message).not.toContain(secret);
    }
  });

  it('calls no function of an object that it refuses', () => {
    const find = jest.fn();
    thrownFor({ algorithms: new Set(['ES256']), find });
    expect(find).not.toHaveBeenCalled();
  });
});

describe('the keys of an issuer', () => {
  it.each(factories)(
    'cannot be what %s returned: an issuer needs keys that sign',
    (_name, create) => {
      const error = thrownFor(create(), (keys) =>
        createTokenIssuer({
          issuer: 'https://i.test',
          audience: 'a',
          keys,
          store: new MemorySessionStore(),
        } as never),
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/^keys must be a non-empty array of keys/);
    },
  );

  it.each(factories)('cannot be replaced by what %s returned', (_name, create) => {
    const { verifier } = createTestVerifier();
    expect(() => verifier.replaceKeys(create() as never)).toThrow(TypeError);
  });
});
