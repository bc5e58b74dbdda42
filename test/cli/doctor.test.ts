import { createPublicKey, randomBytes, type JsonWebKey } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createCommand, secretTexts, type Command } from '../support/command.js';
import { generateKeyPair, type KeyPairOptions } from '../support/key-pair.js';

// The search for the primes of an RSA key takes seconds on a busy machine, and sometimes many.
jest.setTimeout(60_000);

type Key = Record<string, unknown>;
/** A ring in which a test may put anything. */
interface FaultyRing {
  keys: [Key, Key, Key];
  refreshKeys: [Key, Key, Key];
}

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly where: string;
  readonly problem: string;
}

let command: Command;
/** What keygen leaves after a rotation: one key in each state, of each kind. */
let ring: FaultyRing;

const jwk = (type: 'ec' | 'rsa', options: KeyPairOptions): JsonWebKey =>
  generateKeyPair(type, options).privateKey.export({ format: 'jwk' });

const publicJwk = (key: unknown): JsonWebKey =>
  createPublicKey({ key: key as JsonWebKey, format: 'jwk' }).export({ format: 'jwk' });

const pem = (type: 'pkcs8' | 'spki'): string => {
  const { privateKey, publicKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
  return (type === 'spki' ? publicKey : privateKey).export({ type, format: 'pem' }) as string;
};

const p256 = jwk('ec', { namedCurve: 'P-256' });
const p384 = jwk('ec', { namedCurve: 'P-384' });
const rsa1024 = jwk('rsa', { modulusLength: 1_024 });
const secretOf = (bytes: Uint8Array | string): Key => ({
  base64url: Buffer.from(bytes as string).toString('base64url'),
});

beforeEach(() => {
  command = createCommand();
  command.run('keygen --out FILE');
  command.run('keygen --rotate --file FILE');
  ring = JSON.parse(command.text());
});

afterEach(() => command.remove());

function examine(value: unknown, words = ''): { exitCode: number; findings: Found[] } {
  command.write(value);
  const plain = command.run(`doctor --file FILE${words}`);
  const { exitCode, out } = command.run(`doctor --file FILE --json${words}`);
  const { findings, ok } = JSON.parse(out) as { findings: Found[]; ok: boolean };
  // Both forms say the same.
  expect({ ok, plain: plain.exitCode }).toEqual({ ok: exitCode === 0, plain: exitCode });
  expect(plain.out.split('\n').filter((line) => /^(error|warning|hint) /.test(line))).toHaveLength(
    findings.length,
  );
  // Core ends some of its messages with a full stop, and doctor adds one.
  expect(findings.filter(({ problem }) => problem.endsWith('.'))).toEqual([]);
  return { exitCode, findings };
}

describe('doctor', () => {
  it.each(['ES256', 'EdDSA', 'PS256'])('finds no problem in fresh keys for %s', (algorithm) => {
    command.run(`keygen --algorithm ${algorithm} --out FILE --force`);
    const { exitCode, out, err } = command.run('doctor --file FILE');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toBe(`${command.file}: no problems found.\n`);
  });

  it('finds no problem in a ring between two rotations', () => {
    expect(examine(ring)).toEqual({ exitCode: 0, findings: [] });
  });

  const faults: [string, (ring: FaultyRing) => unknown][] = [
    ['another member', (from) => ({ ...from, port: 3000 })],
    ['no list at all', () => ({})],
    ['a list that is none', (from) => ({ ...from, keys: { a: 1 } })],
    ['null for a list', (from) => ({ ...from, refreshKeys: null })],
    ['an empty list', (from) => ({ ...from, refreshKeys: [] })],
    ['a key that is none', (from) => ({ ...from, keys: [null, ...from.keys] })],
    ['no keys for access tokens', ({ refreshKeys }) => ({ refreshKeys })],
    ['no keys for refresh tokens', ({ keys }) => ({ keys })],
  ];

  it.each(faults)('finds %s, as core refuses it', (_what, spoil) => {
    const { exitCode, findings } = examine(spoil(ring));
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ code: 'refused_by_core', severity: 'error' }]);
  });

  const inKeys: [string, string, (key: Key, ring: FaultyRing) => Key][] = [
    ['another member', 'refused_by_core', (key) => ({ ...key, use: 'sig' })],
    ['no name', 'refused_by_core', ({ kid: _kid, ...key }) => key],
    ['a number for a name', 'refused_by_core', (key) => ({ ...key, kid: 1 })],
    [
      'the name of another',
      'refused_by_core',
      (key, { keys }) => ({ ...key, kid: keys[0]['kid'] }),
    ],
    ['no algorithm', 'refused_by_core', ({ algorithm: _algorithm, ...key }) => key],
    ['the algorithm none', 'refused_by_core', (key) => ({ ...key, algorithm: 'none' })],
    ['another algorithm', 'refused_by_core', (key) => ({ ...key, algorithm: 'RS1' })],
    ['no state', 'refused_by_core', ({ state: _state, ...key }) => key],
    ['another state', 'refused_by_core', (key) => ({ ...key, state: 'active' })],
    ['the state of another', 'refused_by_core', (key) => ({ ...key, state: 'current' })],
    [
      'a since that is no day',
      'refused_by_core',
      (key) => ({ ...key, since: '2026-13-01T00:00Z' }),
    ],
    ['a since to come', 'since_unusable', (key) => ({ ...key, since: '2027-01-01T00:00:00Z' })],
    ['no material', 'refused_by_core', ({ privateKey: _key, ...key }) => key],
    ['two materials', 'refused_by_core', (key) => ({ ...key, publicKey: publicJwk(p256) })],
    [
      'a secret for ES256',
      'refused_by_core',
      ({ privateKey: _key, ...key }) => ({ ...key, secret: secretOf(randomBytes(32)) }),
    ],
    ['a private key for HS256', 'refused_by_core', (key) => ({ ...key, algorithm: 'HS256' })],
    [
      'a private key in public',
      'refused_by_core',
      ({ privateKey, ...key }) => ({ ...key, publicKey: privateKey }),
    ],
    [
      'a private key in public, as PEM',
      'refused_by_core',
      ({ privateKey: _key, ...key }) => ({ ...key, publicKey: pem('pkcs8') }),
    ],
    [
      'a public key for a private one',
      'refused_by_core',
      (key) => ({ ...key, privateKey: publicJwk(key['privateKey']) }),
    ],
    [
      'a public key for a private one, as PEM',
      'refused_by_core',
      (key) => ({ ...key, privateKey: pem('spki') }),
    ],
    [
      'a public key to sign with',
      'no_next',
      ({ privateKey, ...key }) => ({ ...key, publicKey: publicJwk(privateKey) }),
    ],
    [
      'a JWK that is none',
      'refused_by_core',
      (key) => ({ ...key, privateKey: { kty: 'EC', d: 'AAAA' } }),
    ],
    ['text that is no PEM', 'refused_by_core', (key) => ({ ...key, privateKey: 'key.pem' })],
    ['a number for a key', 'refused_by_core', (key) => ({ ...key, privateKey: 7 })],
    ['a key on another curve', 'refused_by_core', (key) => ({ ...key, privateKey: p384 })],
    ['a key of another kind', 'refused_by_core', (key) => ({ ...key, privateKey: rsa1024 })],
    ['an EC key for RS256', 'refused_by_core', (key) => ({ ...key, algorithm: 'RS256' })],
    ['an EC key for EdDSA', 'refused_by_core', (key) => ({ ...key, algorithm: 'EdDSA' })],
    [
      'an RSA key of 1024 bits',
      'refused_by_core',
      (key) => ({ ...key, algorithm: 'RS256', privateKey: rsa1024 }),
    ],
    [
      'halves of two keys',
      'refused_by_core',
      (key) => ({ ...key, privateKey: { ...p256, ...publicJwk(key['privateKey']) } }),
    ],
    [
      'the key of another',
      'key_twice',
      (key, { keys }) => ({ ...key, privateKey: keys[0]['privateKey'] }),
    ],
  ];

  it.each(inKeys)('finds in a key %s: %s', (_what, code, spoil) => {
    ring.keys[1] = spoil(ring.keys[1], ring);
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    const [found] = findings.filter((finding) => finding.code === code);
    const place = code === 'refused_by_core' ? 'problem' : 'where';
    expect(found?.[place]).toMatch(/^(?:core refuses them: )?keys/);
  });

  const guessable: [string, unknown][] = [
    ['one byte again and again', secretOf(Buffer.alloc(32, 1))],
    ['words', 'the-secret-of-our-access-tokens-2026'],
    ['words, encoded', secretOf('the-secret-of-our-access-tokens-2026')],
    [
      'words in an oct key',
      { kty: 'oct', k: secretOf('this is a very long password, is it not')['base64url'] },
    ],
  ];

  it.each(guessable)('finds a secret that is %s', (_what, secret) => {
    ring.refreshKeys[1]['secret'] = secret;
    ring.keys[1] = { ...ring.keys[1], algorithm: 'HS256', privateKey: undefined, secret };
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    const found = findings.filter(({ code }) => code === 'secret_guessable');
    const places = found.map(({ where }) => where);
    expect(places).toEqual([expect.stringMatching(/^keys\[1\]/), "refreshKeys[1] '3'"]);
  });

  const unusable: [string, unknown][] = [
    ['31 bytes', secretOf(randomBytes(31))],
    ['text of 31 bytes', 'x'.repeat(31)],
    ['the text of a public key', pem('spki')],
    ['the body of a public key', pem('spki').split('\n').slice(1, -2).join('')],
    ['the body of a private key', pem('pkcs8').split('\n').slice(1, -2).join('\n')],
    ['the text of a JWK', JSON.stringify(publicJwk(p256))],
    ['base64url with a space', { base64url: `${randomBytes(33).toString('base64url')} ` }],
    ['base64', { base64url: randomBytes(32).toString('base64') }],
    ['a number', 12_345],
    ['a list', [1, 2]],
    ['null', null],
  ];

  it.each(unusable)('finds a secret that is %s, as core refuses it', (_what, secret) => {
    const asRefreshKey = structuredClone(ring);
    asRefreshKey.refreshKeys[1]['secret'] = secret;
    ring.keys[1] = { ...ring.keys[1], algorithm: 'HS256', privateKey: undefined, secret };
    const runs = [examine(ring), examine(asRefreshKey)];
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 1]);
    expect(runs.flatMap(({ findings }) => findings)).toMatchObject([
      { code: 'refused_by_core', problem: expect.stringContaining('keys[1].secret') },
      { code: 'refused_by_core', problem: expect.stringContaining('refreshKeys[1].secret') },
    ]);
  });

  it('finds a secret that is too short for HS512, and not for HS256', () => {
    const secret = secretOf(randomBytes(63));
    ring.keys[1] = { ...ring.keys[1], algorithm: 'HS512', privateKey: undefined, secret };
    expect(examine(ring).findings).toMatchObject([{ code: 'refused_by_core' }]);
    ring.keys[1]['algorithm'] = 'HS256';
    expect(examine(ring).findings).toEqual([]);
  });

  it('finds one secret for access and refresh tokens, however it is written', () => {
    const k = randomBytes(32).toString('base64url');
    ring.refreshKeys[0]['secret'] = { base64url: k };
    ring.keys[2] = {
      ...ring.keys[2],
      algorithm: 'HS256',
      privateKey: undefined,
      secret: { kty: 'oct', k },
    };
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ code: 'secret_shared', where: "refreshKeys[0] '2'" }]);
  });

  it('finds a private key whose public part is another entry', () => {
    const { privateKey, ...rest } = ring.keys[0];
    ring.keys[2] = { ...rest, kid: 'again', state: 'retiring', publicKey: publicJwk(privateKey) };
    expect(examine(ring).findings).toMatchObject([{ code: 'key_twice' }]);
  });

  const refresh: [string, (key: Key) => Key][] = [
    ['another member', (key) => ({ ...key, algorithm: 'HS256' })],
    ['the id 0', (key) => ({ ...key, kid: '0' })],
    ['the id 16', (key) => ({ ...key, kid: '16' })],
    ['a number for an id', (key) => ({ ...key, kid: 3 })],
    ['the id of another', (key) => ({ ...key, kid: '1' })],
    ['no secret', ({ secret: _secret, ...key }) => key],
    ['another state', (key) => ({ ...key, state: 'old' })],
  ];

  it.each(refresh)('finds in a refresh key %s, as core refuses it', (_what, spoil) => {
    ring.refreshKeys.push(spoil(ring.refreshKeys[1]));
    ring.refreshKeys.splice(1, 1);
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    const problem = expect.stringContaining('core refuses them: refreshKeys');
    expect(findings).toMatchObject([{ code: 'refused_by_core', severity: 'error', problem }]);
  });

  it.each(['keys', 'refreshKeys'] as const)('finds that none of %s is current', (list) => {
    ring[list][0]['state'] = 'retiring';
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    const problem = expect.stringContaining(`core refuses them: ${list}`);
    expect(findings).toMatchObject([{ code: 'refused_by_core', problem }]);
  });

  it.each(['keys', 'refreshKeys'] as const)('warns that none of %s is next', (list) => {
    ring[list].splice(1, 1);
    const { exitCode, findings } = examine(ring);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ code: 'no_next', severity: 'warning', where: list }]);
  });

  it('warns of a retiring key that nothing needs any more, and not before', () => {
    command.clock.advance(20 * 60 - 1);
    expect(examine(ring).findings).toEqual([]);
    command.clock.advance(1);
    expect(examine(ring)).toMatchObject({
      exitCode: 1,
      findings: [{ code: 'retiring_over', severity: 'warning' }],
    });
    expect(examine(ring, ' --access-token-lifetime 1h')).toEqual({ exitCode: 0, findings: [] });
    command.clock.advance(90 * 86_400);
    const over = (words = ''): string[] =>
      examine(ring, words)
        .findings.filter(({ code }) => code === 'retiring_over')
        .map(({ where }) => where.split('[')[0] as string);
    expect(over()).toEqual(['keys', 'refreshKeys']);
    expect(over(' --absolute-lifetime 100d')).toEqual(['keys']);
  });

  it('gives a hint for keys that have been current for long', () => {
    for (const list of [ring.keys, ring.refreshKeys]) list.splice(2, 1);
    command.clock.advance(91 * 86_400);
    expect(examine(ring)).toMatchObject({
      exitCode: 0,
      findings: [{ code: 'key_old', severity: 'hint', where: expect.stringMatching(/^keys/) }],
    });
    command.clock.advance(275 * 86_400);
    expect(examine(ring).findings).toMatchObject([{ code: 'key_old' }, { code: 'key_old' }]);
  });

  it('asks core, when it finds nothing itself', () => {
    const secret = `ssh-ed25519 ${randomBytes(51).toString('base64')} ada@host.test`;
    ring.keys[2] = { ...ring.keys[2], algorithm: 'HS256', privateKey: undefined, secret };
    expect(examine(ring)).toMatchObject({ exitCode: 1, findings: [{ code: 'refused_by_core' }] });
    expect(command.said()).not.toContain(secret.slice(12, 40));
  });

  it.each([
    ['--signing-only', 'keys'],
    ['--refresh-only', 'refreshKeys'],
  ] as const)('with %s does not miss the other kind', (option, list) => {
    expect(examine({ [list]: ring[list] }, ` ${option}`)).toEqual({ exitCode: 0, findings: [] });
  });

  it('has nothing against public keys alone, which everybody may read', () => {
    const keys = ring.keys.map(({ privateKey, ...key }) => ({
      ...key,
      publicKey: publicJwk(privateKey),
    }));
    command.write({ keys }, 0o644);
    expect(command.run('doctor --file FILE').out).toContain('no problems found');
  });

  // What README.md and the packages' READMEs show, in a file.
  const readmeKeys: [string, Key][] = [
    ['PEM', { algorithm: 'ES256', privateKey: pem('pkcs8') }],
    ['a JWK', { algorithm: 'ES256', privateKey: p256 }],
    ['a JWK that names its algorithm', { privateKey: { ...p256, alg: 'ES256' } }],
    ['a secret', { algorithm: 'HS256', secret: secretOf(randomBytes(32)) }],
  ];

  it.each(readmeKeys)('has no error and no warning for a README key ring: %s', (_what, key) => {
    const plain = {
      keys: [{ kid: '2026-11', ...key }],
      refreshKeys: [{ kid: '1', secret: secretOf(randomBytes(32)) }],
    };
    const { exitCode, findings } = examine(plain);
    expect(exitCode).toBe(0);
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'hint no_states',
      'hint no_states',
    ]);
    const env = {
      TOKENPAIR_KEYS: JSON.stringify(plain.keys),
      TOKENPAIR_REFRESH_KEYS: JSON.stringify(plain.refreshKeys),
    };
    expect(command.run('doctor --env', { env }).exitCode).toBe(0);
  });

  it('has nothing against a README key ring of a service that only verifies', () => {
    const publicKey = pem('spki');
    const keys = [{ kid: '2026-11', algorithm: 'ES256', publicKey }];
    expect(examine({ keys })).toEqual({ exitCode: 0, findings: [] });
  });

  it('reads a published key set, and finds a private key and a secret in it', () => {
    const shared = { kid: 'b', alg: 'HS256', kty: 'oct', k: randomBytes(32).toString('base64url') };
    const published = { ...publicJwk(p256), kid: 'a', alg: 'ES256', use: 'sig' };
    expect(examine({ keys: [published] })).toEqual({ exitCode: 0, findings: [] });
    for (const leaked of [{ ...p256, kid: 'b', alg: 'ES256' }, shared]) {
      const { exitCode, findings } = examine({ keys: [published, leaked] });
      expect(exitCode).toBe(1);
      expect(findings).toMatchObject([
        { code: 'refused_by_core', problem: expect.stringContaining('keys[1].publicKey') },
      ]);
    }
  });

  it('looks at material that came from elsewhere: PEM, an oct key, text', () => {
    ring.keys[0]['privateKey'] = pem('pkcs8');
    ring.refreshKeys[0]['secret'] = { kty: 'oct', k: randomBytes(32).toString('base64url') };
    ring.refreshKeys[1]['secret'] = randomBytes(32).toString('base64');
    expect(examine(ring)).toEqual({ exitCode: 0, findings: [] });
  });

  it('never shows a key, whatever is wrong with it', () => {
    const spoilt = [
      ...faults.map(([, spoil]) => spoil(structuredClone(ring))),
      ...inKeys.map(([, , spoil]) => ({
        ...ring,
        keys: [ring.keys[0], spoil(structuredClone(ring.keys[1]), ring)],
      })),
      ...[...guessable, ...unusable].map(([, secret]) => ({
        ...ring,
        refreshKeys: [{ ...ring.refreshKeys[0], secret }],
      })),
      ...refresh.map(([, spoil]) => ({
        ...ring,
        refreshKeys: [spoil(structuredClone(ring.refreshKeys[0]))],
      })),
      // On the wrong line, and as a name.
      { ...ring, keys: [{ ...ring.keys[0], kid: ring.refreshKeys[0]['secret'] }] },
      { ...ring, keys: [{ ...ring.keys[0], since: secretTexts(ring)[0] }] },
      { ...ring, keys: [{ ...ring.keys[0], state: secretTexts(ring)[0] }] },
      { ...ring, keys: [{ ...ring.keys[0], algorithm: secretTexts(ring)[0] }] },
      { ...ring, keys: [{ ...ring.keys[0], [secretTexts(ring)[0] as string]: true }] },
      { ...ring, refreshKeys: [{ ...ring.refreshKeys[0], kid: `${secretTexts(ring)[0]}+/` }] },
      { ...ring, [secretTexts(ring)[0] as string]: true },
      { ...ring, keys: ring.keys.map((key) => ({ ...key, kid: secretTexts(ring)[0] })) },
      { ...ring, keys: [{ ...ring.keys[0], privateKey: `it's a '${secretTexts(ring)[0]}'` }] },
      { ...ring, refreshKeys: [{ ...ring.refreshKeys[0], [pem('pkcs8')]: true }] },
      `{ "keys": ${JSON.stringify(ring.keys).slice(0, -9)}`,
      `TOKENPAIR_KEYS='${JSON.stringify(ring.keys).slice(0, -9)}'`,
    ];
    const shown = new Set<string>();
    for (const value of spoilt) {
      command.write(value);
      command.run('doctor --file FILE');
      command.run('doctor --file FILE --json');
      command.run('keygen --rotate --file FILE');
      for (const secret of secretTexts(value)) shown.add(secret);
    }
    for (const secret of secretTexts(ring)) shown.add(secret);
    expect(shown.size).toBeGreaterThan(25);
    const long = [...shown].filter((secret) => secret.length >= 8);
    for (const secret of long) expect(command.said()).not.toContain(secret.slice(0, 32));
  });
});

