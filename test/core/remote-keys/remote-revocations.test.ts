// The revocation log over HTTP: an issuer that serves it, and a verifier that has nothing else.

import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createRevocations,
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  remoteRevocations,
  revokeSession,
  verifyBearer,
  type AuthError,
  type FollowOptions,
  type RemoteRevocationsOptions,
  type Revocations,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTokenEndpoints, tokenErrorResponse } from '@tokenpair/core/adapter';
import { MemoryRevocationLog, type RevocationLog } from '@tokenpair/core/store';
import { breakableLog } from '@tokenpair/testing';

import { startServer, type TestServer } from '../../support/http.js';
import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';
import { PlainData, PlainStore } from '../../support/plain-store.js';
import { until } from '../../support/until.js';

const issuer = 'https://login.test';
const audience = 'https://api.test';
const { signing, verification } = createTestKey();
const headers = { authorization: 'Bearer follower' };

const requestWith = (token: string) =>
  ({ headers: { authorization: `Bearer ${token}` } }) as IncomingMessage;

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** An issuer, and a server with its endpoints at the root. */
async function startIssuer(log: RevocationLog = new MemoryRevocationLog(), name = issuer) {
  const revocations = createRevocations(log, { pollInterval: 0.02 });
  const tokens = createTokenIssuer({
    issuer: name,
    audience,
    keys: [signing],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 7) }],
    store: new MemorySessionStore(),
    revocations,
  });
  const endpoints = createTokenEndpoints(tokens, {
    authenticateFollower: (request) => request.headers.authorization === headers.authorization,
  });
  const requests: string[] = [];
  const sockets = new Set<unknown>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '');
    sockets.add(request.socket);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const {
      status,
      headers: sent,
      body,
    } = (await endpoints
      .handle({ request, path, body: undefined })
      .catch((error: unknown) => tokenErrorResponse(error as AuthError))) ?? {
      status: 404,
      headers: {},
      body: '',
    };
    response.writeHead(status, sent as Record<string, string>).end(body);
  };
  const server = await startServer((request, response) => void answer(request, response));
  closing.push(
    () => server.close(),
    () => revocations.close(),
  );
  return { tokens, server, revocations, requests, sockets };
}

