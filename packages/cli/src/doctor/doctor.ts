// The command doctor: reports what is wrong with a set of keys, or the settings of an application.

import { allHave, isPublic } from '../ask-core.js';
import { Refusal, type CommandIo, type FileSystem } from '../command-io.js';
import {
  lifetimeHelp,
  readLifetimes,
  readLists,
  readOptions,
  refuseUsage,
  type GivenOptions,
} from '../command-line.js';
import type { UncheckedRing } from '../key-ring.js';
import { parseRingText, readEnv } from '../ring-text.js';
import { readText } from '../write-file.js';
import { diagnose, type Finding } from './diagnose.js';
import {
  describeSettings,
  examineSettings,
  nameSettings,
  type NamedSettings,
} from './examine-settings.js';
import { loadApplication } from './load-application.js';

const doctorHelp = `tokenpair doctor: checks keys or an application and reports each problem on one line. It never shows a key.

  tokenpair doctor --file FILE   a key file, a .env file with the lines of keygen, or a JWKS
  tokenpair doctor --env         the variables TOKENPAIR_KEYS and TOKENPAIR_REFRESH_KEYS
  tokenpair doctor --app FILE    the module of an application: it is loaded, and must only create the issuer or the
                                 verifier and export it. Prints their settings too

  --json                           the same for programs
  --signing-only, --refresh-only   the other kind of keys may be missing
${lifetimeHelp}

Exit code: 0 no problem, or hints only; 1 an error or a warning; 2 a wrong option, or keys or a module that cannot be read.
`;

export function doctor(argv: readonly string[], io: CommandIo): number {
  const given = readOptions('doctor', argv, { texts: ['app'], switches: ['env', 'json'] });
  const { help, file, app, env, json } = given;
  if (help) {
    io.out(doctorHelp);
    return 0;
  }
  if ([file, app, env].filter((way) => way !== undefined).length !== 1) {
    refuseUsage('doctor needs one of --file FILE, --env and --app FILE.');
  }
  const source = file ?? app ?? 'the environment';
  const examine = app === undefined ? readKeyCheck(given, io) : readAppCheck(app, given, io);
  try {
    const { findings, settings } = examine();
    const ok = findings.every(({ severity }) => severity === 'hint');
    if (json) io.out(toLine({ source, ok, settings: settings?.map(withNulls), findings }));
    else io.out((settings ?? []).map(describeSettings).join('') + toText(source, findings));
    return ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal && json)) throw error;
    io.out(toLine({ source, ok: false, findings: [], error: error.message }));
    return error.exitCode;
  }
}

interface Report {
  readonly findings: readonly Finding[];
  /** Only of an application. */
  readonly settings?: readonly NamedSettings[] | undefined;
}

function readKeyCheck(given: GivenOptions, io: CommandIo): () => Report {
  const { file } = given;
  const lists = readLists(given);
  const lifetimes = readLifetimes(given);
  const now = io.now();
  return () => {
    const ring =
      file === undefined
        ? readEnv(io.env, 'Neither TOKENPAIR_KEYS nor TOKENPAIR_REFRESH_KEYS is set.')
        : readRing(io.files, file);
    return {
      findings: [...checkMode(io.files, file, ring), ...diagnose(ring, lists, lifetimes, now)],
    };
  };
}

function readAppCheck(app: string, given: GivenOptions, io: CommandIo): () => Report {
  const stray = Object.keys(given).find((name) => name !== 'app' && name !== 'json');
  if (stray !== undefined) refuseUsage(`--${stray} is about keys, which --app does not check.`);
  return () => {
    const settings = nameSettings(loadApplication(app, io));
    return { settings, findings: examineSettings(settings) };
  };
}

function readRing(files: FileSystem, file: string): UncheckedRing {
  const { ring } = parseRingText(file, readText(files, file));
  // A published key set: its keys are JWKs, and all of them must be public. RFC 7517 §5
  return allHave(ring.keys, 'kty') ? { keys: ring.keys.map((publicKey) => ({ publicKey })) } : ring;
}

/** Who can read the file. Public keys are for everybody, and Windows has no such mode. */
function checkMode(files: FileSystem, file: string | undefined, ring: UncheckedRing): Finding[] {
  if (file === undefined || process.platform === 'win32' || isPublic(ring)) return [];
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

/** JSON has no `undefined` and no Infinity: an unknown issuer, no log and an unlimited age are `null`. */
const withNulls = (settings: NamedSettings): object => ({
  ...settings,
  issuer: settings.issuer ?? null,
  revocations: settings.revocations ?? null,
});

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
