// A browser with tabs, and a phone: each tab and the app have the client for themselves, with the globals of a place that can be
// closed or killed at any moment.

import type * as clientPackage from '@tokenpair/client';
import type { Client, ClientOptions, SignedOut, TokenStorage } from '@tokenpair/client';

import type { TestResponse } from '../../support/http.js';
import { createSourceCopy, type Replacement } from '../../support/source-copy.js';
import type { Random } from '../../support/tabs/random.js';
import type { Network } from './network.js';
import type { Transport } from './service.js';
import type { VirtualTime } from './virtual-time.js';

export interface Surroundings {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly random: Random;
  /** Mistakes that are made in the client. */
  readonly mistakes: readonly Replacement[];
  /** Called when a client says that its session has ended. */
  readonly onSignedOut: (device: Device, sessionId: string, state: SignedOut) => void;
}

export interface Device {
  readonly name: string;
  readonly mount: '/auth' | '/app';
  readonly transport: Transport;
  readonly tabs: readonly (Tab | undefined)[];
  /** The tab of this number, opened if it is not open. */
  tab(index: number): Tab;
  /** The refresh token that it keeps, for a thief to copy. */
  token(): string | undefined;
}

export interface Tab {
  readonly client: Client;
  /** The session that it knew last. */
  readonly sessionId: () => string;
  login(): Promise<Response>;
  /** Closes it as a user does: the page hears of it. */
  close(): void;
  /** Ends it at once. */
  kill(): void;
}

/** What each tab has for itself. */
interface Place {
  isAlive: boolean;
  readonly timers: Set<() => void>;
  readonly listeners: Map<string, Set<(event: unknown) => void>>;
}

const loadClient = createSourceCopy<typeof clientPackage>('client');
const cookieName = '__Host-refresh_token';

export function createBrowser(transport: Transport, around: Surroundings): Device {
  return createDevice('browser', '/auth', transport, 8, around);
}

export function createPhone(around: Surroundings): Device {
  return createDevice('phone', '/app', 'body', 1, around);
}

