// Reads the files of the page, which both servers send without a build step.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Lets only scripts of this server run: another script could not read the refresh token, but could use the page. */
export const pageHeaders = {
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
};

/** Type and content of each file, by its path. */
export const pages = {
  '/': { type: 'html', content: readPublic('index.html') },
  '/client.js': { type: 'js', content: readPublic('client.js') },
  // The package is one file, which browsers load as it is. Your bundler finds it by its name instead.
  '/tokenpair-client.js': { type: 'js', content: readPackage() },
} as const;

export const pagePaths = Object.keys(pages) as (keyof typeof pages)[];

function readPublic(name: string): string {
  return readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8');
}

function readPackage(): string {
  const manifest = createRequire(import.meta.url).resolve('@tokenpair/client/package.json');
  return readFileSync(join(dirname(manifest), 'dist/index.mjs'), 'utf8');
}
