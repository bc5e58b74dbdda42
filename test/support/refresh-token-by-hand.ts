// Implements the format of refresh tokens a second time, with node:crypto only, so that tests can make tokens that the package
// would never make.

import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

import { issuerName } from './issuer.js';

export interface RefreshTokenParts {
  readonly version: number;
  /** The byte that names the key: its ID in the high four bits, the complement of the ID in the low four bits. */
  readonly keyByte: number;
  /** Bit 0: the session has a client. */
  readonly flags: number;
  readonly sessionId: Buffer;
  readonly generation: number;
  readonly secret: Buffer;
  /** The secret of the predecessor; zeros in generation 1. */
  readonly parentSecret: Buffer;
}

/** The length of a refresh token in characters, and of its bytes. */
export const tokenLength = 116;
export const tokenBytes = 84;
/** How many bytes the tag is computed over. */
export const headBytes = 68;

export const noSecret = Buffer.alloc(16);

export function readByHand(token: string): RefreshTokenParts & { readonly tag: Buffer } {
  const bytes = Buffer.from(token.slice('tpr_'.length), 'base64url');
  return {
    version: bytes.readUInt8(0),
    keyByte: bytes.readUInt8(1),
    flags: bytes.readUInt16BE(2),
    sessionId: bytes.subarray(4, 32),
    generation: bytes.readUInt32BE(32),
    secret: bytes.subarray(36, 52),
    parentSecret: bytes.subarray(52, 68),
    tag: bytes.subarray(68),
  };
}

/** Seals any parts with a refresh key's secret. The tag is valid for any parts. */
export function sealByHand(
  keySecret: Uint8Array,
  parts: RefreshTokenParts,
  issuer = issuerName,
): string {
  const flags = Buffer.alloc(2);
  flags.writeUInt16BE(parts.flags);
  const generation = Buffer.alloc(4);
  generation.writeUInt32BE(parts.generation);
  const head = Buffer.concat([
    Buffer.from([parts.version, parts.keyByte]),
    flags,
    parts.sessionId,
    generation,
    parts.secret,
    parts.parentSecret,
  ]);
  return spell(Buffer.concat([head, tagByHand(keySecret, head, issuer)]));
}

/** Makes the token of an attacker who has the server's key and a session ID, but not the secret of the session. */
export function forgeByHand(
  key: { readonly kid: string; readonly secret: Uint8Array },
  sessionId: string,
  generation: number,
): string {
  return sealByHand(key.secret, {
    version: 1,
    keyByte: keyByteOf(Number(key.kid)),
    flags: 0,
    sessionId: Buffer.from(sessionId, 'base64url'),
    generation,
    secret: randomBytes(16),
    parentSecret: generation === 1 ? noSecret : randomBytes(16),
  });
}

export function keyByteOf(id: number): number {
  return id * 16 + (15 - id);
}

export function spell(bytes: Buffer): string {
  return `tpr_${bytes.toString('base64url')}`;
}

export function tagByHand(keySecret: Uint8Array, head: Buffer, issuer = issuerName): Buffer {
  const key = derivedKey(keySecret, 'mac', issuer);
  return createHmac('sha256', key).update(head).digest().subarray(0, 16);
}

export function successorSecretByHand(
  keySecret: Uint8Array,
  { sessionId, secret }: RefreshTokenParts,
  generation: number,
): Buffer {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(generation);
  const key = derivedKey(keySecret, 'ratchet', issuerName);
  const text = Buffer.concat([sessionId, counter, secret]);
  return createHmac('sha256', key).update(text).digest().subarray(0, 16);
}

/** The parts of the successor that one rotation makes. */
export function successorByHand(
  keySecret: Uint8Array,
  parts: RefreshTokenParts,
  generation = parts.generation + 1,
): RefreshTokenParts {
  const secret = successorSecretByHand(keySecret, parts, generation);
  return { ...parts, generation, secret, parentSecret: parts.secret };
}

export function hashByHand(secret: Buffer): string {
  return createHash('sha256').update(secret).digest().subarray(0, 16).toString('base64url');
}

/** The label includes the name of the issuer. */
export function derivedKey(keySecret: Uint8Array, use: string, issuer: string): Buffer {
  const label = `tokenpair/refresh/${use}/v1 ${createHash('sha256').update(issuer).digest('base64url')}`;
  return Buffer.from(hkdfSync('sha256', keySecret, Buffer.alloc(0), Buffer.from(label), 32));
}
