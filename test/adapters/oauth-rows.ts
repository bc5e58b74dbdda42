// Rows of the adapter contract: the OAuth dialect, for clients that speak it. RFC 6749 §5 and §6, RFC 7009

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { refreshTokenPair, revokeSession, type TokenPair } from '@tokenpair/core';

import type { TestRequest } from '../support/http.js';
import {
  call,
  post,
  postForm,
  postJson,
  refreshOf,
  signedIn,
  thenSessions,
  thenSucceeds,
  type ContractRow,
  type Expectation,
} from './contract-row.js';
import { knownClient, type World } from './contract-world.js';

const form = 'application/x-www-form-urlencoded';
const grant = (pair: TokenPair) => ({ grant_type: 'refresh_token', ...refreshOf(pair) });

const nextPair: Expectation = {
  status: 200,
  headers: {
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'content-type': 'application/json',
    'set-cookie': undefined,
  },
  body: {
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    token_type: 'Bearer',
    expires_in: 300,
    refresh_token: expect.stringMatching(/^tpr_[\w-]{112}$/),
    scope: 'orders:read',
  },
  calls: ['get', 'swap'],
};
const done: Expectation = {
  status: 200,
  body: '{}',
  headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
};

const refusal = (status: number, code: Expectation['code'], more: Partial<Expectation> = {}) =>
  ({ status, ...(code && { code }), format: 'oauth', ...more }) as const;

const malformed = refusal(400, 'request_malformed', { calls: [] });
const unsupported = refusal(415, 'media_type_unsupported', {
  calls: [],
  headers: { accept: form },
});
const invalidGrant = refusal(400, 'refresh_token_invalid');
const down = refusal(503, 'temporarily_unavailable');

const refuses = (name: string, request: TestRequest, expected: Expectation): ContractRow => ({
  name,
  request: () => request,
  expect: { calls: [], ...expected },
});

