import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderErrorsPage } from '../../support/errors-page.js';

const path = join(__dirname, '../../../docs/errors.md');

describe('docs/errors.md', () => {
  it('is what the table in core says; UPDATE_DOCS=1 writes it', () => {
    const page = renderErrorsPage();
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, page);
    expect(readFileSync(path, 'utf8')).toBe(page);
  });
});
