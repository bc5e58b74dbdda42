import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import {
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
  type SessionStore,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';

import { createCommand, secretTexts, type Command, type TestRing } from '../support/command.js';
import { audienceName, issuerName } from '../support/issuer.js';
import { generateKeyPair } from '../support/key-pair.js';

// The search for the primes of an RSA key takes seconds on a busy machine, and sometimes many.
jest.setTimeout(60_000);

let command: Command;
let store: SessionStore;

beforeEach(() => {
  command = createCommand();
  store = new MemorySessionStore({ clock: command.clock.now });
});

afterEach(() => command.remove());

/** A process that has loaded the file as it is now. */
function startProcess(): TokenIssuer {
  return createTokenIssuer({
    ...(JSON.parse(command.text()) as ReturnType<Command['ring']> & {
      keys: never;
      refreshKeys: never;
    }),
    issuer: issuerName,
    audience: audienceName,
    store,
    clockTolerance: 0,
    clock: command.clock.now,
  });
}

const verify = (tokens: TokenIssuer, { accessToken }: TokenPair): Promise<unknown> =>
  verifyBearer(tokens.verifier, `Bearer ${accessToken}`);

const kidsOf = (list: 'keys' | 'refreshKeys'): Record<string, string[]> => {
  const byState: Record<string, string[]> = {};
  for (const { kid, state } of command.ring()[list]) (byState[state] ??= []).push(kid);
  return byState;
};

const minutes = (count: number): void => command.clock.advance(count * 60);

describe('keygen --rotate', () => {
  it('moves next to current and current to retiring, and makes what comes next', () => {
    command.run('keygen --out FILE');
    const [k1, k2] = command.ring().keys;
    const madeAt = new Date(command.clock.now()).toISOString();
    minutes(60);
    const since = new Date(command.clock.now()).toISOString();
    const { exitCode, out, err } = command.run('keygen --rotate --file FILE');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const [current, next, retiring, ...rest] = command.ring().keys;
    expect(current).toEqual({ ...k2, state: 'current', since });
    expect(retiring).toEqual({ ...k1, state: 'retiring', since });
    expect(next).toMatchObject({ algorithm: 'ES256', state: 'next', since });
    expect(rest).toEqual([]);
    expect(since).not.toBe(madeAt);
    expect(kidsOf('refreshKeys')).toEqual({ current: ['2'], next: ['3'], retiring: ['1'] });
    expect(out).toContain(`'${current?.kid}' is current now`);
  });

  it('tells the issuer since when each key is in its state', () => {
    command.run('keygen --out FILE');
    minutes(60);
    command.run('keygen --rotate --file FILE');
    const { keys, refreshKeys } = command.ring();
    const described = startProcess().describeKeys();
    expect(described.map(({ kid, state, since }) => ({ kid, state, since }))).toEqual(
      [...keys, ...refreshKeys].map(({ kid, state, since }) => ({
        kid,
        state,
        since: Date.parse(since),
      })),
    );
  });

  it('done three times in a row refuses no client of any process, and the last key that is pruned is refused', async () => {
    command.run('keygen --out FILE');
    let before = startProcess();
    const oldest = await issueTokenPair(before, { subject: 'u_1' });
    let pair = await issueTokenPair(before, { subject: 'u_2' });
    const firstKid = command.ring().keys[0]?.kid;
    for (const round of [1, 2, 3]) {
      minutes(60);
      // A pair of before, which is still good.
      const held = await refreshTokenPair(before, pair.refreshToken);
      expect(command.run('keygen --rotate --file FILE').exitCode).toBe(0);
      const after = startProcess();
      await expect(verify(after, held)).resolves.toMatchObject({ subject: 'u_2' });
      // The processes load the file one after the other, and a client meets one and then the other.
      const fresh = await refreshTokenPair(after, held.refreshToken);
      await expect(verify(before, fresh)).resolves.toMatchObject({ subject: 'u_2' });
      pair = await refreshTokenPair(before, fresh.refreshToken);
      await expect(verify(after, pair)).resolves.toMatchObject({ subject: 'u_2' });
      pair = await refreshTokenPair(after, pair.refreshToken);
      before = after;
      expect(kidsOf('keys')['retiring']).toHaveLength(round);
    }
    expect(await refreshTokenPair(before, oldest.refreshToken)).toMatchObject({
      sessionId: oldest.sessionId,
    });
    minutes(60);
    const last = await issueTokenPair(startProcess(), { subject: 'u_3' });
    expect(command.run('keygen --prune --file FILE').exitCode).toBe(0);
    expect(kidsOf('keys')['retiring']).toBeUndefined();
    expect(command.text()).not.toContain(firstKid);
    const gone = startProcess();
    await expect(verify(gone, last)).resolves.toMatchObject({ subject: 'u_3' });
    command.clock.advance(-4 * 3_600);
    await expect(verify(gone, oldest)).rejects.toMatchObject({ check: 'key' });
  });

  it('publishes a next key first where there is none, and says to run it again', () => {
    command.run('keygen --out FILE');
    const ring = command.ring();
    command.write({ keys: ring.keys.slice(0, 1), refreshKeys: ring.refreshKeys.slice(0, 1) });
    const { exitCode, out } = command.run('keygen --rotate --file FILE');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^keys: there was no next key.+Rotate again when every process/m);
    expect(command.ring().keys).toMatchObject([ring.keys[0], { state: 'next' }]);
    expect(kidsOf('refreshKeys')).toEqual({ current: ['1'], next: ['2'] });
  });

  it('does not use a key that some process may not have loaded, and says when it will', () => {
    command.run('keygen --out FILE');
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(0);
    const before = command.text();
    command.clock.advance(599);
    const { exitCode, err } = command.run('keygen --rotate --file FILE');
    expect(exitCode).toBe(1);
    expect(err).toContain('2026-11-23T12:10:00Z');
    expect(command.text()).toBe(before);
    command.clock.advance(1);
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(0);
  });

  it.each([
    ['at once with --force', '--force'],
    ['after the time of --settle', '--settle 0s'],
  ])('uses such a key %s', (_when, option) => {
    command.run('keygen --out FILE');
    command.run('keygen --rotate --file FILE');
    expect(command.run(`keygen --rotate --file FILE ${option}`).exitCode).toBe(0);
    expect(kidsOf('refreshKeys')).toEqual({ current: ['3'], next: ['4'], retiring: ['2', '1'] });
  });

  it('waits for no clock with --force, though the one that the file was written by is ahead', () => {
    command.run('keygen --out FILE');
    command.run('keygen --rotate --file FILE');
    minutes(-60);
    expect(command.run('keygen --rotate --file FILE').err).toContain('use --force');
    expect(command.run('keygen --rotate --file FILE --force').exitCode).toBe(0);
  });

  it('waits for a next key that was published by itself, though nothing is retiring', () => {
    command.run('keygen --out FILE');
    command.write({ ...command.ring(), keys: command.ring().keys.slice(0, 1) });
    minutes(60);
    command.run('keygen --rotate --signing-only --file FILE');
    expect(command.run('keygen --rotate --signing-only --file FILE').exitCode).toBe(1);
  });

  it.each([
    ['--signing-only', 'keys', 'refreshKeys'],
    ['--refresh-only', 'refreshKeys', 'keys'],
  ] as const)('with %s leaves the other kind as it is', (option, moved, left) => {
    command.run('keygen --out FILE');
    const before = command.ring();
    minutes(60);
    expect(command.run(`keygen --rotate ${option} --file FILE`).exitCode).toBe(0);
    expect(command.ring()[left]).toEqual(before[left]);
    expect(command.ring()[moved]).toHaveLength(3);
  });

  it('moves what the file has of the two kinds', () => {
    command.run('keygen --signing-only --out FILE');
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(0);
    expect(Object.keys(command.ring())).toEqual(['keys']);
    expect(command.run('keygen --rotate --refresh-only --file FILE').exitCode).toBe(1);
  });

  it('changes the algorithm with the key that comes next', () => {
    command.run('keygen --algorithm HS256 --out FILE');
    command.run('keygen --rotate --file FILE --algorithm EdDSA --kid ed');
    expect(command.ring().keys).toMatchObject([
      { algorithm: 'HS256', state: 'current' },
      { algorithm: 'EdDSA', state: 'next', kid: 'ed' },
      { algorithm: 'HS256', state: 'retiring' },
    ]);
    minutes(60);
    command.run('keygen --rotate --file FILE');
    expect(command.ring().keys.map(({ algorithm }) => algorithm)).toEqual([
      'EdDSA',
      'EdDSA',
      'HS256',
      'HS256',
    ]);
  });

  it('makes an RSA key of the size of the one before it, unless --bits names another', () => {
    const bytesOf = (index: number): number =>
      Buffer.from(Object(command.ring().keys[index]?.privateKey).n, 'base64url').length;
    command.run('keygen --algorithm PS256 --bits 3072 --signing-only --out FILE');
    expect(bytesOf(0)).toBe(384);
    command.run('keygen --rotate --file FILE');
    expect(bytesOf(1)).toBe(384);
    command.run('keygen --rotate --force --file FILE --algorithm PS256 --bits 2048');
    expect(bytesOf(1)).toBe(256);
  });

  it('keeps keys that came from elsewhere as they were written', () => {
    const { privateKey, publicKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
    const since = '2026-01-01T00:00:00Z';
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const secret = randomBytes(48).toString('base64');
    const k = randomBytes(32).toString('base64url');
    command.write({
      keys: [
        {
          kid: 'old',
          algorithm: 'ES256',
          state: 'retiring',
          since,
          publicKey: publicKey.export({ format: 'jwk' }),
        },
        { kid: 'pem', algorithm: 'ES256', state: 'current', since, privateKey: pem },
        { kid: 'next', algorithm: 'HS256', state: 'next', since, secret: { kty: 'oct', k } },
      ],
      refreshKeys: [{ kid: '7', state: 'current', since, secret }],
    });
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(0);
    const { keys, refreshKeys } = command.ring();
    expect(keys).toMatchObject([
      { kid: 'next', algorithm: 'HS256', secret: { kty: 'oct', k } },
      { algorithm: 'HS256', state: 'next' },
      { kid: 'pem', state: 'retiring', privateKey: pem },
      { kid: 'old', state: 'retiring', since },
    ]);
    expect(refreshKeys).toMatchObject([
      { kid: '7', state: 'current', secret },
      { kid: '8', state: 'next' },
    ]);
  });

  it('shows no key', () => {
    command.run('keygen --algorithm HS256 --out FILE');
    const secrets = secretTexts(command.ring());
    command.run('keygen --rotate --file FILE');
    command.run('keygen --rotate --force --file FILE');
    secrets.push(...secretTexts(command.ring()));
    expect(secrets.length).toBeGreaterThanOrEqual(12);
    for (const secret of secrets) expect(command.said()).not.toContain(secret);
  });
});

describe('the ids of refresh keys', () => {
  it('are given in turn, and begin again at 1 once they are free', () => {
    command.run('keygen --refresh-only --out FILE');
    for (let month = 1; month <= 20; month += 1) {
      command.clock.advance(30 * 86_400);
      expect(command.run('keygen --rotate --prune --file FILE').exitCode).toBe(0);
    }
    // A session lasts for 90 days, so at 30 days each three keys are retiring, and a fourth just over ten minutes more.
    expect(kidsOf('refreshKeys')).toEqual({
      current: ['6'],
      next: ['7'],
      retiring: ['5', '4', '3', '2'],
    });
  });

  it('are not given again while a session may hold a token under them', () => {
    command.run('keygen --out FILE');
    for (let week = 1; week <= 13; week += 1) {
      minutes(60);
      expect(command.run('keygen --rotate --prune --file FILE').exitCode).toBe(0);
    }
    minutes(60);
    const before = command.text();
    const { exitCode, err } = command.run('keygen --rotate --prune --file FILE');
    expect(exitCode).toBe(1);
    expect(err).toContain('--signing-only');
    expect(command.text()).toBe(before);
    expect(command.run('keygen --rotate --prune --signing-only --file FILE').exitCode).toBe(0);
    expect(
      command.run('keygen --rotate --prune --file FILE --absolute-lifetime 1h --force').exitCode,
    ).toBe(0);
  });

  it('are reused last if they were removed by hand', () => {
    command.run('keygen --refresh-only --out FILE');
    minutes(60);
    command.run('keygen --rotate --file FILE');
    command.write({ refreshKeys: command.ring().refreshKeys.filter(({ kid }) => kid !== '1') });
    minutes(60);
    command.run('keygen --rotate --file FILE');
    expect(kidsOf('refreshKeys')).toEqual({ current: ['3'], next: ['4'], retiring: ['2'] });
  });
});

describe('keygen --prune', () => {
  it('removes a signing key when its last token has expired, and no earlier', () => {
    command.run('keygen --signing-only --out FILE');
    command.run('keygen --rotate --file FILE');
    // Ten minutes until all have the file, five that a token lives, five that a clock may be off.
    command.clock.advance(20 * 60 - 1);
    expect(command.run('keygen --prune --file FILE').out).toContain('2026-11-23T12:20:00Z');
    expect(kidsOf('keys')['retiring']).toHaveLength(1);
    command.clock.advance(1);
    const { exitCode, out } = command.run('keygen --prune --file FILE');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^keys: removed '[\w-]+'\.\n$/);
    expect(kidsOf('keys')['retiring']).toBeUndefined();
  });

  it('uses the lifetimes that it is given', () => {
    command.run('keygen --out FILE');
    command.run('keygen --rotate --file FILE');
    command.clock.advance(86_400);
    const options = '--access-token-lifetime 1d --absolute-lifetime 12h';
    command.run(`keygen --prune ${options} --file FILE`);
    expect(kidsOf('keys')['retiring']).toHaveLength(1);
    expect(kidsOf('refreshKeys')['retiring']).toBeUndefined();
  });

  it('leaves the other kind with --signing-only and --refresh-only', () => {
    command.run('keygen --out FILE');
    command.run('keygen --rotate --file FILE');
    command.clock.advance(100 * 86_400);
    command.run('keygen --prune --refresh-only --file FILE');
    expect(kidsOf('keys')['retiring']).toHaveLength(1);
    expect(kidsOf('refreshKeys')['retiring']).toBeUndefined();
  });
});

