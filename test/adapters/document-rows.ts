// Rows of the adapter contract: what is published for others to verify and to ask. RFC 7517, RFC 8414, RFC 9728

import { issueTokenPair } from '@tokenpair/core';

import { call, callWith, postJson, type ContractRow, type Expectation } from './contract-row.js';
import { publishedIssuer, resourceMetadata } from './contract-world.js';

const document = (body: object, more: Partial<Expectation> = {}): Expectation => ({
  status: 200,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=600',
    // Whose pages may read it is for the application's own cors() to say.
    'access-control-allow-origin': undefined,
  },
  calls: [],
  after: async (_world, response) => expect(JSON.parse(response.body)).toEqual(body),
  ...more,
});

const keySet = { ...document({}).headers, 'content-type': 'application/jwk-set+json' };
const base64url = expect.stringMatching(/^[\w-]+$/) as string;

const revocationRows: readonly ContractRow[] = [
  {
    name: 'serves the revocation log to a service that may follow it',
    request: () => callWith('/client-auth/revocations?after=0', 'Bearer follower'),
    expect: {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      calls: [],
      after: async ({ parts }, { body }) =>
        expect(JSON.parse(body)).toEqual({
          issuer: parts.tokens.issuer,
          head: expect.any(Number) as number,
          from: expect.any(Number) as number,
          everything: 0,
          keep: expect.any(Number) as number,
          age: expect.any(Number) as number,
          entries: expect.any(Array) as unknown[],
          more: false,
        }),
    },
  },
  {
    name: 'refuses another service, before the log is read',
    request: () => callWith('/client-auth/revocations?after=0', 'Bearer stranger'),
    expect: {
      status: 401,
      code: 'client_invalid',
      format: 'token',
      challenge: false,
    },
  },
  {
    name: 'refuses a position that is none',
    request: () => callWith('/client-auth/revocations?after=-1', 'Bearer follower'),
    expect: { status: 400, code: 'request_malformed', format: 'token', challenge: false },
  },
  {
    name: 'does not serve the log where no service may follow it',
    request: () => callWith('/auth/revocations?after=0', 'Bearer follower'),
    expect: { status: 404 },
  },
];

const jwksRows: readonly ContractRow[] = [
  {
    name: 'publishes its public keys, and nothing of a private or a shared one',
    request: () => call('/published-auth/.well-known/jwks.json'),
    expect: document(
      {
        // Every member is named here, so `d`, `p`, `q` and their kin are not among them.
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: base64url,
            y: base64url,
            kid: 'new',
            alg: 'ES256',
            use: 'sig',
          },
          { kty: 'RSA', n: base64url, e: 'AQAB', kid: 'old', alg: 'RS256', use: 'sig' },
        ],
      },
      { headers: keySet },
    ),
  },
  {
    name: 'publishes no shared secret',
    request: () => call('/auth/.well-known/jwks.json'),
    expect: document({ keys: [] }, { headers: keySet }),
  },
  {
    name: 'publishes its keys where refresh tokens travel in a cookie',
    request: () => call('/cookie-auth/.well-known/jwks.json'),
    expect: document({ keys: [] }, { headers: keySet }),
  },
  {
    name: 'answers HEAD for its keys without a body',
    request: () => call('/published-auth/.well-known/jwks.json', undefined, 'HEAD'),
    expect: { status: 200, body: '', headers: keySet, calls: [] },
  },
  {
    name: 'takes no keys from outside, and says what is allowed',
    request: () => postJson('/published-auth/.well-known/jwks.json', { keys: [] }),
    expect: {
      status: 405,
      code: 'method_not_allowed',
      format: 'token',
      headers: { allow: 'GET, HEAD' },
      calls: [],
    },
  },
];

const metadataOf = (issuer: string, mount: string, methods: readonly string[]) => ({
  issuer,
  token_endpoint: `${mount}/token`,
  token_endpoint_auth_methods_supported: methods,
  revocation_endpoint: `${mount}/revoke`,
  revocation_endpoint_auth_methods_supported: methods,
  jwks_uri: `${mount}/.well-known/jwks.json`,
  grant_types_supported: ['refresh_token'],
  response_types_supported: [],
});

