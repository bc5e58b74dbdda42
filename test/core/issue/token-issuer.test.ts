import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  verifyBearer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';
import { alterStore } from '../../support/altered-store.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';
import { hashByHand, readByHand } from '../../support/refresh-token-by-hand.js';
import { generateKeyPair } from '../../support/key-pair.js';

const secret = randomBytes(32);
const ec = createKeyPair('ES256');
const store = new MemorySessionStore();

const good: TokenIssuerOptions = {
  issuer: issuerName,
  audience: audienceName,
  keys: [{ kid: 'a', algorithm: 'HS256', secret }],
  refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
  store,
};

function issuerWith(changes: Record<string, unknown>) {
  return createTokenIssuer({ ...good, ...changes });
}

describe('an issuer', () => {
  it('needs five options and has a default for every other', () => {
    expect(createTokenIssuer(good)).toMatchObject({
      issuer: issuerName,
      audience: [audienceName],
      accessTokenLifetime: 300,
      idleLifetime: 30 * 86_400_000,
      absoluteLifetime: 90 * 86_400_000,
      reuseInterval: 30_000,
      recovery: 86_400_000,
      actorLifetime: 3_600_000,
      clientId: issuerName,
      requireAccessToken: false,
      limit: { max: 100, onLimit: 'evict-oldest' },
      space: { realm: 'api' },
    });
  });

  it('uses the defaults for options that are undefined', () => {
    const optional = {
      claims: undefined,
      accessTokenLifetime: undefined,
      idleLifetime: undefined,
      absoluteLifetime: undefined,
      reuseInterval: undefined,
      recovery: undefined,
      actorLifetime: undefined,
      clientId: undefined,
      requireAccessToken: undefined,
      maxSessions: undefined,
      onSessionLimit: undefined,
      realm: undefined,
      deadline: undefined,
      onEvent: undefined,
      clock: undefined,
      clockTolerance: undefined,
      transports: undefined,
      isRevoked: undefined,
    };
    expect(issuerWith(optional)).toMatchObject({ accessTokenLifetime: 300, reuseInterval: 30_000 });
  });

  it('reads durations as seconds or as text with a unit', () => {
    expect(
      issuerWith({ accessTokenLifetime: '15m', idleLifetime: 3_600, reuseInterval: '5m' }),
    ).toMatchObject({ accessTokenLifetime: 900, idleLifetime: 3_600_000, reuseInterval: 300_000 });
  });

  it('turns recovery off with a reuse interval of 0, where every second use is a reuse', () => {
    expect(issuerWith({ reuseInterval: 0 })).toMatchObject({ recovery: 0 });
    expect(issuerWith({ reuseInterval: 0, recovery: 0 })).toMatchObject({ recovery: 0 });
    expect(issuerWith({ recovery: '7d' })).toMatchObject({ recovery: 7 * 86_400_000 });
    expect(issuerWith({ recovery: 0 })).toMatchObject({ recovery: 0 });
  });

  it('accepts an idle lifetime of four times the reuse interval', () => {
    expect(issuerWith({ idleLifetime: 120 })).toMatchObject({ idleLifetime: 120_000 });
    expect(issuerWith({ idleLifetime: 4, reuseInterval: 1 })).toMatchObject({
      idleLifetime: 4_000,
    });
    expect(issuerWith({ idleLifetime: 1, reuseInterval: 0 })).toMatchObject({
      idleLifetime: 1_000,
    });
  });

  it('is frozen, and ignores later changes to its options', async () => {
    const options = { ...good, audience: [audienceName], claims: () => ({ role: 'user' }) };
    const tokens = createTokenIssuer(options);
    options.audience.push('https://evil.test');
    options.claims = () => ({ role: 'admin' });
    expect(Object.isFrozen(tokens)).toBe(true);
    expect(tokens.audience).toEqual([audienceName]);
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { claims } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
    expect(claims).toMatchObject({ role: 'user' });
  });

  it('does not change its options', () => {
    const options = Object.freeze({ ...good, keys: Object.freeze([...good.keys]) });
    expect(() => createTokenIssuer(options as TokenIssuerOptions)).not.toThrow();
  });
});

