// Tests in Chromium that a page of another host cannot clear the refresh cookie. The browser does not send a `SameSite=Strict`
// cookie with a form of such a page, but would clear the cookie if the answer said so.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { issueTokenPair } from '@tokenpair/core';
import { tokenEndpoints } from '@tokenpair/express';
import express from 'express5';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { createTestIssuer } from '../support/issuer.js';
import { hostArguments, serveHosts, type SecureHosts } from './secure-hosts.js';

const host = 'api.example.test';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2', ...hostArguments],
  });
});
afterAll(() => browser.close());

describe.each(['cookie', 'auto'] as const)('the logout of the transport %s', (transport) => {
  let hosts: SecureHosts;
  let context: BrowserContext;
  let tab: Page;

  beforeAll(async () => {
    const { tokens } = createTestIssuer({ clock: Date.now });
    const endpoints = tokenEndpoints(tokens, { transport });
    const app = express();
    app.post('/login', (req, res, next) => {
      issueTokenPair(tokens, { subject: 'u_1' }).then(
        (pair) => endpoints.send(req, res, pair),
        next,
      );
    });
    app.use('/auth', endpoints);
    app.use(blank);
    hosts = await serveHosts({
      [host]: app as RequestListener,
      'www.example.test': blank,
      'www.evil.test': blank,
    });
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(15_000);
    tab = await context.newPage();
  });
  afterAll(async () => {
    await context.close();
    await hosts.close();
  });

  async function signIn(): Promise<void> {
    await tab.goto(`${hosts.urlOf(host)}/`);
    await tab.evaluate(() => fetch('/login', { method: 'POST' }));
    expect(await cookies()).toHaveLength(1);
  }

  function cookies(): Promise<readonly unknown[]> {
    return context.cookies(hosts.urlOf(host));
  }

  async function postForm(): Promise<number> {
    const logout = `${hosts.urlOf(host)}/auth/logout`;
    const answer = tab.waitForResponse(logout);
    await tab.evaluate((action) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action });
      document.body.append(form);
      form.submit();
    }, logout);
    const status = (await answer).status();
    // A 204 leaves the page where it is. Any other answer becomes the page, and would interrupt what the tab opens next.
    if (status !== 204) await tab.waitForURL(logout);
    return status;
  }

  test('clears the cookie after a form of the page of the server itself', async () => {
    await signIn();
    expect(await postForm()).toBe(204);
    expect(await cookies()).toEqual([]);
  });

  test.each(['www.example.test', 'www.evil.test'])(
    'does not change the cookie after a form of %s',
    async (from) => {
      await signIn();
      await tab.goto(`${hosts.urlOf(from)}/`);
      // 403 if the browser sent the cookie; 401 if there was nothing to log out.
      expect([401, 403]).toContain(await postForm());
      expect(await cookies()).toHaveLength(1);
    },
  );
});

function blank(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html').end('<title>A page</title>');
}
