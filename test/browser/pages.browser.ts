// Tests examples/server-rendered in Chromium with scripting off: the situations P1 to P10, and what else a browser does to pages.

import { ownReturnPaths, refusedReturnPaths } from '../support/return-paths.js';
import {
  createGate,
  headingOf,
  openBench,
  pathOf,
  press,
  setups,
  signIn,
  visitorOf,
  type Bench,
  type PagesSite,
} from './pages-site.js';

const signInPage = 'Sign in';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
}, 60_000);
afterAll(() => bench.close());

describe.each(setups)('%s, sessions in %s', (...setup) => {
  let site: PagesSite;
  beforeEach(async () => {
    site = await bench.open(setup);
  });
  afterEach(() => site.close());

  /** A tab of a browser that is signed in. */
  async function signedIn(path = '/orders') {
    const tab = await site.open('/login');
    await signIn(tab);
    await tab.goto(site.origin + path);
    return tab;
  }

  /** Five tabs whose access token has expired load a page at once. */
  async function reloadFive() {
    const first = await signedIn();
    const others = await Promise.all(['', '', '', ''].map(() => site.open('/orders')));
    site.expire();
    let turn = 0;
    // Answers come back in another order than the requests were sent.
    const delays = [120, 20, 80, 0, 50];
    site.travel = () =>
      new Promise((resolve) => {
        setTimeout(resolve, delays[(turn += 1) % delays.length]);
      });
    const tabs = [first, ...others];
    await Promise.all(tabs.map((tab) => tab.goto(`${site.origin}/orders`)));
    site.travel = undefined;
    return tabs;
  }

  /** A tab with a page behind it, and another one that has signed out. */
  async function signOutElsewhere() {
    const tab = await signedIn('/orders');
    await tab.goto(`${site.origin}/address`);
    const other = await site.open('/orders');
    await press(other, 'Sign out');
    expect(await visitorOf(other)).toBe(null);
    return tab;
  }

  test('P1 an anonymous visitor is sent to sign in', async () => {
    const tab = await site.open('/orders?x=1');
    expect(pathOf(tab)).toBe('/login?return=%2Forders%3Fx%3D1');
    expect(await headingOf(tab)).toBe(signInPage);
  });

  test('P2 the visitor returns to `/orders?x=1` after sign-in', async () => {
    const tab = await site.open('/orders?x=1');
    await signIn(tab);
    expect(pathOf(tab)).toBe('/orders?x=1');
    expect(await visitorOf(tab)).toBe('ada');
  });

  describe('five tabs past expiry', () => {
    test('P3 five tabs past expiry → five pages', async () => {
      const tabs = await reloadFive();
      expect(await Promise.all(tabs.map(visitorOf))).toEqual(tabs.map(() => 'ada'));
      expect(await Promise.all(tabs.map(headingOf))).toEqual(tabs.map(() => 'Orders'));
    });

    test('P4 five tabs past expiry → one session, no `refresh.reused`', async () => {
      const [tab = await site.open()] = await reloadFive();
      expect(site.happened('session.refreshed', { how: 'rotated' })).toBe(1);
      expect(site.happened('refresh.reused')).toBe(0);
      expect(await site.sessionsOf('ada')).toBe(1);
      // What the last answer left in the jar is good.
      site.advance(600);
      await tab.goto(`${site.origin}/orders`);
      expect(await visitorOf(tab)).toBe('ada');
      expect(site.happened('refresh.reused')).toBe(0);
    });
  });

  test('P5 a form filled in while the token expired is saved', async () => {
    const tab = await signedIn();
    await tab.fill('[name=article]', 'a teapot');
    site.advance(601);
    await press(tab, 'Order');
    expect(await tab.textContent('li')).toBe('a teapot');
    expect(pathOf(tab)).toBe('/orders');
  });

  test('P6 the first click from another site is signed in', async () => {
    await signedIn();
    site.foreignPage = `<a href="${site.origin}/orders">Your order</a>`;
    const mail = await site.open();
    await mail.goto(site.otherSite);
    await mail.click('a');
    expect([await headingOf(mail), await visitorOf(mail)]).toEqual(['Orders', 'ada']);
  });

  test('P7 a form of another site carries no cookie → sign-in page, nothing changed; of another port → 403', async () => {
    const tab = await signedIn();
    site.foreignPage = `<form method="post" action="${site.origin}/orders"><input name="article" value="poison"><button>Win</button></form>`;
    const attacker = await site.open();
    await attacker.goto(site.otherSite);
    await press(attacker, 'Win');
    expect([pathOf(attacker), await headingOf(attacker)]).toEqual(['/login', signInPage]);

    await attacker.goto(site.otherPort);
    await press(attacker, 'Win');
    expect(await headingOf(attacker)).toBe('Not allowed');
    expect(site.exchanges.at(-1)).toMatchObject({ method: 'POST', path: '/orders', status: 403 });

    await tab.reload();
    expect(await tab.locator('li').count()).toBe(0);
    expect(await visitorOf(tab)).toBe('ada');
  });

  test('P8 a login form of another site → 403', async () => {
    site.foreignPage = `<form method="post" action="${site.origin}/login"><input name="username" value="alan"><input name="password" value="turing"><button>Win</button></form>`;
    const attacker = await site.open();
    for (const origin of [site.otherSite, site.otherPort]) {
      await attacker.goto(origin);
      await press(attacker, 'Win');
      expect(await headingOf(attacker)).toBe('Not allowed');
    }
    expect(await site.context.cookies()).toEqual([]);
    expect(await site.sessionsOf('alan')).toBe(0);
  });

  describe('a sign-out in another tab', () => {
    test('P9 Back after a sign-out in another tab → sign-in page', async () => {
      const tab = await signOutElsewhere();
      await tab.goBack();
      expect([pathOf(tab), await headingOf(tab)]).toEqual(['/login?return=%2Forders', signInPage]);
    });

    test('P10 each next navigation in another tab after that → sign-in page', async () => {
      const tab = await signOutElsewhere();
      await tab.click('text=Orders');
      expect(await headingOf(tab)).toBe(signInPage);
      await tab.goto(`${site.origin}/address`);
      expect(await headingOf(tab)).toBe(signInPage);
      await tab.goto(`${site.origin}/`);
      expect(await visitorOf(tab)).toBe(null);
    });
  });

  test('an answer that comes after the sign-out does not sign in again', async () => {
    const tab = await signedIn();
    const other = await site.open('/orders');
    site.expire();
    const gate = createGate();
    site.travel = (path) => (path === '/orders' ? gate.pass() : undefined);
    const cookies = await site.context.cookies();
    const late = tab.goto(`${site.origin}/orders`);
    await gate.reached;
    await press(other, 'Sign out');
    site.travel = undefined;
    gate.open();
    await late;
    expect(await site.context.cookies()).toEqual([]);
    // An answer that was under way already brings them back.
    await site.context.addCookies(cookies);
    expect(await site.context.cookies()).toHaveLength(2);
    await tab.goto(`${site.origin}/orders`);
    expect(await headingOf(tab)).toBe(signInPage);
    expect(await site.sessionsOf('ada')).toBe(0);
  });

  test('a navigation that is aborted after the handler used the new access token → the next one is signed in', async () => {
    const tab = await signedIn();
    site.expire();
    const gate = createGate();
    site.travel = (path) => (path === '/orders?slow' ? gate.pass() : undefined);
    const aborted = tab.goto(`${site.origin}/orders?slow`).catch(() => 'aborted');
    await gate.reached;
    // The next navigation aborts the one under way, and comes after the settle time.
    site.advance(301);
    await tab.goto(`${site.origin}/`);
    expect(await aborted).toBe('aborted');
    gate.open();
    expect(await visitorOf(tab)).toBe('ada');
    await tab.goto(`${site.origin}/orders`);
    expect([await headingOf(tab), site.happened('refresh.reused')]).toEqual(['Orders', 0]);
  });

  test('a login over a live session ends that session', async () => {
    const tab = await signedIn('/login');
    await signIn(tab, 'alan');
    expect(await visitorOf(tab)).toBe('alan');
    expect([await site.sessionsOf('ada'), await site.sessionsOf('alan')]).toEqual([0, 1]);
    expect(site.happened('session.revoked', { reason: 'replaced' })).toBe(1);
  });

  test('an old authentication is asked for the password, and returns', async () => {
    const tab = await signedIn('/address');
    expect(await headingOf(tab)).toBe('Address');
    site.advance(601);
    await tab.goto(`${site.origin}/address?from=menu`);
    expect(pathOf(tab)).toBe('/confirm?return=%2Faddress%3Ffrom%3Dmenu');
    await tab.fill('[name=password]', 'wrong');
    await press(tab, 'Confirm');
    expect(await tab.getByRole('alert').textContent()).toBe('Wrong password.');
    await tab.fill('[name=password]', 'lovelace');
    await press(tab, 'Confirm');
    expect([pathOf(tab), await headingOf(tab)]).toEqual(['/address?from=menu', 'Address']);
    await tab.fill('[name=address]', '12 St James’s Square');
    await press(tab, 'Change');
    expect(await tab.textContent('#address')).toBe('12 St James’s Square');
    expect(await site.sessionsOf('ada')).toBe(1);
  });

  test('cookies last as long as the session, or end with the browser', async () => {
    const tab = await site.open('/login');
    await signIn(tab, 'ada', false);
    site.expire();
    await tab.goto(`${site.origin}/orders`);
    for (const { expires } of await site.context.cookies()) expect(expires).toBe(-1);
    await tab.goto(`${site.origin}/login`);
    await signIn(tab, 'ada', true);
    const cookies = await site.context.cookies();
    expect(cookies.map(({ name }) => name).toSorted()).toEqual([
      '__Host-page_access',
      '__Host-page_refresh',
    ]);
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
      expect(cookie.expires).toBeGreaterThan(Date.now() / 1_000 + 29 * 86_400);
    }
  });

  test.each(['store', 'log', 'hook'] as const)(
    'with the %s down → 503 page, signed in afterwards',
    async (part) => {
      const tab = await signedIn();
      site.expire();
      if (part === 'hook') site.hookFails = true;
      else if (part === 'log') site.log.break();
      else site.store.break('down');
      const answer = await tab.goto(`${site.origin}/orders`);
      expect(answer?.status()).toBe(503);
      expect(await headingOf(tab)).toBe('Not available just now');
      expect(answer?.headers()['refresh']).toBe(answer?.headers()['retry-after']);
      site.hookFails = false;
      if (part !== 'hook') site[part].repair();
      // The page loads again by itself.
      await tab.waitForSelector('#visitor');
      expect([await headingOf(tab), await visitorOf(tab)]).toEqual(['Orders', 'ada']);
    },
  );

  test('a scope or claim that is missing → 403 page, no redirect', async () => {
    const tab = await site.open('/login');
    await signIn(tab, 'alan');
    const answer = await tab.goto(`${site.origin}/admin`);
    expect([answer?.status(), pathOf(tab)]).toEqual([403, '/admin']);
    expect(await headingOf(tab)).toBe('Not allowed');
  });

  test('a link to the sign-out ends no session', async () => {
    const tab = await signedIn();
    await tab.goto(`${site.origin}/logout`).catch(() => undefined);
    await tab.goto(`${site.origin}/orders`);
    expect(await visitorOf(tab)).toBe('ada');
  });

  test('no token in a body, a URL or a header, and no answer with a session that a cache may keep', async () => {
    const tab = await signedIn();
    site.expire();
    for (const path of ['/orders', '/admin', '/address', '/login', '/']) {
      await tab.goto(site.origin + path);
    }
    site.advance(601);
    await tab.goto(`${site.origin}/address`);
    await press(tab, 'Sign out');
    const text = site.exchanges.map((one) => `${one.path} ${one.text}`).join('\n');
    // With its dot: a session ID is random, and may have the three letters in it.
    expect(text).not.toMatch(/tpr_|eyJ[\w-]*\./);
    expect(JSON.stringify(site.events)).not.toMatch(/tpr_|eyJ[\w-]*\./);
    // Between the first page and the last, the visitor is signed in.
    const kept = site.exchanges
      .slice(1, -1)
      .filter(({ headers }) => headers['cache-control'] !== 'private, no-store');
    expect(kept).toEqual([]);
  });

  test('a page in the background that a browser prefetches is that of the user', async () => {
    const tab = await signedIn();
    site.expire();
    await tab.setExtraHTTPHeaders({ 'Sec-Purpose': 'prefetch' });
    await tab.goto(`${site.origin}/orders`);
    expect(await visitorOf(tab)).toBe('ada');
    expect(site.happened('refresh.reused')).toBe(0);
  });
});

