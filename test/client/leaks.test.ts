// What was tried to get a token out of the client, or to make it send one elsewhere.

import { inspect } from 'node:util';

import { createClient, type Client, type ClientError, type SessionState } from '@tokenpair/client';

import { startServer, type TestServer } from '../support/http.js';
import { createWorld, outcome, type World } from './world.js';

let world: World;
let client: Client;
/** What has come to a server that must not get a token. */
let stolen: string[];
let elsewhere: TestServer;
/** The tokens that exist. */
let tokens: () => Promise<readonly string[]>;

beforeEach(async () => {
  world = await createWorld('Express 5');
  stolen = [];
  elsewhere = await startServer((request, response) => {
    let text = `${request.method} ${request.url} ${JSON.stringify(request.headers)}`;
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      stolen.push(text);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  client = world.open();
  await world.signIn(client);
  tokens = async () => {
    const { refresh_token } = JSON.parse(world.storage.text ?? '{}') as { refresh_token?: string };
    return [await client.token(), refresh_token].filter((one) => one !== undefined);
  };
});
afterEach(async () => {
  await world.close();
  await elsewhere.close();
});

describe('another origin', () => {
  it.each<[string, () => string]>([
    ['another port', () => `http://127.0.0.1:${port()}/me`],
    ['another name of the host', () => `http://localhost:${port()}/me`],
    [
      'a user name that looks like our host',
      () => `http://127.0.0.1:${ownPort()}@127.0.0.1:${port()}/me`,
    ],
    ['backslashes', () => `http:\\\\127.0.0.1:${port()}\\me`],
    ['line breaks in the scheme', () => `ht\ntp:\t//127.0.0.1:${port()}/me`],
    ['upper case and spaces', () => `  HTTP://127.0.0.1:${port()}/me  `],
    ['a number as host', () => `http://2130706433:${port()}/me`],
    ['a host in octal', () => `http://0177.0.0.1:${port()}/me`],
    ['a dot at the end of the host', () => `http://localhost.:${port()}/me`],
    ['full-width digits', () => `http://１27.0.0.1:${port()}/me`],
    ['https in place of http', () => `https://127.0.0.1:${ownPort()}/me`],
    ['no origin', () => 'data:application/json,{}'],
    ['our URL in the fragment', () => `http://127.0.0.1:${port()}/me#${world.url('/me')}`],
    ['our URL in the query', () => `http://127.0.0.1:${port()}/me?${world.url('/me')}`],
  ])('gets nothing: %s', async (_, url) => {
    const call = await outcome(client.fetch(url()));
    expect(refusal(call)).toBe(true);
    const asUrl = await outcome((async () => client.fetch(new URL(url())))());
    expect(refusal(asUrl)).toBe(true);
    const asRequest = await outcome((async () => client.fetch(new Request(url())))());
    expect(refusal(asRequest)).toBe(true);
    expect(stolen).toEqual([]);
  });

  it('gets nothing from an object that says another URL each time', async () => {
    let asked = 0;
    const twoFaced = {
      toString: () => (asked++ === 0 ? world.url('/me') : `${elsewhere.address}/me`),
    };
    const answer = await client.fetch(twoFaced as unknown as string);
    expect(await answer.json()).toMatchObject({ user: 'ada' });
    expect(stolen).toEqual([]);
  });

  it('gets nothing from a request that pretends to have our URL', async () => {
    const liar = new Proxy(new Request(`${elsewhere.address}/me`), {
      get: (target, name) =>
        name === 'url' ? world.url('/me') : (Reflect.get(target, name, target) as unknown),
    });
    await outcome(client.fetch(liar));
    const heir = Object.create(new Request(`${elsewhere.address}/me`)) as Request;
    Object.defineProperty(heir, 'url', { value: world.url('/me') });
    await outcome(client.fetch(heir));
    expect(stolen).toEqual([]);
  });

  it('gets the header that the caller has set, and none of ours', async () => {
    const headers = { Authorization: 'Basic abc' };
    await client.fetch(`${elsewhere.address}/x`, { headers });
    expect(stolen).toHaveLength(1);
    expect(stolen[0]).toContain('"Basic abc"');
    for (const token of await tokens()) expect(stolen[0]).not.toContain(token);
  });

  it.each([301, 302, 303, 307, 308])(
    'gets nothing from an API that redirects there with %i',
    async (status) => {
      const moved = await startServer((_request, response) => {
        response.writeHead(status, { Location: `${elsewhere.address}/me` }).end();
      });
      const other = world.open({ origins: [moved.address] });
      await other.fetch(`${moved.address}/me`, { method: 'POST', body: 'x' });
      await moved.close();
      expect(stolen).toHaveLength(1);
      for (const token of await tokens()) expect(stolen[0]).not.toContain(token);
      expect(stolen[0]).not.toContain('authorization');
    },
  );

  it.each([301, 302, 303, 307, 308])(
    'gets nothing from a mount that redirects there with %i, and the session is kept',
    async (status) => {
      const before = await tokens();
      const moved = await startServer((_request, response) => {
        response.writeHead(status, { Location: `${elsewhere.address}/refresh` }).end();
      });
      const other = createClient({
        mount: `${moved.address}/auth`,
        transport: 'body',
        storage: world.storage,
        wait: 1,
      });
      expect(await outcome(other.token())).toBe('unavailable');
      expect(other.session()).toMatchObject({ status: 'signed-in' });
      other.close();
      await moved.close();
      expect(stolen).toEqual([]);
      expect(await tokens()).toEqual(before);
    },
  );
});

describe('an error, an event or a state', () => {
  it('holds no token when the storage quotes what it was to store', async () => {
    world.api.clock.advance(301);
    const set = world.storage.set;
    world.storage.set = async (value) => {
      throw Object.assign(new Error(`cannot write ${value}`), { value, code: 'ENOSPC' });
    };
    const error = await client.fetch(world.url('/me')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'storage', cause: 'ENOSPC' });
    world.storage.set = set;
    await client.fetch(world.url('/me'));
    await expectNoToken([error, (error as ClientError).cause, world.events]);
  });

  it('holds no token when the stored text is garbled', async () => {
    const text = world.storage.text as string;
    world.storage.text = text.slice(0, -2);
    const other = world.open();
    const error = await other.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'storage' });
    world.storage.text = text;
    await expectNoToken([error, other]);
  });

  it('holds no token when the mount repeats what it was sent', async () => {
    const { refresh_token } = JSON.parse(world.storage.text as string) as { refresh_token: string };
    world.api.clock.advance(301);
    for (const [type, status] of [
      ['text/html', 500],
      ['application/json', 500],
    ] as const) {
      world.proxy.next('/auth/refresh', {
        kind: 'answer',
        status,
        type,
        body: `"${refresh_token}"`,
      });
    }
    expect(await world.whoAmI(client)).toBe('ada');
    expect(world.events).toHaveLength(2);
    await expectNoToken([world.events]);
  });

  it('holds no token when the network fails, whatever its error says', async () => {
    const { refresh_token } = JSON.parse(world.storage.text as string) as { refresh_token: string };
    const failing = world.open({
      wait: 1,
      fetch: async (input, init) => {
        throw Object.assign(new Error(`cannot send ${JSON.stringify(init)} ${refresh_token}`), {
          input,
          init,
        });
      },
    });
    const error = await failing.token().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable' });
    await expectNoToken([error, world.events]);
  });

  it('holds no token when a login is refused with one in its text', async () => {
    const { refresh_token } = JSON.parse(world.storage.text as string) as { refresh_token: string };
    const login = async () => new Response(`<p>${refresh_token}</p>`, { status: 500 });
    const error = await client.signIn(login).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'refused' });
    await expectNoToken([error]);
  });

  it('holds no token in the client itself, and none in what it tells listeners', async () => {
    const states: SessionState[] = [];
    client.subscribe((state) => states.push(state));
    world.api.clock.advance(301);
    await world.whoAmI(client);
    expect(states).toEqual([]);
    await expectNoToken([client, Object.values(client), client.session(), states, world.signedOut]);
  });

  it('names a path without its query', async () => {
    world.api.refusals.busy = 1;
    await client.fetch(world.url('/busy?secret=1'));
    expect(world.events).toMatchObject([{ type: 'retry', path: '/busy' }]);
    expect(printed(world.events)).not.toContain('secret');
  });
});

