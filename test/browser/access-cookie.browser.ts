// Tests an access-token cookie in Chromium: pages of other hosts cannot use it, although the browser sends it.

import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { issueTokenPair, verifyBearer } from '@tokenpair/core';
import { authErrors, bearer } from '@tokenpair/express';
import express from 'express5';
import { chromium, type Browser, type Page } from 'playwright-core';

import { createTestIssuer } from '../support/issuer.js';
import { hostArguments, serveHosts, type SecureHosts } from './secure-hosts.js';

const host = 'api.example.test';

let browser: Browser;
let hosts: SecureHosts;
let tab: Page;

/** A request that reached the service, and whether it passed the guard. */
interface Attempt {
  readonly what: string;
  readonly hasCookie: boolean;
  readonly passed: boolean;
}

let attempts: Attempt[] = [];

beforeAll(async () => {
  const { tokens } = createTestIssuer({
    clock: Date.now,
    transports: { cookie: '__Host-access_token' },
  });
  const app = express();
  app.get('/sign-in', async (_req, res) => {
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    // The weakest attributes: the browser sends the cookie with requests of every site, and the guard must refuse them.
    const attributes = 'Path=/; Secure; HttpOnly; SameSite=None';
    res.set('Set-Cookie', `__Host-access_token=${accessToken}; ${attributes}`).send('');
  });
  app.use('/transfer', (req, res, next) => {
    res.once('finish', () => note('transfer', req, res.statusCode === 200));
    next();
  });
  app.post('/transfer', bearer(tokens.verifier), (_req, res) => {
    res.send('done');
  });
  app.use(authErrors());
  app.use(blank);

  const onUpgrade = async (request: IncomingMessage, socket: Duplex) => {
    const passed = await verifyBearer(tokens.verifier, request).then(Boolean, () => false);
    note('handshake', request, passed);
    if (passed) socket.write(acceptHandshake(request));
    else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  };
  hosts = await serveHosts(
    { [host]: app as RequestListener, 'www.example.test': blank, 'www.evil.test': blank },
    (request, socket) => void onUpgrade(request, socket),
  );
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2', ...hostArguments],
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(15_000);
  tab = await context.newPage();
  await tab.goto(`${hosts.urlOf(host)}/sign-in`);
});
afterAll(async () => {
  await browser.close();
  await hosts.close();
});
beforeEach(() => {
  attempts = [];
});

function blank(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html').end('<title>A page</title>');
}

function note(what: string, { headers }: IncomingMessage, passed: boolean): void {
  attempts.push({ what, hasCookie: headers.cookie !== undefined, passed });
}

function acceptHandshake({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** The ways in which a page can send requests with the cookies of another host. */
const ways: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'posts a form': async (url) => {
    await tab.evaluate((action) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action });
      document.body.append(form);
      form.submit();
    }, `${url}/transfer`);
    await tab.waitForURL(`${url}/transfer`);
  },
  'fetches without asking': (url) =>
    tab.evaluate(async (to) => {
      await fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include' });
    }, `${url}/transfer`),
  'opens a WebSocket': (url) =>
    tab.evaluate(
      async (to) => {
        const socket = new WebSocket(to);
        await new Promise((resolve) => {
          socket.addEventListener('open', resolve);
          socket.addEventListener('error', resolve);
        });
        socket.close();
      },
      url.replace('https:', 'wss:'),
    ),
};

describe.each(Object.entries(ways))('a page that %s', (_way, act) => {
  test('passes the guard from the own host', async () => {
    await tab.goto(`${hosts.urlOf(host)}/`);
    await act(hosts.urlOf(host));
    expect(attempts).toMatchObject([{ hasCookie: true, passed: true }]);
  });

  test.each(['www.example.test', 'www.evil.test'])(
    'is refused from %s, although the browser sends the cookie',
    async (from) => {
      await tab.goto(`${hosts.urlOf(from)}/`);
      await act(hosts.urlOf(host));
      expect(attempts).toMatchObject([{ hasCookie: true, passed: false }]);
    },
  );
});
