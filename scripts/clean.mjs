// Removes everything `pnpm build` writes. The build information lies inside these folders on purpose:
// were it elsewhere, `tsc -b` would take a deleted dist for one that is up to date.
import { readdirSync, rmSync } from 'node:fs';

for (const parent of ['packages', 'examples']) {
  for (const name of readdirSync(parent)) {
    rmSync(`${parent}/${name}/dist`, { recursive: true, force: true });
  }
}
for (const cache of ['tsc', 'coverage']) {
  rmSync(`node_modules/.cache/${cache}`, { recursive: true, force: true });
}