describe('doctor on a file', () => {
  it.each([
    [0o604, 'error', 'file_open_to_all', 1],
    [0o602, 'error', 'file_open_to_all', 1],
    [0o644, 'error', 'file_open_to_all', 1],
    [0o640, 'hint', 'file_open_to_group', 0],
  ])('of mode %i has an %s: %s', (mode, severity, code, exitCode) => {
    chmodSync(command.file, mode);
    const run = command.run('doctor --file FILE --json');
    expect(run.exitCode).toBe(exitCode);
    expect(JSON.parse(run.out)).toMatchObject({
      findings: [{ severity, code, where: 'the file' }],
    });
  });

  it.each([
    ['is not there', undefined, 'no such file'],
    ['is empty', '', 'no key file'],
    ['is no JSON', '{ "keys": [ }', 'not JSON'],
    ['is about something else', 'PORT=3000', 'no key file'],
  ])('that %s exits with 2 and a sentence', (_what, content, words) => {
    if (content === undefined) command.remove();
    else command.write(content);
    const { exitCode, out, err } = command.run('doctor --file FILE');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^tokenpair: [^\n]+\.\n$/);
    expect(err).toContain(words);
    const json = command.run('doctor --file FILE --json');
    expect(json).toMatchObject({ exitCode: 2, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      error: expect.stringContaining(words),
    });
  });

  it('reads a .env file too', () => {
    command.write(`PORT=3000\n${command.run('keygen').out}`);
    expect(command.run('doctor --file FILE')).toMatchObject({ exitCode: 0 });
    command.write(`PORT=3000\n${command.run('keygen --signing-only').out}`);
    const { exitCode, out } = command.run('doctor --file FILE --json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ findings: [{ code: 'refused_by_core' }] });
  });
});

