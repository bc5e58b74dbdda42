// Runs docs/oauth-clients.md: OAuth clients that others wrote, against the server of the page over HTTP.

import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { runInThisContext } from 'node:vm';

import * as core from '@tokenpair/core';
import { issueTokenPair, listSessions, type TokenIssuer } from '@tokenpair/core';
import * as adapter from '@tokenpair/express';
import type * as Oauth4webapi from 'oauth4webapi';
import type * as OpenidClient from 'openid-client';
import * as simpleOauth2 from 'simple-oauth2';

import { runRecipe } from '../support/recipe.js';

// Both publish ES modules only, which Jest cannot load. Node can.
const { createRequire } = process.getBuiltinModule('node:module');
const nodeRequire = createRequire(__filename);
const openidClient = nodeRequire('openid-client') as typeof OpenidClient;
const oauth4webapi = nodeRequire('oauth4webapi') as typeof Oauth4webapi;

interface Client {
  refresh(refreshToken: string): Promise<{ accessToken: string; refreshToken: string }>;
  logOut(refreshToken: string): Promise<void>;
}

const page = 'oauth-clients.md';
const host = 'https://login.example.com';
/** That of Node, which the clients call; that of Jest's sandbox is another. */
const realm = runInThisContext('globalThis') as typeof globalThis;
const { fetch } = realm;

describe('the recipes for OAuth clients', () => {
  let tokens: TokenIssuer;
  let server: Server;
  let origin: string;
  let secret: string;
  let now: number;

  beforeAll(async () => {
    const program = await runRecipe<{ app: RequestListener; tokens: TokenIssuer }>(page, {
      under: 'The server',
      given: {
        isSecretOf: async (id: string, given: string) =>
          id === 'reports-app' && given === 'its secret',
        checkLogin: async () => 'u_1',
      },
      modules: { '@tokenpair/core': core, '@tokenpair/express': adapter },
      exported: ['app', 'tokens'],
    });
    ({ tokens } = program);
    server = createServer(program.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // What DNS and TLS do elsewhere: the name of the host leads to the server of the test.
    realm.fetch = (input, init) => {
      const url = input instanceof Request ? input.url : new URL(input).href;
      return fetch(url.replace(host, origin), init);
    };
  });

  afterAll(async () => {
    realm.fetch = fetch;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  beforeEach(() => {
    secret = 'its secret';
    now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  class Rerouted extends simpleOauth2.AuthorizationCode {
    constructor(options: simpleOauth2.ModuleOptions) {
      super({ ...options, auth: { ...options.auth, tokenHost: origin } });
    }
  }

  const open = (name: string, modules: Readonly<Record<string, unknown>> = {}) =>
    runRecipe<Client>(page, {
      under: name,
      given: { secret },
      modules: {
        'openid-client': openidClient,
        oauth4webapi,
        'simple-oauth2': { AuthorizationCode: Rerouted },
        ...modules,
      },
      exported: ['refresh', 'logOut'],
    });

  const login = async () => {
    const grant = { subject: 'u_1', clientId: 'reports-app', scope: 'reports:read' };
    return (await issueTokenPair(tokens, grant)).refreshToken;
  };

  describe.each(['openid-client', 'oauth4webapi', 'simple-oauth2'])('%s', (name) => {
    it('refreshes, rotates and logs out', async () => {
      const client = await open(name);
      const first = await login();
      const second = await client.refresh(first);
      expect(second.refreshToken).not.toBe(first);
      now += 61_000;
      const third = await client.refresh(second.refreshToken);
      expect(third.refreshToken).not.toBe(second.refreshToken);
      const { claims } = await core.verifyBearer(tokens.verifier, `Bearer ${third.accessToken}`);
      expect(claims).toMatchObject({ sub: 'u_1', client_id: 'reports-app' });
      expect(await listSessions(tokens, 'u_1')).toHaveLength(1);
      await client.logOut(third.refreshToken);
      expect(await listSessions(tokens, 'u_1')).toEqual([]);
    });

    it('is refused with the secret of another client, and the session goes on', async () => {
      const refreshToken = await login();
      secret = 'wrong';
      const client = await open(name);
      await expect(client.refresh(refreshToken)).rejects.toThrow(/401|server responded|response/i);
      secret = 'its secret';
      await (await open(name)).logOut(refreshToken);
    });
  });

  it("openid-client without { algorithm: 'oauth2' } asks for a document of OpenID, which is not there", async () => {
    const discovery = openidClient.discovery(new URL(host), 'reports-app', 'its secret');
    await expect(discovery).rejects.toMatchObject({ cause: { status: 404 } });
  });

  it('oauth4webapi accepts the access token at a service', async () => {
    const { accessToken } = await (await open('oauth4webapi')).refresh(await login());
    const issuer = new URL(host);
    const answer = await oauth4webapi.discoveryRequest(issuer, { algorithm: 'oauth2' });
    const document = await oauth4webapi.processDiscoveryResponse(issuer, answer);
    const request = new Request('https://api.example.com', {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    const audience = 'https://api.example.com';
    const claims = await oauth4webapi.validateJwtAccessToken(document, request, audience);
    expect(claims).toMatchObject({ client_id: 'reports-app', scope: 'reports:read' });
  });
});
