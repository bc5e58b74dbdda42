// Tests what happens to the client when its page goes away, comes back or is killed, in Chromium.

import type { Browser, Page } from 'playwright-core';

import { delayed } from '../support/faulty-proxy.js';
import { ownerOf } from '../support/issuer.js';
import {
  call,
  launchChromium,
  openSite,
  signIn,
  signOut,
  start,
  stateOf,
  tokenOf,
  until,
  type Mistake,
  type Site,
} from './client-site.js';

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
afterEach(() => site.close());

describe('a tab that is closed during its refresh', () => {
  // The server's recovery would hide what the client does: it is off.
  const api = { issuer: { recovery: 0 } } as const;

  /** Closes the tab after the rotation and before its answer. Three hours later, another tab is opened. */
  async function closeAndReturn(mistake?: Mistake): Promise<unknown> {
    site = await openSite(browser, { api, mistake });
    const tab = await site.open();
    await signIn(tab);
    // The first refresh uses the token of the login: the next one has a predecessor.
    site.api.clock.advance(301);
    await call(tab);
    site.api.clock.advance(301);
    const late = delayed();
    site.proxy.next('/auth/refresh', late.fault);
    const arrived = site.proxy.arrived('/auth/refresh');
    void call(tab).catch(() => {});
    await arrived;
    const [aborted] = site.proxy.requestsTo('/auth/refresh').slice(-1);
    await rotated();
    const again = site.proxy.arrived('/auth/refresh');
    const closing = tab.goto('about:blank');
    if (!mistake) await again;
    await closing;
    await tab.close();
    await site.proxy.left(aborted);
    late.release();
    if (!mistake) await answered();
    await cookieSettled();
    site.api.clock.advance(3 * 3_600);
    return call(await site.open());
  }

  test('is signed in when the user returns three hours later', async () => {
    expect(await closeAndReturn()).toBe('ada');
    expect(site.happened('refresh.reused')).toBe(0);
  });

  test('would be signed out if it did not ask once more as it closes', async () => {
    const mistake = { from: 'if (flight && isCookie)', to: 'if (false)' };
    expect(await closeAndReturn(mistake)).toBe(401);
    expect(site.happened('refresh.reused')).toBe(1);
  });
});

// Chromium without a window keeps no page: these tests send a page the events that a browser with a window sends it.
describe('a page that is kept in the back/forward cache', () => {
  test('hears no sibling while it is away', async () => {
    let states: unknown;
    await leaveAndReturn(async (other) => {
      await signIn(other, 'grace');
      // A third tab has heard of Grace by now.
      expect(await start(await site.open())).toMatchObject({ status: 'signed-in' });
      const [page] = site.context.pages();
      states = await page?.evaluate(() => globalThis.tab.states.length);
    });
    expect(states).toBe(1);
  });

  test('does not show the user who has signed out in another tab', async () => {
    const page = await leaveAndReturn(async (other) => {
      await start(other);
      await signOut(other);
    });
    expect(await call(page)).toBe(401);
    expect(await stateOf(page)).toEqual({ status: 'signed-out', reason: 'ended' });
    expect(await page.evaluate(() => globalThis.tab.signedOut)).toHaveLength(1);
  });

  test('shows the user who has signed in in another tab, and sends no token of the former one', async () => {
    let sessionId!: string;
    const page = await leaveAndReturn(async (other) => {
      sessionId = await signIn(other, 'grace');
    });
    const before = site.proxy.requests.length;
    await until(page, { sessionId });
    expect(await call(page)).toBe('grace');
    expect(tokensSince(before)).toEqual([await tokenOf(page)]);
  });

  test('makes no call as another user, if it was begun before the page knew of that user', async () => {
    const late = delayed();
    const page = await leaveAndReturn(async (other) => {
      await signIn(other, 'grace');
      // The page has to ask the server.
      await other.close();
      site.proxy.next('/auth/refresh', late.fault);
    });
    const before = site.proxy.requests.length;
    const calling = call(page);
    // The page takes its steps in order, and the call is among them.
    expect(await stateOf(page)).toMatchObject({ status: 'signed-in' });
    late.release();
    expect(await calling).toBe('session_changed');
    expect(tokensSince(before)).toEqual([]);
    expect(await call(page)).toBe('grace');
    expect(tokensSince(before)).toEqual([await tokenOf(page)]);
  });

  test('hears its siblings again', async () => {
    let other!: Page;
    const page = await leaveAndReturn(async (tab) => {
      other = tab;
      await start(tab);
    });
    expect(await call(page)).toBe('ada');
    await signOut(other);
    await until(page, { status: 'signed-out', reason: 'elsewhere' });
  });
});

