// What a network, a proxy, a cache, other middleware and other tabs do to pages: beyond the contract, clause by clause.

import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { bodyParser } from '@koa/bodyparser';
import { issueTokenPair } from '@tokenpair/core';
import { LogRevocations, MemoryRevocationLog } from '@tokenpair/core/store';
import { bearer, pages } from '@tokenpair/express';
import * as onKoa from '@tokenpair/koa';
import { breakableLog, createTestClock } from '@tokenpair/testing';
import express from 'express5';
import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { send, sendBytes, startServer } from '../support/http.js';
import { startHttp2Server, type TestHttp2Server } from '../support/http2.js';
import { createTestIssuer } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';
import { PlainData, PlainStore } from '../support/plain-store.js';
import { createRandom } from '../support/tabs/random.js';
import { frameworks } from './pages-app.js';
import {
  access,
  createPagesWorld,
  keep,
  navigation,
  openTab,
  refresh,
  type PagesWorld,
  type Tab,
  type WorldOptions,
} from './pages-world.js';

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

const [, [, createExpress]] = frameworks as typeof frameworks & { 1: (typeof frameworks)[number] };

async function build(options: WorldOptions = {}): Promise<PagesWorld> {
  const world = await createPagesWorld(createExpress, options);
  closing.push(world);
  return world;
}

const valueOf = (jar: ReadonlyMap<string, string>) =>
  [...jar].map((pair) => pair.join('=')).join('; ');

describe('many tabs of one browser', () => {
  // Requests and answers are delayed independently: cookies arrive in another order than they were sent.
  test.each([1, 2, 3])('stay signed in, round after round (%d)', async (seed) => {
    const world = await build();
    const random = createRandom(seed);
    const jar = new Map<string, string>();
    const travel = async () => {
      for (let turns = random(40); turns > 0; turns -= 1) await nextTurn();
    };
    await openTab(world.server.port, jar).submit('/login', { user: 'ada' });

    async function visit(): Promise<string> {
      await travel();
      // The cookies of the moment in which the request is sent; those of the answer when it arrives.
      const own = new Map(jar);
      const { body, cookies } = await openTab(world.server.port, own).visit('/orders');
      await travel();
      for (const line of cookies) {
        const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=');
        jar.set(name, value);
      }
      return body;
    }

    for (let round = 0; round < 40; round += 1) {
      world.clock.advance(random(2) === 0 ? 301 : 61);
      const answers = await Promise.all(Array.from({ length: 8 }, visit));
      expect(answers).toEqual(answers.map(() => 'orders of ada'));
    }
    expect([world.happened('refresh.reused'), world.happened('session.revoked')]).toEqual([0, 0]);
  });
});

describe.each(frameworks)('a slow page of %s that was refreshed', (_name, create) => {
  const held = new EventEmitter();

  /** Opens a page whose handler waits, past expiry; then lets another tab do something, and then lets the page arrive. */
  async function meet(act: (tab: Tab, world: PagesWorld) => Promise<unknown>) {
    const world = await createPagesWorld(create, {
      routes: [
        {
          path: '/slow',
          guard: 'page',
          async run(visit) {
            held.emit('entered');
            await once(held, 'released');
            visit.show('slow page');
          },
        },
      ],
    });
    closing.push(world);
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    world.clock.advance(700);
    const entered = once(held, 'entered');
    const pending = openTab(world.server.port, new Map(tab.jar)).visit('/slow');
    await entered;
    await act(tab, world);
    held.emit('released');
    const { body, cookies, headers } = await pending;
    expect([body, headers['cache-control']]).toEqual(['slow page', 'private, no-store']);
    for (const line of cookies) keep(tab.jar, line);
    return { world, tab, cookies };
  }

  test('has its cookies, when no other tab has done anything', async () => {
    expect((await meet(async () => undefined)).cookies).toHaveLength(2);
  });

  test('does not sign out the user who has signed in meanwhile', async () => {
    const { tab, cookies } = await meet((one) => one.submit('/login', { user: 'grace' }));
    expect((await tab.visit('/orders')).body).toBe('orders of grace');
    expect(cookies).toEqual([]);
  });

  test('brings no cookie back after a sign-out', async () => {
    const { tab } = await meet((one) => one.submit('/logout'));
    expect(tab.jar.size).toBe(0);
  });

  test('does not end the session of a user who has proved meanwhile who they are', async () => {
    const { world, tab } = await meet(async (one) => {
      await one.submit('/confirm');
      await one.visit('/transfer');
    });
    expect((await tab.visit('/transfer')).body).toBe('transfer of ada');
    world.clock.advance(301);
    expect((await tab.visit('/orders')).body).toBe('orders of ada');
    expect(world.happened('refresh.reused')).toBe(0);
  });
});

