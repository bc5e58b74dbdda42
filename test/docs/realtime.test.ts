// Runs the code of docs/realtime.md: real clients connect, renew their token, and are closed when it expires or is revoked.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { EventSource } from 'eventsource';
import type { Server as SocketServer } from 'socket.io';
import { io as connectSocket } from 'socket.io-client';
import { WebSocket } from 'ws';

import { startServer, type TestServer } from '../support/http.js';
import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

interface Program {
  readonly app: RequestListener;
  readonly io: SocketServer;
  readonly webSocketServer: Server;
}

const api = makeApi();
const tokenOf = (bearer: string) => bearer.slice('Bearer '.length);
const goodToken = (claims: object = {}) => tokenOf(api.bearer({ sid: 's_1', ...claims }));
const refused = (code: string, action: string) => ({ code, action });

let program: Program;
let isRevoked: boolean | Error = false;

beforeAll(async () => {
  program = await runRecipe<Program>('realtime.md', {
    modules: api.modules,
    given: {
      isSessionRevoked: async () => {
        if (isRevoked instanceof Error) throw isRevoked;
        return isRevoked;
      },
    },
    exported: ['app', 'io', 'webSocketServer'],
  });
});

beforeEach(() => {
  isRevoked = false;
  // Only the timers of the page: those of Node and of the clients stay real.
  jest.useFakeTimers({
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
});

afterEach(() => {
  jest.useRealTimers();
});

/** Lets the time of the page pass, with the checks that fall into it. */
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

const closed = async (socket: WebSocket) => {
  const [code, reason] = await once(socket, 'close');
  return { code, end: JSON.parse(String(reason)) as unknown };
};

const ask = async (socket: WebSocket, message: object) => {
  socket.send(JSON.stringify(message));
  const [answer] = await once(socket, 'message');
  return JSON.parse(String(answer)) as unknown;
};

describe('a WebSocket', () => {
  let port: number;

  beforeAll(async () => {
    program.webSocketServer.listen(0, '127.0.0.1');
    await once(program.webSocketServer, 'listening');
    ({ port } = program.webSocketServer.address() as AddressInfo);
  });

  afterAll(() => {
    program.webSocketServer.close();
  });

  const open = async (token: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['bearer', token]);
    await once(socket, 'open');
    return socket;
  };

  it('knows its user, and does not send the token back', async () => {
    const socket = await open(goodToken({ sub: 'u_7' }));
    expect(socket.protocol).toBe('bearer');
    await expect(ask(socket, {})).resolves.toEqual({ type: 'echo', to: 'u_7' });
    socket.close();
    await once(socket, 'close');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes the token in the header, from a client that is no browser', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
      headers: { Authorization: api.bearer() },
    });
    await once(socket, 'open');
    await expect(ask(socket, {})).resolves.toMatchObject({ to: 'u_1' });
    socket.close();
    await once(socket, 'close');
  });

  it.each([
    ['an expired token', () => tokenOf(api.expired()), refused('token_expired', 'refresh')],
    ['what is no token', () => 'abc', refused('token_invalid', 'login')],
  ])('is closed with the reason for %s', async (_what, token, end) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['bearer', token()]);
    await expect(closed(socket)).resolves.toEqual({ code: 4401, end });
  });

  it('is closed without a token', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const end = refused('token_missing', 'login');
    await expect(closed(socket)).resolves.toEqual({ code: 4401, end });
  });

  it('is closed when the token expires', async () => {
    const socket = await open(goodToken());
    await pass(295);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    const closing = closed(socket);
    await pass(6);
    await expect(closing).resolves.toEqual({
      code: 4401,
      end: refused('token_expired', 'refresh'),
    });
  });

  it('stays open with the next token', async () => {
    const socket = await open(goodToken());
    await pass(200);
    await expect(ask(socket, { type: 'token', token: goodToken() })).resolves.toEqual({
      type: 'token',
    });
    await pass(200);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    socket.close();
    await once(socket, 'close');
  });

  it.each([
    ['another user', { sub: 'u_2' }],
    ['another session', { sid: 's_2' }],
  ])('is closed by a token of %s', async (_whose, claims) => {
    const socket = await open(goodToken());
    const closing = closed(socket);
    socket.send(JSON.stringify({ type: 'token', token: goodToken(claims) }));
    const end = refused('token_of_another_session', 'login');
    await expect(closing).resolves.toEqual({ code: 4401, end });
  });

  it('is closed when the session is revoked', async () => {
    const socket = await open(goodToken());
    isRevoked = true;
    const closing = closed(socket);
    await pass(31);
    await expect(closing).resolves.toEqual({
      code: 4401,
      end: refused('session_revoked', 'login'),
    });
  });

  it('stays open while revocation cannot be checked, until the token expires', async () => {
    const socket = await open(goodToken());
    isRevoked = new Error('down');
    await pass(200);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    const closing = closed(socket);
    await pass(101);
    await expect(closing).resolves.toMatchObject({ end: refused('token_expired', 'refresh') });
  });

  it('stays open when the next token cannot be checked', async () => {
    const socket = await open(goodToken());
    isRevoked = new Error('down');
    await expect(ask(socket, { type: 'token', token: goodToken() })).resolves.toEqual({
      type: 'token',
      ...refused('temporarily_unavailable', 'retry'),
    });
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    socket.close();
    await once(socket, 'close');
  });

  it.each(['{', 'null', '5', '[]', '{"type":{"toString":1}}'])(
    'survives the message %s',
    async (message) => {
      const socket = await open(goodToken());
      socket.send(message);
      await once(socket, 'message');
      await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
      socket.close();
      await once(socket, 'close');
    },
  );

  interface Client {
    connect(): Promise<WebSocket>;
    renew(socket: WebSocket): Promise<void>;
  }
  const openClient = async (given: object) => {
    const sockets: WebSocket[] = [];
    const Connected = class extends WebSocket {
      constructor(_url: string, protocols: string[]) {
        super(`ws://127.0.0.1:${port}`, protocols);
        sockets.push(this);
      }
    };
    const client = await runClient<Client>(
      'The page in the browser.',
      { ...given, WebSocket: Connected },
      '{ connect, renew }',
    );
    return { client, sockets };
  };

  it('comes back after a refresh, with the client of the page', async () => {
    const { page, given } = createPage();
    const { client, sockets } = await openClient(given);
    const first = await client.connect();
    await once(first, 'close');
    await pass(1);
    expect(page.refreshes).toBe(1);
    const second = sockets[1] as WebSocket;
    if (second.readyState !== WebSocket.OPEN) await once(second, 'open');
    await expect(ask(second, {})).resolves.toEqual({ type: 'echo', to: 'u_7' });
    const answer = once(second, 'message');
    await client.renew(second);
    expect(String((await answer)[0])).toBe('{"type":"token"}');
    isRevoked = true;
    const closing = closed(second);
    await pass(31);
    await closing;
    expect(page.logins).toBe(1);
    expect(sockets).toHaveLength(2);
  });

  it('is closed by a token that is no text', async () => {
    const socket = await open(goodToken());
    const closing = closed(socket);
    socket.send('{"type":"token","token":{"toString":1}}');
    await expect(closing).resolves.toMatchObject({ end: refused('token_missing', 'login') });
  });
});

