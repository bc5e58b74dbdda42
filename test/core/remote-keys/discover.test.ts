import type { RequestListener } from 'node:http';

import { discover, discoveredKeySet } from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import type { KeySource, RemoteKeySetOptions, TokenpairEvent } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { drip, startKeyEndpoint, type KeyEndpoint } from '../../support/key-endpoint.js';
import { ask, atHand } from '../../support/key-source.js';
import { createKeyPair, createTestKey } from '../../support/keys.js';
import { createTestIssuer } from '../../support/issuer.js';
import { testCertificate } from '../../support/test-certificate.js';

const unavailable = { code: 'temporarily_unavailable', status: 503 };
const jwk = (kid: string) => ({
  ...createKeyPair('ES256').publicKey.export({ format: 'jwk' }),
  kid,
});
const good = jwk('good');

/** Documents by path; what is not there is 404. */
let documents: Record<string, object>;
let endpoint: KeyEndpoint;
const paths = () => endpoint.requests.map(({ url }) => url);

beforeEach(async () => {
  documents = { '/jwks': { keys: [good] } };
  endpoint = await startKeyEndpoint(({ url = '' }, response) => {
    const document = documents[url];
    if (document) response.end(JSON.stringify(document));
    else response.writeHead(404).end();
  });
});
afterEach(async () => {
  // No answer, however bad, leaves a connection open.
  try {
    await endpoint.untilIdle();
  } finally {
    await endpoint.close();
  }
});

/** An issuer of that path, whose metadata is at another. */
function publish(path: string, at: string, changes: object = {}): string {
  const issuer = `${endpoint.address}${path}`;
  documents[at] = { issuer, jwks_uri: `${endpoint.address}/jwks`, ...changes };
  return issuer;
}

const openId = '/.well-known/openid-configuration';
const oauth = '/.well-known/oauth-authorization-server';