const tokenRows: readonly ContractRow[] = [
  ...['/auth', '/form-auth', '/json-auth', '/text-auth', '/raw-auth'].map((mount) =>
    signedIn(
      `refreshes in the OAuth dialect, on ${mount}`,
      (pair) => postForm(`${mount}/token`, grant(pair)),
      nextPair,
    ),
  ),
  signedIn(
    'ignores what the OAuth dialect does not know',
    (pair) => postForm('/auth/token', { ...grant(pair), resource: 'x' }),
    nextPair,
  ),
  signedIn(
    'takes the access token as further evidence in the OAuth dialect too',
    (pair) => postForm('/auth/token', { ...grant(pair), access_token: pair.accessToken }),
    nextPair,
  ),
  signedIn(
    'refuses an access token that does not match in the OAuth dialect, and spends nothing',
    (pair) => postForm('/auth/token', { ...grant(pair), access_token: 'x' }),
    (pair) => ({
      ...refusal(400, 'token_pair_mismatch', { calls: [] }),
      after: thenSucceeds(() => postForm('/auth/token', grant(pair()))),
    }),
  ),
  signedIn(
    'narrows the scope in the OAuth dialect',
    (pair) => postForm('/auth/token', { ...grant(pair), scope: 'orders:read' }),
    nextPair,
  ),
  signedIn(
    'widens no scope in the OAuth dialect, and spends nothing',
    (pair) => postForm('/auth/token', { ...grant(pair), scope: 'orders:read admin' }),
    (pair) => ({
      ...refusal(400, 'scope_not_granted', { calls: ['get'] }),
      after: thenSucceeds(() => postForm('/auth/token', grant(pair()))),
    }),
  ),
  signedIn(
    'takes no JSON in the OAuth dialect',
    (pair) => postJson('/auth/token', grant(pair)),
    unsupported,
  ),
  signedIn(
    'takes no JSON in the OAuth dialect, though a parser has read it',
    (pair) => postJson('/json-auth/token', grant(pair)),
    unsupported,
  ),
  signedIn(
    'takes no compressed form in the OAuth dialect, and says so',
    (pair) => ({
      method: 'POST',
      path: '/auth/token',
      headers: { 'Content-Type': form, 'Content-Encoding': 'gzip' },
      body: gzipSync(new URLSearchParams(grant(pair)).toString()),
    }),
    { ...unsupported, headers: { accept: undefined, 'accept-encoding': 'identity' } },
  ),
  signedIn(
    'takes no form without a type in the OAuth dialect',
    (pair) => ({
      method: 'POST',
      path: '/auth/token',
      body: new URLSearchParams(grant(pair)).toString(),
    }),
    unsupported,
  ),
  signedIn(
    'calls a request without a grant type malformed',
    (pair) => postForm('/auth/token', refreshOf(pair)),
    malformed,
  ),
  refuses(
    'calls a request without a body malformed in the OAuth dialect',
    call('/auth/token', undefined, 'POST'),
    malformed,
  ),
  ...['password', 'client_credentials', 'authorization_code', 'REFRESH_TOKEN', 'constructor'].map(
    (grantType) =>
      signedIn(
        `supports no grant type ${grantType}`,
        (pair) => postForm('/auth/token', { ...grant(pair), grant_type: grantType }),
        refusal(400, 'grant_type_unsupported', { calls: [] }),
      ),
  ),
  ...['', '&refresh_token='].map((rest) =>
    refuses(
      `calls a grant without a refresh token an invalid request: '${rest}'`,
      post('/auth/token', form, `grant_type=refresh_token${rest}`),
      refusal(400, 'refresh_token_missing'),
    ),
  ),
  ...['grant_type=refresh_token', 'refresh_token=x', 'scope=a&scope=b'].map((twice) =>
    signedIn(
      `calls a parameter that comes twice in the OAuth dialect malformed: ${twice}`,
      (pair) =>
        post('/auth/token', form, `${new URLSearchParams(grant(pair)).toString()}&${twice}`),
      malformed,
    ),
  ),
  refuses(
    'refuses a forged refresh token in the OAuth dialect without a challenge',
    postForm('/auth/token', { grant_type: 'refresh_token', refresh_token: 'forged' }),
    invalidGrant,
  ),
  refuses(
    'speaks the OAuth dialect with a slash after the path',
    postForm('/auth/token/', { grant_type: 'refresh_token', refresh_token: 'forged' }),
    invalidGrant,
  ),
  signedIn(
    'refuses the refresh token of a session that has ended in the OAuth dialect',
    async (pair, world) => {
      await revokeSession(world.parts.tokens, { sessionId: pair.sessionId });
      return postForm('/auth/token', grant(pair));
    },
    invalidGrant,
  ),
  signedIn(
    'refuses in the OAuth dialect what must bring an access token',
    (pair) => postForm('/strict-auth/token', grant(pair)),
    refusal(400, 'token_pair_mismatch', { calls: [] }),
  ),
  signedIn(
    'refuses no refresh token in the OAuth dialect while the store is down: it works afterwards',
    (pair, world) => {
      world.store.break('down');
      return postForm('/auth/token', grant(pair));
    },
    (pair) => ({
      ...down,
      after: thenSucceeds(() => postForm('/auth/token', grant(pair()))),
    }),
  ),
  refuses(
    'does not allow GET on /token, and says what is allowed',
    call('/auth/token?grant_type=refresh_token'),
    refusal(405, 'method_not_allowed', { headers: { allow: 'POST' } }),
  ),
  {
    name: 'hands a refusal in the OAuth dialect to the application where that is wanted',
    request: () =>
      postForm('/next-auth/token', { grant_type: 'refresh_token', refresh_token: 'forged' }),
    expect: { status: 401, code: 'refresh_token_invalid', format: 'application', calls: [] },
  },
  ...['/cookie-auth/token', '/cookie-auth/revoke', '/path-auth/token'].map((path): ContractRow => ({
    name: `does not know ${path}, where refresh tokens travel in a cookie`,
    request: () => postForm(path, { grant_type: 'refresh_token' }),
    expect: { status: 404, body: { application: 'not found' }, calls: [] },
  })),
];