/** A verifier that follows over HTTP. */
async function follow(
  server: TestServer,
  options: RemoteRevocationsOptions = {},
  isReady = true,
): Promise<{
  check(token: string): Promise<string>;
  revocations: Revocations;
  events: TokenpairEvent[];
}> {
  const events: TokenpairEvent[] = [];
  const revocations = remoteRevocations(`${server.address}/revocations`, {
    headers,
    pollInterval: 0.02,
    maxAge: 5,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const verifier = createTokenVerifier({ issuer, audience, keys: [verification], revocations });
  closing.push(() => revocations.close());
  if (isReady) await revocations.ready({ within: 15 });
  return {
    check: (token) => codeOf(verifyBearer(verifier, requestWith(token))),
    revocations,
    events,
  };
}

describe('a verifier that follows over HTTP', () => {
  it('refuses the tokens of a session that has ended at the issuer', async () => {
    const { tokens, server } = await startIssuer();
    const { check } = await follow(server);
    const ended = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(await check(ended.accessToken)).toBe('ok');
    await revokeSession(tokens, { sessionId: ended.sessionId });
    await until(async () => (await check(ended.accessToken)) === 'session_revoked');
    expect(await check(other.accessToken)).toBe('ok');
  });

  it('asks over one connection that is kept open, for what is new only', async () => {
    const { tokens, server, requests, sockets } = await startIssuer();
    await follow(server);
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await revokeSession(tokens, { sessionId });
    await until(async () => requests.length > 10);
    expect(sockets.size).toBe(1);
    expect(requests[0]).toBe('/revocations?after=0');
    expect(requests.at(-1)).toMatch(/^\/revocations\?after=[1-9]\d{15}$/);
  });

  it('keeps the query of the URL, which may name a tenant', async () => {
    const { server, requests } = await startIssuer();
    const revocations = remoteRevocations(`${server.address}/revocations?tenant=7`, { headers });
    createTokenVerifier({ issuer, audience, keys: [verification], revocations });
    closing.push(() => revocations.close());
    await revocations.ready({ within: 15 });
    expect(requests[0]).toBe('/revocations?tenant=7&after=0');
  });

  it('reads many pages when a page would be too large', async () => {
    const log = new MemoryRevocationLog();
    const { server, requests, tokens } = await startIssuer(log);
    const ended = await issueTokenPair(tokens, { subject: 'u_1' });
    const entry = { issuer, floor: 0, keep: 60_000 };
    // 100 entries of 8 KB: three pages.
    for (let count = 0; count < 100; count += 1) {
      await log.append({ ...entry, text: `? ${'x'.repeat(8_000)}` });
    }
    await log.append({ ...entry, text: `o ${ended.sessionId}` });
    requests.length = 0;
    const { check } = await follow(server);
    expect(await check(ended.accessToken)).toBe('session_revoked');
    expect(requests.length).toBeGreaterThanOrEqual(4);
  });

  it('is behind by the time that the issuer itself is without contact', async () => {
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    const { server, revocations: ofIssuer } = await startIssuer(log);
    const { revocations } = await follow(server);
    switches.break('down');
    await until(async () => ofIssuer.state.behindFor > 1_200);
    switches.repair();
    expect(revocations.state.behindFor).toBeGreaterThan(1_000);
    await until(async () => revocations.state.behindFor < 1_000);
  });

  it('answers 503 under `refuse` when the issuer is down past maxAge, and then goes on', async () => {
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    const { tokens, server } = await startIssuer(log);
    // Longer than a busy machine pauses this process: it would be behind then.
    const options: FollowOptions = { whenBehind: 'refuse', maxAge: 6 };
    const { check, events } = await follow(server, options);
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(await check(accessToken)).toBe('ok');
    switches.break('down');
    await until(async () => (await check(accessToken)) === 'temporarily_unavailable');
    switches.repair();
    await until(async () => (await check(accessToken)) === 'ok');
    const types = events.map(({ type }) => type);
    await until(async () => events.some(({ type }) => type === 'revocations.caught_up'));
    expect(types.filter((type) => type === 'revocations.behind')).toHaveLength(1);
  }, 60_000);

  it.each([
    ['is not accepted', { headers: { authorization: 'Bearer stranger' } }, issuer, /status 401/],
    ['asks the issuer of another name', {}, 'https://other.test', /https:\/\/other.test/],
  ])('has no contact when it %s', async (_what, options, name, cause) => {
    const { server, requests } = await startIssuer(new MemoryRevocationLog(), name);
    const { revocations, events } = await follow(
      server,
      { maxAge: 2, ...(options as RemoteRevocationsOptions) },
      false,
    );
    await until(async () => events.some(({ type }) => type === 'revocations.behind'));
    expect(revocations.state).toMatchObject({ status: 'starting', facts: 0, position: 0 });
    expect(requests.length).toBeGreaterThan(1);
    const behind = events.find(({ type }) => type === 'revocations.behind');
    expect(String((behind as { cause?: unknown }).cause)).toMatch(cause);
  });

  it.each([
    ['an age', { age: undefined }],
    ['an issuer', { issuer: undefined }],
    ['entries', { entries: undefined }],
    ['entries of three members', { entries: [[1, 2]] }],
    ['a time to keep', { keep: 'long' }],
    ['positions below 2^52', { head: 2 ** 52 + 2 }],
  ])('has no contact by a page without %s', async (_what, change) => {
    const page = { head: 9, from: 9, everything: 0, keep: 60, age: 0, entries: [[9, 0, 'S']] };
    let current: object = { issuer, more: false, ...page, ...change };
    const server = await startServer((_request, response) => {
      response.end(JSON.stringify(current));
    });
    closing.push(() => server.close());
    const { revocations } = await follow(server, {}, false);
    await expect(revocations.ready({ within: 0.3 })).rejects.toMatchObject({ status: 503 });
    expect(revocations.state).toMatchObject({ facts: 0, position: 0 });
    current = { issuer, more: false, ...page };
    await revocations.ready({ within: 15 });
    expect(revocations.state.position).toBe(9);
  });

  it('ignores an instance that lags, and reports no loss', async () => {
    const page = { issuer, from: 5, everything: 0, keep: 60, age: 0, more: false };
    const entries = [
      [5, 0, ''],
      [9, 5, 'S'],
    ];
    let asked = 0;
    const server = await startServer(({ url = '' }, response) => {
      asked += 1;
      const after = Number(url.split('=')[1]);
      const last = asked % 2 === 0 ? 1 : 2;
      const there = entries.slice(0, last);
      const news = there.filter(([position]) => Number(position) > after);
      response.end(JSON.stringify({ ...page, head: there.at(-1)?.[0], entries: news }));
    });
    closing.push(() => server.close());
    const { revocations, events } = await follow(server);
    await until(async () => asked > 10);
    expect(revocations.state.position).toBe(9);
    expect(events.filter(({ type }) => type === 'revocations.gap')).toEqual([]);
  });

  it('is no option of an issuer: it cannot announce', () => {
    expect(() =>
      createTokenIssuer({
        issuer,
        audience,
        keys: [signing],
        refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 7) }],
        store: new MemorySessionStore(),
        revocations: remoteRevocations('https://login.test/revocations'),
      }),
    ).toThrow(TypeError);
  });

  it.each([
    ['plain http', 'http://login.test/revocations', {}, /^url/],
    ['an unknown option', 'https://login.test/', { max_age: 7 }, /max_age/],
    ['a short maxAge', 'https://login.test/', { maxAge: 1 }, /^maxAge/],
  ])('is refused at construction: %s', (_what, url, options, message) => {
    const construct = () => remoteRevocations(url, options as RemoteRevocationsOptions);
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
  });
});

