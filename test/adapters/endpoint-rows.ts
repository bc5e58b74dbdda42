// Rows of the adapter contract: the token endpoints, what they take and what they answer.

import { gzipSync } from 'node:zlib';

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  type TokenPair,
} from '@tokenpair/core';

import { send, type TestRequest } from '../support/http.js';
import {
  call,
  post,
  postForm,
  postJson,
  refreshOf,
  settled,
  type ContractRow,
  type Expectation,
} from './contract-row.js';
import { bannedSubject, talkativeSubject, type World } from './contract-world.js';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

const nextPair: Expectation = {
  status: 200,
  headers: { 'cache-control': 'no-store', 'content-type': json, 'set-cookie': undefined },
  body: {
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    token_type: 'Bearer',
    expires_in: 300,
    refresh_token: expect.stringMatching(/^tpr_[\w-]{112}$/),
    scope: 'orders:read',
  },
  calls: ['get', 'swap'],
};

const refusal = (status: number, code: Expectation['code'], more: Partial<Expectation> = {}) =>
  ({ status, ...(code && { code }), format: 'token', ...more }) as const;

const refreshes = (
  name: string,
  request: (pair: TokenPair, world: World) => TestRequest,
  expected: Expectation = nextPair,
): ContractRow => ({
  name,
  request: async (world) => request(await world.signIn(), world),
  expect: expected,
});

function refreshedTwice(): ContractRow {
  let second: TokenPair;
  return {
    name: 'answers the same refresh token to a second refresh within the settle time',
    request: async (world) => {
      const pair = await world.signIn();
      second = await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      return postJson('/auth/refresh', refreshOf(second));
    },
    expect: {
      ...nextPair,
      calls: ['get', 'get'],
      after: async (_world, { body }) => {
        const answer = JSON.parse(body) as Readonly<Record<string, unknown>>;
        expect(answer['refresh_token']).toBe(second.refreshToken);
        expect(answer['access_token']).not.toBe(second.accessToken);
      },
    },
  };
}

const refuses = (name: string, request: TestRequest, expected: Expectation): ContractRow => ({
  name,
  request: () => request,
  expect: { calls: [], ...expected },
});

const malformed = refusal(400, 'request_malformed', { challenge: false });
const missing = refusal(401, 'refresh_token_missing');
const forged = refusal(401, 'refresh_token_invalid', { calls: [] });
const ended = refusal(401, 'refresh_token_invalid');
const unsupported = refusal(415, 'media_type_unsupported', {
  headers: { accept: 'application/json, application/x-www-form-urlencoded' },
});
const tooLarge = refusal(413, 'request_too_large', { headers: { connection: 'close' } });
const empty: Expectation = { status: 204, body: '', headers: { 'cache-control': 'no-store' } };

