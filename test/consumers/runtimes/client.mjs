// Plays the story of a program that stays signed in, against the server of client-server.mjs in another process: `client.mjs ADDRESS`.
// The refresh token is in a file, by the recipe of docs/client.md. Nothing is closed at the end: the process must end by itself.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient, eachToken, isClientError } from '@tokenpair/client';

/** @type {{ fileStorage: (path: string) => import('@tokenpair/client').TokenStorage }} */
const { fileStorage } = await import(new URL('file-storage.mjs', import.meta.url).href);

const [address] = process.argv.slice(2);
assert.ok(address, 'name the address of the server');
const url = (/** @type {string} */ path) => address + path;

/** @typedef {{ refreshes: number, logouts: number, reused: number, sessions: number }} Seen */
/** @type {(what: string) => Promise<Seen>} */
const tellServer = async (what) =>
  /** @type {Seen} */ (await (await fetch(url(`/test/${what}`), { method: 'POST' })).json());

/** What the server has seen since the last look. @type {() => Promise<Seen>} */
async function look() {
  const now = await tellServer('seen');
  const before = last;
  last = now;
  return {
    refreshes: now.refreshes - before.refreshes,
    logouts: now.logouts - before.logouts,
    reused: now.reused - before.reused,
    sessions: now.sessions - before.sessions,
  };
}
let last = await tellServer('seen');

const folder = await mkdtemp(join(tmpdir(), 'tokenpair-client-'));
const file = join(folder, 'app', 'session');
let dialogues = 0;
/** @type {string[]} */
const retries = [];

const open = () => {
  const client = createClient({
    mount: url('/auth'),
    transport: 'body',
    storage: { ...fileStorage(file), shared: file },
    onEvent: ({ cause }) => retries.push(String(cause)),
    async onReauthenticate() {
      dialogues += 1;
      const headers = { Authorization: `Bearer ${await client.token({ validFor: 30 })}` };
      await client.signIn(() => fetch(url('/step-up'), { method: 'POST', headers }));
      return true;
    },
  });
  return client;
};
/** @type {(client: import('@tokenpair/client').Client, path?: string, calls?: number) => Promise<number[]>} */
const call = async (client, path = '/me', calls = 1) => {
  const all = Array.from({ length: calls }, () => client.fetch(url(path)));
  const statuses = (await Promise.all(all)).map(async (response) => {
    await response.arrayBuffer();
    return response.status;
  });
  return Promise.all(statuses);
};
const login = (/** @type {string} */ password) => () =>
  fetch(url(`/login?password=${password}`), { method: 'POST' });

const client = open();
assert.deepEqual(await client.start(), { status: 'signed-out', reason: 'none' });
const refused = await client.signIn(login('wrong')).catch((error) => error);
assert.ok(isClientError(refused), String(refused));
assert.deepEqual([refused.code, refused.refusal?.code], ['refused', 'login_failed']);

const { sessionId } = await client.signIn(login('right'));
assert.deepEqual(await call(client), [200]);
const away = await client.fetch(url('/away'));
assert.deepEqual(await away.json(), { authorization: 'none' }, 'a redirect to another origin');
assert.match(await readFile(file, 'utf8'), /"refresh_token":"tpr_/);
assert.equal((await stat(file)).mode & 0o777, 0o600);
assert.equal((await look()).refreshes, 0, 'nothing had to be refreshed');

/** @type {unknown[]} */
const handed = [];
const stop = eachToken(
  client,
  (token) => handed.push(token),
  () => handed.push('end'),
);

await tellServer('expire');
assert.deepEqual(new Set(await call(client, '/me', 20)), new Set([200]));
assert.equal((await look()).refreshes, 1, 'one refresh for calls at once');

await tellServer('expire');
await tellServer('lose');
assert.deepEqual(await call(client), [200], 'a lost answer');
const { refreshes, reused } = await look();
assert.deepEqual({ refreshes, reused }, { refreshes: 2, reused: 0 }, 'a lost answer');
assert.deepEqual(retries, ['no answer']);

assert.deepEqual(new Set(await call(client, '/fresh', 5)), new Set([200]), 'a step-up');
assert.equal(dialogues, 1, 'one dialogue for calls at once');
assert.deepEqual(client.session(), { status: 'signed-in', sessionId });

// As another start of the program, which finds the file.
const next = open();
assert.deepEqual(await next.start(), { status: 'signed-in', sessionId });
await tellServer('expire');
assert.deepEqual(await Promise.all([call(client), call(next)]), [[200], [200]]);
assert.equal((await look()).reused, 0, 'two clients over one file');

const left = new Promise((resolve) => {
  client.subscribe(resolve);
});
assert.deepEqual(await Promise.all([next.signOut(), next.signOut()]), [
  { ended: true },
  { ended: true },
]);
const { logouts, sessions } = await look();
assert.deepEqual({ logouts, sessions }, { logouts: 1, sessions: -1 }, 'a sign-out');
assert.deepEqual(await readdir(join(folder, 'app')), [], 'nothing is left of the file');
// By the channel of the storage. On Deno, whose channels keep a process alive, by its next call.
const elsewhere = { status: 'signed-out', reason: 'elsewhere' };
if (!('Deno' in globalThis)) assert.deepEqual(await left, elsewhere);
assert.deepEqual(await call(client), [401]);
assert.deepEqual(client.session(), elsewhere);
assert.equal(typeof handed[0], 'string');
assert.equal(handed.at(-1), 'end');
stop();
await rm(folder, { recursive: true });

// Left open on purpose, with a session.
await open().signIn(login('right'));
await rm(folder, { recursive: true });
