// Rows of the adapter contract: refresh tokens in a cookie, which no script can read and every page can send.

import { issueTokenPair, refreshTokenPair, revokeSession, type TokenPair } from '@tokenpair/core';
import type { Breakage } from '@tokenpair/testing';

import { send, type TestHeaders, type TestRequest, type TestResponse } from '../support/http.js';
import {
  browse,
  cookieOf,
  ownPage,
  postJson,
  refreshOf,
  settled,
  signedIn,
  thenSessions,
  thenSucceeds,
  type ContractRow,
  type Expectation,
} from './contract-row.js';
import { ownCookies } from './contract-world.js';

const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict';
const month = 30 * 86_400;
const json = { 'Content-Type': 'application/json' };

/** What takes the cookie away. */
export const cleared = `__Host-refresh_token=; Max-Age=0; ${attributes}`;

/** Requests whose answers set a cookie with a refresh token. */
const setsCookie: string = expect.stringMatching(
  new RegExp(`^__Host-refresh_token=tpr_[\\w-]{112}; Max-Age=${month}; ${attributes}$`),
) as string;

/** The pair is in the body but for the refresh token, which is in the cookie. */
export const nextCookie: Expectation = {
  status: 200,
  headers: {
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'set-cookie': setsCookie,
  },
  body: { token_type: 'Bearer', expires_in: 300, scope: 'orders:read' },
  calls: ['get', 'swap'],
  after: async (_world, response) => hidesRefreshToken(response),
};

function hidesRefreshToken({ body }: TestResponse): void {
  expect(Object.keys(JSON.parse(body) as object).toSorted()).toEqual([
    'access_token',
    'expires_in',
    'refresh_expires_in',
    'scope',
    'session_expires_at',
    'session_id',
    'token_type',
  ]);
}

const refuses = (name: string, request: TestRequest, expected: Expectation): ContractRow => ({
  name,
  request: () => request,
  expect: { calls: [], ...expected },
});

const refusal = (status: number, code: Expectation['code'], more: Partial<Expectation> = {}) =>
  ({ status, ...(code && { code }), format: 'token', ...more }) as const;

const refresh = (cookie?: string, more: Partial<TestRequest> = {}): TestRequest =>
  browse('/cookie-auth/refresh', cookie, more);
const logout = (cookie?: string, more: Partial<TestRequest> = {}): TestRequest =>
  browse('/cookie-auth/logout', cookie, more);

const thenSetsTheSame =
  (request: () => TestRequest): NonNullable<Expectation['after']> =>
  async (_world, { headers }, { port }) => {
    const again = await send(port, request());
    expect(again.headers['set-cookie']).toBe(headers['set-cookie']);
  };

/** The refusal consumes nothing: the same cookie works afterwards. */
const keeps =
  (expected: Expectation) =>
  (pair: () => TokenPair): Expectation => ({
    ...expected,
    after: async (world, _response, { port }) => {
      world.store.repair();
      const again = await send(port, refresh(cookieOf(pair())));
      expect(again).toMatchObject({ status: 200, headers: { 'set-cookie': setsCookie } });
    },
  });

const malformed = refusal(400, 'request_malformed', { challenge: false, calls: [] });
const misplaced = refusal(400, 'refresh_token_misplaced', { calls: [] });
const missing = refusal(401, 'refresh_token_missing', { calls: [] });
const forged = refusal(401, 'refresh_token_invalid', { calls: [] });
const ended = refusal(401, 'refresh_token_invalid');
const refused = refusal(403, 'origin_refused', { calls: [] });
const loggedOut: Expectation = {
  status: 204,
  body: '',
  headers: { 'cache-control': 'no-store', 'set-cookie': cleared },
};
const noCookie = { 'set-cookie': undefined };

const loginRows: readonly ContractRow[] = [
  {
    name: 'hands the refresh token of a login over in a cookie, and keeps the cookies that are set already',
    request: (world) => postJson('/cookie-login', { subject: world.subject }),
    expect: {
      ...nextCookie,
      headers: {
        ...nextCookie.headers,
        'set-cookie': expect.stringMatching(
          new RegExp(
            `^${ownCookies.join(', ')}, __Host-refresh_token=tpr_[\\w-]{112}; Max-Age=${month}; ${attributes}$`,
          ),
        ) as string,
      },
      calls: ['create'],
    },
  },
  {
    name: 'names the cookie __Secure- where it has a path',
    request: (world) => postJson('/path-login', { subject: world.subject }),
    expect: {
      ...nextCookie,
      headers: {
        'set-cookie': expect.stringMatching(
          /, __Secure-refresh_token=tpr_[\w-]{112}; Max-Age=2592000; Path=\/path-auth; HttpOnly; Secure; SameSite=Lax$/,
        ) as string,
      },
      calls: ['create'],
    },
  },
];

