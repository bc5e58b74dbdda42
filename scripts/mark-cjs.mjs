// The packages are "type": "module"; this file makes Node read dist/cjs/*.js as CommonJS.
import { readdirSync, writeFileSync } from 'node:fs';

for (const name of readdirSync('packages')) {
  writeFileSync(`packages/${name}/dist/cjs/package.json`, '{ "type": "commonjs" }\n');
}