function variables(): Record<string, string> {
  return {
    TOKENPAIR_KEYS: JSON.stringify(ring.keys),
    TOKENPAIR_REFRESH_KEYS: JSON.stringify(ring.refreshKeys),
  };
}

function codesFor(env: Record<string, string | undefined>): string[] {
  const { out } = command.run('doctor --env --json', { env });
  return (JSON.parse(out) as { findings: Found[] }).findings.map(({ code }) => code);
}

describe('doctor --env', () => {
  it('has nothing against the lines of keygen', () => {
    const { exitCode, out } = command.run('doctor --env', { env: variables() });
    expect(exitCode).toBe(0);
    expect(out).toBe('the environment: no problems found.\n');
  });

  it('finds what is wrong with a key there', () => {
    ring.keys[0]['algorithm'] = 'ES384';
    expect(codesFor(variables())).toEqual(['refused_by_core']);
  });

  it('finds that one variable is missing', () => {
    expect(codesFor({ ...variables(), TOKENPAIR_REFRESH_KEYS: undefined })).toEqual([
      'refused_by_core',
    ]);
    expect(codesFor({ ...variables(), TOKENPAIR_KEYS: undefined })).toEqual(['refused_by_core']);
  });

  it.each<[string, (keys: string) => string, RegExp]>([
    ['empty', () => '', /TOKENPAIR_KEYS is not JSON/],
    ['cut off', (keys) => keys.slice(0, -2), /TOKENPAIR_KEYS is not JSON/],
    ['still in its quotes', (keys) => `'${keys}'`, /TOKENPAIR_KEYS is not JSON.+quotes/],
  ])('exits with 2 for a value that is %s', (_what, spoil, words) => {
    const { TOKENPAIR_KEYS: keys = '', ...rest } = variables();
    const env = { ...rest, TOKENPAIR_KEYS: spoil(keys) };
    const { exitCode, err } = command.run('doctor --env', { env });
    expect(exitCode).toBe(2);
    expect(err).toMatch(words);
    const json = command.run('doctor --env --json', { env });
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, error: expect.stringMatching(words) });
  });

  it('exits with 2 when neither is set', () => {
    const { exitCode, err } = command.run('doctor --env', { env: { PATH: '/bin' } });
    expect(exitCode).toBe(2);
    expect(err).toContain('TOKENPAIR_KEYS');
  });
});

const toLines = (matches: Iterable<RegExpMatchArray>): string[] =>
  [...matches].map(([, code, severity]) => `${code} ${severity}`).toSorted();

function readSource(path: string): string {
  return readFileSync(join(__dirname, '../../packages/cli', path), 'utf8');
}

describe('the findings of doctor', () => {
  it('are all listed in the README, with their severity', () => {
    const files = ['doctor', 'diagnose', 'examine-settings'];
    const sources = files.map((name) => readSource(`src/doctor/${name}.ts`));
    const found = sources.join('').matchAll(/code: '(\w+)',\s+severity: '(\w+)'/g);
    const rows = readSource('README.md').matchAll(/^\| `(\w+)` +\| (error|warning|hint) +\|/gm);
    const listed = toLines(rows);
    expect(listed).toHaveLength(17);
    expect(listed).toEqual(toLines(found));
  });
});
