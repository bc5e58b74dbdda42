// Tests of what an issuer and a verifier tell tools about their settings.

import {
  createRevocations,
  createTokenVerifier,
  MemoryRevocations,
  MemorySessionStore,
  remoteRevocations,
} from '@tokenpair/core';
import { settingsOf } from '@tokenpair/core/adapter';
import { MemoryRevocationLog } from '@tokenpair/core/store';

import { audienceName, createTestIssuer, issuerName } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';

const defaults = { whenBehind: 'accept', maxAge: 30, pollInterval: 0.1, max: 1_000_000 };
const url = 'https://issuer.test/auth/revocations';

describe('revocations.settings', () => {
  const memory = { ...defaults, maxAge: Infinity, pollInterval: 1, log: 'memory' };
  const kinds: [string, { readonly settings: unknown }, unknown][] = [
    ['a log in memory', new MemoryRevocations(), memory],
    [
      'a log in memory with an age',
      new MemoryRevocations({ maxAge: '2s' }),
      { ...memory, maxAge: 2 },
    ],
    [
      'a log in memory that was given',
      createRevocations(new MemoryRevocationLog()),
      { ...defaults, log: 'memory' },
    ],
    ['a log over HTTP', remoteRevocations(url), { ...defaults, pollInterval: 1, log: 'http' }],
    [
      'a log of another kind with options',
      createRevocations(
        { append: async () => 1, read: () => new Promise(() => {}) },
        { whenBehind: 'refuse', maxAge: '1m', pollInterval: 0.25, max: 100 },
      ),
      { whenBehind: 'refuse', maxAge: 60, pollInterval: 0.25, max: 100, log: 'shared' },
    ],
  ];

  it.each(kinds)('has the options and their defaults: %s', (_kind, { settings }, expected) => {
    expect(settings).toEqual(expected);
    expect(Object.isFrozen(settings)).toBe(true);
  });
});

describe('settingsOf', () => {
  const key = createTestKey().verification;

  it('answers for an issuer, and for its verifier', () => {
    const store = new MemorySessionStore({ capacity: 100 });
    const revocations = new MemoryRevocations();
    const { another } = createTestIssuer();
    const tokens = another({ store, revocations, accessTokenLifetime: '10m' });
    const { settings } = revocations;
    const expected = { issuer: issuerName, revocations: settings };
    expect(settingsOf(tokens)).toEqual([{ ...expected, kind: 'issuer', accessTokenLifetime: 600 }]);
    expect(settingsOf(tokens.verifier)).toEqual([
      { ...expected, kind: 'verifier', accessTokenLifetime: undefined },
    ]);
  });

  it('answers for each issuer that a verifier accepts, and for one that is not known before a token comes', () => {
    const audience = audienceName;
    const revocations = new MemoryRevocations();
    const verifier = createTokenVerifier({
      issuers: [
        { issuer: 'https://a.test', audience, keys: [key], revocations },
        { issuer: 'https://b.test', audience, keys: [key] },
      ],
    });
    expect(settingsOf(verifier)).toMatchObject([
      { issuer: 'https://a.test', revocations: { log: 'memory' } },
      { issuer: 'https://b.test', revocations: undefined },
    ]);
    const finding = createTokenVerifier({ issuers: () => undefined });
    expect(settingsOf(finding)).toEqual([{ kind: 'verifier' }]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'tokens'],
    ['a copy', { ...createTestIssuer().tokens }],
    ['what another factory made', new MemoryRevocations()],
  ])('answers nothing for %s', (_what, value) => {
    expect(settingsOf(value)).toBeUndefined();
  });
});
