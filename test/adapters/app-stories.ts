// Stories of the adapter contract: apps, browser extensions and programs at a server that serves browsers too.

import type { TestHeaders, TestRequest } from '../support/http.js';
import { cookieOf, postJson, refreshOf } from './contract-row.js';
import {
  cookieIn,
  expectError,
  membersOf,
  sessionIdsOf,
  type ContractStory,
  type Send,
} from './contract-story.js';
import type { World } from './contract-world.js';

/** What is sent by the page inside an app, as the platform writes it. */
const apps: Readonly<Record<string, TestHeaders>> = {
  'Capacitor on iOS': { Origin: 'capacitor://localhost', 'Sec-Fetch-Site': 'cross-site' },
  'Capacitor on Android': { Origin: 'https://localhost', 'Sec-Fetch-Site': 'cross-site' },
  'Capacitor on Android, over http': { Origin: 'http://localhost' },
  'Ionic on iOS': { Origin: 'ionic://localhost' },
  'Tauri on macOS': { Origin: 'tauri://localhost', 'Sec-Fetch-Site': 'cross-site' },
  'Tauri on Windows': { Origin: 'http://tauri.localhost', 'Sec-Fetch-Site': 'cross-site' },
  'Tauri on Windows, over https': { Origin: 'https://tauri.localhost' },
  'an extension of Chrome': { Origin: 'chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai' },
  'an extension of Firefox': { Origin: 'moz-extension://95d8f6e3-0e2c-4b1c-8f5e-1b2f3c4d5e6f' },
  'Electron from a file': { Origin: 'file://' },
  'a client that asks for the body': { 'Token-Transport': 'body' },
  'a page that asks for the body': { Origin: 'https://app.test', 'Token-Transport': 'body' },
  'a page without an origin that asks for the body': { Origin: 'null', 'Token-Transport': 'body' },
  'a program': {},
};

const host = { Host: 'api.test' };

function post(path: string, headers: TestHeaders, cookie = '', value: object = {}): TestRequest {
  const { headers: json, ...request } = postJson(path, value);
  return {
    ...request,
    headers: { ...json, ...host, ...headers, ...(cookie && { Cookie: cookie }) },
  };
}

async function expectBody(headers: TestHeaders, world: World, send: Send): Promise<void> {
  const stray = await world.signIn();
  for (const cookie of ['', cookieOf(stray), '__Host-refresh_token=']) {
    const login = await send(post('/both-signin', headers, cookie));
    expect(login.status).toBe(200);
    expect(login.headers).not.toHaveProperty('set-cookie');
    const { refresh_token: refreshToken } = membersOf(login);
    const parameters = { refresh_token: refreshToken };
    const next = await send(post('/both-auth/refresh', headers, cookie, parameters));
    expect({ status: next.status, ...membersOf(next) }).toMatchObject({
      status: 200,
      refresh_token: expect.stringMatching(/^tpr_/) as string,
    });
    expect(next.headers).not.toHaveProperty('set-cookie');
    const out = await send(post('/both-auth/logout', headers, cookie, parameters));
    expect(out.status).toBe(204);
    expect(out.headers).not.toHaveProperty('set-cookie');
  }
  // The cookie belongs to somebody else, as far as these requests say.
  expect(await sessionIdsOf(world, world.subject)).toEqual([stray.sessionId]);
}

async function expectNoCookieRead(headers: TestHeaders, world: World, send: Send): Promise<void> {
  const cookie = cookieOf(await world.signIn());
  for (const path of ['/both-auth/refresh', '/both-auth/logout']) {
    expectError(await send(post(path, headers, cookie)), 401, 'refresh_token_missing');
  }
  expect(await sessionIdsOf(world, world.subject)).toHaveLength(1);
}