test('Back after a sign-out does not show the former user', async () => {
  site = await openSite(browser);
  const page = await site.open('/?start');
  await signIn(page);
  await page.goto(`${site.origin}/?plain`);
  const other = await site.open();
  await start(other);
  await signOut(other);
  await page.goBack();
  expect(await call(page)).toBe(401);
});

describe('a module that is loaded again, as by a hot reload', () => {
  beforeEach(async () => {
    site = await openSite(browser);
  });

  test('takes the token of the old client, before that is closed, and causes no refresh', async () => {
    await site.stopTime();
    const page = await site.open();
    const sessionId = await signIn(page);
    const state = await page.evaluate(async () => {
      const old = globalThis.tab.client;
      globalThis.tab.client = await globalThis.tab.load();
      const found = await globalThis.tab.client.start();
      old.close();
      return found;
    });
    expect(state).toEqual({ status: 'signed-in', sessionId });
    expect(await call(page)).toBe('ada');
    expect(site.refreshes()).toBe(0);
  });

  test('asks the server once when the old client is closed first', async () => {
    const page = await site.open();
    await signIn(page);
    await page.evaluate(async () => {
      globalThis.tab.client.close();
      globalThis.tab.client = await globalThis.tab.load();
    });
    expect(await call(page)).toBe('ada');
    expect(site.refreshes()).toBe(1);
  });

  test('leaves nothing of the old client: its calls end, and it hears nothing more', async () => {
    const page = await site.open();
    await signIn(page);
    site.api.expire();
    const late = delayed();
    site.proxy.next('/auth/refresh', late.fault);
    const arrived = site.proxy.arrived('/auth/refresh');
    const calling = call(page);
    await arrived;
    const requests = () => site.refreshes();
    const before = requests();
    const old = await page.evaluateHandle(async () => {
      const { client } = globalThis.tab;
      client.close();
      globalThis.tab.client = await globalThis.tab.load();
      return client;
    });
    expect(await calling).toBe('unavailable');
    late.release();
    expect(await call(page)).toBe('ada');
    expect(requests()).toBe(before + 1);
    await signOut(page);
    expect(await old.evaluate((client) => client.session().status)).toBe('signed-in');
    // A page that goes away sends nothing for a client that is closed.
    const after = requests();
    await page.goto('about:blank');
    await site.open();
    expect(requests()).toBe(after);
  });

  test('works in ten copies at once, with one refresh at a time in each and no reuse', async () => {
    const page = await site.open();
    await signIn(page);
    site.api.clock.advance(3_600);
    const users = await page.evaluate(async () => {
      const { load } = globalThis.tab;
      const copies = await Promise.all(Array.from({ length: 10 }, () => load()));
      return Promise.all(
        copies.map(async (copy) => {
          const response = await copy.fetch('/me');
          return ((await response.json()) as { user: string }).user;
        }),
      );
    });
    expect(new Set(users)).toEqual(new Set(['ada']));
    expect(site.happened('refresh.reused')).toBe(0);
  });
});

describe('a renderer that is killed', () => {
  test.each(['before the server has the refresh', 'before the answer', 'after the answer'])(
    '%s of a refresh leaves a browser that is signed in',
    async (when) => {
      site = await openSite(browser);
      const tab = await site.open();
      await signIn(tab);
      await call(tab);
      await confirmed();
      site.api.expire();
      await call(tab);
      await confirmed();
      site.api.expire();
      const late = delayed();
      if (when.startsWith('before the server')) site.proxy.next('/auth/refresh', { kind: 'cut' });
      if (when === 'before the answer') site.proxy.next('/auth/refresh', late.fault);
      const arrived = site.proxy.arrived('/auth/refresh');
      const calling = call(tab).catch(() => 'killed');
      await arrived;
      if (when === 'after the answer') await calling;
      const crashed = tab.waitForEvent('crash');
      void tab.goto('chrome://crash').catch(() => {});
      await crashed;
      late.release();
      site.api.clock.advance(3 * 3_600);
      expect(await call(await site.open())).toBe('ada');
      expect(site.happened('refresh.reused')).toBe(0);
    },
  );
});

