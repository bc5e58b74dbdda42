// Loads the sources of a package a second time, in memory, with a mistake in them. The product does not know of it.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';

import { transformSync } from '@swc/core';

/** In this file of the package, replace this text, which occurs once, by that. */
export interface Replacement {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

type Run = (...values: readonly unknown[]) => void;

const packages = join(__dirname, '../../packages');

/**
 * @param name - the folder of the package.
 * @returns a function that loads the package anew. It throws when a replacement no longer fits the sources. The package sees
 *   `globals` in place of the global ones of these names.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the package exports is not known here
export function createSourceCopy<Exports>(
  name: string,
): (replacements?: readonly Replacement[], globals?: Readonly<Record<string, unknown>>) => Exports {
  const root = join(packages, name, 'src');
  const sources = new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );
  const requireForeign = createRequire(join(root, 'index.ts'));
  const compiled = new Map<string, string>();
  const runs = new Map<string, Run>();

  function compile(text: string): string {
    const code =
      compiled.get(text) ??
      transformSync(text, {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      }).code;
    compiled.set(text, code);
    return code;
  }

  function toFunction(code: string, names: readonly string[]): Run {
    const key = `${names.join()}\n${code}`;
    const known = runs.get(key);
    if (known) return known;
    // oxlint-disable-next-line typescript/no-implied-eval -- the text is our own source
    const run = new Function(...names, 'module', 'exports', 'require', code) as Run;
    runs.set(key, run);
    return run;
  }

  return function loadSources(replacements = [], globals = {}) {
    const texts = new Map(sources);
    for (const { file, from, to } of replacements) {
      const [before, after, ...others] = texts.get(file)?.split(from) ?? [];
      if (before === undefined || after === undefined || others.length > 0) {
        throw new Error(`${file} must contain this text once; adapt the mutant to it:\n${from}`);
      }
      texts.set(file, before + to + after);
    }
    const modules = new Map<string, { exports: unknown }>();
    const [names, values] = [Object.keys(globals), Object.values(globals)];

    function load(file: string): unknown {
      const known = modules.get(file);
      if (known !== undefined) return known.exports;
      const text = texts.get(file);
      if (text === undefined) throw new Error(`${name} has no file ${file}`);
      const module = { exports: {} };
      modules.set(file, module);
      const requireFrom = (specifier: string): unknown =>
        specifier.startsWith('.')
          ? load(posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'))
          : requireForeign(specifier);
      const run = toFunction(compile(text), names);
      run(...values, module, module.exports, requireFrom);
      return module.exports;
    }
    return load('index.ts') as Exports;
  };
}
