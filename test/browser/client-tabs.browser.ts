// Tests the client in several tabs of one browser, in Chromium, with cookies and under `default-src 'self'`.

import type { Browser, Page } from 'playwright-core';

import { delayed, startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.js';
import { until as untilTrue } from '../support/until.js';
import {
  call,
  calls,
  launchChromium,
  openSite,
  signIn,
  signOut,
  start,
  stateOf,
  tokenOf,
  until,
  type Site,
} from './client-site.js';

const eight = Array.from({ length: 8 });

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each(['Express 4', 'Express 5', 'Koa 2', 'Koa 3'] as const)('on %s', (framework) => {
  beforeEach(async () => {
    site = await openSite(browser, { framework });
  });
  afterEach(() => site.close());

  test('an anonymous visit asks once and logs no error', async () => {
    const tab = await site.open();
    expect(await start(tab)).toEqual({ status: 'signed-out', reason: 'none' });
    expect(site.proxy.requestsTo('/auth/refresh')).toMatchObject([
      { method: 'POST', path: '/auth/refresh?optional', status: 200, body: '' },
    ]);
    expect(site.complaints).toEqual([]);
  });

  test('a call after sign-in is answered', async () => {
    const tab = await site.open();
    await signIn(tab);
    expect(await call(tab)).toBe('ada');
    expect(site.refreshes()).toBe(0);
    expect(site.complaints).toEqual([]);
  });

  test('a reload does not show the login form', async () => {
    const tab = await site.open();
    await signIn(tab);
    await tab.reload();
    expect(await start(tab)).toMatchObject({ status: 'signed-in' });
    expect(await call(tab)).toBe('ada');
    expect(site.refreshes()).toBe(1);
    expect(site.complaints).toEqual([]);
  });

  test('a second tab asks its sibling, not the server', async () => {
    await site.stopTime();
    const first = await site.open();
    const sessionId = await signIn(first);
    const second = await site.open();
    expect(await start(second)).toEqual({ status: 'signed-in', sessionId });
    expect(await call(second)).toBe('ada');
    expect(site.refreshes()).toBe(0);
  });
});

describe('in a browser with several tabs', () => {
  beforeEach(async () => {
    site = await openSite(browser);
  });
  afterEach(() => site.close());

  test('two tabs, expired, one after the other: one refresh', async () => {
    const [first, second] = await openTabs(2);
    // The second tab has asked the server if the answer of the first one was late.
    const before = site.refreshes();
    site.api.expire();
    expect(await call(first)).toBe('ada');
    const token = await tokenOf(first);
    // The second tab hears of it by a message.
    await untilTrue(async () => (await tokenOf(second)) === token);
    expect(await call(second)).toBe('ada');
    expect(site.refreshes()).toBe(before + 1);
  });

  test('two tabs, expired, at once: both are answered', async () => {
    const tabs = await openTabs(2);
    site.api.expire();
    expect(await calls(tabs)).toEqual(['ada', 'ada']);
    expect(site.happened('refresh.reused')).toBe(0);
  });

  test('sign-out reaches the other tabs at once', async () => {
    const [first, ...others] = await openTabs(4);
    expect(await signOut(first)).toEqual({ ended: true });
    expect(await stateOf(first)).toEqual({ status: 'signed-out', reason: 'sign-out' });
    for (const tab of others) {
      await until(tab, { status: 'signed-out', reason: 'elsewhere' });
      expect(await tab.evaluate(() => globalThis.tab.signedOut)).toEqual([
        { status: 'signed-out', reason: 'elsewhere' },
      ]);
      expect(await call(tab)).toBe(401);
    }
    expect(site.proxy.requestsTo('/auth/logout')).toHaveLength(1);
    expect(await site.context.cookies()).toEqual([]);
  });

  test("Ada's late answer is not shown to Grace, who signed in in another tab", async () => {
    const tabs = await openTabs(2);
    const [first, second] = tabs;
    const late = delayed();
    site.proxy.next('/me', late.fault);
    const arrived = site.proxy.arrived('/me');
    const calling = call(first);
    await arrived;
    const sessionId = await signIn(second, 'grace');
    await until(first, { sessionId });
    late.release();
    expect(await calling).toBe('session_changed');
    expect(await calls(tabs)).toEqual(['grace', 'grace']);
  });

  test("Ada's late refresh does not replace the cookie of Grace, who signed in in another tab", async () => {
    const tabs = await openTabs(2);
    const [first, second] = tabs;
    site.api.expire();
    const late = delayed();
    site.proxy.next('/auth/refresh', late.fault);
    const arrived = site.proxy.arrived('/auth/refresh');
    const calling = call(first);
    await arrived;
    const [aborted] = site.proxy.requestsTo('/auth/refresh').slice(-1);
    const sessionId = await signIn(second, 'grace');
    await until(first, { sessionId });
    await site.proxy.left(aborted);
    late.release();
    expect(await calling).toBe('session_changed');
    expect(await calls(tabs)).toEqual(['grace', 'grace']);
    for (const tab of tabs) await tab.reload();
    expect(await calls(tabs)).toEqual(['grace', 'grace']);
  });

  test('eight tabs open beside a live one: none of them refreshes', async () => {
    await site.stopTime();
    const [first] = await openTabs(1);
    const slow = delayed();
    site.proxy.next('/me', slow.fault);
    const others = await Promise.all(eight.map(() => site.open('/?start')));
    const answers = calls(others);
    await site.proxy.arrived('/me', 1);
    slow.release();
    expect(await answers).toEqual(eight.map(() => 'ada'));
    expect(await call(first)).toBe('ada');
    expect(site.refreshes()).toBe(0);
    expect(site.happened('refresh.reused')).toBe(0);
  });

  test('eight tabs are restored while the first answer is late, and one is reloaded: one user, no reuse', async () => {
    const [first] = await openTabs(1);
    await first.close();
    site.api.clock.advance(3_600);
    const late = delayed();
    site.proxy.next('/auth/refresh', late.fault);
    const arrived = site.proxy.arrived('/auth/refresh');
    const tabs = [await site.open('/?start')];
    await arrived;
    while (tabs.length < 8) tabs.push(await site.open('/?start'));
    expect(await calls(tabs.slice(1))).toEqual(eight.slice(1).map(() => 'ada'));
    late.release();
    await tabs[3]?.reload();
    expect(await calls(tabs)).toEqual(eight.map(() => 'ada'));
    // Every tab still has a cookie that the server knows, also after the settle time.
    site.api.clock.advance(3_600);
    expect(await calls(tabs)).toEqual(eight.map(() => 'ada'));
    expect(site.happened('refresh.reused')).toBe(0);
    expect(site.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  test.each([1, 2, 3])(
    'eight tabs are restored at once, round %i: all signed in, no reuse',
    async () => {
      const tabs = await openTabs(8);
      site.api.clock.advance(3_600);
      // No tab has a token: each asks the server, or the sibling that was first.
      await Promise.all(tabs.map((tab) => tab.goto('about:blank')));
      await Promise.all(tabs.map((tab) => tab.goto(`${site.origin}/?start`)));
      expect(await calls(tabs)).toEqual(eight.map(() => 'ada'));
      site.api.clock.advance(3_600);
      expect(await calls(tabs)).toEqual(eight.map(() => 'ada'));
      expect(site.happened('refresh.reused')).toBe(0);
    },
  );
});

describe('a login by redirect', () => {
  let provider: FaultyProxy;
  let landsAt: string;

  beforeEach(async () => {
    site = await openSite(browser);
    landsAt = '/?fresh';
    // Another host: to the browser, its redirect comes from another site.
    provider = await startFaultyProxy((_request, response) => {
      const Location = `${site.origin}/callback?user=grace&to=${encodeURIComponent(landsAt)}`;
      response.writeHead(303, { Location }).end();
    });
  });
  afterEach(async () => {
    await provider.close();
    await site.close();
  });

  test("lands as Grace while Ada's old tab is open, and the old tab becomes Grace's", async () => {
    const old = await site.open();
    const ada = await signIn(old);
    const landing = await site.context.newPage();
    const before = site.proxy.requests.length;
    await landing.goto(`${provider.origin}/sign-in`);
    expect(new URL(landing.url()).search).toBe('?fresh');
    expect(await call(landing)).toBe('grace');
    const sessionId = ((await stateOf(landing)) as { sessionId: string }).sessionId;
    expect(sessionId).not.toBe(ada);
    await until(old, { sessionId });
    expect(await call(old)).toBe('grace');
    // Neither tab has sent Ada's token since then.
    const users = site.proxy.requests
      .slice(before)
      .flatMap(({ headers }) => subjectOf(headers.authorization) ?? []);
    expect(new Set(users)).toEqual(new Set(['grace']));
  });

  test('needs fresh: without it, the landing page takes the token of the old tab', async () => {
    await site.stopTime();
    await signIn(await site.open());
    landsAt = '/?start';
    const landing = await site.context.newPage();
    await landing.goto(`${provider.origin}/sign-in`);
    // Ada's token was sent. The API knows that her session was replaced; one that verifies only would show Ada.
    expect(await call(landing)).toBe('session_changed');
    expect(await call(landing)).toBe('grace');
  });
});

function subjectOf(authorization: string | undefined): string | undefined {
  const payload = authorization?.split('.')[1];
  if (payload === undefined) return undefined;
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}

/** A tab in which Ada has signed in, and others that know it. */
async function openTabs(count: number): Promise<readonly [Page, Page, ...Page[]]> {
  const first = await site.open();
  await signIn(first);
  const tabs = [first];
  while (tabs.length < count) {
    const tab = await site.open();
    await start(tab);
    tabs.push(tab);
  }
  return tabs as unknown as readonly [Page, Page];
}