describe('the page', () => {
  test('shows no token in document, storage, history and console, in no state', async () => {
    site = await openSite(browser);
    const page = await site.open();
    const seen: string[] = [];
    const look = async () => {
      const token = await page.evaluate(() => globalThis.tab.client.token().catch(() => undefined));
      const text = await page.evaluate(async () => {
        const databases = await indexedDB.databases();
        const stores = await caches.keys();
        return JSON.stringify([
          document.documentElement.outerHTML,
          document.cookie,
          Object.entries(localStorage),
          Object.entries(sessionStorage),
          databases,
          stores,
          history.state,
          performance.getEntries().map(({ name }) => name),
          location.href,
          document.referrer,
          Object.keys(globalThis),
          globalThis.tab,
        ]);
      });
      seen.push(text, site.console.join('\n'));
      // The session ID is random: three letters may be in it, a token is not.
      expect(seen.filter((one) => /eyJ[\w-]*\.|tpr_/.test(one))).toEqual([]);
      return token;
    };
    await look();
    await signIn(page);
    expect(await look()).toMatch(/^eyJ/);
    site.api.expire();
    await call(page);
    expect(await look()).toMatch(/^eyJ/);
    await signOut(page);
    expect(await look()).toBeUndefined();
  });

  test('needs no more of the Content-Security-Policy than its own origin', async () => {
    site = await openSite(browser);
    const page = await site.open();
    await page.evaluate(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
        console.error(`violated: ${violatedDirective}`);
      });
    });
    await signIn(page);
    site.api.expire();
    expect(await call(page)).toBe('ada');
    await signOut(page);
    expect(site.complaints.filter((text) => !text.includes('401'))).toEqual([]);
    // The policy is on: it does stop what it should.
    const complaint = page.waitForEvent('console', (message) =>
      message.text().includes('connect-src'),
    );
    await page.evaluate(() => fetch('https://elsewhere.test/').catch(() => {}));
    await complaint;
    expect(site.complaints.join()).toContain('connect-src');
  });
});

/** Until the server has rotated a second time. */
async function rotated(): Promise<void> {
  while (site.api.events.filter(isRotation).length < 2) await nextTurn();
}

/** Until the last refresh has its answer. */
async function answered(): Promise<void> {
  while (site.proxy.requestsTo('/auth/refresh').at(-1)?.status === undefined) await nextTurn();
}

/** A request of another page, so that answers that came before it are in the cookie jar. */
async function cookieSettled(): Promise<void> {
  const page = await site.open('/?plain');
  await page.evaluate(() => fetch('/favicon.ico').then((answer) => answer.text()));
  await page.close();
}

function transit(page: Page, type: 'pagehide' | 'pageshow'): Promise<boolean> {
  return page.evaluate(
    (name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })),
    type,
  );
}

/** The access tokens that were sent after so many requests. */
function tokensSince(count: number): readonly string[] {
  return site.proxy.requests
    .slice(count)
    .flatMap(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? []);
}

/** Until the server has seen a token of Ada's current generation in use. */
async function confirmed(): Promise<void> {
  for (;;) {
    const [session] = await site.api.store.store.list(ownerOf('ada'));
    if (session && session.confirmed >= session.generation) return;
    await nextTurn();
  }
}

/** Signs Ada in and leaves her page, which comes back later. */
async function leaveAndReturn(meanwhile: (other: Page) => Promise<unknown>): Promise<Page> {
  site = await openSite(browser);
  const page = await site.open();
  await signIn(page);
  await transit(page, 'pagehide');
  const other = await site.open();
  await meanwhile(other);
  await transit(page, 'pageshow');
  return page;
}

const isRotation = (event: { readonly type: string; readonly how?: string }) =>
  event.type === 'session.refreshed' && event.how === 'rotated';

const nextTurn = () => new Promise(setImmediate);
