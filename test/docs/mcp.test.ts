// Runs the code of docs/mcp.md: the client of the MCP SDK finds the login server by itself, signs in, calls a tool and refreshes.

import type { RequestListener } from 'node:http';

import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as core from '@tokenpair/core';
import jwt from 'jsonwebtoken';

import { startServer, type TestServer } from '../support/http.js';
import { generateKeyPair } from '../support/key-pair.js';
import { runRecipe } from '../support/recipe.js';

interface Program {
  readonly app: RequestListener;
  readonly login: RequestListener;
  readonly tokens: core.TokenIssuer;
}

const issuer = 'https://login.example.com';
const resource = 'https://mcp.example.com/mcp';

describe('the MCP server', () => {
  const { privateKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
  const servers = new Map<string, TestServer>();
  const forms: Readonly<Record<string, string>>[] = [];
  let tokens: core.TokenIssuer;
  let code: { subject: string; clientId: string; scope: string };

  /** Sends requests for the hosts of the page to the servers of the test. */
  const routed = (url: string | URL, init?: RequestInit) => {
    const { host, pathname, search } = new URL(url);
    return fetch(`${servers.get(host)?.address}${pathname}${search}`, init);
  };

  beforeAll(async () => {
    const program = await runRecipe<Program>('mcp.md', {
      modules: {
        '@tokenpair/core': {
          ...core,
          remoteKeySet: (url: string) => core.remoteKeySet(url, { fetch: routed }),
        },
      },
      given: {
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        redeemCode: async (form: Readonly<Record<string, string>>) => {
          forms.push({ ...form });
          return form['code'] === 'good' ? code : undefined;
        },
      },
      exported: ['app', 'login', 'tokens'],
    });
    servers.set('mcp.example.com', await startServer(program.app));
    servers.set('login.example.com', await startServer(program.login));
    ({ tokens } = program);
  });

  afterAll(async () => {
    for (const server of servers.values()) await server.close();
  });

  beforeEach(() => {
    code = { subject: 'u_1', clientId: 'inspector', scope: 'orders:read' };
  });

  const connect = async (provider: OAuthClientProvider) => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(resource), {
      authProvider: provider,
      fetch: routed,
    });
    await client.connect(transport);
    return client;
  };

  it('leads the client from the 401 to the login page, with scope and resource', async () => {
    const user = createUser();
    await expect(connect(user.provider)).rejects.toThrow('Unauthorized');
    const [page] = user.pages;
    expect(page?.origin).toBe('https://login.example.com');
    expect(page?.pathname).toBe('/authorize');
    expect(Object.fromEntries(page?.searchParams ?? [])).toMatchObject({
      client_id: 'inspector',
      scope: 'orders:read',
      resource,
      code_challenge_method: 'S256',
    });
  });

  it('takes the token that the client gets for the code', async () => {
    const user = createUser();
    const transport = new StreamableHTTPClientTransport(new URL(resource), {
      authProvider: user.provider,
      fetch: routed,
    });
    const first = new Client({ name: 'test', version: '1.0.0' });
    await expect(first.connect(transport)).rejects.toThrow('Unauthorized');
    await transport.finishAuth('good');
    expect(forms.at(-1)).toMatchObject({ code: 'good', client_id: 'inspector', resource });
    const client = await connect(user.provider);
    await expect(client.callTool({ name: 'list-orders' })).resolves.toMatchObject({
      content: [{ type: 'text', text: 'No orders for u_1' }],
    });
    await client.close();
  });

  it('lets the client refresh by itself', async () => {
    const pair = await core.issueTokenPair(tokens, code);
    const user = createUser({ access_token: 'spent', refresh_token: pair.refreshToken });
    const client = await connect(user.provider);
    expect(user.saved()?.access_token).not.toBe('spent');
    expect(user.pages).toEqual([]);
    await client.close();
  });

  it('leads the client to the login page when its refresh token is that of another client', async () => {
    const pair = await core.issueTokenPair(tokens, { ...code, clientId: 'another' });
    const user = createUser({ access_token: 'spent', refresh_token: pair.refreshToken });
    await expect(connect(user.provider)).rejects.toThrow('Unauthorized');
    expect(user.pages).toHaveLength(1);
    expect(user.saved()).toBeUndefined();
  });

  it('names the scope that a token lacks', async () => {
    const pair = await core.issueTokenPair(tokens, { ...code, scope: 'profile' });
    const response = await routed(resource, {
      method: 'POST',
      headers: { Authorization: `Bearer ${pair.accessToken}` },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".* scope="orders:read"/,
    );
  });

  it('refuses a token for another resource', async () => {
    const { accessToken } = await core.issueTokenPair(tokens, code);
    const { payload, header } = jwt.decode(accessToken, { complete: true }) as jwt.Jwt;
    const sendFor = async (aud: string) => {
      const token = jwt.sign({ ...(payload as object), aud }, privateKey, {
        algorithm: 'ES256',
        header,
      });
      const headers = { Authorization: `Bearer ${token}` };
      return (await routed(resource, { headers })).status;
    };
    await expect(sendFor('https://mcp.example.com/other')).resolves.toBe(401);
    await expect(sendFor(resource)).resolves.toBe(405);
  });
});

type Saved = { readonly access_token: string; readonly refresh_token?: string };

/** A user of an MCP client that is registered as `inspector`. */
function createUser(before?: Saved) {
  let tokens = before && { ...before, token_type: 'Bearer', issuer };
  const pages: URL[] = [];
  let verifier = '';
  const provider: OAuthClientProvider = {
    redirectUrl: 'http://127.0.0.1:1/callback',
    clientMetadata: { redirect_uris: ['http://127.0.0.1:1/callback'], client_name: 'test' },
    clientInformation: () => ({ client_id: 'inspector', issuer }),
    tokens: () => tokens,
    saveTokens: (saved) => {
      tokens = saved as typeof tokens;
    },
    invalidateCredentials: () => {
      tokens = undefined;
    },
    redirectToAuthorization: (url) => {
      pages.push(url);
    },
    saveCodeVerifier: (text) => {
      verifier = text;
    },
    codeVerifier: () => verifier,
  };
  return { provider, pages, saved: () => tokens };
}
