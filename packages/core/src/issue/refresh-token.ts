// The format of a refresh token. No other file knows it.
//
//   bytes    version(1) key ID(1) session ID(28) generation(4) secret(16) tag(16)      base64url, after the prefix
//   tag      first 16 bytes of HMAC-SHA256 under the mac key over everything before the tag
//   secret   generation 1: 16 random bytes
//            generation g+1: first 16 bytes of HMAC-SHA256 under the ratchet key over session ID | g+1 | secret of g
//
// So every caller with the same predecessor gets the same successor, byte for byte, and neither a copy of the store nor a
// key is enough to make a token.

import { createHmac, hash, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';

import { decodeBase64url } from '../lib/base64url.js';
import { mintSessionId } from '../store/session-id.js';
import type { RefreshKey, RefreshKeys } from './refresh-keys.js';

/** Secret scanners look for it. */
const prefix = 'tpr_';

/** A refresh token that this issuer has made, and what the store may know of it. */
export interface SealedRefreshToken {
  readonly token: string;
  readonly sessionId: string;
  readonly generation: number;
  readonly secretHash: string;
  readonly keyId: number;
}

/** A refresh token that a client has sent. */
export interface PresentedRefreshToken extends SealedRefreshToken {
  /**
   * Whether the tag was checked and is right. False when the key that sealed the token is no longer among the keys: then
   * only the secret can show that this issuer made it.
   */
  readonly sealed: boolean;
  /** What a successor is derived from. It never leaves this process. */
  readonly secret: Buffer;
}

/** The highest generation that four bytes can count; no session lives that long. */
export const lastGeneration = 0xff_ff_ff_ff;

const version = 1;
const layout = { keyId: 1, sessionId: 2, generation: 30, secret: 34, tag: 50, end: 66 } as const;
/** Of secret and tag, in bytes. */
const partLength = 16;
const textLength = prefix.length + (layout.end / 3) * 4;

/** Mints the first refresh token of a new session. */
export function mintRefreshToken(ring: RefreshKeys, owner: string): SealedRefreshToken {
  return seal(ring.active, mintSessionId(owner), 1, randomBytes(partLength));
}

/**
 * Opens a refresh token: checks its form, version, key ID and tag. Does not ask the store. `undefined` for everything that
 * this issuer did not seal: forged, truncated, altered or encoded differently.
 */
export function openRefreshToken(
  ring: RefreshKeys,
  token: unknown,
): PresentedRefreshToken | undefined {
  if (typeof token !== 'string') return undefined;
  if (token.length !== textLength || !token.startsWith(prefix)) return undefined;
  const bytes = decodeBase64url(token.slice(prefix.length));
  if (bytes?.[0] !== version) return undefined;
  const keyId = readKeyId(bytes.readUInt8(layout.keyId));
  const generation = bytes.readUInt32BE(layout.generation);
  if (keyId === undefined || generation === 0) return undefined;
  const key = ring.byId.get(keyId);
  const [head, tag] = [bytes.subarray(0, layout.tag), bytes.subarray(layout.tag)];
  if (key !== undefined && !timingSafeEqual(shortHmac(key.mac, head), tag)) return undefined;
  const secret = bytes.subarray(layout.secret, layout.tag);
  return {
    token,
    sessionId: bytes.toString('base64url', layout.sessionId, layout.generation),
    generation,
    secretHash: hashSecret(secret),
    keyId,
    sealed: key !== undefined,
    secret,
  };
}

/** Derives the refresh token of a later generation from the presented one. Its hash tells whether it is the current one. */
export function deriveSuccessor(
  key: RefreshKey,
  presented: PresentedRefreshToken,
  generation: number,
): SealedRefreshToken {
  const sessionId = Buffer.from(presented.sessionId, 'base64url');
  let { secret } = presented;
  for (let next = presented.generation + 1; next <= generation; next++) {
    secret = shortHmac(key.ratchet, sessionId, uint32(next), secret);
  }
  return seal(key, sessionId, generation, secret);
}

function seal(
  key: RefreshKey,
  sessionId: Buffer,
  generation: number,
  secret: Buffer,
): SealedRefreshToken {
  const start = Buffer.from([version, writeKeyId(key.id)]);
  const head = Buffer.concat([start, sessionId, uint32(generation), secret]);
  const bytes = Buffer.concat([head, shortHmac(key.mac, head)]);
  return {
    token: prefix + bytes.toString('base64url'),
    sessionId: sessionId.toString('base64url'),
    generation,
    secretHash: hashSecret(secret),
    keyId: key.id,
  };
}

function shortHmac(key: KeyObject, ...parts: readonly Buffer[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest().subarray(0, partLength);
}

// The tag of a token under a removed key cannot be checked, so the token has to be looked up in the store. With the
// complement beside the ID, no single wrong bit or character turns another token into one of those.
function writeKeyId(id: number): number {
  return (id << 4) | (~id & 0x0f);
}

function readKeyId(byte: number): number | undefined {
  const id = byte >> 4;
  return id > 0 && byte === writeKeyId(id) ? id : undefined;
}

function hashSecret(secret: Buffer): string {
  return hash('sha256', secret, 'base64url');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
