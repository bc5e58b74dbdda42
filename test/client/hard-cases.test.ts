// What goes wrong at an awkward moment: a client that is closed in the middle, an answer that does not end, a call that changes users.

import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Client, ClientOptions, SessionState } from '@tokenpair/client';
import { listSessions } from '@tokenpair/core';

import { delayed } from '../support/faulty-proxy.js';
import { elapse, elapseUntil, rest, setTimeByHand } from '../support/set-time.js';
import { createTestStorage, createWorld, outcome, type World } from './world.js';

let world: World;

beforeEach(async () => {
  world = await createWorld('Express 5');
});
afterEach(async () => {
  jest.useRealTimers();
  await world.close();
});

const json = (status: number, body: object) =>
  ({ kind: 'answer', status, type: 'application/json', body: JSON.stringify(body) }) as const;
const busy = (retry_after: number) =>
  json(503, { code: 'temporarily_unavailable', action: 'retry', retry_after });

async function openSignedIn(options: Partial<ClientOptions> = {}) {
  const client = world.open(options);
  await world.signIn(client);
  return client;
}

describe('a client that is closed', () => {
  it('during a refresh keeps what the mount answers: the next start, hours later, is signed in', async () => {
    const client = await openSignedIn();
    world.api.expire();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = outcome(world.status(client));
    await arrived;
    const before = world.storage.text;
    const stored = new Promise<void>((resolve) => {
      const { set } = world.storage;
      world.storage.set = async (value) => {
        await set(value);
        resolve();
      };
    });
    client.close();
    expect(await call).toBe('unavailable');
    late.release();
    await stored;
    expect(world.storage.text).not.toBe(before);
    world.api.clock.advance(3 * 3_600);
    expect(await world.status(world.open())).toBe(200);
    expect(world.happened('refresh.reused')).toBe(0);
  });

  it('between two attempts makes no other one', async () => {
    setTimeByHand();
    const client = await openSignedIn();
    world.api.expire();
    world.proxy.always({ kind: 'answer', status: 502 });
    const call = outcome(client.token({ not: (await client.token()) as string }));
    while (world.events.length === 0) await rest(1);
    client.close();
    expect(await call).toBe('unavailable');
    await jest.advanceTimersByTimeAsync(60_000);
    await rest();
    expect(world.refreshes()).toBe(1);
  });

  it('while it waits for a busy API hands the refusal over', async () => {
    const client = await openSignedIn();
    world.proxy.next('/me', busy(5));
    const call = outcome(world.status(client));
    while (world.events.length === 0) await rest(1);
    client.close();
    expect(await call).toBe(503);
  });
});

it('a call that cannot wait as long as the mount asks leaves no timer that keeps a script alive', async () => {
  setTimeByHand();
  const client = await openSignedIn();
  const refused = (await client.token()) as string;
  world.proxy.always(busy(60));
  expect(await outcome(client.token({ not: refused }))).toBe('unavailable');
  await rest();
  // The sleep until the next attempt, which keeps none alive.
  expect(jest.getTimerCount()).toBe(1);
});

describe('a refusal by an API', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function call(wait: number): Promise<Response> {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = await openSignedIn({ origins: [origin], wait });
    return client.fetch(origin);
  }

  it('whose body does not end is handed over after wait', async () => {
    setTimeByHand();
    answer = (response) =>
      response.writeHead(401, { 'Content-Type': 'application/json' }).write('{');
    expect(await elapseUntil(outcome(call(1)))).toBe(401);
  });

  it('is handed over at once when it is a stream of lines', async () => {
    answer = (response) =>
      response.writeHead(400, { 'Content-Type': 'application/x-ndjson' }).write('{}\n');
    expect(await outcome(call(15))).toBe(400);
  });
});

async function logoutIsAnswered(): Promise<void> {
  while (world.proxy.requestsTo('/auth/logout')[0]?.status === undefined) await rest(1);
  await rest();
}

