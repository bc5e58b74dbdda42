// Runs the recipes of docs/browsers-and-apps.md: requests as browsers and apps send them.

import type { RequestListener } from 'node:http';

import {
  confirmGeneration,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  verifyBearer,
  type TokenIssuer,
} from '@tokenpair/core';
import supertest, { type Response } from 'supertest';

import { runRecipe } from '../support/recipe.js';

const recipe = 'browsers-and-apps.md';
const second = 1_000;

interface Program {
  readonly app: RequestListener;
  readonly tokens: TokenIssuer;
}

type Headers = Readonly<Record<string, string>>;
const page: Headers = { Origin: 'https://app.example.com', 'Sec-Fetch-Site': 'same-site' };
const capacitor: Headers = { Origin: 'capacitor://localhost', 'Token-Transport': 'body' };
const android: Headers = { Origin: 'https://localhost', 'Sec-Fetch-Site': 'cross-site' };
const stranger: Headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };

const setCookieOf = (answer: Response): string => answer.get('Set-Cookie')?.join() ?? '';
const cookieOf = (answer: Response): string => setCookieOf(answer).split(';')[0] ?? '';

describe('one mount for browsers and apps', () => {
  let program: Program;

  beforeEach(async () => {
    program = await runRecipe(recipe, {
      under: 'One mount for both',
      given: { checkLogin: async () => 'u_1' },
      exported: ['app', 'tokens'],
    });
  });

  const post = (path: string, headers: Headers, body: object = {}) =>
    supertest(program.app).post(path).set(headers).set('Host', 'api.example.com').send(body);

  it('a page gets the cookie and no refresh token, and refreshes with it', async () => {
    const login = await post('/login', page);
    expect(setCookieOf(login)).toContain('__Host-refresh_token=');
    expect(login.body).not.toHaveProperty('refresh_token');
    const refreshed = await post('/auth/refresh', { ...page, Cookie: cookieOf(login) });
    expect(refreshed.status).toBe(200);
    expect(refreshed.headers['access-control-allow-credentials']).toBe('true');
  });

  it.each([
    ['Capacitor on iOS', capacitor],
    ['Capacitor on Android', android],
    ['a program', {}],
  ])('%s gets the refresh token in the body, and no cookie', async (_name, headers) => {
    const login = await post('/login', headers);
    expect(setCookieOf(login)).toBe('');
    const refreshed = await post('/auth/refresh', headers, login.body);
    expect([refreshed.status, setCookieOf(refreshed)]).toEqual([200, '']);
  });

  it('a cookie that the platform of an app adds means nothing', async () => {
    const cookie = cookieOf(await post('/login', page));
    const login = await post('/login', { ...capacitor, Cookie: cookie });
    const refreshed = await post('/auth/refresh', { ...capacitor, Cookie: cookie }, login.body);
    expect(refreshed.body).toHaveProperty('refresh_token');
    expect(await listSessions(program.tokens, 'u_1')).toHaveLength(2);
  });

  it('a page of another site gets neither', async () => {
    expect((await post('/login', stranger)).body.code).toBe('origin_refused');
  });

  it('pages of other origins may read the challenge and when to come back', async () => {
    const { status, headers } = await supertest(program.app).get('/me').set(page);
    expect(status).toBe(401);
    expect(headers['access-control-expose-headers']).toBe('WWW-Authenticate,Retry-After');
    const preflight = await supertest(program.app)
      .options('/auth/refresh')
      .set(capacitor)
      .set('Access-Control-Request-Method', 'POST');
    expect(preflight.headers['access-control-allow-headers']).toContain('Token-Transport');
  });
});

describe('from body to cookie', () => {
  let program: Program;
  let refresh: () => Promise<string | undefined>;
  let stored: Map<string, string>;
  let cookie: string;
  let isAnswerLost: boolean;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-12-01T12:00:00Z');
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    program = await runRecipe(recipe, { under: 'At the server', exported: ['app', 'tokens'] });
    stored = new Map();
    cookie = '';
    isAnswerLost = false;
    ({ refresh } = await runRecipe<{ refresh: typeof refresh }>(recipe, {
      under: 'In the page',
      given: {
        fetch: fetchOfBrowser,
        localStorage: {
          getItem: (name: string) => stored.get(name) ?? null,
          removeItem: (name: string) => stored.delete(name),
        },
      },
      exported: ['refresh'],
    }));
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** As a browser does it: it adds and stores the cookie. */
  async function fetchOfBrowser(path: string, init: { headers: Headers; body: string }) {
    const answer = await supertest(program.app)
      .post(path)
      .set({ ...init.headers, 'Sec-Fetch-Site': 'same-origin', Cookie: cookie })
      .send(init.body);
    if (isAnswerLost) throw new TypeError('fetch failed');
    if (setCookieOf(answer) !== '') cookie = cookieOf(answer);
    return { ok: answer.status === 200, json: async () => answer.body };
  }

  async function signInWithTheOldPage(): Promise<void> {
    const { accessToken, refreshToken } = await issueTokenPair(program.tokens, { subject: 'u_1' });
    await confirmGeneration(program.tokens, accessToken); // the page has called the API
    stored.set('refresh_token', refreshToken);
  }

  const sessionIdOf = async (accessToken = '') =>
    (await verifyBearer(program.tokens.verifier, `Bearer ${accessToken}`)).sessionId;

  it('the token moves into the cookie, in the same session', async () => {
    await signInWithTheOldPage();
    const [session] = await listSessions(program.tokens, 'u_1');
    expect(await sessionIdOf(await refresh())).toBe(session?.sessionId);
    expect(stored.size).toBe(0);
    now += 121 * second;
    expect(await sessionIdOf(await refresh())).toBe(session?.sessionId);
  });

  it('a page that was loaded before the release goes on with its token', async () => {
    await signInWithTheOldPage();
    const answer = await supertest(program.app)
      .post('/auth/refresh')
      .send({ refresh_token: stored.get('refresh_token') });
    expect(answer.body).toHaveProperty('refresh_token');
  });

  it('a session that has just rotated moves at a later refresh', async () => {
    await signInWithTheOldPage();
    const next = await refreshTokenPair(program.tokens, stored.get('refresh_token'));
    stored.set('refresh_token', next.refreshToken);
    expect(await refresh()).toBeDefined();
    expect([stored.size, cookie]).toEqual([1, '']);
    now += 121 * second;
    expect(await refresh()).toBeDefined();
    expect(stored.size).toBe(0);
    expect(cookie).not.toBe('');
  });

  it('a lost answer costs nothing, hours later too', async () => {
    await signInWithTheOldPage();
    isAnswerLost = true;
    await expect(refresh()).rejects.toThrow('fetch failed');
    isAnswerLost = false;
    now += 3 * 3_600 * second;
    expect(await refresh()).toBeDefined();
    expect([stored.size, await refresh()]).toEqual([0, expect.any(String)]);
  });

  it('two tabs that move together get the same cookie', async () => {
    await signInWithTheOldPage();
    const ids = await Promise.all([refresh(), refresh()]);
    expect(await sessionIdOf(ids[0])).toBe(await sessionIdOf(ids[1]));
    expect(await listSessions(program.tokens, 'u_1')).toHaveLength(1);
    expect(await refresh()).toBeDefined();
  });

  it('a token that is refused is forgotten, and the user signs in', async () => {
    stored.set('refresh_token', 'forged');
    expect([await refresh(), stored.size]).toEqual([undefined, 0]);
    expect(await refresh()).toBeUndefined();
  });
});
