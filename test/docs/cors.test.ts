// Tests that every line with cors() that a reader may copy exposes the headers that clients must read.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const calls = /\bcors\(\s*\{(?:[^{}]|\{[^{}]*\})*\}/g;

describe('cors() in docs and examples', () => {
  it('exposes the challenge and Retry-After wherever it is called', async () => {
    const texts = await readAll();
    const found = texts.flatMap(({ name, text }) =>
      [...text.matchAll(calls)].map(([call]) => ({ name, call })),
    );
    expect(found.length).toBeGreaterThanOrEqual(2);
    const silent = found.filter(({ call }) => !/exposed?Headers/.test(call));
    expect(silent).toEqual([]);
  });

  it('is explained on every page that says where to put it', async () => {
    const pages = (await readAll()).filter(({ name }) => name.endsWith('.md'));
    const naming = pages.filter(({ text }) => /\bcors\(|@koa\/cors/.test(text));
    expect(naming.length).toBeGreaterThanOrEqual(4);
    const silent = naming.filter(({ text }) => !/exposed?Headers/.test(text));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

async function readAll(): Promise<{ readonly name: string; readonly text: string }[]> {
  const folders = ['docs', 'packages', 'examples'];
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  const names = ['README.md', ...listed.flat()].filter(
    (name) =>
      !/(?:^|\/)(?:node_modules|dist)\//.test(name) &&
      (name.endsWith('.md') || /^examples\/.*\/src\/.*\.ts$/.test(name)),
  );
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(root, name), 'utf8') })),
  );
}
