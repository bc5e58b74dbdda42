// On the login and refresh journeys: seal, open, derive. The only file that knows the format of a refresh token.
//
//   bytes    version(1) key id(1) session id(28) generation(4) secret(16) tag(16)      base64url behind the prefix
//   tag      HMAC-SHA256 over all before it, under the mac key of that key id, first 16 bytes
//            Mac key and ratchet key name the issuer.
//   secret   generation 1: 16 random bytes
//            generation g+1: HMAC-SHA256(ratchet key, session id | g+1 | secret presented), first 16 bytes
//
// Whoever presents the same predecessor therefore gets the same successor, byte for byte, and no copy of the store
// and no key alone makes a token.

import { timingSafeEqual } from 'node:crypto';

import { decodeBase64url } from '../lib/base64url.js';
import { sha256Text } from '../lib/digest.js';
import { randomBytes } from '../lib/random.js';
import { mintSessionId, sessionIdBytes } from '../store/session-id.js';
import type { RefreshKey, RefreshKeys } from './refresh-keys.js';

/** What every refresh token begins with; secret scanners look for it. */
const refreshTokenPrefix = 'tpr_';

/** A refresh token of some generation, ready to be handed out, and what the store may know of it. */
export interface SealedRefreshToken {
  readonly token: string;
  readonly sessionId: string;
  readonly generation: number;
  readonly secretHash: string;
  readonly keyId: number;
}

/** A refresh token as somebody sent it. */
export interface PresentedRefreshToken {
  /** As it came. */
  readonly token: string;
  readonly sessionId: string;
  readonly generation: number;
  readonly secretHash: string;
  /** Id of the refresh key that sealed it. */
  readonly keyId: number;
  /**
   * Whether the tag was checked and is good. False when the key that sealed the token has been retired: then only the
   * secret can show that it is one of ours.
   */
  readonly sealed: boolean;
  /** What a successor is derived from. Never leaves this process. */
  readonly secret: Buffer;
}

/** The last generation that four bytes can count; no session lives so long. */
export const lastGeneration = 0xff_ff_ff_ff;

const version = 1;
const layout = { keyId: 1, sessionId: 2, generation: 30, secret: 34, tag: 50, end: 66 } as const;
const secretLength = layout.tag - layout.secret;
const textLength = refreshTokenPrefix.length + (layout.end / 3) * 4;

/** Mints the first refresh token of a new session. */
export function mintRefreshToken(ring: RefreshKeys, owner: string): SealedRefreshToken {
  return seal(ring.active, mintSessionId(owner), 1, randomBytes(secretLength));
}

/**
 * Opens a refresh token: shape, version, key id, tag. The store is not asked.
 *
 * @returns `undefined` for whatever we did not seal: forged, cut short, altered or spelled in another way.
 */
export function openRefreshToken(
  ring: RefreshKeys,
  token: unknown,
): PresentedRefreshToken | undefined {
  if (typeof token !== 'string') return undefined;
  if (token.length !== textLength || !token.startsWith(refreshTokenPrefix)) return undefined;
  const bytes = decodeBase64url(token.slice(refreshTokenPrefix.length));
  if (bytes === undefined) return undefined;
  const keyId = readKeyId(bytes.readUInt8(layout.keyId));
  if (bytes[0] !== version || keyId === undefined) return undefined;
  const generation = bytes.readUInt32BE(layout.generation);
  if (generation === 0) return undefined;
  const key = ring.byId.get(keyId);
  if (key !== undefined && !hasGoodTag(key, bytes)) return undefined;
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

/**
 * The refresh token of a later generation, derived generation by generation from the presented one under one key. Whether it
 * is the current token of its session, its hash tells.
 */
export function deriveSuccessor(
  key: RefreshKey,
  presented: PresentedRefreshToken,
  generation: number,
): SealedRefreshToken {
  const sessionId = Buffer.from(presented.sessionId, 'base64url');
  let { secret } = presented;
  for (let next = presented.generation + 1; next <= generation; next++) {
    secret = key.ratchet(sessionId, uint32(next), secret).subarray(0, secretLength);
  }
  return seal(key, sessionId, generation, secret);
}

function seal(
  key: RefreshKey,
  sessionId: Buffer,
  generation: number,
  secret: Buffer,
): SealedRefreshToken {
  // Every byte is written below.
  const bytes = Buffer.allocUnsafe(layout.end);
  bytes[0] = version;
  bytes[layout.keyId] = writeKeyId(key.id);
  sessionId.copy(bytes, layout.sessionId, 0, sessionIdBytes);
  bytes.writeUInt32BE(generation, layout.generation);
  secret.copy(bytes, layout.secret);
  tagOf(key, bytes).copy(bytes, layout.tag);
  return {
    token: refreshTokenPrefix + bytes.toString('base64url'),
    sessionId: sessionId.toString('base64url'),
    generation,
    secretHash: hashSecret(secret),
    keyId: key.id,
  };
}

function hasGoodTag(key: RefreshKey, bytes: Buffer): boolean {
  return timingSafeEqual(tagOf(key, bytes), bytes.subarray(layout.tag));
}

function tagOf(key: RefreshKey, bytes: Buffer): Buffer {
  return key.mac(bytes.subarray(0, layout.tag)).subarray(0, layout.end - layout.tag);
}

// A token under a retired key has no tag that we could check, so it must be looked up. With the complement beside
// the id, no single wrong bit or character turns a token into one of those: damage still dies before the store.
function writeKeyId(id: number): number {
  return (id << 4) | (~id & 0x0f);
}

function readKeyId(byte: number): number | undefined {
  const id = byte >> 4;
  return id > 0 && byte === writeKeyId(id) ? id : undefined;
}

function hashSecret(secret: Buffer): string {
  return sha256Text(secret);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
