// The shape that everything here reads and writes: the options `keys` and `refreshKeys` of an issuer, as JSON.

import type { Algorithm, Jwk, KeyState } from '@tokenpair/core';

export const keyStates: readonly KeyState[] = ['current', 'next', 'retiring'];

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
export type SecretEntry = { readonly base64url: string } | Jwk | string;

/**
 * A key file: one JSON document. `createTokenIssuer({ ...JSON.parse(text), … })` takes it as it stands. One of the two
 * lists may be missing, from a file that was made with `--signing-only` or `--refresh-only`.
 */
export interface KeyRing {
  readonly keys?: readonly SigningKeyEntry[];
  readonly refreshKeys?: readonly RefreshKeyEntry[];
}

/** The current key first, so that a reader who knows no states takes the right one; the oldest last. */
export function inOrder<Key extends StatedKey>(keys: readonly Key[]): Key[] {
  return keys.toSorted(
    (a, b) =>
      keyStates.indexOf(a.state) - keyStates.indexOf(b.state) ||
      Date.parse(b.since) - Date.parse(a.since),
  );
}