describe('a browser that keeps nothing', () => {
  test('is led to the sign-in page once, also where every page is guarded', async () => {
    const { tokens } = createTestIssuer();
    const auth = pages(tokens, { signIn: '/login', reauthenticate: '/confirm' });
    const app = express();
    app.post('/login', (req, res) => auth.signIn(req, res, { subject: 'ada' }));
    app.use(auth.page);
    const server = await startServer(app as RequestListener);
    closing.push(server);
    let [path, status, steps] = ['/orders', 303, 0];
    while (status === 303 && steps < 10) {
      const answer = await send(server.port, { path, headers: navigation });
      ({ status } = answer);
      path = answer.headers['location'] ?? path;
      steps += 1;
    }
    expect([path, status, steps]).toEqual(['/login?return=%2Forders', 401, 2]);
  });
});

describe('a request that asks for another host in its path', () => {
  test('is not returned to', async () => {
    const { tokens } = createTestIssuer();
    const app = express();
    app.use(pages(tokens, { signIn: '/login' }).page);
    const server = await startServer(app as RequestListener);
    closing.push(server);
    for (const target of ['//evil.example/x', 'http://evil.example/x', '/\\evil.example', '*']) {
      const bytes = `GET ${target} HTTP/1.1\r\nHost: shop\r\nAccept: text/html\r\nConnection: close\r\n\r\n`;
      const { status, headers } = await sendBytes(server.port, bytes);
      expect([target, status, headers['location']]).toEqual([target, 303, '/login']);
    }
  });
});

async function buildWithLog(whenBehind: 'accept' | 'refuse') {
  const clock = createTestClock();
  const { log, ...switches } = breakableLog(new MemoryRevocationLog());
  const options = { maxAge: 10, whenBehind, clock: clock.now };
  const revocations = new LogRevocations(log, options, { pollInterval: 1, maxAge: 10 });
  closing.push(revocations);
  const world = await build({ issuer: { revocations } });
  const tab = world.open();
  await tab.submit('/login', { user: 'ada' });
  const goDown = () => {
    switches.break('down');
    clock.advance(11);
  };
  return { world, tab, goDown };
}

describe('the revocation log', () => {
  test('that is down is 503, where stale access tokens are refused', async () => {
    const { world, tab, goDown } = await buildWithLog('refuse');
    goDown();
    const jar = new Map(tab.jar);
    expect((await tab.visit('/orders')).status).toBe(503);
    expect(tab.jar).toEqual(jar);
    world.expire();
    expect((await tab.visit('/orders')).status).toBe(503);
    expect(tab.jar).toEqual(jar);
  });

  test('that is down changes nothing, where they are accepted', async () => {
    const { world, tab, goDown } = await buildWithLog('accept');
    goDown();
    expect((await tab.visit('/orders')).body).toBe('orders of ada');
    world.expire();
    expect((await tab.visit('/orders')).body).toBe('orders of ada');
  });

  test('is required: without one, an access cookie could come back after the sign-out', () => {
    const { tokens: without } = createTestIssuer({
      store: new PlainStore(new PlainData(), Date.now),
    });
    expect(() => pages(without, { signIn: '/login' })).toThrow(/revocations/);
  });
});

describe('a grant that is too large for a cookie', () => {
  test('is refused without a claims hook too, and the developer is warned', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    const grant = { subject: 'u'.repeat(1_000), scope: `a ${'s'.repeat(2_000)}` };
    const world = await build({
      issuer: { claims: undefined },
      routes: [{ path: '/large', run: (visit) => visit.signIn(grant) }],
    });
    expect((await world.open().visit('/large')).status).toBe(500);
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(
        /a cookie holds 3800\. Its largest claims: "scope" \(2004\), "sub" \(1002\)/,
      ),
      expect.objectContaining({ code: 'TOKENPAIR_TOKEN_TOO_LARGE' }),
    );
    warn.mockRestore();
  });
});

