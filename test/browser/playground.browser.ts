// Tests the playground in Chromium, on both frameworks: each story button, and what makes the page usable and honest.

import axe from 'axe-core';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core';

import { startPlayground, type Playground } from '../../examples/playground/src/playground.js';
import { groups, scenarios } from '../../examples/playground/public/scenarios.js';
import { openStream, type StreamReader } from '../support/playground-stream.js';
import { endings, summarise } from './playground-endings.js';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--renderer-process-limit=2'],
  });
});
afterAll(() => browser.close());

interface Opened {
  readonly playground: Playground;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly stream: StreamReader;
  /** Every token that the tap has seen, as it was sent. */
  readonly tokens: ReadonlySet<string>;
  /** What the browser has to complain about, without the statuses of answers. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

async function open(framework: 'express' | 'koa', reuseInterval = 30): Promise<Opened> {
  const tokens = new Set<string>();
  const complaints: string[] = [];
  const playground = await startPlayground({
    framework,
    port: 0,
    reuseInterval,
    onToken: (token) => tokens.add(token),
  });
  const stream = await openStream(`${playground.url}/playground/stream`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    const isStatus = message.text().startsWith('Failed to load resource');
    if (!isStatus && message.type() !== 'log') complaints.push(message.text());
  });
  await page.goto(`${playground.url}/`);
  await page.locator('body[data-ready]').waitFor();
  return {
    playground,
    context,
    page,
    stream,
    tokens,
    complaints,
    async close() {
      await context.close();
      stream.close();
      await playground.close();
    },
  };
}

/** Presses a story button, and waits until the story has been told. */
async function tell(page: Page, id: string): Promise<string> {
  const story = page.locator(`[data-id="${id}"]`);
  const group = page.locator('details.group', { has: page.locator(`[data-id="${id}"]`) });
  if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
  await press(page, story.getByRole('button'));
  return outcomeOf(page, id);
}

/** Presses a button of the page when the page has done what was pressed before. */
async function press(page: Page, button: Locator): Promise<void> {
  await untilIdle(page);
  await button.click();
}

function untilIdle(page: Page): Promise<void> {
  return page.locator('body:not([data-busy])').waitFor();
}

async function outcomeOf(page: Page, id: string): Promise<string> {
  const told = page.locator(`[data-id="${id}"]:is([data-outcome=ok], [data-outcome=wrong])`);
  await told.waitFor();
  return (await page.getByRole('status').textContent()) ?? '';
}

async function startOver(page: Page): Promise<void> {
  await press(page, page.getByRole('button', { name: 'Start over' }));
  await untilIdle(page);
  await page.getByText('A new application, without a session.').waitFor();
}

// A story begins with what it needs, so it can be told in any state of the application.
describe.each([
  { framework: 'express', how: 'one after the other', isNew: false },
  { framework: 'koa', how: 'each from a new application', isNew: true },
] as const)('the stories on $framework, $how', ({ framework, isNew }) => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await open(framework);
  });
  afterAll(() => opened.close());

  test.each(scenarios)('$title', async ({ id, title, steps }) => {
    const { page, stream } = opened;
    if (isNew) await startOver(page);
    const from = await stream.latest();
    expect(await tell(page, id)).toBe(`${title}: as expected.`);

    const ticks = page.locator(`[data-id="${id}"] .steps li`);
    const results = await ticks.evaluateAll((items) => items.map((item) => item.dataset['result']));
    expect(results).toEqual(steps.map(() => 'ok'));
    // The page judges by the same messages, but what must be in them is written twice.
    const { answers, ...ending } = endings[id] ?? { answers: [] };
    const seen = summarise(await stream.since(0), from);
    expect(answers).not.toEqual([]);
    expect(answers.filter((answer) => !seen.answers.includes(answer))).toEqual([]);
    expect(seen).toMatchObject(ending);
  });

  test('no token is in the stream, and many were sent', async () => {
    const { stream, tokens } = opened;
    const text = stream.text();
    expect([...tokens].filter((token) => token.startsWith('tpr_')).length).toBeGreaterThan(10);
    expect([...tokens].filter((token) => token.startsWith('eyJ')).length).toBeGreaterThan(10);
    expect([...tokens].filter((token) => text.includes(token))).toEqual([]);
    // Not even a part of one: its signature, or its secret.
    const parts = [...tokens].map((token) => token.slice(-24));
    expect(parts.filter((part) => text.includes(part))).toEqual([]);
    expect(text).not.toContain('"turing"');
  });

  test('the browser has nothing to complain about', () => {
    expect(opened.complaints).toEqual([]);
  });
});

describe('a playground whose reuse interval is 0', () => {
  test('shows "two tabs at once" in red, because a playground that cannot fail proves nothing', async () => {
    const opened = await open('express', 0);
    try {
      const { page } = opened;
      expect(await tell(page, 'two-tabs')).toMatch(/^Two tabs at once: not as expected\. Tab /);
      const story = page.locator('[data-id="two-tabs"]');
      expect(await story.getAttribute('data-outcome')).toBe('wrong');
      expect(await story.locator('.steps li').last().getAttribute('data-result')).toBe('wrong');
      expect(await story.getByRole('img', { name: 'not as expected' }).textContent()).toBe('✗');
      // What was broken off does not break the next story.
      expect(await tell(page, 'sign-in')).toBe('Sign in: as expected.');
    } finally {
      await opened.close();
    }
  });
});

