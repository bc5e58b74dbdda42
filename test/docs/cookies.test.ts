// Runs the code of docs/cookies.md; that for a phone in a local network over TLS and over plain http.

import * as crypto from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as requestHttp, type RequestListener, type Server } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import * as core from '@tokenpair/core';
import * as adapter from '@tokenpair/express';
import supertest from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { runRecipe } from '../support/recipe.js';
import { testCertificate, testCertificateKey } from '../support/test-certificate.js';

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string;
  readonly body: Readonly<Record<string, string>>;
}

describe('a phone on your desk', () => {
  let app: RequestListener;
  let tls: Server;
  let plain: Server;

  beforeEach(async () => {
    jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: 'development', PORT: '0' });
    const files: Record<string, string> = {
      'app.lan-key.pem': testCertificateKey,
      'app.lan.pem': testCertificate,
    };
    ({ app, listener: tls } = await runRecipe<{ app: RequestListener; listener: Server }>(
      'cookies.md',
      {
        under: 'A phone on your desk',
        modules: { 'node:fs': { readFileSync: (name: string) => files[name] } },
        exported: ['app', 'listener'],
      },
    ));
    plain = createServer(app).listen(0, '127.0.0.1');
    await Promise.all(
      [tls, plain].map(async (server) => server.listening || once(server, 'listening')),
    );
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    for (const server of [tls, plain]) {
      server.closeAllConnections();
      server.close();
    }
    await Promise.all([once(tls, 'close'), once(plain, 'close')]);
  });

  async function post(
    server: Server,
    path: string,
    headers: Record<string, string>,
    body: object = {},
  ): Promise<Answer> {
    const { port } = server.address() as AddressInfo;
    const send = server === tls ? requestHttps : requestHttp;
    const request = send({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      ca: testCertificate,
      servername: '', // compare the certificate with the address, not with `Host`
      headers: { Host: 'app.lan:3000', 'Content-Type': 'application/json', ...headers },
    });
    request.end(JSON.stringify(body));
    const [answer] = await once(request, 'response');
    const [line = ''] = answer.headers['set-cookie'] ?? [];
    return {
      status: answer.statusCode,
      cookie: line,
      body: (await json(answer)) as Answer['body'],
    };
  }

  const page = { Origin: 'https://app.lan:5173', 'Sec-Fetch-Site': 'same-site' };

  it('over https, a page of the development server keeps its cookie', async () => {
    const login = await post(tls, '/login', page);
    expect(login.cookie).toMatch(/^__Host-refresh_token=.*; Secure/);
    const Cookie = login.cookie.split(';')[0] ?? '';
    expect((await post(tls, '/auth/refresh', { ...page, Cookie })).status).toBe(200);
  });

  it('over plain http the login is refused, before a cookie is lost', async () => {
    const { status, body, cookie } = await post(plain, '/login', { Origin: 'http://app.lan:3000' });
    expect([status, body['code'], cookie]).toEqual([403, 'origin_refused', '']);
  });

  it('a page with live reload that asks for the body needs no cookie', async () => {
    const lan = { Origin: 'http://app.lan:3000', 'Token-Transport': 'body' };
    const login = await post(plain, '/login', lan);
    expect(login.cookie).toBe('');
    const refreshed = await post(plain, '/auth/refresh', lan, login.body);
    expect([refreshed.status, refreshed.cookie]).toEqual([200, '']);
  });

  it('in production the page of the development server is refused', async () => {
    jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: 'production', PORT: '0' });
    jest.spyOn(process, 'emitWarning').mockImplementation(); // the memory store is for development
    const program = await runRecipe<{ listener: Server }>('cookies.md', {
      under: 'A phone on your desk',
      exported: ['listener'],
    });
    if (!program.listener.listening) await once(program.listener, 'listening');
    const refused = await post(program.listener, '/login', page);
    program.listener.close();
    expect(refused.body['code']).toBe('origin_refused');
  });
});

describe('the other code of the page', () => {
  it('takes an access token from a cookie, and refuses the pages of other sites', async () => {
    const pair = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { app } = await runRecipe<{ app: RequestListener }>('cookies.md', {
      under: 'Take the access token from a cookie',
      modules: {
        '@tokenpair/core': core,
        '@tokenpair/express': adapter,
        'node:crypto': { generateKeyPairSync: () => pair },
      },
      exported: ['app'],
    });
    const name = 'https://api.example.com';
    const tokens = core.createTokenIssuer({
      issuer: name,
      audience: name,
      keys: [{ kid: '2026-11', algorithm: 'ES256', privateKey: pair.privateKey }],
      refreshKeys: [{ kid: '1', secret: crypto.randomBytes(32) }],
      store: new core.MemorySessionStore(),
    });
    const { accessToken } = await core.issueTokenPair(tokens, { subject: 'u_1' });
    const order = (origin: string) =>
      supertest(app)
        .post('/orders')
        .set('Cookie', `__Host-access_token=${accessToken}`)
        .set('Origin', origin);
    await order('https://app.example.com').expect(201);
    const { status, body } = await order('https://evil.example').send();
    expect([status, body.code]).toEqual([403, 'origin_refused']);
  });

  it('names a cookie and its former ones', async () => {
    const { cookie } = await runRecipe<{ cookie: adapter.ExpressTokenEndpointOptions['cookie'] }>(
      'cookies.md',
      { under: 'Rename or move the cookie', exported: ['cookie'] },
    );
    const { tokens } = createTestIssuer();
    expect(() => adapter.tokenEndpoints(tokens, { transport: 'cookie', cookie })).not.toThrow();
  });
});
