// The contract of pages, clause by clause, over real sockets on Express 4 and 5, Koa 2 and 3.

import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

import {
  issueTokenPair,
  listSessions,
  revokeClaims,
  type TokenIssuerOptions,
} from '@tokenpair/core';

import { send } from '../support/http.js';
import { createTestKey } from '../support/keys.js';
import { sendReports, useReportTimer } from '../support/report-timer.js';
import { frameworks, type PageRoute, type Visit } from './pages-app.js';
import {
  access,
  createPagesWorld,
  navigation,
  openTab,
  refresh,
  type Page,
  type PagesWorld,
  type Tab,
  type WorldOptions,
} from './pages-world.js';

const elsewhere = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
/** What tells caches whether they may keep an answer. */
const cachingOf = ({ headers }: Page) => ({
  control: headers['cache-control'],
  cdn: headers['cdn-cache-control'],
  surrogate: headers['surrogate-control'],
  nginx: headers['x-accel-expires'],
  akamai: headers['edge-control'],
  variesByCookie: /(?:^|, )Cookie(?:,|$)/.test(headers['vary'] ?? ''),
});
const isPrivate = { control: 'private, no-store', variesByCookie: true };
const otherPort = { Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site' };

describe.each(frameworks)('pages on %s', (_name, create) => {
  const worlds: PagesWorld[] = [];
  let world: PagesWorld;
  let tab: Tab;

  async function build(options: WorldOptions = {}): Promise<PagesWorld> {
    const built = await createPagesWorld(create, options);
    worlds.push(built);
    return built;
  }
  beforeEach(async () => {
    world = await build();
    tab = world.open();
  });
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((one) => one.close()));
  });

  const sessionsOf = async (subject: string) => listSessions(world.tokens, subject);
  /** A tab of the same browser, whose answers this one never sees. */
  const copy = () => openTab(world.server.port, new Map(tab.jar));
  const signIn = (one = tab, user = 'ada', more = {}) => one.submit('/login', { user, ...more });

  describe('signing in', () => {
    test('sets both cookies, and answers 303 to the path to return to', async () => {
      const answer = await tab.submit('/login', { user: 'ada', return: '/orders?x=1' });
      expect([answer.status, answer.headers['location']]).toEqual([303, '/orders?x=1']);
      const attributes = 'Path=/; HttpOnly; Secure; SameSite=Lax';
      expect(answer.cookies).toHaveLength(2);
      expect(answer.cookies).toEqual([
        expect.stringMatching(
          new RegExp(`^${refresh}=tpr_[\\w-]+; Max-Age=2592000; ${attributes}$`),
        ),
        expect.stringMatching(new RegExp(`^${access}=ey[\\w.-]+; Max-Age=2592000; ${attributes}$`)),
      ]);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('has cookies that end with the browser, when the login says so, also after a refresh', async () => {
      const answer = await signIn(tab, 'ada', { session: 'yes' });
      world.expire();
      const next = await tab.visit('/orders');
      expect(next.cookies).toHaveLength(2);
      for (const line of [...answer.cookies, ...next.cookies])
        expect(line).not.toContain('Max-Age');
    });

    test('ends the session whose cookie came with it, also of another user', async () => {
      await signIn();
      await signIn(tab, 'grace');
      expect(await sessionsOf('ada')).toEqual([]);
      expect(world.events).toContainEqual(
        expect.objectContaining({ type: 'session.revoked', reason: 'replaced', subject: 'ada' }),
      );
      expect((await tab.visit('/orders')).body).toBe('orders of grace');
    });

    test('is refused from another site, with and without a cookie, before a session is issued', async () => {
      const anonymous = await tab.submit('/login', { user: 'mallory' }, elsewhere);
      await signIn();
      const answers = [
        anonymous,
        await tab.submit('/login', { user: 'mallory' }, elsewhere),
        await tab.submit('/login', { user: 'mallory' }, otherPort),
      ];
      for (const answer of answers) expect([answer.status, answer.cookies]).toEqual([403, []]);
      expect(await sessionsOf('mallory')).toEqual([]);
      expect(await sessionsOf('ada')).toHaveLength(1);
      expect(world.happened('request.refused')).toBe(3);
    });

    test('works on a GET that comes from another site: an OAuth callback, a link in a mail', async () => {
      await signIn();
      const answer = await tab.visit('/callback?return=/orders', {
        'Sec-Fetch-Site': 'cross-site',
      });
      expect([answer.status, answer.headers['location']]).toEqual([303, '/orders']);
      expect((await tab.visit('/orders')).body).toBe('orders of grace');
      expect(await sessionsOf('ada')).toEqual([]);
    });

    test('during an outage of the store is 503, without a cookie', async () => {
      world.store.break('down');
      const answer = await signIn();
      expect([answer.status, answer.cookies]).toEqual([503, []]);
      world.store.repair();
      expect((await signIn()).status).toBe(303);
    });

    test('that is refused by the claims hook is a page for a person', async () => {
      world.claims = () => false;
      const answer = await signIn();
      expect([answer.status, answer.cookies]).toEqual([403, []]);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    });
  });

  describe('an access token that is too large for a cookie', () => {
    const large = { groups: 'g'.repeat(3_000), notes: 'n'.repeat(500) };

    test('is refused at the login, before a session is stored, and the largest claims are named', async () => {
      world.claims = () => large;
      const answer = await signIn();
      expect([answer.status, answer.cookies]).toEqual([500, []]);
      expect(await sessionsOf('ada')).toEqual([]);
      const [failed] = world.events.filter(({ type }) => type === 'hook.failed');
      const { message } = (failed as unknown as { cause: Error }).cause;
      expect(message).toMatch(
        /a cookie holds 3800\. Its largest claims: "groups" \(3002\), "notes" \(502\)/,
      );
      expect(message).not.toContain('ggg');
    });

    test('is refused at a refresh too, which spends nothing', async () => {
      await signIn();
      const { claims } = world;
      world.claims = () => large;
      world.expire();
      expect((await tab.visit('/orders')).status).toBe(500);
      world.claims = claims;
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('is accepted where no cookie is involved', async () => {
      world.claims = () => large;
      await expect(issueTokenPair(world.tokens, { subject: 'ada' })).resolves.toBeDefined();
    });
  });

  describe('a request', () => {
    test('with a good access token does not ask the store', async () => {
      await signIn();
      world.calls.length = 0;
      const answer = await tab.visit('/orders');
      expect([answer.body, answer.cookies]).toEqual(['orders of ada', []]);
      expect(world.calls).toEqual([]);
    });

    test('with a good access token works while the store is down', async () => {
      await signIn();
      world.store.break('down');
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('past expiry is refreshed, once for the whole request', async () => {
      world = await build({ uses: 2 });
      tab = world.open();
      await signIn();
      const before = new Map(tab.jar);
      world.expire();
      const answer = await tab.visit('/orders');
      expect(answer.body).toBe('orders of ada');
      expect(answer.cookies).toHaveLength(2);
      expect(world.happened('session.refreshed')).toBe(1);
      expect(tab.jar.get(refresh)).not.toBe(before.get(refresh));
    });

    test('within the settle time gets a new access token and no refresh cookie', async () => {
      await signIn();
      world.expire();
      await tab.visit('/');
      tab.jar.delete(access);
      const answer = await tab.visit('/orders');
      expect(answer.body).toBe('orders of ada');
      expect(answer.cookies).toEqual([expect.stringMatching(new RegExp(`^${access}=`))]);
    });

    test('passes as that of a guest where no guard is', async () => {
      const answer = await tab.visit('/');
      expect([answer.body, answer.cookies]).toEqual(['home of a guest', []]);
    });

    test('whose refresh is refused is that of a guest, and no cookie is cleared', async () => {
      await signIn();
      const jar = new Map(tab.jar);
      await signIn(openTab(world.server.port, new Map(jar)), 'grace');
      world.expire();
      const answer = await tab.visit('/');
      expect([answer.body, answer.cookies]).toEqual(['home of a guest', []]);
      expect(tab.jar).toEqual(jar);
      expect((await tab.visit('/orders')).status).toBe(303);
    });

    test.each([
      ['is altered', (token: string) => `${token.slice(0, -4)}AAAA`],
      ['is no token', () => 'nonsense'],
      ['has spaces', () => 'a b c'],
      ['is empty', () => ''],
      ['is absent', () => undefined],
    ])('whose access token %s is refreshed once', async (_what, change) => {
      await signIn();
      const changed = change(tab.jar.get(access) ?? '');
      if (changed === undefined) tab.jar.delete(access);
      else tab.jar.set(access, changed);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
      expect(world.happened('session.refreshed')).toBe(1);
    });

    test('whose claims are out of date is refreshed once', async () => {
      await signIn();
      await revokeClaims(world.tokens, { subject: 'ada' });
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
      expect(world.happened('session.refreshed')).toBe(1);
    });

    test('whose claims change again while it is refreshed is 503, and no sign-in page', async () => {
      await signIn();
      world.expire();
      const { claims } = world;
      world.claims = async (...asked) => {
        await revokeClaims(world.tokens, { subject: 'ada' });
        return claims(...asked);
      };
      const answer = await tab.visit('/orders');
      expect([answer.status, answer.headers['refresh']]).toEqual([503, '2']);
      world.claims = claims;
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('whose key was retired shows no sign-in page', async () => {
      await signIn();
      world.tokens.replaceKeys([createTestKey('HS256', 'other').signing]);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('finds its session in a router that app.use(auth) does not reach', async () => {
      world = await build({ uses: 0, mount: '/area' });
      tab = openTab(world.server.port);
      await tab.submit('/area/login', { user: 'ada' });
      world.expire();
      expect((await tab.visit('/area/orders?x=1')).body).toBe('orders of ada');
      const guest = await world.open().visit('/area/orders?x=1');
      expect(guest.headers['location']).toBe('/login?return=%2Farea%2Forders%3Fx%3D1');
    });

    test('that pages has not seen is a mistake that the developer hears of', async () => {
      world = await build({ uses: 0 });
      const answer = await world.open().visit('/');
      expect(answer.status).toBe(500);
    });
  });

  describe('who sent it', () => {
    beforeEach(() => signIn());

    const guest = 'home of a guest';
    test.each([
      ['a navigation from another site', { 'Sec-Fetch-Site': 'cross-site' }, 'home of ada'],
      [
        'a navigation in a frame',
        { 'Sec-Fetch-Dest': 'iframe', 'Sec-Fetch-Site': 'same-site' },
        'home of ada',
      ],
      ['a prefetch', { 'Sec-Purpose': 'prefetch', 'Sec-Fetch-Site': 'same-origin' }, 'home of ada'],
      [
        'a script of another port',
        { ...otherPort, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
        guest,
      ],
      [
        'an image of another port',
        { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Site': 'same-site' },
        guest,
      ],
      [
        'a script of another site',
        { ...elsewhere, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
        guest,
      ],
      [
        'a request with an allowed origin',
        { Origin: 'https://app.example', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-site' },
        'home of ada',
      ],
    ])('%s', async (_what, headers, text) => {
      world = await build({ options: { allowedOrigins: ['https://app.example'] } });
      tab = world.open();
      await signIn();
      const answer = await tab.visit('/', headers);
      expect(answer.body).toBe(text);
      expect(answer.headers['cache-control']).toBe('private, no-store');
    });

    test('a browser without Fetch Metadata', async () => {
      const Cookie = [...tab.jar].map((one) => one.join('=')).join('; ');
      const ask = async (headers: object) =>
        (await send(world.server.port, { path: '/', headers: { Cookie, ...headers } })).body;
      expect(await ask({ Accept: 'text/html' })).toBe('home of ada');
      expect(await ask({ Origin: 'https://evil.example' })).toBe(guest);
    });
  });

  describe('an unsafe method', () => {
    test('past expiry is refreshed in process: the form is saved', async () => {
      await signIn();
      world.expire();
      const answer = await tab.submit('/orders', { text: 'tea' });
      expect([answer.status, answer.body, world.saved]).toEqual([200, 'saved', ['tea by ada']]);
    });

    test.each([
      ['another site', elsewhere],
      ['another port', otherPort],
      ['a page without an origin', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
    ])('of %s with the cookies is 403, and changes nothing', async (_what, headers) => {
      await signIn();
      const answer = await tab.submit('/orders', { text: 'tea' }, headers);
      expect([answer.status, world.saved]).toEqual([403, []]);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      const program = await tab.fetch('/orders', { method: 'POST', headers });
      expect(program.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(program.body)).toMatchObject({ code: 'origin_refused' });
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test('of another site without the cookies, which browsers keep back, goes to the sign-in page', async () => {
      const answer = await tab.submit('/orders', { text: 'tea' }, elsewhere);
      expect([answer.status, answer.headers['location']]).toEqual([303, '/login']);
      expect(world.saved).toEqual([]);
    });

    test('of a method that no browser form has is checked too', async () => {
      await signIn();
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const { status } = await tab.fetch('/orders', { method, headers: otherPort });
        expect(status).toBe(403);
      }
    });
  });

  describe('the answer to a request without a session', () => {
    test('sends a person to the sign-in page, and back to the path', async () => {
      const answer = await tab.visit('/orders?x=1');
      expect([answer.status, answer.headers['location']]).toEqual([
        303,
        '/login?return=%2Forders%3Fx%3D1',
      ]);
      expect(answer.headers).toMatchObject({
        'cache-control': 'private, no-store',
        vary: expect.stringContaining('Cookie'),
      });
    });

    test('sends a person in a frame, and one whose browser says only what it accepts', async () => {
      const frame = await tab.visit('/orders', { 'Sec-Fetch-Dest': 'iframe' });
      expect(frame.status).toBe(303);
      const old = await send(world.server.port, {
        path: '/orders',
        headers: { Accept: 'text/html' },
      });
      expect(old.status).toBe(303);
    });

    test('answers HEAD as GET', async () => {
      const answer = await tab.fetch('/orders', { method: 'HEAD', headers: navigation });
      expect([answer.status, answer.headers['location']]).toEqual([303, '/login?return=%2Forders']);
    });

    test('sends a form to the sign-in page without a path to return to', async () => {
      const answer = await tab.submit('/orders', { text: 'tea' });
      expect([answer.status, answer.headers['location']]).toEqual([303, '/login']);
    });

    test('is what bearer answers to a program, with the scope that the guard needs', async () => {
      const answer = await tab.fetch('/scoped');
      expect(answer.status).toBe(401);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="api", scope="orders:write"');
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'token_missing', action: 'login' });
    });

    test('never redirects the two pages themselves: with blocked cookies there would be no end', async () => {
      const routes: readonly PageRoute[] = [
        { path: '/login', guard: 'page', run: () => undefined },
        { path: '/confirm', guard: 'fresh', run: () => undefined },
      ];
      world = await build({ routes });
      tab = world.open();
      for (const path of ['/login', '/login?return=/x', '/login/', '/confirm']) {
        const answer = await tab.visit(path);
        expect([answer.status, answer.headers['location']]).toEqual([401, undefined]);
        expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
        expect(answer.body).toContain('<a href="/login">Sign in</a>');
      }
      await signIn();
      world.clock.advance(1_000);
      expect((await tab.visit('/confirm')).status).toBe(401);
    });
  });

  describe('a guard', () => {
    beforeEach(() => signIn());

    test.each(['/admin', '/scoped', '/any', '/check'])(
      'at %s that refuses a good session is a page, and no redirect',
      async (path) => {
        const answer = await tab.visit(path);
        expect([answer.status, answer.headers['location']]).toEqual([403, undefined]);
        expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
        expect(answer.body).toContain('Not allowed');
        const program = await tab.fetch(path);
        expect(program.headers['content-type']).toBe('application/problem+json');
        expect(world.events.at(-1)).toMatchObject({ type: 'request.refused', subject: 'ada' });
      },
    );

    test.each(['/admin', '/check'])('at %s lets another user pass', async (path) => {
      await signIn(tab, 'alan');
      expect((await tab.visit(path)).status).toBe(200);
    });

    test('for a fresh login sends a person to prove who they are, and back', async () => {
      expect((await tab.visit('/transfer')).body).toBe('transfer of ada');
      world.clock.advance(601);
      const old = await tab.visit('/transfer?to=7');
      expect([old.status, old.headers['location']]).toEqual([
        303,
        '/confirm?return=%2Ftransfer%3Fto%3D7',
      ]);
      const form = await tab.submit('/transfer');
      expect([form.status, form.headers['location']]).toEqual([303, '/confirm']);
      const program = await tab.fetch('/transfer');
      expect(JSON.parse(program.body)).toMatchObject({ action: 'reauthenticate' });

      const [before] = await sessionsOf('ada');
      const proved = await tab.submit('/confirm', { return: '/transfer?to=7' });
      expect([proved.status, proved.headers['location']]).toEqual([303, '/transfer?to=7']);
      expect(proved.cookies).toHaveLength(2);
      expect((await tab.visit('/transfer?to=7')).body).toBe('transfer of ada');
      const [after, ...others] = await sessionsOf('ada');
      expect([after?.sessionId, others]).toEqual([before?.sessionId, []]);
    });

    test('for a level sends a person there too', async () => {
      expect((await tab.visit('/high')).headers['location']).toBe('/confirm?return=%2Fhigh');
    });

    test('for a fresh login is satisfied by a new login as well', async () => {
      world.clock.advance(601);
      await signIn();
      expect((await tab.visit('/transfer')).body).toBe('transfer of ada');
    });
  });

  describe('proving who one is', () => {
    test('without a session leads to the sign-in page', async () => {
      const answer = await tab.submit('/confirm');
      // The page itself is never redirected.
      expect([answer.status, answer.cookies]).toEqual([401, []]);
    });

    test('is refused from another port', async () => {
      await signIn();
      const answer = await tab.submit('/confirm', {}, otherPort);
      expect([answer.status, answer.cookies]).toEqual([403, []]);
    });

    test('past expiry works, in one request', async () => {
      await signIn();
      world.clock.advance(700);
      expect((await tab.submit('/confirm')).status).toBe(303);
      expect((await tab.visit('/transfer')).body).toBe('transfer of ada');
      expect(world.happened('refresh.reused')).toBe(0);
    });

    test('does not keep back the cookies of a refresh after the refresh keys were replaced at once', async () => {
      await signIn();
      world.clock.advance(61);
      await tab.submit('/confirm');
      world.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }]);
      world.expire();
      const { body, cookies } = await tab.visit('/orders');
      expect([body, cookies.length]).toEqual(['orders of ada', 2]);
    });

    test('works after the refresh keys were replaced at once', async () => {
      await signIn();
      world.tokens.replaceRefreshKeys([{ kid: '2', secret: randomBytes(32) }]);
      world.clock.advance(200);
      expect((await tab.submit('/confirm')).status).toBe(303);
      expect(await sessionsOf('ada')).toHaveLength(1);
      world.expire();
      expect((await tab.visit('/transfer')).body).toBe('transfer of ada');
    });

    test('is not given to another user whose refresh cookie came meanwhile', async () => {
      await signIn();
      const other = world.open();
      await signIn(other, 'grace');
      tab.jar.set(refresh, other.jar.get(refresh) ?? '');
      const answer = await tab.submit('/confirm');
      expect([answer.status, answer.cookies]).toEqual([401, []]);
    });
  });

  describe('signing out', () => {
    test('ends the session, clears both cookies, and answers 303', async () => {
      await signIn();
      const stolen = new Map(tab.jar);
      const answer = await tab.submit('/logout');
      expect([answer.status, answer.headers['location']]).toEqual([303, '/?bye']);
      expect(tab.jar.size).toBe(0);
      expect(answer.headers['cache-control']).toBe('private, no-store');
      expect(await sessionsOf('ada')).toEqual([]);
      // A late answer can bring the access cookie back.
      const late = openTab(world.server.port, stolen);
      expect((await late.visit('/orders')).status).toBe(303);
    });

    test('is refused on a GET, and the user is still signed in', async () => {
      await signIn();
      const answer = await tab.visit('/logout');
      expect([answer.status, answer.headers['allow'], answer.cookies]).toEqual([405, 'POST', []]);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
    });

    test.each([
      ['another port, with the cookies', otherPort],
      ['another site, without them', elsewhere],
    ])('is refused from %s', async (_what, headers) => {
      await signIn();
      const from = headers === elsewhere ? world.open() : tab;
      const answer = await from.submit('/logout', {}, headers);
      expect([answer.status, answer.cookies]).toEqual([403, []]);
      expect(await sessionsOf('ada')).toHaveLength(1);
    });

    test('during an outage clears both cookies, and answers 503', async () => {
      await signIn();
      world.store.break('down');
      const answer = await tab.submit('/logout');
      expect(answer.status).toBe(503);
      expect(tab.jar.size).toBe(0);
    });

    test('during an outage past expiry does the same', async () => {
      await signIn();
      world.expire();
      world.store.break('down');
      const answer = await tab.submit('/logout');
      expect([answer.status, tab.jar.size]).toEqual([503, 0]);
    });

    test('works also when the claims have become too large for a cookie', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
      await signIn();
      world.expire();
      world.claims = () => ({ groups: 'g'.repeat(4_000) });
      expect((await tab.visit('/')).status).toBe(500);
      const answer = await tab.submit('/logout');
      expect([answer.status, tab.jar.size, await sessionsOf('ada')]).toEqual([303, 0, []]);
      warn.mockRestore();
    });

    test('and signing in leave no token of the session that has ended', async () => {
      const seen: unknown[] = [];
      const look = (act: (visit: Visit) => Promise<void>) => async (visit: Visit) => {
        seen.push(visit.token()?.subject);
        await act(visit);
        seen.push(visit.token());
      };
      const routes: readonly PageRoute[] = [
        { method: 'post', path: '/in', run: look((visit) => visit.signIn({ subject: 'grace' })) },
        { method: 'post', path: '/out', run: look((visit) => visit.signOut()) },
      ];
      world = await build({ routes });
      tab = world.open();
      await signIn();
      await tab.submit('/in');
      await tab.submit('/out');
      expect(seen).toEqual(['ada', undefined, 'grace', undefined]);
    });

    test('past expiry does not set what it clears', async () => {
      await signIn();
      world.expire();
      const answer = await tab.submit('/logout');
      expect(answer.cookies.every((line) => line.includes('Max-Age=0'))).toBe(true);
      expect([answer.cookies.length, tab.jar.size]).toEqual([2, 0]);
    });

    test('with one cookie left ends the session all the same', async () => {
      for (const name of [access, refresh]) {
        await signIn();
        tab.jar.delete(name);
        await tab.submit('/logout');
        expect(await sessionsOf('ada')).toEqual([]);
      }
    });

    test('without a session answers the same', async () => {
      const answer = await tab.submit('/logout');
      expect([answer.status, answer.headers['location']]).toEqual([303, '/?bye']);
    });
  });

  test('two cookies of one name are 400: one of them is not the own one', async () => {
    await signIn();
    for (const name of [access, refresh]) {
      const cookies = [...tab.jar].map((pair) => pair.join('='));
      const Cookie = [...cookies, `${name}=other`].join('; ');
      for (const path of ['/', '/orders']) {
        const answer = await tab.visit(path, { Cookie });
        expect(answer.status).toBe(400);
        expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
        const program = await tab.fetch(path, { headers: { Cookie } });
        expect(JSON.parse(program.body)).toMatchObject({ code: 'request_malformed' });
      }
      expect((await tab.submit('/login', {}, { Cookie })).status).toBe(400);
      expect((await tab.submit('/logout', {}, { Cookie })).status).toBe(400);
    }
    expect((await tab.visit('/orders')).body).toBe('orders of ada');
  });

  describe('an outage', () => {
    const outages: readonly (readonly [string, (one: PagesWorld) => () => void])[] = [
      [
        'of the store',
        (one) => {
          one.store.break('down');
          return () => one.store.repair();
        },
      ],
      [
        'of the claims hook',
        (one) => {
          const { claims } = one;
          one.claims = () => {
            throw new Error('the database is down');
          };
          return () => {
            one.claims = claims;
          };
        },
      ],
    ];
    test.each(outages)(
      '%s is a page that loads again, and no user is signed out',
      async (_what, cause) => {
        await signIn();
        world.expire();
        const jar = new Map(tab.jar);
        const repair = cause(world);
        const answer = await tab.visit('/orders');
        expect([answer.status, answer.headers['retry-after'], answer.headers['refresh']]).toEqual([
          503,
          '2',
          '2',
        ]);
        expect([answer.cookies, answer.headers['cache-control']]).toEqual([
          [],
          'private, no-store',
        ]);
        const form = await tab.submit('/orders', { text: 'tea' });
        expect([form.status, form.headers['retry-after'], form.headers['refresh']]).toEqual([
          503,
          '2',
          undefined,
        ]);
        const program = await tab.fetch('/orders');
        expect(JSON.parse(program.body)).toMatchObject({ action: 'retry', retry_after: 2 });
        expect(program.headers['refresh']).toBeUndefined();
        expect(tab.jar).toEqual(jar);
        repair();
        expect((await tab.visit('/orders')).body).toBe('orders of ada');
        expect(world.saved).toEqual([]);
      },
    );

    test('makes no user a guest, also where no guard is', async () => {
      const seen: unknown[] = [];
      const run = (visit: Visit) => {
        seen.push('reached');
        seen.push(visit.token());
        visit.show('saved');
      };
      world = await build({ routes: [{ method: 'post', path: '/note', run }] });
      tab = world.open();
      await signIn();
      world.expire();
      world.store.break('down');
      const answer = await tab.submit('/note');
      expect([answer.status, seen, answer.cookies]).toEqual([503, ['reached'], []]);
      world.store.repair();
      expect((await tab.submit('/note')).body).toBe('saved');
    });

    test('of too many refreshes at once is 503 for the others', async () => {
      world = await build({ options: { maxParallelRefreshes: 1 } });
      tab = world.open();
      await signIn();
      world.expire();
      const held = new EventEmitter();
      world.claims = async () => {
        await once(held, 'released');
        return { role: 'user' };
      };
      const first = tab.visit('/orders');
      const second = await openTab(world.server.port, new Map(tab.jar)).visit('/orders');
      held.emit('released');
      expect([(await first).status, second.status]).toEqual([200, 503]);
      expect(world.events).toContainEqual(
        expect.objectContaining({ type: 'refresh.refused', reason: 'limit' }),
      );
    });
  });

  describe('an answer that the browser never got', () => {
    beforeEach(useReportTimer);
    afterEach(() => jest.useRealTimers());

    test('is replaced, also after the handler has used the new access token', async () => {
      await signIn();
      await tab.visit('/orders');
      await sendReports();
      world.expire();
      expect((await copy().visit('/orders')).body).toBe('orders of ada');
      await sendReports();
      world.clock.advance(3_600);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
      expect(world.happened('refresh.reused')).toBe(0);
    });

    test('is waited for between the reuse interval and the settle time', async () => {
      await signIn();
      await tab.visit('/orders');
      await sendReports();
      world.expire();
      await copy().visit('/orders');
      world.clock.advance(45);
      tab.jar.delete(access);
      const pending = await tab.visit('/orders');
      expect(pending.status).toBe(503);
      expect(pending.headers['refresh']).toBe(pending.headers['retry-after']);
      world.clock.advance(Number(pending.headers['retry-after']) + 1);
      expect((await tab.visit('/orders')).body).toBe('orders of ada');
      expect(world.happened('refresh.reused')).toBe(0);
    });

    test('does not hide a thief: a spent token ends the session when its successor was used', async () => {
      await signIn();
      const stolen = copy();
      world.expire();
      await tab.visit('/orders');
      world.clock.advance(301);
      // The browser presents generation 2, so generation 2 was stored.
      await tab.visit('/orders');
      await sendReports();
      world.clock.advance(301);
      expect((await stolen.visit('/orders')).status).toBe(303);
      expect(world.happened('refresh.reused')).toBe(1);
      expect((await tab.visit('/orders')).status).toBe(303);
    });
  });

  describe('five tabs past expiry', () => {
    test('are five pages, one session, one rotation, and no reuse', async () => {
      await signIn();
      world.expire();
      const tabs = Array.from({ length: 5 }, () => openTab(world.server.port, new Map(tab.jar)));
      const answers = await Promise.all(tabs.map((one) => one.visit('/orders')));
      expect(answers.map(({ body }) => body)).toEqual(tabs.map(() => 'orders of ada'));
      expect(new Set(tabs.map(({ jar }) => jar.get(refresh))).size).toBe(1);
      const rotated = world.events.filter(
        (event) => event.type === 'session.refreshed' && event.how === 'rotated',
      );
      expect([rotated.length, world.happened('refresh.reused')]).toEqual([1, 0]);
      expect(await sessionsOf('ada')).toHaveLength(1);
    });
  });

  describe('caching', () => {
    const cacheable: readonly PageRoute[] = [
      {
        path: '/before',
        run(visit) {
          visit.res.setHeader('Cache-Control', 'public, max-age=60');
          visit.res.setHeader('CDN-Cache-Control', 'max-age=60');
          visit.res.setHeader('Surrogate-Control', 'max-age=60');
          visit.res.setHeader('X-Accel-Expires', '60');
          visit.res.setHeader('Edge-Control', 'max-age=60');
          visit.res.setHeader('Vary', 'Accept-Encoding');
          visit.show('page');
        },
      },
      {
        path: '/object',
        run({ res, takeOver }) {
          takeOver();
          res.writeHead(200, {
            'Cache-Control': 'public, max-age=60',
            'Set-Cookie': ['theme=dark', 'lang=en'],
          });
          res.end('page');
        },
      },
      {
        path: '/list',
        run({ res, takeOver }) {
          takeOver();
          res.writeHead(200, 'Fine', [
            'Cache-Control',
            'public',
            'Set-Cookie',
            'theme=dark',
            'Set-Cookie',
            'lang=en',
          ]);
          res.end('page');
        },
      },
      {
        path: '/stream',
        run({ res, takeOver }) {
          takeOver();
          res.setHeader('Cache-Control', 'public');
          res.write('pa');
          res.end('ge');
        },
      },
      {
        path: '/flush',
        run({ res, takeOver }) {
          takeOver();
          res.setHeader('Cache-Control', 'public');
          res.setHeader('Set-Cookie', 'theme=dark');
          res.flushHeaders();
          res.end('page');
        },
      },
      {
        path: '/throws',
        run() {
          throw new Error('a mistake of the application');
        },
      },
      {
        path: '/own-cookie',
        run({ res, show }) {
          res.setHeader('Set-Cookie', 'theme=dark');
          show('page');
        },
      },
      {
        path: '/not-modified',
        run({ res, show }) {
          res.setHeader('ETag', '"1"');
          res.setHeader('Cache-Control', 'max-age=60');
          show('page');
        },
      },
    ];
    const paths = cacheable.map(({ path }) => path);
    beforeEach(async () => {
      world = await build({ routes: cacheable });
      tab = world.open();
    });

    test.each(paths)('an answer with a session at %s cannot be kept', async (path) => {
      await signIn();
      expect(cachingOf(await tab.visit(path))).toEqual(isPrivate);
    });

    test.each(paths)(
      'an answer that refreshes at %s has our cookies beside those of the application',
      async (path) => {
        await signIn();
        world.expire();
        const answer = await tab.visit(path);
        expect(cachingOf(answer)).toEqual(isPrivate);
        const names = answer.cookies.map((line) => line.split('=')[0]);
        expect(names).toEqual(expect.arrayContaining([access, refresh]));
        expect(names.filter((name) => name === access)).toHaveLength(1);
        const own =
          {
            '/object': ['theme', 'lang'],
            '/list': ['theme', 'lang'],
            '/flush': ['theme'],
            '/own-cookie': ['theme'],
          }[path] ?? [];
        expect(names).toEqual(expect.arrayContaining(own));
        expect((await tab.visit('/orders')).body).toBe('orders of ada');
      },
    );

    test("an answer without a session and without a cookie is the application's own matter", async () => {
      const answer = await tab.visit('/before');
      expect(answer.headers['cache-control']).toBe('public, max-age=60');
      expect(answer.headers['vary']).toBe('Accept-Encoding, Cookie');
      expect(answer.headers['cdn-cache-control']).toBe('max-age=60');
    });

    test('an answer to a guest with a cookie of the application cannot be kept', async () => {
      expect((await tab.visit('/own-cookie')).headers['cache-control']).toBe('private, no-store');
    });

    test('304 has the headers too', async () => {
      await signIn();
      const answer = await tab.visit('/not-modified', { 'If-None-Match': '"1"' });
      expect([200, 304]).toContain(answer.status);
      expect(cachingOf(answer)).toEqual(isPrivate);
    });

    test('a status text and the headers of a handler arrive', async () => {
      const answer = await tab.visit('/list');
      expect(answer.headers['set-cookie']).toBe('theme=dark, lang=en');
    });
  });

  describe('errors that the application handles', () => {
    beforeEach(async () => {
      world = await build({ handsOn: true });
      tab = world.open();
    });

    test('reach its error handler with their code; redirects do not', async () => {
      expect((await tab.visit('/orders')).status).toBe(303);
      expect((await tab.fetch('/orders')).body).toBe('application: token_missing');
      await signIn();
      expect((await tab.visit('/admin')).body).toBe('application: claim_refused');
      expect((await tab.submit('/orders', {}, otherPort)).body).toBe('application: origin_refused');
      expect((await tab.submit('/login', {}, otherPort)).body).toBe('application: origin_refused');
      expect((await tab.visit('/logout')).body).toBe('application: method_not_allowed');
      world.store.break('down');
      world.expire();
      for (const down of [await tab.visit('/orders'), await tab.submit('/orders')]) {
        expect([down.status, down.body]).toEqual([503, 'application: temporarily_unavailable']);
      }
    });
  });

  test('no token is in a body, a header other than Set-Cookie, or an event', async () => {
    await signIn();
    const texts: string[] = [];
    const look = ({ body, headers: { 'set-cookie': _cookie, ...headers } }: Page) =>
      texts.push(body, JSON.stringify(headers));
    look(await tab.visit('/orders'));
    look(await tab.visit('/admin'));
    world.expire();
    look(await tab.visit('/transfer'));
    tab.jar.set(access, `${tab.jar.get(access)}x`);
    look(await tab.visit('/orders'));
    look(await tab.visit('/orders', { Cookie: `${refresh}=tpr_forged; ${access}=eyJ.eyJ.x` }));
    world.store.break('down');
    world.expire();
    look(await tab.visit('/orders'));
    texts.push(JSON.stringify(world.events));
    // With its dot: a session ID is random, and may have the three letters in it.
    expect(texts.join('\n')).not.toMatch(/tpr_|eyJ[\w-]*\./);
  });

  test('a mistake in an argument reaches the error handler of the application', async () => {
    const routes: readonly PageRoute[] = [
      { method: 'post', path: '/wrong-grant', run: (visit) => visit.signIn({ subject: '' }) },
      { method: 'post', path: '/wrong-end', run: (visit) => visit.signOut('/a b') },
    ];
    world = await build({ routes });
    tab = world.open();
    for (const path of ['/wrong-grant', '/wrong-end']) {
      const answer = await tab.submit(path);
      expect([answer.status, answer.cookies]).toEqual([500, []]);
    }
  });

  test('what the application says of a request is in the events and reaches the claims hook', async () => {
    const asked: unknown[] = [];
    world = await build({ options: { requestContext: () => ({ device: 'phone' }) } });
    world.claims = (_subject, session) => {
      asked.push(session.request);
      return {};
    };
    tab = world.open();
    await signIn();
    world.expire();
    await tab.visit('/orders');
    await tab.visit('/admin');
    expect(asked).toEqual([{ device: 'phone' }, { device: 'phone' }]);
    const types = ['session.issued', 'session.refreshed', 'request.refused'];
    for (const type of types) {
      expect(world.events).toContainEqual(
        expect.objectContaining({ type, request: { device: 'phone' } }),
      );
    }
  });
});

describe('the options of pages', () => {
  const [[, create] = frameworks[0]!] = frameworks;
  const make = async (options: object, issuer: Partial<TokenIssuerOptions> = {}) => {
    const world = await createPagesWorld(create, { options, issuer });
    await world.close();
  };

  test.each([
    [{ signIn: undefined }, /^signIn must be a path/],
    [{ signIn: 'login' }, /^signIn must be a path/],
    [{ signIn: '//evil.example' }, /^signIn must be a path/],
    [{ signIn: '/login?x=1' }, /^signIn must be a path/],
    [{ reauthenticate: 'https://a.example/' }, /^reauthenticate must be a path/],
    [{ cookies: { acces: 'x' } }, /acces/],
    [{ cookies: { access: 'a b' } }, /^cookies\.access must be a cookie name/],
    [{ cookies: { access: 'x', refresh: 'x' } }, /must differ/],
    [{ allowedOrigins: ['https://a.example/'] }, /allowedOrigins/],
    [{ maxParallelRefreshes: 0 }, /maxParallelRefreshes/],
    [{ requestContext: 'x' }, /requestContext/],
    [{ loginPath: '/x' }, /loginPath/],
    [{ reauthenticate: undefined }, /set the option reauthenticate/],
  ])('%j is refused', async (options, message) => {
    await expect(make(options)).rejects.toThrow(message);
  });

  test('an issuer that requires the access token at a refresh is refused', async () => {
    await expect(make({}, { requireAccessToken: true })).rejects.toThrow(/requireAccessToken/);
  });

  test('the path of the sign-in page is escaped in a page that links to it', async () => {
    const world = await createPagesWorld(create, {
      options: { signIn: `/"><script>&'`, reauthenticate: '/confirm' },
    });
    const { body, status } = await world.open().visit('/confirm');
    expect(status).toBe(401);
    expect(body).toContain('<a href="/&#34;&#62;&#60;script&#62;&#38;&#39;">Sign in</a>');
    await world.close();
  });

  test('the names of the cookies can be chosen', async () => {
    const world = await createPagesWorld(create, {
      options: { cookies: { access: '__Host-a', refresh: '__Host-r' } },
    });
    const tab = world.open();
    await tab.submit('/login', { user: 'ada' });
    expect([...tab.jar.keys()]).toEqual(['__Host-r', '__Host-a']);
    await world.close();
  });
});