describe('a login', () => {
  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['fetch', (client) => client.fetch(world.url('/me'))],
    ['token', (client) => client.token()],
    ['start', (client) => client.start()],
  ])('that calls client.%s is refused at once as misconfigured', async (_, use) => {
    const client = await openSignedIn();
    const login = async () => {
      await use(client);
      return new Response();
    };
    await expect(client.signIn(login)).rejects.toMatchObject({
      code: 'misconfigured',
      cause: expect.stringContaining('plain fetch') as string,
    });
    expect(await world.status(client)).toBe(200);
  });

  it('that calls client.fetch later is refused after wait, with the cause', async () => {
    setTimeByHand();
    const client = await openSignedIn({ wait: 1 });
    jest.setSystemTime(Date.now() + 301_000);
    const login = async () => {
      await rest(1);
      return client.fetch(world.url('/me'));
    };
    const error = elapseUntil(client.signIn(login).catch((reason: unknown) => reason));
    expect(await error).toMatchObject({ code: 'unavailable', cause: 'a login is under way' });
  });

  it('ends the session that it replaces, also at the server', async () => {
    const client = await openSignedIn();
    await world.signIn(client, 'grace');
    await logoutIsAnswered();
    expect(await listSessions(world.api.tokens, 'ada')).toEqual([]);
    expect(await listSessions(world.api.tokens, 'grace')).toHaveLength(1);
    expect(await world.whoAmI(client)).toBe('grace');
    expect(world.signedOut).toEqual([]);
  });

  it('ends no session when it brings the same one, none, or one that cannot be stored', async () => {
    const client = await openSignedIn();
    const headers = { Authorization: `Bearer ${await client.token()}` };
    await client.signIn(() => fetch(world.url('/step-up'), { method: 'POST', headers }));
    await outcome(client.signIn(() => fetch(world.url('/login?user=ada&password=wrong'))));
    world.storage.breaks = new Set(['set']);
    expect(await outcome(world.signIn(client, 'grace'))).toBe('storage');
    await rest();
    expect(world.proxy.requestsTo('/auth/logout')).toEqual([]);
  });

  it('is good also when the server cannot be told of the session that it replaces', async () => {
    setTimeByHand();
    const client = await openSignedIn();
    world.proxy.next('/auth/logout', { kind: 'cut' }, { kind: 'cut' }, { kind: 'cut' });
    expect(await world.signIn(client, 'grace')).toMatchObject({ status: 'signed-in' });
    while (world.proxy.requestsTo('/auth/logout').length < 3) {
      await elapse(0.5);
      await rest();
    }
    await elapse(10);
    await rest();
    expect(world.proxy.requestsTo('/auth/logout')).toHaveLength(3);
    expect(await world.whoAmI(client)).toBe('grace');
  });
});

/** Opens a client whose login is too old for /fresh. */
async function openStale(onReauthenticate: (client: Client) => Promise<boolean>) {
  setTimeByHand();
  const client: Client = world.open({
    wait: 2,
    onReauthenticate: () => onReauthenticate(client),
  });
  await world.signIn(client);
  world.api.clock.advance(301);
  await client.token({ not: (await client.token()) as string });
  return client;
}

describe('a call inside onReauthenticate', () => {
  it('that needs a step-up too gets its 401 after wait, so that the dialogue ends', async () => {
    const statuses: unknown[] = [];
    const client = await openStale(async (own) => {
      statuses.push(await outcome(own.fetch(world.url('/fresh'))));
      return false;
    });
    expect(await elapseUntil(world.status(client, '/fresh'))).toBe(401);
    expect(statuses).toEqual([401]);
  });

  it('is not told from one beside it, which is repeated when the user is quick', async () => {
    const beside: Promise<unknown>[] = [];
    const client = await openStale(async (own) => {
      beside.push(outcome(own.fetch(world.url('/fresh'))));
      await rest();
      const headers = { Authorization: `Bearer ${await own.token()}` };
      await own.signIn(() => fetch(world.url('/step-up'), { method: 'POST', headers }));
      return true;
    });
    expect(await world.status(client, '/fresh')).toBe(200);
    expect(await beside[0]).toBe(200);
  });
});

describe('a dialogue that is left open at a sign-out', () => {
  it('is none for the next user, who is asked', async () => {
    let asked = 0;
    const dialogue = new EventEmitter();
    const client = await openStale(() => {
      asked += 1;
      dialogue.emit('opened');
      return asked === 1 ? new Promise(() => {}) : Promise.resolve(false);
    });
    const opened = once(dialogue, 'opened');
    void outcome(client.fetch(world.url('/fresh')));
    await opened;
    await client.signOut();
    await world.signIn(client, 'grace');
    world.api.clock.advance(301);
    await client.token({ not: (await client.token()) as string });
    expect(await elapseUntil(world.status(client, '/fresh'))).toBe(401);
    expect(asked).toBe(2);
  });
});

