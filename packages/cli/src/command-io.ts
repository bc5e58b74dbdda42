// What a command gets in place of the process, and the error that ends it.

import type * as nodeFs from 'node:fs';

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

/** Ends a command with one sentence for people, without key material. */
export class Refusal extends Error {
  /** 1: refused, and nothing was changed. 2: a wrong command line, or keys that cannot be read. */
  readonly exitCode: 1 | 2;

  constructor(sentence: string, exitCode: 1 | 2 = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
