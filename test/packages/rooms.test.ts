// Tests that the map in CONTRIBUTING.md shows the rooms of core and their imports as they are.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const sources = join(root, 'packages/core/src');
const map = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const lint = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  overrides: { rules: Record<string, [string, { rooms: Record<string, string[]> }]> }[];
};
const rooms = lint.overrides.find(({ rules }) => rules['tokenpair/doors'])?.rules[
  'tokenpair/doors'
]?.[1].rooms;
const entries = readdirSync(sources, { withFileTypes: true });
const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

describe('the map of the rooms', () => {
  test('has a line for each folder and for each file beside the folders', () => {
    const missing = entries
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .filter((name) => !map.includes(`  ${name} `));
    expect(missing).toEqual([]);
  });

  test('names the imports that lint allows', () => {
    const shown = folders.map((room) => {
      const [, imports = ''] = new RegExp(`^  ${room}/ .* imports (.*)$`, 'm').exec(map) ?? [];
      return [room, imports.replace('lib only', '').split(' ').filter(Boolean).toSorted()];
    });
    const held = folders.map((room) => [
      room,
      ['endpoints', 'pages'].includes(room) ? ['above', 'everything'] : rooms?.[room]?.toSorted(),
    ]);
    expect(shown).toEqual(held);
  });

  test.each(folders)('is true to %s: every file there begins with its purpose', (room) => {
    const files = readdirSync(join(sources, room)).filter((name) => name.endsWith('.ts'));
    const without = files.filter((name) => {
      const [first = ''] = readFileSync(join(sources, room, name), 'utf8').split('\n');
      return !/^\/\/ [A-Z]/.test(first);
    });
    expect(without).toEqual([]);
  });
});
