// Where a command meets the world: everything that it reads, writes and asks goes through here.

import type * as nodeFs from 'node:fs';

import { checkOptions } from '@tokenpair/core/adapter';

/** The calls of `node:fs` that the commands make. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'closeSync'
  | 'fchmodSync'
  | 'fchownSync'
  | 'fsyncSync'
  | 'openSync'
  | 'readFileSync'
  | 'realpathSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeFileSync'
>;

/** What a command is given in place of the process. */
export interface CommandIo {
  /** Takes what goes to standard output. Keys are written here only by `keygen`, without `--out`. */
  out(text: string): void;
  /** Takes what goes to standard error: sentences for people. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, as `Date.now` gives. */
  now(): number;
  readonly files: FileSystem;
}

const members = ['out', 'err', 'env', 'now', 'files'];

/** @throws TypeError naming a member that is missing or unknown. */
export function requireIo(io: CommandIo): void {
  const given = checkOptions('main', io, members);
  const missing = members.find((name) => given[name] === undefined);
  if (missing !== undefined) throw new TypeError(`main: io.${missing} is missing`);
}