const readsBodies: readonly ContractRow[] = [
  refreshes('refreshes with JSON', (pair) => postJson('/auth/refresh', refreshOf(pair))),
  refreshes('refreshes with a form', (pair) => postForm('/auth/refresh', refreshOf(pair))),
  refreshes('refreshes with JSON of a named charset', (pair) =>
    post('/auth/refresh', 'Application/JSON; charset=utf-8', JSON.stringify(refreshOf(pair))),
  ),
  refreshes('refreshes with a body in pieces', (pair) => ({
    ...postJson('/auth/refresh', refreshOf(pair)),
    chunked: true,
  })),
  refreshes('refreshes with a body of exactly 8 KB', (pair) => {
    const body = JSON.stringify(refreshOf(pair));
    return post('/auth/refresh', json, body.padEnd(8_192));
  }),
  refreshes('refreshes with JSON that a parser has read', (pair) =>
    postJson('/json-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with a form that a parser has read', (pair) =>
    postForm('/form-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with a form that a parser of JSON has left', (pair) =>
    postForm('/json-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with JSON that a parser of forms has left', (pair) =>
    postJson('/form-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with a body that a parser has left as text', (pair) =>
    postJson('/text-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with a body that a parser has left as bytes', (pair) =>
    postForm('/raw-auth/refresh', refreshOf(pair)),
  ),
  refreshes('refreshes with a compressed body that a parser has read', (pair) => {
    const body = gzipSync(JSON.stringify(refreshOf(pair)));
    const request = post('/json-auth/refresh', json, body);
    return { ...request, headers: { ...request.headers, 'Content-Encoding': 'gzip' } };
  }),
  refreshes('refreshes with a slash after the path', (pair) =>
    postJson('/auth/refresh/', refreshOf(pair)),
  ),
  refreshes('refreshes with a query that means nothing', (pair) =>
    postJson('/auth/refresh?refresh_token=other', refreshOf(pair)),
  ),
  refreshes('refreshes with other members that mean nothing', (pair) =>
    postJson('/auth/refresh', { ...refreshOf(pair), access_token: null, scope: '', grant_type: 1 }),
  ),

  ...['/auth', '/json-auth', '/form-auth', '/text-auth', '/raw-auth'].map((mount) =>
    refuses(
      `asks for a refresh token where the body is empty, on ${mount}`,
      call(`${mount}/refresh`, undefined, 'POST'),
      missing,
    ),
  ),
  refuses(
    'asks for a refresh token where the JSON has none',
    postJson('/auth/refresh', {}),
    missing,
  ),
  refuses(
    'asks for a refresh token where the form has an empty one',
    postForm('/auth/refresh', { refresh_token: '' }),
    missing,
  ),
  refuses(
    'takes no refresh token from the query',
    call('/auth/refresh?refresh_token=x', undefined, 'POST'),
    missing,
  ),
  refuses(
    'takes no inherited property for a parameter',
    post('/auth/refresh', json, '{"__proto__":{"refresh_token":"x"}}'),
    missing,
  ),
  refuses(
    'calls JSON that is cut short malformed',
    post('/auth/refresh', json, '{"refresh_token":"x'),
    malformed,
  ),
  refuses('calls JSON that is a list malformed', post('/auth/refresh', json, '["x"]'), malformed),
  refuses('calls JSON that is null malformed', post('/auth/refresh', json, 'null'), malformed),
  refuses(
    'calls JSON that is no UTF-8 malformed',
    post('/auth/refresh', json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    malformed,
  ),
  refuses(
    'calls a refresh token that is a number malformed',
    postJson('/auth/refresh', { refresh_token: 7 }),
    malformed,
  ),
  refuses(
    'calls a refresh token that is a list malformed',
    postJson('/json-auth/refresh', { refresh_token: ['x'] }),
    malformed,
  ),
  refuses('calls a parsed list malformed', postJson('/json-auth/refresh', ['x']), malformed),
  refuses(
    'calls a parameter that comes twice malformed',
    post('/auth/refresh', form, 'refresh_token=x&refresh_token=y'),
    malformed,
  ),
  refuses(
    'calls a parameter that comes twice malformed, when a parser has read it',
    post('/form-auth/refresh', form, 'refresh_token=x&refresh_token=y'),
    malformed,
  ),
  refuses(
    'calls an access token that comes twice malformed',
    post('/auth/refresh', form, 'refresh_token=x&access_token=y&access_token=z'),
    malformed,
  ),
  refuses(
    'takes no body of another type',
    post('/auth/refresh', 'text/plain', 'refresh_token=x'),
    unsupported,
  ),
  refuses(
    'takes no multipart form',
    post('/auth/refresh', 'multipart/form-data; boundary=x', '--x--'),
    unsupported,
  ),
  refuses(
    'takes no body without a type',
    { method: 'POST', path: '/auth/refresh', body: 'refresh_token=x' },
    unsupported,
  ),
  refuses(
    'takes no compressed body',
    {
      ...post('/auth/refresh', json, gzipSync('{}')),
      headers: { 'Content-Type': json, 'Content-Encoding': 'gzip' },
    },
    { ...unsupported, headers: { accept: undefined, 'accept-encoding': 'identity' } },
  ),
  refuses(
    'takes no body of 9 KB',
    post('/auth/refresh', json, `{"refresh_token":"${'x'.repeat(9_216)}"}`),
    tooLarge,
  ),
  refuses(
    'takes no body of 9 KB in pieces',
    { ...post('/auth/refresh', json, `{"refresh_token":"${'x'.repeat(9_216)}"}`), chunked: true },
    tooLarge,
  ),
  refuses(
    'refuses a refresh token of 9 KB that a parser has read',
    postJson('/json-auth/refresh', { refresh_token: 'x'.repeat(9_216) }),
    forged,
  ),
  {
    name: 'waits no longer than the deadline for a body that never comes',
    request: () => ({
      bytes: `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: ${json}\r\nContent-Length: 20\r\n\r\n{`,
    }),
    expect: refusal(408, 'request_timeout', { calls: [], headers: { connection: 'close' } }),
  },
  {
    name: 'leaves malformed JSON to the application where its parser reads it',
    request: () => post('/json-auth/refresh', json, '{'),
    expect: { status: 400, body: { application: 'failed' }, calls: [] },
  },
];

const refreshRows: readonly ContractRow[] = [
  refreshes('refreshes with both tokens of the pair', (pair) =>
    postJson('/auth/refresh', { ...refreshOf(pair), access_token: pair.accessToken }),
  ),
  refreshes('refreshes with an expired access token', (pair, world) => {
    world.clock.advance(86_400);
    return postJson('/auth/refresh', { ...refreshOf(pair), access_token: pair.accessToken });
  }),
  {
    name: 'hands out an access token that works, and a refresh token that works',
    request: async (world) => postJson('/auth/refresh', refreshOf(await world.signIn())),
    expect: {
      ...nextPair,
      after: async (_world, { body }, { port }) => {
        const next = JSON.parse(body) as { access_token: string; refresh_token: string };
        expect((await send(port, call('/guarded', next.access_token))).status).toBe(200);
        const again = postJson('/auth/refresh', { refresh_token: next.refresh_token });
        expect((await send(port, again)).status).toBe(200);
      },
    },
  },
  {
    name: 'answers the same refresh token to the same predecessor',
    request: async (world) => {
      const pair = await world.signIn();
      await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      return postJson('/auth/refresh', refreshOf(pair));
    },
    expect: { ...nextPair, calls: ['get', 'get'] },
  },
  {
    name: 'refuses the access token of another session, and spends nothing',
    request: async (world) => {
      const [pair, other] = [await world.signIn(), await world.signIn()];
      return postJson('/auth/refresh', { ...refreshOf(pair), access_token: other.accessToken });
    },
    expect: refusal(401, 'token_pair_mismatch', { calls: [] }),
  },
  {
    name: 'refuses an access token that was never ours',
    request: async (world) =>
      postForm('/auth/refresh', { ...refreshOf(await world.signIn()), access_token: 'a.b.c' }),
    expect: refusal(401, 'token_pair_mismatch', { calls: [] }),
  },
  {
    name: 'asks for the access token where a refresh must bring it',
    request: async (world) => postJson('/strict-auth/refresh', refreshOf(await world.signIn())),
    expect: refusal(401, 'token_pair_mismatch', { calls: [] }),
  },
  refreshes('narrows the scope when asked', (pair) =>
    postJson('/auth/refresh', { ...refreshOf(pair), scope: 'orders:read' }),
  ),
  refreshes(
    'widens no scope, and spends nothing',
    (pair) => postJson('/auth/refresh', { ...refreshOf(pair), scope: 'orders:read admin' }),
    refusal(400, 'scope_not_granted', { calls: ['get'] }),
  ),
  {
    name: 'refuses a forged refresh token without asking the store',
    request: async (world) => {
      const { refreshToken } = await world.signIn();
      const last = refreshToken.endsWith('A') ? 'B' : 'A';
      return postJson('/auth/refresh', { refresh_token: refreshToken.slice(0, -1) + last });
    },
    expect: forged,
  },
  {
    name: 'refuses an access token in the place of a refresh token',
    request: async (world) =>
      postJson('/auth/refresh', { refresh_token: (await world.signIn()).accessToken }),
    expect: forged,
  },
  {
    name: 'ends the session at a refresh token that is two generations old',
    request: async (world) => {
      const { tokens } = world.parts;
      const pair = await world.signIn();
      const second = await refreshTokenPair(tokens, pair.refreshToken);
      world.clock.advance(settled);
      await refreshTokenPair(tokens, second.refreshToken);
      return postJson('/auth/refresh', refreshOf(pair));
    },
    expect: {
      ...ended,
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toEqual([]);
      },
    },
  },
  refreshedTwice(),
  {
    name: 'asks to repeat a refresh with a token that was spent a moment ago, and ends nothing',
    request: async (world) => {
      const pair = await world.signIn();
      await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      world.clock.advance(settled - 10);
      return postJson('/auth/refresh', refreshOf(pair));
    },
    expect: {
      ...refusal(503, 'refresh_pending'),
      headers: { 'retry-after': '9' },
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toHaveLength(1);
      },
    },
  },
  {
    name: 'refuses the refresh token of a session that has idled too long',
    request: async (world) => {
      const pair = await world.signIn();
      world.clock.advance(30 * 86_400);
      return postJson('/auth/refresh', refreshOf(pair));
    },
    expect: ended,
  },
];

const logoutRows: readonly ContractRow[] = [
  {
    name: 'logs out with a refresh token alone',
    request: async (world) => postJson('/auth/logout', refreshOf(await world.signIn())),
    expect: {
      ...empty,
      calls: ['get', 'revoke'],
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toEqual([]);
      },
    },
  },
  {
    name: 'logs out with a form',
    request: async (world) => postForm('/auth/logout', refreshOf(await world.signIn())),
    expect: { ...empty, calls: ['get', 'revoke'] },
  },
  {
    name: 'logs out with a body that a parser has read',
    request: async (world) => postJson('/json-auth/logout', refreshOf(await world.signIn())),
    expect: { ...empty, calls: ['get', 'revoke'] },
  },
  {
    name: 'logs out with an expired access token',
    request: async (world) => {
      const pair = await world.signIn();
      world.clock.advance(3_600);
      return postJson('/auth/logout', refreshOf(pair), pair.accessToken);
    },
    expect: { ...empty, calls: ['get', 'revoke'] },
  },
  {
    name: 'answers a second logout like the first',
    request: async (world) => {
      const pair = await world.signIn();
      await revokeSession(world.parts.tokens, { sessionId: pair.sessionId });
      return postJson('/auth/logout', refreshOf(pair));
    },
    expect: empty,
  },
  {
    name: 'answers a logout with a forged refresh token alike, and asks no store',
    request: () => postJson('/auth/logout', { refresh_token: 'forged' }),
    expect: { ...empty, calls: [] },
  },
  refuses('asks for a refresh token at logout', postJson('/auth/logout', {}), missing),
  refuses('takes no access token for a logout', call('/auth/logout', undefined, 'POST'), missing),

  {
    name: 'logs out all sessions of the subject and no other',
    request: async (world) => {
      await world.signIn();
      await world.signIn({ subject: 'other' });
      return call('/auth/logout-all', (await world.signIn()).accessToken, 'POST');
    },
    expect: {
      status: 200,
      body: { revoked: 2 },
      headers: { 'cache-control': 'no-store', 'content-type': json },
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, 'other')).not.toEqual([]);
      },
    },
  },
  {
    name: 'logs out all other sessions when asked to keep the current one',
    request: async (world) => {
      await world.signIn();
      await world.signIn();
      const { accessToken } = await world.signIn();
      return postJson('/auth/logout-all', { keep_current: true }, accessToken);
    },
    expect: {
      status: 200,
      body: { revoked: 2 },
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toHaveLength(1);
      },
    },
  },
  {
    name: 'keeps the current session when a form asks for it',
    request: async (world) =>
      postForm('/auth/logout-all', { keep_current: 'true' }, (await world.signIn()).accessToken),
    expect: { status: 200, body: { revoked: 0 } },
  },
  {
    name: 'does not guess what keep_current means',
    request: async (world) =>
      postJson('/auth/logout-all', { keep_current: 'yes' }, (await world.signIn()).accessToken),
    expect: refusal(400, 'request_malformed', { calls: [], challenge: false }),
  },
  refuses(
    'asks for an access token before it logs out all sessions',
    call('/auth/logout-all', undefined, 'POST'),
    refusal(401, 'token_missing'),
  ),
];

