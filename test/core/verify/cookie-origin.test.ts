import { verifyBearer, type BearerRequest, type TokenTransports } from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

const refused = { code: 'origin_refused', status: 403, action: 'fix' };
const passes = { subject: 'u_1' };

type Headers = Readonly<Record<string, string>>;

const forms: readonly [string, (method: string, headers: Headers) => BearerRequest][] = [
  ['a Node request', (method, headers) => ({ method, headers: { host: 'api.test', ...headers } })],
  [
    'a Fetch request',
    (method, headers) => new Request('http://api.test/orders', { method, headers }),
  ],
];

function createCookieVerifier(transports: TokenTransports = {}) {
  const { verifier, token, events } = createTestVerifier({
    transports: { cookie: '__Host-access', ...transports },
  });
  return { verifier, events, token: token(), cookie: `__Host-access=${token()}` };
}

const ownPages: Readonly<Record<string, Headers>> = {
  'a page of the server': { 'sec-fetch-site': 'same-origin' },
  'the server by its origin': { origin: 'https://api.test' },
  'the user': { 'sec-fetch-site': 'none' },
  'a program with a custom header': { 'x-requested-with': 'tokenpair' },
};
const foreignPages: Readonly<Record<string, Headers>> = {
  'another site': { 'sec-fetch-site': 'cross-site' },
  'a sibling host': { 'sec-fetch-site': 'same-site', origin: 'https://app.api.test' },
  'a foreign origin': { origin: 'https://evil.test' },
  'a foreign origin with a custom header': {
    origin: 'https://evil.test',
    'x-requested-with': 'x',
  },
  'the host over plain http': { origin: 'http://api.test' },
  'the origin null': { origin: 'null' },
  'a source that sends no origin headers': {},
};

describe.each(forms)('an access token in a cookie of %s', (_form, createRequest) => {
  test.each(Object.entries(ownPages))('passes in a POST from %s', async (_from, headers) => {
    const { verifier, cookie } = createCookieVerifier();
    const request = createRequest('POST', { cookie, ...headers });
    await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
  });

  test.each(Object.entries(foreignPages))(
    'is refused in a POST from %s',
    async (_from, headers) => {
      const { verifier, cookie, events } = createCookieVerifier();
      const request = createRequest('POST', { cookie, ...headers });
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
      expect(events).toMatchObject([{ type: 'verification.refused', code: 'origin_refused' }]);
    },
  );

  test.each(['PUT', 'PATCH', 'DELETE', 'QUERY'])(
    'is also refused in a %s from another site',
    async (method) => {
      const { verifier, cookie } = createCookieVerifier();
      const headers = { cookie, 'sec-fetch-site': 'cross-site' };
      const request = createRequest(method, headers);
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
    },
  );

  test.each(['GET', 'HEAD', 'OPTIONS'])('passes in a %s from any site', async (method) => {
    const { verifier, cookie } = createCookieVerifier();
    for (const headers of Object.values(foreignPages)) {
      const request = createRequest(method, { cookie, ...headers });
      await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
    }
  });

  test('is refused in a WebSocket handshake from another site, although that is a GET', async () => {
    const { verifier, cookie } = createCookieVerifier();
    const handshake = { cookie, upgrade: 'websocket' };
    for (const headers of Object.values(foreignPages)) {
      const request = createRequest('GET', { ...handshake, ...headers });
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
    }
    for (const headers of Object.values(ownPages)) {
      const request = createRequest('GET', { ...handshake, ...headers });
      await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
    }
  });

  test('passes in a POST from an allowed origin', async () => {
    const { verifier, cookie } = createCookieVerifier({ allowedOrigins: ['https://app.test'] });
    const from = (origin: string) =>
      createRequest('POST', { cookie, origin, 'sec-fetch-site': 'cross-site' });
    await expect(verifyBearer(verifier, from('https://app.test'))).resolves.toMatchObject(passes);
    for (const origin of ['http://app.test', 'https://app.test:8443', 'https://evil.test']) {
      await expect(verifyBearer(verifier, from(origin))).rejects.toMatchObject(refused);
    }
  });

  test('is refused before it is verified, and also when it is already cached', async () => {
    const { verifier, cookie } = createCookieVerifier();
    await verifyBearer(verifier, createRequest('GET', { cookie }));
    for (const sent of [cookie, '__Host-access=no token at all']) {
      const request = createRequest('POST', { cookie: sent, 'sec-fetch-site': 'cross-site' });
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
    }
  });

  test('causes no origin check when the token is in the header', async () => {
    const { verifier, token, cookie } = createCookieVerifier();
    const headers = { authorization: `Bearer ${token}`, 'sec-fetch-site': 'cross-site' };
    const request = createRequest('POST', headers);
    await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
    const others = createRequest('POST', { ...headers, cookie: 'theme=dark' });
    await expect(verifyBearer(verifier, others)).resolves.toMatchObject(passes);
    const both = createRequest('POST', { ...headers, cookie });
    await expect(verifyBearer(verifier, both)).rejects.toMatchObject({ code: 'request_malformed' });
  });

  test('causes no origin check when the token comes from a custom transport or the query', async () => {
    const { verifier, token } = createCookieVerifier({ custom: () => token });
    const request = createRequest('POST', { 'sec-fetch-site': 'cross-site', cookie: 'a=1' });
    const { verifier: byQuery, token: inQuery } = createTestVerifier({
      transports: { cookie: 'access', query: 'access_token' },
    });
    const url = `https://api.test/?access_token=${inQuery()}`;
    const withQuery = { method: 'POST', headers: request.headers, url } as BearerRequest;
    await expect(verifyBearer(byQuery, withQuery)).resolves.toMatchObject(passes);
    await expect(verifyBearer(verifier, request)).resolves.toMatchObject(passes);
  });

  test('is refused when an asynchronous custom transport finds no token', async () => {
    const { verifier, cookie } = createCookieVerifier({ custom: async () => undefined });
    const request = createRequest('POST', { cookie, 'sec-fetch-site': 'cross-site' });
    await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
  });

  test('that is absent causes token_missing for a request from any site', async () => {
    const { verifier } = createCookieVerifier();
    const request = createRequest('POST', { 'sec-fetch-site': 'cross-site' });
    await expect(verifyBearer(verifier, request)).rejects.toMatchObject({ code: 'token_missing' });
  });
});

describe('an access token in a cookie of a request without a method', () => {
  test('is refused from another site, because it could be a POST', async () => {
    const { verifier, cookie } = createCookieVerifier();
    const headers = { cookie, 'sec-fetch-site': 'cross-site' };
    const requests = [{ headers }, { headers: new Headers(headers) }, { headers: { cookie } }];
    for (const request of requests) {
      await expect(verifyBearer(verifier, request)).rejects.toMatchObject(refused);
    }
    const own = { headers: { ...headers, 'sec-fetch-site': 'same-origin' } };
    await expect(verifyBearer(verifier, own)).resolves.toMatchObject(passes);
  });
});