describe('other middleware', () => {
  test('that completes headers when they are written gets ours too', async () => {
    const { tokens, clock } = createTestIssuer();
    const auth = pages(tokens, { signIn: '/login' });
    const seen: string[] = [];
    const app = express();
    // As compression and express-session do.
    const watch = (res: express.Response) => {
      const { writeHead } = res;
      res.writeHead = function watched(this: unknown, ...args: readonly unknown[]) {
        seen.push(String(res.getHeader('Cache-Control')));
        res.appendHeader('Set-Cookie', 'visit=1');
        return Reflect.apply(writeHead, this, args) as typeof res;
      };
    };
    app.use((_req, res, next) => {
      watch(res);
      next();
    });
    app.use(auth);
    app.use((_req, res, next) => {
      watch(res);
      next();
    });
    app.post('/login', (req, res) => auth.signIn(req, res, { subject: 'ada' }));
    app.get('/', auth.page, (_req, res) => {
      res.writeHead(200, { 'Cache-Control': 'public' }).end('page');
    });
    const server = await startServer(app as RequestListener);
    closing.push(server);
    const tab = openTab(server.port);
    await tab.submit('/login');
    clock.advance(301);
    const { cookies, headers } = await tab.visit('/');
    expect(cookies.map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['visit', access, refresh]),
    );
    expect(headers['cache-control']).toBe('private, no-store');
    expect(seen).toHaveLength(4);
  });

  test('bearer takes no token from the cookies of pages', async () => {
    const { tokens } = createTestIssuer();
    const auth = pages(tokens, { signIn: '/login' });
    const app = express();
    app.use(auth);
    app.post('/login', (req, res) => auth.signIn(req, res, { subject: 'ada' }));
    app.get('/api', bearer(tokens.verifier), (_req, res) => void res.send('reached'));
    const server = await startServer(app as RequestListener);
    closing.push(server);
    const tab = openTab(server.port);
    await tab.submit('/login');
    expect((await tab.fetch('/api')).status).toBe(401);
    const { accessToken } = await issueTokenPair(tokens, { subject: 'ada' });
    const headers = { Authorization: `Bearer ${accessToken}` };
    expect((await tab.fetch('/api', { headers })).body).toBe('reached');
  });

  test('two pages with different cookie names keep two sessions', async () => {
    const { tokens } = createTestIssuer();
    const cookies = { access: '__Host-staff_access', refresh: '__Host-staff_refresh' };
    const users = pages(tokens, { signIn: '/login' });
    const staff = pages(tokens, { signIn: '/staff/login', cookies });
    const app = express();
    app.use(users, staff);
    app.post('/login', (req, res) => users.signIn(req, res, { subject: 'ada' }));
    app.post('/staff/login', (req, res) => staff.signIn(req, res, { subject: 'grace' }));
    app.get('/', users.page, staff.page, (req, res) => {
      res.send(`${users.of(req)?.subject} and ${staff.of(req)?.subject}`);
    });
    const server = await startServer(app as RequestListener);
    closing.push(server);
    const tab = openTab(server.port);
    await tab.submit('/login');
    expect((await tab.visit('/')).headers['location']).toBe('/staff/login?return=%2F');
    await tab.submit('/staff/login');
    expect((await tab.visit('/')).body).toBe('ada and grace');
  });
});

/** A tab past expiry. */
async function openTabOfTwoPages() {
  const { tokens, clock } = createTestIssuer();
  const first = pages(tokens, { signIn: '/login' });
  const second = pages(tokens, { signIn: '/login' });
  const app = express();
  app.use(first);
  app.get('/', second.page, (req, res) => void res.send(`page of ${second.of(req)?.subject}`));
  app.post('/login', express.urlencoded(), (req, res) =>
    second.signIn(req, res, { subject: (req.body as { user: string }).user }),
  );
  app.post('/logout', (req, res) => second.signOut(req, res));
  const server = await startServer(app as RequestListener);
  closing.push(server);
  const tab = openTab(server.port);
  await tab.submit('/login', { user: 'ada' });
  clock.advance(301);
  return tab;
}

describe('two pages of one issuer, with the same cookies', () => {
  test('sign in over a session that one of them has just refreshed', async () => {
    const tab = await openTabOfTwoPages();
    const { cookies } = await tab.submit('/login', { user: 'grace' });
    expect(cookies).toHaveLength(2);
    expect((await tab.visit('/')).body).toBe('page of grace');
  });

  test('clear the cookies that one of them has just set', async () => {
    const tab = await openTabOfTwoPages();
    await tab.submit('/logout');
    expect(tab.jar.size).toBe(0);
  });
});

describe('a request that is wrong on purpose', () => {
  test('with two Cookie lines is one with both cookies', async () => {
    const world = await build();
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    const lines = [valueOf(tab.jar), `${access}=other`].map((value) => `Cookie: ${value}\r\n`);
    const bytes = `GET /orders HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}Connection: close\r\n\r\n`;
    expect((await sendBytes(world.server.port, bytes)).status).toBe(400);
  });

  test('with a name that only looks like ours is that of a guest', async () => {
    const world = await build();
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    for (const name of [`\u00A0${access}`, access.toLowerCase(), `${access} `, `x${access}`]) {
      const Cookie = Buffer.from(`${name}=${tab.jar.get(access)}`).toString('latin1');
      expect((await tab.visit('/', { Cookie })).body).toBe('home of a guest');
    }
  });

  test('that names its origin over plain http from another host is refused', async () => {
    const world = await build();
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    const headers = { Host: 'shop.example', Origin: 'http://shop.example' };
    expect((await tab.submit('/orders', {}, headers)).status).toBe(403);
  });

  test('as a WebSocket handshake of another origin is refused', async () => {
    const world = await build();
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    const handshake = {
      Connection: 'keep-alive',
      Upgrade: 'websocket',
      Origin: 'http://localhost:1',
      'Sec-Fetch-Mode': 'websocket',
      'Sec-Fetch-Site': 'same-site',
    };
    expect((await tab.visit('/orders', handshake)).status).toBe(403);
  });
});

