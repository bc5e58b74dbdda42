// What the tests of pages act upon: an issuer whose store, hook and time are set, a server, and browsers with cookie jars.

import type { RequestListener } from 'node:http';

import {
  MemorySessionStore,
  type ClaimsHook,
  type SessionStore,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenpairEvent,
} from '@tokenpair/core';
import {
  breakable,
  type BreakableStore,
  createTestClock,
  type TestClock,
} from '@tokenpair/testing';

import { send, startServer, type TestResponse, type TestServer } from '../support/http.js';
import type { CallLog } from '../support/counting-store.js';
import { createTestIssuer } from '../support/issuer.js';
import type { PageRoute, PagesAppOptions, Visit } from './pages-app.js';

export interface PagesWorld {
  readonly tokens: TokenIssuer;
  readonly clock: TestClock;
  readonly store: BreakableStore;
  readonly events: TokenpairEvent[];
  readonly server: TestServer;
  /** Names of store methods that were called. */
  readonly calls: CallLog;
  /** The hook of this world; `{ role }` of the user by default. */
  claims: ClaimsHook;
  /** What `POST /orders` has saved. */
  readonly saved: string[];
  /** Makes every access token expire. */
  expire(): void;
  open(): Tab;
  happened(type: TokenpairEvent['type']): number;
  close(): Promise<void>;
}

/** A tab of a browser: sends what a browser sends when a person follows links and sends forms. */
export interface Tab {
  readonly jar: Map<string, string>;
  /** Opens a page from the address bar. */
  visit(path: string, headers?: Headers): Promise<Page>;
  /** Sends a form of the own origin. */
  submit(path: string, fields?: Readonly<Record<string, string>>, headers?: Headers): Promise<Page>;
  /** A request of a script of the own origin. */
  fetch(path: string, init?: { method?: string; headers?: Headers; body?: string }): Promise<Page>;
}

type Headers = Readonly<Record<string, string>>;

export interface Page extends Omit<TestResponse, 'headers'> {
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` lines. */
  readonly cookies: readonly string[];
}

export const access = '__Host-page_access';
export const refresh = '__Host-page_refresh';

const hello = (text: string) => (visit: Visit) => {
  visit.show(`${text} of ${visit.token()?.subject ?? 'a guest'}`);
};

const login = ({ body, signIn }: Visit) => {
  const { user = 'ada', session } = body as { user?: string; session?: string };
  const persistence = session === 'yes' ? { persistent: false } : {};
  return signIn({ subject: user, scope: 'orders:read', ...persistence });
};

/** The routes that most tests need. */
function usualRoutes(saved: string[]): readonly PageRoute[] {
  return [
    { path: '/', run: hello('home') },
    { path: '/orders', guard: 'page', run: hello('orders') },
    {
      method: 'post',
      path: '/orders',
      guard: 'page',
      run(visit) {
        saved.push(`${String(visit.body['text'])} by ${visit.token()?.subject}`);
        visit.show('saved');
      },
    },
    { path: '/admin', guard: 'claim', run: hello('admin') },
    { path: '/scoped', guard: 'scopes', run: hello('scoped') },
    { path: '/any', guard: 'anyScope', run: hello('any') },
    { path: '/check', guard: 'check', run: hello('check') },
    { path: '/transfer', guard: 'fresh', run: hello('transfer') },
    { method: 'post', path: '/transfer', guard: 'fresh', run: hello('transferred') },
    { path: '/high', guard: 'acr', run: hello('high') },
    { path: '/login', run: (visit) => visit.show(`sign in, then ${visit.returnPath()}`) },
    { method: 'post', path: '/login', run: login },
    { path: '/callback', run: (visit) => visit.signIn({ subject: 'grace' }) },
    { path: '/confirm', guard: 'page', run: hello('confirm') },
    { method: 'post', path: '/confirm', run: (visit) => visit.reauthenticated() },
    { path: '/logout', run: (visit) => visit.signOut() },
    { method: 'post', path: '/logout', run: (visit) => visit.signOut('/?bye') },
  ];
}

export interface WorldOptions extends Partial<Omit<PagesAppOptions, 'routes' | 'tokens'>> {
  readonly routes?: readonly PageRoute[];
  readonly issuer?: Partial<TokenIssuerOptions>;
  /** The store. @defaultValue in memory, with the clock of the world */
  readonly inner?: SessionStore;
}

export async function createPagesWorld(
  create: (app: PagesAppOptions) => RequestListener,
  { routes = [], issuer, inner, ...app }: WorldOptions = {},
): Promise<PagesWorld> {
  const clock = createTestClock();
  const saved: string[] = [];
  const events: TokenpairEvent[] = [];
  const store = breakable(inner ?? new MemorySessionStore({ capacity: 1_000, clock: clock.now }));
  const world = {
    claims: ((subject) => ({ role: subject === 'alan' ? 'admin' : 'user' })) as ClaimsHook,
  };
  const { tokens, calls } = createTestIssuer({
    clock: clock.now,
    store: store.store,
    claims: (...asked) => world.claims(...asked),
    onEvent: (event) => events.push(event),
    ...issuer,
  });
  const listener = create({ tokens, routes: [...routes, ...usualRoutes(saved)], ...app });
  const server = await startServer(listener);
  return Object.assign(world, {
    tokens,
    clock,
    store,
    events,
    server,
    calls,
    saved,
    expire: () => clock.advance(301),
    open: () => openTab(server.port),
    happened: (type: string) => events.filter((event) => event.type === type).length,
    close: () => server.close(),
  });
}

/** @param jar - shared by the tabs of one browser. */
export function openTab(port: number, jar = new Map<string, string>()): Tab {
  async function ask(method: string, path: string, headers: Headers, body?: string): Promise<Page> {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const all = { Host: `localhost:${port}`, ...(cookie !== '' && { Cookie: cookie }), ...headers };
    const answer = await send(port, {
      method,
      path,
      headers: all,
      ...(body !== undefined && { body }),
    });
    const cookies = (answer.headers['set-cookie'] ?? '')
      .split(/, (?=[^;,]+=)/)
      .filter((line) => line !== '');
    for (const line of cookies) keep(jar, line);
    return { ...answer, cookies };
  }
  return {
    jar,
    visit: (path, headers = {}) => ask('GET', path, { ...navigation, ...headers }),
    submit: (path, fields = {}, headers = {}) =>
      ask(
        'POST',
        path,
        {
          ...navigation,
          'Sec-Fetch-Site': 'same-origin',
          Origin: `http://localhost:${port}`,
          'Content-Type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        new URLSearchParams(fields).toString(),
      ),
    fetch: (path, { method = 'GET', headers = {}, body } = {}) =>
      ask(method, path, { ...script, ...headers }, body),
  };
}

/** What a browser sends when a person opens a page. */
export const navigation = {
  Accept: 'text/html,application/xhtml+xml',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'none',
} as const;

/** What a browser sends when a script of the own origin calls `fetch`. */
const script = {
  Accept: '*/*',
  'Sec-Fetch-Dest': 'empty',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Site': 'same-origin',
} as const;

/** Puts a `Set-Cookie` line into a jar. */
export function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  if (attributes.includes('Max-Age=0')) jar.delete(name);
  else jar.set(name, value);
}
