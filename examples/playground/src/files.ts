// The files of the page, which the server sends without a build step, and their headers.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Type and content of each file, by its path. */
export const files: ReadonlyMap<string, { readonly type: string; readonly content: string }> =
  new Map([
    ['/', page('index.html')],
    // The row of a request is read from the path of its page.
    ['/playground/tab-a', page('lane.html')],
    ['/playground/tab-b', page('lane.html')],
    ...['page.js', 'runner.js', 'state.js', 'timeline.js', 'scenarios.js', 'lane.js'].map(
      (name) => [`/playground/${name}`, script(readPublic(name))] as const,
    ),
    ['/playground/icon.svg', { type: 'image/svg+xml', content: readPublic('icon.svg') }],
    [
      '/playground/style.css',
      { type: 'text/css; charset=utf-8', content: readPublic('style.css') },
    ],
    ['/playground/lit-html.js', script(readBeside('lit-html', '../lit-html.js'))],
    [
      '/playground/client.js',
      script(readBeside('@tokenpair/client/package.json', 'dist/index.mjs')),
    ],
  ]);

/** Only scripts of this server run, no text becomes markup by accident, and no other page frames this one. */
export const headers = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html',
  ].join('; '),
  // A frame is recognised by the path that it sends.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
} as const;

function page(name: string) {
  return { type: 'text/html; charset=utf-8', content: readPublic(name) };
}

function script(content: string) {
  return { type: 'text/javascript; charset=utf-8', content };
}

function readPublic(name: string): string {
  return readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8');
}

/** Reads a file by its path from another one, which Node.js finds. */
function readBeside(name: string, path: string): string {
  return readFileSync(join(dirname(require.resolve(name)), path), 'utf8');
}