describe('a wrong option of an issuer', () => {
  const { privateKey, publicKey } = ec;
  const rows: readonly (readonly [what: string, changes: Record<string, unknown>, name: string])[] =
    [
      ['no issuer', { issuer: undefined }, 'issuer'],
      ['an empty issuer', { issuer: '' }, 'issuer'],
      ['a URL object for an issuer', { issuer: new URL(issuerName) }, 'issuer'],
      ['no audience', { audience: undefined }, 'audience'],
      ['an empty audience', { audience: '' }, 'audience'],
      ['an empty list of audiences', { audience: [] }, 'audience'],
      ['an empty audience in a list', { audience: ['x', ''] }, 'audience'],
      ['a pattern for an audience', { audience: /api/ }, 'audience'],
      ['no keys', { keys: undefined }, 'keys'],
      ['an empty list of keys', { keys: [] }, 'keys'],
      ['a key that is no list', { keys: good.keys[0] }, 'keys'],
      [
        'a key without a kid beside another',
        {
          keys: [
            { kid: 'a', algorithm: 'HS256', secret },
            { algorithm: 'HS256', secret },
          ],
        },
        'keys[1].kid',
      ],
      ['a key without an algorithm', { keys: [{ kid: 'a', secret }] }, 'keys[0].algorithm'],
      [
        'the algorithm none',
        { keys: [{ kid: 'a', algorithm: 'none', secret }] },
        'keys[0].algorithm',
      ],
      [
        'an algorithm in lower case',
        { keys: [{ kid: 'a', algorithm: 'hs256', secret }] },
        'keys[0].algorithm',
      ],
      [
        'a short signing secret',
        { keys: [{ kid: 'a', algorithm: 'HS256', secret: randomBytes(31) }] },
        'keys[0].secret',
      ],
      [
        'a public key in the first place',
        { keys: [{ kid: 'a', algorithm: 'ES256', publicKey }] },
        'keys[0]',
      ],
      [
        'a public key in the place of the private one',
        { keys: [{ kid: 'a', algorithm: 'ES256', privateKey: publicKey }] },
        'keys[0].privateKey',
      ],
      [
        'a private key as a secret',
        { keys: [{ kid: 'a', algorithm: 'HS256', secret: privateKey }] },
        'keys[0].secret',
      ],
      [
        'a key of another curve',
        {
          keys: [
            {
              kid: 'a',
              algorithm: 'ES256',
              privateKey: generateKeyPair('ec', { namedCurve: 'P-384' }).privateKey,
            },
          ],
        },
        'keys[0].privateKey',
      ],
      [
        'two keys of one kid',
        {
          keys: [good.keys[0], { kid: 'a', algorithm: 'ES256', publicKey }],
        },
        'keys',
      ],
      ['no refresh keys', { refreshKeys: undefined }, 'refreshKeys'],
      ['an empty list of refresh keys', { refreshKeys: [] }, 'refreshKeys'],
      ['the refresh kid 0', { refreshKeys: [{ kid: '0', secret }] }, 'refreshKeys[0].kid'],
      ['the refresh kid 16', { refreshKeys: [{ kid: '16', secret }] }, 'refreshKeys[0].kid'],
      ['a number for a refresh kid', { refreshKeys: [{ kid: 1, secret }] }, 'refreshKeys[0].kid'],
      [
        'a short refresh secret',
        { refreshKeys: [{ kid: '1', secret: 'too short' }] },
        'refreshKeys[0].secret',
      ],
      [
        'a refresh key as text',
        { refreshKeys: ['an ordinary secret of 32 bytes !'] },
        'refreshKeys[0]',
      ],
      [
        'two refresh keys of one kid',
        {
          refreshKeys: [
            { kid: '1', secret },
            { kid: '1', secret: randomBytes(32) },
          ],
        },
        'refreshKeys',
      ],
      ['recovery at a reuse interval of 0', { reuseInterval: 0, recovery: 1 }, 'recovery'],
      ['a recovery of more than 7 days', { recovery: 7 * 86_400 + 1 }, 'recovery'],
      ['a negative recovery', { recovery: -1 }, 'recovery'],
      ['bare digits for a recovery', { recovery: '86400' }, 'recovery'],
      ['an actor lifetime of 0', { actorLifetime: 0 }, 'actorLifetime'],
      ['an actor lifetime in milliseconds', { actorLifetime: 3_600_000_000_000 }, 'actorLifetime'],
      ['an empty client ID', { clientId: '' }, 'clientId'],
      ['a number for a client ID', { clientId: 7 }, 'clientId'],
      ['no store', { store: undefined }, 'store'],
      ['null for a store', { store: null }, 'store'],
      ['text for a store', { store: 'memory' }, 'store'],
      ['a Map for a store', { store: new Map() }, 'store'],
      ['a class for a store', { store: MemorySessionStore }, 'store'],
      [
        'a store without list()',
        { store: alterStore(store, { list: undefined as never }) },
        'store',
      ],
      ['an object for claims', { claims: { role: 'user' } }, 'claims'],
      ['null for claims', { claims: null }, 'claims'],
      ['bare digits for a lifetime', { accessTokenLifetime: '900' }, 'accessTokenLifetime'],
      ['a lifetime of 0', { accessTokenLifetime: 0 }, 'accessTokenLifetime'],
      ['a negative lifetime', { idleLifetime: -1 }, 'idleLifetime'],
      ['an idle lifetime in which no session can rotate', { idleLifetime: 119 }, 'idleLifetime'],
      [
        'an idle lifetime below four times a longer reuse interval',
        { idleLifetime: 1_199, reuseInterval: 300 },
        'idleLifetime',
      ],
      ['a fraction for a lifetime', { absoluteLifetime: 1.5 }, 'absoluteLifetime'],
      ['no number for a lifetime', { idleLifetime: Number.NaN }, 'idleLifetime'],
      ['an endless lifetime', { absoluteLifetime: Number.POSITIVE_INFINITY }, 'absoluteLifetime'],
      ['an unknown unit', { idleLifetime: '1y' }, 'idleLifetime'],
      ['a unit with a space', { idleLifetime: '30 d' }, 'idleLifetime'],
      ['null for a lifetime', { idleLifetime: null }, 'idleLifetime'],
      ['a reuse interval of 301 s', { reuseInterval: 301 }, 'reuseInterval'],
      ['a negative reuse interval', { reuseInterval: -1 }, 'reuseInterval'],
      ['bare digits for a reuse interval', { reuseInterval: '30' }, 'reuseInterval'],
      ['text for a switch', { requireAccessToken: 'true' }, 'requireAccessToken'],
      ['a number for a switch', { requireAccessToken: 1 }, 'requireAccessToken'],
      ['no session at all', { maxSessions: 0 }, 'maxSessions'],
      ['half a session', { maxSessions: 1.5 }, 'maxSessions'],
      ['endless sessions', { maxSessions: Number.POSITIVE_INFINITY }, 'maxSessions'],
      ['text for a number', { maxSessions: '5' }, 'maxSessions'],
      ['another policy', { onSessionLimit: 'evict-newest' }, 'onSessionLimit'],
      ['a realm with a quote', { realm: 'my "api"' }, 'realm'],
      ['a realm with a line break', { realm: 'a\nb' }, 'realm'],
      ['an empty realm', { realm: '' }, 'realm'],
      ['a deadline of 0', { deadline: 0 }, 'deadline'],
      ['a deadline of two hours', { deadline: '2h' }, 'deadline'],
      ['an object for a listener', { onEvent: { on: () => {} } }, 'onEvent'],
      ['an instant for a clock', { clock: Date.now() }, 'clock'],
      ['a clock tolerance of 301 s', { clockTolerance: 301 }, 'clockTolerance'],
      ['text for a revocation check', { isRevoked: 'no' }, 'isRevoked'],
      ['an unknown transport', { transports: { header: 'x' } }, 'transports'],
    ];

  it.each(rows)('%s fails at construction, and the error names it', (_what, changes, name) => {
    const start = new RegExp(`^${name.replaceAll(/[[\].]/g, String.raw`\$&`)}(?![A-Za-z0-9_[])`);
    expect(() => issuerWith(changes)).toThrow(TypeError);
    expect(() => issuerWith(changes)).toThrow(start);
  });

  it.each([
    ['a misspelled one', { reuseIntervall: 30 }, 'reuseIntervall'],
    ['one of another library', { expiresIn: '15m' }, 'expiresIn'],
    ['one that only the endpoints have', { transport: 'cookie' }, 'transport'],
  ])('%s is not treated as a default', (_what, changes, name) => {
    expect(() => issuerWith(changes)).toThrow(new RegExp(`no option '${name}'`));
  });

  it.each([undefined, null, 'options', []])(
    '%p instead of options fails, and the error says so',
    (options) => {
      expect(() => createTokenIssuer(options as never)).toThrow(
        /^createTokenIssuer options must be/,
      );
    },
  );

  it('that is bare digits causes an error that names both readings', () => {
    expect(() => issuerWith({ accessTokenLifetime: '900' })).toThrow(/seconds.*milliseconds/);
  });

  it('that is a store causes an error that names the missing method', () => {
    const half = alterStore(store, { revokeOwner: undefined as never });
    expect(() => issuerWith({ store: half })).toThrow(/revokeOwner\(\)/);
  });

  it('causes an error that does not repeat a secret', () => {
    const wrong = 'hunter2-hunter2';
    for (const changes of [
      { keys: [{ kid: 'a', algorithm: 'HS256', secret: wrong }] },
      { keys: [wrong] },
      { refreshKeys: [{ kid: '1', secret: wrong }] },
    ]) {
      expect(() => issuerWith(changes)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(wrong) }),
      );
    }
  });

  it('causes an error that does not repeat a refresh secret given in place of the key', () => {
    const wrong = 'hunter2-hunter2-hunter2-hunter2!';
    for (const refreshKeys of [wrong, [wrong], [{ kid: wrong, secret }]]) {
      expect(() => issuerWith({ refreshKeys })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(wrong) }),
      );
    }
  });
});

