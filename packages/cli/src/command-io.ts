// Everything that a command reads, writes and asks.

import type * as nodeFs from 'node:fs';

import { checkOptions } from '@tokenpair/core/adapter';

export type FileSystem = typeof nodeFs;

/** What a command uses instead of the process. */
export interface CommandIo {
  /** Standard output. Only `keygen` without `--out` writes keys to it. */
  out(text: string): void;
  /** Standard error: sentences for people. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, as `Date.now` returns. */
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
