// A program that stays signed in: `login`, `me`, `orders` and `logout`, against the server of examples/express-login.

import { homedir } from 'node:os';
import { join } from 'node:path';

import { createClient, isClientError } from '@tokenpair/client';

import { askPassword } from './ask-password.js';
import { fileStorage } from './file-storage.js';

const {
  API = 'http://127.0.0.1:3000',
  SESSION_FILE = join(homedir(), '.config', 'tokenpair-example', 'session.json'),
} = process.env;

const client = createClient({
  mount: `${API}/auth`,
  transport: 'body',
  storage: fileStorage(SESSION_FILE),
  // A person waits in front of it.
  wait: 5,
});

// A script can tell them apart: to sign in helps against the first, and to try again later against the last.
const exitCodes = { refused: 1, usage: 2, unavailable: 75 } as const;

const commands: Readonly<Record<string, (argument?: string) => Promise<void>>> = {
  async login(username) {
    if (username === undefined) return end(exitCodes.usage, 'Usage: login <user>');
    const password = await askPassword();
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ username, password });
    await client.signIn(() => fetch(`${API}/login`, { method: 'POST', headers, body }));
    console.log(`Signed in as ${username}.`);
  },
  me: () => show('/me'),
  orders: () => show('/orders'),
  async logout() {
    const { ended } = await client.signOut();
    console.log(
      ended
        ? 'Signed out.'
        : 'Signed out here. The server could not be told, so the session ends later.',
    );
  },
};

async function show(path: string): Promise<void> {
  const response = await client.fetch(API + path);
  if (response.ok) console.log(JSON.stringify(await response.json()));
  else if (client.session().status === 'signed-out') {
    end(exitCodes.refused, 'You are not signed in. Run: login <user>');
  } else end(exitCodes.refused, `The server refuses this: HTTP ${response.status}.`);
}

function end(exitCode: number, message: string): void {
  console.error(message);
  process.exitCode = exitCode;
}

/** What a person can do about an error. */
function explain(error: unknown): void {
  if (!isClientError(error)) {
    // `fetch` fails with a TypeError when there is no connection.
    if (!(error instanceof TypeError)) throw error;
    return end(exitCodes.unavailable, `${API} gives no answer. Try again later.`);
  }
  const { code, message, cause } = error;
  if (code === 'refused') end(exitCodes.refused, 'Wrong user or password.');
  else if (code === 'storage') end(exitCodes.unavailable, `${SESSION_FILE}: ${String(cause)}`);
  else if (code === 'unavailable') {
    end(exitCodes.unavailable, `${API} gives no answer. You are still signed in; try again later.`);
  } else end(exitCodes.refused, message);
}

const [name = '', argument] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command) await command(argument).catch(explain);
else end(exitCodes.usage, `Commands: ${Object.keys(commands).join(', ')}`);
