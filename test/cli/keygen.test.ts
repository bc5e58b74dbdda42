import { createPublicKey, createHash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
  type Algorithm,
  type TokenIssuer,
} from '@tokenpair/core';

import { createCommand, secretTexts, type Command, type TestRing } from '../support/command.js';
import { audienceName, issuerName } from '../support/issuer.js';

// The search for the primes of an RSA key takes seconds on a busy machine, and sometimes many.
jest.setTimeout(60_000);

const algorithms: readonly Algorithm[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'HS256',
  'HS384',
  'HS512',
];

let command: Command;

beforeEach(() => {
  command = createCommand();
});

afterEach(() => command.remove());

function issuerOf(ring: Pick<TestRing, 'keys' | 'refreshKeys'>): TokenIssuer {
  // As an application does it that has read JSON: whatever is in the file is what core is given.
  const options = JSON.parse(JSON.stringify(ring));
  return createTokenIssuer({
    ...options,
    issuer: issuerName,
    audience: audienceName,
    store: new MemorySessionStore({ clock: command.clock.now }),
    clock: command.clock.now,
  });
}

function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function publicPart(privateKey: unknown): KeyObject {
  return createPublicKey({ key: privateKey as JsonWebKey, format: 'jwk' });
}

/** RFC 7638, of the members that it names for a type of key. */
function thumbprintsOf({ keys }: TestRing, members: string[]): readonly string[] {
  return keys.map(({ privateKey }) =>
    createHash('sha256').update(JSON.stringify(privateKey, members)).digest('base64url'),
  );
}

describe('keygen', () => {
  it.each(algorithms)('makes a key for %s with which an issuer signs', async (algorithm) => {
    expect(command.run(`keygen --algorithm ${algorithm} --out FILE`).exitCode).toBe(0);
    const ring = command.ring();
    const tokens = issuerOf(ring);
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const { kid = '', privateKey, secret } = ring.keys[0] ?? {};
    expect(headerOf(pair.accessToken)).toEqual({ alg: algorithm, typ: 'at+jwt', kid });
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    const verifier = createTokenVerifier({
      issuer: issuerName,
      audience: audienceName,
      keys: [
        secret ? { kid, algorithm, secret } : { kid, algorithm, publicKey: publicPart(privateKey) },
      ],
      clock: command.clock.now,
    });
    await expect(verifyBearer(verifier, `Bearer ${next.accessToken}`)).resolves.toMatchObject({
      subject: 'u_1',
    });
  });

  it('makes ES256 keys by default, a current and a next one of each kind', () => {
    command.run('keygen --out FILE');
    const since = new Date(command.clock.now()).toISOString();
    const { keys, refreshKeys } = command.ring();
    expect(keys).toMatchObject([
      { algorithm: 'ES256', state: 'current', since },
      { algorithm: 'ES256', state: 'next', since },
    ]);
    expect(refreshKeys).toMatchObject([
      { kid: '1', state: 'current', since },
      { kid: '2', state: 'next', since },
    ]);
  });

  it('makes refresh keys of 32 bytes, and no two keys alike', () => {
    command.run('keygen --algorithm HS512 --out FILE');
    const ring = command.ring();
    const secrets = secretTexts(ring);
    expect(new Set(secrets).size).toBe(4);
    expect(secrets.map((text) => Buffer.from(text, 'base64url').length)).toEqual([64, 64, 32, 32]);
  });

  it.each([
    ['ES256', ['crv', 'kty', 'x', 'y']],
    ['EdDSA', ['crv', 'kty', 'x']],
  ])('names a key for %s by its thumbprint', (algorithm, members) => {
    command.run(`keygen --algorithm ${algorithm} --out FILE`);
    const ring = command.ring();
    expect(ring.keys.map(({ kid }) => kid)).toEqual(thumbprintsOf(ring, members));
  });

  it('names a secret by its thumbprint too', () => {
    command.run('keygen --algorithm HS256 --out FILE');
    const [signs, next] = command.ring().keys;
    const [k] = secretTexts(signs);
    const text = JSON.stringify({ k, kty: 'oct' });
    expect(signs?.kid).toBe(createHash('sha256').update(text).digest('base64url'));
    expect(signs?.kid).not.toBe(next?.kid);
  });

  it('gives the key that signs the name of --kid', () => {
    command.run('keygen --kid 2026-11 --out FILE');
    const [signs, next] = command.ring().keys;
    expect(signs?.kid).toBe('2026-11');
    expect(next?.kid).not.toBe('2026-11');
  });

  it('makes one kind of keys alone', () => {
    command.run('keygen --signing-only --out FILE');
    expect(Object.keys(command.ring())).toEqual(['keys']);
    command.run('keygen --refresh-only --out FILE --force');
    expect(Object.keys(command.ring())).toEqual(['refreshKeys']);
  });
});