export const appStories: readonly ContractStory[] = [
  ...Object.entries(apps).map(([what, headers]) => ({
    name: `gives ${what} its refresh token in the body, whatever cookie its platform adds`,
    run: (world: World, send: Send) => expectBody(headers, world, send),
  })),
  ...Object.entries(apps)
    .filter(([what]) => what !== 'a program')
    .map(([what, headers]) => ({
      name: `asks ${what} for a refresh token, when only its platform adds one`,
      run: (world: World, send: Send) => expectNoCookieRead(headers, world, send),
    })),
  {
    name: 'gives a program the cookie that it asks for, to hand on to a browser',
    async run(_world, send) {
      const login = await send(post('/both-signin', { 'Token-Transport': 'cookie' }));
      expect(cookieIn(login)).toMatch(/^__Host-refresh_token=tpr_/);
      expect(membersOf(login)).not.toHaveProperty('refresh_token');
    },
  },
  {
    name: 'gives no page of another site the cookie, though it asks for it',
    async run(world, send) {
      const headers = { Origin: 'https://evil.test', 'Token-Transport': 'cookie' };
      expectError(await send(post('/both-signin', headers)), 403, 'origin_refused');
      expect(await sessionIdsOf(world, world.subject)).toEqual([]);
    },
  },
  {
    name: 'calls a transport that does not exist malformed, before it issues anything',
    async run(world, send) {
      for (const asked of ['Body', 'header', 'cookie, body']) {
        const headers = { 'Token-Transport': asked };
        expectError(await send(post('/both-signin', headers)), 400, 'request_malformed');
      }
      expect(world.calls).toEqual([]);
    },
  },
  {
    name: 'moves no refresh token from the cookie to the body, where scripts could read it',
    async run(world, send) {
      const cookie = cookieOf(await world.signIn());
      const own = { 'Sec-Fetch-Site': 'same-origin', 'Token-Transport': 'body' };
      expectError(
        await send(post('/both-auth/refresh', own, cookie)),
        401,
        'refresh_token_missing',
      );
    },
  },
  {
    name: 'uses the cookie also for a client that asks for the body, where only the cookie is allowed',
    async run(_world, send) {
      const own = { 'Sec-Fetch-Site': 'same-origin', 'Token-Transport': 'body' };
      const login = await send(post('/browser-signin', own));
      expect(cookieIn(login)).toMatch(/^__Host-refresh_token=tpr_/);
      expect(membersOf(login)).not.toHaveProperty('refresh_token');
    },
  },
  {
    name: 'gives a page on localhost the cookie of a server on localhost',
    async run(_world, send) {
      for (const site of ['same-origin', 'same-site']) {
        const headers = {
          Host: 'localhost:3000',
          Origin: 'http://localhost',
          'Sec-Fetch-Site': site,
        };
        const login = await send(post('/both-signin', headers));
        expect(login.status).toBe(site === 'same-origin' ? 200 : 403);
      }
    },
  },
  {
    name: 'refuses a login from a page under development that is not allowed, and gives it no body',
    async run(_world, send) {
      for (const origin of [
        'http://localhost:5173',
        'http://127.0.0.1',
        'https://evil.localhost',
      ]) {
        const headers = { Origin: origin, 'Sec-Fetch-Site': 'cross-site' };
        expectError(await send(post('/both-signin', headers)), 403, 'origin_refused');
      }
    },
  },
  {
    name: 'takes the refresh token from the body of a page that has the cookie too, and leaves the cookie',
    async run(world, send) {
      const [cookie, body] = [await world.signIn(), await world.signIn()];
      const own = { 'Sec-Fetch-Site': 'same-origin' };
      const next = await send(post('/both-auth/refresh', own, cookieOf(cookie), refreshOf(body)));
      expect(next).toMatchObject({ status: 200 });
      expect(membersOf(next)).toMatchObject({ session_id: body.sessionId });
      expect(next.headers).not.toHaveProperty('set-cookie');
    },
  },
  {
    name: 'shows no person the tokens as a page, and issues none',
    async run(world, send) {
      const navigations: readonly TestHeaders[] = [
        { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'same-origin' },
        {
          'Sec-Fetch-Mode': 'navigate',
          'Sec-Fetch-Site': 'cross-site',
          'Sec-Fetch-Dest': 'iframe',
        },
        { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
      ];
      for (const mount of ['browser', 'both', 'body']) {
        for (const headers of navigations) {
          for (const method of ['GET', 'POST']) {
            const response = await send({ method, path: `/${mount}-signin`, headers });
            expect(response.status).toBe(500);
            expect(response.body).not.toContain('eyJ');
          }
        }
      }
      expect(world.calls).toEqual([]);
    },
  },
  {
    name: 'redirects an old browser, which does not say what it is, with the cookie',
    async run(world, send) {
      world.login = { grant: { subject: world.subject }, options: { redirect: '/home' } };
      for (const headers of [{}, { Accept: 'text/html' }]) {
        const response = await send({ path: '/both-signin?code=1', headers });
        expect(response).toMatchObject({ status: 303, body: '', headers: { location: '/home' } });
        expect(cookieIn(response)).toMatch(/^__Host-refresh_token=tpr_/);
      }
    },
  },
];
