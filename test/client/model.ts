// Clients in tabs or processes over one storage, and a server in memory. Every request and every use of the storage waits until the
// test lets it go on, so that a test decides about their order, loses answers, and kills a client between any two steps.

import type * as client from '@tokenpair/client';
import type { Client, ClientOptions, SessionState, TokenStorage } from '@tokenpair/client';

import { rest } from '../support/set-time.js';

export type ClientPackage = typeof client;

/**
 * How the network answers. `lost`: the server has done it, and the answer does not arrive. `late`: the answer is a step for itself.
 */
export type Delivery = 'whole' | 'lost' | 'late' | 'cut' | 'html' | 'busy';

interface Step {
  readonly tab: Tab;
  readonly what: 'mount' | 'api' | 'get' | 'set' | 'delete';
  readonly go: (how: Delivery) => void;
}

interface ModelSession {
  readonly id: string;
  readonly user: string;
  tokens: readonly string[];
  rotatedAt: number;
  isLive: boolean;
  /** Whether the storage had its token, and then that of another session or none. */
  isReplaced: boolean;
}

/** One client, and what it has done. */
export interface Tab {
  readonly client: Client;
  isAlive: boolean;
  /** Refreshes that are under way and not aborted. */
  refreshing: number;
  /** How often the mount told it that there is no session. */
  logins: number;
  readonly states: SessionState[];
  readonly signedOut: SessionState[];
}

export interface Model {
  readonly tabs: readonly Tab[];
  readonly steps: readonly Step[];
  readonly faults: string[];
  /** What the storage contains. */
  text: string | undefined;
  breaks: ReadonlySet<string>;
  readonly count: Record<
    'refresh' | 'logout' | 'login' | 'delete' | 'reused' | 'signOuts' | 'api',
    number
  >;
  /** What the API answers in place of 200, in order. */
  readonly apiAnswers: Response[];
  open(options?: Partial<ClientOptions>): Tab;
  kill(tab: Tab): void;
  /** Lets one step go on. */
  step(index: number, how?: Delivery): Promise<void>;
  /** Lets all steps go on, and the steps that these cause. */
  run(): Promise<void>;
  signIn(tab: Tab, user: string): Promise<unknown>;
  signOut(tab: Tab): Promise<unknown>;
  call(tab: Tab, path?: string): Promise<Response>;
  /** Sends a message to all tabs, as another script of the origin can. */
  broadcast(message: object): void;
  /** Ends a session on the server. */
  end(user: string): void;
}

export const lifetime = 300;
const settleTime = 60_000;
const origin = 'https://api.test';

