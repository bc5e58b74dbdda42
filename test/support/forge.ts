// Makes tokens that no issuer would write: with any header, payload, key and encoding.

import { constants, createHmac, sign, type KeyObject } from 'node:crypto';

import type { Algorithm } from '@tokenpair/core';

/** Text and bytes are used unchanged; another value is written as JSON. */
type Part = unknown;

export type Signer = (signingInput: string) => Buffer;

export interface Forgery {
  readonly header: Part;
  readonly payload: Part;
  readonly signer: Signer;
}

/** A compact JWS of three base64url segments. */
export function forge({ header, payload, signer }: Forgery): string {
  const signingInput = `${encode(header)}.${encode(payload)}`;
  return `${signingInput}.${signer(signingInput).toString('base64url')}`;
}

/** Signs with an algorithm and any key that node:crypto accepts: the text of a public key as an HMAC secret, for example. */
export function signerFor(algorithm: Algorithm, key: KeyObject | string | Uint8Array): Signer {
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('HS')) {
    return (input) => createHmac(hash, key).update(input).digest();
  }
  const privateKey = key as KeyObject;
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    return (input) => sign(null, Buffer.from(input), privateKey);
  }
  return (input) =>
    sign(hash, Buffer.from(input), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
      ...(algorithm.startsWith('PS') && {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
    });
}

/** A token with one of its three segments replaced. */
export function replaceSegment(
  token: string,
  index: number,
  change: (text: string) => string,
): string {
  return token
    .split('.')
    .map((segment, at) => (at === index ? change(segment) : segment))
    .join('.');
}

export function encode(part: Part): string {
  const isRaw = typeof part === 'string' || part instanceof Uint8Array;
  return Buffer.from(isRaw ? part : JSON.stringify(part)).toString('base64url');
}