describe('a request', () => {
  it('has no token in its URL, and the refresh token in the body of a request to the mount only', async () => {
    const seen = [...(await tokens())];
    world.api.clock.advance(301);
    await world.whoAmI(client);
    seen.push(...(await tokens()));
    await client.signOut({ all: true });
    const { requests } = world.proxy;
    const accessTokens = seen.filter((token) => token.startsWith('eyJ'));
    const refreshTokens = seen.filter((token) => token.startsWith('tpr_'));
    expect(requests.filter(({ path }) => holds(path, seen))).toEqual([]);
    expect(requests.filter(({ headers }) => holds(headers, refreshTokens))).toEqual([]);
    expect(requests.filter(({ body }) => holds(body, accessTokens))).toEqual([]);
    const withRefreshToken = requests.filter(({ body }) => holds(body, refreshTokens));
    expect(new Set(withRefreshToken.map(({ path }) => path))).toEqual(new Set(['/auth/refresh']));
    // A refresh needs no access token.
    expect(withRefreshToken.filter(({ headers }) => headers.authorization)).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([
    '{"__proto__":{"admin":true},"code":"x","action":"login"}',
    '{"constructor":{"prototype":{"admin":true}},"code":"x","action":"fix"}',
  ])('pollutes no prototype: %s', async (body) => {
    world.proxy.next('/me', { kind: 'answer', status: 401, type: 'application/json', body });
    world.proxy.next('/auth/refresh', {
      kind: 'answer',
      status: 401,
      type: 'application/json',
      body,
    });
    await outcome(client.fetch(world.url('/me')));
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('admin');
  });
});

describe('an option', () => {
  it('that is unknown is refused by its name, also when it is a name that every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      const options = { mount: world.url('/auth'), transport: 'body', storage: world.storage };
      Object.defineProperty(options, name, { value: 1, enumerable: true });
      expect(() => createClient(options as never)).toThrow(`unknown option ${name}`);
    }
  });

  it('is not taken from a prototype that something has polluted: origins', async () => {
    const other = openPolluted('origins', [elsewhere.address]);
    expect(await outcome(other.fetch(`${elsewhere.address}/me`))).toBe('origin');
  });

  it('is not taken from a prototype that something has polluted: fetch', async () => {
    const seen: unknown[] = [];
    const other = openPolluted('fetch', async (input: unknown) => {
      seen.push(input);
      return new Response('{}');
    });
    await outcome(other.fetch(world.url('/me'), { signal: AbortSignal.abort() }));
    await other.signOut();
    expect(seen).toEqual([]);
  });
});

