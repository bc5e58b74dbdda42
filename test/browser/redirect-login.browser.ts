// Tests the recipes of docs/redirect-login.md in Chromium, with an identity provider that is another site.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { Express } from 'express5';
import { chromium, type Browser, type Page } from 'playwright-core';

import { runRecipe } from '../support/recipe.js';
import { serveHosts, type SecureHosts } from './secure-hosts.js';

const app = 'https://app.example.com';
const links = new Map<string, string>();
const mails: string[] = [];
/** The ID of the SAML request that the provider answers. */
let requestId = '';

let browser: Browser;
let hosts: SecureHosts;
let tab: Page;

beforeAll(async () => {
  const program = await runRecipe<{ app: Express }>('redirect-login.md', {
    given: {
      exchangeCode: async (code: string) => (code === 'good' ? 'u_1' : undefined),
      checkAssertion: async () => ({ userId: 'u_1', inResponseTo: requestId }),
      saveLink: async (linkHash: string) => links.set(linkHash, 'u_1'),
      takeLink: async (linkHash: string) => {
        const user = links.get(linkHash);
        links.delete(linkHash);
        return user;
      },
      sendMail: async (_email: string, text: string) => mails.push(text),
    },
    exported: ['app'],
  });
  program.app.get('/', (_req, res) => {
    res.type('html').send('<!doctype html><title>The shop</title>');
  });
  hosts = await serveHosts({
    'app.example.com': program.app as RequestListener,
    'sso.example.net': provider,
    'mail.example.net': mailProgram,
  });
  const { port } = new URL(hosts.urlOf('app.example.com'));
  const names = ['app.example.com', 'sso.example.net', 'mail.example.net'];
  const rules = names.map((name) => `MAP ${name}:443 127.0.0.1:${port}`).join(', ');
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--renderer-process-limit=2',
      `--host-resolver-rules=${rules}`,
    ],
  });
});
afterAll(async () => {
  await browser.close();
  await hosts.close();
});
beforeEach(async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(15_000);
  tab = await context.newPage();
});
afterEach(() => tab.context().close());

/** The identity provider: its page sends the browser back by itself. */
function provider({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'https://sso.example.net');
  requestId = searchParams.get('SAMLRequest') ?? '';
  const back = `${searchParams.get('redirect_uri')}?code=good&state=${searchParams.get('state')}`;
  const page =
    pathname === '/saml'
      ? `<form method="post" action="${app}/saml/acs"></form><script>document.forms[0].submit()</script>`
      : `<script>location = ${JSON.stringify(back)}</script>`;
  response.setHeader('Content-Type', 'text/html').end(`<!doctype html>${page}`);
}

function mailProgram(_request: IncomingMessage, response: ServerResponse): void {
  const [, link = ''] = /(https:\S+)/.exec(mails.at(-1) ?? '') ?? [];
  response.setHeader('Content-Type', 'text/html').end(`<!doctype html><a href="${link}">Open</a>`);
}

/** What the page at the end of the sign-in gets from `/auth/refresh`. */
const refreshInPage = () =>
  tab.evaluate(async () => (await fetch('/auth/refresh', { method: 'POST' })).status);

test.each(['/sign-in', '/saml'])(
  'a sign-in that begins at %s ends with a session',
  async (path) => {
    await tab.goto(`${app}${path}`);
    await tab.waitForURL(`${app}/`);
    expect(await refreshInPage()).toBe(200);
  },
);

test('an answer that another browser began is refused', async () => {
  await tab.goto(`https://sso.example.net/authorize?redirect_uri=${app}/callback&state=other`);
  await tab.waitForURL(`${app}/?login=failed`);
  expect(await refreshInPage()).toBe(401);
});

test('a link in a mail signs in by its button', async () => {
  await tab.goto(`${app}/`);
  await tab.evaluate(async () => {
    const headers = { 'Content-Type': 'application/json' };
    await fetch('/link', { method: 'POST', headers, body: '{"email":"ada@example.com"}' });
  });
  await tab.goto('https://mail.example.net/');
  await tab.click('a');
  await tab.click('button');
  await tab.waitForURL(`${app}/`);
  expect(await refreshInPage()).toBe(200);
});
