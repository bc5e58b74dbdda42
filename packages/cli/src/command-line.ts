// Parses and checks the options of a command.

import { parseArgs } from 'node:util';

import { toSeconds } from '@tokenpair/core/store';

import { listNames, type ListName } from './key-ring.js';
import { defaultLifetimes, type Lifetimes } from './lifetimes.js';
import { codeOf, Refusal } from './refusal.js';

/** Ends the command because of a wrong command line. */
export function refuseUsage(sentence: string): never {
  throw new Refusal(sentence, 2);
}

/** The names of the options that a command takes. */
export interface OptionNames {
  readonly values: readonly string[];
  readonly switches: readonly string[];
}

export interface GivenOptions {
  readonly text: (name: string) => string | undefined;
  readonly has: (name: string) => boolean;
}

/** @throws Refusal (exit code 2) for an option that the command does not take. */
export function readOptions(
  command: string,
  argv: readonly string[],
  names: OptionNames,
): GivenOptions {
  const values = parse(command, argv, names);
  return {
    text: (name) => {
      const value = values[name];
      if (value === '') refuseUsage(`--${name} needs a value.`);
      return typeof value === 'string' ? value : undefined;
    },
    has: (name) => values[name] !== undefined,
  };
}

function parse(
  command: string,
  argv: readonly string[],
  names: OptionNames,
): Readonly<Record<string, unknown>> {
  const options = {
    ...Object.fromEntries(names.values.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(names.switches.map((name) => [name, { type: 'boolean' as const }])),
    help: { type: 'boolean', short: 'h' } as const,
  };
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    // Node's message repeats what was typed, which may be a secret. Only the name of an option is taken from it.
    const option = /'(?:-\w, )?(--?[\w-]+)/.exec(String(error))?.[1];
    const problems: Record<string, string> = {
      ERR_PARSE_ARGS_UNKNOWN_OPTION: `has no option '${option}'`,
      ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: 'takes options only',
    };
    const problem = problems[codeOf(error) ?? ''] ?? `cannot use the option ${option} in this way`;
    return refuseUsage(`${command} ${problem}. Run tokenpair ${command} --help.`);
  }
}

/** The options that {@link readLifetimes} reads. */
export const lifetimeOptions: readonly string[] = [
  'settle',
  'access-token-lifetime',
  'absolute-lifetime',
];

export const lifetimeHelp = `  --access-token-lifetime DURATION   accessTokenLifetime of the issuer, by default 5m
  --absolute-lifetime DURATION       absoluteLifetime of its sessions, by default 90d
  --settle DURATION                  time until every process has loaded a changed file, by default 10m`;

export function readLifetimes({ text }: GivenOptions): Lifetimes {
  const read = (name: string, defaultValue: number, min: number): number => {
    const value = text(name);
    if (value === undefined) return defaultValue;
    try {
      // A number without a unit is refused, because some programs mean milliseconds.
      return toSeconds(`--${name}`, /^\d+$/.test(value) ? '' : value, { min });
    } catch {
      return refuseUsage(`--${name} needs a number and its unit: 300s, 15m, 12h or 30d.`);
    }
  };
  return {
    settle: read('settle', defaultLifetimes.settle, 0),
    accessToken: read('access-token-lifetime', defaultLifetimes.accessToken, 1),
    absolute: read('absolute-lifetime', defaultLifetimes.absolute, 1),
  };
}

/** The lists that a command works on: both, unless one was named. */
export function readLists({ has }: GivenOptions): readonly ListName[] {
  if (has('signing-only') && has('refresh-only')) {
    refuseUsage('--signing-only and --refresh-only exclude each other.');
  }
  if (has('signing-only')) return ['keys'];
  return has('refresh-only') ? ['refreshKeys'] : listNames;
}
