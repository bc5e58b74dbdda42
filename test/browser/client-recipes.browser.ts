// Runs the recipes of docs/client.md for pages in Chromium: set-up, login, a login by redirect, a step-up, and the service worker.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import type { Client } from '@tokenpair/client';
import { createTokenIssuer, MemorySessionStore, reauthenticated } from '@tokenpair/core';
import { authErrors, bearer, tokenEndpoints } from '@tokenpair/express';
import { createTestClock, type TestClock } from '@tokenpair/testing';
import { transform } from '@swc/core';
import express from 'express5';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { startServer, type TestServer } from '../support/http.js';
import { readFences } from '../support/recipe.js';
import { until } from '../support/until.js';

const recipe = 'client.md';

/** What the code of the page leaves in `window` for the test. */
interface Globals {
  readonly client: Client;
  readonly orders: () => Promise<unknown>;
  readonly signIn: (form: HTMLFormElement) => Promise<void>;
  readonly signOut: () => Promise<void>;
  readonly saveNote: (text: string) => Promise<void>;
}
type Window = typeof globalThis & Globals;

interface Note {
  readonly user: string;
  readonly text: string;
  readonly key: string | undefined;
}

let browser: Browser;
let context: BrowserContext;
let server: TestServer;
let clock: TestClock;
let notes: Note[];
let isDown: boolean;
/** The paths of the requests. */
let seen: string[];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
});
afterAll(() => browser.close());

beforeEach(async () => {
  clock = createTestClock(Date.now());
  notes = [];
  seen = [];
  isDown = false;
  server = await startServer(await createSite());
  context = await browser.newContext();
  context.setDefaultTimeout(15_000);
});
afterEach(async () => {
  await context.close();
  await server.close();
});

test('the set-up signs in, refreshes once and repeats, and signs out in the other tab too', async () => {
  const [tab, other] = [await open('/page'), await open('/page')];
  await signIn(tab, 'ada');
  expect(await orders(tab)).toEqual({ buyer: 'ada' });
  clock.advance(301);
  const before = count('/auth/refresh');
  expect(await orders(tab)).toEqual({ buyer: 'ada' });
  expect(count('/auth/refresh')).toBe(before + 1);

  await other.evaluate(() => (window as unknown as Window).client.start());
  expect(await status(other)).toBe('signed-in');
  await tab.evaluate(() => (window as unknown as Window).signOut());
  await other.waitForFunction(() => document.body.className === 'signed-out');
  expect(await tab.evaluate(() => document.body.className)).toBe('signed-out');
});

test('a login that is refused says so, and shows no form where there was none', async () => {
  const tab = await open('/page');
  const refusal = tab.evaluate(() => {
    document.body.innerHTML = '<form><input name="username" value="mallory"></form>';
    const { signIn: send } = window as unknown as Window;
    return send(document.forms[0]).catch((error: { code: string; refusal: object }) => ({
      code: error.code,
      refusal: error.refusal,
    }));
  });
  await expect(refusal).resolves.toMatchObject({
    code: 'refused',
    refusal: { code: 'login_failed' },
  });
});

test('the page after a login by redirect shows its user, and so does the old tab of another user', async () => {
  const old = await open('/page');
  await signIn(old, 'ada');
  const landed = await open('/callback?user=grace');
  expect(new URL(landed.url()).pathname).toBe('/welcome');
  await landed.waitForFunction(() => 'client' in window);
  // A call that began as the former user would end with `session_changed`.
  const sessionId = await sessionOf(landed);
  expect(sessionId).toEqual(expect.any(String));
  await until(async () => (await sessionOf(old)) === sessionId);
  const answers = [landed, old].map((tab) =>
    tab.evaluate(async () => {
      const response = await (window as unknown as Window).client.fetch('/orders');
      return response.json();
    }),
  );
  expect(await Promise.all(answers)).toEqual([{ buyer: 'grace' }, { buyer: 'grace' }]);
});

test('a call that needs a fresh login is repeated after it', async () => {
  const tab = await open('/again');
  await tab.evaluate(async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ username: 'ada' });
    const { client } = window as unknown as Window;
    await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
  });
  clock.advance(600);
  const calls = tab.evaluate(async () => {
    const { client } = window as unknown as Window;
    const three = [1, 2, 3].map(() => client.fetch('/account', { method: 'DELETE' }));
    return (await Promise.all(three)).map((response) => response.status);
  });
  expect(await calls).toEqual([204, 204, 204]);
  expect(count('/reauthenticate')).toBe(1);
});

describe('the service worker', () => {
  let tab: Page;
  beforeEach(async () => {
    tab = await open('/notes-page');
    await tab.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js', { type: 'module' });
      await navigator.serviceWorker.ready;
    });
    // A page is controlled from its next load on.
    await tab.reload();
    await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await tab.waitForFunction(() => 'client' in window);
    await login(tab, 'ada');
  });

  test('sends a note later, with a new access token, once', async () => {
    isDown = true;
    await saveNote(tab, 'milk');
    isDown = false;
    clock.advance(301);
    const before = count('/auth/refresh');
    await backOnline(tab);
    await until(() => notes.length === 1);
    expect(notes).toEqual([{ user: 'ada', text: 'milk', key: expect.any(String) }]);
    expect(count('/auth/refresh')).toBe(before + 1);
  });

  test('does not send what one user wrote as the next one', async () => {
    isDown = true;
    await saveNote(tab, 'from ada');
    await login(tab, 'grace');
    await saveNote(tab, 'from grace');
    isDown = false;
    await backOnline(tab);
    await until(() => notes.length > 0);
    expect(notes).toMatchObject([{ user: 'grace', text: 'from grace' }]);
  });

  test('keeps no request to the token endpoints', async () => {
    isDown = true;
    const answer = tab.evaluate(() =>
      fetch('/auth/refresh', { method: 'POST' }).then(
        ({ status: code }) => code,
        (error: Error) => error.name,
      ),
    );
    expect(await answer).toBe('TypeError');
    isDown = false;
    const before = count('/auth/refresh');
    await saveNote(tab, 'first');
    await backOnline(tab);
    await until(() => count('/auth/refresh') > before);
    await saveNote(tab, 'last');
    // That of the worker, which asks who is signed in.
    expect(count('/auth/refresh')).toBe(before + 1);
    expect(notes.map(({ text }) => text)).toEqual(['first', 'last']);
  });
});

