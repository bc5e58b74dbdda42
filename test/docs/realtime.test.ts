// Runs the code of docs/realtime.md: real clients connect, renew their token, and are closed when a request with it would be refused.
// The sessions are those of a real issuer, which is another process for the page: both follow one revocation log.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import {
  createRevocations,
  createTokenIssuer,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeClaims,
  revokeEverything,
  revokeSession,
  type FollowOptions,
  type TokenIssuer,
} from '@tokenpair/core';
import { EventSource } from 'eventsource';
import type { Server as SocketServer } from 'socket.io';
import { io as connectSocket } from 'socket.io-client';
import { WebSocket, type WebSocketServer } from 'ws';

import { startServer, type TestServer } from '../support/http.js';
import { createLosableLog } from '../support/losable-log.js';
import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

interface Program {
  readonly app: RequestListener;
  readonly io: SocketServer;
  readonly sockets: WebSocketServer;
  readonly webSocketServer: Server;
}

const api = makeApi();
const tokenOf = (bearer: string) => bearer.slice('Bearer '.length);
const refused = (code: string, action: string) => ({ code, action });
const log = createLosableLog(Date.now);
// Seconds. Time jumps by minutes here, and every poll of it takes real time.
const pollInterval = 5;

let tokens: TokenIssuer;
let program: Program;

/** The page, as one process. */
const startProgram = (options: FollowOptions = {}) =>
  runRecipe<Program>('realtime.md', {
    modules: api.modules,
    given: { revocations: createRevocations(log, { pollInterval, ...options }) },
    exported: ['app', 'io', 'sockets', 'webSocketServer'],
  });

