// Tests that the pictures in docs/images are what the code says, and that pages show them with words for those who cannot see them.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pictures } from '../support/pictures.js';

const root = join(__dirname, '../..');
const folder = join(root, 'docs/images');

describe.each(Object.entries(pictures))('docs/images/%s', (name, draw) => {
  const path = join(folder, name);

  test('is what the code says; UPDATE_DOCS=1 writes it', () => {
    const drawn = draw();
    if (process.env['UPDATE_DOCS'] === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, drawn);
    }
    expect(readFileSync(path, 'utf8')).toBe(drawn);
  });

  test('says in words what it shows, in light and in dark, without a request and without a script', () => {
    const drawn = draw();
    expect(drawn).toMatch(/<title id="title">.+<\/title>\n<desc id="description">.{100,}<\/desc>/);
    expect(drawn).toContain('prefers-color-scheme:dark');
    expect(drawn).not.toMatch(/<script|href|@import|url\(/);
    expect(drawn).not.toMatch(/undefined|NaN/);
  });
});

test.each([
  ['README.md', 'docs/images/', ['refresh-flow.svg', 'refresh-decisions.svg']],
  ['docs/refresh.md', 'images/', ['refresh-flow.svg', 'refresh-decisions.svg']],
  ['docs/errors.md', 'images/', ['error-actions.svg']],
])('%s shows its pictures, each with a text alternative', (page, prefix, names) => {
  const text = readFileSync(join(root, page), 'utf8');
  const shown = [...text.matchAll(/!\[([^\]]{40,})\]\(([^)]+\.svg)\)/g)].map(([, , path]) => path);
  expect(shown).toEqual(names.map((name) => prefix + name));
});