export function createModel({ createClient }: ClientPackage): Model {
  const tabs: Tab[] = [];
  const steps: Step[] = [];
  const sessions: ModelSession[] = [];
  const faults: string[] = [];
  /** Every text that the storage has had. */
  const stored: string[] = [];
  const channels = new Set<{ readonly tab: Tab; readonly hear: (data: unknown) => void }>();
  /** Access token to the pair that it belongs to. */
  const issued = new Map<string, { readonly session: ModelSession; readonly refresh: string }>();
  let serial = 0;

  const model: Model = {
    tabs,
    steps,
    faults,
    text: undefined,
    breaks: new Set(),
    count: { refresh: 0, logout: 0, login: 0, delete: 0, reused: 0, signOuts: 0, api: 0 },
    apiAnswers: [],
    open,
    kill(tab) {
      tab.isAlive = false;
      for (let index = steps.length - 1; index >= 0; index -= 1) {
        if (steps[index]?.tab === tab) steps.splice(index, 1);
      }
      for (const channel of channels) if (channel.tab === tab) channels.delete(channel);
    },
    async step(index, how = 'whole') {
      const [step] = steps.splice(index, 1);
      step?.go(how);
      await rest(3);
    },
    async run() {
      await rest(3);
      while (steps.length > 0) await model.step(0);
    },
    signIn: (tab, user) => tab.client.signIn(() => send(tab, `${origin}/login?${user}`, {})),
    signOut(tab) {
      model.count.signOuts += 1;
      return tab.client.signOut();
    },
    async call(tab, path = '/orders') {
      const before = tab.client.session();
      const response = await tab.client.fetch(origin + path);
      const sessionId = response.headers.get('session-id');
      if (before.status === 'signed-in' && sessionId !== null && sessionId !== before.sessionId) {
        faults.push(`(4) an answer for ${sessionId} reached a call of ${before.sessionId}`);
      }
      return response;
    },
    broadcast(message) {
      for (const { tab, hear } of channels) if (tab.isAlive) hear(message);
    },
    end(user) {
      for (const session of sessions) if (session.user === user) session.isLive = false;
    },
  };

  function open(options: Partial<ClientOptions> = {}): Tab {
    const tab = {
      isAlive: true,
      refreshing: 0,
      logins: 0,
      states: [],
      signedOut: [],
    } as unknown as Tab;
    const storage: TokenStorage = {
      shared: 'model',
      get: () => wait(tab, 'get', () => model.text),
      set: (value) =>
        wait(tab, 'set', () => {
          replace(value);
          stored.push(value);
        }),
      delete: () =>
        wait(tab, 'delete', () => {
          replace(undefined);
          model.count.delete += 1;
        }),
    };
    const restore = globalThis.BroadcastChannel;
    // The client takes the global one when it is created.
    globalThis.BroadcastChannel = channelOf(tab) as never;
    const opened = createClient({
      mount: `${origin}/auth`,
      transport: 'body',
      storage,
      fetch: (input, init) => send(tab, input as string | Request, init ?? {}),
      onSignedOut: (state) => tab.signedOut.push(state),
      ...options,
    });
    globalThis.BroadcastChannel = restore;
    opened.subscribe((state) => tab.states.push(state));
    Object.assign(tab, { client: opened });
    tabs.push(tab);
    return tab;
  }

  const ownerOf = (text = '') =>
    sessions.find(({ tokens }) => tokens.some((token) => text.includes(`"${token}"`)));

  function replace(text: string | undefined): void {
    const former = ownerOf(model.text);
    if (former && former !== ownerOf(text)) former.isReplaced = true;
    model.text = text;
  }

  function channelOf(tab: Tab) {
    return class {
      readonly #channel: { tab: Tab; hear: (data: unknown) => void } = { tab, hear() {} };
      addEventListener(_type: string, hear: (event: { data: unknown }) => void): void {
        this.#channel.hear = (data) => hear({ data });
        channels.add(this.#channel);
      }
      unref(): void {}
      postMessage(data: unknown): void {
        if (!tab.isAlive) return;
        for (const other of channels) {
          if (other.tab !== tab) setImmediate(() => other.tab.isAlive && other.hear(data));
        }
      }
      close(): void {
        channels.delete(this.#channel);
      }
    };
  }

  function wait<T>(tab: Tab, what: 'get' | 'set' | 'delete', run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!tab.isAlive) return;
      steps.push({
        tab,
        what,
        go() {
          if (model.breaks.has(what)) reject(new Error('locked'));
          else resolve(run());
        },
      });
    });
  }

  function send(tab: Tab, input: string | Request, init: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const isRefresh = pathname === '/auth/refresh';
    const { signal } = request;
    return new Promise((resolve, reject) => {
      if (!tab.isAlive) return;
      let isOver = false;
      const finish = () => {
        if (!isOver && isRefresh) tab.refreshing -= 1;
        isOver = true;
      };
      if (isRefresh) {
        tab.refreshing += 1;
        if (tab.refreshing > 1) faults.push('(1) two refreshes are under way');
      }
      const token = request.headers.get('authorization')?.slice('Bearer '.length);
      const refresh = token && issued.get(token)?.refresh;
      if (refresh && !stored.some((text) => text.includes(refresh))) {
        faults.push('(2) an access token was sent whose pair is not stored');
      }
      const abort = () => {
        finish();
        reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
      };
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      const what = pathname.startsWith('/auth') ? 'mount' : 'api';
      steps.push({ tab, what, go: (how) => void process(how) });

      async function process(how: Delivery): Promise<void> {
        const body = await request.text();
        const answer = how === 'cut' ? undefined : serve(tab, pathname, request, body, token, how);
        if (how === 'late') steps.push({ tab, what, go: () => deliver(answer) });
        else deliver(how === 'lost' ? undefined : answer);
      }
      function deliver(answer: Response | undefined): void {
        finish();
        if (answer) resolve(answer);
        else reject(new TypeError('fetch failed'));
      }
    });
  }

  function serve(
    tab: Tab,
    path: string,
    { url }: Request,
    body: string,
    token: string | undefined,
    how: Delivery,
  ): Response {
    if (how === 'html') return new Response('<p>', { headers: { 'Content-Type': 'text/html' } });
    if (how === 'busy')
      return json(503, { code: 'refresh_pending', action: 'retry', retry_after: 3 });
    const presented = /refresh_token=([^&]*)/.exec(body)?.[1];
    const owner = sessions.find(({ tokens }) => presented && tokens.includes(presented));
    if (path === '/login') {
      const user = new URL(url).search.slice(1);
      const session = {
        id: `s${++serial}-${user}`,
        user,
        tokens: [],
        rotatedAt: 0,
        isLive: true,
        isReplaced: false,
      };
      sessions.push(session);
      return json(200, rotate(session));
    }
    if (path === '/auth/logout') {
      model.count.logout += 1;
      // A login over another session ends that one.
      if (model.count.signOuts === 0 && !owner?.isReplaced) {
        faults.push('(7) a logout without signOut');
      }
      if (owner) owner.isLive = false;
      return new Response(null, { status: 204 });
    }
    if (path === '/auth/refresh') {
      model.count.refresh += 1;
      if (!owner?.isLive) {
        model.count.login += 1;
        tab.logins += 1;
        return json(401, { code: 'refresh_token_invalid', action: 'login' });
      }
      return json(200, exchange(owner, presented as string));
    }
    model.count.api += 1;
    const special = model.apiAnswers.shift();
    if (special) return special;
    const known = token === undefined ? undefined : issued.get(token);
    const isGood = known && Number(token?.split('@')[1]) + lifetime * 1_000 > Date.now();
    return isGood
      ? json(200, {}, { 'session-id': known.session.id })
      : json(401, {
          code: token ? 'token_expired' : 'token_missing',
          action: token ? 'refresh' : 'login',
        });
  }

  /** As the server does: a session rotates at most once per settle time, and a predecessor gets its successor again. */
  function exchange(session: ModelSession, presented: string): object {
    const generation = session.tokens.indexOf(presented);
    const isCurrent = generation === session.tokens.length - 1;
    const isSettled = Date.now() - session.rotatedAt > settleTime || generation === 0;
    if (isCurrent && isSettled) return rotate(session);
    if (generation < session.tokens.length - 2) model.count.reused += 1;
    return pairOf(session);
  }

  function rotate(session: ModelSession): object {
    session.tokens = [...session.tokens, `r${++serial}.`];
    session.rotatedAt = Date.now();
    return pairOf(session);
  }

  function pairOf(session: ModelSession): object {
    const refresh = session.tokens.at(-1) as string;
    const access = `a${++serial}@${Date.now()}`;
    issued.set(access, { session, refresh });
    return {
      access_token: access,
      refresh_token: refresh,
      expires_in: lifetime,
      refresh_expires_in: 86_400,
      session_id: session.id,
    };
  }

  return model;
}

export function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  const type = { 'Content-Type': 'application/json' };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}
