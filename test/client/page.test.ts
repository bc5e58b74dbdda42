// A page: the refresh token is in a cookie, and the browser hides the page, shows it again, and knows whether it is online.

import { isDeepStrictEqual } from 'node:util';

import type { ClientOptions } from '@tokenpair/client';

import { openBrowser } from '../support/cookie-jar.js';
import { delayed, type Fault } from '../support/faulty-proxy.js';
import { elapse, elapseUntil, rest, setTimeByHand } from '../support/set-time.js';
import { until } from '../support/until.js';
import { createWorld, outcome, type World } from './world.js';

let world: World;
let page: EventTarget;

beforeEach(async () => {
  world = await createWorld('Express 5', { transport: 'cookie' });
  page = new EventTarget();
  setGlobal('location', new URL(world.url('/')));
  setGlobal('addEventListener', page.addEventListener.bind(page));
  setGlobal('removeEventListener', page.removeEventListener.bind(page));
});
afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  for (const name of ['location', 'addEventListener', 'removeEventListener', 'navigator']) {
    Reflect.deleteProperty(globalThis, name);
  }
  await world.close();
});

function setGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { configurable: true, value });
}

const json = (status: number, body: object) =>
  ({ kind: 'answer', status, type: 'application/json', body: JSON.stringify(body) }) as const;
const html = (status: number) => ({ kind: 'answer', status }) as const;

function show(persisted: boolean): void {
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
}

/** A page of the API's own origin, and the cookies of its browser. */
function openPage(options: Partial<ClientOptions> = {}) {
  const browser = openBrowser(world.proxy.origin);
  const send: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    return browser.fetch(pathname + search, init);
  };
  const open = () =>
    world.open({
      mount: '/auth',
      transport: 'cookie',
      storage: undefined,
      fetch: send,
      ...options,
    } as never);
  const signIn = (client: ReturnType<typeof open>) =>
    client.signIn(() => browser.fetch('/login?user=ada', { method: 'POST' }));
  return { browser, open, signIn };
}

test('an anonymous visit asks once, and gets an answer without an error', async () => {
  const { open } = openPage();
  const client = open();
  expect(await client.start()).toEqual({ status: 'signed-out', reason: 'none' });
  expect(await client.start()).toEqual({ status: 'signed-out', reason: 'none' });
  expect(world.proxy.requests).toMatchObject([{ path: '/auth/refresh?optional', status: 200 }]);
});

test('a second tab asks its sibling, and a reload the server', async () => {
  // The sibling has thirty milliseconds.
  setTimeByHand();
  const { open, signIn } = openPage();
  const first = open();
  const state = await signIn(first);
  const second = open();
  expect(await second.start()).toEqual(state);
  expect(world.refreshes()).toBe(0);
  first.close();
  second.close();
  expect(await elapseUntil(open().start())).toEqual(state);
  expect(world.refreshes()).toBe(1);
});

test.each([
  ['204', { kind: 'answer', status: 204 } as const],
  ['HTML', html(200)],
  ["a portal's JSON", json(200, { code: 'welcome' })],
  ['a cut connection', { kind: 'cut' } as const],
])('%s to the first question is no verdict', async (_, fault) => {
  setTimeByHand();
  // The next attempt may be ten seconds away, by chance, which is all that a caller waits.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const { open, signIn } = openPage({ channel: false });
  await signIn(open());
  world.proxy.always(fault);
  const client = open();
  expect(await elapseUntil(outcome(client.start()))).toBe('unavailable');
  expect(client.session()).toEqual({ status: 'unknown' });
  world.proxy.always(undefined);
  expect(await elapseUntil(client.start())).toMatchObject({ status: 'signed-in' });
});

