// algorithms.d.ts
import type { Algorithm } from '@tokenpair/core';
export type KeyKind = {
    readonly type: 'secret';
    readonly bytes: number;
} | {
    readonly type: 'rsa';
} | {
    readonly type: 'ec';
    readonly curve: string;
    readonly nodeCurve: string;
} | {
    readonly type: 'ed25519';
};
export declare const algorithmNames: readonly string[];
export declare function isAlgorithm(name: unknown): name is Algorithm;
export declare function kindOf(algorithm: Algorithm): KeyKind;

// bin.d.ts
#!/usr/bin/env node
export {};

// change-keys.d.ts
import type { CommandIo } from './command-io.js';
import { type GivenOptions } from './command-line.js';
export declare function changeKeys(given: GivenOptions, io: CommandIo): void;

// checks/core.d.ts
import type { KeyRing } from '../key-ring.js';
/** Answers what core has against it, as its own sentence, or `undefined`. */
export declare function whatCoreRefuses({ keys, refreshKeys }: KeyRing): string | undefined;
export declare function requireAcceptable(ring: KeyRing): void;

// checks/diagnose.d.ts
import type { KeyRing } from '../key-ring.js';
import type { Lifetimes } from '../lifetimes.js';
import { type Finding } from './finding.js';
export interface Circumstances {
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly lifetimes: Lifetimes;
    /** The lists that there should be. */
    readonly lists: readonly (keyof KeyRing)[];
}
/** Names what is weak or missing in a ring; no finding has key material in it. */
export declare function diagnose(ring: unknown, { now, lifetimes, lists }: Circumstances): Finding[];

// checks/finding.d.ts
/**
 * `error`: core refuses it, or whoever knows of it can make tokens. `warning`: it works today and will hurt.
 * `hint`: advice, and no reason to fail.
 */
export type Severity = 'error' | 'warning' | 'hint';
/** Every fault that is looked for, named for programs. */
export type FindingCode = 'file_open_to_all' | 'file_open_to_group' | 'variable_quoted' | 'not_json' | 'not_a_ring' | 'keys_missing' | 'refresh_keys_missing' | 'member_unknown' | 'kid_unusable' | 'kid_twice' | 'algorithm_unknown' | 'state_unknown' | 'since_unusable' | 'no_current' | 'several_current' | 'several_next' | 'material_missing' | 'material_ambiguous' | 'material_misplaced' | 'key_unreadable' | 'private_key_exposed' | 'public_key_given' | 'cannot_sign' | 'key_unfit' | 'rsa_short' | 'halves_differ' | 'secret_short' | 'secret_is_key' | 'secret_guessable' | 'secret_shared' | 'key_twice' | 'refused_by_core' | 'no_next' | 'retiring_over' | 'key_old' | 'secret_verifies';
export interface Finding {
    readonly code: FindingCode;
    readonly severity: Severity;
    /** A list, a key or a variable, by its place. */
    readonly where: string;
    /** What is wrong, without a byte of the key. */
    readonly problem: string;
    readonly advice: string;
}
export declare function finding(code: FindingCode, where: string, problem: string, advice: string): Finding;
/** A key by its place, and by its `kid` where that is one that can be shown. */
export declare function placeOf(list: string, index: number, key: unknown): string;

// checks/material.d.ts
import { type KeyObject } from 'node:crypto';
export type Material = {
    readonly type: 'private';
    readonly key: KeyObject;
    /** As it is written beside the private part, or derived from it where nothing is. */
    readonly publicKey: KeyObject;
} | {
    readonly type: 'public';
    readonly key: KeyObject;
} | {
    readonly type: 'secret';
    readonly bytes: Buffer;
};
/** Reads what `privateKey` or `publicKey` holds, whichever of the two it is; `undefined` for what cannot be read. */
export declare function readKey(value: unknown): Material | undefined;
/** Reads what `secret` holds; `undefined` for what cannot be read. */
export declare function readSecret(value: unknown): Material | undefined;

// checks/shape.d.ts
import { type KeyRing } from '../key-ring.js';
import { type Finding } from './finding.js';
/** Answers nothing for a {@link KeyRing}, and only for one: see {@link isRing}. */
export declare function checkShape(ring: unknown): Finding[];
/** Whether {@link checkShape} had nothing to say. */
export declare function isRing(_ring: unknown, shapeFindings: readonly Finding[]): _ring is KeyRing;

