// Whether core accepts a key ring. Core reads and checks the keys; nothing here repeats its rules.

import { createTokenIssuer, createTokenVerifier, type TokenIssuerOptions } from '@tokenpair/core';

import type { ListName, UncheckedRing } from './key-ring.js';
import { makeRefreshKey, makeSigningKey } from './make-key.js';
import { Refusal } from './refusal.js';

/**
 * Builds an issuer with the ring, or a verifier if the ring has public keys only.
 *
 * @param lists - lists that must be there; another one may be missing.
 * @returns core's sentence about what is wrong, without key material; `undefined` if core accepts the ring.
 */
export function askCore(ring: UncheckedRing, lists: readonly ListName[]): string | undefined {
  // What an application passes: the members of the parsed JSON.
  const members = JSON.parse(JSON.stringify(ring));
  const names = { issuer: 'https://cli.invalid', audience: 'https://cli.invalid' };
  try {
    if (isPublic(ring)) createTokenVerifier({ ...members, ...names });
    else createTokenIssuer({ ...standIns(lists), ...members, ...names, store });
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) return 'an unexpected error';
    return withoutTexts(error.message, members).replace(/\.$/, '');
  }
}

/** @throws Refusal if core does not accept the ring, so that it is never written. */
export function requireAcceptable(ring: UncheckedRing): void {
  const problem = askCore(ring, []);
  if (problem === undefined) return;
  throw new Refusal(`Nothing was written. Core refuses the keys: ${problem}.`);
}

/** Whether the ring is that of a service that only verifies, with no secret in it. */
export function isPublic({ keys, refreshKeys }: UncheckedRing): boolean {
  return refreshKeys === undefined && allHave(keys, 'publicKey');
}

export function allHave(keys: unknown, member: string): boolean {
  return (
    Array.isArray(keys) && keys.every((key: object | null) => Object.hasOwn(key ?? {}, member))
  );
}

function standIns(lists: readonly ListName[]): object {
  const key = { algorithm: 'HS256', state: 'current', now: 0, bits: 0, kid: '1' } as const;
  return {
    ...(!lists.includes('keys') && { keys: [makeSigningKey(key)] }),
    ...(!lists.includes('refreshKeys') && { refreshKeys: [makeRefreshKey('1', 'current', 0)] }),
  };
}

/**
 * Core's messages have no key material, but may quote the name of an unknown member or a `kid`. On the wrong line, that
 * is a secret. The names of options have at most 11 characters.
 */
function withoutTexts(message: string, members: unknown): string {
  const texts = new Set<string>();
  JSON.stringify(members, (name, value: unknown) => {
    texts.add(name);
    if (typeof value === 'string') texts.add(value);
    return value;
  });
  const long = [...texts]
    .filter((text) => text.length >= 12)
    .toSorted((a, b) => b.length - a.length);
  // Core shortens what it quotes to 40 characters.
  return long.reduce((clean, text) => clean.replaceAll(text.slice(0, 40), '…'), message);
}

const unused = (): Promise<never> => Promise.reject(new Error('this store is never used'));

const store: TokenIssuerOptions['store'] = {
  create: unused,
  rotate: unused,
  get: unused,
  revoke: unused,
  revokeSubject: unused,
  list: unused,
};