describe('keygen --remove', () => {
  it('with --rotate takes out a current key that has leaked, and its tokens are refused', async () => {
    command.run('keygen --kid leaked --out FILE');
    const leaked = await issueTokenPair(startProcess(), { subject: 'u_1' });
    const { exitCode } = command.run('keygen --rotate --force --remove leaked --file FILE');
    expect(exitCode).toBe(0);
    expect(command.text()).not.toContain('leaked');
    const after = startProcess();
    await expect(verify(after, leaked)).rejects.toMatchObject({
      code: 'token_key_unknown',
      check: 'key',
    });
    await expect(refreshTokenPair(after, leaked.refreshToken)).resolves.toMatchObject({
      sessionId: leaked.sessionId,
    });
  });

  it('takes out a refresh key, and no user is signed out', async () => {
    command.run('keygen --out FILE');
    const pair = await issueTokenPair(startProcess(), { subject: 'u_1' });
    command.run('keygen --rotate --refresh-only --remove 1 --file FILE');
    expect(kidsOf('refreshKeys')).toEqual({ current: ['2'], next: ['3'] });
    await expect(refreshTokenPair(startProcess(), pair.refreshToken)).resolves.toMatchObject({
      sessionId: pair.sessionId,
    });
  });

  it.each([
    ['the key that signs', 'a', '--rotate'],
    ['a key that there is not', 'b', '--remove'],
    ['a name that two keys have', '2', '--refresh-only'],
  ])('does not take out %s', (_what, kid, name) => {
    command.run('keygen --kid a --out FILE');
    const ring = command.ring();
    command.write({ ...ring, keys: [ring.keys[0], { ...ring.keys[1], kid: '2' }] });
    const before = command.text();
    const { exitCode, err } = command.run(`keygen --remove ${kid} --file FILE`);
    expect(exitCode).toBe(1);
    expect(err).toContain(name);
    expect(command.text()).toBe(before);
  });
});

