// Koa over HTTP/2, whose requests name their host as :authority.

import {
  createSecureServer,
  connect,
  type ClientHttp2Session,
  type Http2SecureServer,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { createTokenVerifier, issueTokenPair } from '@tokenpair/core';
import { bearer, tokenEndpoints } from '@tokenpair/koa';
import Koa from 'koa3';

import { audienceName, createTestIssuer, issuerName } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';
import { testCertificate, testCertificateKey } from '../support/test-certificate.js';

const { signing, verification } = createTestKey('ES256', 'test');
const { tokens, clock } = createTestIssuer({ keys: [signing] });
const verifier = createTokenVerifier({
  issuer: issuerName,
  audience: audienceName,
  keys: [verification],
  clock: clock.now,
  transports: { cookie: '__Host-access_token' },
});

let server: Http2SecureServer;
let client: ClientHttp2Session;

beforeAll(async () => {
  const app = new Koa();
  app.use(tokenEndpoints(tokens, { mount: '/auth', transport: 'cookie' }));
  app.use(bearer(verifier));
  app.use((ctx) => {
    ctx.body = 'reached';
  });
  const handle = app.callback();
  const tls = { cert: testCertificate, key: testCertificateKey };
  server = createSecureServer(tls, (req, res) => void handle(req as never, res as never));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  client = connect(`https://127.0.0.1:${port}`, { ca: testCertificate });
});
afterAll(async () => {
  await new Promise<void>((resolve) => {
    client.close(resolve);
  });
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

async function post(path: string, headers: Readonly<Record<string, string>>) {
  const stream = client.request({ ':method': 'POST', ':path': path, ...headers });
  const answered = new Promise<number>((resolve, reject) => {
    stream.once('response', (answer) => resolve(answer[':status'] as number));
    stream.once('error', reject);
  });
  stream.end();
  const [status, body] = await Promise.all([answered, text(stream)]);
  return { status, body };
}

const requests: readonly [string, () => Promise<readonly [string, string]>][] = [
  [
    'a refresh',
    async () => {
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      return ['/auth/refresh', `__Host-refresh_token=${refreshToken}`];
    },
  ],
  [
    'a guarded POST',
    async () => {
      const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      return ['/orders', `__Host-access_token=${accessToken}`];
    },
  ],
];

describe.each(requests)('%s with a cookie over HTTP/2', (_what, create) => {
  test.each([
    ['api.test', 'https://api.test'],
    ['api.test:443', 'https://api.test'],
    ['api.test:8443', 'https://api.test:8443'],
    ['localhost:3000', 'http://localhost:3000'],
  ])('is believed at %s from %s', async (authority, origin) => {
    const [path, cookie] = await create();
    const answer = await post(path, { ':authority': authority, origin, cookie });
    expect(answer).toMatchObject({ status: 200 });
  });

  test.each([
    ['api.test', 'https://evil.test', undefined],
    ['api.test', 'http://api.test', undefined],
    ['api.test', 'https://evil.test', 'evil.test'],
  ])('is not believed at %s from %s, whatever Host says: %s', async (authority, origin, host) => {
    const [path, cookie] = await create();
    const headers = { ':authority': authority, origin, cookie, ...(host && { host }) };
    const answer = await post(path, headers);
    expect(answer).toMatchObject({ status: 403 });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_refused' });
  });
});
