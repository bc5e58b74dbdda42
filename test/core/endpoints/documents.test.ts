import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { createProtectedResource, createTokenEndpoints } from '@tokenpair/core/adapter';
import type { TokenIssuerOptions } from '@tokenpair/core';
import type {
  HttpResponse,
  ProtectedResourceOptions,
  TokenEndpointOptions,
} from '@tokenpair/core/adapter';

import { createTestIssuer } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';

const request = { method: 'GET', headers: {} } as IncomingMessage;
const bodyOf = (response: HttpResponse | undefined): unknown => JSON.parse(response?.body ?? '');

async function publish(keys: unknown) {
  const { tokens } = createTestIssuer({ keys: keys as TokenIssuerOptions['keys'] });
  const response = await createTokenEndpoints(tokens, {}).handle({
    request,
    path: '/.well-known/jwks.json',
    body: undefined,
  });
  return bodyOf(response) as { keys: Record<string, unknown>[] };
}

describe('the key set', () => {
  test('contains the public half of every next, current and retiring key, and no secret', async () => {
    const [rsa, ec, ed] = (['RS256', 'ES256', 'EdDSA'] as const).map(createKeyPair);
    const secret = randomBytes(32);
    const { keys } = await publish([
      { kid: 'n', algorithm: 'EdDSA', privateKey: ed?.privateKey, state: 'next' },
      { kid: 'c', algorithm: 'ES256', privateKey: ec?.privateKey, state: 'current' },
      { kid: 'r', algorithm: 'RS256', publicKey: rsa?.publicKey, state: 'retiring' },
      { kid: 's', algorithm: 'HS256', secret, state: 'retiring' },
    ]);
    const half = (pair: typeof ec) => pair?.publicKey.export({ format: 'jwk' });
    expect(keys).toEqual([
      { ...half(ed), kid: 'n', alg: 'EdDSA', use: 'sig' },
      { ...half(ec), kid: 'c', alg: 'ES256', use: 'sig' },
      { ...half(rsa), kid: 'r', alg: 'RS256', use: 'sig' },
    ]);
    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });

  test('is empty when a secret signs', async () => {
    const key = { algorithm: 'HS256', secret: randomBytes(32) };
    expect(await publish([key])).toEqual({ keys: [] });
  });

  test('names the same algorithm as the tokens do', async () => {
    const { privateKey } = createKeyPair('Ed25519');
    const { keys } = await publish([{ algorithm: 'Ed25519', privateKey }]);
    expect(keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519' }]);
  });
});

describe('the metadata of an authorization server', () => {
  const path = '/.well-known/oauth-authorization-server';

  async function describeServer(options: TokenEndpointOptions, issuer = 'https://issuer.test') {
    const { tokens } = createTestIssuer({ issuer });
    return createTokenEndpoints(tokens, options).handleRoot({ request, path });
  }

  test('is not served without a URL', async () => {
    expect(await describeServer({})).toBeUndefined();
  });

  test('names no OAuth endpoint and no grant when refresh tokens travel in a cookie', async () => {
    const url = 'https://issuer.test/auth';
    const document = bodyOf(await describeServer({ url, transport: 'cookie' }));
    expect(document).toEqual({
      issuer: 'https://issuer.test',
      jwks_uri: `${url}/.well-known/jwks.json`,
      grant_types_supported: [],
      response_types_supported: [],
    });
  });

  test('names the OAuth endpoints when programs are served as well as browsers', async () => {
    const url = 'https://issuer.test/auth';
    const document = bodyOf(await describeServer({ url, transport: 'auto' }));
    expect(document).toMatchObject({ token_endpoint: `${url}/token` });
  });

  test.each(['my-issuer', 'https://issuer.test/'])(
    'is served at the plain path when the issuer %s has no path',
    async (issuer) => {
      const response = await describeServer({ url: 'https://issuer.test/auth' }, issuer);
      expect(bodyOf(response)).toMatchObject({ issuer });
    },
  );
});

describe('the metadata of a protected resource', () => {
  const options: ProtectedResourceOptions = {
    resource: 'https://api.test',
    authorizationServers: ['https://issuer.test'],
  };

  test.each([
    [{ resource: '/api' }, /^resource must be/],
    [{ resource: 'https://api.test/?a' }, /^resource must be/],
    [{ resource: 'ftp://api.test' }, /^resource must be/],
    [{ authorizationServers: 'https://issuer.test' }, /^authorizationServers must be an array/],
    [{ authorizationServers: ['issuer'] }, /^authorizationServers must be/],
    [{ scopes: 'a"b' }, /^scopes/],
    [{ documentation: 'x' }, /documentation/],
  ])('refuses the options %j and names the wrong one', (wrong, message) => {
    expect(() =>
      createProtectedResource({ ...options, ...wrong } as ProtectedResourceOptions),
    ).toThrow(message);
  });

  test('lists scopes given as text', async () => {
    const { handleRoot } = createProtectedResource({ ...options, scopes: 'a b' });
    const response = await handleRoot({ request, path: '/.well-known/oauth-protected-resource' });
    expect(bodyOf(response)).toMatchObject({ scopes_supported: ['a', 'b'] });
  });
});

describe('the members that an application adds to the metadata of the server', () => {
  const url = 'https://api.example.com/auth';
  const create = (metadata: unknown, more: object = { url }) =>
    createTokenEndpoints(createTestIssuer({ issuer: 'https://api.example.com' }).tokens, {
      ...more,
      metadata,
    } as TokenEndpointOptions);
  const documentOf = async (metadata: unknown) => {
    const path = '/.well-known/oauth-authorization-server';
    return bodyOf(await create(metadata).handleRoot({ request, path }));
  };

  test('are added, and replace others', async () => {
    const metadata = {
      authorization_endpoint: 'https://api.example.com/authorize',
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      'x-own': { nested: [1] },
    };
    await expect(documentOf(metadata)).resolves.toMatchObject({
      ...metadata,
      issuer: 'https://api.example.com',
      token_endpoint: `${url}/token`,
    });
  });

  test('are copied: later changes have no effect', async () => {
    const scopes = ['a'];
    const endpoints = create({ scopes_supported: scopes });
    scopes.push('b');
    const path = '/.well-known/oauth-authorization-server';
    expect(bodyOf(await endpoints.handleRoot({ request, path }))).toMatchObject({
      scopes_supported: ['a'],
    });
  });

  test.each<[string, unknown, object?]>([
    ['metadata', null],
    ['metadata', []],
    ['metadata', 'https://api.example.com'],
    ['metadata', new Map()],
    ['metadata.issuer', { issuer: 'https://other.test' }],
    ['metadata.authorization_endpoint', { authorization_endpoint: '/authorize' }],
    ['metadata.authorization_endpoint', { authorization_endpoint: 'https://x.test/#a' }],
    ['metadata.op_tos_uri', { op_tos_uri: ['https://x.test'] }],
    ['metadata.jwks_uri', { jwks_uri: 'javascript:alert(1)' }],
    ['metadata needs url', { a: 1 }, {}],
  ])('are checked at once: %s', (message, metadata, more = { url }) => {
    expect(() => create(metadata, more)).toThrow(TypeError);
    expect(() => create(metadata, more)).toThrow(message);
  });
});
