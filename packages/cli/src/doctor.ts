// The command doctor: reads a key file or the environment, and says what is weak or missing.

import { diagnose } from './checks/diagnose.js';
import { finding, type Finding, type Severity } from './checks/finding.js';
import type { CommandIo, FileSystem } from './command-io.js';
import {
  lifetimeHelp,
  lifetimeOptions,
  readLifetimes,
  readLists,
  readOptions,
  refuseUsage,
} from './command-line.js';
import { readEnv } from './env-lines.js';
import { Refusal } from './refusal.js';
import { parseRingText } from './ring-text.js';
import { readText } from './write-file.js';

const doctorHelp = `tokenpair doctor: says what is weak or missing in a set of keys, one line each. Shows no key.

  tokenpair doctor --file FILE   a key file, or a .env file with the lines of keygen
  tokenpair doctor --env         TOKENPAIR_KEYS and TOKENPAIR_REFRESH_KEYS, as they are set here

  --json                           the same for programs
  --signing-only, --refresh-only   the other kind of keys may be missing
${lifetimeHelp}

Exit code: 0 fine (hints may be printed), 1 for an error or a warning, 2 for a wrong option or nothing that can be read.
`;

export function doctor(argv: readonly string[], io: CommandIo): number {
  const given = readOptions('doctor', argv, {
    file: 'string',
    env: 'boolean',
    json: 'boolean',
    'signing-only': 'boolean',
    'refresh-only': 'boolean',
    ...lifetimeOptions,
  });
  if (given.has('help')) {
    io.out(doctorHelp);
    return 0;
  }
  const file = given.text('file');
  if ((file !== undefined) === given.has('env')) {
    refuseUsage('doctor looks at --file FILE or at --env: say one of them.');
  }
  const source = file ?? 'the environment';
  const print = given.has('json') ? printJson : printLines;
  const circumstances = {
    lists: readLists(given),
    lifetimes: readLifetimes(given),
    now: io.now(),
  };
  let findings: readonly Finding[];
  try {
    const { ring, findings: unread } = file === undefined ? fromEnv(io) : fromFile(io, file);
    findings = [
      ...(file === undefined ? [] : checkMode(io.files, file, ring)),
      // What cannot be read is not looked into.
      ...(unread.length > 0 ? unread : diagnose(ring, circumstances)),
    ];
  } catch (error) {
    if (!(error instanceof Refusal && given.has('json'))) throw error;
    io.out(`${JSON.stringify({ source, ok: false, findings: [], error: error.message })}\n`);
    return error.exitCode;
  }
  const ok = findings.every(({ severity }) => severity === 'hint');
  io.out(print(source, ok, findings));
  return ok ? 0 : 1;
}

interface Reading {
  readonly ring: unknown;
  readonly findings: readonly Finding[];
}

function fromFile(io: CommandIo, file: string): Reading {
  return parseRingText(file, readText(io.files, file));
}

function fromEnv({ env }: CommandIo): Reading {
  const reading = readEnv(env);
  if (reading !== undefined) return reading;
  throw new Refusal('Neither TOKENPAIR_KEYS nor TOKENPAIR_REFRESH_KEYS is set.', 2);
}

/** Who may read the file. Public keys are for everybody, and Windows has no such mode. */
function checkMode(files: FileSystem, file: string, ring: unknown): Finding[] {
  if (process.platform === 'win32' || holdsPublicKeysOnly(ring)) return [];
  const { mode } = files.statSync(file);
  if ((mode & 0o007) !== 0) {
    const problem = 'every user of this machine has a right to it';
    const advice = `chmod 600 ${file}, and rotate the keys if others use the machine.`;
    return [finding('file_open_to_all', 'the file', problem, advice)];
  }
  if ((mode & 0o070) === 0) return [];
  const advice = `Fine if that group is the application alone; otherwise chmod 600 ${file}.`;
  return [finding('file_open_to_group', 'the file', 'its group has a right to it', advice)];
}

function holdsPublicKeysOnly(ring: unknown): boolean {
  if (typeof ring !== 'object' || ring === null || !('keys' in ring)) return false;
  const { keys } = ring;
  return Object.keys(ring).length === 1 && Array.isArray(keys) && keys.every(isPublic);
}

function isPublic(key: unknown): boolean {
  return typeof key === 'object' && key !== null && 'publicKey' in key;
}

type Print = (source: string, ok: boolean, findings: readonly Finding[]) => string;

const printLines: Print = (source, _ok, findings) => {
  const lines = findings.map(
    ({ severity, where, problem, advice }) =>
      `${severity.padEnd(7)}  ${where}: ${problem}. ${advice}\n`,
  );
  return `${lines.join('')}${source}: ${summarise(findings)}\n`;
};

function summarise(findings: readonly Finding[]): string {
  const count = (severity: Severity): string | undefined => {
    const { length } = findings.filter((found) => found.severity === severity);
    return length === 0 ? undefined : `${length} ${severity}${length === 1 ? '' : 's'}`;
  };
  const counts = [count('error'), count('warning'), count('hint')].filter(Boolean);
  return counts.length === 0 ? 'nothing is weak or missing.' : `${counts.join(', ')}.`;
}

const printJson: Print = (source, ok, findings) => `${JSON.stringify({ source, ok, findings })}\n`;
