// Tests a session from login to logout over real HTTP: the login examples, with every store, on a clock that the test sets.

import type { SessionStore } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { startServer, type TestServer } from '../support/http.js';
import { ownerOf } from '../support/issuer.js';
import { journeySetups, type JourneySetup } from '../support/journey-setups.js';
import type { TestStore } from '../support/stores.js';

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Seconds. */
const reuseInterval = 1;

const clock = createTestClock();
let opened: TestStore;
let store: SessionStore;
let server: TestServer;

async function start({ createApp, openStore }: JourneySetup): Promise<void> {
  opened = await openStore(clock.now);
  ({ store } = opened);
  const app = createApp({
    accessTokenLifetime: '5m',
    refreshTokenLifetime: '30d',
    reuseInterval,
    clock: clock.now,
    store,
  });
  server = await startServer(app);
}

afterEach(async () => {
  await server.close();
  await opened.close();
});

describe.each(journeySetups)('on $name', (setup) => {
  beforeEach(() => start(setup));

  test('a client signs in and refreshes, and the reuse of its first refresh token ends the session', async () => {
    // The login gives a token pair, and the store has a session of generation 1.
    const first = await signIn('ada', 'lovelace');
    expect(await generations('u_1')).toEqual([1]);

    // 1. The client calls the API with the access token.
    expect(await get('/me', first.access_token)).toMatchObject({
      status: 200,
      body: { id: 'u_1', role: 'admin' },
    });

    // 2. The access token expires.
    clock.advance(5 * 60);

    // 3. The API answers with the code token_expired and the action refresh.
    expect(await get('/me', first.access_token)).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
      body: { code: 'token_expired', action: 'refresh' },
    });

    // 4. The client sends both tokens. 5. The server checks the refresh token: an altered one is refused, and nothing is spent.
    const altered = first.refresh_token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect(await refresh(altered, first.access_token)).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_invalid', action: 'login' },
    });

    // 6. Both tokens must be of one session: alan's access token is refused, and nothing is spent.
    const alan = await signIn('alan', 'turing');
    expect(await refresh(first.refresh_token, alan.access_token)).toMatchObject({
      status: 401,
      body: { code: 'token_pair_mismatch', action: 'login' },
    });
    expect(await generations('u_1')).toEqual([1]);

    // 7. The client gets a new pair, and the store replaces generation 1 with generation 2.
    const second = await refreshed(first.refresh_token, first.access_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await get('/me', second.access_token)).toMatchObject({ status: 200 });
    expect(await generations('u_1')).toEqual([2]);

    // A second tab that refreshed at the same moment gets the same refresh token, and both stay signed in.
    expect((await refreshed(first.refresh_token)).refresh_token).toBe(second.refresh_token);
    expect(await generations('u_1')).toEqual([2]);

    // A session rotates at most once per settle time: a refresh before that answers the same refresh token.
    const held = await refreshed(second.refresh_token);
    expect(held.refresh_token).toBe(second.refresh_token);
    expect(await get('/me', held.access_token)).toMatchObject({ status: 200 });

    // After the settle time the session rotates again. Then the first refresh token counts as stolen, and its use ends the session.
    clock.advance(2.1);
    const third = await refreshed(second.refresh_token);
    expect(await generations('u_1')).toEqual([3]);
    clock.advance(60);
    expect(await refresh(first.refresh_token)).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_invalid', action: 'login' },
    });
    expect(await generations('u_1')).toEqual([]);
    expect(await refresh(third.refresh_token)).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_invalid', action: 'login' },
    });

    // Other sessions are not changed. Alan logs out, also with an expired access token.
    clock.advance(5 * 60);
    expect(await generations('u_2')).toEqual([1]);
    expect(await logout(alan.refresh_token)).toMatchObject({ status: 204 });
    expect(await generations('u_2')).toEqual([]);
    expect(await refresh(alan.refresh_token)).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_invalid', action: 'login' },
    });

    // Ada signs in again.
    expect(await get('/admin', (await signIn('ada', 'lovelace')).access_token)).toMatchObject({
      status: 200,
    });
  });

  test('a spent token between reuse interval and settle time gets refresh_pending, and the session lives', async () => {
    const first = await signIn('ada', 'lovelace');
    const second = await refreshed(first.refresh_token);
    clock.advance(1.5);
    expect(await refresh(first.refresh_token)).toMatchObject({
      status: 503,
      body: { code: 'refresh_pending', action: 'retry' },
    });
    clock.advance(1);
    await refreshed(second.refresh_token);
    expect(await generations('u_1')).toEqual([3]);
  });
});

async function signIn(username: string, password: string): Promise<Pair> {
  const answer = await post('/login', { username, password });
  expect(answer.status).toBe(200);
  return answer.body as unknown as Pair;
}

function refresh(refresh_token: string, access_token?: string): Promise<Answer> {
  return post('/auth/refresh', { refresh_token, access_token });
}

async function refreshed(refreshToken: string, accessToken?: string): Promise<Pair> {
  const answer = await refresh(refreshToken, accessToken);
  expect(answer.status).toBe(200);
  return answer.body as unknown as Pair;
}

function logout(refresh_token: string): Promise<Answer> {
  return post('/auth/logout', { refresh_token });
}

function get(path: string, accessToken: string): Promise<Answer> {
  return ask(path, { headers: { Authorization: `Bearer ${accessToken}` } });
}

function post(path: string, body: object): Promise<Answer> {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(server.address + path, init);
  const text = await response.text();
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
  };
}

/** The generation of each session that the store has of a user. */
async function generations(subject: string): Promise<readonly number[]> {
  return (await store.list(ownerOf(subject, 'https://login.example'))).map(
    ({ generation }) => generation,
  );
}