describe('a file that is not what keygen expects', () => {
  const since = '2026-11-01T00:00:00Z';
  const secret = { base64url: randomBytes(32).toString('base64url') };
  const key = { kid: 'a', algorithm: 'HS256', state: 'current', since, secret };

  it.each<[string, unknown, 1 | 2]>([
    ['is empty', '', 2],
    ['is no JSON', '{ "keys": [', 2],
    ['is something else', 'PORT=3000\n', 2],
    ['is a list', [key], 2],
    ['has other members', { keys: [key], port: 3000 }, 1],
    ['has no keys', {}, 1],
    ['has an empty list', { keys: [] }, 1],
    ['has a key that is none', { keys: ['a'] }, 1],
    ['has a key with another member', { keys: [{ ...key, use: 'sig' }] }, 1],
    ['has a key without a name', { keys: [{ ...key, kid: undefined }] }, 1],
    ['has two keys of one name', { keys: [key, { ...key, state: 'retiring' }] }, 1],
    ['has a key of another algorithm', { keys: [{ ...key, algorithm: 'none' }] }, 1],
    ['has a key without a state', { keys: [{ ...key, state: undefined }] }, 1],
    ['has keys without states', { keys: [{ kid: 'a', algorithm: 'HS256', secret }] }, 1],
    [
      'has a key that names its algorithm in its JWK only',
      {
        keys: [
          {
            ...key,
            algorithm: undefined,
            secret: { kty: 'oct', k: secret.base64url, alg: 'HS256' },
          },
        ],
      },
      1,
    ],
    ['has a key in another state', { keys: [{ ...key, state: 'active' }] }, 1],
    ['has a key with a since that is no time', { keys: [{ ...key, since: 'yesterday' }] }, 1],
    ['has no current key', { keys: [{ ...key, state: 'next' }] }, 1],
    ['has two current keys', { keys: [key, { ...key, kid: 'b' }] }, 1],
    [
      'has two next keys',
      { keys: ['b', 'c'].map((kid) => ({ ...key, kid, state: 'next' })).concat(key) },
      1,
    ],
    ['has a key without material', { keys: [{ ...key, secret: undefined }] }, 1],
    ['has a key that core refuses', { keys: [{ ...key, secret: { base64url: 'AAAA' } }] }, 1],
    [
      'has a refresh key of another id',
      { refreshKeys: [{ ...key, algorithm: undefined, kid: '16' }] },
      1,
    ],
    [
      'has public keys only',
      {
        keys: [
          {
            kid: 'a',
            algorithm: 'ES256',
            state: 'current',
            since,
            publicKey: generateKeyPair('ec', { namedCurve: 'P-256' }).publicKey.export({
              format: 'jwk',
            }),
          },
        ],
      },
      1,
    ],
  ])('is left as it is when it %s', (_what, content, expected) => {
    command.write(content);
    const before = command.text();
    const { exitCode, out, err } = command.run('keygen --rotate --file FILE');
    expect({ exitCode, out }).toEqual({ exitCode: expected, out: '' });
    expect(err).toMatch(/^tokenpair: [^\n]+\.\n$/);
    expect(err).not.toContain(secret.base64url);
    expect(command.text()).toBe(before);
  });

  it('is not made when it is not there', () => {
    const { exitCode, err } = command.run('keygen --rotate --file FILE');
    expect(exitCode).toBe(2);
    expect(err).toContain('no such file');
  });
});

