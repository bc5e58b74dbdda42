// Serves examples/server-rendered for Chromium without scripts: on each framework, over each store, with a time that is set, and
// with parts that a test breaks. Beside it a page of another port, and one of another site.

import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { MemorySessionStore, type SessionStore, type TokenpairEvent } from '@tokenpair/core';
import { LogRevocations, MemoryRevocationLog } from '@tokenpair/core/store';
import { RedisRevocations } from '@tokenpair/redis';
import { breakable, breakableLog, type BreakableStore, createTestClock } from '@tokenpair/testing';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { createClient } from 'redis6';

import type * as expressExample from '../../examples/server-rendered/src/express-app.js';
import type * as koaExample from '../../examples/server-rendered/src/koa-app.js';
import { claimsOf, type Settings } from '../../examples/server-rendered/src/tokens.js';
import { startServer, type TestServer } from '../support/http.js';
import { ownerOf } from '../support/issuer.js';
import { toListener } from '../support/koa-listener.js';
import { openRedisAt } from '../support/redis-clock.js';
import { hasRedisServer, startRedis, type RedisProcess } from '../support/redis-server.js';

/** The version of a framework, and the store. */
export type Setup = readonly [framework: string, store: 'memory' | 'Redis'];

const frameworks: Readonly<Record<string, readonly [file: string, name: string, module: string]>> =
  {
    'Express 4': ['express-app.ts', 'express', 'express4'],
    'Express 5': ['express-app.ts', 'express', 'express5'],
    'Koa 2': ['koa-app.ts', 'koa', 'koa2'],
    'Koa 3': ['koa-app.ts', 'koa', 'koa3'],
  };

export const setups: readonly Setup[] = Object.keys(frameworks).flatMap((framework) =>
  (['memory', ...(hasRedisServer() ? ['Redis' as const] : [])] as const).map((store): Setup => [
    framework,
    store,
  ]),
);

/** One request to the shop, as it was answered. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Everything that was sent but `Set-Cookie`. */
  readonly text: string;
}

export interface PagesSite {
  /** `http://localhost:port` */
  readonly origin: string;
  /** `http://localhost:another`: the same site, another origin. */
  readonly otherPort: string;
  /** `http://127.0.0.1:another`: another site. */
  readonly otherSite: string;
  readonly context: BrowserContext;
  readonly store: BreakableStore;
  /** The revocation log. */
  readonly log: Parts['log'];
  readonly events: readonly TokenpairEvent[];
  readonly exchanges: readonly Exchange[];
  /** The `claims` hook throws while it is set. */
  hookFails: boolean;
  /** Makes every access token expire. */
  expire(): void;
  advance(seconds: number): void;
  happened(type: TokenpairEvent['type'], members?: object): number;
  /** How many live sessions a user has. */
  sessionsOf(user: 'ada' | 'alan'): Promise<number>;
  /** What the page of the other port and of the other site is. */
  foreignPage: string;
  /** Something between browser and server that adds a cookie to each request. */
  addsCookie: string | undefined;
  /** Delays each answer, after its handler has run. */
  travel: ((path: string) => Promise<unknown> | undefined) | undefined;
  open(path?: string): Promise<Page>;
  close(): Promise<void>;
}

export interface Bench {
  open(setup: Setup): Promise<PagesSite>;
  close(): Promise<void>;
}

/** A browser, and a Redis if there is one, for all tests of a file. */
export async function openBench(): Promise<Bench> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
  const redis = hasRedisServer() ? await startRedis() : undefined;
  return {
    open: (setup) => openSite(browser, redis, setup),
    async close() {
      await browser.close();
      await redis?.stop();
    },
  };
}

async function openSite(
  browser: Browser,
  redis: RedisProcess | undefined,
  [framework, kind]: Setup,
): Promise<PagesSite> {
  const clock = createTestClock();
  const parts = await openParts(kind, redis, clock.now);
  const store = breakable(parts.store);
  const events: TokenpairEvent[] = [];
  const exchanges: Exchange[] = [];
  const listener = loadExample(framework)({
    accessTokenLifetime: '5m',
    clock: clock.now,
    store: store.store,
    revocations: parts.revocations,
    claims(...asked) {
      if (site.hookFails) throw new Error('the database is down');
      return claimsOf(...asked);
    },
    onEvent: (event) => events.push(event),
  });
  const server = await startServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    if (site.addsCookie !== undefined) headers.cookie = `${headers.cookie}; ${site.addsCookie}`;
    const sent = record(response);
    response.once('close', () => {
      const { 'set-cookie': _cookies, ...answered } = response.getHeaders();
      const text = JSON.stringify(answered) + Buffer.concat(sent).toString();
      exchanges.push({ method, path, status: response.statusCode, headers: answered, text });
    });
    const travel = site.travel?.(path);
    if (travel !== undefined) delayEnd(response, travel);
    listener(request, response);
  });
  const foreign = await startServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html>${site.foreignPage}`);
  });
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(15_000);
  const owners = { ada: 'u_1', alan: 'u_2' };
  const site: PagesSite = {
    origin: `http://localhost:${server.port}`,
    otherPort: `http://localhost:${foreign.port}`,
    otherSite: `http://127.0.0.1:${foreign.port}`,
    context,
    store,
    log: parts.log,
    events,
    exchanges,
    hookFails: false,
    foreignPage: '',
    addsCookie: undefined,
    travel: undefined,
    expire: () => clock.advance(301),
    advance: (seconds) => clock.advance(seconds),
    happened: (type, members = {}) =>
      events.filter(
        (event) =>
          event.type === type &&
          Object.entries(members).every(([name, value]) => Reflect.get(event, name) === value),
      ).length,
    sessionsOf: async (user) =>
      (await parts.store.list(ownerOf(owners[user], 'https://shop.example'))).length,
    async open(path) {
      const tab = await context.newPage();
      if (path !== undefined) await tab.goto(site.origin + path);
      return tab;
    },
    async close() {
      await context.close();
      await closeServers(server, foreign);
      await parts.close();
    },
  };
  return site;
}

