// Reads and clicks a tab of examples/browser-cookie.

import type { Page } from 'playwright-core';

export const signedIn = 'Signed in as ada.';
export const signedOut = 'Please sign in.';

/** The final status of the page. A status that is not final ends with `…`. */
export function outcome(tab: Page): Promise<string> {
  // Observed inside the page: Playwright would poll it twice per second.
  return tab.evaluate(async () => {
    const status = document.querySelector('[role=status]')!;
    while (status.textContent.endsWith('…')) {
      await new Promise((resolve) => {
        new MutationObserver(resolve).observe(status, { childList: true });
      });
    }
    return status.textContent;
  });
}

export function outcomes(tabs: readonly Page[]): Promise<readonly string[]> {
  return Promise.all(tabs.map(outcome));
}

/**
 * Clicks a button, inside the page: a click by Playwright waits for the next frame, and browsers do not paint tabs in the
 * background.
 */
export function click(tab: Page, name: string): Promise<void> {
  return tab.evaluate((text) => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === text)!.click();
  }, name);
}
