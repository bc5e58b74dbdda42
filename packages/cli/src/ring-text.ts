// Reads and writes a key ring as text: a key file (JSON), or two variables in a .env file.

import { isDeepStrictEqual, parseEnv } from 'node:util';

import { listNames, type KeyRing, type ListName, type UncheckedRing } from './key-ring.js';
import { Refusal } from './refusal.js';

const variables = { keys: 'TOKENPAIR_KEYS', refreshKeys: 'TOKENPAIR_REFRESH_KEYS' } as const;

export interface RingText {
  readonly ring: UncheckedRing;
  /** Writes another ring in the same format. Throws a Refusal if the .env file does not allow it. */
  readonly write: (ring: KeyRing) => string;
}

/** @throws Refusal (exit code 2) if the text has neither format. */
export function parseRingText(path: string, text: string): RingText {
  if (text.trimStart().startsWith('{')) return { ring: parseJson(path, text), write: toKeyFile };
  const ring = readEnv(parseEnv(text));
  if (ring) return { ring, write: (changed) => replaceEnvLines(text, changed) };
  throw new Refusal(
    `${path} is no key file: it has neither a JSON object nor a line TOKENPAIR_KEYS= or TOKENPAIR_REFRESH_KEYS=.`,
    2,
  );
}

/** @returns `undefined` if neither variable is set. @throws Refusal (exit code 2) if one is not JSON. */
export function readEnv(env: NodeJS.Dict<string>): UncheckedRing | undefined {
  const given = listNames.filter((list) => env[variables[list]] !== undefined);
  if (given.length === 0) return undefined;
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
  const lists = listNames.filter((list) => ring[list] !== undefined);
  const replaced = lists.reduce((changed, list) => {
    const line = new RegExp(
      `^([ \\t]*(?:export[ \\t]+)?)${variables[list]}[ \\t]*=.*?(\\r?)$`,
      'gm',
    );
    return changed.replaceAll(
      line,
      (_line, start: string, end: string) => `${start}${toEnvLine(ring, list)}${end}`,
    );
  }, text);
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
