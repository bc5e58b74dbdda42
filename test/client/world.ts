// A user's program and the API it talks to: real servers on real sockets, and a proxy between them that breaks things.

import {
  createClient,
  type Client,
  type ClientEvent,
  type ClientOptions,
  type SignedOut,
  type TokenStorage,
} from '@tokenpair/client';

import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.js';
import { createApi, type Api, type ApiOptions, type Framework } from './api.js';

export interface World {
  readonly api: Api;
  readonly proxy: FaultyProxy;
  readonly storage: TestStorage;
  readonly events: ClientEvent[];
  /** What `onSignedOut` was told. */
  readonly signedOut: SignedOut[];
  readonly url: (path: string) => string;
  /** A client over the storage of this world, or another one. */
  open(options?: Partial<ClientOptions>): Client;
  signIn(client: Client, user?: string): ReturnType<Client['signIn']>;
  /** The user that the API sees. */
  whoAmI(client: Client): Promise<string>;
  /** Status of a call. */
  status(client: Client, path?: string, init?: RequestInit): Promise<number>;
  refreshes(): number;
  /** Types of the server's events, but for those of a login. */
  happened(type: string): number;
  close(): Promise<void>;
}

/** A storage that the test can break. */
export interface TestStorage extends TokenStorage {
  text: string | undefined;
  /** Makes methods throw. */
  breaks: ReadonlySet<'get' | 'set' | 'delete'>;
  /** How often each method was called. */
  readonly calls: Record<'get' | 'set' | 'delete', number>;
}

export function createTestStorage(): TestStorage {
  const storage: TestStorage = {
    text: undefined,
    breaks: new Set(),
    calls: { get: 0, set: 0, delete: 0 },
    async get() {
      meet('get');
      return storage.text;
    },
    async set(value) {
      meet('set');
      storage.text = value;
    },
    async delete() {
      meet('delete');
      storage.text = undefined;
    },
  };
  function meet(name: 'get' | 'set' | 'delete'): void {
    storage.calls[name] += 1;
    if (storage.breaks.has(name)) throw Object.assign(new Error('locked'), { code: 'ELOCKED' });
  }
  return storage;
}

export async function createWorld(framework: Framework, options: ApiOptions = {}): Promise<World> {
  const api = createApi(framework, options);
  const proxy = await startFaultyProxy(api.listener);
  const storage = createTestStorage();
  const events: ClientEvent[] = [];
  const signedOut: SignedOut[] = [];
  const clients: Client[] = [];
  const url = (path: string) => proxy.origin + path;

  return {
    api,
    proxy,
    storage,
    events,
    signedOut,
    url,
    open(more = {}) {
      const client = createClient({
        mount: url('/auth'),
        transport: 'body',
        storage,
        onEvent: (event) => events.push(event),
        onSignedOut: (state) => signedOut.push(state),
        ...more,
      });
      clients.push(client);
      return client;
    },
    signIn: (client, user = 'ada') =>
      client.signIn(() => fetch(url(`/login?user=${user}`), { method: 'POST' })),
    async whoAmI(client) {
      const response = await client.fetch(url('/me'));
      return ((await response.json()) as { user: string }).user;
    },
    status: async (client, path = '/me', init) => (await client.fetch(url(path), init)).status,
    refreshes: () => proxy.requestsTo('/auth/refresh').length,
    happened: (type) => api.events.filter((event) => event.type === type).length,
    async close() {
      for (const client of clients) client.close();
      await proxy.close();
    },
  };
}

/** The `code` that a call rejects with, or what it resolves to. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    const value = await call;
    return value instanceof Response ? value.status : value;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