describe('a sign-out', () => {
  it('is one for all that ask at once, and the same is said to each', async () => {
    const client = await openSignedIn();
    const said = await Promise.all([client.signOut(), client.signOut(), client.signOut()]);
    expect(said).toEqual([{ ended: true }, { ended: true }, { ended: true }]);
    expect(world.proxy.requestsTo('/auth/logout')).toHaveLength(1);
    expect(world.signedOut).toHaveLength(1);
  });

  it('of one session does not say that all have ended, and that of all says that one has', async () => {
    const one = await openSignedIn();
    expect(await Promise.all([one.signOut(), one.signOut({ all: true })])).toEqual([
      { ended: true },
      { ended: false },
    ]);
    await world.signIn(one);
    expect(await Promise.all([one.signOut({ all: true }), one.signOut()])).toEqual([
      { ended: true },
      { ended: true },
    ]);
  });

  it.each([
    ['that has come since', []],
    ['that has come since and could not be stored', ['set']],
  ] as const)('under way is not that of a login %s', async (_, breaks) => {
    const client = await openSignedIn();
    const late = delayed();
    world.proxy.next('/auth/logout', late.fault);
    const arrived = world.proxy.arrived('/auth/logout');
    const first = client.signOut();
    await arrived;
    world.storage.breaks = new Set(breaks);
    await outcome(world.signIn(client, 'grace'));
    world.storage.breaks = new Set();
    expect(await listSessions(world.api.tokens, 'grace')).toHaveLength(1);
    expect(await client.signOut()).toEqual({ ended: true });
    expect(await listSessions(world.api.tokens, 'grace')).toEqual([]);
    expect(world.storage.text).toBeUndefined();
    late.release();
    expect(await first).toEqual({ ended: true });
  });

  it('ends the session of a login that could not be stored', async () => {
    const client = world.open();
    world.storage.breaks = new Set(['set']);
    expect(await outcome(world.signIn(client))).toBe('storage');
    world.storage.breaks = new Set();
    await client.start();
    expect(await client.signOut()).toEqual({ ended: true });
    expect(await world.status(client)).toBe(401);
    expect(world.happened('session.revoked')).toBe(1);
  });

  it('of all sessions signs out here also when the mount gives no access token', async () => {
    setTimeByHand();
    const client = await openSignedIn({ wait: 1 });
    jest.setSystemTime(Date.now() + 301_000);
    world.proxy.always({ kind: 'cut' });
    expect(await elapseUntil(client.signOut({ all: true }))).toEqual({ ended: false });
    expect(world.storage.text).toBeUndefined();
    expect(client.session()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  });
});

it('a token that was asked for as Ada is not that of Grace', async () => {
  const ada = await openSignedIn();
  const refused = (await ada.token()) as string;
  await world.signIn(world.open(), 'grace');
  expect(await outcome(ada.token({ not: refused }))).toBe('session_changed');
  expect(await world.whoAmI(ada)).toBe('grace');
});

it('a message on the channel that names no session ends none, and answers no start', async () => {
  const storage = { ...createTestStorage(), shared: 'hard-cases' };
  const client = world.open({ storage });
  const channel = new BroadcastChannel(`tokenpair ${world.url('/auth')} hard-cases`);
  const other = world.open({ storage });
  for (const message of [{ type: 'out' }, { type: 'out', session_id: 5 }]) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
    channel.postMessage(message);
  }
  const states: SessionState[] = [];
  client.subscribe((state) => states.push(state));
  const heard = new Promise((resolve) => {
    client.subscribe(resolve);
  });
  const signedIn = await world.signIn(other);
  await heard;
  channel.close();
  expect(states).toEqual([signedIn]);
});

it.each(['here', 'in another tab'])(
  'a token that a slow tab sends of a session that was signed out %s signs no user in',
  async (where) => {
    const storage = { ...createTestStorage(), shared: 'hard-cases' };
    const [client, other] = [world.open({ storage }), world.open({ storage })];
    const slow = new BroadcastChannel(`tokenpair ${world.url('/auth')} hard-cases`);
    const { sessionId } = await world.signIn(client);
    const access_token = await client.token();
    await other.start();
    const states: SessionState[] = [];
    client.subscribe((state) => states.push(state));
    const out = new Promise((resolve) => {
      client.subscribe(resolve);
    });
    await (where === 'here' ? client : other).signOut();
    await out;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
    slow.postMessage({ type: 'token', access_token, session_id: sessionId, expires_in: 300 });
    slow.close();
    const grace = await world.signIn(other, 'grace');
    // Messages of two senders come in the order in which they were sent here.
    while (client.session().status !== 'signed-in') await rest(1);
    await rest();
    expect(states).toEqual([expect.objectContaining({ status: 'signed-out' }), grace]);
  },
);

it('a listener hears the newest state last, when another listener changes it', async () => {
  const client = world.open();
  const seen: string[] = [];
  const out = new Promise((resolve) => {
    client.subscribe(({ status }) => {
      if (status === 'signed-in') resolve(client.signOut());
    });
  });
  client.subscribe(({ status }) => seen.push(status));
  await world.signIn(client);
  await out;
  expect(seen.at(-1)).toBe(client.session().status);
});

/** That of a platform that keeps the text of the URL as it is. */
function PlainRequest(this: { url: string }, input: string): void {
  this.url = input;
}

it('what is sent is the URL that was checked, where a request does not resolve its URL', async () => {
  const sent: unknown[] = [];
  const real = globalThis.Request;
  const client = await openSignedIn({
    origins: ['https://api.test'],
    fetch: async (input) => {
      sent.push(input);
      return new Response();
    },
  });
  try {
    globalThis.Request = PlainRequest as never;
    await client.fetch('https://api.test\\@another.test/me');
  } finally {
    globalThis.Request = real;
  }
  expect(sent).toEqual(['https://api.test/@another.test/me']);
});
