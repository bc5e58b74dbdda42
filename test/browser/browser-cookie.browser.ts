// examples/browser-cookie in Chromium, on any framework: what a browser does with cookies, tabs and reloads is not ours
// to imitate.

import {
  chromium,
  type Browser,
  type BrowserContext,
  type Cookie,
  type Page,
} from 'playwright-core';

import { createExpressApp } from '../../examples/browser-cookie/src/express-app.js';
import { createKoaApp } from '../../examples/browser-cookie/src/koa-app.js';
import { startServer, type TestServer } from '../support/http.js';
import { serveExample, type CreateListener, type ServedExample } from './served-example.js';
import { click, outcome, outcomes, signedIn, signedOut } from './tab.js';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // Two tabs have a process each, and more would be started for nothing.
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
});
afterAll(() => browser.close());

describe.each<[string, CreateListener]>([
  ['Express', createExpressApp],
  ['Koa', (settings) => createKoaApp(settings).callback()],
])('browser-cookie on %s', (_framework, createListener) => {
  let context: BrowserContext;
  let example: ServedExample;
  // A tab costs more than all that happens in it, so they are used again.
  let idleTabs: Page[] = [];

  beforeAll(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(5_000);
    // Time goes on in the pages as ever, and faster when a test says so.
    await context.clock.install();
  });
  afterAll(() => context.close());

  beforeEach(async () => {
    example = await serveExample(createListener);
  });
  afterEach(async () => {
    await example.close();
    await context.clearCookies();
    idleTabs = context.pages();
    await Promise.all(idleTabs.map(park));
  });

  describe('signing in', () => {
    test('shows the form to who has no session, and again upon a wrong password', async () => {
      const tab = await openTab();
      expect(await outcome(tab)).toBe(signedOut);
      await tab.getByLabel('Password').fill('turing');
      await tab.getByRole('button', { name: 'Sign in' }).click();
      expect(await outcome(tab)).toBe('Wrong name or password.');
      expect(await refreshCookie()).toBeUndefined();
    });

    test('survives a reload, and a new tab', async () => {
      const tab = await signIn();
      await tab.reload();
      expect(await outcome(tab)).toBe(signedIn);
      expect(await outcome(await openTab())).toBe(signedIn);
    });

    test('sets a cookie that no script, no other host and no other site gets', async () => {
      await signIn();
      const [login] = example.exchanges('/login');
      const [pair, ...attributes] = login?.setCookie?.split('; ') ?? [];
      expect(pair).toMatch(/^__Host-refresh_token=[\w.-]+$/);
      expect(attributes.toSorted()).toEqual([
        'HttpOnly',
        expect.stringMatching(/^Max-Age=\d+$/),
        'Path=/',
        'SameSite=Strict',
        'Secure',
      ]);
      // As the browser understood it.
      expect(await refreshCookie()).toMatchObject({
        domain: 'localhost',
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
      });
    });

    test('leaves no refresh token where script can read', async () => {
      const tab = await signIn();
      const seen = await tab.evaluate(async () => {
        const texts = [document.cookie, JSON.stringify([localStorage, sessionStorage])];
        texts.push(JSON.stringify(await Reflect.get(window, 'cookieStore').getAll()));
        const headers = { 'Content-Type': 'application/json' };
        const body = JSON.stringify({ username: 'ada', password: 'lovelace' });
        for (const path of ['/login', '/auth/refresh', '/auth/refresh']) {
          const response = await fetch(path, { method: 'POST', headers, body });
          texts.push(await response.text(), JSON.stringify([...response.headers]));
        }
        return texts.join('\n');
      });
      const tokens = ['/login', '/auth/refresh']
        .flatMap((path) => example.exchanges(path))
        .flatMap(({ setCookie }) => /=([^;]+)/.exec(setCookie ?? '')?.[1] ?? []);
      expect(seen.match(/access_token/g)).toHaveLength(3);
      // The login before, this one, and the first refresh: the second came too soon to change the refresh token.
      expect(tokens).toHaveLength(3);
      expect(tokens.filter((token) => seen.includes(token))).toEqual([]);
      expect(seen).not.toContain('refresh_token');
    });
  });

  describe('an expired access token', () => {
    test('is renewed once, however often the tab asks meanwhile', async () => {
      const tab = await signIn();
      const before = statuses('/auth/refresh');
      const hold = example.store.holdRotations(1, 'before');
      example.expireAccessTokens();
      await click(tab, 'Who am I?');
      await click(tab, 'Who am I?');
      await hold.met;
      const refusal = tab.waitForResponse('**/me');
      await click(tab, 'Who am I?');
      expect((await refusal).status()).toBe(401);
      await hold.release(0);
      expect(await outcome(tab)).toBe(signedIn);
      expect(statuses('/auth/refresh')).toEqual([...before, 200]);
    });
  });

  describe('a refusal that signing in would not mend', () => {
    test('does not bring up the form', async () => {
      const tab = await signIn();
      const problem = { code: 'scope_insufficient', action: 'fix' };
      await tab.route('**/me', (route) => route.fulfill({ status: 403, json: problem }));
      await click(tab, 'Who am I?');
      expect(await outcome(tab)).toBe('Something is wrong: scope_insufficient.');
      expect(await tab.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(false);
      await tab.unroute('**/me');
      await click(tab, 'Who am I?');
      expect(await outcome(tab)).toBe(signedIn);
    });
  });

  describe('two tabs that refresh at the same moment', () => {
    test('stay signed in, round after round', async () => {
      const tabs = [await signIn(), await openTab()];
      await outcomes(tabs);
      for (let round = 0; round < 25; round += 1) {
        example.expireAccessTokens();
        await Promise.all(tabs.map((tab) => click(tab, 'Who am I?')));
        expect(await outcomes(tabs)).toEqual([signedIn, signedIn]);
      }
      expect(new Set(statuses('/auth/refresh').slice(1))).toEqual(new Set([200]));
    });

    test('stay signed in when it is a reload, round after round', async () => {
      const tabs = [await signIn(), await openTab()];
      for (let round = 0; round < 10; round += 1) {
        example.expireAccessTokens();
        await Promise.all(tabs.map((tab) => tab.reload()));
        expect(await outcomes(tabs)).toEqual([signedIn, signedIn]);
      }
    });

    test.each([
      ['the first', [0, 1]],
      ['the second', [1, 0]],
    ])('stay signed in when %s has its answer before the other is heard', async (_, order) => {
      const tabs = [await signIn(), await openTab()];
      await outcomes(tabs);
      const before = await generation();
      const hold = example.store.holdRotations(2, 'before');
      example.expireAccessTokens();
      await Promise.all(tabs.map((tab) => click(tab, 'Who am I?')));
      await hold.met;
      for (const index of order) {
        const answer = context.waitForEvent('response', (response) => isRefresh(response.url()));
        await hold.release(index);
        expect((await answer).status()).toBe(200);
      }
      expect(await outcomes(tabs)).toEqual([signedIn, signedIn]);

      // They did hold the same token, and there was one rotation for both.
      const [one, other] = example.exchanges('/auth/refresh').slice(-2);
      expect(one?.cookie).toBe(other?.cookie);
      expect(one?.setCookie).toBe(other?.setCookie);
      expect(await generation()).toBe(before + 1);
      expect(await nextRefresh(tabs)).toEqual([signedIn, signedIn]);
    });
  });

  describe('a refresh whose answer never arrives', () => {
    test.each(['before', 'after'] as const)(
      'leaves a tab signed in that is reloaded %s the rotation',
      async (when) => {
        const tab = await signIn();
        const hold = example.store.holdRotations(1, when);
        example.expireAccessTokens();
        await click(tab, 'Who am I?');
        await hold.met;
        const before = await refreshCookie();
        await tab.reload();
        expect(await outcome(tab)).toBe(signedIn);
        // The lost request and the one after the reload had the same token.
        expect(example.exchanges('/auth/refresh').at(-1)?.cookie).toContain(before?.value);
        await hold.release(0);
        expect(await nextRefresh([tab])).toEqual([signedIn]);
      },
    );

    test('is repeated by the tab, which stays signed in', async () => {
      const tab = await signIn();
      const before = await generation();
      example.loseAnswers('/auth/refresh');
      example.expireAccessTokens();
      await click(tab, 'Who am I?');
      await tab.getByText('Trying again').waitFor();
      expect(await generation()).toBe(before + 1);
      example.loseAnswers(undefined);
      await tab.clock.runFor(2_000);
      expect(await outcome(tab)).toBe(signedIn);
      expect(await generation()).toBe(before + 1);
      expect(await nextRefresh([tab])).toEqual([signedIn]);
    });
  });

  describe('a refresh that is refused', () => {
    test('does not sign out the tab that has signed in meanwhile', async () => {
      const late = await signIn();
      const hold = example.store.holdRotations(1, 'before');
      example.expireAccessTokens();
      await click(late, 'Who am I?');
      await hold.met;
      const tab = await openTab();
      await click(tab, 'Sign out');
      expect(await outcome(tab)).toBe(signedOut);
      await click(tab, 'Sign in');
      expect(await outcome(tab)).toBe(signedIn);
      const cookie = await refreshCookie();

      await hold.release(0);
      expect(await outcome(late)).toBe(signedOut);
      expect(example.exchanges('/auth/refresh').at(-1)).toMatchObject({
        status: 401,
        setCookie: undefined,
      });
      expect(await refreshCookie()).toEqual(cookie);
      expect(await nextRefresh([tab])).toEqual([signedIn]);
    });
  });

  describe('a store that is down', () => {
    test('costs nobody the session: the tab waits as long as it is told', async () => {
      const tab = await signIn();
      const before = await refreshCookie();
      example.store.break('down');
      example.expireAccessTokens();
      await click(tab, 'Who am I?');
      await tab.getByText('Trying again in 2 s').waitFor();
      expect(example.exchanges('/auth/refresh').at(-1)).toMatchObject({
        status: 503,
        setCookie: undefined,
      });
      expect(await refreshCookie()).toEqual(before);
      expect(await tab.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(false);
      example.store.repair();
      await tab.clock.runFor(2_000);
      expect(await outcome(tab)).toBe(signedIn);
    });

    test('costs nobody the session upon a reload either', async () => {
      const tab = await signIn();
      // It does what it is told and cannot say so: the rotation is done.
      example.store.break('mute');
      await tab.reload();
      await tab.getByText('Trying again in 2 s').waitFor();
      example.store.repair();
      await tab.clock.runFor(2_000);
      expect(await outcome(tab)).toBe(signedIn);
      expect(await nextRefresh([tab])).toEqual([signedIn]);
    });
  });

  describe('signing out', () => {
    test('takes the cookie away, and what was in it is worth nothing', async () => {
      const tab = await signIn();
      const stolen = await refreshCookie();
      await click(tab, 'Sign out');
      expect(await outcome(tab)).toBe(signedOut);
      expect(await refreshCookie()).toBeUndefined();
      await context.addCookies([stolen!]);
      await tab.reload();
      expect(await outcome(tab)).toBe(signedOut);
      // Refused, and left where it is: only signing out clears the cookie.
      expect(example.exchanges('/auth/refresh').at(-1)).toMatchObject({
        status: 401,
        setCookie: undefined,
      });
    });

    test('takes the cookie away also while the store is down', async () => {
      const tab = await signIn();
      example.store.break('down');
      await click(tab, 'Sign out');
      await tab.getByText('Trying again in 2 s').waitFor();
      expect(await refreshCookie()).toBeUndefined();
      example.store.repair();
      await tab.clock.runFor(2_000);
      expect(await outcome(tab)).toBe(signedOut);
    });

    test('reaches the other tab at its next refresh', async () => {
      const tabs = [await signIn(), await openTab()] as const;
      await click(tabs[0], 'Sign out');
      expect(await outcomes(tabs)).toEqual([signedOut, signedIn]);
      expect(await nextRefresh([tabs[1]])).toEqual([signedOut]);
    });

    test('is not undone by a refresh that was under way', async () => {
      const tab = await signIn();
      const hold = example.store.holdRotations(1, 'after');
      example.expireAccessTokens();
      await click(tab, 'Who am I?');
      await hold.met;
      await click(tab, 'Sign out');
      await hold.release(0);
      expect(await outcome(tab)).toBe(signedOut);
      expect(await refreshCookie()).toBeUndefined();
    });
  });

  describe.each([
    ['another site', '127.0.0.1', false],
    // To a cookie, and so to SameSite, the port makes no difference.
    ['another origin of the same site', 'localhost', true],
  ])('a page of %s', (_, host, sendsCookie) => {
    let attacker: TestServer;
    let trap: Page;

    beforeEach(async () => {
      attacker = await startServer((request, response) => {
        const target = new URL(request.url ?? '', example.url);
        response.setHeader('Content-Type', 'text/html').end(trapFor(target));
      });
      trap = await takeTab();
    });
    afterEach(() => attacker.close());

    test.each(['/auth/refresh', '/auth/logout'])(
      'that posts a form to %s, or fetches it, gets 403 and changes nothing',
      async (path) => {
        const tab = await signIn();
        const before = await witnesses();
        await trap.goto(`http://${host}:${attacker.port}${path}`);
        await trap.evaluate(
          (url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }),
          `${example.url}${path}`,
        );
        const answer = trap.waitForResponse(`${example.url}${path}`);
        await click(trap, 'Win a prize');
        expect((await answer).status()).toBe(403);
        await trap.getByText('origin_refused').waitFor();
        const attacks = example.exchanges(path).slice(-2);
        const refused = { status: 403, setCookie: undefined };
        expect(attacks).toMatchObject([refused, refused]);
        expect(attacks.map(({ cookie }) => cookie !== undefined)).toEqual([
          sendsCookie,
          sendsCookie,
        ]);
        expect(await witnesses()).toEqual(before);
        expect(await nextRefresh([tab])).toEqual([signedIn]);
      },
    );

    test('that posts a form to /login signs nobody in', async () => {
      await trap.goto(`http://${host}:${attacker.port}/login`);
      const answer = trap.waitForResponse(`${example.url}/login`);
      await click(trap, 'Win a prize');
      expect((await answer).ok()).toBe(false);
      await trap.waitForURL(`${example.url}/login`);
      expect(await refreshCookie()).toBeUndefined();
    });
  });

  async function takeTab(): Promise<Page> {
    return idleTabs.pop() ?? (await context.newPage());
  }

  async function openTab(): Promise<Page> {
    const tab = await takeTab();
    await tab.goto(example.url);
    return tab;
  }

  async function signIn(): Promise<Page> {
    const tab = await openTab();
    await click(tab, 'Sign in');
    expect(await outcome(tab)).toBe(signedIn);
    return tab;
  }

  /** Lets the tabs refresh one after the other, with whatever cookie is left. */
  async function nextRefresh(tabs: readonly Page[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const tab of tabs) {
      example.expireAccessTokens();
      await click(tab, 'Who am I?');
      found.push(await outcome(tab));
    }
    return found;
  }

  async function refreshCookie(): Promise<Cookie | undefined> {
    const cookies = await context.cookies();
    return cookies.find(({ name }) => name === '__Host-refresh_token');
  }

  async function generation(): Promise<number> {
    return (await example.sessionOf('u_1')).generation;
  }

  /** All that must be the same afterwards where nothing may change. */
  async function witnesses(): Promise<unknown> {
    return { cookie: await refreshCookie(), generation: await generation() };
  }

  function statuses(path: string): readonly number[] {
    return example.exchanges(path).map(({ status }) => status);
  }
});

async function park(tab: Page): Promise<void> {
  await tab.unrouteAll();
  await tab.goto('about:blank');
}

function isRefresh(url: string): boolean {
  return url.endsWith('/auth/refresh');
}

/** `text/plain` makes of name and value a body that is JSON. */
function trapFor(target: URL): string {
  const isLogin = target.pathname === '/login';
  const field = `<input type="hidden" name='{"username":"ada","password":"lovelace","' value='":""}'>`;
  return `<form method="post" ${isLogin ? 'enctype="text/plain"' : ''} action="${target.href}">
    ${isLogin ? field : ''}<button>Win a prize</button></form>`;
}