const revokeRows: readonly ContractRow[] = [
  signedIn(
    'revokes the session of a refresh token',
    (pair) => postForm('/auth/revoke', { token: pair.refreshToken }),
    { ...done, calls: ['get', 'revoke'], after: thenSessions(0) },
  ),
  signedIn(
    'revokes the session of a refresh token that is spent',
    async (pair, world) => {
      await refreshTokenPair(world.parts.tokens, pair.refreshToken);
      return postForm('/auth/revoke', {
        token: pair.refreshToken,
        token_type_hint: 'refresh_token',
      });
    },
    { ...done, calls: ['get', 'revoke'], after: thenSessions(0) },
  ),
  signedIn(
    'believes the token and not the hint about its type',
    (pair) =>
      postForm('/auth/revoke', { token: pair.refreshToken, token_type_hint: 'access_token' }),
    { ...done, calls: ['get', 'revoke'], after: thenSessions(0) },
  ),
  signedIn(
    'answers the revocation of a session that has ended alike',
    async (pair, world) => {
      await revokeSession(world.parts.tokens, { sessionId: pair.sessionId });
      return postForm('/auth/revoke', { token: pair.refreshToken });
    },
    done,
  ),
  ...['garbage', 'a.b.c', `tpr_${'A'.repeat(88)}`].map((token) =>
    refuses(
      `answers the revocation of what is no token of ours alike: ${token.slice(0, 8)}`,
      postForm('/auth/revoke', { token }),
      done,
    ),
  ),
  ...['access_token', 'refresh_token', 'unknown'].map((hint) =>
    signedIn(
      `revokes the session of an access token, with the hint ${hint}`,
      (pair) => postForm('/auth/revoke', { token: pair.accessToken, token_type_hint: hint }),
      { ...done, calls: ['get', 'revoke'], after: thenSessions(0) },
    ),
  ),
  signedIn(
    'revokes the session of an expired access token',
    (pair, world) => {
      world.clock.advance(3_600);
      return postForm('/auth/revoke', { token: pair.accessToken });
    },
    { ...done, calls: ['get', 'revoke'], after: thenSessions(0) },
  ),
  ...(
    [
      ['another secret', {}, randomBytes(32)],
      ['another issuer', { iss: 'https://other.test' }],
      ['another audience', { aud: 'https://other.test' }],
      ['another subject', { sub: 'other' }],
      ['no session', { sid: undefined }],
      ['a bound token', { cnf: { jkt: 'x' } }],
    ] as const
  ).map(([what, claims, secret]) =>
    signedIn(
      `revokes nothing for an access token of ${what}, and answers alike`,
      (pair, world) =>
        postForm('/auth/revoke', {
          token: world.forge({ sid: pair.sessionId, ...claims }, {}, secret),
        }),
      { ...done, calls: [], after: thenSessions(1) },
    ),
  ),
  signedIn(
    'revokes no session of another client by its access token',
    async (_pair, world) => {
      const own = await world.signIn({ clientId: 'other' });
      return postForm('/client-auth/revoke', { token: own.accessToken, ...inBody });
    },
    { ...invalidGrant, after: thenSessions(2) },
  ),
  refuses('asks for the token to revoke', postForm('/auth/revoke', { token: '' }), malformed),
  refuses(
    'calls a token to revoke that comes twice malformed',
    post('/auth/revoke', form, 'token=x&token=y'),
    malformed,
  ),
  refuses('takes no JSON for a revocation', postJson('/auth/revoke', { token: 'x' }), unsupported),
  signedIn(
    'does not call a revocation done while the store is down',
    (pair, world) => {
      world.store.break('down');
      return postForm('/auth/revoke', { token: pair.refreshToken });
    },
    down,
  ),
];

const { clientId, clientSecret = '' } = knownClient;

/** Basic as OAuth has it: form-encoded before it is joined. RFC 6749 §2.3.1 */
function basic(id: string, secret: string): string {
  const joined = `${formEncode(id)}:${formEncode(secret)}`;
  return `Basic ${Buffer.from(joined).toString('base64')}`;
}

function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice('x='.length);
}

const asClient = (request: TestRequest, authorization: string): TestRequest => ({
  ...request,
  headers: { ...request.headers, Authorization: authorization },
});
const inBody = { client_id: clientId, client_secret: clientSecret };

const asked =
  (expected: Expectation, ...clients: World['clients']) =>
  (): Expectation => ({
    ...expected,
    after: async (world) => expect(world.clients).toEqual(clients),
  });
const unknownClient = refusal(401, 'client_invalid', { calls: [] });
const withoutChallenge: Expectation = { ...unknownClient, challenge: false };
const path = '/client-auth/token';

