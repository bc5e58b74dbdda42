// A key ring in JSON: the options `keys` and `refreshKeys` of `createTokenIssuer`, and how long its keys are needed.

import type { Algorithm, Jwk, KeyState } from '@tokenpair/core';

/** One key, as `keygen` writes it and `createTokenIssuer` takes it. */
export interface KeyEntry {
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
  readonly secret?: { readonly base64url: string } | Jwk | string;
}

/**
 * A key file is one JSON document: `createTokenIssuer({ ...JSON.parse(text), … })`. A file made with `--signing-only` or
 * `--refresh-only` has one of the two lists.
 */
export interface KeyRing {
  /** Keys for access tokens. */
  readonly keys?: readonly KeyEntry[];
  /** Keys for refresh tokens. */
  readonly refreshKeys?: readonly KeyEntry[];
}

export type ListName = keyof KeyRing;
export const listNames: readonly ListName[] = ['keys', 'refreshKeys'];

/** What JSON holds before core has read it. After that, `kid`, `state` and `since` may still be missing. */
export type UncheckedRing = Partial<Record<ListName, readonly Partial<KeyEntry>[]>>;

/** The keys of both lists. */
export function keysOf<Key>(
  ring: Readonly<Partial<Record<ListName, readonly Key[]>>>,
): { readonly list: ListName; readonly index: number; readonly key: Key }[] {
  return listNames.flatMap((list) =>
    (ring[list] ?? []).map((key, index) => ({ list, index, key })),
  );
}

/**
 * In seconds: `settle` is the time until every process and every cache of the key set has a changed file. Each list has the
 * time that a retiring key is needed: a process may use it until `settle`, and then its last token lives for one lifetime.
 */
export type Lifetimes = Readonly<Record<'settle' | ListName, number>>;

/** When a retiring key can be removed, in milliseconds. */
export function neededUntil(list: ListName, since: string, lifetimes: Lifetimes): number {
  return new Date(since).getTime() + lifetimes[list] * 1_000;
}

/** An instant as ISO 8601 text, to the second. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