describe('the endpoint of a revocation log', () => {
  it('shares one read of the log among 1 500 followers that ask for one position', async () => {
    const sound = new MemoryRevocationLog();
    let reads = 0;
    const gate = new EventEmitter();
    const released = once(gate, 'open');
    const { server, requests } = await startIssuer({
      append: (entry) => sound.append(entry),
      async read(name, after, limit) {
        // The position that only the followers of this test ask for.
        if (after !== 77) return sound.read(name, after, limit);
        reads += 1;
        await released;
        return sound.read(name, after, limit);
      },
    });
    const followers = 1_500;
    const connections: Socket[] = [];
    // Connected before they ask, and not all at once: a server refuses those for which its queue has no room.
    while (connections.length < followers) {
      const some = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1'));
      await Promise.all(some.map((socket) => once(socket, 'connect')));
      connections.push(...some);
    }
    const answers = connections.map((socket) =>
      once(
        get(`${server.address}/revocations?after=77`, { headers, createConnection: () => socket }),
        'response',
      ),
    );
    const asked = () => requests.filter((url) => url.endsWith('=77')).length;
    while (asked() < followers) await sleep(20);
    await until(() => reads > 0);
    gate.emit('open');
    const bodies = await Promise.all(
      answers.map(async (one) => json(((await one) as [IncomingMessage])[0])),
    );
    expect(bodies).toHaveLength(followers);
    for (const body of bodies) expect(body).toMatchObject({ issuer, entries: expect.any(Array) });
    expect(reads).toBe(1);
  }, 120_000);

  it('answers 503 when the log is down', async () => {
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    const { server } = await startIssuer(log);
    switches.break('down');
    const { status } = await fetch(`${server.address}/revocations?after=0`, { headers });
    expect(status).toBe(503);
  });

  it.each(['', '?after=', '?after=x', '?after=1&after=2', '?after=4503599627370497', '?after=1.5'])(
    'answers 400 for the query %p',
    async (query) => {
      const { server } = await startIssuer();
      const response = await fetch(`${server.address}/revocations${query}`, { headers });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'request_malformed' });
    },
  );

  it('needs an issuer with revocations', () => {
    const tokens = createTokenIssuer({
      issuer,
      audience,
      keys: [signing],
      refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 7) }],
      store: new PlainStore(new PlainData(), Date.now),
    });
    expect(() => createTokenEndpoints(tokens, { authenticateFollower: () => true })).toThrow(
      /authenticateFollower/,
    );
  });
});
