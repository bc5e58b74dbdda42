// Tests a session in cookie transport from login to logout: the login examples over HTTP, with every store and a cookie jar.

import type { SessionStore } from '@tokenpair/core';
import { breakable, type BreakableStore, createTestClock } from '@tokenpair/testing';

import { openBrowser, type Browser } from '../support/cookie-jar.js';
import { startServer, type TestServer } from '../support/http.js';
import { journeySetups } from '../support/journey-setups.js';
import type { TestStore } from '../support/stores.js';
import { ownerOf } from '../support/issuer.js';

const name = '__Host-refresh_token';
const clock = createTestClock();
let opened: TestStore;
let store: SessionStore;
let faulty: BreakableStore;
let server: TestServer;
let browser: Browser;

describe.each(journeySetups)('on $name', ({ createApp, openStore }) => {
  beforeEach(async () => {
    opened = await openStore(clock.now);
    ({ store } = opened);
    faulty = breakable(store);
    const app = createApp({
      accessTokenLifetime: '5m',
      refreshTokenLifetime: '30d',
      reuseInterval: 1,
      transport: 'cookie',
      clock: clock.now,
      store: faulty.store,
    });
    server = await startServer(app);
    browser = openBrowser(server.address);
  });
  afterEach(async () => {
    await server.close();
    await opened.close();
  });

  test('a browser signs in, refreshes and logs out, and no script ever gets a refresh token', async () => {
    // The login gives the page an access token and sets a cookie.
    const first = await signIn('ada', 'lovelace');
    expect(browser.cookies.get(name)).toMatch(/^tpr_/);
    expect(await me(first)).toMatchObject({ status: 200, body: { id: 'u_1', role: 'admin' } });

    // The access token expires. The page refreshes, and the browser sends the cookie.
    clock.advance(5 * 60);
    expect(await me(first)).toMatchObject({ status: 401, body: { action: 'refresh' } });
    const firstCookie = browser.cookies.get(name);
    const second = await refreshed();
    expect(browser.cookies.get(name)).not.toBe(firstCookie);
    expect(await me(second)).toMatchObject({ status: 200 });
    expect(await generations('u_1')).toEqual([2]);

    // The page sends the expired access token too. The access token of another user is refused.
    const others = await openedBy('alan', 'turing');
    expect(await refresh({ access_token: others })).toMatchObject({
      status: 401,
      body: { code: 'token_pair_mismatch', action: 'login' },
    });
    settle();
    await refreshed({ access_token: second });
    expect(await generations('u_1')).toEqual([3]);

    // A refresh soon after it gives a new access token and does not change the cookie.
    const cookie = browser.cookies.get(name);
    expect(await me(await refreshed())).toMatchObject({ status: 200 });
    expect(browser.cookies.get(name)).toBe(cookie);
    expect(await generations('u_1')).toEqual([3]);

    // The logout needs neither an access token nor a body, and clears the cookie.
    clock.advance(60 * 60);
    expect(await post('/auth/logout')).toMatchObject({ status: 204 });
    expect(browser.cookies.size).toBe(0);
    expect(await generations('u_1')).toEqual([]);
    expect(await generations('u_2')).toEqual([1]);
    expect(await refresh()).toMatchObject({ status: 401, body: { code: 'refresh_token_missing' } });
    expect(await post('/auth/logout')).toMatchObject({ status: 204 });
  });

  test('two tabs that refresh at the same moment both stay signed in', async () => {
    await signIn('ada', 'lovelace');
    const tokens = await Promise.all([refreshed(), refreshed(), refreshed()]);
    for (const token of tokens) expect(await me(token)).toMatchObject({ status: 200 });
    settle();
    await refreshed();
    expect(await generations('u_1')).toEqual([3]);
  });

  test('a reload that loses the answer of a refresh stays signed in', async () => {
    await signIn('ada', 'lovelace');
    const before = browser.cookies.get(name) as string;
    await refreshed();
    // The answer was lost, so the jar still has the old cookie.
    browser.cookies.set(name, before);
    expect(await me(await refreshed())).toMatchObject({ status: 200 });
  });

  test('the use of a stolen old cookie ends the session, and the browser gets the action login', async () => {
    await signIn('ada', 'lovelace');
    const thief = openBrowser(server.address);
    thief.cookies.set(name, browser.cookies.get(name) as string);
    await refreshed();
    settle();
    await refreshed();

    clock.advance(60);
    const caught = await thief.fetch('/auth/refresh', { method: 'POST' });
    expect(caught.status).toBe(401);
    expect(caught.headers.getSetCookie()).toEqual([]);
    expect(await generations('u_1')).toEqual([]);

    // The answer does not change the cookie: the browser could have a newer one.
    const held = browser.cookies.get(name);
    expect(await refresh()).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_invalid', action: 'login' },
    });
    expect(browser.cookies.get(name)).toBe(held);
    await signIn('ada', 'lovelace');
  });

  test('a session survives an outage of the store', async () => {
    const accessToken = await signIn('ada', 'lovelace');
    const before = browser.cookies.get(name);
    faulty.break('down');
    const unavailable = {
      status: 503,
      retryAfter: expect.stringMatching(/^\d+$/) as string,
      body: { action: 'retry' },
    };
    expect(await post('/auth/refresh')).toMatchObject(unavailable);
    expect(await me(accessToken)).toMatchObject({ status: 200 });
    expect(browser.cookies.get(name)).toBe(before);

    faulty.repair();
    expect(await me(await refreshed())).toMatchObject({ status: 200 });
  });

  test('a logout while the store is down clears the cookie and answers 503, and the session lives', async () => {
    await signIn('ada', 'lovelace');
    faulty.break('down');
    expect(await post('/auth/logout')).toMatchObject({ status: 503, body: { action: 'retry' } });
    expect(browser.cookies.size).toBe(0);
    faulty.repair();
    expect(await refresh()).toMatchObject({ status: 401, body: { code: 'refresh_token_missing' } });
    expect(await generations('u_1')).toEqual([1]);
  });

  test('a page of another site gets 403 and changes nothing, although the browser sends the cookie', async () => {
    await signIn('ada', 'lovelace');
    const headers = {
      Cookie: `${name}=${browser.cookies.get(name)}`,
      Origin: 'https://evil.test',
      'Sec-Fetch-Site': 'cross-site',
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const answer = await fetch(server.address + path, { method: 'POST', headers, body: 'a=1' });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'origin_refused', action: 'fix' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await generations('u_1')).toEqual([1]);
    await refreshed();
  });
});

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function signIn(username: string, password: string): Promise<string> {
  return accessTokenOf(await post('/login', { username, password }));
}

