// What a program, an app or a page can rely on, beyond the numbered situations.

import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';

import {
  ClientError,
  createClient,
  eachToken,
  isClientError,
  type ClientOptions,
  type TokenStorage,
} from '@tokenpair/client';

import { delayed } from '../support/faulty-proxy.js';
import { elapse, elapseUntil, rest, setTimeByHand } from '../support/set-time.js';
import { createTestStorage, createWorld, outcome, type World } from './world.js';

let world: World;

beforeEach(async () => {
  world = await createWorld('Express 5');
});
afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  await world.close();
});

const json = (status: number, body: object) =>
  ({ kind: 'answer', status, type: 'application/json', body: JSON.stringify(body) }) as const;
const html = (status: number) => ({ kind: 'answer', status }) as const;

async function openSignedIn(options: Partial<ClientOptions> = {}) {
  const client = world.open(options);
  await world.signIn(client);
  return client;
}

const shared = (name: string) => ({ ...createTestStorage(), shared: name });

/** As a server that does not say how long a token is valid. */
const sendWithoutLifetime: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!/auth|login/.test(response.url)) return response;
  const { expires_in: _, ...body } = (await response.json()) as Record<string, unknown>;
  return Response.json(body, { status: response.status });
};

/** Lets tokens expire by the clocks of the client and the server. */
function letAllExpire(): void {
  world.api.expire();
  jest.setSystemTime(Date.now() + 301_000);
}

