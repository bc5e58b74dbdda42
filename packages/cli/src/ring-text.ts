// Reads and writes a key ring as text: a key file (JSON), or two variables in a .env file.

import { isDeepStrictEqual, parseEnv } from 'node:util';

import { Refusal, type CommandIo } from './command-io.js';
import { listNames, type KeyRing, type ListName, type UncheckedRing } from './key-ring.js';

const variables = { keys: 'TOKENPAIR_KEYS', refreshKeys: 'TOKENPAIR_REFRESH_KEYS' } as const;

export interface RingText {
  readonly ring: UncheckedRing;
  /** Writes another ring in the same format. Throws a Refusal if the .env file does not allow it. */
  readonly write: (ring: KeyRing) => string;
}

/** @throws Refusal (exit code 2) if the text has neither format. */
export function parseRingText(path: string, text: string): RingText {
  if (text.trimStart().startsWith('{')) return { ring: parseJson(path, text), write: toKeyFile };
  const problem = `${path} is no key file: it has neither a JSON object nor a line TOKENPAIR_KEYS= or TOKENPAIR_REFRESH_KEYS=.`;
  const ring = readEnv(parseEnv(text), problem);
  return { ring, write: (changed) => replaceEnvLines(text, changed) };
}

/** @throws Refusal (exit code 2) with `problem` if neither variable is set, and if one is not JSON. */
export function readEnv(env: CommandIo['env'], problem: string): UncheckedRing {
  const given = listNames.filter((list) => env[variables[list]] !== undefined);
  if (given.length === 0) throw new Refusal(problem, 2);
  return Object.fromEntries(
    given.map((list) => [list, parseJson(variables[list], env[variables[list]] ?? '')]),
  );
}

export function toKeyFile(ring: KeyRing): string {
  return `${JSON.stringify(ring, undefined, 2)}\n`;
}

/** Single quotes, because no shell, dotenv or Node expands anything inside them. */
export function toEnvLines(ring: KeyRing): string {
  return listNames.map((list) => (ring[list] ? `${toEnvLine(ring, list)}\n` : '')).join('');
}

function toEnvLine(ring: KeyRing, list: ListName): string {
  // A single quote would end the value; in JSON it can be escaped.
  return `${variables[list]}='${JSON.stringify(ring[list]).replaceAll("'", '\\u0027')}'`;
}

/** Replaces the lines of the ring. Every other line and every other variable stays as it is. */
function replaceEnvLines(text: string, ring: KeyRing): string {
  let replaced = text;
  for (const list of listNames) {
    if (ring[list] === undefined) continue;
    const start = `(?<=^[ \\t]*(?:export[ \\t]+)?)`;
    const line = new RegExp(`${start}${variables[list]}[ \\t]*=.*`, 'gm');
    replaced = replaced.replaceAll(line, () => toEnvLine(ring, list));
  }
  const expected = { ...parseEnv(text), ...parseEnv(toEnvLines(ring)) };
  if (isDeepStrictEqual({ ...parseEnv(replaced) }, expected)) return replaced;
  throw new Refusal('Each variable must be on one line of the .env file, as keygen prints it.');
}

function parseJson(where: string, text: string): UncheckedRing {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text, so it is not repeated.
    const advice = /^\s*['"]/.test(text)
      ? ' Remove the quotes around it: docker run --env-file, for example, keeps them.'
      : '';
    throw new Refusal(`${where} is not JSON.${advice}`, 2);
  }
}