// checks/strength.d.ts
import type { KeyRing } from '../key-ring.js';
import { type Finding } from './finding.js';
export declare function checkStrength({ keys, refreshKeys }: KeyRing): Finding[];

// checks/upkeep.d.ts
import type { KeyRing } from '../key-ring.js';
import { type Lifetimes } from '../lifetimes.js';
import { type Finding } from './finding.js';
/** @param now - milliseconds since the epoch. */
export declare function checkUpkeep({ keys, refreshKeys }: KeyRing, now: number, lifetimes: Lifetimes): Finding[];

// checks/weak-secret.d.ts
/** Says how it looks, or `undefined` for bytes such as a generator of random numbers gives, in whatever encoding. */
export declare function looksThoughtUp(secret: Uint8Array): string | undefined;

// command-io.d.ts
import type * as nodeFs from 'node:fs';
/** The calls of `node:fs` that the commands make. */
export type FileSystem = Pick<typeof nodeFs, 'closeSync' | 'fchmodSync' | 'fchownSync' | 'fsyncSync' | 'openSync' | 'readFileSync' | 'realpathSync' | 'renameSync' | 'statSync' | 'unlinkSync' | 'writeFileSync'>;
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
/** @throws TypeError naming a member that is missing or unknown. */
export declare function requireIo(io: CommandIo): void;

// command-line.d.ts
import { type Lifetimes } from './lifetimes.js';
/** Ends a command for what was typed. */
export declare function refuseUsage(sentence: string): never;
/** Which option takes a value, and which is a switch. */
export type OptionTypes = Readonly<Record<string, 'string' | 'boolean'>>;
export interface GivenOptions {
    /** The value of an option; `undefined` when it was not given. */
    readonly text: (name: string) => string | undefined;
    readonly has: (name: string) => boolean;
}
/** @throws Refusal (exit code 2) for anything that the command does not take. */
export declare function readOptions(command: string, argv: readonly string[], types: OptionTypes): GivenOptions;
/** The options by which {@link readLifetimes} is told how processes are configured. */
export declare const lifetimeOptions: OptionTypes;
export declare const lifetimeHelp = "  --access-token-lifetime DURATION   accessTokenLifetime of the issuer, by default 5m\n  --absolute-lifetime DURATION       absoluteLifetime of its sessions, by default 90d\n  --settle DURATION                  how long until every process has loaded a changed file, by default 10m";
export declare function readLifetimes({ text }: GivenOptions): Lifetimes;
/** Which of the two lists a command is about: both, unless one was named. */
export declare function readLists({ has }: GivenOptions): readonly ('keys' | 'refreshKeys')[];

// doctor.d.ts
import type { CommandIo } from './command-io.js';
export declare function doctor(argv: readonly string[], io: CommandIo): number;

// env-lines.d.ts
import { type Finding } from './checks/finding.js';
import type { KeyRing } from './key-ring.js';
/** Lines for a `.env` file. In single quotes nothing is expanded, by a shell, dotenv or Node. */
export declare function toEnvLines(ring: KeyRing): string;
/** What the variables hold, and what kept one of them from being read. */
export interface EnvReading {
    readonly ring: Partial<Record<keyof KeyRing, unknown>>;
    readonly findings: readonly Finding[];
}
/** Answers `undefined` when neither variable is there. */
export declare function readEnv(env: Readonly<Record<string, string | undefined>>): EnvReading | undefined;
/** Reads the text of a `.env` file; `undefined` when neither variable is in it. */
export declare function readEnvText(text: string): EnvReading | undefined;
/**
 * Puts a ring in the place of the one in the text of a `.env` file; every other line stays as it is.
 *
 * @throws Refusal when the variables are written in a way that cannot be replaced line by line.
 */
export declare function replaceEnvLines(text: string, ring: KeyRing): string;

// index.d.ts
export { main } from './main.js';
export type { CommandIo, FileSystem } from './command-io.js';
export type { KeyRing, RefreshKeyEntry, SecretEntry, SigningKeyEntry } from './key-ring.js';