const refreshRows: readonly ContractRow[] = [
  signedIn('refreshes by cookie', (pair) => refresh(cookieOf(pair)), nextCookie),
  signedIn(
    'sets no cookie when the session has just rotated: a late copy could put a spent token back',
    async (pair, world) => {
      const next = await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      return refresh(cookieOf(next));
    },
    {
      ...nextCookie,
      headers: { ...nextCookie.headers, 'set-cookie': undefined },
      calls: ['get', 'get'],
    },
  ),
  signedIn(
    'finds the cookie among others',
    (pair) => refresh(`a=1; ${cookieOf(pair)};b="2"; refresh_token=x; x__Host-refresh_token=y`),
    nextCookie,
  ),
  signedIn(
    'refreshes by cookie with an access token in the body',
    (pair) =>
      refresh(cookieOf(pair), {
        headers: { ...ownPage, ...json },
        body: JSON.stringify({ access_token: pair.accessToken, scope: 'orders:read' }),
      }),
    nextCookie,
  ),
  {
    name: 'refreshes by a cookie that has a path',
    request: async (world) =>
      browse('/path-auth/refresh', cookieOf(await world.signIn(), '__Secure-')),
    expect: {
      ...nextCookie,
      headers: { 'set-cookie': expect.stringMatching(/^__Secure-refresh_token=tpr_/) as string },
    },
  },
  {
    name: 'takes no cookie of the other prefix',
    request: async (world) => browse('/path-auth/refresh', cookieOf(await world.signIn())),
    expect: missing,
  },
  signedIn(
    'hands out a cookie that works',
    (pair) => refresh(cookieOf(pair)),
    () => ({
      ...nextCookie,
      after: thenSucceeds(({ headers }) => refresh(headers['set-cookie']?.split(';')[0])),
    }),
  ),
  signedIn(
    'sets the same cookie for two tabs that refresh at once',
    (pair) => refresh(cookieOf(pair)),
    (pair) => ({ ...nextCookie, after: thenSetsTheSame(() => refresh(cookieOf(pair()))) }),
  ),

  refuses('asks for a refresh token where there is no cookie', refresh(), missing),
  {
    name: 'tells a page that asks whether its visitor is signed in that there is no refresh token, with 200',
    request: () => browse('/cookie-auth/refresh?optional'),
    expect: {
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json', ...noCookie },
      body: '{"code":"refresh_token_missing","action":"login"}',
      calls: [],
      after: async ({ events }) => expect(events).toEqual([]),
    },
  },
  {
    name: 'tells a program without a refresh token the same',
    request: () => postJson('/auth/refresh?optional', {}),
    expect: { status: 200, body: { code: 'refresh_token_missing', action: 'login' }, calls: [] },
  },
  signedIn(
    'refreshes by the cookie of a page that asks whether its visitor is signed in',
    (pair) => browse('/cookie-auth/refresh?optional', cookieOf(pair)),
    nextCookie,
  ),
  refuses(
    'refuses a dead cookie of a page that asks whether its visitor is signed in',
    browse('/cookie-auth/refresh?optional', '__Host-refresh_token=forged'),
    forged,
  ),
  refuses(
    'refuses another site that asks whether the visitor is signed in',
    browse('/cookie-auth/refresh?optional', undefined, {
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    }),
    refused,
  ),
  refuses('takes a cookie without a value for none', refresh('__Host-refresh_token='), missing),
  signedIn(
    'takes no cookie whose name begins with a no-break space, which a sibling host can set',
    (pair) => refresh(`\u00A0${cookieOf(pair)}`),
    missing,
  ),
  signedIn(
    'refreshes by the cookie beside one whose name begins with a no-break space',
    (pair) => refresh(`\u00A0__Host-refresh_token=planted; ${cookieOf(pair)}`),
    nextCookie,
  ),
  signedIn(
    'takes no cookie where refresh tokens travel in the body',
    (pair) => browse('/auth/refresh', cookieOf(pair)),
    missing,
  ),
  signedIn(
    'takes two cookies of one value for one',
    (pair) => refresh(`${cookieOf(pair)}; ${cookieOf(pair)}`),
    nextCookie,
  ),
  signedIn(
    'ignores an empty cookie beside the cookie',
    (pair) => refresh(`__Host-refresh_token=; ${cookieOf(pair)}`),
    nextCookie,
  ),
  signedIn(
    'takes no refresh token from the body',
    (pair) => ({ ...postJson('/cookie-auth/refresh', refreshOf(pair)), ...onOwnPage }),
    keeps(misplaced),
  ),
  signedIn(
    'takes no refresh token from the body beside the cookie',
    (pair) =>
      refresh(cookieOf(pair), {
        headers: { ...ownPage, ...json },
        body: JSON.stringify(refreshOf(pair)),
      }),
    keeps(misplaced),
  ),
  signedIn(
    'keeps the cookie when the body is no JSON',
    (pair) => refresh(cookieOf(pair), { headers: { ...ownPage, ...json }, body: '{' }),
    keeps(malformed),
  ),
  signedIn(
    'keeps the cookie when the body is of another type',
    (pair) =>
      refresh(cookieOf(pair), { headers: { ...ownPage, 'Content-Type': 'text/plain' }, body: 'x' }),
    keeps(refusal(415, 'media_type_unsupported', { calls: [] })),
  ),
  signedIn(
    'keeps the cookie when the method is another',
    (pair) => refresh(cookieOf(pair), { method: 'GET' }),
    keeps(refusal(405, 'method_not_allowed', { calls: [], headers: { allow: 'POST' } })),
  ),
  signedIn(
    'keeps the cookie when the access token is of another session',
    async (pair, world) =>
      refresh(cookieOf(pair), {
        headers: { ...ownPage, ...json },
        body: JSON.stringify({ access_token: (await world.signIn()).accessToken }),
      }),
    keeps(refusal(401, 'token_pair_mismatch', { calls: [] })),
  ),
  signedIn(
    'keeps the cookie when the scope is too wide',
    (pair) =>
      refresh(cookieOf(pair), {
        headers: { ...ownPage, ...json },
        body: JSON.stringify({ scope: 'admin' }),
      }),
    keeps(refusal(400, 'scope_not_granted', { calls: ['get'] })),
  ),

  refuses('leaves a forged cookie as it is', refresh('__Host-refresh_token=forged'), forged),
  signedIn(
    'leaves the cookie of a session that has ended as it is',
    async (pair, world) => {
      await revokeSession(world.parts.tokens, { sessionId: pair.sessionId });
      return refresh(cookieOf(pair));
    },
    ended,
  ),
  signedIn(
    'leaves the cookie of a session that has idled too long as it is',
    (pair, world) => {
      world.clock.advance(month);
      return refresh(cookieOf(pair));
    },
    ended,
  ),
  signedIn(
    'leaves a cookie that is two generations old as it is, and ends its session',
    async (pair, world) => {
      const next = await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      world.clock.advance(settled);
      await refreshTokenPair(world.parts.tokens, next.refreshToken);
      return refresh(cookieOf(pair));
    },
    {
      ...ended,
      after: thenSessions(0),
    },
  ),
  {
    name: 'leaves a forged cookie that has a path as it is',
    request: () => browse('/path-auth/refresh', '__Secure-refresh_token=forged'),
    expect: forged,
  },
  {
    name: 'hands the refusal of a cookie to the application without clearing it',
    request: () => browse('/next-cookie-auth/refresh', '__Host-refresh_token=forged'),
    expect: { ...forged, format: 'application' },
  },
];

