// Pages in Chromium with scripting off, where the access token or its session is refused for a rare reason: one refresh or a page
// that loads again, and never the sign-in page.

import { randomUUID } from 'node:crypto';

import { revokeClaims } from '@tokenpair/core';
import { RedisRevocations } from '@tokenpair/redis';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { createClient } from 'redis6';

import { frameworks } from '../adapters/pages-app.js';
import {
  createPagesWorld,
  openTab,
  type PagesWorld,
  type WorldOptions,
} from '../adapters/pages-world.js';
import { startServer } from '../support/http.js';
import { ownerOf } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';
import { openRedisAt, type RedisAt } from '../support/redis-clock.js';
import { hasRedisServer, startRedis, type RedisProcess } from '../support/redis-server.js';
import { until } from '../support/until.js';

let browser: Browser;
let redis: RedisProcess | undefined;
let stored: RedisAt | undefined;
let client: ReturnType<typeof createClient> | undefined;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
  redis = hasRedisServer() ? await startRedis() : undefined;
  if (redis === undefined) return;
  stored = await openRedisAt(redis.url);
  client = createClient({ url: redis.url, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();
}, 60_000);
afterAll(async () => {
  await browser.close();
  stored?.close();
  client?.destroy();
  await redis?.stop();
});

const stores = ['memory', ...(hasRedisServer() ? ['Redis'] : [])];
const setups = frameworks.flatMap(([framework, create]) =>
  stores.map((store) => [framework, store, create] as const),
);

describe.each(setups)('pages on %s, sessions in %s', (_framework, kind, create) => {
  let world: PagesWorld;
  let revocations: RedisRevocations | undefined;
  let context: BrowserContext;
  let tab: Page;
  const at = (path: string) => `http://localhost:${world.server.port}${path}`;

  beforeEach(async () => {
    const options = kind === 'Redis' ? openOnRedis() : {};
    world = await createPagesWorld(create, options);
    context = await browser.newContext({ javaScriptEnabled: false });
    tab = await context.newPage();
    await tab.goto(at('/callback?return=/orders'));
  });
  afterEach(async () => {
    await context.close();
    await world.close();
    await revocations?.close();
  });

  /** The store has the time of the world, which is made with it. */
  function openOnRedis(): WorldOptions {
    const inner = stored!.openStore(() => world.clock.now());
    revocations = new RedisRevocations({ client: client!, prefix: `${randomUUID()}:` });
    return { inner, issuer: { revocations } };
  }

  const text = () => tab.textContent('body');

  test('a sign-in on a GET that comes from another site: an OAuth callback, a link in a mail', async () => {
    await context.clearCookies();
    const port = world.server.port;
    const other = await startServer((_request, response) => {
      response
        .setHeader('Content-Type', 'text/html')
        .end(`<a href="http://localhost:${port}/callback?return=/orders%3Fx=1">Continue</a>`);
    });
    await tab.goto(`http://127.0.0.1:${other.port}/`);
    await tab.click('a');
    expect([tab.url(), await text()]).toEqual([at('/orders?x=1'), 'orders of grace']);
    await other.close();
  });

  test('claims that are out of date cost one refresh', async () => {
    await revokeClaims(world.tokens, { subject: 'grace' });
    await tab.goto(at('/orders'));
    expect([await text(), world.happened('session.refreshed')]).toEqual(['orders of grace', 1]);
  });

  test('a signing key that was retired costs one refresh', async () => {
    world.tokens.replaceKeys([createTestKey('HS256', 'other').signing]);
    await tab.goto(at('/orders'));
    expect([await text(), world.happened('session.refreshed')]).toEqual(['orders of grace', 1]);
  });

  test.each(['nonsense', ''])(
    'an access cookie that says "%s" costs one refresh',
    async (value) => {
      const [cookie] = (await context.cookies()).filter(({ name }) => name.endsWith('access'));
      await context.addCookies([{ ...cookie, value }]);
      await tab.goto(at('/orders'));
      expect([await text(), world.happened('session.refreshed')]).toEqual(['orders of grace', 1]);
    },
  );

  test('an answer that the browser never got, after the reuse interval: 503 page, signed in afterwards', async () => {
    // The server knows that the browser has the first pair.
    await until(async () => {
      const [session] = await world.store.store.list(ownerOf('grace'));
      return session?.confirmed === 1;
    });
    const cookies = await context.cookies();
    world.expire();
    const jar = new Map(cookies.map(({ name, value }) => [name, value]));
    expect((await openTab(world.server.port, jar).visit('/orders')).body).toBe('orders of grace');
    world.clock.advance(45);
    const answer = await tab.goto(at('/orders'));
    expect([answer?.status(), await tab.textContent('h1')]).toEqual([
      503,
      'Not available just now',
    ]);
    const seconds = Number(answer?.headers()['refresh']);
    expect(answer?.headers()['retry-after']).toBe(String(seconds));
    world.clock.advance(seconds + 1);
    await tab.goto(at('/orders'));
    expect([await text(), world.happened('refresh.reused')]).toEqual(['orders of grace', 0]);
  });
});