// key-ring.d.ts
import type { Algorithm, Jwk, KeyState } from '@tokenpair/core';
export declare const keyStates: readonly KeyState[];
interface StatedKey {
    readonly kid: string;
    readonly state: KeyState;
    /** Since when the key has been in this state: ISO 8601, in UTC. */
    readonly since: string;
}
/** A key for access tokens, as `createTokenIssuer` takes it in `keys`. */
export interface SigningKeyEntry extends StatedKey {
    readonly algorithm: Algorithm;
    /** A JWK or PEM text; asymmetric algorithms only. */
    readonly privateKey?: Jwk | string;
    /** In place of `privateKey` where a key only verifies. */
    readonly publicKey?: Jwk | string;
    /** HS256, HS384 and HS512 only. */
    readonly secret?: SecretEntry;
}
/** A key for refresh tokens, as `createTokenIssuer` takes it in `refreshKeys`. */
export interface RefreshKeyEntry extends StatedKey {
    readonly secret: SecretEntry;
}
/** The bytes of a secret; text is taken as its UTF-8 bytes. */
export type SecretEntry = {
    readonly base64url: string;
} | Jwk | string;
/**
 * A key file: one JSON document. `createTokenIssuer({ ...JSON.parse(text), … })` takes it as it stands. One of the two
 * lists may be missing, from a file that was made with `--signing-only` or `--refresh-only`.
 */
export interface KeyRing {
    readonly keys?: readonly SigningKeyEntry[];
    readonly refreshKeys?: readonly RefreshKeyEntry[];
}
/** The current key first, so that a reader who knows no states takes the right one; the oldest last. */
export declare function inOrder<Key extends StatedKey>(keys: readonly Key[]): Key[];
export {};

// keygen-options.d.ts
import type { Algorithm } from '@tokenpair/core';
import { type GivenOptions } from './command-line.js';
import type { KeyRing } from './key-ring.js';
/** What was asked of the signing key that is made. */
export interface Wishes {
    readonly algorithm: Algorithm | undefined;
    readonly kid: string | undefined;
    readonly bits: number | undefined;
}
export declare function readWishes(given: GivenOptions, lists: readonly (keyof KeyRing)[]): Wishes;
export declare function readFormat({ text }: GivenOptions, out: string | undefined): 'env' | 'jwk';

// keygen.d.ts
import type { CommandIo } from './command-io.js';
export declare function keygen(argv: readonly string[], io: CommandIo): number;

// lifetimes.d.ts
import type { KeyRing } from './key-ring.js';
/** In seconds, as the processes that use the keys are configured. */
export interface Lifetimes {
    /** How long until every process has loaded a changed file, and whoever keeps the key set has asked again. */
    readonly settle: number;
    readonly accessToken: number;
    /** Of a session, however often it is refreshed. */
    readonly absolute: number;
}
/** As core has them, and `settle` as long as its key set may be kept. */
export declare const defaultLifetimes: Lifetimes;
/**
 * When the last token under a retiring key is over, in milliseconds: the last process has used it until `settle` after
 * its retirement, and that token is good for one lifetime more.
 */
export declare function neededUntil(list: keyof KeyRing, { since }: {
    readonly since: string;
}, { settle, accessToken, absolute }: Lifetimes): number;
/** From when on a key in state next is everywhere, so that it may be used, in milliseconds. */
export declare function knownFrom({ since }: {
    readonly since: string;
}, { settle }: Pick<Lifetimes, 'settle'>): number;

// main.d.ts
import { type CommandIo } from './command-io.js';
/**
 * Runs the command `tokenpair` without a process of its own.
 *
 * @param argv - the words after `tokenpair`, the first being `keygen` or `doctor`.
 * @returns the exit code: 0 done or fine; 1 refused, or `doctor` has found something; 2 for a wrong command line, or
 * nothing that can be read. What went wrong is a sentence on `io.err`.
 * @throws TypeError `io` lacks a member or has an unknown one; nothing else is thrown.
 */
export declare function main(argv: readonly string[], io: CommandIo): number;