const onOwnPage = { headers: { ...ownPage, ...json } };

export const host = 'api.test';

/** Headers of requests that a cookie is believed in, and of those that it is not. */
export const believed: Readonly<Record<string, TestHeaders>> = {
  'from a page of the server': ownPage,
  'that the user has made': { 'Sec-Fetch-Site': 'none' },
  'from a page of the server that names its origin': { ...ownPage, Origin: `https://${host}` },
  'whose origin is the host, from a browser that says no more': { Origin: `https://${host}` },
  'from a page of an allowed origin on the same site': {
    'Sec-Fetch-Site': 'same-site',
    Origin: 'https://app.test',
  },
  'from a page of an allowed origin on another site': {
    'Sec-Fetch-Site': 'cross-site',
    Origin: 'https://other.test:8443',
  },
  'from an allowed origin, from a browser that says no more': { Origin: 'https://app.test' },
  'with a custom header, from a program': { 'X-Requested-With': 'tokenpair' },
};
export const disbelieved: Readonly<Record<string, TestHeaders>> = {
  'from another page of the same site': { 'Sec-Fetch-Site': 'same-site' },
  'from another site': { 'Sec-Fetch-Site': 'cross-site' },
  'from a place that has no name': { 'Sec-Fetch-Site': 'elsewhere' },
  'from another site, though it adds a custom header': {
    'Sec-Fetch-Site': 'cross-site',
    'X-Requested-With': 'x',
  },
  'from another site, though its origin is the host': {
    'Sec-Fetch-Site': 'cross-site',
    Origin: `https://${host}`,
  },
  'from a foreign origin': { Origin: 'https://evil.test' },
  'from a foreign origin, though it adds a custom header': {
    Origin: 'https://evil.test',
    'X-Requested-With': 'x',
  },
  'from the origin null': { Origin: 'null' },
  'from the origin null on another site': { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
  'from a text that is no origin': { Origin: 'api.test' },
  'from an origin that is empty': { Origin: '' },
  'from an allowed origin with a path': { Origin: 'https://app.test/' },
  'from an origin that begins like an allowed one': { Origin: 'https://app.test.evil.test' },
  'from an allowed host by another scheme': { Origin: 'http://app.test' },
  'from an allowed host at another port': { Origin: 'https://app.test:8443' },
  'from the host at another port': { Origin: `https://${host}:8443` },
  'from the host over plain http': { Origin: `http://${host}` },
  'from the host over plain http, of which it is said that it is the own origin': {
    ...ownPage,
    Origin: `http://${host}`,
  },
  'without any header that names its origin': {},
};

const originRows: readonly ContractRow[] = [
  ...Object.entries(believed).map(([from, headers]) =>
    signedIn(
      `believes a request ${from}`,
      (pair) => refresh(cookieOf(pair), { headers: { Host: host, ...headers } }),
      nextCookie,
    ),
  ),
  ...Object.entries(disbelieved).map(([from, headers]) =>
    signedIn(
      `believes no request ${from}, and changes nothing`,
      (pair) => refresh(cookieOf(pair), { headers: { Host: host, ...headers } }),
      keeps(refused),
    ),
  ),
  signedIn(
    'lets no other site log anybody out',
    (pair) => logout(cookieOf(pair), { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    keeps(refused),
  ),
  signedIn(
    'lets no form of another site refresh or log out',
    (pair) =>
      logout(cookieOf(pair), {
        headers: {
          Origin: 'https://evil.test',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body: 'a=1',
      }),
    keeps(refused),
  ),
  signedIn(
    'clears no cookie for another site, though it holds nothing',
    () => refresh('__Host-refresh_token=forged', { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    refused,
  ),
  refuses(
    'refuses an origin before it misses a cookie',
    refresh(undefined, { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    refused,
  ),
];

const withBearer = (pair: TokenPair): TestHeaders => ({
  ...ownPage,
  Authorization: `Bearer ${pair.accessToken}`,
});

const logoutRows: readonly ContractRow[] = [
  signedIn('logs out by cookie, and clears it', (pair) => logout(cookieOf(pair)), {
    ...loggedOut,
    calls: ['get', 'revoke'],
    after: thenSessions(0),
  }),
  signedIn(
    'logs out by the cookie beside one whose name begins with a no-break space',
    (pair) => logout(`\u00A0__Host-refresh_token=planted; ${cookieOf(pair)}`),
    { ...loggedOut, after: thenSessions(0) },
  ),
  refuses('takes a browser without a cookie for one that is logged out', logout(), loggedOut),
  refuses(
    'takes a browser whose cookie has no value for one that is logged out',
    logout('__Host-refresh_token='),
    loggedOut,
  ),
  refuses(
    'answers a logout with a forged cookie alike, and asks no store',
    logout('__Host-refresh_token=forged'),
    loggedOut,
  ),
  signedIn(
    'takes no refresh token from the body at logout',
    (pair) => ({ ...postJson('/cookie-auth/logout', refreshOf(pair)), ...onOwnPage }),
    keeps(misplaced),
  ),
  signedIn(
    'logs out by two cookies of the name',
    (pair) => logout(`${cookieOf(pair)}; ${cookieOf(pair)}`),
    { ...loggedOut, after: thenSessions(0) },
  ),

  {
    name: 'clears a cookie by its own path',
    request: () => browse('/path-auth/logout', '__Secure-refresh_token=forged'),
    expect: {
      ...loggedOut,
      headers: {
        'set-cookie':
          '__Secure-refresh_token=; Max-Age=0; Path=/path-auth; HttpOnly; Secure; SameSite=Lax',
      },
    },
  },
  signedIn(
    'clears the cookie when it ends all sessions',
    (pair) => browse('/cookie-auth/logout-all', cookieOf(pair), { headers: withBearer(pair) }),
    {
      status: 200,
      body: { revoked: 1 },
      headers: { 'set-cookie': cleared },
      after: thenSessions(0),
    },
  ),
  signedIn(
    'keeps the cookie of the session that is not to be ended',
    async (pair, world) => {
      await world.signIn();
      return browse('/cookie-auth/logout-all', cookieOf(pair), {
        headers: { ...withBearer(pair), ...json },
        body: '{"keep_current":true}',
      });
    },
    keeps({ status: 200, body: { revoked: 1 }, headers: noCookie }),
  ),
  signedIn(
    'keeps the cookie of another subject when it ends all sessions',
    async (pair, world) => {
      const { parts, subject } = world;
      const other = await issueTokenPair(parts.tokens, { subject: `${subject}-other` });
      return browse('/cookie-auth/logout-all', cookieOf(pair), { headers: withBearer(other) });
    },
    keeps({ status: 200, body: { revoked: 1 }, headers: noCookie }),
  ),
  signedIn(
    'clears the cookie when it ends the own session by its id',
    (pair) =>
      browse(`/cookie-auth/sessions/${pair.sessionId}`, cookieOf(pair), {
        method: 'DELETE',
        headers: withBearer(pair),
      }),
    { ...loggedOut, after: thenSessions(0) },
  ),
  signedIn(
    'keeps the cookie when it ends another session by its id',
    async (pair, world) =>
      browse(`/cookie-auth/sessions/${(await world.signIn()).sessionId}`, cookieOf(pair), {
        method: 'DELETE',
        headers: withBearer(pair),
      }),
    keeps({ status: 204, headers: noCookie }),
  ),
  signedIn(
    'keeps the cookie of another subject whose session is not ended by its id',
    async (pair, world) => {
      const { parts, subject } = world;
      const other = await issueTokenPair(parts.tokens, { subject: `${subject}-other` });
      return browse(`/cookie-auth/sessions/${pair.sessionId}`, cookieOf(pair), {
        method: 'DELETE',
        headers: withBearer(other),
      });
    },
    keeps({ status: 204, headers: noCookie }),
  ),
  signedIn(
    'does not clear a foreign cookie when it ends a session',
    (pair) =>
      browse(`/cookie-auth/sessions/${pair.sessionId}`, '__Host-refresh_token=forged', {
        method: 'DELETE',
        headers: withBearer(pair),
      }),
    { status: 204, headers: noCookie },
  ),
  signedIn(
    'clears no cookie where refresh tokens travel in the body',
    (pair) => browse('/auth/logout-all', cookieOf(pair), { headers: withBearer(pair) }),
    { status: 200, headers: noCookie },
  ),
];

const during = (
  name: string,
  how: Breakage,
  request: (pair: TokenPair) => TestRequest,
): ContractRow =>
  signedIn(
    name,
    (pair, world) => {
      world.store.break(how);
      return request(pair);
    },
    keeps(refusal(503, 'temporarily_unavailable')),
  );

const cookieOutageRows: readonly ContractRow[] = [
  during('keeps the cookie while the store is down: it works afterwards', 'down', (pair) =>
    refresh(cookieOf(pair)),
  ),
  during('keeps the cookie while the store is slow: it works afterwards', 'slow', (pair) =>
    refresh(cookieOf(pair)),
  ),
  during('keeps the cookie when the answer of the store is lost', 'mute', (pair) =>
    refresh(cookieOf(pair)),
  ),
  ...(['down', 'slow', 'mute'] as const).map((how) =>
    signedIn(
      `clears the cookie at logout also when the store is ${how}`,
      (pair, world) => {
        world.store.break(how);
        return logout(cookieOf(pair));
      },
      refusal(503, 'temporarily_unavailable', { clears: cleared }),
    ),
  ),
  signedIn(
    'hands the clearing of a cookie to the application where refusals go there',
    (pair, world) => {
      world.store.break('down');
      return browse('/next-cookie-auth/logout', cookieOf(pair));
    },
    refusal(503, 'temporarily_unavailable', { clears: cleared, format: 'application' }),
  ),
  during('keeps the cookie when a session could not be ended by its id', 'down', (pair) =>
    browse(`/cookie-auth/sessions/${pair.sessionId}`, cookieOf(pair), {
      method: 'DELETE',
      headers: withBearer(pair),
    }),
  ),
  during('keeps the cookie when sessions could not be ended', 'down', (pair) =>
    browse('/cookie-auth/logout-all', cookieOf(pair), { headers: withBearer(pair) }),
  ),
];

export const cookieRows: readonly ContractRow[] = [
  ...loginRows,
  ...refreshRows,
  ...originRows,
  ...logoutRows,
  ...cookieOutageRows,
];