/** Runs the code of a page in the browser: the fence that begins after a sentence. */
async function runClient<T>(after: string, given: object, result: string): Promise<T> {
  const text = await readFile(join(__dirname, '../../docs/realtime.md'), 'utf8');
  const code = /^```js\n(.*?)^```$/ms.exec(text.slice(text.indexOf(after)))?.[1] ?? '';
  // oxlint-disable-next-line typescript/no-implied-eval -- the code is that of the page
  return new Function(...Object.keys(given), `${code}\nreturn ${result};`)(
    ...Object.values(given),
  ) as T;
}

/** What a page in the browser has: the first token has expired, and those after a refresh are good. */
function createPage() {
  const page = { refreshes: 0, logins: 0, next: () => goodToken({ sub: 'u_7' }) };
  const given = {
    getAccessToken: async ({ refresh }: { refresh: boolean }) => {
      if (refresh) page.refreshes += 1;
      return page.refreshes === 0 ? tokenOf(api.expired()) : page.next();
    },
    showLogin: () => {
      page.logins += 1;
    },
  };
  return { page, given };
}

describe('a connection of Socket.IO', () => {
  let server: Server;
  let address: string;

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Heartbeats run on the same timers, and no answer comes while time jumps.
    program.io.attach(server, { pingInterval: 1_000_000_000, pingTimeout: 1_000_000_000 });
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => program.io.close());

  const connect = (token?: unknown) =>
    connectSocket(address, {
      auth: token === undefined ? {} : { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
  const heard = (socket: ReturnType<typeof connect>, event: string) =>
    new Promise<unknown>((resolve) => {
      socket.on(event, resolve);
    });

  it('knows its user', async () => {
    const socket = connect(goodToken({ sub: 'u_7' }));
    await expect(heard(socket, 'welcome')).resolves.toBe('u_7');
    socket.disconnect();
  });

  it.each([
    ['no token', () => undefined, refused('token_missing', 'login')],
    ['an expired token', () => tokenOf(api.expired()), refused('token_expired', 'refresh')],
  ])('is refused with the reason for %s', async (_what, token, end) => {
    await expect(heard(connect(token()), 'connect_error')).resolves.toMatchObject({ data: end });
  });

  it('stays open with the next token, and is closed when that one expires', async () => {
    const socket = connect(goodToken());
    await heard(socket, 'welcome');
    await pass(200);
    await expect(socket.emitWithAck('token', goodToken())).resolves.toEqual({ ok: true });
    const ended = heard(socket, 'end');
    const disconnected = heard(socket, 'disconnect');
    await pass(200);
    expect(socket.connected).toBe(true);
    await pass(101);
    await expect(ended).resolves.toEqual(refused('token_expired', 'refresh'));
    await expect(disconnected).resolves.toBe('io server disconnect');
  });

  const local = (_url: string, options: object) =>
    connectSocket(address, { ...options, transports: ['websocket'], forceNew: true });

  it('comes back after a refresh, with the client of the page', async () => {
    const { page, given } = createPage();
    const socket = await runClient<ReturnType<typeof connect>>(
      'The client. It does not',
      { ...given, io: local },
      'socket',
    );
    await heard(socket, 'connect_error');
    const welcomed = heard(socket, 'welcome');
    await pass(1);
    await expect(welcomed).resolves.toBe('u_7');
    const again = heard(socket, 'welcome');
    const disconnected = heard(socket, 'disconnect');
    await pass(301);
    await disconnected;
    await pass(1);
    await again;
    expect(page).toMatchObject({ refreshes: 2, logins: 0 });
    socket.disconnect();
  });

  it('is closed by a token of another user', async () => {
    const socket = connect(goodToken());
    await heard(socket, 'welcome');
    const disconnected = heard(socket, 'disconnect');
    await expect(socket.emitWithAck('token', goodToken({ sub: 'u_2' }))).resolves.toEqual({
      ok: false,
      ...refused('token_of_another_session', 'login'),
    });
    await disconnected;
  });

  it('survives a token that is no text, and a client that waits for no answer', async () => {
    const socket = connect(goodToken());
    await heard(socket, 'welcome');
    const disconnected = heard(socket, 'disconnect');
    socket.emit('token', { toString: 1 });
    await disconnected;
    const next = connect({ toString: 1 });
    await expect(heard(next, 'connect_error')).resolves.toMatchObject({
      data: refused('token_missing', 'login'),
    });
  });
});

const heardFrom = (source: EventSource, event: string) =>
  new Promise<unknown>((resolve) => {
    source.addEventListener(event, ({ data }) => resolve(JSON.parse(String(data))));
  });

describe('an event stream', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(program.app);
  });

  afterAll(() => server.close());

  const listen = (authorization: string) =>
    new EventSource(`${server.address}/events`, {
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init.headers, Authorization: authorization } }),
    });

  it('ends when the token expires, and says so', async () => {
    const source = listen(api.bearer({ sub: 'u_7' }));
    await expect(heardFrom(source, 'welcome')).resolves.toBe('u_7');
    const ended = heardFrom(source, 'end');
    await pass(301);
    await expect(ended).resolves.toEqual(refused('token_expired', 'refresh'));
    source.close();
  });

  it('does not begin with an expired token', async () => {
    const source = listen(api.expired());
    const status = await new Promise((resolve) => {
      source.addEventListener('error', ({ code }) => resolve(code));
    });
    expect(status).toBe(401);
    source.close();
  });
});