/** The ring in the text of a .env file, as Node reads it. */
function ringOf(text: string): TestRing {
  const env = parseEnv(text);
  return {
    keys: JSON.parse(env['TOKENPAIR_KEYS'] ?? ''),
    refreshKeys: JSON.parse(env['TOKENPAIR_REFRESH_KEYS'] ?? ''),
  };
}

describe('a .env file', () => {
  it.each([
    ['\n', ''],
    ['\r\n', ''],
    ['\n', 'export '],
  ])('is rotated line by line, and every other line stays (%j, %j)', (end, before) => {
    const lines = command.run('keygen').out.trimEnd().split('\n');
    const text = ['# mine', 'PORT=3000', ...lines.map((line) => before + line), 'A="$B"', ''].join(
      end,
    );
    command.write(text);
    const { exitCode, out } = command.run('keygen --rotate --file FILE');
    expect(exitCode).toBe(0);
    expect(out).toContain("refreshKeys: '2' is current now");
    const changed = command.text();
    expect(ringOf(changed).keys.map(({ state }) => state)).toEqual(['current', 'next', 'retiring']);
    expect(ringOf(changed).refreshKeys).toHaveLength(3);
    const rest = (of: string): string[] =>
      of.split(end).filter((line) => !line.includes('TOKENPAIR'));
    expect(rest(changed)).toEqual(['# mine', 'PORT=3000', 'A="$B"', '']);
    expect(changed.split(end)).toHaveLength(text.split(end).length);
  });

  it('is left as it is when a ring goes over several lines', () => {
    const { keys } = JSON.parse(command.run('keygen --signing-only --format jwk').out) as {
      keys: unknown[];
    };
    const text = `A=1\nTOKENPAIR_KEYS='${JSON.stringify(keys, undefined, 2)}'\nB=2\n`;
    command.write(text);
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(1);
    expect(command.text()).toBe(text);
  });

  it('is left as it is when a variable is no JSON', () => {
    command.write("TOKENPAIR_KEYS='[{'\n");
    expect(command.run('keygen --rotate --file FILE').exitCode).toBe(2);
    expect(command.text()).toBe("TOKENPAIR_KEYS='[{'\n");
  });
});

describe('the changed file', () => {
  it.each([0o600, 0o640])('has the mode of before, %i', (mode) => {
    command.run('keygen --out FILE');
    command.write(command.ring(), mode);
    command.run('keygen --rotate --file FILE');
    expect(statSync(command.file).mode & 0o777).toBe(mode);
  });

  it('is the one that a symbolic link names', () => {
    command.run('keygen --out FILE');
    const text = command.text();
    mkdirSync(command.path('elsewhere'));
    writeFileSync(command.path('elsewhere/keys.json'), text);
    const link = command.path('link.json');
    symlinkSync(command.path('elsewhere/keys.json'), link);
    expect(command.run(`keygen --rotate --file ${link}`).exitCode).toBe(0);
    expect(readFileSync(link, 'utf8')).not.toBe(text);
    expect(readFileSync(command.path('elsewhere/keys.json'), 'utf8')).toBe(
      readFileSync(link, 'utf8'),
    );
  });
});
