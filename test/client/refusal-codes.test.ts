// The types of actions and codes are made from the error table of core, which the client does not import.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { errorTable } from '../../packages/core/src/errors/error-table.js';

const file = join(__dirname, '../../packages/client/src/refusal-codes.ts');

function render(): string {
  const rows = Object.entries(errorTable);
  const actions = new Set(rows.map(([, { answer }]) => answer.action));
  const words = [...actions].toSorted().map((action) => `'${action}'`);
  return `// Made from the error table of @tokenpair/core by \`UPDATE_DOCS=1 pnpm test refusal-codes\`. Do not edit.

/** What a client does next. */
export type Action = ${words.join(' | ')};

/** The codes of tokenpair's refusals. */
export type RefusalCode =${rows.map(([code]) => `\n  | '${code}'`).join('')};
`;
}

test('they agree with the error table', () => {
  const text = render();
  if (process.env['UPDATE_DOCS']) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
