// The ring as environment variables: each of the two options of createTokenIssuer as one line of JSON.

import { parseEnv } from 'node:util';

import { finding, type Finding } from './checks/finding.js';
import type { KeyRing } from './key-ring.js';
import { Refusal } from './refusal.js';

const variables = { keys: 'TOKENPAIR_KEYS', refreshKeys: 'TOKENPAIR_REFRESH_KEYS' } as const;

const lists = ['keys', 'refreshKeys'] as const;

/** Lines for a `.env` file. In single quotes nothing is expanded, by a shell, dotenv or Node. */
export function toEnvLines(ring: KeyRing): string {
  return lists.map((list) => toEnvLine(ring, list)).join('');
}

function toEnvLine(ring: KeyRing, list: keyof KeyRing): string {
  const keys = ring[list];
  if (keys === undefined) return '';
  // The quote itself is the one character that would end the value; JSON can do without it.
  return `${variables[list]}='${JSON.stringify(keys).replaceAll("'", '\\u0027')}'\n`;
}

/** What the variables hold, and what kept one of them from being read. */
export interface EnvReading {
  readonly ring: Partial<Record<keyof KeyRing, unknown>>;
  readonly findings: readonly Finding[];
}

/** Answers `undefined` when neither variable is there. */
export function readEnv(env: Readonly<Record<string, string | undefined>>): EnvReading | undefined {
  const given = lists.filter((list) => env[variables[list]] !== undefined);
  if (given.length === 0) return undefined;
  const ring: Partial<Record<keyof KeyRing, unknown>> = {};
  const findings: Finding[] = [];
  for (const list of given) {
    const text = env[variables[list]] ?? '';
    try {
      ring[list] = JSON.parse(text);
    } catch {
      // The parser's message quotes what it could not read.
      findings.push(toFinding(variables[list], text));
    }
  }
  return { ring, findings };
}

function toFinding(name: string, text: string): Finding {
  if (/^(['"]).*\1$/s.test(text.trim())) {
    const problem = 'its value has the quotes of the .env line around it';
    const advice =
      'What set it takes no quotes off (docker run --env-file does not): write it without.';
    return finding('variable_quoted', name, problem, advice);
  }
  const advice = `Set it to the line that tokenpair keygen prints.`;
  return finding('not_json', name, 'its value is not JSON', advice);
}

/** Reads the text of a `.env` file; `undefined` when neither variable is in it. */
export function readEnvText(text: string): EnvReading | undefined {
  return readEnv(parseEnv(text));
}

/**
 * Puts a ring in the place of the one in the text of a `.env` file; every other line stays as it is.
 *
 * @throws Refusal when the variables are written in a way that cannot be replaced line by line.
 */
export function replaceEnvLines(text: string, ring: KeyRing): string {
  let replaced = text;
  for (const list of lists) {
    const line = new RegExp(
      `^([ \\t]*(?:export[ \\t]+)?)${variables[list]}[ \\t]*=.*?(\\r?)$`,
      'gm',
    );
    const value = toEnvLine(ring, list).trimEnd();
    replaced = replaced.replaceAll(
      line,
      (_line, start: string, end: string) => `${start}${value}${end}`,
    );
  }
  const [before, after] = [parseEnv(text), parseEnv(replaced)];
  const isWritten = JSON.stringify(readEnv(after)?.ring) === JSON.stringify(ring);
  if (isWritten && withoutRing(before) === withoutRing(after)) return replaced;
  throw new Refusal(
    'The variables in the .env file are not on one line each, as keygen prints them.',
  );
}

function withoutRing(env: NodeJS.Dict<string>): string {
  const { [variables.keys]: _keys, [variables.refreshKeys]: _refreshKeys, ...others } = env;
  return JSON.stringify(others);
}