describe('ctx.state.auth', () => {
  test('is what auth.of answers, and other middleware may write it', async () => {
    const { tokens } = createTestIssuer();
    const auth = onKoa.pages(tokens, { signIn: '/login' });
    const seen: unknown[] = [];
    const app = new Koa3();
    app.use(auth);
    app.use(async (ctx) => {
      if (ctx.path === '/login') await auth.signIn(ctx, { subject: 'ada' });
      seen.push(ctx.state['auth']?.subject);
      if (ctx.path === '/logout') await auth.signOut(ctx);
      seen.push(ctx.state['auth']);
      ctx.state['auth'] = { subject: 'another' };
      seen.push(ctx.state['auth'].subject);
    });
    const server = await startServer(toListener(app));
    closing.push(server);
    const tab = openTab(server.port);
    await tab.submit('/login');
    await tab.submit('/logout');
    expect(seen).toEqual([undefined, undefined, 'another', 'ada', undefined, 'another']);
  });
});

describe.each([
  ['Koa 2', Koa2 as unknown as typeof Koa3],
  ['Koa 3', Koa3],
])('%s over HTTP/2', (_name, Koa) => {
  const { tokens, clock } = createTestIssuer();
  const auth = onKoa.pages(tokens, { signIn: '/login' });

  function createListener(): RequestListener {
    const app = new Koa();
    app.use(auth);
    app.use(bodyParser({ encoding: 'utf-8' }));
    app.use(async (ctx, next) => {
      if (ctx.path === '/login') await auth.signIn(ctx, { subject: 'ada' });
      else if (ctx.path === '/logout') await auth.signOut(ctx);
      else await auth.page(ctx, next);
    });
    app.use((ctx) => {
      if (ctx.path === '/') ctx.body = `page of ${auth.of(ctx)?.subject}`;
      else {
        ctx.respond = false;
        const list = ['cache-control', 'public', 'set-cookie', 'a=1', 'set-cookie', 'b=2'];
        const object = { 'cache-control': 'public', 'set-cookie': ['a=1', 'b=2'] };
        ctx.res.writeHead(200, (ctx.path === '/list' ? list : object) as string[]);
        ctx.res.write('pa');
        ctx.res.end('ge');
      }
    });
    return toListener(app);
  }

  test.each(['h2', 'h2c'] as const)('signs in, refreshes and signs out (%s)', async (protocol) => {
    const server: TestHttp2Server = await startHttp2Server(protocol, createListener());
    closing.push(server);
    const authority = { ':authority': 'shop.example' };
    const own = { ...authority, origin: 'https://shop.example' };
    const jar = new Map<string, string>();
    async function ask(method: string, path: string, headers: Record<string, string>) {
      const cookie = [...jar].map((pair) => pair.join('='));
      const answer = await server.send({ method, path, headers: { ...headers, cookie } });
      const lines = [answer.headers['set-cookie'] ?? []].flat();
      for (const line of lines) {
        const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=');
        if (line.includes('Max-Age=0')) jar.delete(name);
        else jar.set(name, value);
      }
      return { ...answer, names: lines.map((line) => line.split('=')[0]) };
    }
    expect(await ask('POST', '/login', own)).toMatchObject({
      status: 303,
      headers: { location: '/', 'cache-control': 'private, no-store' },
      names: [refresh, access],
    });
    expect((await ask('GET', '/', authority)).body).toBe('page of ada');
    for (const path of ['/list', '/object']) {
      clock.advance(301);
      const answer = await ask('GET', path, authority);
      expect(answer).toMatchObject({
        body: 'page',
        headers: { 'cache-control': 'private, no-store', vary: 'Cookie' },
      });
      expect(new Set(answer.names)).toEqual(new Set([access, refresh, 'a', 'b']));
    }
    const foreign = { ...authority, origin: 'https://evil.example' };
    expect((await ask('POST', '/', foreign)).status).toBe(403);
    expect((await ask('POST', '/logout', own)).status).toBe(303);
    expect([...jar.keys()]).toEqual(['a', 'b']);
    expect((await ask('GET', '/', { ...authority, accept: 'text/html' })).status).toBe(303);
  });
});
