// Tests that every TypeScript snippet in a README or in docs/ compiles against the packages.

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');
// A folder in test/, so that a snippet finds the frameworks that the tests install.
const work = join(root, 'test/.snippets');

describe('the snippets of README and docs', () => {
  let pages: Map<string, string[]>;

  beforeAll(async () => {
    pages = new Map();
    for (const page of await listPages()) pages.set(page, await readSnippets(page));
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
  });

  afterAll(() => rm(work, { recursive: true, force: true }));

  it('are found on the front page', () => {
    expect(pages.get('README.md')?.length).toBeGreaterThanOrEqual(2);
  });

  it('compile with the strict compiler options of the packages', async () => {
    for (const [page, snippets] of pages) {
      for (const [index, snippet] of snippets.entries()) {
        const name = `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`;
        await writeFile(join(work, name), snippet);
      }
    }
    await writeFile(join(work, 'tsconfig.json'), JSON.stringify(compilerConfig));
    expect(await compile()).toBe('');
  }, 180_000);
});

const compilerConfig = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    composite: false,
    noEmit: true,
    isolatedDeclarations: false,
    // Off: snippets leave declarations to the reader, and few readers have this option on.
    noPropertyAccessFromIndexSignature: false,
    // As in an application of NestJS.
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    types: ['node', 'jest'],
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom'],
    paths: {
      '@tokenpair/core/*': ['../../packages/core/src/*.ts'],
      // Its sources are for an older target than these options.
      '@tokenpair/client': ['../../packages/client/types/index.d.ts'],
      '@tokenpair/*': ['../../packages/*/src/index.ts'],
      express: ['../node_modules/@types/express5'],
      koa: ['../node_modules/@types/koa3'],
      redis: ['../node_modules/redis6'],
      ioredis: ['../node_modules/ioredis6'],
    },
  },
  include: ['*.ts'],
};

async function listPages(): Promise<string[]> {
  const packages = await readdir(join(root, 'packages'));
  const docs = await readdir(join(root, 'docs'));
  return [
    'README.md',
    ...packages.map((name) => `packages/${name}/README.md`),
    ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ];
}

/** One module per fence; a fence marked `ts more` continues the one before it. */
async function readSnippets(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8');
  const snippets: string[] = [];
  for (const [, more, code = ''] of text.matchAll(/^```ts( more)?\n(.*?)^```$/gms)) {
    if (more) snippets.push(`${snippets.pop() ?? ''}\n${code}`);
    else snippets.push(code);
  }
  return snippets;
}

async function compile(): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', join(work, 'tsconfig.json')]);
    return '';
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}
