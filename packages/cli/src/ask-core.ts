// Whether core accepts a key ring. Core reads and checks the keys; nothing here repeats its rules.

import { randomBytes } from 'node:crypto';

import { createTokenIssuer, createTokenVerifier } from '@tokenpair/core';

import { Refusal } from './command-io.js';
import type { ListName, UncheckedRing } from './key-ring.js';

/**
 * Builds an issuer with the ring, or a verifier if the ring has public keys only.
 *
 * @param lists - the lists that must be there.
 * @returns core's sentence about what is wrong, without key material; `undefined` if core accepts the ring.
 */
export function askCore(ring: UncheckedRing, lists: readonly ListName[]): string | undefined {
  // What an application passes: the members of the parsed JSON.
  const members = JSON.parse(JSON.stringify(ring));
  const names = { issuer: 'https://cli.invalid', audience: 'https://cli.invalid' };
  const required = Object.fromEntries(lists.map((list) => [list, undefined]));
  try {
    if (isPublic(ring)) createTokenVerifier({ ...members, ...names });
    else {
      const options = { ...standIns, ...required, ...members, ...names, store };
      // One list at a time: that they share a secret is a finding of doctor's own, which says where.
      createTokenIssuer({ ...options, refreshKeys: standIns.refreshKeys });
      createTokenIssuer({ ...options, keys: standIns.keys });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) return 'an unexpected error';
    return withoutTexts(error.message, members).replace(/\.$/, '');
  }
}

/** For a list that a ring may leave out. */
const standIns = {
  keys: [{ algorithm: 'HS256', kid: '1', secret: randomBytes(32) }],
  refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
};

/** An issuer needs one, but it is never asked. */
const store = Object.fromEntries(
  ['create', 'get', 'swap', 'confirm', 'revoke', 'revokeOwner', 'list', 'raise'].map((name) => [
    name,
    () => {},
  ]),
);

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

export function allHave(keys: unknown, member: string): keys is readonly object[] {
  return Array.isArray(keys) && keys.every((key) => Object.hasOwn(key ?? {}, member));
}

/**
 * Core's messages have no key material, but may quote the name of an unknown member or a `kid`. On the wrong line, that
 * is a secret. The names of options have at most 11 characters.
 */
function withoutTexts(message: string, members: unknown): string {
  const texts: string[] = [];
  JSON.stringify(members, (name, value: unknown) => {
    texts.push(name);
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  const long = texts.filter(({ length }) => length >= 12).toSorted((a, b) => b.length - a.length);
  // Core shortens what it quotes to 40 characters.
  return long.reduce((clean, text) => clean.replaceAll(text.slice(0, 40), '…'), message);
}