beforeAll(async () => {
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
  tokens = createTokenIssuer({
    issuer: 'https://login.example.com',
    audience: 'https://api.example.com',
    keys: [{ kid: '2026-11', algorithm: 'ES256', privateKey: api.privateKey }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore({ capacity: 1_000 }),
    revocations: createRevocations(log, { pollInterval }),
  });
  program = await startProgram();
  await pass(2 * pollInterval);
});

afterEach(async () => {
  log.break('none');
  await pass(2 * pollInterval);
});

afterAll(() => {
  jest.useRealTimers();
});

/** Lets the time of the page pass, with the polls that fall into it. */
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

/** Signs in. */
async function login(subject = 'u_1') {
  let pair = await issueTokenPair(tokens, { subject });
  const { sessionId, accessToken } = pair;
  return {
    accessToken,
    sessionId,
    /** The next access token of the session. */
    async refresh() {
      pair = await refreshTokenPair(tokens, pair.refreshToken);
      return pair.accessToken;
    },
    /** Ends the session, in every process. */
    async logout() {
      await revokeSession(tokens, { sessionId });
      await pass(pollInterval);
    },
  };
}

const goodToken = async (subject?: string) => (await login(subject)).accessToken;

/** Changes the claims of a user, in every process. */
async function changeRole(subject: string) {
  await revokeClaims(tokens, { subject });
  await pass(pollInterval);
}

const closed = async (socket: WebSocket) => {
  const [code, reason] = await once(socket, 'close');
  return { code, end: JSON.parse(String(reason)) as unknown };
};

const ask = async (socket: WebSocket, message: object) => {
  socket.send(JSON.stringify(message));
  const [answer] = await once(socket, 'message');
  return JSON.parse(String(answer)) as unknown;
};

/** Closes a socket, and waits until the server has noticed. */
const hangUp = async (socket: WebSocket) => {
  const both = [socket, ...program.sockets.clients].map((end) => once(end, 'close'));
  socket.close();
  await Promise.all(both);
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

  const open = async (token: string, at = port) => {
    const socket = new WebSocket(`ws://127.0.0.1:${at}`, ['bearer', token]);
    await once(socket, 'open');
    return socket;
  };

  it('knows its user, and does not send the token back', async () => {
    const token = await goodToken('u_7');
    const timers = jest.getTimerCount();
    const socket = await open(token);
    expect(socket.protocol).toBe('bearer');
    await expect(ask(socket, {})).resolves.toEqual({ type: 'echo', to: 'u_7' });
    expect(jest.getTimerCount()).toBeGreaterThan(timers);
    await hangUp(socket);
    expect(jest.getTimerCount()).toBe(timers);
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
    const socket = await open(await goodToken());
    await pass(295);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    const closing = closed(socket);
    await pass(11);
    await expect(closing).resolves.toEqual({
      code: 4401,
      end: refused('token_expired', 'refresh'),
    });
  });

  it('stays open with the next token, and is closed when that one expires', async () => {
    const { accessToken, refresh } = await login();
    const socket = await open(accessToken);
    await pass(200);
    await expect(ask(socket, { type: 'token', token: await refresh() })).resolves.toEqual({
      type: 'token',
    });
    await pass(200);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    const closing = closed(socket);
    await pass(106);
    await expect(closing).resolves.toMatchObject({ end: refused('token_expired', 'refresh') });
  });

  it.each([
    ['another user', 'u_2'],
    ['another session', 'u_1'],
  ])('is closed by a token of %s', async (_whose, subject) => {
    const socket = await open(await goodToken('u_1'));
    const closing = closed(socket);
    socket.send(JSON.stringify({ type: 'token', token: await goodToken(subject) }));
    const end = refused('token_of_another_session', 'login');
    await expect(closing).resolves.toEqual({ code: 4401, end });
  });

  it('is closed when its session is revoked, and no other is', async () => {
    const session = await login();
    const sockets = [await open(session.accessToken), await open(session.accessToken)];
    const other = await open(await goodToken());
    const closing = Promise.all(sockets.map(closed));
    await session.logout();
    const end = refused('session_revoked', 'login');
    await expect(closing).resolves.toEqual([
      { code: 4401, end },
      { code: 4401, end },
    ]);
    await expect(ask(other, {})).resolves.toMatchObject({ type: 'echo' });
    other.close();
    await once(other, 'close');
  });

  it('leaves no watch behind when it is closed after a renewal', async () => {
    const { accessToken, refresh } = await login();
    const timers = jest.getTimerCount();
    const socket = await open(accessToken);
    await ask(socket, { type: 'token', token: await refresh() });
    await hangUp(socket);
    expect(jest.getTimerCount()).toBe(timers);
  });

  it('is closed when its session is revoked after a renewal', async () => {
    const { accessToken, refresh, logout } = await login();
    const socket = await open(accessToken);
    await ask(socket, { type: 'token', token: await refresh() });
    const closing = closed(socket);
    await logout();
    await expect(closing).resolves.toMatchObject({ end: refused('session_revoked', 'login') });
  });

  it('is closed to refresh when the claims of its user change, and comes back with the next token', async () => {
    const { accessToken, refresh } = await login('u_3');
    const socket = await open(accessToken);
    const other = await open(await goodToken('u_4'));
    const closing = closed(socket);
    await changeRole('u_3');
    await expect(closing).resolves.toEqual({ code: 4401, end: refused('claims_stale', 'refresh') });
    const again = await open(await refresh());
    for (const live of [again, other]) {
      await expect(ask(live, {})).resolves.toMatchObject({ type: 'echo' });
      live.close();
      await once(live, 'close');
    }
  });

  it('is closed when everything is revoked', async () => {
    const socket = await open(await goodToken());
    const closing = closed(socket);
    await revokeEverything(tokens, 'https://login.example.com');
    await pass(pollInterval);
    await expect(closing).resolves.toMatchObject({ end: refused('session_revoked', 'login') });
  });

  it('is closed when its session has ended between the handshake and the watch', async () => {
    const { accessToken, logout } = await login();
    const { sockets } = program;
    const upgrade = sockets.handleUpgrade.bind(sockets);
    jest.spyOn(sockets, 'handleUpgrade').mockImplementationOnce((...handshake) => {
      void logout().then(() => upgrade(...handshake));
    });
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['bearer', accessToken]);
    const end = refused('session_revoked', 'login');
    await expect(closed(socket)).resolves.toEqual({ code: 4401, end });
  });

  it('stays open while the revocation log is down, until the token expires', async () => {
    const socket = await open(await goodToken());
    log.break('both');
    await pass(200);
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    const closing = closed(socket);
    await pass(106);
    await expect(closing).resolves.toMatchObject({ end: refused('token_expired', 'refresh') });
  });

  it('stays open when the next token cannot be checked', async () => {
    const strict = await startProgram({ whenBehind: 'refuse' });
    await pass(2 * pollInterval);
    const server = strict.webSocketServer.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { accessToken, refresh } = await login();
    const socket = await open(accessToken, (server.address() as AddressInfo).port);
    const token = await refresh();
    log.break('read');
    await pass(40);
    await expect(ask(socket, { type: 'token', token })).resolves.toEqual({
      type: 'token',
      ...refused('temporarily_unavailable', 'retry'),
    });
    await expect(ask(socket, {})).resolves.toMatchObject({ type: 'echo' });
    socket.close();
    await once(socket, 'close');
    server.close();
  });

  it.each(['{', 'null', '5', '[]', '{"type":{"toString":1}}'])(
    'survives the message %s',
    async (message) => {
      const socket = await open(await goodToken());
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
    const { page, given } = await createPage();
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
    const closing = closed(second);
    await page.logout();
    await closing;
    expect(page.logins).toBe(1);
    expect(sockets).toHaveLength(2);
  });

  it('is closed by a token that is no text', async () => {
    const socket = await open(await goodToken());
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
async function createPage() {
  const { refresh: next, logout } = await login('u_7');
  const page = { refreshes: 0, logins: 0, logout };
  const given = {
    getAccessToken: async ({ refresh }: { refresh: boolean }) => {
      if (refresh) page.refreshes += 1;
      return page.refreshes === 0 ? tokenOf(api.expired()) : next();
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
    const socket = connect(await goodToken('u_7'));
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
    const { accessToken, refresh } = await login();
    const socket = connect(accessToken);
    await heard(socket, 'welcome');
    await pass(200);
    await expect(socket.emitWithAck('token', await refresh())).resolves.toEqual({ ok: true });
    const ended = heard(socket, 'end');
    const disconnected = heard(socket, 'disconnect');
    await pass(200);
    expect(socket.connected).toBe(true);
    await pass(106);
    await expect(ended).resolves.toEqual(refused('token_expired', 'refresh'));
    await expect(disconnected).resolves.toBe('io server disconnect');
  });

  const local = (_url: string, options: object) =>
    connectSocket(address, { ...options, transports: ['websocket'], forceNew: true });

  it('comes back after a refresh, with the client of the page', async () => {
    const { page, given } = await createPage();
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
    await pass(306);
    await disconnected;
    await pass(1);
    await again;
    expect(page).toMatchObject({ refreshes: 2, logins: 0 });
    socket.disconnect();
  });

  it('is closed when its session is revoked, and no other is', async () => {
    const { accessToken, logout } = await login();
    const socket = connect(accessToken);
    const other = connect(await goodToken());
    await Promise.all([heard(socket, 'welcome'), heard(other, 'welcome')]);
    const ended = heard(socket, 'end');
    const disconnected = heard(socket, 'disconnect');
    await logout();
    await expect(ended).resolves.toEqual(refused('session_revoked', 'login'));
    await disconnected;
    // Only an open connection answers.
    await expect(other.emitWithAck('token', 'abc')).resolves.toMatchObject({ ok: false });
  });

  it('is closed to refresh when the claims of its user change', async () => {
    const socket = connect(await goodToken('u_5'));
    await heard(socket, 'welcome');
    const ended = heard(socket, 'end');
    await changeRole('u_5');
    await expect(ended).resolves.toEqual(refused('claims_stale', 'refresh'));
  });

  it('is closed when its session has ended between the handshake and the watch', async () => {
    const { accessToken, logout } = await login();
    let beforeWatch: (() => Promise<void>) | undefined = logout;
    const admit = async (next: () => void) => {
      const before = beforeWatch;
      beforeWatch = undefined;
      await before?.();
      next();
    };
    program.io.use((_socket, next) => void admit(next));
    await expect(heard(connect(accessToken), 'end')).resolves.toEqual(
      refused('session_revoked', 'login'),
    );
  });

  it('is closed by a token of another user', async () => {
    const socket = connect(await goodToken());
    await heard(socket, 'welcome');
    const disconnected = heard(socket, 'disconnect');
    await expect(socket.emitWithAck('token', await goodToken('u_2'))).resolves.toEqual({
      ok: false,
      ...refused('token_of_another_session', 'login'),
    });
    await disconnected;
  });

  it('survives a token that is no text, and a client that waits for no answer', async () => {
    const socket = connect(await goodToken());
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

  const opened = async (token: string, subject: string) => {
    const source = listen(`Bearer ${token}`);
    await expect(heardFrom(source, 'welcome')).resolves.toBe(subject);
    return source;
  };

  it('ends when the token expires, and says so', async () => {
    const source = await opened(await goodToken('u_7'), 'u_7');
    const ended = heardFrom(source, 'end');
    await pass(306);
    await expect(ended).resolves.toEqual(refused('token_expired', 'refresh'));
    source.close();
  });

  it('ends when its session is revoked, and no other does', async () => {
    const { accessToken, logout } = await login('u_7');
    const source = await opened(accessToken, 'u_7');
    const other = await opened(await goodToken('u_8'), 'u_8');
    const ended = heardFrom(source, 'end');
    const others: string[] = [];
    other.addEventListener('end', () => others.push('ended'));
    other.addEventListener('error', () => others.push('failed'));
    await logout();
    await expect(ended).resolves.toEqual(refused('session_revoked', 'login'));
    expect(others).toEqual([]);
    const otherEnded = heardFrom(other, 'end');
    await changeRole('u_8');
    await expect(otherEnded).resolves.toEqual(refused('claims_stale', 'refresh'));
    source.close();
    other.close();
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