const sessionRows: readonly ContractRow[] = [
  {
    name: 'lists the sessions of the subject and says which is the current one',
    request: async (world) => {
      await world.signIn({ metadata: { device: 'phone' } });
      world.clock.advance(60);
      return call('/auth/sessions', (await world.signIn()).accessToken);
    },
    expect: {
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': json },
      body: {
        sessions: [
          { current: true, metadata: {}, scope: 'orders:read' },
          { current: false, metadata: { device: 'phone' } },
        ],
      },
      calls: ['list'],
    },
  },
  {
    name: 'answers HEAD without a body',
    request: async (world) => call('/auth/sessions', (await world.signIn()).accessToken, 'HEAD'),
    expect: { status: 200, body: '', headers: { 'content-type': json } },
  },
  refuses(
    'asks for an access token before it lists sessions',
    call('/auth/sessions'),
    refusal(401, 'token_missing'),
  ),
  {
    name: 'refuses an expired access token at the sessions and says: refresh',
    request: async (world) => {
      const { accessToken } = await world.signIn();
      world.clock.advance(300);
      return call('/auth/sessions', accessToken);
    },
    expect: refusal(401, 'token_expired', { calls: [] }),
  },
  ...(['/auth/sessions', '/auth/sessions/any'] as const).map((path, index): ContractRow => ({
    name: `lets an ended session do nothing on ${path}, though its access token is alive`,
    request: async (world) => {
      await world.signIn();
      const { accessToken, sessionId } = await world.signIn();
      await revokeSession(world.parts.tokens, { sessionId });
      return call(path, accessToken, index === 0 ? 'GET' : 'DELETE');
    },
    expect: refusal(401, 'session_revoked'),
  })),
  {
    name: 'does not let an ended session end other sessions',
    request: async (world) => {
      await world.signIn();
      const { accessToken, sessionId } = await world.signIn();
      await revokeSession(world.parts.tokens, { sessionId });
      return call('/auth/logout-all', accessToken, 'POST');
    },
    expect: {
      ...refusal(401, 'session_revoked'),
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toHaveLength(1);
      },
    },
  },
  {
    name: 'ends one session of the subject',
    request: async (world) => {
      const { sessionId } = await world.signIn();
      return call(`/auth/sessions/${sessionId}`, (await world.signIn()).accessToken, 'DELETE');
    },
    expect: {
      ...empty,
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, world.subject)).toHaveLength(1);
      },
    },
  },
  {
    name: 'ends no session of another subject, and does not say whether there is one',
    request: async (world) => {
      const { sessionId } = await world.signIn({ subject: `${world.subject}-other` });
      return call(`/auth/sessions/${sessionId}`, (await world.signIn()).accessToken, 'DELETE');
    },
    expect: {
      ...empty,
      calls: ['list'],
      after: async (world) => {
        expect(await listSessions(world.parts.tokens, `${world.subject}-other`)).toHaveLength(1);
      },
    },
  },
  {
    name: 'answers alike for a session that never was',
    request: async (world) =>
      call('/auth/sessions/%00%2e%2e', (await world.signIn()).accessToken, 'DELETE'),
    expect: { ...empty, calls: ['list'] },
  },
];

