// Tests that every relative link of a page leads to a file, and its anchor to a heading. Links to the repository count as relative.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const repository = 'https://github.com/tokenpair/tokenpair/blob/main/';
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n');

const withoutCode = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, '');

/** The anchors of a page, as GitHub makes them. */
function anchorsOf(file: string): ReadonlySet<string> {
  const text = withoutCode(readFileSync(file, 'utf8'));
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id));
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.*)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    let name = slug;
    for (let count = 1; anchors.has(name); count += 1) name = `${slug}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** The links of a page that lead nowhere. */
function deadLinksOf(page: string): readonly string[] {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const isOwn = link.startsWith(repository);
    if (/^[a-z]+:/.test(link) && !isOwn) return false;
    const [path = '', anchor] = (isOwn ? link.slice(repository.length) : link).split('#', 2);
    const target = path === '' ? join(root, page) : join(root, isOwn ? '' : dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !(target.endsWith('.md') && anchorsOf(target).has(anchor));
  });
}

test.each(pages)('every link of %s leads to a file and a heading', (page) => {
  expect(deadLinksOf(page)).toEqual([]);
});
