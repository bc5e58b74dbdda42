// A site whose page uses the client as a plain ES module, behind a proxy that loses and delays answers. Its tabs are in Chromium.

import { readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';

import type { Client, ClientOptions, SessionState, SignedOut } from '@tokenpair/client';
import { tokenEndpoints } from '@tokenpair/express';
import express from 'express5';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { createApi, type Api, type ApiOptions, type Framework } from '../client/api.js';
import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.js';

/** What the page of the site has in `tab`. */
export interface TabGlobal {
  client: Client;
  readonly states: SessionState[];
  readonly signedOut: SignedOut[];
  /** A client of a module that is loaded anew, as by a hot reload. */
  load(options?: Partial<ClientOptions>): Promise<Client>;
}

declare global {
  var tab: TabGlobal;
}

export interface Site {
  readonly api: Api;
  readonly proxy: FaultyProxy;
  /** `http://localhost:port` */
  readonly origin: string;
  /** Opens a tab of this browser. */
  open(path?: string): Promise<Page>;
  readonly context: BrowserContext;
  /** Stops the timers of all tabs: on a busy machine, the answer of a sibling is not too late. */
  stopTime(): Promise<void>;
  /** Errors in the consoles of all tabs, and errors that no code of a page has caught. */
  readonly complaints: string[];
  /** Everything that a console was given. */
  readonly console: string[];
  refreshes(): number;
  happened(type: string): number;
  close(): Promise<void>;
}

/** In the text of the client, replace this, which occurs once, by that. */
export interface Mistake {
  readonly from: string;
  readonly to: string;
}

export interface SiteOptions {
  readonly framework?: Framework;
  readonly api?: ApiOptions;
  readonly mistake?: Mistake | undefined;
  /** Serves other paths than the pages and the API. */
  readonly more?: RequestListener;
}

const built = join(__dirname, '../../packages/client/dist/index.mjs');
const policy = { 'Content-Security-Policy': "default-src 'self'" };

const page = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>A page with a client</title>
  <link rel="icon" href="/favicon.ico">
  <script type="module" src="/app.js"></script>
  <p>A page.</p>
</html>
`;

// `?start` and `?fresh` start the client as the page loads, `?plain` opens none.
const script = `
import { createClient } from '/tokenpair.mjs';

const states = [];
const signedOut = [];
const settings = {
  mount: '/auth',
  transport: 'cookie',
  onSignedOut: (state) => signedOut.push(state),
};
let copies = 0;
globalThis.tab = {
  states,
  signedOut,
  async load(options) {
    const copy = await import('/tokenpair.mjs?copy=' + ++copies);
    return copy.createClient({ ...settings, ...options });
  },
};
const query = new URL(location.href).searchParams;
if (!query.has('plain')) {
  tab.client = createClient(settings);
  tab.client.subscribe((state) => states.push(state));
}
if (query.has('start')) tab.client.start().catch(() => {});
if (query.has('fresh')) tab.client.start({ fresh: true }).catch(() => {});
`;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
}

export async function openSite(browser: Browser, options: SiteOptions = {}): Promise<Site> {
  const { framework = 'Express 5', mistake, more } = options;
  const api = createApi(framework, { transport: 'cookie', ...options.api });
  const client = makeMistake(readFileSync(built, 'utf8'), mistake);
  const files: Record<string, readonly [string, string]> = {
    '/': ['text/html', page],
    '/app.js': ['text/javascript', script],
    '/tokenpair.mjs': ['text/javascript', client],
    '/favicon.ico': ['image/x-icon', ''],
  };
  const landing = createLanding(api);
  const proxy = await startFaultyProxy((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const file = files[path];
    if (file) send(response, ...file);
    else if (path === '/callback') landing(request, response);
    else if (more && path.startsWith('/more')) more(request, response);
    else api.listener(request, response);
  });
  const origin = proxy.origin.replace('127.0.0.1', 'localhost');
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const log: string[] = [];
  context.on('page', (tab) => {
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('console', (message) => {
      log.push(message.text());
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  return {
    api,
    proxy,
    origin,
    context,
    complaints,
    console: log,
    async stopTime() {
      await context.clock.install();
      await context.clock.pauseAt(Date.now() + 60_000);
    },
    async open(path = '/') {
      const tab = await context.newPage();
      await tab.goto(origin + path);
      return tab;
    },
    refreshes: () => proxy.requestsTo('/auth/refresh').length,
    happened: (type) => api.events.filter((event) => event.type === type).length,
    async close() {
      await context.close();
      await proxy.close();
    },
  };
}

/** Where a login by redirect comes back to. */
function createLanding({ tokens }: Api): RequestListener {
  const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });
  const app = express();
  app.get('/callback', async (req, res) => {
    const { user, to } = req.query as Record<'user' | 'to', string>;
    await endpoints.login(req, res, { subject: user }, { redirect: to });
  });
  return app as RequestListener;
}

function makeMistake(text: string, mistake: Mistake | undefined): string {
  if (!mistake) return text;
  const [before, after, ...others] = text.split(mistake.from);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`the client must contain this once; adapt the mistake to it:\n${mistake.from}`);
  }
  return before + mistake.to + after;
}

function send(response: ServerResponse, type: string, content: string): void {
  response.writeHead(200, { ...policy, 'Content-Type': type }).end(content);
}

/** Calls the API: the user that it sees, the status of a refusal, or the code of the error. */
export function call(tab: Page, path = '/me'): Promise<unknown> {
  return tab.evaluate(async (to) => {
    try {
      const response = await globalThis.tab.client.fetch(to);
      const { user } = (await response.json()) as { user?: string };
      return user ?? response.status;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }, path);
}

export function calls(tabs: readonly Page[]): Promise<readonly unknown[]> {
  return Promise.all(tabs.map((tab) => call(tab)));
}

export function signIn(tab: Page, user = 'ada'): Promise<string> {
  return tab.evaluate(async (name) => {
    const login = () => fetch(`/login?user=${name}`, { method: 'POST' });
    return (await globalThis.tab.client.signIn(login)).sessionId;
  }, user);
}

export function signOut(tab: Page): Promise<unknown> {
  return tab.evaluate(() => globalThis.tab.client.signOut());
}

export function start(tab: Page): Promise<SessionState> {
  return tab.evaluate(() => globalThis.tab.client.start());
}

export function stateOf(tab: Page): Promise<SessionState> {
  return tab.evaluate(() => globalThis.tab.client.session());
}

/** The access token of a tab. */
export function tokenOf(tab: Page): Promise<string | undefined> {
  return tab.evaluate(() => globalThis.tab.client.token());
}

/** Waits until the state of a tab has these members. */
export function until(tab: Page, wanted: Partial<Record<string, string>>): Promise<void> {
  // Inside the page: Playwright would poll, and browsers do not paint tabs in the background.
  return tab.evaluate(async (members) => {
    const { client } = globalThis.tab;
    const isThere = () => {
      const state = client.session() as Partial<Record<string, string>>;
      return Object.entries(members).every(([name, value]) => state[name] === value);
    };
    await new Promise<void>((resolve) => {
      const look = () => isThere() && resolve();
      client.subscribe(look);
      look();
    });
  }, wanted);
}
