// Runs the recipe of docs/server-side-rendering.md: two servers behind one host, and a browser that opens pages.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { listSessions, revokeSubject, type TokenIssuer } from '@tokenpair/core';
import supertest, { type Response } from 'supertest';

import { runRecipe } from '../support/recipe.js';

const second = 1_000;

describe('pages that a server renders', () => {
  let api: { app: RequestListener; tokens: TokenIssuer };
  let pages: RequestListener;
  let server: Server;
  let asked: string[];
  let isDown: boolean;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-12-01T12:00:00Z');
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    asked = [];
    isDown = false;
    api = await runRecipe('server-side-rendering.md', {
      under: 'The API',
      given: { checkLogin: async () => 'u_1' },
      exported: ['app', 'tokens'],
    });
    server = createServer((req, res) => {
      asked.push(req.url ?? '');
      if (isDown) res.writeHead(503, { 'Retry-After': '7' }).end();
      else api.app(req, res);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env['API_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    ({ pages } = await runRecipe<{ pages: RequestListener }>('server-side-rendering.md', {
      under: 'The server of the pages',
      given: { render: (user?: { name: string }) => `Hello ${user?.name ?? 'guest'}` },
      exported: ['pages'],
    }));
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    delete process.env['API_URL'];
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  async function login(): Promise<string> {
    const answer = await supertest(api.app).post('/login').set('Sec-Fetch-Site', 'same-origin');
    expect(answer.get('Set-Cookie')?.join()).toContain('SameSite=Lax');
    return cookieOf(answer);
  }

  const open = async (cookie = '') => supertest(pages).get('/').set('Cookie', cookie);

  it('a signed-in user gets their page, and the next cookie with it', async () => {
    const first = await open(`theme=dark; ${await login()}`);
    expect([first.status, first.text]).toEqual([200, 'Hello u_1']);
    expect(first.headers['cache-control']).toBe('private, no-store');
    now += 121 * second;
    const next = await open(cookieOf(first));
    expect(next.text).toBe('Hello u_1');
    expect(cookieOf(next)).not.toBe(cookieOf(first));
    expect(await listSessions(api.tokens, 'u_1')).toHaveLength(1);
  });

  it('a guest costs the API nothing', async () => {
    expect((await open('theme=dark')).text).toBe('Hello guest');
    expect(asked).toEqual([]);
  });

  it('two pages at once get one cookie', async () => {
    const cookie = await login();
    const [one, other] = await Promise.all([open(cookie), open(cookie)]);
    expect([one.text, other.text]).toEqual(['Hello u_1', 'Hello u_1']);
    expect(cookieOf(one)).toBe(cookieOf(other));
    expect((await open(cookieOf(one))).text).toBe('Hello u_1');
  });

  it('a session that has ended is a guest, and the cookie stays', async () => {
    const cookie = await login();
    await revokeSubject(api.tokens, 'u_1');
    const answer = await open(cookie);
    expect([answer.text, answer.get('Set-Cookie')]).toEqual(['Hello guest', undefined]);
  });

  it('an API that is down is no guest page', async () => {
    const cookie = await login();
    isDown = true;
    const busy = await open(cookie);
    expect([busy.status, busy.headers['retry-after']]).toEqual([503, '7']);
    isDown = false;
    expect((await open(cookie)).text).toBe('Hello u_1');
  });

  it('an API that cannot be reached is no guest page either', async () => {
    const cookie = await login();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect((await open(cookie)).status).toBe(503);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
});

/** The refresh cookie that an answer sets, as a browser sends it back. */
const cookieOf = (answer: Response): string => answer.get('Set-Cookie')?.join().split(';')[0] ?? '';