async function createSite(): Promise<RequestListener> {
  const tokens = createTokenIssuer({
    issuer: 'https://shop.example',
    audience: 'https://shop.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32) }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore({ clock: clock.now }),
    clock: clock.now,
    clockTolerance: 0,
    onEvent() {},
  });
  const auth = bearer(tokens.verifier);
  const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });
  const app = express();
  app.use((req, res, next) => {
    const [path = ''] = req.url.split('?');
    if (isDown && (path === '/notes' || path.startsWith('/auth/refresh'))) {
      req.socket.destroy();
      return;
    }
    seen.push(path);
    next();
  });

  const users = ['ada', 'grace'];
  app.post('/login', express.json(), async (req, res) => {
    const { username } = req.body as { username: string };
    if (users.includes(username)) await endpoints.login(req, res, { subject: username });
    else res.status(401).json({ code: 'login_failed', action: 'login' });
  });
  app.get('/callback', async (req, res) => {
    const { user: subject } = req.query as { user: string };
    await endpoints.login(req, res, { subject }, { redirect: '/welcome' });
  });
  app.post('/reauthenticate', auth, express.json(), async (req, res) => {
    const { sessionId = '' } = auth.of(req);
    const pair = await reauthenticated(tokens, { sessionId });
    endpoints.send(req, res, pair);
  });
  app.use('/auth', endpoints);
  app.get('/orders', auth, (req, res) => {
    res.json({ buyer: auth.of(req).subject });
  });
  app.delete('/account', auth.fresh('5m'), (_req, res) => {
    res.sendStatus(204);
  });
  app.post('/notes', auth, express.text(), (req, res) => {
    const key = req.get('idempotency-key');
    notes.push({ user: auth.of(req).subject, text: String(req.body), key });
    res.sendStatus(201);
  });

  const dist = join(__dirname, '../../packages/client/dist/index.mjs');
  const scripts: Readonly<Record<string, string>> = {
    '/tokenpair-client.js': await readFile(dist, 'utf8'),
    '/page.js': await script(
      [
        ...(await readFences(recipe, 'Set up')),
        ...(await readFences(recipe, 'Sign in and out')).slice(0, 1),
      ],
      ['client', 'orders', 'signIn', 'signOut'],
    ),
    '/welcome.js': await script(await readFences(recipe, 'Sign in through a redirect'), ['client']),
    '/again.js': await script(
      [
        "const askPassword = async () => 'lovelace';",
        ...(await readFences(recipe, 'Authenticate again')),
      ],
      ['client'],
    ),
    '/notes-page.js': await script(await readFences(recipe, 'Service worker'), [
      'client',
      'saveNote',
    ]),
    '/worker.js': await script(await readFences(recipe, 'Service worker', 'js'), []),
  };
  for (const [path, code] of Object.entries(scripts)) {
    app.get(path, (_req, res) => {
      res.type('js').send(code);
    });
    app.get(path.replace('.js', ''), (_req, res) => {
      res.set('Content-Security-Policy', "default-src 'self'");
      res.type('html').send(`<body><script type="module" src="${path}"></script></body>`);
    });
  }
  app.use(authErrors());
  return app as RequestListener;
}

/** The code as a bundler would leave it, at the origin of the API. */
async function script(fences: readonly string[], exported: readonly string[]): Promise<string> {
  const { code } = await transform(fences.join('\n'), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    isModule: true,
  });
  const placed = code
    .replaceAll('@tokenpair/client', '/tokenpair-client.js')
    .replaceAll('https://api.example.com', '');
  return exported.length === 0
    ? placed
    : `${placed}\nObject.assign(globalThis, { ${exported.join(', ')} });`;
}

async function open(path: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`http://localhost:${server.port}${path}`);
  await tab.waitForFunction(() => 'client' in window);
  return tab;
}

async function signIn(tab: Page, username: string): Promise<void> {
  await tab.evaluate((name) => {
    document.body.innerHTML = `<form><input name="username" value="${name}"></form>`;
    return (window as unknown as Window).signIn(document.forms[0]);
  }, username);
}

async function login(tab: Page, username: string): Promise<void> {
  await tab.evaluate(async (name) => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ username: name });
    const { client } = window as unknown as Window;
    await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
  }, username);
}

function orders(tab: Page): Promise<unknown> {
  return tab.evaluate(() => (window as unknown as Window).orders());
}

function status(tab: Page): Promise<string> {
  return tab.evaluate(() => (window as unknown as Window).client.session().status);
}

function sessionOf(tab: Page): Promise<string | undefined> {
  return tab.evaluate(() => {
    const state = (window as unknown as Window).client.session();
    return state.status === 'signed-in' ? state.sessionId : undefined;
  });
}

function saveNote(tab: Page, text: string): Promise<void> {
  return tab.evaluate((note) => (window as unknown as Window).saveNote(note), text);
}

async function backOnline(tab: Page): Promise<void> {
  await tab.evaluate(() => dispatchEvent(new Event('online')));
}

function count(path: string): number {
  return seen.filter((one) => one === path).length;
}