async function closeServers(...servers: readonly TestServer[]): Promise<void> {
  await Promise.all(servers.map((one) => one.close()));
}

interface Parts {
  readonly store: SessionStore;
  readonly revocations: LogRevocations;
  readonly log: { break(): void; repair(): void };
  close(): Promise<void>;
}

async function openParts(
  kind: 'memory' | 'Redis',
  redis: RedisProcess | undefined,
  now: () => number,
): Promise<Parts> {
  // Without news for longer than ten seconds, access tokens are refused with 503.
  const logClock = createTestClock();
  const options = { maxAge: 10, whenBehind: 'refuse', clock: logClock.now } as const;
  if (kind === 'memory' || redis === undefined) {
    const store = new MemorySessionStore({ capacity: 1_000, clock: now });
    const { log, ...switches } = breakableLog(new MemoryRevocationLog());
    const revocations = new LogRevocations(log, options, { pollInterval: 0.1, maxAge: 10 });
    return {
      store,
      revocations,
      log: {
        break() {
          switches.break('down');
          logClock.advance(11);
        },
        repair: switches.repair,
      },
      async close() {
        await revocations.close();
        await store.close();
      },
    };
  }
  const at = await openRedisAt(redis.url);
  const client = createClient({ url: redis.url, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();
  let isDown = false;
  const sendCommand = async (command: string[]): Promise<unknown> => {
    if (isDown) throw new Error('connect ECONNREFUSED 10.0.0.7:6379');
    return client.sendCommand(command);
  };
  const prefix = `test-${randomBytes(8).toString('hex')}:`;
  const revocations = new RedisRevocations({ client: { sendCommand }, prefix, ...options });
  return {
    store: at.openStore(now),
    revocations,
    log: {
      break() {
        isDown = true;
        logClock.advance(11);
      },
      repair: () => {
        isDown = false;
      },
    },
    async close() {
      await revocations.close();
      client.destroy();
      at.close();
    },
  };
}

type CreateListener = (settings: Settings) => RequestListener;

const loaded = new Map<string, CreateListener>();

/** The example, with another version of its framework in the place of the one that it installs. */
function loadExample(framework: string): CreateListener {
  const known = loaded.get(framework);
  if (known !== undefined) return known;
  const [file, name, module] = frameworks[framework] ?? [];
  if (file === undefined || name === undefined || module === undefined) {
    throw new Error(`there is no ${framework}`);
  }
  const path = join(__dirname, '../../examples/server-rendered/src', file);
  const installed = createRequire(path).resolve(name);
  let example: CreateListener | undefined;
  jest.isolateModules(() => {
    jest.doMock(installed, () => jest.requireActual<object>(module));
    const app = require(path) as typeof expressExample & typeof koaExample;
    const create = (settings: Settings) =>
      name === 'koa' ? toListener(app.createKoaApp(settings)) : app.createExpressApp(settings);
    example = create;
    jest.dontMock(installed);
  });
  if (example === undefined) throw new Error('the example was not loaded');
  loaded.set(framework, example);
  return example;
}

/** Keeps the bytes of the body. */
function record(response: ServerResponse): readonly Buffer[] {
  const sent: Buffer[] = [];
  for (const name of ['write', 'end'] as const) {
    const method = response[name].bind(response) as (...args: readonly unknown[]) => unknown;
    Object.assign(response, {
      [name](...args: readonly unknown[]) {
        const [chunk] = args;
        if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) sent.push(Buffer.from(chunk));
        return method(...args);
      },
    });
  }
  return sent;
}

/** Sends the end of the answer when a promise resolves. Its handler has run then. */
function delayEnd(response: ServerResponse, travel: Promise<unknown>): void {
  const end = response.end.bind(response) as (...args: readonly unknown[]) => void;
  response.end = (...args: readonly unknown[]) => {
    void travel.then(() => end(...args));
    return response;
  };
}

/** Holds answers until a test releases them. */
export function createGate(): {
  readonly pass: () => Promise<unknown>;
  readonly reached: Promise<unknown>;
  open(): void;
} {
  const emitter = new EventEmitter();
  const opened = once(emitter, 'open');
  const reached = once(emitter, 'reached');
  return {
    pass: () => {
      emitter.emit('reached');
      return opened;
    },
    reached,
    open: () => void emitter.emit('open'),
  };
}

/** Fills in a form as a person does, and sends it. */
export async function signIn(
  tab: Page,
  user: 'ada' | 'alan' = 'ada',
  remember = true,
): Promise<void> {
  await tab.fill('[name=username]', user);
  await tab.fill('[name=password]', user === 'ada' ? 'lovelace' : 'turing');
  if (!remember) await tab.uncheck('[name=remember]');
  await press(tab, 'Sign in');
}

export async function press(tab: Page, button: string): Promise<void> {
  await tab.getByRole('button', { name: button, exact: true }).click();
}

/** Path and query of a tab. */
export function pathOf(tab: Page): string {
  const { pathname, search } = new URL(tab.url());
  return pathname + search;
}

export function headingOf(tab: Page): Promise<string | null> {
  return tab.textContent('h1');
}

/** Who the page says is signed in. */
export async function visitorOf(tab: Page): Promise<string | null> {
  const visitor = tab.locator('#visitor');
  return (await visitor.count()) === 0 ? null : visitor.textContent();
}