// make-key.d.ts
import { type Algorithm, type KeyState } from '@tokenpair/core';
import type { RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';
export interface SigningKeyWish {
    readonly algorithm: Algorithm;
    readonly state: KeyState;
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Of an RSA key; others have the one size that their algorithm names. */
    readonly bits: number;
    /** Left out, the key is named by its thumbprint, as core would name it. RFC 7638 */
    readonly kid: string | undefined;
}
export declare function makeSigningKey({ algorithm, state, now, bits, kid, }: SigningKeyWish): SigningKeyEntry;
export declare function makeRefreshKey(kid: string, state: KeyState, now: number): RefreshKeyEntry;

// make-keys.d.ts
import type { CommandIo } from './command-io.js';
import { type GivenOptions } from './command-line.js';
export declare function makeKeys(given: GivenOptions, io: CommandIo): void;

// prune.d.ts
import type { KeyRing, RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';
import { type Lifetimes } from './lifetimes.js';
export interface Pruning<Key> {
    readonly keys: readonly Key[];
    readonly removed: readonly Key[];
}
/** @param now - milliseconds since the epoch. */
export declare function prune<Key extends SigningKeyEntry | RefreshKeyEntry>(list: keyof KeyRing, keys: readonly Key[], now: number, lifetimes: Lifetimes): Pruning<Key>;

// refusal.d.ts
/** The command could not, or would not. Its message is a sentence for people, without key material. */
export declare class Refusal extends Error {
    /** 1: refused, nothing was changed. 2: the command line is wrong, or there is nothing that can be read. */
    readonly exitCode: 1 | 2;
    constructor(sentence: string, exitCode?: 1 | 2);
}
/** What Node calls an error; not by its class, of which there is one a realm. */
export declare function codeOf(error: unknown): string | undefined;

// ring-text.d.ts
import { type EnvReading } from './env-lines.js';
import type { KeyRing } from './key-ring.js';
export declare function toKeyFile(ring: KeyRing): string;
/** What a text holds, before anything is checked. */
export interface RingText {
    readonly format: 'jwk' | 'env';
    readonly ring: unknown;
    readonly findings: EnvReading['findings'];
}
/** @throws Refusal (exit code 2) when the text is of neither kind. */
export declare function parseRingText(path: string, text: string): RingText;
/**
 * A ring that is safe to change, and how it is put back.
 *
 * @throws Refusal when it is not in the shape in which keygen leaves it.
 */
export declare function readRing(path: string, text: string): {
    readonly ring: KeyRing;
    readonly write: (ring: KeyRing) => string;
};

// rotate.d.ts
import { type RefreshKeyEntry, type SigningKeyEntry } from './key-ring.js';
type AnyKey = SigningKeyEntry | RefreshKeyEntry;
export interface Rotation<Key extends AnyKey> {
    readonly keys: readonly Key[];
    /** `published`: there was no next key, so the current one stays for this time. */
    readonly step: 'published' | 'switched';
    readonly current: Key;
    readonly next: Key;
}
/** Once every process has a key, it may be used; that is why a rotation takes two steps. */
export interface RotationTime {
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Seconds until every process has loaded a file; 0 when that is not to be waited for. */
    readonly settle: number;
}
/**
 * One step in the life of a list of keys.
 *
 * @param makeNext - makes the key that will be used after the coming one, and is told the key that it follows.
 * @throws Refusal when the next key was made so lately that some process may not know it.
 */
export declare function rotate<Key extends AnyKey>(keys: readonly Key[], { now, settle }: RotationTime, makeNext: (before: Key) => Key): Rotation<Key>;
/**
 * The id for one more refresh key. They are given in turn, so that an id that somebody took out by hand comes last: under
 * another key the tokens that still bear it would be refused.
 *
 * @throws Refusal when all 15 are taken.
 */
export declare function nextRefreshId(keys: readonly RefreshKeyEntry[], before: RefreshKeyEntry | undefined): string;
/** An instant as people and programs read it, to the second. */
export declare function isoTime(time: number): string;
export {};

// write-file.d.ts
import type { FileSystem } from './command-io.js';
export declare const ownerOnly = 384;
/** Reads a text file. @throws Refusal (exit code 2) saying why it cannot be read. */
export declare function readText(files: FileSystem, path: string): string;
/** Makes a file with mode 0600. @throws Refusal when there is one already, and when it cannot be written. */
export declare function createFile(files: FileSystem, path: string, text: string): void;
/**
 * Puts what `change` makes of a file in its place, in one step: whoever reads the file, and whatever happens meanwhile,
 * sees all of the old text or all of the new one. The owner stays, and the mode unless another is given.
 *
 * The new text is written to `<path>.lock` first, which only one process can make: of two changes at once one is
 * refused. So is one that finds the file edited under its hands.
 *
 * @throws Refusal when it cannot be done; then the file is as it was. What `change` throws is passed on, likewise.
 */
export declare function changeFile(files: FileSystem, path: string, change: (text: string) => string, { mode }?: {
    readonly mode?: number;
}): void;