describe('a global fetch that was replaced', () => {
  const { fetch: original } = globalThis;
  afterEach(() => {
    globalThis.fetch = original;
  });

  it('is used when the option is left out, so that what watches requests works', async () => {
    const watched: unknown[] = [];
    globalThis.fetch = (input, init) => {
      watched.push(input);
      return original(input, init);
    };
    await world.whoAmI(client);
    expect(watched).toEqual([world.url('/me')]);
  });

  it('sees nothing when the client was given its own', async () => {
    const own = world.open({ fetch: original });
    globalThis.fetch = () => {
      throw new Error('replaced');
    };
    expect(await world.whoAmI(own)).toBe('ada');
  });
});

const port = () => new URL(elsewhere.address).port;
/** A URL that is none, or one of another origin. Errors of the platform are of another realm than that of Jest. */
const refusal = (found: unknown) =>
  found === 'origin' || (found as { name?: unknown }).name === 'TypeError';
const ownPort = () => new URL(world.url('/')).port;

/** All that can be printed of a value. */
function printed(value: unknown): string {
  const all = [inspect(value, { depth: 9, showHidden: true, getters: true })];
  for (let error = value; error instanceof Error; error = error.cause) {
    all.push(String(error), error.stack ?? '', JSON.stringify(error));
  }
  return `${all.join('\n')} ${JSON.stringify(value)}`;
}

/** Opens a client while every object seems to have this member. */
function openPolluted(name: string, value: unknown): Client {
  const polluted = Object.prototype as Record<string, unknown>;
  Object.defineProperty(polluted, name, { value, configurable: true });
  try {
    return world.open();
  } finally {
    delete polluted[name];
  }
}

async function expectNoToken(values: readonly unknown[]): Promise<void> {
  const known = await tokens();
  expect(known).toHaveLength(2);
  for (const value of values) {
    for (const token of known) {
      expect(printed(value)).not.toContain(token);
      expect(printed(value)).not.toContain(token.slice(-20));
    }
  }
}

function holds(value: unknown, secrets: readonly string[]): boolean {
  return secrets.some((secret) => JSON.stringify(value).includes(secret));
}
