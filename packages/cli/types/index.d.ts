import * as nodeFs from 'node:fs';
import { KeyState, Algorithm, Jwk } from '@tokenpair/core';

type FileSystem = typeof nodeFs;
/** What a command uses instead of the process. */
interface CommandIo {
  /** Standard output. Only `keygen` without `--out` writes keys to it. */
  out(text: string): void;
  /** Standard error: sentences for people. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, as `Date.now` returns. */
  now(): number;
  readonly files: FileSystem;
}

/**
 * Runs the command `tokenpair` inside this process.
 *
 * @param argv - the words after `tokenpair`; the first one is `keygen`, `doctor` or `postgres-schema`.
 * `doctor --app` loads the application's module in this process, and ends nothing that the module has started.
 * @returns the exit code: 0 success; 1 refused, or `doctor` reports an error or a warning; 2 a wrong command line, or
 * keys or a module that cannot be read. `io.err` gets a sentence about what went wrong.
 * @throws TypeError `io` has a missing or an unknown member. Nothing else is thrown.
 */
declare function main(argv: readonly string[], io: CommandIo): number;

/** One key, as `keygen` writes it and `createTokenIssuer` takes it. */
interface KeyEntry {
  readonly kid: string;
  readonly state: KeyState;
  /** When the key entered its state: ISO 8601 text. */
  readonly since: string;
  /** Signing keys only. */
  readonly algorithm?: Algorithm;
  readonly privateKey?: Jwk | string;
  /** In place of `privateKey` for a key that only verifies. */
  readonly publicKey?: Jwk | string;
  /** Refresh keys, and signing keys for HS256, HS384 and HS512. Text counts as its UTF-8 bytes. */
  readonly secret?:
    | {
        readonly base64url: string;
      }
    | Jwk
    | string;
}
/**
 * A key file is one JSON document: `createTokenIssuer({ ...JSON.parse(text), … })`. A file made with `--signing-only` or
 * `--refresh-only` has one of the two lists.
 */
interface KeyRing {
  /** Keys for access tokens. */
  readonly keys?: readonly KeyEntry[];
  /** Keys for refresh tokens. */
  readonly refreshKeys?: readonly KeyEntry[];
}

export { main };
export type { CommandIo, FileSystem, KeyEntry, KeyRing };
