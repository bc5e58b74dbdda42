// Tests of `tokenpair doctor --app`: the settings of an application's issuers and verifiers, and what doctor says about them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createCommand, type Command } from '../support/command.js';
import { runProgram } from '../support/program.js';
import { redisUrl } from '../support/stores.js';

// Each test starts processes, which takes seconds on a busy machine.
jest.setTimeout(60_000);

const program = join(__dirname, '../../packages/cli/dist/bin.js');

let command: Command;

beforeEach(() => {
  command = createCommand();
});

afterEach(() => command.remove());

const secret = 'Vw3kq8Zt1Lx7Rb5Nc9Yd2Ge6Hf4Jm0Pa';
const options = `{
  issuer: 'https://api.example.com',
  audience: 'https://api.example.com',
  keys: [{ kid: '1', algorithm: 'HS256', secret: '${secret}' }],
  refreshKeys: [{ kid: '1', secret: '${secret.toLowerCase()}' }],
}`;
const start = `
  const core = require('@tokenpair/core');
  const { MemoryRevocationLog } = require('@tokenpair/core/store');
  const { issuer, audience, keys, refreshKeys } = ${options};
  // A store that is not in memory, as far as core can see.
  const memory = new core.MemorySessionStore({ capacity: 100 });
  const methods = Object.getOwnPropertyNames(core.MemorySessionStore.prototype);
  const store = Object.fromEntries(methods.map((name) => [name, (...all) => memory[name](...all)]));
  const shared = (follow) => {
    const log = new MemoryRevocationLog();
    return core.createRevocations({ append: (entry) => log.append(entry), read: (...all) => log.read(...all) }, follow);
  };
  const remote = (follow) => core.remoteRevocations('https://api.example.com/auth/revocations', follow);
  const issue = (other) => core.createTokenIssuer({ issuer, audience, keys, refreshKeys, store, ...other });
  const verify = (other) => core.createTokenVerifier({ issuer, audience, keys, ...other });
`;

function writeApp(text: string, name = 'app.cjs'): string {
  const file = command.path(name);
  writeFileSync(file, text);
  return file;
}

interface Report {
  readonly ok: boolean;
  readonly settings: readonly Record<string, unknown>[];
  readonly findings: readonly Record<string, string>[];
}

/** Examines a CommonJS module, as text and as JSON. */
function examine(exports: string): { exitCode: number; out: string; report: Report } {
  const file = writeApp(`${start}\n${exports}`);
  const { exitCode, out, err } = command.run(`doctor --app ${file}`);
  expect(err).toBe('');
  const json = command.run(`doctor --app ${file} --json`);
  const report = JSON.parse(json.out) as Report;
  expect({ exitCode: json.exitCode, ok: report.ok }).toEqual({ exitCode, ok: exitCode === 0 });
  expect(out.match(/^(?:error|warning|hint) /gm) ?? []).toHaveLength(report.findings.length);
  for (const text of [out, json.out])
    expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
  return { exitCode, out, report };
}

const codesOf = ({ report }: { report: Report }): string[] =>
  report.findings.map(({ severity, code, where }) => `${severity} ${code} ${where}`);

