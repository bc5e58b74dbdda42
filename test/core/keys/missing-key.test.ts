// A key or a store that is not there, because a variable, a file or a call is missing.

import {
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { Pool } from 'pg';
import { createClient } from 'redis6';

import { createTestIssuer } from '../../support/issuer.js';

const asSecret = (secret: unknown) => () =>
  createTestIssuer({ keys: [{ kid: '1', algorithm: 'HS256', secret: secret as string }] });
const asPrivate = (privateKey: unknown) => () =>
  createTestIssuer({ keys: [{ kid: '1', algorithm: 'ES256', privateKey: privateKey as string }] });
const asPublic = (publicKey: unknown) => () => {
  const keys = [{ kid: '1', algorithm: 'ES256', publicKey: publicKey as string }] as const;
  return createTokenVerifier({ issuer: 'a', audience: 'b', keys });
};
const asRefreshKey = (secret: unknown) => () =>
  createTestIssuer({ refreshKeys: [{ kid: '1', secret: secret as string }] });

describe.each([
  ['keys[0].secret', asSecret],
  ['keys[0].privateKey', asPrivate],
  ['keys[0].publicKey', asPublic],
  ['refreshKeys[0].secret', asRefreshKey],
])('%s that is missing', (option, give) => {
  it.each<[string, unknown, string]>([
    ['a variable that is not set', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a variable that is empty', '', 'empty'],
    ['a file that is empty', Buffer.alloc(0), 'empty'],
  ])('is named with its probable reason: %s', (_what, value, is) => {
    expect(give(value)).toThrow(TypeError);
    expect(give(value)).toThrow(
      `${option} is ${is}. Give the key; if it comes from a variable of the environment or from a file`,
    );
  });

  it.each(['./keys/refresh-and-signing.key', '/run/secrets/tokenpair/production.secret'])(
    'is not the name of its file: %s',
    (path) => {
      expect(give(path)).toThrow(TypeError);
      expect(give(path)).toThrow(/looks like the name of a file.*readFileSync/);
      expect(give(path)).not.toThrow(/run\/secrets|keys\/refresh/);
    },
  );
});

const signing = { kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) };
const sealing = { kid: '1', secret: Buffer.alloc(32, 2) };

describe('a key that is read later', () => {
  it('must be awaited', () => {
    expect(asPrivate(Promise.resolve('x'))).toThrow('keys[0].privateKey is a promise: await it');
  });
});

describe('what is no store', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a class', () => MemorySessionStore, /this is a class, so make an instance with new/],
    ['a promise', () => Promise.resolve(new MemorySessionStore()), /a promise, so await it/],
    ['a client of Redis', () => createClient(), /new RedisSessionStore\(\{ client \}\)/],
    ['a pool of Postgres', () => new Pool(), /new PostgresSessionStore\(\{ client \}\)/],
    ['a Map', () => new Map(), /it lacks create\(\)/],
    [
      'a store of express-session',
      () => ({ get() {}, set() {}, destroy() {} }),
      /lacks create\(\)/,
    ],
  ])('is named with its cure: %s', (_what, make, cure) => {
    const store = make() as TokenIssuerOptions['store'];
    expect(() => createTestIssuer({ store })).toThrow(TypeError);
    expect(() => createTestIssuer({ store })).toThrow(cure);
  });

  it('is named when no store was given', () => {
    const options = { issuer: 'a', audience: 'b', keys: [signing], refreshKeys: [sealing] };
    expect(() => createTokenIssuer(options as never)).toThrow(/none was given/);
  });
});
