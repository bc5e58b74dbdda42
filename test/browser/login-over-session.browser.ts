// A login in a browser that is signed in already, in Chromium, on both frameworks.

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { createExpressApp } from '../../examples/browser-cookie/src/express-app.js';
import { createKoaApp } from '../../examples/browser-cookie/src/koa-app.js';
import { serveExample, type CreateListener, type ServedExample } from './served-example.js';
import { click, outcome, signedIn, signedOut } from './tab.js';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
});
afterAll(() => browser.close());

describe.each<[string, CreateListener]>([
  ['Express', createExpressApp],
  ['Koa', (settings) => createKoaApp(settings).callback()],
])('a login over a live session on %s', (_framework, createListener) => {
  let example: ServedExample;
  let here: BrowserContext;
  let elsewhere: BrowserContext;

  beforeEach(async () => {
    example = await serveExample(createListener);
    here = await browser.newContext();
    elsewhere = await browser.newContext();
  });
  afterEach(async () => {
    await here.close();
    await elsewhere.close();
    await example.close();
  });

  test('ends the former session of this browser, and no session of another device', async () => {
    const tab = await signIn(here);
    const other = await signIn(elsewhere);
    const before = await example.sessionIdsOf('u_1');
    expect(before).toHaveLength(2);
    expect(await logIn(tab)).toBe(200);
    const after = await example.sessionIdsOf('u_1');
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toHaveLength(1);
    expect(await afterReload(tab)).toBe(signedIn);
    expect(await afterReload(other)).toBe(signedIn);
  });

  test('leaves the cookie of the former session worthless', async () => {
    const tab = await signIn(here);
    const former = await here.cookies();
    expect(await logIn(tab)).toBe(200);
    await here.clearCookies();
    await here.addCookies(former);
    expect(await afterReload(tab)).toBe(signedOut);
  });

  async function signIn(device: BrowserContext): Promise<Page> {
    const tab = await device.newPage();
    await tab.goto(example.url);
    await click(tab, 'Sign in');
    expect(await outcome(tab)).toBe(signedIn);
    return tab;
  }
});

async function afterReload(tab: Page): Promise<string> {
  await tab.reload();
  return outcome(tab);
}

/** Signs in again from the page, which sends the cookie of the live session. Returns the status. */
function logIn(tab: Page): Promise<number> {
  return tab.evaluate(async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ username: 'ada', password: 'lovelace' });
    return (await fetch('/login', { method: 'POST', headers, body })).status;
  });
}
