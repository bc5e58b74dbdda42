// Writes each package's public types to packages/*/api.d.ts, so that a change to them shows in review.
// With --check it only compares, and fails on a difference.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const check = process.argv.includes('--check');
const stale = readdirSync('packages').filter((name) => {
  const dir = join('packages', name, 'dist/esm');
  const report = readdirSync(dir, { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('.d.ts'))
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(dir, file), 'utf8').replace(
        /\n?\/\/# sourceMappingURL=.*\n?/,
        '',
      );
      return `// ${file}\n${text.trim()}\n`;
    })
    .join('\n');
  const target = join('packages', name, 'api.d.ts');
  let before = '';
  try {
    before = readFileSync(target, 'utf8');
  } catch {
    // a new package has no report yet
  }
  if (before === report) return false;
  if (!check) writeFileSync(target, report);
  return true;
});
if (check && stale.length > 0) {
  console.error(
    `Public types changed in: ${stale.join(', ')}. Run "pnpm run api" and commit the result.`,
  );
  process.exit(1);
}