// RSA keys are dear to make, so all look at the same; change-keys.test.ts makes longer ones.
describe('keygen for RS256', () => {
  let made: Command;

  beforeAll(() => {
    made = createCommand();
    made.run('keygen --algorithm RS256 --out FILE');
  });

  afterAll(() => made.remove());

  it('makes keys of 2048 bits by default', () => {
    for (const { privateKey } of made.ring().keys) {
      expect(publicPart(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2_048);
    }
  });

  it('names them by their thumbprints', () => {
    const ring = made.ring();
    expect(ring.keys.map(({ kid }) => kid)).toEqual(thumbprintsOf(ring, ['e', 'kty', 'n']));
  });

  it('prints nothing of them when there is a file for them', () => {
    const secrets = secretTexts(made.ring());
    expect(secrets.length).toBeGreaterThan(10);
    for (const secret of secrets) expect(made.said()).not.toContain(secret);
  });
});

describe('what keygen prints', () => {
  it('is a line for each of two variables, which hold the options of the issuer', async () => {
    const { out, err } = command.run('keygen');
    expect(err).toBe('');
    expect(out).toMatch(/^TOKENPAIR_KEYS='.+'\nTOKENPAIR_REFRESH_KEYS='.+'\n$/);
    const env = parseEnv(out);
    const tokens = issuerOf({
      keys: JSON.parse(env['TOKENPAIR_KEYS'] ?? ''),
      refreshKeys: JSON.parse(env['TOKENPAIR_REFRESH_KEYS'] ?? ''),
    });
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(refreshTokenPair(tokens, refreshToken)).resolves.toMatchObject({ expiresIn: 300 });
  });

  it('survives a quote in a name', () => {
    const env = parseEnv(command.run("keygen --kid it's").out);
    expect(JSON.parse(env['TOKENPAIR_KEYS'] ?? '')).toMatchObject([{ kid: "it's" }, {}]);
  });

  it('is a key file with --format jwk', () => {
    const { out } = command.run('keygen --format jwk');
    const ring = JSON.parse(out) as TestRing;
    expect(ring.keys[0]?.privateKey).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(() => issuerOf(ring)).not.toThrow();
  });
});

describe('the file of keygen --out', () => {
  it('can be read by its owner only', () => {
    command.run('keygen --out FILE');
    expect(statSync(command.file).mode & 0o777).toBe(0o600);
  });

  it('is a key file when its name ends in .json, and .env lines otherwise, unless --format says', () => {
    command.run(`keygen --out ${command.path('.env')}`);
    expect(readFileSync(command.path('.env'), 'utf8')).toMatch(/^TOKENPAIR_KEYS='/);
    command.run(`keygen --out ${command.path('keys')} --format jwk`);
    expect(readFileSync(command.path('keys'), 'utf8')).toMatch(/^{\n {2}"keys"/);
  });

  it('does not replace a file that exists', () => {
    command.write('precious');
    const { exitCode, err } = command.run('keygen --out FILE');
    expect(exitCode).toBe(1);
    expect(err).toContain('--force');
    expect(command.text()).toBe('precious');
  });

  it('replaces one with --force, and sets mode 0600 even if the old one was open to others', () => {
    command.write('old', 0o644);
    expect(command.run('keygen --out FILE --force').exitCode).toBe(0);
    expect(command.ring().keys).toHaveLength(2);
    expect(statSync(command.file).mode & 0o777).toBe(0o600);
  });

  it('is made with --force if there was none', () => {
    expect(command.run('keygen --out FILE --force').exitCode).toBe(0);
    expect(command.ring().keys).toHaveLength(2);
  });

  it('cannot be where there is no folder', () => {
    const { exitCode, err } = command.run(`keygen --out ${command.path('nowhere/keys.json')}`);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^tokenpair: .+: no such file or directory\.\n$/);
  });

  it('cannot be a folder', () => {
    const folder = command.path('.');
    expect(command.run(`keygen --out ${folder}`).exitCode).toBe(1);
    expect(command.run(`keygen --out ${folder} --force`).exitCode).not.toBe(0);
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });
});

describe('the command line', () => {
  it.each([
    ['', 'tokenpair --help'],
    ['keys', 'tokenpair --help'],
    ['keygen --algo ES256', "'--algo'"],
    ['keygen -z', "'-z'"],
    ['keygen ES256', 'options only'],
    ['keygen --algorithm', '--algorithm'],
    ['keygen --algorithm --out', '--algorithm'],
    ['keygen --force=yes --out FILE', '--force'],
    ['keygen --algorithm none', '--algorithm'],
    ['keygen --algorithm es256', '--algorithm'],
    ['keygen --algorithm constructor', '--algorithm'],
    ['keygen --algorithm=', '--algorithm'],
    ['keygen --kid=', '--kid'],
    ['keygen --kid \u0007', '--kid'],
    ['keygen --bits 3072', '--bits'],
    ['keygen --algorithm ES256 --bits 3072', '--bits'],
    ['keygen --algorithm RS256 --bits 1024', '--bits'],
    ['keygen --format pem', '--format'],
    ['keygen --force', '--force'],
    ['keygen --signing-only --refresh-only', '--refresh-only'],
    ['keygen --refresh-only --algorithm ES256', '--algorithm'],
    ['keygen --refresh-only --kid x', '--kid'],
    ['keygen --file FILE', '--file'],
    ['keygen --settle 5m', '--settle'],
    ['keygen --rotate', '--file'],
    ['keygen --prune', '--file'],
    ['keygen --rotate --file FILE --out FILE', '--out'],
    ['keygen --rotate --file FILE --format env', '--format'],
    ['keygen --prune --file FILE --algorithm ES256', '--algorithm'],
    ['keygen --prune --file FILE --force', '--force'],
    ['keygen --prune --file FILE --access-token-lifetime 300', '300s'],
    ['keygen --prune --file FILE --access-token-lifetime soon', '--access-token-lifetime'],
    ['keygen --prune --file FILE --absolute-lifetime 0s', '--absolute-lifetime'],
    ['doctor', '--file'],
    ['doctor --env --file FILE', '--env'],
    ['doctor --quick', "'--quick'"],
    ['doctor --env --signing-only --refresh-only', '--signing-only'],
  ])('is refused by name when it is "%s"', (words, name) => {
    command.run('keygen --out FILE');
    const before = command.text();
    const { exitCode, out, err } = command.run(words);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^tokenpair: [^\n]+\.\n$/);
    expect(err).toContain(name);
    expect(command.text()).toBe(before);
  });

  it('is not repeated where it may be a secret', () => {
    const secret = 'hunter2hunter2hunter2';
    for (const words of [
      secret,
      `keygen ${secret}`,
      `keygen --secret=${secret}`,
      `doctor ${secret}`,
    ]) {
      expect(command.run(words).exitCode).toBe(2);
    }
    expect(command.said()).not.toContain(secret);
  });

  it.each(['--help', '-h', 'help', 'keygen --help', 'keygen -h', 'doctor --help'])(
    'is explained by %s',
    (words) => {
      const { exitCode, out, err } = command.run(words);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(out).toMatch(/^tokenpair/);
    },
  );

  it('names in its help every option that it takes, and every algorithm', () => {
    const { out } = command.run('keygen --help');
    for (const name of algorithms) expect(out).toContain(name);
    for (const command_ of ['keygen', 'doctor']) {
      const help = command.run(`${command_} --help`).out;
      for (const [option] of help.matchAll(/--[a-z-]+/g)) {
        const { err } = command.run(`${command_} ${option}`);
        expect(err).not.toContain('has no option');
      }
    }
  });

  it('reports an unexpected failure as a sentence without its message', () => {
    writeFileSync(command.file, '');
    const files = new Proxy({} as never, {
      get: () => () => {
        throw new RangeError('with the key inside');
      },
    });
    const { exitCode, err } = command.run('keygen --out FILE --force', { files });
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^tokenpair: Unexpected RangeError/);
    expect(err).not.toContain('inside');
  });
});