describe.each<[string, (issuer: string, options?: RemoteKeySetOptions) => Promise<KeySource>]>([
  ['discover', async (issuer, options) => (await discover(issuer, options)).keys],
  ['discoveredKeySet', async (issuer, options) => discoveredKeySet(issuer, options)],
])('%s', (_name, keysOf) => {
  it.each([
    ['by OpenID Connect', '', openId],
    ['by OpenID Connect, with a slash at its end', '/', openId],
    ['by OpenID Connect, with a path', '/tenant/1', `/tenant/1${openId}`],
    ['by OpenID Connect, with a path and a slash at its end', '/tenant/', `/tenant${openId}`],
    ['by RFC 8414', '', oauth],
    ['by RFC 8414, with a path', '/tenant/1', `${oauth}/tenant/1`],
    ['by RFC 8414, with a path and a slash at its end', '/tenant/', `${oauth}/tenant`],
    ['by RFC 8414, with a path that looks like a host', '//example.com', `${oauth}//example.com`],
  ])('finds the keys of an issuer that is described %s', async (_how, path, at) => {
    const keys = await keysOf(publish(path, at));
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good', algorithm: 'ES256' });
    expect(atHand(keys, 'other')).toBeUndefined();
  });

  it('uses the OpenID Connect document when both exist', async () => {
    const issuer = publish('', openId);
    publish('', oauth, { jwks_uri: `${endpoint.address}/none` });
    await expect(ask(await keysOf(issuer), 'good')).resolves.toMatchObject({ kid: 'good' });
    expect(paths()).toEqual([openId, '/jwks']);
  });

  it('accepts the options of a remote key set', async () => {
    const keys = await keysOf(publish('', openId), { algorithms: ['RS256'], headers: { x: 'y' } });
    expect([...keys.algorithms]).toEqual(['RS256']);
    await expect(ask(keys, 'good')).rejects.toMatchObject(unavailable);
    expect(endpoint.requests.map(({ headers }) => headers['x'])).toEqual(['y', 'y']);
  });

  it('sends the headers of the application to no other origin', async () => {
    const other = await startKeyEndpoint({ keys: [good] });
    try {
      const issuer = publish('', openId, { jwks_uri: `${other.address}/jwks` });
      const keys = await keysOf(issuer, { headers: { 'x-key': 's3cret' } });
      await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
      expect(endpoint.requests.map(({ headers }) => headers['x-key'])).toEqual(['s3cret']);
      expect(other.requests.map(({ headers }) => headers['x-key'])).toEqual([undefined]);
    } finally {
      await other.close();
    }
  });

  it('follows no redirect', async () => {
    const issuer = publish('', '/elsewhere');
    endpoint.answer = (_request, response) =>
      response.writeHead(302, { Location: '/elsewhere' }).end();
    await expect(keysOf(issuer).then((keys) => ask(keys, 'good'))).rejects.toMatchObject(
      unavailable,
    );
    expect(paths()).toEqual([openId, oauth]);
  });

  it('closes the connection to a server that keeps sending after its refusal', async () => {
    const issuer = publish('', oauth);
    const answer = endpoint.answer as RequestListener;
    endpoint.answer = (request, response) => {
      if (request.url !== openId) answer(request, response);
      else drip(response.writeHead(404), 'not found ');
    };
    await expect(ask(await keysOf(issuer), 'good')).resolves.toMatchObject({ kid: 'good' });
    await endpoint.untilIdle();
  });

  it('fails with 503 and both causes when neither document can be fetched', async () => {
    const issuer = endpoint.address;
    await expect(keysOf(issuer).then((keys) => ask(keys, 'good'))).rejects.toMatchObject({
      ...unavailable,
      cause: {
        errors: [
          { message: `${issuer}${openId} answered with status 404` },
          { message: `${issuer}${oauth} answered with status 404` },
        ],
      },
    });
  });

  it('waits for both documents together no longer than the deadline', async () => {
    endpoint.answer = () => {};
    const keys = keysOf(endpoint.address, { deadline: 0.1 });
    await expect(keys.then((found) => ask(found, 'good'))).rejects.toMatchObject({
      ...unavailable,
      cause: { message: 'no answer within 100 ms' },
    });
    expect(paths()).not.toContain(oauth);
  });

  it.each<[string, unknown]>([
    ['http', 'http://issuer.example.com'],
    ['credentials', 'https://user:s3cret@issuer.example.com'],
    ['a query', 'https://issuer.example.com/?a=s3cret'],
    ['an empty query', 'https://issuer.example.com/?'],
    ['a fragment', 'https://issuer.example.com/#s3cret'],
    ['no URL', 's3cret'],
    ['no text', new URL('https://issuer.example.com')],
    ['nothing', undefined],
  ])('refuses an issuer that has %s', async (_what, issuer) => {
    const refusal = await keysOf(issuer as string).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TypeError);
    expect(String(refusal)).toMatch(/issuer must be/);
    expect(String(refusal)).not.toMatch(/s3cret/);
  });

  it('refuses an unknown option by name', async () => {
    await expect(keysOf(endpoint.address, { maxAge: 5 } as never)).rejects.toThrow(
      new RegExp(`^${_name} has no option 'maxAge'`),
    );
  });
});

describe('an issuer is refused by its metadata', () => {
  it.each<[string, (issuer: string) => object, RegExp]>([
    [
      'when it is of another one',
      () => ({ issuer: 'https://other.example.com' }),
      /of the issuer "https:\/\/other\.example\.com"/,
    ],
    [
      'when it spells it with a slash',
      (issuer) => ({ issuer: `${issuer}/` }),
      /of the issuer "http:\/\/127\.0\.0\.1:\d+\/"/,
    ],
    [
      'when it spells it in another case',
      (issuer) => ({ issuer: issuer.toUpperCase() }),
      /of the issuer/,
    ],
    ['when it names none', () => ({ issuer: undefined }), /of the issuer none/],
    ['when it names several', (issuer) => ({ issuer: [issuer] }), /of the issuer none/],
    [
      'when it names no key set',
      () => ({ jwks_uri: undefined }),
      /^jwks_uri .* must be an https URL/,
    ],
    ['when its key set is on http', () => ({ jwks_uri: 'http://example.com/jwks' }), /^jwks_uri/],
    [
      'when its key set has credentials',
      () => ({ jwks_uri: 'https://a:s3cret@example.com/' }),
      /^jwks_uri/,
    ],
    ['when its key set is a file', () => ({ jwks_uri: 'file:///s3cret' }), /^jwks_uri/],
  ])('%s', async (_what, changes, message) => {
    const issuer = publish('', openId, changes(endpoint.address));
    publish('', oauth);
    const refusal = await discover(issuer).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TypeError);
    expect((refusal as Error).message).toMatch(message);
    expect((refusal as Error).message).not.toMatch(/s3cret/);
    // A key set that discovers cannot say so at once: nothing can be judged, and the log gets the same error.
    const keys = discoveredKeySet(issuer);
    await expect(ask(keys, 'good')).rejects.toMatchObject({ ...unavailable, cause: refusal });
    expect(paths()).toEqual([openId, openId]);
  });

  it('when the issuer is on https and its key set on http, also on this machine', async () => {
    const secure = await startKeyEndpoint({}, { tls: true });
    try {
      secure.answer = { issuer: secure.address, jwks_uri: `${endpoint.address}/jwks` };
      await expect(discover(secure.address, { ca: testCertificate })).rejects.toThrow(
        /^jwks_uri .* must be an https URL, as the issuer is/,
      );
      secure.answer = { issuer: secure.address, jwks_uri: `${secure.address}/jwks`, keys: [good] };
      const { keys } = await discover(secure.address, { ca: testCertificate });
      await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
    } finally {
      await secure.close();
    }
  });
});

