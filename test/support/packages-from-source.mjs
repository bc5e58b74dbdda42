// `node --import` of this lets an ES module find the packages as their sources, which nobody has to build first. It is run
// twice: in the program, to announce itself, and in the thread where Node asks what a name means.

import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

import { transform } from '@swc/core';

const packages = new URL('../../packages/', import.meta.url);

if (isMainThread) register(import.meta.url);

export function resolve(specifier, context, next) {
  const [, name] = /^@tokenpair\/(\w+)$/.exec(specifier) ?? [];
  if (name !== undefined) return next(new URL(`${name}/src/index.ts`, packages).href, context);
  const isOurs = [specifier, context.parentURL].some((url) => url?.startsWith(packages.href));
  return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith(packages.href) || !url.endsWith('.ts')) return next(url, context);
  const { code } = await transform(await readFile(fileURLToPath(url), 'utf8'), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    swcrc: false,
  });
  return { format: 'module', source: code, shortCircuit: true };
}
