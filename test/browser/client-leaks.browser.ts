// What was tried in Chromium to get a token out of a page with the client, or to sign its user out.

import type { RequestListener } from 'node:http';

import type { Browser } from 'playwright-core';

import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.js';
import { until } from '../support/until.js';
import {
  call,
  launchChromium,
  openSite,
  signIn,
  start,
  stateOf,
  tokenOf,
  type Site,
} from './client-site.js';

const channelOf = (site: Site) => `tokenpair ${site.origin}/auth`;

const workerPage = `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
`;

/** Each service worker answers the mount in its own way. */
const workers: Readonly<Record<string, string>> = {
  offline: `new Response('<p>You are offline.</p>', { headers: { 'Content-Type': 'text/html' } })`,
  empty: `new Response(null, { status: 204 })`,
  json: `new Response('{}', { headers: { 'Content-Type': 'application/json' } })`,
  error: `Response.error()`,
  redirect: `Response.redirect('/?plain', 302)`,
};

let browser: Browser;
let site: Site;
/** A server of the attacker: another origin, and all that has come to it. */
let evil: FaultyProxy;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  evil = await startFaultyProxy((_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/html',
      'Access-Control-Allow-Origin': site.origin,
      'Access-Control-Allow-Headers': 'authorization',
    });
    response.end('<!doctype html><title>evil</title>');
  });
  const more: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '', site.origin);
    if (url.pathname === '/more/away') {
      response.writeHead(307, { Location: String(url.searchParams.get('to')) }).end();
      return;
    }
    if (url.pathname === '/more/page-without-policy') {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end('<!doctype html><script type="module" src="/app.js"></script>');
      return;
    }
    const answer = workers[String(url.searchParams.get('answer'))];
    response.writeHead(200, { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' });
    response.end(`${workerPage}
addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname.startsWith('/auth')) event.respondWith(${answer});
});`);
  };
  site = await openSite(browser, { more });
});
afterEach(async () => {
  await site.close();
  await evil.close();
});