describe.each(setups.filter(([, store]) => store === 'memory'))('%s', (...setup) => {
  let site: PagesSite;
  beforeEach(async () => {
    site = await bench.open(setup);
  });
  afterEach(() => site.close());

  test('blocked cookies → no redirect loop', async () => {
    // What the browser never stores.
    await site.context.route('**/*', async (route) => {
      const answer = await route.fetch({ maxRedirects: 0 });
      const { 'set-cookie': _cookies, ...headers } = answer.headers();
      await route.fulfill({ response: answer, headers });
    });
    await site.context.clearCookies();
    const tab = await site.open('/orders');
    await tab.fill('[name=username]', 'ada');
    await tab.fill('[name=password]', 'lovelace');
    await press(tab, 'Sign in');
    await site.context.clearCookies();
    await tab.goto(`${site.origin}/orders`);
    expect(await headingOf(tab)).toBe(signInPage);
    expect(site.exchanges.length).toBeLessThan(8);
  });

  test('two cookies of one name → 400 page', async () => {
    const tab = await site.open('/login');
    await signIn(tab);
    // Browsers keep one `__Host-` cookie of a name, so the second one is added on the way.
    site.addsCookie = '__Host-page_access=other';
    const answer = await tab.goto(`${site.origin}/orders`);
    expect(answer?.status()).toBe(400);
    expect(await headingOf(tab)).toBe('This request cannot be used');
  });

  test('forty return paths: none leaves the origin', async () => {
    const tab = await site.open();
    const visited = new Set<string>();
    tab.on('request', (request) => visited.add(new URL(request.url()).origin));
    const paths = [...refusedReturnPaths, ...ownReturnPaths, '/\t//evil.example'];
    for (const path of paths) {
      await tab.goto(`${site.origin}/login?return=${encodeURIComponent(path)}`);
      await signIn(tab);
      const { pathname, search, hash } = new URL(tab.url());
      const own = ownReturnPaths.includes(path) ? new URL(site.origin + path) : undefined;
      const expected = own ? own.pathname + own.search + own.hash : '/';
      expect(pathname + search + hash).toBe(expected);
    }
    expect(paths.length).toBeGreaterThanOrEqual(40);
    // The icon of the page is a data URL.
    expect([...visited].filter((origin) => origin !== 'null')).toEqual([site.origin]);
  }, 120_000);
});
