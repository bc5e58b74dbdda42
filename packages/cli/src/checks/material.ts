// What is in a key, read as core reads it.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export type Material =
  | {
      readonly type: 'private';
      readonly key: KeyObject;
      /** As it is written beside the private part, or derived from it where nothing is. */
      readonly publicKey: KeyObject;
    }
  | { readonly type: 'public'; readonly key: KeyObject }
  | { readonly type: 'secret'; readonly bytes: Buffer };

/** Reads what `privateKey` or `publicKey` holds, whichever of the two it is; `undefined` for what cannot be read. */
export function readKey(value: unknown): Material | undefined {
  try {
    if (typeof value === 'string') return readPem(value);
    return typeof value === 'object' && value !== null ? readJwk({ ...value }) : undefined;
  } catch {
    // Node's error may describe the key.
    return undefined;
  }
}

/** Reads what `secret` holds; `undefined` for what cannot be read. */
export function readSecret(value: unknown): Material | undefined {
  if (typeof value === 'string') return { type: 'secret', bytes: Buffer.from(value, 'utf8') };
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown =
    'base64url' in value
      ? value.base64url
      : 'kty' in value && value.kty === 'oct' && 'k' in value
        ? value.k
        : undefined;
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? { type: 'secret', bytes } : undefined;
}

function readPem(pem: string): Material {
  if (!pem.includes('PRIVATE KEY-----')) return { type: 'public', key: createPublicKey(pem) };
  const key = createPrivateKey(pem);
  return { type: 'private', key, publicKey: createPublicKey(key) };
}

function readJwk(jwk: Record<string, unknown>): Material {
  const { d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest } = jwk;
  const publicKey = createPublicKey({ key: rest, format: 'jwk' });
  if (d === undefined) return { type: 'public', key: publicKey };
  return { type: 'private', key: createPrivateKey({ key: jwk, format: 'jwk' }), publicKey };
}