const clientRows: readonly ContractRow[] = [
  signedIn(
    'authenticates a client by Basic, whatever characters it has',
    (pair) => asClient(postForm(path, grant(pair)), basic(clientId, clientSecret)),
    asked(nextPair, knownClient),
  ),
  signedIn(
    'authenticates a client by Basic in any case',
    (pair) =>
      asClient(
        postForm(path, grant(pair)),
        basic(clientId, clientSecret).replace('Basic', 'bASIC '),
      ),
    asked(nextPair, knownClient),
  ),
  signedIn(
    'authenticates a client by parameters',
    (pair) => postForm(path, { ...grant(pair), ...inBody }),
    asked(nextPair, knownClient),
  ),
  signedIn(
    'takes a client by Basic that repeats its name in a parameter',
    (pair) =>
      asClient(
        postForm(path, { ...grant(pair), client_id: clientId }),
        basic(clientId, clientSecret),
      ),
    asked(nextPair, knownClient),
  ),
  signedIn(
    'lets the application pass a public client',
    (pair, world) => {
      world.authenticateClient = async (client) => client?.clientSecret === undefined;
      return postForm(path, { ...grant(pair), client_id: 'public' });
    },
    asked(nextPair, { clientId: 'public' }),
  ),
  signedIn(
    'authenticates a client before it revokes',
    (pair) => postForm('/client-auth/revoke', { token: pair.refreshToken, ...inBody }),
    asked({ ...done, calls: ['get', 'revoke'] }, knownClient),
  ),
  signedIn(
    'lets no unknown client revoke',
    (pair) => postForm('/client-auth/revoke', { token: pair.refreshToken }),
    asked(withoutChallenge, undefined),
  ),
  signedIn(
    'refuses a client that does not say who it is',
    (pair) => postForm(path, grant(pair)),
    asked(withoutChallenge, undefined),
  ),
  signedIn(
    'refuses a client by Basic with a wrong secret, and spends nothing',
    (pair) => asClient(postForm(path, grant(pair)), basic(clientId, 'wrong')),
    asked(unknownClient, { clientId, clientSecret: 'wrong' }),
  ),
  signedIn(
    'refuses a client by parameters with a wrong secret',
    (pair) => postForm(path, { ...grant(pair), client_id: clientId, client_secret: 'wrong' }),
    asked(withoutChallenge, { clientId, clientSecret: 'wrong' }),
  ),
  signedIn(
    'challenges a client that sends an Authorization header of another scheme',
    (pair) => asClient(postForm(path, grant(pair)), `Bearer ${pair.accessToken}`),
    asked(unknownClient, undefined),
  ),
  signedIn(
    'takes nothing but true for a client that passes',
    (pair, world) => {
      world.authenticateClient = () => 1 as unknown as boolean;
      return postForm(path, { ...grant(pair), ...inBody });
    },
    withoutChallenge,
  ),
  signedIn(
    'calls a client that authenticates twice malformed',
    (pair) =>
      asClient(postForm(path, { ...grant(pair), ...inBody }), basic(clientId, clientSecret)),
    asked(malformed),
  ),
  signedIn(
    'calls a client of two names malformed',
    (pair) =>
      asClient(
        postForm(path, { ...grant(pair), client_id: 'other' }),
        basic(clientId, clientSecret),
      ),
    asked(malformed),
  ),
  ...['nocolon', ':secret', '%zz:secret', 'app:%zz'].map((text) =>
    signedIn(
      `calls Basic credentials that cannot be read malformed: ${text}`,
      (pair) =>
        asClient(postForm(path, grant(pair)), `Basic ${Buffer.from(text).toString('base64')}`),
      asked(malformed),
    ),
  ),
  signedIn(
    'calls a client name that comes twice malformed',
    (pair) =>
      post(path, form, `${new URLSearchParams(grant(pair)).toString()}&client_id=a&client_id=b`),
    asked(malformed),
  ),
  signedIn(
    'says that it could not check when the application cannot tell who the client is',
    (pair, world) => {
      world.authenticateClient = async () => Promise.reject(new Error('connect ECONNREFUSED'));
      return postForm(path, { ...grant(pair), ...inBody });
    },
    refusal(503, 'temporarily_unavailable', { calls: [] }),
  ),
  signedIn(
    'asks for no client where a refresh is not in the OAuth dialect',
    (pair) => postJson('/client-auth/refresh', refreshOf(pair)),
    asked({ status: 200 }),
  ),
];

export const oauthRows: readonly ContractRow[] = [...tokenRows, ...revokeRows, ...clientRows];