const methodRow = (method: string, path: string, allow: string): ContractRow =>
  refuses(
    `does not allow ${method} on ${path}, and says what is allowed`,
    call(`/auth${path}`, undefined, method),
    refusal(405, 'method_not_allowed', { headers: { allow } }),
  );

const routingRows: readonly ContractRow[] = [
  methodRow('GET', '/refresh', 'POST'),
  methodRow('OPTIONS', '/refresh', 'POST'),
  methodRow('PUT', '/logout', 'POST'),
  methodRow('HEAD', '/logout-all', 'POST'),
  methodRow('POST', '/sessions', 'GET, HEAD'),
  methodRow('GET', '/sessions/any', 'DELETE'),
  ...['', '/', '/unknown', '/REFRESH', '/refresh/more', '/sessions/a/b'].map(
    (path): ContractRow => ({
      name: `leaves '/auth${path}' to the application`,
      request: () => call(`/auth${path}`, undefined, 'POST'),
      expect: { status: 404, body: { application: 'not found' }, calls: [] },
    }),
  ),
];

const loginRows: readonly ContractRow[] = [
  {
    name: 'answers a login with a pair',
    request: (world) => postJson('/login', { subject: world.subject }),
    expect: { ...nextPair, calls: ['create'] },
  },
  {
    name: 'answers the login of a subject that is denied',
    request: () => postJson('/login', { subject: bannedSubject }),
    expect: { status: 403, code: 'access_denied', calls: [] },
  },
  {
    name: 'answers the login of a subject for whom the claims hook answers too much',
    request: () => postJson('/login', { subject: talkativeSubject }),
    expect: { status: 500, code: 'token_too_large', calls: [] },
  },
  {
    name: 'answers a login beyond the limit of sessions',
    request: async (world) => {
      await issueTokenPair(world.parts.limited, { subject: world.subject });
      return postJson('/login-limited', { subject: world.subject });
    },
    expect: { status: 403, code: 'session_limit' },
  },
  {
    name: 'answers a login that the store has no room for',
    request: async (world) => {
      await issueTokenPair(world.parts.full, { subject: world.subject });
      return postJson('/login-full', { subject: `${world.subject}-other` });
    },
    expect: { status: 503, code: 'store_full' },
  },
];

export const endpointRows: readonly ContractRow[] = [
  ...readsBodies,
  ...refreshRows,
  ...logoutRows,
  ...sessionRows,
  ...routingRows,
  ...loginRows,
];