describe('another origin', () => {
  test('hears nothing on a channel of the same name, and cannot speak on it', async () => {
    const other = await site.context.newPage();
    await other.goto(`${evil.origin}/`);
    const heard = await other.evaluateHandle((name) => {
      const messages: unknown[] = [];
      const channel = new BroadcastChannel(name);
      channel.addEventListener('message', ({ data }) => messages.push(data));
      return { messages, channel };
    }, channelOf(site));
    const tab = await site.open();
    const sessionId = await signIn(tab);
    await heard.evaluate(({ channel }, session_id) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
      channel.postMessage({ type: 'out', session_id });
    }, sessionId);
    // A sibling of the same origin does hear: what the other origin would have heard has been sent.
    expect(await start(await site.open())).toMatchObject({ status: 'signed-in' });
    expect(await heard.evaluate(({ messages }) => messages)).toEqual([]);
    expect(await stateOf(tab)).toMatchObject({ status: 'signed-in' });
  });

  test.each(['another host', 'another port of the same host'])(
    'cannot refresh, read or end the session: %s',
    async (where) => {
      const tab = await site.open();
      await signIn(tab);
      const host = where.startsWith('another host') ? '127.0.0.1' : 'localhost';
      const other = await site.context.newPage();
      await other.goto(`http://${host}:${new URL(evil.origin).port}/`);
      const before = site.api.events.length;
      const outcomes = await other.evaluate(async (mount) => {
        const init = { method: 'POST', credentials: 'include', mode: 'cors' } as const;
        const paths = ['/refresh', '/refresh?optional', '/logout', '/logout-all'];
        const results = paths.flatMap((path) => [
          fetch(mount + path, init).then(
            (answer) => answer.text(),
            () => 'not readable',
          ),
          fetch(mount + path, { ...init, mode: 'no-cors' }).then((answer) => answer.type),
        ]);
        return Promise.all(results);
      }, `${site.origin}/auth`);
      expect(new Set(outcomes)).toEqual(new Set(['not readable', 'opaque']));
      const happened = site.api.events.slice(before).map(({ type }) => type);
      expect(happened.filter((type) => type.startsWith('session.'))).toEqual([]);
      expect(await call(tab)).toBe('ada');
    },
  );

  test('gets no token by a redirect of the API, and none in a Referer', async () => {
    // The policy of the other pages would stop what is tried here.
    const tab = await site.open('/more/page-without-policy?plain');
    await tab.evaluate(async () => {
      globalThis.tab.client = await globalThis.tab.load();
    });
    await signIn(tab);
    const token = (await tokenOf(tab)) as string;
    const away = `/more/away?to=${encodeURIComponent(`${evil.origin}/x`)}`;
    await call(tab, away);
    await tab.evaluate((to) => fetch(to, { mode: 'no-cors' }), `${evil.origin}/y`);
    const came = evil.requests.filter(({ method }) => method === 'GET');
    expect(came.map(({ path }) => path)).toEqual(expect.arrayContaining(['/y']));
    for (const request of evil.requests) {
      expect(request.headers.authorization).toBeUndefined();
      expect(JSON.stringify(request)).not.toContain(token);
      expect(JSON.stringify(request)).not.toContain('tpr_');
    }
    // It did send the token to the place that redirects.
    const first = site.proxy.requestsTo('/more/away')[0];
    expect(first?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test.each(['//evil', '\\\\evil', 'http://localhost@evil', 'ht\ntp://evil', 'blob:http://evil/x'])(
    'gets nothing when the page asks for %j',
    async (text) => {
      const tab = await site.open();
      await signIn(tab);
      const url = text.replace('evil', new URL(evil.origin).host);
      expect(await call(tab, url)).toMatch(/^(origin|TypeError.*)$/);
      expect(evil.requests).toEqual([]);
    },
  );
});

describe('a script of the same origin', () => {
  test('breaks no client with messages that none sends', () =>
    disturb([{}, [], 7, 'x', { type: 'new' }, { type: ['token'] }]));

  test('causes no error with a message that is null', () => disturb([null]));

  test('signs no client in with a token message without members', () =>
    disturb([{ type: 'token' }]));

  test('hears access tokens and never a refresh token', async () => {
    const spy = await site.open('/?plain');
    const heard = await spy.evaluateHandle((name) => {
      const messages: unknown[] = [];
      new BroadcastChannel(name).addEventListener('message', ({ data }) => messages.push(data));
      return messages;
    }, channelOf(site));
    const tab = await site.open();
    await signIn(tab);
    site.api.expire();
    await call(tab);
    await start(await site.open());
    // The messages of the login and of the refresh.
    await until(async () => (await heard.jsonValue()).filter(isToken).length >= 2);
    const text = JSON.stringify(await heard.jsonValue());
    expect(text).toContain('"token"');
    expect(text).not.toContain('tpr_');
  });

  test('sees requests when it replaces fetch, and no refresh token in them', async () => {
    const tab = await site.open();
    await tab.evaluate(() => {
      const { fetch: original } = globalThis;
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      globalThis.fetch = async (input, init) => {
        const response = await original(input, init);
        const text = await response.clone().text();
        seen.push(JSON.stringify([input, init, text, [...response.headers]]));
        return response;
      };
    });
    await signIn(tab);
    site.api.expire();
    expect(await call(tab)).toBe('ada');
    const seen = await tab.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(seen.join()).toContain('/auth/refresh');
    expect(seen.join()).not.toContain('tpr_');
    expect(seen.join().toLowerCase()).not.toContain('set-cookie');
  });
});

describe('a service worker', () => {
  test.each(Object.keys(workers))(
    'that answers the mount with %s signs no user out',
    async (answer) => {
      const tab = await site.open();
      await signIn(tab);
      await tab.evaluate(async (kind) => {
        const claimed = new Promise((resolve) => {
          navigator.serviceWorker.addEventListener('controllerchange', resolve);
        });
        await navigator.serviceWorker.register(`/more/worker.js?answer=${kind}`, { scope: '/' });
        await claimed;
      }, answer);
      site.api.expire();
      const short = await tab.evaluate(async () => {
        const own = await globalThis.tab.load({ wait: 1, channel: false });
        return own.fetch('/me').then(
          ({ status }) => status,
          (error: { code: string }) => [error.code, own.session().status],
        );
      });
      // It has no token yet, so it does not know whether there is a session. It does not say that there is none.
      expect(short).toEqual(['unavailable', 'unknown']);
      expect(await tab.evaluate(() => globalThis.tab.client.session().status)).toBe('signed-in');
      await tab.evaluate(async () => {
        const [registration] = await navigator.serviceWorker.getRegistrations();
        await registration?.unregister();
      });
      const later = await site.open();
      expect(await call(later)).toBe('ada');
    },
  );

  test('keeps no answer of the mount in a cache', async () => {
    const tab = await site.open();
    await signIn(tab);
    site.api.expire();
    await call(tab);
    const cached = await tab.evaluate(async () => {
      const names = await caches.keys();
      const answer = await fetch('/auth/refresh', {
        method: 'POST',
        cache: 'only-if-cached',
        mode: 'same-origin',
      }).then(
        ({ status }) => status,
        () => 'nothing is cached',
      );
      return [names, answer];
    });
    expect(cached).toEqual([[], 'nothing is cached']);
  });
});

function isToken(message: unknown): boolean {
  return (message as { type?: unknown }).type === 'token';
}

/** Sends messages to a tab that is signed in, which must not change. */
async function disturb(messages: readonly unknown[]): Promise<void> {
  const tab = await site.open();
  const sessionId = await signIn(tab);
  const plain = await site.open('/?plain');
  await plain.evaluate(
    ([name, all]) => {
      const channel = new BroadcastChannel(name);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
      for (const message of all) channel.postMessage(message);
    },
    [channelOf(site), messages] as const,
  );
  // What came before the messages of this one has been heard.
  await start(await site.open());
  const states = await tab.evaluate(() => globalThis.tab.states);
  expect(states).toEqual([{ status: 'signed-in', sessionId }]);
  expect(await call(tab)).toBe('ada');
  expect(site.complaints).toEqual([]);
}
