// How a key set is fetched in networks that differ: hosts without TLS, headers that change, agents of the process, `fetch`.

import http, { Agent } from 'node:http';
import https from 'node:https';

import {
  discover,
  remoteKeySet,
  type FetchFunction,
  type RemoteKeySetOptions,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { startConnectProxy, TunnelAgent } from '../../support/connect-proxy.js';
import { startKeyEndpoint, type KeyEndpoint } from '../../support/key-endpoint.js';
import { ask } from '../../support/key-source.js';
import { createKeyPair } from '../../support/keys.js';
import { runInChild } from '../../support/run-in-child.js';
import { testCertificate } from '../../support/test-certificate.js';

const { publicKey } = createKeyPair('ES256');
const keySet = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'good', alg: 'ES256' }] };
const unavailable = { code: 'temporarily_unavailable', status: 503 };

let endpoint: KeyEndpoint;
beforeEach(async () => {
  endpoint = await startKeyEndpoint(keySet);
});
afterEach(() => endpoint.close());

/** An agent for which every host name is this machine. */
const anyHost = () =>
  new Agent({
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
const portOf = ({ address }: KeyEndpoint) => new URL(address).port;

describe('the option allowInsecureHosts', () => {
  it('allows http to a host that it names, and to no other', async () => {
    const allow = { allowInsecureHosts: ['keycloak', 'sso.internal'], agent: anyHost() };
    for (const host of ['keycloak', 'KEYCLOAK', 'sso.internal']) {
      const keys = remoteKeySet(`http://${host}:${portOf(endpoint)}/jwks`, allow);
      await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
    }
    for (const host of ['keycloak.example.com', 'x.keycloak', 'internal', '10.0.0.1']) {
      expect(() => remoteKeySet(`http://${host}/jwks`, allow)).toThrow(/allowInsecureHosts/);
    }
    expect(() => remoteKeySet('http://u:p@keycloak/jwks', allow)).toThrow(/without credentials/);
  });

  it('allows an issuer and its key set on such a host', async () => {
    const issuer = `http://keycloak:${portOf(endpoint)}/realms/x`;
    endpoint.answer = (request, response) => {
      const isMetadata = request.url?.includes('well-known');
      const metadata = { issuer, jwks_uri: `${issuer}/certs` };
      response.end(JSON.stringify(isMetadata ? metadata : keySet));
    };
    const options = { allowInsecureHosts: ['keycloak'], agent: anyHost() };
    const { keys } = await discover(issuer, options);
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
    await expect(discover(issuer, {})).rejects.toThrow(/allowInsecureHosts/);
  });

  it('does not let the metadata name another host without TLS', async () => {
    const issuer = `http://keycloak:${portOf(endpoint)}`;
    endpoint.answer = { issuer, jwks_uri: 'http://elsewhere/jwks' };
    const options = { allowInsecureHosts: ['keycloak'], agent: anyHost() };
    await expect(discover(issuer, options)).rejects.toThrow(/jwks_uri.*https URL/);
  });

  it.each<[unknown]>([
    ['keycloak'],
    [['http://keycloak']],
    [['keycloak:8080']],
    [['*']],
    [['*.internal']],
    [['keycloak/']],
    [['Keycloak']],
    [['']],
    [[5]],
    [null],
  ])('refuses %p', (allowInsecureHosts) => {
    expect(() => remoteKeySet('https://id.example.com', { allowInsecureHosts } as never)).toThrow(
      /^allowInsecureHosts must be an array of host names/,
    );
  });
});

describe('the option headers as a function', () => {
  it.each<[string, (value: string) => unknown]>([
    ['a value', (value) => ({ 'X-Api-Key': value })],
    ['a promise', async (value) => ({ 'X-Api-Key': value })],
  ])('is called for each load and returns %s', async (_what, answer) => {
    const clock = createTestClock();
    let count = 0;
    const keys = remoteKeySet(`${endpoint.address}/jwks`, {
      clock: clock.now,
      headers: () => answer(`key-${(count += 1)}`) as never,
    });
    await ask(keys, 'good');
    clock.advance(31);
    await ask(keys, 'other');
    expect(endpoint.requests.map(({ headers }) => headers['x-api-key'])).toEqual([
      'key-1',
      'key-2',
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no token');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('no token'))],
    ['returns nothing', () => undefined],
    ['returns a header that is no text', () => ({ 'X-Key': 5 })],
    ['returns a header of two lines', async () => ({ 'X-Key': 's3cret\r\nHost: other' })],
  ])('makes the load fail, and shows no value, when it %s', async (_what, headers) => {
    const keys = remoteKeySet(`${endpoint.address}/jwks`, { headers: headers as never });
    const error = await ask(keys, 'good').catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject(unavailable);
    expect(String((error as Error).cause)).not.toContain('s3cret');
    expect(endpoint.requests).toHaveLength(0);
  });

  it('has the time of the load', async () => {
    const keys = remoteKeySet(`${endpoint.address}/jwks`, {
      deadline: 0.05,
      headers: () => new Promise(() => {}),
    });
    await expect(ask(keys, 'good')).rejects.toMatchObject(unavailable);
  });

  it('is not called for a key set at another origin than its issuer', async () => {
    const other = await startKeyEndpoint(keySet);
    try {
      const issuer = endpoint.address;
      endpoint.answer = { issuer, jwks_uri: `${other.address}/jwks` };
      const { keys } = await discover(issuer, { headers: async () => ({ 'x-api-key': 's3cret' }) });
      await ask(keys, 'good');
      expect(endpoint.requests[0]?.headers['x-api-key']).toBe('s3cret');
      expect(other.requests[0]?.headers['x-api-key']).toBeUndefined();
    } finally {
      await other.close();
    }
  });
});

describe('the global agent of Node', () => {
  it('makes the connection, which is closed after the load', async () => {
    const original = http.globalAgent;
    const agent = new Agent({ keepAlive: true });
    const createConnection = jest.spyOn(agent, 'createConnection');
    http.globalAgent = agent;
    try {
      await ask(remoteKeySet(`${endpoint.address}/jwks`), 'good');
    } finally {
      http.globalAgent = original;
    }
    expect(createConnection).toHaveBeenCalledTimes(1);
    await endpoint.untilIdle();
  });

  it('may lead through a proxy, and the server is verified all the same', async () => {
    const secure = await startKeyEndpoint(keySet, { tls: true });
    const proxy = await startConnectProxy();
    const original = https.globalAgent;
    const agent = new TunnelAgent(proxy.port, {});
    https.globalAgent = agent;
    try {
      const url = `${secure.address}/jwks`;
      await expect(ask(remoteKeySet(url, { ca: testCertificate }), 'good')).resolves.toMatchObject({
        kid: 'good',
      });
      expect(proxy.tunnels).toHaveLength(1);
      await expect(ask(remoteKeySet(url), 'good')).rejects.toMatchObject(unavailable);
      expect(secure.requests).toHaveLength(1);
    } finally {
      https.globalAgent = original;
      agent.destroy();
      await proxy.close();
      await secure.close();
    }
  });
});

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasEnvProxy = major > 22 || (major === 22 && minor >= 21);

(hasEnvProxy ? describe : describe.skip)('the proxy of NODE_USE_ENV_PROXY', () => {
  it('is used', async () => {
    const secure = await startKeyEndpoint(keySet, { tls: true });
    const proxy = await startConnectProxy();
    try {
      const { stdout } = await runInChild(
        `const options = { ca: ${JSON.stringify(testCertificate)} };
        core.remoteKeySet('${secure.address}/jwks', options).find('good', 'ES256')
          .then(({ kid }) => console.log(kid), ({ cause }) => console.log(String(cause)));`,
        { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '' },
      );
      expect(stdout.trim()).toBe('good');
      expect(proxy.tunnels).toHaveLength(1);
    } finally {
      await proxy.close();
      await secure.close();
    }
  }, 30_000);
});

describe('the option fetch', () => {
  const url = 'https://id.example.com/jwks?key=s3cret';
  const load = (options: RemoteKeySetOptions) => ask(remoteKeySet(url, options), 'good');

  it('replaces the transport, and gets URL, headers and signal', async () => {
    const fetch = jest.fn<Promise<Response>, unknown[]>(async () => Response.json(keySet));
    await expect(load({ fetch, headers: () => ({ 'X-Api-Key': 'a' }) })).resolves.toMatchObject({
      kid: 'good',
    });
    expect(fetch.mock.calls).toEqual([
      [
        url,
        {
          method: 'GET',
          redirect: 'manual',
          headers: {
            accept: 'application/json, application/jwk-set+json',
            'accept-encoding': 'identity',
            'x-api-key': 'a',
          },
          signal: expect.any(AbortSignal),
        },
      ],
    ]);
  });

  it('may be the fetch of the runtime', async () => {
    const keys = remoteKeySet(`${endpoint.address}/jwks`, { fetch });
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
  });

  it('follows no redirect', async () => {
    endpoint.answer = (_request, response) => response.writeHead(302, { location: '/x' }).end();
    const keys = remoteKeySet(`${endpoint.address}/jwks`, { fetch });
    await expect(ask(keys, 'good')).rejects.toMatchObject({
      ...unavailable,
      cause: { message: expect.stringMatching(/status 302$/) },
    });
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each<[string, FetchFunction]>([
    ['does not pass init on', async (address) => fetch(address)],
    ['asks to follow', async (address, init) => fetch(address, { ...init, redirect: 'follow' })],
  ])('makes the load fail when it has followed a redirect, because it %s', async (_why, follow) => {
    endpoint.answer = (request, response) =>
      request.url === '/jwks'
        ? response.writeHead(302, { location: '/other' }).end()
        : response.end(JSON.stringify(keySet));
    const keys = remoteKeySet(`${endpoint.address}/jwks`, { fetch: follow });
    await expect(ask(keys, 'good')).rejects.toMatchObject({
      ...unavailable,
      cause: { message: expect.stringMatching(/was redirected.*pass init on/) },
    });
  });

  const large = JSON.stringify({ keys: [], filler: 'x'.repeat(600_000) });
  it.each<[string, () => unknown, RegExp]>([
    ['a bad status', () => new Response('{}', { status: 500 }), /status 500$/],
    ['no JSON', () => new Response('s3cret'), /other than a JSON object$/],
    ['a body that is too large', () => new Response(large), /more than 524288 bytes$/],
    [
      'a body that is too large, at once',
      () => ({ status: 200, arrayBuffer: async () => Buffer.from(large) }),
      /more than 524288 bytes$/,
    ],
    ['no usable key', () => Response.json({ keys: [] }), /no key can be used$/],
    ['nothing', () => undefined, /./],
  ])('makes the load fail when it answers %s', async (_what, answer, message) => {
    const fetch = async () => answer() as Response;
    const error = (await load({ fetch }).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject(unavailable);
    expect((error.cause as Error).message).toMatch(message);
    expect((error.cause as Error).message).not.toContain('s3cret');
  });

  it('makes the load fail when it rejects or is too slow', async () => {
    const error = new TypeError('fetch failed');
    const broken = load({ fetch: async () => Promise.reject(error) });
    await expect(broken).rejects.toMatchObject(unavailable);
    let signal: AbortSignal | undefined;
    const slow: RemoteKeySetOptions['fetch'] = (_url, init) => {
      signal = init.signal;
      return new Promise(() => {});
    };
    await expect(load({ fetch: slow, deadline: 0.05 })).rejects.toMatchObject(unavailable);
    expect(signal?.aborted).toBe(true);
  });

  it.each<[string, object]>([
    ['fetch', { fetch: 'undici' }],
    ['fetch', { fetch: null }],
    ['fetch cannot be combined', { fetch, ca: testCertificate }],
    ['fetch cannot be combined', { fetch, agent: new Agent() }],
  ])('is checked at once: %s', (message, options) => {
    expect(() => remoteKeySet(url, options)).toThrow(TypeError);
    expect(() => remoteKeySet(url, options)).toThrow(message);
  });
});
