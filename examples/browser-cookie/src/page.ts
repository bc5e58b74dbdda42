// The page, as both frameworks send it: two files as they are, no build.

import { readFileSync } from 'node:fs';

/** Only our own script runs: one from elsewhere could not read the refresh token, but it could use the page. */
export const pageHeaders = {
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
};

/** Path to type and content. */
export const pages = {
  '/': { type: 'html', content: readPublic('index.html') },
  '/client.js': { type: 'js', content: readPublic('client.js') },
} as const;

export const pagePaths = Object.keys(pages) as (keyof typeof pages)[];

function readPublic(name: string): string {
  return readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8');
}
