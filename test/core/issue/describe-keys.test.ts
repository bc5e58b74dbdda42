import { randomBytes } from 'node:crypto';

import type { TokenIssuer } from '@tokenpair/core';

import { createTestIssuer } from '../../support/issuer.js';

const key = (kid: string, state?: 'next' | 'current' | 'retiring', more: object = {}) => ({
  kid,
  algorithm: 'HS256' as const,
  secret: randomBytes(32),
  ...(state && { state }),
  ...more,
});
const refreshKey = (kid: string, more: object = {}) => ({ kid, secret: randomBytes(32), ...more });

const about = (tokens: TokenIssuer, kid: string) =>
  tokens.describeKeys().find((description) => description.kid === kid);

describe('describeKeys', () => {
  it('lists what every key does, access token keys first', () => {
    const { tokens, clock } = createTestIssuer({
      keys: [key('a', 'retiring'), key('b', 'current'), key('c', 'next')],
      refreshKeys: [refreshKey('1'), refreshKey('2')],
    });
    const since = clock.now();
    expect(tokens.describeKeys()).toMatchObject([
      { for: 'access tokens', kid: 'a', algorithm: 'HS256', state: 'retiring', since },
      { for: 'access tokens', kid: 'b', state: 'current', since, neededUntil: undefined },
      { for: 'access tokens', kid: 'c', state: 'next', since, neededUntil: undefined },
      { for: 'refresh tokens', kid: '1', state: 'current', since, neededUntil: undefined },
      { for: 'refresh tokens', kid: '2', state: 'retiring', since },
    ]);
  });

  it('reports when the last access token of a retiring key expires, including clock tolerance', () => {
    const { tokens, clock } = createTestIssuer({
      keys: [key('a', 'current')],
      accessTokenLifetime: '5m',
      clockTolerance: 5,
    });
    clock.advance(3_600);
    const retired = clock.now();
    tokens.replaceKeys([key('a', 'retiring'), key('b', 'current')]);
    const end = retired + 305_000;
    expect(about(tokens, 'a')).toMatchObject({ since: retired, neededUntil: end });
    expect(about(tokens, 'a')?.summary).toBe(
      `the last token of a expires ${new Date(end).toISOString()}: remove the key after that`,
    );
  });

  it.each<[string, object, number]>([
    ['the idle lifetime', { idleLifetime: '30d', absoluteLifetime: '90d' }, 30 * 86_400],
    ['the absolute lifetime when that is shorter', { absoluteLifetime: '7d' }, 7 * 86_400],
    ['the access token lifetime when that is the longest', { idleLifetime: 120 }, 300],
  ])(
    'keeps a key for %s when every refresh requires the access token',
    (_what, lifetimes, seconds) => {
      const { tokens, clock } = createTestIssuer({
        keys: [key('a')],
        requireAccessToken: true,
        clockTolerance: 5,
        ...lifetimes,
      });
      clock.advance(3_600);
      const retired = clock.now();
      tokens.replaceKeys([key('a', 'retiring'), key('b', 'current')]);
      const end = retired + (seconds + 5) * 1_000;
      expect(about(tokens, 'a')).toMatchObject({ since: retired, neededUntil: end });
      expect(about(tokens, 'a')?.summary).toContain(new Date(end).toISOString());
    },
  );

  it('reports the same end when the keys are replaced again and the key is still retiring', () => {
    const { tokens, clock } = createTestIssuer({
      keys: [key('b', 'current'), key('a', 'retiring')],
    });
    const before = about(tokens, 'a');
    clock.advance(60);
    tokens.replaceKeys([key('b', 'current'), key('a', 'retiring'), key('c', 'next')]);
    expect(about(tokens, 'a')).toEqual(before);
    expect(about(tokens, 'c')?.since).toBe(clock.now());
  });

  it.each<[string, Date | string | number]>([
    ['a Date', new Date('2026-11-26T14:00:00Z')],
    ['ISO text', '2026-11-26T14:00:00Z'],
    ['milliseconds', Date.parse('2026-11-26T14:00:00Z')],
  ])('counts from %s when the key has a since date', (_what, since) => {
    const { tokens } = createTestIssuer({
      keys: [key('a', 'current'), key('b', 'retiring', { since })],
      refreshKeys: [
        refreshKey('1', { state: 'current' }),
        refreshKey('2', { state: 'retiring', since }),
      ],
      accessTokenLifetime: 60,
      idleLifetime: '2d',
    });
    expect(about(tokens, 'b')?.neededUntil).toBe(Date.parse('2026-11-26T14:01:00Z'));
    expect(about(tokens, '2')?.neededUntil).toBe(Date.parse('2026-11-28T14:00:00Z'));
  });

  it('needs a refresh key no longer than the maximum age of a session', () => {
    const { tokens, clock } = createTestIssuer({
      refreshKeys: [refreshKey('1'), refreshKey('2')],
      absoluteLifetime: '7d',
    });
    expect(about(tokens, '2')?.neededUntil).toBe(clock.now() + 7 * 86_400_000);
  });

  it('contains no key material', () => {
    const secret = 'a secret that must not be shown to anybody at all';
    const { tokens } = createTestIssuer({
      keys: [{ kid: 'a', algorithm: 'HS256', secret }],
      refreshKeys: [{ kid: '1', secret: `${secret}, and another one` }],
    });
    expect(JSON.stringify(tokens.describeKeys())).not.toContain('secret that');
  });
});

describe('the states of a list of keys', () => {
  it.each<[string, unknown, string]>([
    ['two keys are current', [key('a', 'current'), key('b', 'current')], 'keys'],
    ['no key is current', [key('a', 'next'), key('b', 'retiring')], 'keys'],
    ['one key has no state', [key('a', 'current'), key('b')], 'keys[1].state'],
    ['a state is unknown', [key('a', 'spare' as never)], 'keys[0].state'],
    ['since is not a date', [key('a', 'current', { since: 'yesterday' })], 'keys[0].since'],
    ['since is in seconds', [key('a', 'current', { since: 1_795_000_000 })], 'keys[0].since'],
    ['since is a boolean', [key('a', 'current', { since: true })], 'keys[0].since'],
  ])(
    'are refused at construction and at replaceKeys when %s, and the error names the option',
    (_what, keys, name) => {
      expect(() => createTestIssuer({ keys: keys as never })).toThrow(TypeError);
      expect(() => createTestIssuer({ keys: keys as never })).toThrow(name);
      const { tokens } = createTestIssuer();
      const before = tokens.describeKeys();
      expect(() => tokens.replaceKeys(keys as never)).toThrow(name);
      expect(tokens.describeKeys()).toEqual(before);
    },
  );

  it('are checked in the same way for refresh keys', () => {
    const { tokens } = createTestIssuer();
    const before = tokens.describeKeys();
    for (const [keys, name] of [
      [[refreshKey('1', { state: 'next' })], "refreshKeys: one key must have the state 'current'"],
      [[refreshKey('1', { state: 'current' }), refreshKey('2')], 'refreshKeys[1].state'],
      [[], 'refreshKeys'],
      [[refreshKey('99')], 'refreshKeys[0].kid'],
    ] as const) {
      expect(() => tokens.replaceRefreshKeys(keys as never)).toThrow(name);
    }
    expect(tokens.describeKeys()).toEqual(before);
  });
});