/** The access token of another browser. */
async function openedBy(username: string, password: string): Promise<string> {
  const other = openBrowser(server.address);
  return accessTokenOf(await read(await other.fetch('/login', toInit({ username, password }))));
}

function refresh(parameters?: object): Promise<Answer> {
  return post('/auth/refresh', parameters);
}

async function refreshed(parameters?: object): Promise<string> {
  return accessTokenOf(await refresh(parameters));
}

function accessTokenOf({ status, body }: Answer): string {
  expect(status).toBe(200);
  expect(body).not.toHaveProperty('refresh_token');
  return body['access_token'] as string;
}

async function me(accessToken: string): Promise<Answer> {
  const headers = { Authorization: `Bearer ${accessToken}` };
  return read(await browser.fetch('/me', { headers }));
}

async function post(path: string, body?: object): Promise<Answer> {
  return read(await browser.fetch(path, toInit(body)));
}

function toInit(body?: object): RequestInit {
  if (body === undefined) return { method: 'POST' };
  const headers = { 'Content-Type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
  };
}

/** Lets the settle time pass: twice the reuse interval. */
function settle(): void {
  clock.advance(2.1);
}

/** The generation of each session that the store has of a user. */
async function generations(subject: string): Promise<readonly number[]> {
  return (await store.list(ownerOf(subject, 'https://login.example'))).map(
    ({ generation }) => generation,
  );
}