/** Everything that must never be shown, in every encoding that a log could use. */
function spellings(...bytes: readonly Uint8Array[]): string[] {
  return bytes.flatMap((one) => {
    const buffer = Buffer.from(one);
    const dump = inspect(buffer).slice('<Buffer '.length, 60);
    const list = JSON.stringify([...buffer.subarray(0, 8)]).slice(1, -1);
    return [
      ...(['hex', 'base64', 'base64url', 'latin1'] as const).map((spelling) =>
        buffer.toString(spelling),
      ),
      dump,
      list,
    ];
  });
}

const show = (value: unknown) =>
  `${inspect(value, { depth: 20, showHidden: true })}${inspect(value)}${JSON.stringify(value)}`;

describe('the visible output of an issuer', () => {
  it('contains no key, token or digest; nor does that of its store, events and errors', async () => {
    const signing = randomBytes(32);
    const sealing = randomBytes(32);
    const clock = createTestClock();
    const memory = new MemorySessionStore({ clock: clock.now });
    const { tokens, events } = createTestIssuer({
      store: memory,
      clock: clock.now,
      keys: [{ kid: 'a', algorithm: 'HS256', secret: signing }],
      refreshKeys: [{ kid: '1', secret: sealing }],
    });
    const login = await issueTokenPair(tokens, { subject: 'u_1', metadata: { device: 'x' } });
    const next = await refreshTokenPair(tokens, login.refreshToken);
    clock.advance(61);
    const errors: unknown[] = [];
    const note = (error: unknown) => errors.push(error);
    for (const accessToken of ['garbage', next.accessToken.slice(0, -2)]) {
      await refreshTokenPair(tokens, next.refreshToken, { accessToken }).catch(note);
    }
    await refreshTokenPair(tokens, next.refreshToken, { scope: 'more' }).catch(note);
    await refreshTokenPair(tokens, `${next.refreshToken}=`).catch(note);
    await refreshTokenPair(tokens, login.refreshToken).catch(note);
    await refreshTokenPair(tokens, next.refreshToken).catch(note);
    await revokeSession(tokens, { refreshToken: next.refreshToken });
    const again = await issueTokenPair(tokens, { subject: 'u_1' });
    await revokeSubject(tokens, 'u_1');

    const shown = show([tokens, tokens.verifier, memory, events, errors]);
    const secrets = [login, next, again].flatMap(({ accessToken, refreshToken }) => {
      const { secret: inner, tag } = readByHand(refreshToken);
      return [
        refreshToken,
        refreshToken.slice(4),
        accessToken,
        accessToken.split('.')[2] as string,
        hashByHand(inner),
        ...spellings(inner, tag),
      ];
    });
    const leaked = [...secrets, ...spellings(signing, sealing)].filter((text) =>
      shown.includes(text),
    );
    expect(errors).toHaveLength(6);
    expect(events.length).toBeGreaterThan(4);
    expect(leaked).toEqual([]);
  });
});