describe('the page', () => {
  let opened: Opened;
  let page: Page;

  beforeAll(async () => {
    opened = await open('express');
    ({ page } = opened);
    for (const id of ['sign-in', 'two-tabs', 'lost-answer', 'store-down', 'replay', 'sign-in']) {
      await tell(page, id);
    }
  });
  afterAll(() => opened.close());
  afterEach(async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    test.each([1280, 320])('has nothing that axe finds, %i pixels wide', async (width) => {
      // Colours that are changing are none to judge.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      const first = page.locator('#exchanges details').first();
      await first.evaluate((details) => details.setAttribute('open', ''));
      for (const frame of page.frames()) {
        await frame.evaluate(axe.source);
        const found = await frame.evaluate(
          `axe.run(document, { iframes: false }).then(({ violations }) =>
            violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))`,
        );
        expect(found).toEqual([]);
      }
    });
  });

  test.each([1280, 800, 360, 320])('does not scroll sideways, %i pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  test('obeys a wish for less motion', async () => {
    const duration = () =>
      page.evaluate(() => getComputedStyle(document.querySelector('button')!).transitionDuration);
    expect(await duration()).not.toBe('0s');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await duration()).toBe('0s');
  });

  test.each(groups)(
    'tells every story of the group $name by keyboard, and the focus stays on the button',
    async ({ name, says, scenarios: some }) => {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await tabTo(page, `summary ${name}`);
      const details = page.locator('details.group', { hasText: says });
      if ((await details.getAttribute('open')) === null) await page.keyboard.press('Enter');
      for (const { id, title } of some) {
        await tabTo(page, `button ${title}`);
        await page.keyboard.press('Enter');
        expect(await outcomeOf(page, id)).toBe(`${title}: as expected.`);
        expect(await focus(page)).toBe(`button ${title}`);
      }
    },
    // Seven stories take longer than other tests, on a busy machine above all.
    60_000,
  );

  test('refuses text as markup and the scripts of others', async () => {
    const answer = await page.request.get(opened.playground.url);
    const policy = answer.headers()['content-security-policy'];
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'self'");
    const outcome = await page.evaluate(() => {
      try {
        document.createElement('div').innerHTML = '<b>text</b>';
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(outcome).toBe('TypeError');
  });

  test('says the outcome of a story, and the drawing has a title and a description', async () => {
    expect(await tell(page, 'call')).toBe('Call the API: as expected.');
    const drawing = page.getByRole('img', { name: /^The life of the session/ });
    expect(await drawing.locator('desc').textContent()).toMatch(/\d+ requests, \d+ jumps/);
  });

  test('has buttons that do one thing at a time, in the tabs and for the thief and the phone', async () => {
    await startOver(page);
    const tab = page.frameLocator('#tab-a iframe');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByText('Signed in as alan').waitFor();
    await page.frameLocator('#tab-b iframe').getByText('Signed in as alan').waitFor();
    await tab.getByRole('button', { name: 'Call the API' }).click();
    await tab.getByText('GET /me → 200').waitFor();

    const thief = page.getByRole('region', { name: 'Thief' });
    await press(page, thief.getByRole('button', { name: 'Copy the cookie' }));
    await press(page, thief.getByRole('button', { name: 'Refresh' }));
    await thief.getByText('/auth/refresh → 200').waitFor();
    await press(page, thief.getByRole('button', { name: 'Call the API' }));
    await thief.getByText('/me → 200').waitFor();

    const phone = page.getByRole('region', { name: 'Phone' });
    await press(page, phone.getByRole('button', { name: 'Sign in' }));
    await phone.getByText('/login → 200').waitFor();
    await press(page, phone.getByRole('button', { name: 'Sign out everywhere' }));
    await phone.getByText('/auth/logout-all → 200').waitFor();
    await page.getByText('No session.', { exact: true }).waitFor();

    await tab.getByRole('button', { name: 'Call the API' }).click();
    await tab.getByText('Signed out').waitFor();
    await press(page, page.getByRole('button', { name: '+ 8 h' }));
    await page.getByText('8 h 0 min ahead').waitFor();
  });

  test('shows the headers and the JSON of a request with tokens as four hex digits', async () => {
    await startOver(page);
    await tell(page, 'sign-in');
    const login = page.locator('#exchanges details', { hasText: 'POST /login' });
    await login.locator('summary').click();
    const text = (await login.locator('.message').textContent()) ?? '';
    expect(text).toMatch(/"access_token": "access ·[\da-f]{4}"/);
    expect(text).toMatch(/set-cookie: __Host-refresh_token=refresh ·[\da-f]{4};/);
    expect(text).toMatch(/"password": "…"/);
  });

  test('draws what another window of the page has done', async () => {
    await startOver(page);
    await tell(page, 'sign-in');
    const other = await opened.context.newPage();
    await other.goto(`${opened.playground.url}/`);
    await other.getByText('POST /login → 200', { exact: true }).waitFor();
    await other.close();
  });
});

function focus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { tagName, firstElementChild, textContent } = document.activeElement!;
    const isSummary = tagName === 'SUMMARY';
    const text = isSummary ? firstElementChild?.textContent : textContent;
    return `${tagName.toLowerCase()} ${text?.trim() ?? ''}`;
  });
}

/** Presses Tab until something has the focus; begins anew at the end of the page. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let count = 0; count < 300; count += 1) {
    if ((await focus(page)) === wanted) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${wanted}`);
}
