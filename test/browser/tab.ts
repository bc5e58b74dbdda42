// A tab of examples/browser-cookie, as a test sees it and uses it.

import type { Page } from 'playwright-core';

export const signedIn = 'Signed in as ada.';
export const signedOut = 'Please sign in.';

/** What the page says once it has come to an end: every sentence of it that is not final ends in dots. */
export function outcome(tab: Page): Promise<string> {
  // Watched from inside: from outside it would be asked twice a second.
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
 * From inside as well: a click from outside waits for a frame to be painted, and no browser paints the tabs in the background.
 */
export function click(tab: Page, name: string): Promise<void> {
  return tab.evaluate((text) => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === text)!.click();
  }, name);
}
