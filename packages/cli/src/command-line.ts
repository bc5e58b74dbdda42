// The words after the command, to checked options.

import { parseArgs, type ParseArgsConfig } from 'node:util';

import { toSeconds } from '@tokenpair/core/store';

import { defaultLifetimes, type Lifetimes } from './lifetimes.js';
import { codeOf, Refusal } from './refusal.js';

/** Ends a command for what was typed. */
export function refuseUsage(sentence: string): never {
  throw new Refusal(sentence, 2);
}

/** Which option takes a value, and which is a switch. */
export type OptionTypes = Readonly<Record<string, 'string' | 'boolean'>>;

export interface GivenOptions {
  /** The value of an option; `undefined` when it was not given. */
  readonly text: (name: string) => string | undefined;
  readonly has: (name: string) => boolean;
}

/** @throws Refusal (exit code 2) for anything that the command does not take. */
export function readOptions(
  command: string,
  argv: readonly string[],
  types: OptionTypes,
): GivenOptions {
  const options: ParseArgsConfig['options'] = {
    help: { type: 'boolean', short: 'h' },
    ...Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }])),
  };
  const values = parse(command, argv, options);
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
  options: NonNullable<ParseArgsConfig['options']>,
): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [code, message] = [codeOf(error), String(error)];
    // Of what was typed only the name of an option is repeated: the rest may be a secret.
    const option = /'(?:-\w, )?(--?[\w-]+)/.exec(message)?.[1];
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      return refuseUsage(
        `${command} has no option '${option}'; tokenpair ${command} --help lists them.`,
      );
    }
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      return refuseUsage(`${command} takes options only; tokenpair ${command} --help lists them.`);
    }
    const need = message.includes('does not take') ? 'takes no value' : 'needs a value';
    return refuseUsage(`The option ${option} ${need}.`);
  }
}

/** The options by which {@link readLifetimes} is told how processes are configured. */
export const lifetimeOptions: OptionTypes = {
  settle: 'string',
  'access-token-lifetime': 'string',
  'absolute-lifetime': 'string',
};

export const lifetimeHelp = `  --access-token-lifetime DURATION   accessTokenLifetime of the issuer, by default 5m
  --absolute-lifetime DURATION       absoluteLifetime of its sessions, by default 90d
  --settle DURATION                  how long until every process has loaded a changed file, by default 10m`;

export function readLifetimes({ text }: GivenOptions): Lifetimes {
  const read = (name: string, byDefault: number, min: number): number => {
    const value = text(name);
    return value === undefined ? byDefault : readDuration(name, value, min);
  };
  return {
    settle: read('settle', defaultLifetimes.settle, 0),
    accessToken: read('access-token-lifetime', defaultLifetimes.accessToken, 1),
    absolute: read('absolute-lifetime', defaultLifetimes.absolute, 1),
  };
}

function readDuration(name: string, value: string, min: number): number {
  if (/^\d+$/.test(value)) {
    refuseUsage(
      `--${name} ${value} has no unit: say ${value}s, ${value}m, ${value}h or ${value}d.`,
    );
  }
  try {
    return toSeconds(`--${name}`, value, { min });
  } catch {
    return refuseUsage(`--${name} takes a duration with its unit, such as 90s, 15m, 12h or 30d.`);
  }
}

/** Which of the two lists a command is about: both, unless one was named. */
export function readLists({ has }: GivenOptions): readonly ('keys' | 'refreshKeys')[] {
  if (has('signing-only') && has('refresh-only')) {
    refuseUsage('--signing-only and --refresh-only exclude each other.');
  }
  if (has('signing-only')) return ['keys'];
  return has('refresh-only') ? ['refreshKeys'] : ['keys', 'refreshKeys'];
}
