// The command doctor: reads a key file or the environment, and reports what is wrong with the keys.

import type { Jwk } from '@tokenpair/core';

import { allHave, isPublic } from '../ask-core.js';
import type { CommandIo } from '../command-io.js';
import {
  lifetimeHelp,
  lifetimeOptions,
  readLifetimes,
  readLists,
  readOptions,
  refuseUsage,
} from '../command-line.js';
import type { UncheckedRing } from '../key-ring.js';
import { Refusal } from '../refusal.js';
import { parseRingText, readEnv } from '../ring-text.js';
import { readText } from '../write-file.js';
import { diagnose } from './diagnose.js';
import type { Finding } from './finding.js';

const doctorHelp = `tokenpair doctor: checks a set of keys and reports each problem on one line. It never shows a key.

  tokenpair doctor --file FILE   a key file, a .env file with the lines of keygen, or a JWKS
  tokenpair doctor --env         the variables TOKENPAIR_KEYS and TOKENPAIR_REFRESH_KEYS

  --json                           the same for programs
  --signing-only, --refresh-only   the other kind of keys may be missing
${lifetimeHelp}

Exit code: 0 no problem, or hints only; 1 an error or a warning; 2 a wrong option, or keys that cannot be read.
`;

export function doctor(argv: readonly string[], io: CommandIo): number {
  const given = readOptions('doctor', argv, {
    values: ['file', ...lifetimeOptions],
    switches: ['env', 'json', 'signing-only', 'refresh-only'],
  });
  if (given.has('help')) {
    io.out(doctorHelp);
    return 0;
  }
  const file = given.text('file');
  if ((file !== undefined) === given.has('env')) {
    refuseUsage('doctor needs either --file FILE or --env.');
  }
  const source = file ?? 'the environment';
  const options = { lists: readLists(given), lifetimes: readLifetimes(given), now: io.now() };
  try {
    const ring = file === undefined ? fromEnv(io) : fromFile(io, file);
    const findings = [
      ...(file === undefined ? [] : checkMode(io, file, ring)),
      ...diagnose(ring, options),
    ];
    const ok = findings.every(({ severity }) => severity === 'hint');
    io.out(given.has('json') ? toLine({ source, ok, findings }) : toText(source, findings));
    return ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal && given.has('json'))) throw error;
    io.out(toLine({ source, ok: false, findings: [], error: error.message }));
    return error.exitCode;
  }
}

function fromFile({ files }: CommandIo, file: string): UncheckedRing {
  const { ring } = parseRingText(file, readText(files, file));
  return isJwks(ring) ? { keys: ring.keys.map((publicKey) => ({ publicKey })) } : ring;
}

function fromEnv({ env }: CommandIo): UncheckedRing {
  const ring = readEnv(env);
  if (ring) return ring;
  throw new Refusal('Neither TOKENPAIR_KEYS nor TOKENPAIR_REFRESH_KEYS is set.', 2);
}

/** A published key set: its keys are JWKs, and all of them must be public. RFC 7517 §5 */
function isJwks(ring: object): ring is { readonly keys: readonly Jwk[] } {
  return 'keys' in ring && allHave(ring.keys, 'kty');
}

/** Who can read the file. Public keys are for everybody, and Windows has no such mode. */
function checkMode({ files }: CommandIo, file: string, ring: UncheckedRing): Finding[] {
  if (process.platform === 'win32' || isPublic(ring)) return [];
  const where = 'the file';
  const { mode } = files.statSync(file);
  if ((mode & 0o007) !== 0) {
    const problem = 'every user of this machine has access to it';
    const advice = `Run chmod 600 ${file}, and rotate the keys if others use the machine.`;
    return [{ code: 'file_open_to_all', severity: 'error', where, problem, advice }];
  }
  if ((mode & 0o070) === 0) return [];
  const problem = 'its group has access to it';
  const advice = `Run chmod 600 ${file}, unless the group contains the application only.`;
  return [{ code: 'file_open_to_group', severity: 'hint', where, problem, advice }];
}

const toLine = (report: object): string => `${JSON.stringify(report)}\n`;

function toText(source: string, findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ severity, where, problem, advice }) =>
      `${severity.padEnd(7)}  ${where}: ${problem}. ${advice}\n`,
  );
  const counts = ['error', 'warning', 'hint'].flatMap((severity) => {
    const { length } = findings.filter((found) => found.severity === severity);
    return length === 0 ? [] : `${length} ${severity}${length === 1 ? '' : 's'}`;
  });
  return `${lines.join('')}${source}: ${counts.join(', ') || 'no problems found'}.\n`;
}