describe('waiting', () => {
  test('a caller who aborts does not take the refresh from the others', async () => {
    const client = await openSignedIn();
    world.api.expire();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const control = new AbortController();
    const aborted = outcome(client.fetch(world.url('/me'), { signal: control.signal }));
    const other = world.status(client);
    await arrived;
    control.abort(new Error('the user has left'));
    expect(await aborted).toEqual(new Error('the user has left'));
    late.release();
    expect(await other).toBe(200);
    expect(world.refreshes()).toBe(1);
  });

  test('the refresh outlives its callers, and keeps what it gets', async () => {
    setTimeByHand();
    const client = await openSignedIn({ wait: 1 });
    letAllExpire();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = outcome(world.status(client));
    await arrived;
    await elapse(1);
    expect(await call).toBe('unavailable');
    late.release();
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(1);
  });

  test('an attempt ends after ten seconds, and the next one reads the storage anew', async () => {
    setTimeByHand();
    const client = await openSignedIn({ wait: 15 });
    letAllExpire();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = world.status(client);
    await arrived;
    const reads = world.storage.calls.get;
    const again = world.proxy.arrived('/auth/refresh');
    await elapse(9.9);
    expect(world.refreshes()).toBe(1);
    await elapse(0.2);
    await again;
    expect(await call).toBe(200);
    expect(world.storage.calls.get).toBeGreaterThan(reads);
    late.release();
    await rest();
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(2);
  });

  test('a storage that never answers is reported, and hangs no call', async () => {
    setTimeByHand();
    const storage = createTestStorage();
    storage.get = () => new Promise(() => {});
    const client = world.open({ storage });
    expect(await elapseUntil(outcome(client.start()), 1)).toBe('storage');
  });

  test('a channel that would keep a program alive is not kept open', async () => {
    const { BroadcastChannel: real } = globalThis;
    const calls: string[] = [];
    // As on Deno.
    globalThis.BroadcastChannel = class {
      addEventListener(): void {
        calls.push('listen');
      }
      close(): void {
        calls.push('close');
      }
      postMessage(): void {
        calls.push('post');
      }
    } as never;
    try {
      await world.signIn(world.open({ storage: shared('deno') }));
    } finally {
      globalThis.BroadcastChannel = real;
    }
    expect(calls).toEqual(['close']);
  });

  test('a program ends by itself after its calls', async () => {
    await openSignedIn();
    const script = `
      const { createClient } = require(${JSON.stringify(join(__dirname, '../../packages/client'))});
      const storage = { get: () => ${JSON.stringify(world.storage.text)}, set() {}, delete() {}, shared: 'x' };
      const client = createClient({ mount: '${world.url('/auth')}', transport: 'body', storage });
      client.fetch('${world.url('/me')}').then(({ status }) => console.log(status));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      timeout: 60_000,
    });
    expect(stdout).toBe('200\n');
  }, 90_000);
});

describe('token', () => {
  test('refreshes once for ten calls that were refused with one token', async () => {
    const client = await openSignedIn();
    const refused = (await client.token()) as string;
    const calls = Array.from({ length: 10 }, () => client.token({ not: refused }));
    const tokens = new Set(await Promise.all(calls));
    expect(tokens.size).toBe(1);
    expect(tokens).not.toContain(refused);
    expect(world.refreshes()).toBe(1);
  });

  test('is valid for as long as was asked, and undefined when signed out', async () => {
    setTimeByHand();
    const client = await openSignedIn();
    const first = await client.token({ validFor: 120 });
    expect(await client.token({ validFor: 299.9 })).toBe(first);
    expect(await client.token({ validFor: 301 })).not.toBe(first);
    await client.signOut();
    expect(await client.token()).toBeUndefined();
  });

  test('is used further while the mount is not available, if it is still good', async () => {
    setTimeByHand();
    const client = await openSignedIn({ wait: 1 });
    const token = await client.token();
    world.proxy.always(html(502));
    expect(await elapseUntil(client.token({ validFor: 301 }))).toBe(token);
  });

  test('is handed to a socket, each before the one before expires, until the session ends', async () => {
    setTimeByHand();
    const client = await openSignedIn();
    const used: string[] = [];
    let ends = 0;
    const come = new EventEmitter();
    const first = once(come, 'token');
    eachToken(
      client,
      (token) => {
        used.push(token);
        come.emit('token');
      },
      () => (ends += 1),
    );
    await first;
    const second = once(come, 'token');
    // After three minutes the first token is valid for two more.
    for (let minute = 0; minute < 3; minute += 1) {
      expect(used).toHaveLength(1);
      world.api.clock.advance(60);
      await elapse(60);
    }
    await second;
    expect(used).toHaveLength(2);
    await client.signOut();
    expect(ends).toBe(1);
  });

  test('is not handed to a socket after it was stopped', async () => {
    const client = await openSignedIn();
    const stop = eachToken(
      client,
      () => expect(true).toBe(false),
      () => expect(true).toBe(false),
    );
    stop();
    await client.signOut();
    expect(client.session().status).toBe('signed-out');
  });
});

describe('clocks and lifetimes', () => {
  test.each([
    ['a day fast', 86_400_000],
    ['a day slow', -86_400_000],
  ])('a clock that is set to %s signs no user out', async (_, change) => {
    setTimeByHand();
    const client = await openSignedIn();
    jest.setSystemTime(Date.now() + change);
    expect(await world.status(client)).toBe(200);
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBeLessThanOrEqual(1);
  });

  test('a token whose lifetime the server does not say is used until it is refused', async () => {
    const client = world.open({ fetch: sendWithoutLifetime });
    await client.signIn(() =>
      sendWithoutLifetime(world.url('/login?user=ada'), { method: 'POST' }),
    );
    setTimeByHand();
    jest.setSystemTime(Date.now() + 86_400_000);
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(0);
    world.api.expire();
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(1);
  });

  test('an access token is refreshed beside a call late in its life', async () => {
    setTimeByHand();
    const client = await openSignedIn();
    world.api.clock.advance(280);
    jest.setSystemTime(Date.now() + 280_000);
    const arrived = world.proxy.arrived('/auth/refresh');
    expect(await world.status(client)).toBe(200);
    await arrived;
    expect(client.endsIn()).toBeGreaterThan(2_000_000);
  });
});

describe('the mount', () => {
  test.each(['fix', 'dance'])('that answers the action %s is misconfigured', async (action) => {
    const client = await openSignedIn();
    world.api.expire();
    world.proxy.next('/auth/refresh', json(400, { code: 'new_code', action }));
    await expect(world.status(client)).rejects.toMatchObject({
      code: 'misconfigured',
      refusal: { status: 400, code: 'new_code', action },
    });
    expect(client.session().status).toBe('signed-in');
  });

  test('never redirects, in any state', async () => {
    const client = await openSignedIn();
    const token = (await client.token()) as string;
    const { refresh_token } = JSON.parse(world.storage.text as string) as Record<string, string>;
    for (const state of ['live', 'down', 'ended']) {
      if (state === 'down') world.api.store.break('down');
      if (state === 'ended') {
        world.api.store.repair();
        await client.signOut();
      }
      for (const path of ['refresh', 'refresh?optional', 'logout', 'logout-all', 'token', 'none']) {
        for (const body of [JSON.stringify({ refresh_token }), '{}', 'text']) {
          const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
          const init = { method: 'POST', redirect: 'manual', headers, body } as const;
          if (state === 'live' && path.startsWith('logout')) continue;
          const { status } = await fetch(world.url(`/auth/${path}`), init);
          expect([state, path, status < 300 || status >= 400]).toEqual([state, path, true]);
        }
      }
    }
  });

  test('that needs the access token gets it, and a mismatch is asked again without it', async () => {
    const client = await openSignedIn({ sendAccessToken: true });
    world.api.expire();
    world.proxy.next('/auth/refresh', json(401, { code: 'token_pair_mismatch', action: 'login' }));
    expect(await world.status(client)).toBe(200);
    const [first, second] = world.proxy.requestsTo('/auth/refresh').map(({ body }) => body);
    expect(first).toContain('access_token=');
    expect(second).not.toContain('access_token=');
  });

  test('is not asked before the first call', async () => {
    world.open();
    await rest();
    expect(world.proxy.requests).toEqual([]);
  });
});

describe('fetch', () => {
  test('works unbound, with a URL and with a Request', async () => {
    const { fetch: unbound } = await openSignedIn();
    expect((await unbound(new URL(world.url('/me')))).status).toBe(200);
    expect((await unbound(new Request(world.url('/me')))).status).toBe(200);
  });

  test('leaves a request with its own Authorization alone', async () => {
    const client = await openSignedIn();
    const headers = { Authorization: 'Basic YTpi' };
    expect(await world.status(client, '/me', { headers })).toBe(401);
    expect(world.refreshes()).toBe(0);
    expect(world.proxy.requestsTo('/me')).toMatchObject([
      { headers: { authorization: 'Basic YTpi' } },
    ]);
  });

  test('does not take the token along to another origin, by a redirect', async () => {
    const other = await createWorld('Express 5');
    const client = await openSignedIn();
    const to = encodeURIComponent(other.url('/me'));
    expect(await world.status(client, `/away?to=${to}`)).toBe(401);
    // Nor does it obey what that origin says.
    expect(other.proxy.requestsTo('/me')).toHaveLength(1);
    expect(other.proxy.requestsTo('/me')[0]?.headers.authorization).toBeUndefined();
    expect(world.refreshes()).toBe(0);
    await other.close();
  });

  test('hands on what another action says, and errors of the network', async () => {
    const client = await openSignedIn();
    world.proxy.next('/me', json(403, { code: 'scope_insufficient', action: 'fix' }));
    expect(await world.status(client)).toBe(403);
    world.proxy.next('/me', json(400, { code: 'new', action: 'dance' }));
    expect(await world.status(client)).toBe(400);
    world.proxy.next('/me', { kind: 'cut' });
    await expect(world.status(client)).rejects.toThrow('fetch failed');
    expect(world.refreshes()).toBe(0);
  });

  test('hands the 401 on when the user does not authenticate again', async () => {
    const client = world.open({ onReauthenticate: () => false });
    await world.signIn(client);
    world.api.clock.advance(301);
    expect(await world.status(client, '/fresh')).toBe(401);
    const silent = await openSignedIn();
    world.api.clock.advance(301);
    expect(await world.status(silent, '/fresh')).toBe(401);
  });

  test('waits for a server that is busy no longer than a caller does', async () => {
    const client = await openSignedIn({ wait: 1 });
    world.api.refusals.busy = 1;
    expect(await world.status(client, '/busy')).toBe(503);
  });
});

describe('several clients', () => {
  test('a refresh token that is stored already is not written again', async () => {
    const client = await openSignedIn();
    await client.token({ not: (await client.token()) as string });
    const writes = world.storage.calls.set;
    // The session has rotated a moment ago, so the refresh token stays.
    await client.token({ not: (await client.token()) as string });
    expect(world.refreshes()).toBe(2);
    expect(world.storage.calls.set).toBe(writes);
  });

  test('over one file are signed in and out together', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenpair-client-'));
    const file = join(folder, 'session');
    const storage: TokenStorage = {
      get: () => readFile(file, 'utf8').catch(() => undefined),
      async set(text) {
        const next = `${file}.${process.hrtime.bigint()}`;
        await writeFile(next, text, { mode: 0o600, flush: true });
        await rename(next, file);
      },
      delete: () => rm(file, { force: true }),
    };
    const [one, other] = [0, 1].map(() => world.open({ storage }));
    await world.signIn(one!);
    for (let round = 0; round < 3; round += 1) {
      world.api.expire();
      expect(await Promise.all([world.status(one!), world.status(other!)])).toEqual([200, 200]);
    }
    await other!.signOut();
    world.api.expire();
    expect(await world.status(one!)).toBe(401);
    expect(one!.session()).toEqual({ status: 'signed-out', reason: 'elsewhere' });
    await rm(folder, { recursive: true });
  });

  test('of one storage hear each other, those of two storages do not', async () => {
    const [mine, another] = [shared('mine'), shared('another')];
    const [one, two, other] = [mine, mine, another].map((storage) => world.open({ storage }));
    const heard = new Promise((resolve) => {
      two!.subscribe(resolve);
    });
    const state = await world.signIn(one!);
    expect(await heard).toEqual(state);
    expect(await two!.token()).toBe(await one!.token());
    expect(other!.session()).toEqual({ status: 'starting' });
    expect(await other!.start()).toEqual({ status: 'signed-out', reason: 'none' });

    const left = new Promise((resolve) => {
      two!.subscribe(resolve);
    });
    await one!.signOut();
    expect(await left).toEqual({ status: 'signed-out', reason: 'elsewhere' });
  });

  test('a client that was closed rejects what waits for the mount', async () => {
    const client = await openSignedIn();
    world.api.expire();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = outcome(world.status(client));
    await arrived;
    client.close();
    expect(await call).toBe('unavailable');
    late.release();
  });
});

describe('listeners', () => {
  test('are called at changes only, and get the same frozen object', async () => {
    const client = world.open();
    const seen: unknown[] = [];
    const stop = client.subscribe((state) => seen.push(state));
    await world.signIn(client);
    const state = client.session();
    await client.token({ not: (await client.token()) as string });
    expect(client.session()).toBe(state);
    expect(Object.isFrozen(state)).toBe(true);
    expect(seen).toEqual([state]);
    stop();
    await client.signOut();
    expect(seen).toHaveLength(1);
  });

  test('that throw are heard in a task of their own, and break nothing', async () => {
    const thrown: unknown[] = [];
    const real = globalThis.setTimeout;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, time?: number) => {
      if (time !== undefined) return real(run, time);
      try {
        run();
      } catch (error) {
        thrown.push(error);
      }
      return 0;
    }) as never);
    const broken = new Error('the listener is broken');
    const client = await openSignedIn({
      onSignedOut() {
        throw broken;
      },
      onReauthenticate() {
        throw broken;
      },
    });
    world.api.clock.advance(301);
    expect(await world.status(client, '/fresh')).toBe(401);
    expect(await client.signOut()).toEqual({ ended: true });
    expect(client.session().status).toBe('signed-out');
    expect(thrown).toEqual([broken, broken]);
  });
});

describe('secrets', () => {
  test('are in no error, no event and no text of the client', async () => {
    const secrets = new Set<string>();
    const send: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const body = (await response
        .clone()
        .json()
        .catch(() => ({}))) as Record<string, string>;
      for (const name of ['access_token', 'refresh_token']) {
        if (body[name]) secrets.add(body[name]);
      }
      return response;
    };
    const errors: unknown[] = [];
    // The mount has a second for what it answers.
    setTimeByHand();
    const storage = createTestStorage();
    const client = world.open({ fetch: send, storage, wait: 1 });
    await client.signIn(() => send(world.url('/login?user=ada'), { method: 'POST' }));
    const note = (call: Promise<unknown>) => call.catch((error: unknown) => errors.push(error));
    await note(client.fetch('https://elsewhere.test/'));
    storage.set = (text) => Promise.reject(new Error(`cannot write ${text}`));
    await note(client.token({ not: (await client.token()) as string }));
    storage.set = async () => {};
    world.api.expire();
    world.proxy.always(html(502));
    const unavailable = client.token().then((not) => client.token({ not: not as string }));
    await elapseUntil(note(unavailable));
    expect(errors.map((error) => isClientError(error) && error.code)).toEqual([
      'origin',
      'storage',
      'unavailable',
    ]);
    const texts = [client, ...errors, world.events].map(
      (one) => inspect(one, { depth: 9, showHidden: true }) + JSON.stringify(one),
    );
    expect(secrets.size).toBeGreaterThan(2);
    for (const secret of secrets) expect(texts.join()).not.toContain(secret);
  });

  test('an error is recognised by its brand, also that of another copy', () => {
    expect(isClientError(new ClientError('storage'))).toBe(true);
    expect(isClientError(Object.assign(new Error('x'), { code: 'storage' }))).toBe(false);
    expect(isClientError(undefined)).toBe(false);
  });
});

describe('options', () => {
  const storage = createTestStorage();
  const right = { mount: 'https://api.test/auth', transport: 'body', storage };

  test.each<[string, object]>([
    ['unknown option mountt', { mountt: '/auth' }],
    ['mount must be', { mount: '/auth' }],
    ['mount must be', { mount: undefined }],
    ['mount must be', { mount: 5 }],
    ['mount must be', { mount: 'capacitor://localhost/auth' }],
    ['mount must be', { mount: 'data:text/plain,auth' }],
    ['transport must be', { transport: 'auto' }],
    ['transport must be', { transport: undefined }],
    ['storage must be', { storage: undefined }],
    ['storage must be', { storage: { get() {} } }],
    ['storage must be', { transport: 'cookie' }],
    ['origins must be', { origins: ['https://api.test/'] }],
    ['origins must be', { origins: ['*'] }],
    ['wait must be', { wait: 0 }],
    ['wait must be', { wait: 16 }],
    ['wait must be', { wait: '5' }],
    ['fetch must be', { fetch: {} }],
    ['onEvent must be', { onEvent: 'log' }],
    ['channel must be', { channel: 'yes' }],
    ['all visitors would share', { transport: 'cookie', storage: undefined }],
  ])('%s …', (message, change) => {
    const create = () => createClient({ ...right, ...change } as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  test('a URL that has no origin is refused, with what to do', () => {
    jest.spyOn(URL.prototype, 'origin', 'get').mockReturnValue('null');
    expect(() => createClient(right as never)).toThrow('react-native-url-polyfill');
  });
});