test('a 503 at the logout signs out here, and is not repeated: the cookie is cleared', async () => {
  const { browser, open, signIn } = openPage();
  const client = open();
  await signIn(client);
  world.api.store.break('down');
  expect(await client.signOut()).toEqual({ ended: false });
  expect(client.session()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  expect(world.proxy.requestsTo('/auth/logout')).toHaveLength(1);
  expect(browser.cookies.size).toBe(0);
});

describe.each([
  ['sign-out', '/auth/logout'],
  ['sign-in', '/login'],
])('a %s beside a refresh under way', (kind, path) => {
  // A browser may still apply the cookie of a request that was aborted a few milliseconds ago.
  async function meetRefresh(fault: Fault) {
    const { browser, open, signIn } = openPage();
    const client = open();
    await signIn(client);
    world.api.expire();
    world.proxy.next('/auth/refresh', fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = outcome(world.status(client));
    await arrived;
    const sent = world.proxy.requestsTo(path).length;
    const done: Promise<unknown> = kind === 'sign-out' ? client.signOut() : signIn(client);
    return { browser, call, done, sent: () => world.proxy.requestsTo(path).length - sent };
  }

  test('is sent when the browser has the cookie of the refresh', async () => {
    // The refresh has a second.
    setTimeByHand();
    const { fault, release } = delayed();
    const { browser, call, done, sent } = await meetRefresh(fault);
    const old = [...browser.cookies.values()];
    await rest();
    expect(sent()).toBe(0);
    release();
    await done;
    expect(await call).toBe('session_changed');
    expect(sent()).toBe(1);
    expect(world.proxy.requestsTo(path).at(-1)?.headers.cookie).not.toContain(old[0]);
    expect([...browser.cookies.values()]).toHaveLength(kind === 'sign-out' ? 0 : 1);
  });

  test('waits for a second and no longer', async () => {
    setTimeByHand();
    const { call, done, sent } = await meetRefresh(delayed().fault);
    await elapse(0.9);
    await rest();
    expect(sent()).toBe(0);
    await elapseUntil(done);
    expect(await call).toBe('session_changed');
    expect(sent()).toBe(1);
  });
});

test('a logout without a verdict keeps the state: the browser has the cookie still', async () => {
  setTimeByHand();
  const { open, signIn } = openPage();
  const client = open();
  const state = await signIn(client);
  world.proxy.always(html(200));
  expect(await elapseUntil(outcome(client.signOut()))).toBe('unavailable');
  expect(client.session()).toBe(state);
  expect(world.proxy.requestsTo('/auth/logout')).toHaveLength(3);
  world.proxy.always(undefined);
  expect(await elapseUntil(client.signOut())).toEqual({ ended: true });
});

test("Grace's landing page does not believe Ada's old tab", async () => {
  const { browser, open, signIn } = openPage();
  const old = open();
  await signIn(old);
  await browser.fetch('/login?user=grace', { method: 'POST' });
  const landing = open();
  const state = await landing.start({ fresh: true });
  expect(await world.whoAmI(landing)).toBe('grace');
  await until(() => isDeepStrictEqual(old.session(), state));
  expect(await world.whoAmI(old)).toBe('grace');
});

test('a landing page asks no other tab, also when a call comes while it starts', async () => {
  const { open, signIn } = openPage();
  await signIn(open());
  const heard: unknown[] = [];
  const channel = new BroadcastChannel(`tokenpair ${world.url('/auth')}`);
  const told = new Promise<void>((resolve) => {
    channel.addEventListener('message', (event) => {
      const { type } = (event as unknown as { data: { type: string } }).data;
      heard.push(type);
      if (type === 'token') resolve();
    });
  });
  const landing = open();
  await Promise.all([landing.start({ fresh: true }), landing.start()]);
  await told;
  channel.close();
  expect(heard).toEqual(['token']);
});

test('a page that goes away during a refresh lets the browser get the cookie', async () => {
  const { open, signIn } = openPage();
  const client = open();
  await signIn(client);
  world.api.expire();
  const late = delayed();
  world.proxy.next('/auth/refresh', late.fault);
  const arrived = world.proxy.arrived('/auth/refresh');
  const call = world.status(client);
  await arrived;
  const again = world.proxy.arrived('/auth/refresh');
  page.dispatchEvent(new Event('pagehide'));
  await again;
  late.release();
  expect(await call).toBe(200);
  expect(world.happened('refresh.reused')).toBe(0);
});

test('a page that goes away without a refresh sends nothing', async () => {
  const { open, signIn } = openPage();
  await signIn(open());
  const before = world.proxy.requests.length;
  page.dispatchEvent(new Event('pagehide'));
  await rest();
  expect(world.proxy.requests).toHaveLength(before);
});

test('a page that comes back asks again whose session it is', async () => {
  const { browser, open, signIn } = openPage();
  const client = open();
  await signIn(client);
  page.dispatchEvent(new Event('pagehide'));
  await browser.fetch('/login?user=grace', { method: 'POST' });
  const changed = new Promise((resolve) => {
    client.subscribe(resolve);
  });
  show(true);
  await changed;
  expect(await world.whoAmI(client)).toBe('grace');
});

test('a page that is shown for the first time asks nothing', async () => {
  openPage().open();
  show(false);
  await rest();
  expect(world.proxy.requests).toEqual([]);
});

test('a page that comes back before its first call asks nothing', async () => {
  setTimeByHand();
  openPage().open();
  page.dispatchEvent(new Event('pagehide'));
  show(true);
  await elapse(1);
  await rest();
  expect(world.proxy.requests).toEqual([]);
});

test('a page that comes back after a sign-out elsewhere is signed out', async () => {
  const { browser, open, signIn } = openPage();
  const client = open();
  await signIn(client);
  page.dispatchEvent(new Event('pagehide'));
  await browser.fetch('/auth/logout', { method: 'POST' });
  const changed = new Promise((resolve) => {
    client.subscribe(resolve);
  });
  show(true);
  expect(await changed).toEqual({ status: 'signed-out', reason: 'ended' });
});

test('a browser that is offline is not asked before it is online', async () => {
  const { open, signIn } = openPage();
  const client = open();
  await signIn(client);
  world.api.expire();
  const navigator = { onLine: false };
  setGlobal('navigator', navigator);
  const call = world.status(client);
  await rest();
  expect(world.refreshes()).toBe(0);
  navigator.onLine = true;
  page.dispatchEvent(new Event('online'));
  expect(await call).toBe(200);
});

test('a login in another tab that is never heard of again holds a refresh back for five seconds', async () => {
  setTimeByHand();
  const { open, signIn } = openPage();
  const [client, other] = [open(), open()];
  await signIn(client);
  world.api.expire();
  let login: ((response: Response) => void) | undefined;
  const never = other.signIn(
    () =>
      new Promise((resolve) => {
        login = resolve;
      }),
  );
  await elapse(1);
  await rest();
  const call = world.status(client);
  await elapse(3.5);
  await rest();
  expect(world.refreshes()).toBe(0);
  expect(await elapseUntil(call)).toBe(200);
  login?.(new Response('<p>no</p>'));
  expect(await outcome(never)).toBe('refused');
});

test('a login that is refused in another tab lets a refresh go on', async () => {
  const { browser, open, signIn } = openPage();
  const [client, other] = [open(), open()];
  await signIn(client);
  world.api.expire();
  const refused = other.signIn(() =>
    browser.fetch('/login?user=ada&password=wrong', { method: 'POST' }),
  );
  expect(await outcome(refused)).toBe('refused');
  expect(await world.status(client)).toBe(200);
});

test('a client that is closed listens to the page no more', async () => {
  const { open } = openPage();
  open().close();
  show(true);
  await rest();
  expect(world.proxy.requests).toEqual([]);
});
