// Tests in Chromium which cookies a hostile sibling host can set for the service, and that the service does not accept them.

import type { RequestListener } from 'node:http';

import { MemorySessionStore } from '@tokenpair/core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { createExpressApp } from '../../examples/browser-cookie/src/express-app.js';
import { createKoaApp } from '../../examples/browser-cookie/src/koa-app.js';
import { ownerOf } from '../support/issuer.js';
import { hostArguments, serveHosts, type SecureHosts } from './secure-hosts.js';
import type { CreateListener } from './served-example.js';

const name = '__Host-refresh_token';
const domain = 'example.test';
const siblingHost = `a.${domain}`;
const host = `b.${domain}`;

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2', ...hostArguments],
  });
});
afterAll(() => browser.close());

describe.each<[string, CreateListener]>([
  ['Express', createExpressApp],
  ['Koa', (settings) => createKoaApp(settings).callback()],
])('a sibling host of browser-cookie on %s', (_framework, createListener) => {
  let context: BrowserContext;
  let site: SecureHosts;
  let store: MemorySessionStore;
  /** The next `Set-Cookie` line of the sibling, as bytes. */
  let planted: string;
  /** The cookies that the browser sent with its last refresh or logout. */
  let sent: string | undefined;
  let tab: Page;

  const attacker: RequestListener = (_request, response) => {
    // Written to the socket: Node refuses some of these bytes in a header.
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: ${planted}\r\n`;
    response.socket?.end(`${head}Connection: close\r\n\r\n`, 'latin1');
  };

  beforeAll(async () => {
    store = new MemorySessionStore();
    const service = createListener({ accessTokenLifetime: '1m', store });
    const watched: RequestListener = (request, response) => {
      if (request.url?.startsWith('/auth')) sent = request.headers.cookie;
      service(request, response);
    };
    site = await serveHosts({ [siblingHost]: attacker, [host]: watched });
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(15_000);
    tab = await context.newPage();
  });
  afterAll(async () => {
    await context.close();
    await site.close();
    await store.close();
  });
  beforeEach(async () => {
    await context.clearCookies();
    for (const subject of ['u_1', 'u_2'])
      await store.revokeOwner(ownerOf(subject, 'https://login.example'));
    sent = undefined;
  });

  /** Visits the sibling, which sets a cookie for the whole domain, and then the service. */
  async function plant(pair: string): Promise<void> {
    planted = `${pair}; Domain=${domain}; Path=/; Secure`;
    await tab.goto(`${site.urlOf(siblingHost)}/`);
    await tab.goto(`${site.urlOf(host)}/`);
  }

  /** Posts from the service's own page. */
  function post(path: string, body?: object): Promise<{ status: number; code?: string }> {
    return tab.evaluate(
      async ([to, text]) => {
        const headers = { 'Content-Type': 'application/json' };
        const response = await fetch(to!, { method: 'POST', headers, body: text ?? null });
        const answer = (await response.json().catch(() => ({}))) as { code?: string };
        return { status: response.status, code: answer.code };
      },
      [path, body && JSON.stringify(body)],
    ) as Promise<{ status: number; code?: string }>;
  }

  async function attackersToken(): Promise<string> {
    const [cookie = ''] = await site.send(host, '/login', { username: 'alan', password: 'turing' });
    return /=([^;]+)/.exec(cookie)?.[1] as string;
  }

  async function generationOf(subject: string): Promise<readonly number[]> {
    return (await store.list(ownerOf(subject, 'https://login.example'))).map(
      ({ generation }) => generation,
    );
  }

  // Bytes before the name of the cookie. Chromium stores and sends cookies with those of the first group.
  const stored = [
    ['the byte A0', '\u00A0'],
    ['the byte 85', '\u0085'],
    ['a no-break space in UTF-8', '\u00C2\u00A0'],
    ['a byte order mark in UTF-8', '\u00EF\u00BB\u00BF'],
    ['a quote', '"'],
  ] as const;
  const dropped = [
    ['nothing', ''],
    ['a tab', '\t'],
    ['a vertical tab', '\v'],
    ['a form feed', '\f'],
    ['an equals sign', '='],
    ['an equals sign and a space', '= '],
    ['an equals sign and the byte A0', '=\u00A0'],
  ] as const;

  test.each(stored)(
    'cannot sign the user in to its own session with a name that begins with %s',
    async (_, before) => {
      const token = await attackersToken();
      await plant(`${before}${name}=${token}`);
      const answer = await post('/auth/refresh');
      expect(sent).toBe(`${before}${name}=${token}`);
      expect(answer).toMatchObject({ status: 401, code: 'refresh_token_missing' });
      expect(await generationOf('u_2')).toEqual([1]);
      expect(await post('/auth/logout')).toMatchObject({ status: 204 });
      expect(await generationOf('u_2')).toEqual([1]);
    },
  );

  test.each(stored)(
    'cannot block the refresh of a signed-in user with a name that begins with %s',
    async (_, before) => {
      const token = await attackersToken();
      await plant(`${before}${name}=${token}`);
      expect(await post('/login', { username: 'ada', password: 'lovelace' })).toMatchObject({
        status: 200,
      });
      expect(await post('/auth/refresh')).toMatchObject({ status: 200 });
      expect(sent).toContain(`${before}${name}=${token}`);
      expect(sent).toMatch(new RegExp(`(?:^|; )${name}=tpr_`));
      expect(await generationOf('u_1')).toEqual([2]);
      expect(await post('/auth/logout')).toMatchObject({ status: 204 });
      expect(await generationOf('u_1')).toEqual([]);
      const left = await context.cookies(site.urlOf(host));
      expect(left.map((cookie) => cookie.domain)).toEqual([`.${domain}`]);
    },
  );

  test.each(dropped)('cannot set a cookie with a name that begins with %s', async (_, before) => {
    await plant(`${before}${name}=${await attackersToken()}`);
    expect(await post('/auth/refresh')).toMatchObject({ code: 'refresh_token_missing' });
    expect(sent).toBeUndefined();
  });
});
