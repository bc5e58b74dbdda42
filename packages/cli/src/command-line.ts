// Reads and checks the options of a command.

import { parseArgs } from 'node:util';

import { toSeconds } from '@tokenpair/core/store';

import { Refusal } from './command-io.js';
import { listNames, type Lifetimes, type ListName } from './key-ring.js';
import { algorithmNames, isAlgorithm, isRsa, type KeyOptions } from './make-key.js';

/** Ends the command because of a wrong command line. */
export function refuseUsage(sentence: string): never {
  throw new Refusal(sentence, 2);
}

/** The options that were given. A switch has the text `true`. */
export type GivenOptions = Readonly<Record<string, string | undefined>>;

/** The options about a key ring that exists. The commands about keys take them. */
export const ringTexts = ['file', 'settle', 'access-token-lifetime', 'absolute-lifetime'] as const;

/** @throws Refusal (exit code 2) for an option that the command does not take, and for an empty value. */
export function readOptions(
  command: string,
  argv: readonly string[],
  names: { readonly texts: readonly string[]; readonly switches: readonly string[] },
): GivenOptions {
  return readNamed(command, argv, {
    texts: [...ringTexts, ...names.texts],
    switches: ['signing-only', 'refresh-only', ...names.switches],
  });
}

/** The same for a command that is not about keys. */
export function readNamed(
  command: string,
  argv: readonly string[],
  { texts, switches }: { readonly texts: readonly string[]; readonly switches: readonly string[] },
): GivenOptions {
  const options = {
    ...Object.fromEntries(texts.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }])),
    help: { type: 'boolean', short: 'h' } as const,
  };
  const given: Record<string, string> = {};
  try {
    const { values } = parseArgs({ args: [...argv], options });
    for (const [name, value] of Object.entries(values)) given[name] = String(value);
  } catch (error) {
    // Node's message repeats what was typed, which may be a secret. Only the name of an option is taken from it.
    const option = /'(?:-\w, )?(--?[\w-]+)/.exec(String(error))?.[1];
    const problems: Record<string, string> = {
      ERR_PARSE_ARGS_UNKNOWN_OPTION: `has no option '${option}'`,
      ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: 'takes options only',
    };
    const problem = problems[Object(error).code] ?? `cannot use the option ${option} in this way`;
    refuseUsage(`${command} ${problem}. Run tokenpair ${command} --help.`);
  }
  const empty = Object.keys(given).find((name) => given[name] === '');
  if (empty !== undefined && !given['help']) refuseUsage(`--${empty} needs a value.`);
  return given;
}

/** The lists that a command works on: both, unless one was named. */
export function readLists(given: GivenOptions): readonly ListName[] {
  const { 'signing-only': signingOnly, 'refresh-only': refreshOnly } = given;
  if (signingOnly && refreshOnly) {
    refuseUsage('--signing-only and --refresh-only exclude each other.');
  }
  return listNames.filter((list) => !(list === 'keys' ? refreshOnly : signingOnly));
}

export function readKeyOptions(given: GivenOptions): KeyOptions {
  const { algorithm, kid, bits } = given;
  const stray = ['algorithm', 'kid', 'bits'].find((name) => given[name]);
  if (stray !== undefined && given['refresh-only']) {
    refuseUsage(`--${stray} is for signing keys, which --refresh-only leaves out.`);
  }
  if (algorithm !== undefined && !isAlgorithm(algorithm)) {
    return refuseUsage(`--algorithm must be one of ${algorithmNames.join(', ')}.`);
  }
  if (kid !== undefined && !/^[ -~]{1,256}$/.test(kid)) {
    refuseUsage('--kid must have 1 to 256 ASCII characters.');
  }
  if (bits === undefined) return { algorithm, kid, bits };
  if (!['2048', '3072', '4096'].includes(bits)) refuseUsage('--bits must be 2048, 3072 or 4096.');
  if (algorithm === undefined || !isRsa(algorithm)) {
    refuseUsage('--bits needs --algorithm RS256 or another RSA algorithm.');
  }
  return { algorithm, kid, bits: Number(bits) };
}

export const lifetimeHelp = `  --access-token-lifetime DURATION   accessTokenLifetime of the issuer, by default 5m
  --absolute-lifetime DURATION       absoluteLifetime of its sessions, by default 90d
  --settle DURATION                  time until every process has loaded a changed file, by default 10m`;

/** The maximum of a verifier's `clockTolerance`. */
const maxClockTolerance = 300;

export function readLifetimes(given: GivenOptions): Lifetimes {
  const read = (name: string, defaultValue: string, min: number): number => {
    try {
      return toSeconds(`--${name}`, given[name] ?? defaultValue, { min });
    } catch {
      return refuseUsage(`--${name} needs a number and its unit: 300s, 15m, 12h or 30d.`);
    }
  };
  const settle = read('settle', '10m', 0);
  const keys = settle + read('access-token-lifetime', '5m', 1) + maxClockTolerance;
  return { settle, keys, refreshKeys: settle + read('absolute-lifetime', '90d', 1) };
}