function createDevice(
  name: string,
  mount: Device['mount'],
  transport: Transport,
  count: number,
  around: Surroundings,
): Device {
  const { time, network, random, mistakes } = around;
  const tabs: (Tab | undefined)[] = Array.from({ length: count }, () => undefined);
  const channels = new Set<Channel>();
  let cookie: string | undefined;
  let stored: string | undefined;

  class Channel {
    readonly place: Place;
    hear: (event: { readonly data: unknown }) => void = () => {};
    constructor(place: Place) {
      this.place = place;
      channels.add(this);
    }
    addEventListener(_type: string, hear: Channel['hear']): void {
      this.hear = hear;
    }
    postMessage(data: unknown): void {
      for (const other of channels) {
        if (other === this) continue;
        time.after(1 + random(13), () => {
          if (other.place.isAlive && channels.has(other)) other.hear({ data });
        });
      }
    }
    close(): void {
      channels.delete(this);
    }
  }

  function openTab(index: number): Tab {
    const place: Place = { isAlive: true, timers: new Set(), listeners: new Map() };
    const fetch = createFetch(place);
    const { createClient } = loadClient(mistakes, globalsOf(place, fetch));
    let sessionId = '';
    const options: ClientOptions = {
      mount: network.origin + mount,
      onSignedOut: (state) => around.onSignedOut(device, sessionId, state),
      ...(transport === 'cookie' ? { transport } : { transport, storage: createStorage(place) }),
    };
    const client = createClient(options);
    client.subscribe((state) => {
      if (state.status === 'signed-in') ({ sessionId } = state);
    });
    return {
      client,
      sessionId: () => sessionId,
      login: () => fetch(`${network.origin}/login${mount}/ada`, { method: 'POST' }),
      close() {
        for (const hear of place.listeners.get('pagehide') ?? []) hear({ persisted: false });
        this.kill();
      },
      kill() {
        place.isAlive = false;
        for (const cancel of place.timers) cancel();
        for (const channel of channels) if (channel.place === place) channel.close();
        tabs[index] = undefined;
      },
    };
  }

  function globalsOf(place: Place, fetch: typeof globalThis.fetch) {
    const started = time.now();
    const addEventListener = (type: string, hear: (event: unknown) => void) => {
      const all = place.listeners.get(type) ?? new Set();
      place.listeners.set(type, all.add(hear));
    };
    const removeEventListener = (type: string, hear: (event: unknown) => void) =>
      place.listeners.get(type)?.delete(hear);
    const location = { href: `${network.origin}/` };
    // The clock of the phone is three hours slow.
    const slow = mount === '/app' ? 3 * 3_600_000 : 0;
    return {
      fetch,
      setTimeout(run: () => void, milliseconds = 0) {
        const cancel = time.after(milliseconds, () => {
          place.timers.delete(cancel);
          run();
        });
        place.timers.add(cancel);
        return cancel;
      },
      clearTimeout(cancel: (() => void) | undefined) {
        cancel?.();
        if (cancel) place.timers.delete(cancel);
      },
      performance: { now: () => time.now() - started },
      Date: { now: () => time.now() - slow },
      Math: Object.assign(Object.create(Math), { random: () => random(999_999) / 1_000_000 }),
      BroadcastChannel: function open() {
        return new Channel(place);
      },
      addEventListener,
      globalThis: {
        addEventListener,
        removeEventListener,
        ...(mount === '/auth' && { location }),
      },
    };
  }

  /** As `fetch` of a page. A request that is aborted leaves no cookie, except one with `keepalive`. */
  function createFetch(place: Place): typeof globalThis.fetch {
    return async function fetch(input, init) {
      if (!place.isAlive) return never();
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      const body = init?.body as string | undefined;
      const isKept = init?.keepalive === true;
      const headers: Record<string, string> = {};
      for (const [key, value] of request.headers) headers[key] = value;
      if (mount === '/auth') headers['Sec-Fetch-Site'] = 'same-origin';
      if (cookie !== undefined) headers['Cookie'] = `${cookieName}=${cookie}`;
      const { method, signal } = request;
      const sending = network.send({
        method,
        path: pathname + search,
        headers,
        ...(body !== undefined && { body }),
      });
      let isAborted = false;
      return new Promise<Response>((resolve, reject) => {
        const abort = () => {
          isAborted = true;
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', abort);
        if (signal.aborted) abort();
        const arrive = ({ status, headers: received, body: text }: TestResponse) => {
          const isWanted = place.isAlive && !isAborted;
          if (isWanted || isKept) receive(received['set-cookie']);
          if (!isWanted) return;
          resolve(new Response(status === 204 ? null : text, { status, headers: received }));
        };
        const fail = () => place.isAlive && reject(new TypeError('fetch failed'));
        sending.then(arrive, fail);
      });
    };
  }

  function receive(line: string | undefined): void {
    if (transport === 'body' || line === undefined) return;
    const value = /^__Host-refresh_token=([^;]*)/.exec(line)?.[1];
    if (value !== undefined) cookie = value === '' ? undefined : value;
  }

  function createStorage(place: Place): TokenStorage {
    // localStorage answers at once, the keychain of a phone takes its time.
    const reach = async (): Promise<void> => {
      if (mount === '/app') await time.sleep(random(30));
      if (!place.isAlive) await never();
    };
    return {
      async get() {
        await reach();
        return stored;
      },
      async set(value) {
        await reach();
        stored = value;
        await reach();
      },
      async delete() {
        await reach();
        stored = undefined;
      },
      ...(mount === '/auth' && { shared: 'local' }),
    };
  }

  const device: Device = {
    name,
    mount,
    transport,
    tabs,
    tab: (index) => (tabs[index] ??= openTab(index)),
    token: () =>
      transport === 'cookie'
        ? cookie
        : (JSON.parse(stored ?? '{}') as { refresh_token?: string }).refresh_token,
  };
  return device;
}

/** What was to come in a place that is gone. */
function never<T>(): Promise<T> {
  return new Promise(() => {});
}
