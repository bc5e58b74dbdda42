// Tests examples/browser-cookie in Chromium, on both frameworks: real cookies, tabs and reloads.

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
    // No test needs more than two tabs, and each tab has one process.
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
  // Opening a tab takes longer than a test, so tests use the same tabs.
  let idleTabs: Page[] = [];

  beforeAll(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    // The clock of the pages runs as usual until a test moves it forward.
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
    test('shows the form without a session, and again after a wrong password', async () => {
      const tab = await openTab();
      expect(await outcome(tab)).toBe(signedOut);
      await tab.getByLabel('Password').fill('turing');
      await tab.getByRole('button', { name: 'Sign in' }).click();
      expect(await outcome(tab)).toBe('Wrong name or password.');
      expect(await refreshCookie()).toBeUndefined();
    });

    test('is still valid after a reload and in a new tab', async () => {
      const tab = await signIn();
      await tab.reload();
      expect(await outcome(tab)).toBe(signedIn);
      expect(await outcome(await openTab())).toBe(signedIn);
    });

    test('sets a cookie that is HttpOnly and Secure, for this host and this site only', async () => {
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
      // The cookie as the browser stored it.
      expect(await refreshCookie()).toMatchObject({
        domain: 'localhost',
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
      });
    });

    test('leaves no refresh token where a script can read it', async () => {
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
      // One from each login and one from the first refresh. The second refresh came too soon to change the refresh token.
      expect(tokens).toHaveLength(3);
      expect(tokens.filter((token) => seen.includes(token))).toEqual([]);
      expect(seen).not.toContain('refresh_token');
    });
  });

  describe('an expired access token', () => {
    test('causes one refresh, also when the tab calls the API several times meanwhile', async () => {
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

  describe('an error that a new login would not solve', () => {
    test('does not show the form', async () => {
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

    test('stay signed in when both reload, round after round', async () => {
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
    ])(
      'stay signed in when %s has its answer before the store sees the other',
      async (_, order) => {
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

        // Both sent the same token, and the session rotated once.
        const [one, other] = example.exchanges('/auth/refresh').slice(-2);
        expect(one?.cookie).toBe(other?.cookie);
        expect(one?.setCookie).toBe(other?.setCookie);
        expect(await generation()).toBe(before + 1);
        expect(await nextRefresh(tabs)).toEqual([signedIn, signedIn]);
      },
    );
  });

  describe('a refresh whose answer never arrives', () => {
    test.each(['before', 'after'] as const)(
      'leaves the tab signed in when it reloads %s the rotation',
      async (when) => {
        const tab = await signIn();
        const hold = example.store.holdRotations(1, when);
        example.expireAccessTokens();
        await click(tab, 'Who am I?');
        await hold.met;
        const before = await refreshCookie();
        await tab.reload();
        expect(await outcome(tab)).toBe(signedIn);
        // The request that the page sent when it went away had the same token as the lost one.
        const cookies = example.exchanges('/auth/refresh').map(({ cookie }) => cookie);
        expect(cookies).toContainEqual(expect.stringContaining(before!.value));
        await hold.release(0);
        expect(await nextRefresh([tab])).toEqual([signedIn]);
      },
    );

    test('is repeated by the tab, and the tab stays signed in', async () => {
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
    test('does not sign out a browser that signed in meanwhile', async () => {
      const late = await signIn();
      const hold = example.store.holdRotations(1, 'before');
      example.expireAccessTokens();
      await click(late, 'Who am I?');
      await hold.met;
      const tab = await openTab();
      expect(await outcome(tab)).toBe(signedIn);
      await click(tab, 'Sign out');
      expect(await outcome(tab)).toBe(signedOut);
      await click(tab, 'Sign in');
      expect(await outcome(tab)).toBe(signedIn);
      const cookie = await refreshCookie();

      await hold.release(0);
      // The tab with the refused refresh gets the new session from the other tab.
      await late.getByText(signedIn).waitFor();
      expect(await outcome(late)).toBe(signedIn);
      expect(await refreshCookie()).toEqual(cookie);
      expect(await nextRefresh([tab, late])).toEqual([signedIn, signedIn]);
    });
  });

  describe('a store that is down', () => {
    test('ends no session: the tab waits as long as Retry-After says, then repeats', async () => {
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

    test('ends no session when the tab reloads', async () => {
      const tab = await signIn();
      // The store executes the rotation, and its answer is lost.
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
    test('clears the cookie, and a copy of its refresh token is refused', async () => {
      const tab = await signIn();
      const stolen = await refreshCookie();
      await click(tab, 'Sign out');
      expect(await outcome(tab)).toBe(signedOut);
      expect(await refreshCookie()).toBeUndefined();
      await context.addCookies([stolen!]);
      await tab.reload();
      expect(await outcome(tab)).toBe(signedOut);
      // The refused refresh does not clear the cookie: only a logout does.
      expect(example.exchanges('/auth/refresh').at(-1)).toMatchObject({
        status: 401,
        setCookie: undefined,
      });
    });

    test('clears the cookie also while the store is down', async () => {
      const tab = await signIn();
      example.store.break('down');
      await click(tab, 'Sign out');
      await tab.getByText('The server could not end the session.').waitFor();
      expect(await refreshCookie()).toBeUndefined();
      // Nothing would end the session later: a repetition has no cookie.
      expect(statuses('/auth/logout')).toEqual([503]);
      expect(await tab.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(true);
      example.store.repair();
      await tab.reload();
      expect(await outcome(tab)).toBe(signedOut);
    });

    test('signs the other tab out at once', async () => {
      const tabs = [await signIn(), await openTab()] as const;
      await outcomes(tabs);
      await click(tabs[0], 'Sign out');
      await tabs[1].getByText(signedOut).waitFor();
      expect(await outcome(tabs[0])).toBe(signedOut);
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
    // Cookies and SameSite ignore the port.
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
      'that posts a form to %s or fetches it gets 403 and changes nothing',
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

    test('that posts a form to /login signs no user in', async () => {
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

  /** Lets the tabs refresh one after the other, each with the cookie that the browser has then. */
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

  /** The state that an attack must not change. */
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
  return new URL(url).pathname === '/auth/refresh';
}

/** The page of an attacker. Its form to /login has the type `text/plain`, so that name and value together are JSON. */
function trapFor(target: URL): string {
  const isLogin = target.pathname === '/login';
  const field = `<input type="hidden" name='{"username":"ada","password":"lovelace","' value='":""}'>`;
  return `<form method="post" ${isLogin ? 'enctype="text/plain"' : ''} action="${target.href}">
    ${isLogin ? field : ''}<button>Win a prize</button></form>`;
}