const server = '/.well-known/oauth-authorization-server';
const resource = '/.well-known/oauth-protected-resource';

const metadataRows: readonly ContractRow[] = [
  {
    name: 'describes the authorization server at the root',
    request: () => call(server),
    expect: document(
      metadataOf('https://issuer.test', 'https://issuer.test/client-auth', [
        'client_secret_basic',
        'client_secret_post',
        'none',
      ]),
    ),
  },
  {
    name: 'describes an authorization server that has a path at the root too',
    request: () => call(`${server}/tenant`),
    expect: document(metadataOf(publishedIssuer, `${publishedIssuer}/published-auth`, ['none'])),
  },
  {
    name: 'describes the protected resource at the root',
    request: () => call(resource),
    expect: document({
      resource: 'https://api.test',
      authorization_servers: ['https://issuer.test'],
      bearer_methods_supported: ['header'],
    }),
  },
  {
    name: 'describes a protected resource that has a path at the root too',
    request: () => call(`${resource}/published`),
    expect: document({
      resource: 'https://api.test/published',
      authorization_servers: [publishedIssuer, 'https://issuer.test'],
      bearer_methods_supported: ['header'],
      scopes_supported: ['orders:read', 'orders:write'],
    }),
  },
  ...[server, `${resource}/published`].flatMap((path): readonly ContractRow[] => [
    {
      name: `answers HEAD without a body on ${path}`,
      request: () => call(path, undefined, 'HEAD'),
      expect: { status: 200, body: '', calls: [] },
    },
    {
      name: `does not allow POST on ${path}, and says what is allowed`,
      request: () => call(path, undefined, 'POST'),
      expect: {
        status: 405,
        code: 'method_not_allowed',
        format: 'token',
        headers: { allow: 'GET, HEAD' },
      },
    },
  ]),
  ...[`${server}/other`, `${resource}/tenant`, `/published-auth${server}`].map(
    (path): ContractRow => ({
      name: `leaves ${path} to the application`,
      request: () => call(path),
      expect: { status: 404, body: { application: 'not found' } },
    }),
  ),
];

const challengeRows: readonly ContractRow[] = [
  {
    name: 'says where the metadata is when a token is missing',
    request: () => call('/published'),
    expect: { status: 401, code: 'token_missing', resourceMetadata },
  },
  {
    name: 'says where the metadata is when a token is bad',
    request: (world) => call('/published', world.forge({}, { kid: 7 })),
    expect: { status: 401, code: 'token_invalid', resourceMetadata },
  },
  {
    name: 'says where the metadata is when the key of a token is unknown',
    request: (world) => call('/published', world.forge()),
    expect: { status: 401, code: 'token_key_unknown', resourceMetadata },
  },
  {
    name: 'says where the metadata is when a credential is malformed',
    request: () => call('/published', 'two tokens'),
    expect: { status: 400, code: 'request_malformed', resourceMetadata },
  },
  {
    name: 'says where the metadata is when a scope is missing',
    request: async ({ parts, subject }) => {
      const { accessToken } = await issueTokenPair(parts.published, {
        subject,
        scope: 'orders:read',
      });
      return call('/published-scopes', accessToken);
    },
    expect: { status: 403, code: 'scope_insufficient', scope: 'orders:write', resourceMetadata },
  },
  {
    name: 'says where the metadata is when a refresh token is missing',
    request: () => postJson('/published-auth/refresh', {}),
    expect: { status: 401, code: 'refresh_token_missing', format: 'token', resourceMetadata },
  },
  {
    name: 'verifies what it has signed with a key that it publishes',
    request: async ({ parts, subject }) =>
      call('/published', (await issueTokenPair(parts.published, { subject })).accessToken),
    expect: { status: 200, calls: [] },
  },
];

export const documentRows: readonly ContractRow[] = [
  ...jwksRows,
  ...revocationRows,
  ...metadataRows,
  ...challengeRows,
];
