import * as nodeFs from 'node:fs';
import { KeyState, Algorithm, Jwk } from '@tokenpair/core';

/** The calls of `node:fs` that the commands make. */
type FileSystem = Pick<
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
interface CommandIo {
  /** Takes what goes to standard output. Keys are written here only by `keygen`, without `--out`. */
  out(text: string): void;
  /** Takes what goes to standard error: sentences for people. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, as `Date.now` gives. */
  now(): number;
  readonly files: FileSystem;
}

/**
 * Runs the command `tokenpair` without a process of its own.
 *
 * @param argv - the words after `tokenpair`, the first being `keygen` or `doctor`.
 * @returns the exit code: 0 done or fine; 1 refused, or `doctor` has found something; 2 for a wrong command line, or
 * nothing that can be read. What went wrong is a sentence on `io.err`.
 * @throws TypeError `io` lacks a member or has an unknown one; nothing else is thrown.
 */
declare function main(argv: readonly string[], io: CommandIo): number;

interface StatedKey {
  readonly kid: string;
  readonly state: KeyState;
  /** Since when the key has been in this state: ISO 8601, in UTC. */
  readonly since: string;
}
/** A key for access tokens, as `createTokenIssuer` takes it in `keys`. */
interface SigningKeyEntry extends StatedKey {
  readonly algorithm: Algorithm;
  /** A JWK or PEM text; asymmetric algorithms only. */
  readonly privateKey?: Jwk | string;
  /** In place of `privateKey` where a key only verifies. */
  readonly publicKey?: Jwk | string;
  /** HS256, HS384 and HS512 only. */
  readonly secret?: SecretEntry;
}
/** A key for refresh tokens, as `createTokenIssuer` takes it in `refreshKeys`. */
interface RefreshKeyEntry extends StatedKey {
  readonly secret: SecretEntry;
}
/** The bytes of a secret; text is taken as its UTF-8 bytes. */
type SecretEntry =
  | {
      readonly base64url: string;
    }
  | Jwk
  | string;
/**
 * A key file: one JSON document. `createTokenIssuer({ ...JSON.parse(text), … })` takes it as it stands. One of the two
 * lists may be missing, from a file that was made with `--signing-only` or `--refresh-only`.
 */
interface KeyRing {
  readonly keys?: readonly SigningKeyEntry[];
  readonly refreshKeys?: readonly RefreshKeyEntry[];
}

export { main };
export type { CommandIo, FileSystem, KeyRing, RefreshKeyEntry, SecretEntry, SigningKeyEntry };
