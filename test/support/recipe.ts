// Runs the code of a page in docs/, so that a test tries what a reader copies.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { transform } from '@swc/core';

interface RecipeOptions {
  /** The heading above the code. Without it, the program is all code of the page. */
  readonly under?: string;
  /** `js` is for code whose packages have no types here. */
  readonly language?: 'ts' | 'js';
  /** What the code only declares, because an application has it: functions by their names. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Modules that take the place of installed ones. */
  readonly modules?: Readonly<Record<string, unknown>>;
  /** Names that the code declares and the test needs. */
  readonly exported: readonly string[];
}

const frameworks: Readonly<Record<string, string>> = {
  express: 'express5',
  koa: 'koa3',
  redis: 'redis6',
  ioredis: 'ioredis6',
};

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** Runs the fences of a page, or of one heading, as one program. Returns the names that it `exported`. */
export async function runRecipe<T>(
  page: string,
  { under, language = 'ts', given = {}, modules = {}, exported }: RecipeOptions,
): Promise<T> {
  const fences = await readFences(page, under, language);
  const { code } = await transform([...fences, `export { ${exported.join(', ')} };`].join('\n'), {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      // As in an application of NestJS.
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'commonjs' },
  });
  const nodeRequire = createRequire(__filename);
  const find = (name: string): unknown => modules[name] ?? nodeRequire(frameworks[name] ?? name);
  const exports = {};
  const run = AsyncFunction('exports', 'require', ...Object.keys(given), code);
  await (run(exports, find, ...Object.values(given)) as Promise<void>);
  return exports as T;
}

/** The code of a page, or of one heading: a text for each fence. */
export async function readFences(
  page: string,
  under?: string,
  language: 'ts' | 'js' = 'ts',
): Promise<readonly string[]> {
  const text = await readFile(join(__dirname, '../../docs', page), 'utf8');
  const part = under === undefined ? text : findSection(text, under);
  const fence = new RegExp(`^\`\`\`${language}(?: more)?\\n(.*?)^\`\`\`$`, 'gms');
  const fences = [...part.matchAll(fence)].map(([, code = '']) => code);
  if (fences.length === 0) throw new Error(`There is no code in ${page} under ${under ?? 'it'}.`);
  return fences;
}

/** The text below a heading, up to the next heading of its level or a higher one. */
function findSection(text: string, heading: string): string {
  // A comment in a shell fence also begins with `#`, so fences are hidden from the search.
  const searched = text.replaceAll(/^```.*?^```$/gms, (fence) => fence.replaceAll('#', ' '));
  const headings = [...searched.matchAll(/^(#+) (.*)$/gm)];
  const index = headings.findIndex(([, , name]) => name === heading);
  const found = headings[index];
  if (found === undefined) throw new Error(`There is no heading "${heading}".`);
  const next = headings
    .slice(index + 1)
    .find(([, marks = '']) => marks.length <= (found[1] ?? '').length);
  return text.slice(found.index, next?.index);
}