describe('doctor --app', () => {
  it('prints the settings of an issuer, and what they cost', () => {
    const examined = examine('exports.tokens = issue({ revocations: shared() });');
    expect(examined.exitCode).toBe(0);
    expect(examined.out).toMatch(
      /^tokens: https:\/\/api\.example\.com, accessTokenLifetime 300 s, revocations: whenBehind accept, maxAge 30 s, pollInterval 0\.1 s, max 1000000\nhint     tokens: whenBehind is 'accept', .+\n.+: 1 hint\.\n$/,
    );
    expect(examined.report.settings).toEqual([
      {
        name: 'tokens',
        kind: 'issuer',
        issuer: 'https://api.example.com',
        accessTokenLifetime: 300,
        revocations: {
          whenBehind: 'accept',
          maxAge: 30,
          pollInterval: 0.1,
          max: 1_000_000,
          log: 'shared',
        },
      },
    ]);
    expect(codesOf(examined)).toEqual(['hint revocations_accept tokens']);
  });

  it.each<[string, string, string, string[]]>([
    [
      'an issuer without revocations',
      "issue({ accessTokenLifetime: '10m' })",
      'https://api.example.com, accessTokenLifetime 600 s, revocations: none',
      ['hint revocations_missing it'],
    ],
    [
      'an issuer that refuses while it is behind',
      "issue({ revocations: shared({ whenBehind: 'refuse', maxAge: 4, max: 500 }) })",
      'https://api.example.com, accessTokenLifetime 300 s, revocations: whenBehind refuse, maxAge 4 s, pollInterval 0.1 s, max 500',
      ['hint revocations_refuse it'],
    ],
    [
      'an issuer with its default log in memory',
      'issue({ store: memory })',
      'https://api.example.com, accessTokenLifetime 300 s, revocations: whenBehind accept, never behind, pollInterval 1 s, max 1000000, in memory',
      ['hint revocations_memory it'],
    ],
    [
      'a log in memory with an age',
      "issue({ revocations: core.createRevocations(new MemoryRevocationLog(), { whenBehind: 'refuse' }) })",
      'https://api.example.com, accessTokenLifetime 300 s, revocations: whenBehind refuse, maxAge 30 s, pollInterval 0.1 s, max 1000000, in memory',
      ['hint revocations_memory it', 'hint revocations_refuse it'],
    ],
    [
      'a verifier over HTTP with a short age',
      'verify({ revocations: remote({ maxAge: 4.9 }) })',
      'https://api.example.com, revocations: whenBehind accept, maxAge 4.9 s, pollInterval 1 s, max 1000000, over HTTP',
      ['hint revocations_accept it', 'warning revocations_age_short it'],
    ],
    [
      'a verifier over HTTP',
      'verify({ revocations: remote({ maxAge: 5 }) })',
      'https://api.example.com, revocations: whenBehind accept, maxAge 5 s, pollInterval 1 s, max 1000000, over HTTP',
      ['hint revocations_accept it'],
    ],
    [
      'a verifier without revocations',
      'verify()',
      'https://api.example.com, revocations: none',
      ['hint revocations_missing it'],
    ],
    [
      'a verifier that finds its issuers',
      'core.createTokenVerifier({ issuers: () => undefined })',
      'issuers is a function, revocations: unknown',
      ['hint revocations_unknown it'],
    ],
  ])('reports %s', (_what, code, line, codes) => {
    const examined = examine(`exports.it = ${code};`);
    expect(examined.out.split('\n')[0]).toBe(`it: ${line}`);
    expect(codesOf(examined)).toEqual(codes);
    expect(examined.exitCode).toBe(codes.join().includes('warning') ? 1 : 0);
  });

  it('tells that a list in memory is never behind as null in JSON', () => {
    const { report } = examine('exports.it = issue({ store: memory });');
    expect(report.settings[0]).toMatchObject({ revocations: { maxAge: null, log: 'memory' } });
  });

  it('reports each issuer that a verifier accepts', () => {
    const examined = examine(`
      const other = { issuer: 'https://other.example.com', audience, keys };
      const issuers = [{ issuer, audience, keys, revocations: remote() }, other];
      exports.verifier = core.createTokenVerifier({ issuers });
    `);
    expect(examined.report.settings).toMatchObject([
      { name: 'verifier', issuer: 'https://api.example.com', revocations: { log: 'http' } },
      { name: 'verifier', issuer: 'https://other.example.com', revocations: null },
    ]);
    expect(codesOf(examined)).toEqual([
      'hint revocations_accept verifier (https://api.example.com)',
      'hint revocations_missing verifier (https://other.example.com)',
    ]);
  });

  it.each<[string, string, string[]]>([
    ['the module itself', 'module.exports = issue();', ['module.exports']],
    ['the default export', 'exports.default = issue();', ['default']],
    [
      'a member of the default export',
      'exports.default = { tokens: issue() };',
      ['default.tokens'],
    ],
    [
      'an export of a compiler',
      "const it = issue(); Object.defineProperty(exports, 'it', { enumerable: true, get: () => it });",
      ['it'],
    ],
    [
      'a compiled module in the module',
      'const it = issue(); const inner = { __esModule: true, get it() { return it; } }; exports.auth = inner;',
      ['auth.it'],
    ],
    [
      'names that are no identifiers',
      "exports.by = { 'https://a.test': issue(), 'a\\nb': verify() };",
      ['by["https://a.test"]', 'by["a\\nb"]'],
    ],
    [
      'one value under two names once, by its name',
      'const tokens = issue(); exports.default = tokens; exports.tokens = tokens;',
      ['tokens'],
    ],
    [
      'the verifier of an issuer with the issuer',
      'const tokens = issue(); exports.verifier = tokens.verifier; exports.tokens = tokens;',
      ['tokens'],
    ],
    [
      'an issuer beside exports that cannot be read',
      `exports.lazy = { get tokens() { throw new Error('must not be called'); } };
       Object.defineProperty(exports, 'broken', { enumerable: true, get() { throw new Error('no'); } });
       exports.proxy = new Proxy({}, { get() { throw new Error('no'); }, ownKeys() { throw new Error('no'); } });
       exports.app = () => {}; exports.nothing = null; exports.tokens = issue();`,
      ['tokens'],
    ],
  ])('finds %s', (_what, exports, names) => {
    expect(examine(exports).report.settings.map(({ name }) => name)).toEqual(names);
  });

  it('goes by what the factories made, not by the form of an object', () => {
    const file = writeApp(
      `${start} exports.tokens = { ...issue(), verifier: undefined }; exports.make = issue;`,
    );
    const { exitCode, out, err } = command.run(`doctor --app ${file}`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(`${file} exports nothing that createTokenIssuer or createTokenVerifier`);
  });

  it.each([
    ['throws', `throw new TypeError('the secret is ${secret}');`, 'TypeError'],
    ['throws what is no error', `throw '${secret}';`, 'unknown error'],
    ['is no JavaScript', 'const tokens: = 1;', 'SyntaxError'],
  ])('says that a module %s, and no text of it', (_what, text, reason) => {
    const file = writeApp(text);
    const { exitCode, out, err } = command.run(`doctor --app ${file}`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^tokenpair: .+ must only create the issuer .+\n$/);
    expect(err).toContain(`${file} cannot be loaded (${reason})`);
    const json = command.run(`doctor --app ${file} --json`);
    expect(JSON.parse(json.out)).toMatchObject({
      source: file,
      ok: false,
      error: expect.stringContaining(reason),
    });
    expect(command.said()).not.toContain(secret);
  });

  it.each([
    ['--app /nowhere/app.js', /^tokenpair: Cannot read \/nowhere\/app\.js: /],
    ['', /needs one of --file FILE, --env and --app FILE/],
    ['--app FILE --env', /needs one of/],
    ['--app FILE --file FILE', /needs one of/],
    ['--app FILE --settle 5m', /--settle is about keys/],
    ['--app FILE --signing-only', /--signing-only is about keys/],
  ])('refuses %s', (words, sentence) => {
    const { exitCode, out, err } = command.run(`doctor ${words}`.trim());
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(sentence);
  });
});

describe('the program tokenpair doctor --app', () => {
  beforeEach(() => {
    symlinkSync(join(__dirname, '../node_modules'), command.path('node_modules'), 'junction');
  });

  it('reports an ES module, and ends although it listens and is connected to Redis', async () => {
    const text = `
      import { createServer } from 'node:http';
      import { Redis } from 'ioredis';
      import { createTokenIssuer } from '@tokenpair/core';
      import { RedisRevocations, RedisSessionStore } from '@tokenpair/redis';
      const client = new Redis('${redisUrl()}');
      createServer().listen(0, '127.0.0.1');
      const revocations = new RedisRevocations({ client, whenBehind: 'refuse' });
      export const tokens = createTokenIssuer({ ...${options}, store: new RedisSessionStore({ client }), revocations });
      export default { tokens };
    `;
    const { exitCode, stdout } = await runProgram('doctor', '--app', writeApp(text, 'app.mjs'));
    expect(stdout).toMatch(
      /^tokens: .+, revocations: whenBehind refuse, maxAge 30 s, pollInterval 0\.1 s, max 1000000\nhint .+503.+\n.+: 1 hint\.\n$/,
    );
    expect(exitCode).toBe(0);
  });

  it('exits with 1, and no message, when the reader of the report has gone', async () => {
    const file = writeApp(`${start} setInterval(() => {}, 1_000); exports.tokens = issue();`);
    const child = spawn(process.execPath, [program, 'doctor', '--app', file]);
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
    });
    await once(child, 'close');
    expect({ exitCode: child.exitCode, said }).toEqual({ exitCode: 1, said: '' });
  });

  it('writes a long report completely, and keeps the exit code', async () => {
    const text = `${start}
      setInterval(() => {}, 1_000);
      const issuers = Array.from({ length: 900 }, (_, n) => ({ issuer: 'https://' + n + '.test', audience, keys }));
      exports.verifier = core.createTokenVerifier({ issuers });
      exports.other = verify({ revocations: remote({ maxAge: 3 }) });
    `;
    const { exitCode, stdout } = await runProgram('doctor', '--json', '--app', writeApp(text));
    expect(exitCode).toBe(1);
    expect(stdout.length).toBeGreaterThan(100_000);
    expect((JSON.parse(stdout) as Report).settings).toHaveLength(901);
  });

  it.each([
    ['lacks a module', "import './not-here.mjs';", /cannot be loaded \(ERR_MODULE_NOT_FOUND\)/],
    [
      'waits at its top level',
      'await 0; export const tokens = 1;',
      /cannot be loaded \(ERR_REQUIRE_ASYNC_MODULE\)/,
    ],
    ['ends the process', 'process.exit(0);', /ended the process while it was loaded/],
  ])('exits with 2 and a sentence for a module that %s', async (_what, text, sentence) => {
    const file = writeApp(text, 'app.mjs');
    const { exitCode, stdout, stderr } = await runProgram('doctor', '--app', file);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).toContain(file);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
