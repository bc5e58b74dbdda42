// Checks docs/asvs.md: every requirement of the three chapters has one row, and every test that a row names exists.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** How many requirements each section of ASVS 5.0.0 has. */
const sections: Readonly<Record<string, number>> = {
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
  '9.1': 3,
  '9.2': 4,
  '10.1': 2,
  '10.2': 3,
  '10.3': 5,
  '10.4': 16,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
};
const words = ['met', 'offered', 'yours', 'not offered', 'no such endpoint'];

describe('docs/asvs.md', () => {
  let rows: { number: string; word: string; tests: string[] }[];
  let text: string;

  beforeAll(async () => {
    text = await readFile(join(root, 'docs/asvs.md'), 'utf8');
    rows = [...text.matchAll(/^\| (\d[\d.]+) .*$/gm)].map(([row, number = '']) => ({
      number,
      word: /\| \*\*(.+?)\*\* /.exec(row)?.[1] ?? '',
      tests: [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path),
    }));
  });

  it('has every requirement of V7, V9 and V10 once, in order', () => {
    const all = Object.entries(sections).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
    );
    expect(rows.map(({ number }) => number)).toEqual(all);
  });

  it('says of each how it is met', () => {
    expect(rows.filter(({ word }) => !words.includes(word))).toEqual([]);
  });

  it('names a test for everything that is met or offered, and only tests that exist', () => {
    const claimed = rows.filter(({ word }) => word === 'met' || word === 'offered');
    expect(claimed.filter(({ tests }) => tests.length === 0)).toEqual([]);
    const missing = rows
      .flatMap(({ tests }) => tests)
      .filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it('links to headings that exist', async () => {
    for (const [, page = '', anchor = ''] of text.matchAll(/\]\((\w+\.md)#([\w-]+)\)/g)) {
      const target = await readFile(join(root, 'docs', page), 'utf8');
      const anchors = [...target.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(anchors).toContain(anchor);
    }
  });
});
