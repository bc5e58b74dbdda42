// Tests ten tabs of examples/browser-cookie in Chromium. The network delays every refresh request and every answer
// independently, so `Set-Cookie` lines arrive late and in another order than they were sent.

import { setTimeout as wait } from 'node:timers/promises';

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { createExpressApp } from '../../examples/browser-cookie/src/express-app.js';
import { createRandom } from '../support/tabs/random.js';
import { serveExample, type ServedExample } from './served-example.js';
import { click, outcome, outcomes, signedIn } from './tab.js';

const rounds = 20;
/** Maximum delay of a request or an answer, in milliseconds. */
const jitter = 150;

let browser: Browser;
let context: BrowserContext;
let example: ServedExample;
let first: Page;
let tabs: Page[];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
  context = await browser.newContext();
  // Without a channel, each tab refreshes by itself: the server alone keeps them signed in.
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'BroadcastChannel'));
  const random = createRandom(20);
  example = await serveExample(createExpressApp, () => wait(random(jitter)));
  first = await context.newPage();
  tabs = [first];
  await first.goto(example.url);
  await signIn();
  while (tabs.length < 10) tabs.push(await context.newPage());
  await Promise.all(tabs.map((tab) => tab.goto(example.url)));
  await outcomes(tabs);
}, 180_000);
afterAll(async () => {
  await example?.close();
  await browser?.close();
});

test('ten tabs that refresh at once stay signed in, round after round', async () => {
  const lost: { readonly round: number; readonly words: readonly string[] }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    example.expireAccessTokens();
    await Promise.all(tabs.map((tab) => click(tab, 'Who am I?')));
    const words = (await outcomes(tabs)).filter((one) => one !== signedIn);
    if (words.length === 0) continue;
    lost.push({ round, words });
    await signIn();
  }
  expect(lost).toEqual([]);
  const refreshes = example.exchanges('/auth/refresh');
  expect(new Set(refreshes.slice(1).map(({ status }) => status))).toEqual(new Set([200]));
  // Every tab refreshed in every round.
  expect(refreshes.length).toBeGreaterThanOrEqual(rounds * tabs.length);
}, 180_000);

test('ten tabs that reload at once stay signed in, round after round', async () => {
  for (let round = 1; round <= 5; round += 1) {
    example.expireAccessTokens();
    await Promise.all(tabs.map((tab) => tab.reload({ waitUntil: 'commit' })));
    await Promise.all(tabs.map((tab) => tab.waitForLoadState()));
    expect(await outcomes(tabs)).toEqual(tabs.map(() => signedIn));
  }
}, 180_000);

async function signIn(): Promise<void> {
  await outcome(first);
  await click(first, 'Sign in');
  if ((await outcome(first)) !== signedIn) throw new Error('the first tab could not sign in');
}