describe('discover', () => {
  it('resolves with the issuer, the metadata and keys that are not fetched yet', async () => {
    const issuer = publish('/tenant/', `/tenant${openId}`, { token_endpoint: 'x' });
    const discovery = await discover(issuer);
    expect(discovery).toEqual({
      issuer,
      keys: {
        algorithms: expect.any(Set),
        find: expect.any(Function),
        holds: expect.any(Function),
      },
      metadata: { issuer, jwks_uri: `${endpoint.address}/jwks`, token_endpoint: 'x' },
    });
    expect(Object.isFrozen(discovery)).toBe(true);
    expect(Object.isFrozen(discovery.metadata)).toBe(true);
    expect(paths()).toEqual([`/tenant${openId}`]);
  });

  it('finds the keys that an issuer of this package publishes', async () => {
    const key = createTestKey('ES256', 'ours');
    const { tokens } = createTestIssuer({ issuer: endpoint.address, keys: [key.signing] });
    const endpoints = createTokenEndpoints(tokens, { url: `${endpoint.address}/auth` });
    endpoint.answer = (request, response) => {
      const path = request.url ?? '';
      const below = { request, path: path.replace('/auth', ''), body: undefined };
      void Promise.all([endpoints.handleRoot({ request, path }), endpoints.handle(below)]).then(
        ([root, mounted]) => response.end((root ?? mounted)?.body),
      );
    };
    const { keys } = await discover(endpoint.address);
    await expect(ask(keys, 'ours')).resolves.toMatchObject({ kid: 'ours', algorithm: 'ES256' });
    expect(paths()).toEqual([openId, oauth, '/auth/.well-known/jwks.json']);
  });

  it('can be called again after the network failed', async () => {
    const issuer = endpoint.address;
    await expect(discover(issuer)).rejects.toMatchObject(unavailable);
    publish('', openId);
    await expect(discover(issuer)).resolves.toMatchObject({ issuer });
  });
});

describe('a discovered key set', () => {
  it('starts without the network and works when the network is back', async () => {
    const clock = createTestClock();
    const events: TokenpairEvent[] = [];
    const keys = discoveredKeySet(endpoint.address, {
      clock: clock.now,
      onEvent: (event) => events.push(event),
    });
    expect(endpoint.requests).toHaveLength(0);
    await expect(ask(keys, 'good')).rejects.toMatchObject(unavailable);
    expect(events).toMatchObject([{ type: 'keys.unavailable', source: endpoint.address }]);
    publish('', openId);
    clock.advance(2);
    await expect(ask(keys, 'good')).resolves.toMatchObject({ kid: 'good' });
    expect(atHand(keys, 'good')).toMatchObject({ kid: 'good' });
  });

  it('follows a new jwks_uri of its issuer', async () => {
    const clock = createTestClock();
    const keys = discoveredKeySet(publish('', openId), { clock: clock.now });
    await ask(keys, 'good');
    documents['/moved'] = { keys: [jwk('moved')] };
    publish('', openId, { jwks_uri: `${endpoint.address}/moved` });
    clock.advance(30);
    await expect(ask(keys, 'moved')).resolves.toMatchObject({ kid: 'moved' });
    expect(atHand(keys, 'good')).toBeUndefined();
  });
});
