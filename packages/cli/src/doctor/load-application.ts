// Loads the module of an application, and finds the issuers and verifiers that it exports.

import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { settingsOf, type TokenSettings } from '@tokenpair/core/adapter';

import { Refusal, type CommandIo } from '../command-io.js';
import { readText } from '../write-file.js';

/** What an application exports. */
export interface Exported {
  /** As the application would write it: `tokens`, `default.tokens`. */
  readonly name: string;
  readonly settings: readonly TokenSettings[];
}

/** @throws Refusal (exit code 2) the module cannot be loaded, or exports no issuer and no verifier. */
export function loadApplication(file: string, io: CommandIo): readonly Exported[] {
  // An unreadable file and a module that the file lacks are two errors.
  readText(io.files, file);
  const exported = load(file, io);
  const candidates = [{ name: 'module.exports', value: exported }, ...membersOf(exported)];
  const made = candidates.flatMap((candidate) => {
    if (isMade(candidate.value)) return [candidate];
    if (candidate.value === exported) return [];
    return membersOf(candidate.value, candidate.name).filter(({ value }) => isMade(value));
  });
  if (made.length === 0) {
    throw new Refusal(
      `${file} exports nothing that createTokenIssuer or createTokenVerifier returned. Export it by name, not in a function or a promise.`,
      2,
    );
  }
  // Most modules export an issuer once more with its verifier, or by name and as the default.
  const ofIssuers = new Set(made.map(({ value }) => Object(value).verifier));
  const first = new Map(made.toReversed().map((one) => [one.value, one]));
  return made.flatMap((one) => {
    const isRepeated = first.get(one.value) !== one || ofIssuers.has(one.value);
    return isRepeated ? [] : [{ name: one.name, settings: settingsOf(one.value) ?? [] }];
  });
}

const mustOnlyCreate =
  'The module must only create the issuer and export it: no top-level await, and no start of a server. Build TypeScript first.';

function load(file: string, io: CommandIo): unknown {
  const onExit = (): void => {
    io.err(`tokenpair: ${file} ended the process while it was loaded. ${mustOnlyCreate}\n`);
    process.exitCode = 2;
  };
  process.once('exit', onExit);
  const path = resolve(file);
  try {
    return createRequire(path)(path);
  } catch (error) {
    throw new Refusal(
      `${file} cannot be loaded (${nameOfError(error)}); node ${file} shows the error. ${mustOnlyCreate}`,
      2,
    );
  } finally {
    process.off('exit', onExit);
  }
}

/** The message of an application's error may contain a secret. Its code and the name of its class do not. */
function nameOfError(error: unknown): string {
  const { code, name } = Object(error);
  for (const text of [code, name]) {
    if (/^(?:[A-Z\d_]{1,64}|[A-Za-z]{0,59}Error)$/.test(String(text))) return String(text);
  }
  return 'unknown error';
}

const isDefault = (name: string): boolean => name === 'default';

interface Member {
  readonly name: string;
  readonly value: unknown;
}

/** The enumerable members, the default export last. One that cannot be read is `undefined`: it is neither of the two. */
function membersOf(value: unknown, prefix?: string): Member[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return [];
  const names = attempt(() => Object.keys(value)) ?? [];
  const sorted = [...names.filter((name) => !isDefault(name)), ...names.filter(isDefault)];
  // Compilers export by getters. A getter in another object is the application's, and is not called.
  const isModule = prefix === undefined || attempt(() => Reflect.get(value, '__esModule')) === true;
  const read = (name: string): unknown =>
    isModule ? Reflect.get(value, name) : Object.getOwnPropertyDescriptor(value, name)?.value;
  return sorted.map((name) => ({ name: nameOf(name, prefix), value: attempt(() => read(name)) }));
}

function nameOf(name: string, prefix: string | undefined): string {
  const isPlain = /^[A-Za-z_$][\w$]*$/.test(name);
  if (prefix === undefined) return isPlain ? name : JSON.stringify(name);
  return isPlain ? `${prefix}.${name}` : `${prefix}[${JSON.stringify(name)}]`;
}

function isMade(value: unknown): boolean {
  return attempt(() => settingsOf(value)) !== undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
