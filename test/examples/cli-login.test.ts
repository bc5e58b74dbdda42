// Runs examples/cli-login as a process, against the server of examples/express-login.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { revokeSubject, type TokenIssuer } from '@tokenpair/core';
import { createTestClock, type TestClock } from '@tokenpair/testing';

import { createLogin } from '../../examples/express-login/src/app.js';
import { startServer, type TestServer } from '../support/http.js';

// Each test starts processes, which takes seconds on a busy machine.
jest.setTimeout(60_000);

const root = join(__dirname, '../..');
const example = join(root, 'examples/cli-login');

interface Result {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
let file: string;
let clock: TestClock;
let tokens: TokenIssuer;
let server: TestServer;
let refreshes: number[];

beforeAll(async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-b', example]);
}, 60_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-login-'));
  file = join(folder, 'config', 'session.json');
  clock = createTestClock();
  const login = createLogin({
    accessTokenLifetime: '15s',
    refreshTokenLifetime: '30d',
    clock: clock.now,
  });
  tokens = login.tokens;
  refreshes = [];
  server = await startServer((request, response) => {
    if (request.url === '/auth/refresh') {
      response.once('finish', () => refreshes.push(response.statusCode));
    }
    (login.app as RequestListener)(request, response);
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('a login stores the session in a file of the user, and prints no token', async () => {
  expect(await run(['login', 'ada'], 'lovelace\n')).toEqual({
    exitCode: 0,
    out: 'Signed in as ada.\n',
    err: '',
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    refresh_token: expect.stringMatching(/^tpr_/),
    session_id: expect.any(String),
  });
});

test('the next runs are signed in, also days later', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  expect(await run(['me'])).toMatchObject({ exitCode: 0, out: '{"id":"u_1","role":"admin"}\n' });
  clock.advance(20 * 86_400);
  expect(await run(['orders'])).toMatchObject({ exitCode: 0 });
  clock.advance(20 * 86_400);
  expect(await run(['me'])).toMatchObject({ exitCode: 0 });
  expect(refreshes).toEqual([200, 200, 200]);
});

test('two runs at once share the file, and the user stays signed in', async () => {
  await run(['login', 'alan'], 'turing\n');
  for (let round = 0; round < 3; round += 1) {
    // The session rotates in each round.
    clock.advance(61);
    const both = await Promise.all([run(['me']), run(['me'])]);
    const good = { exitCode: 0, out: '{"id":"u_2","role":"user"}\n', err: '' };
    expect(both).toEqual([good, good]);
  }
  expect(refreshes).toEqual([200, 200, 200, 200, 200, 200]);
});

test('a wrong password changes nothing', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  const before = await readFile(file, 'utf8');
  expect(await run(['login', 'alan'], 'lovelace\n')).toEqual({
    exitCode: 1,
    out: '',
    err: 'Wrong user or password.\n',
  });
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a logout deletes the file and ends the session', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  const { refresh_token } = JSON.parse(await readFile(file, 'utf8'));
  expect(await run(['logout'])).toEqual({ exitCode: 0, out: 'Signed out.\n', err: '' });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await run(['me'])).toMatchObject({ exitCode: 1, err: expect.stringContaining('login') });
  const body = new URLSearchParams({ refresh_token });
  const answer = await fetch(`${server.address}/auth/refresh`, { method: 'POST', body });
  expect(answer.status).toBe(401);
});

test('a session that was ended elsewhere signs the user out', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  await revokeSubject(tokens, 'u_1');
  expect(await run(['me'])).toMatchObject({ exitCode: 1, err: expect.stringContaining('login') });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a server that gives no answer signs no user out', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  const before = await readFile(file, 'utf8');
  await server.close();
  expect(await run(['me'])).toMatchObject({
    exitCode: 75,
    err: expect.stringContaining('still signed in'),
  });
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a refusal by the API is no sign-out', async () => {
  await run(['login', 'ada'], 'lovelace\n');
  expect(await run(['buy'])).toEqual({
    exitCode: 2,
    out: '',
    err: 'Commands: login, me, orders, logout\n',
  });
  expect(await run(['login'])).toMatchObject({ exitCode: 2, err: 'Usage: login <user>\n' });
});

function run(argv: readonly string[], input = ''): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, API: server.address, SESSION_FILE: file };
    const program = [join(example, 'dist/cli.js'), ...argv];
    const child = execFile(process.execPath, program, { env }, (_error, out, err) => {
      resolve({ exitCode: child.exitCode, out, err });
    });
    child.stdin?.end(input);
  });
}
