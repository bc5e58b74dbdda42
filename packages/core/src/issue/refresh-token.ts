// The format of a refresh token. No other file knows it.
//
//   bytes    version(1) key ID(1) flags(2) session ID(28) generation(4) secret(16) predecessor's secret(16) tag(16)
//            in base64url, after the prefix. Generation 1 has no predecessor: 16 zero bytes
//   flags    bit 0: the session has a client. A successor has the flags of its predecessor
//   tag      first 16 bytes of HMAC-SHA256 under the mac key over everything before the tag
//   secret   generation 1 and after a step-up: 16 random bytes
//            otherwise, for generation g: first 16 bytes of HMAC-SHA256 under the ratchet key over session ID | g | presented secret
//
// So every caller with the same predecessor gets the same successor, byte for byte, and neither a copy of the store nor a
// key is enough to make a token.

import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

import { decodeBase64url } from '../lib/base64url.js';
import { refreshTokenPrefix } from '../lib/refresh-token-prefix.js';
import { mintSessionId, toSessionId } from '../store/session-id.js';
import type { RefreshKey, RefreshKeys } from './refresh-keys.js';

/** A refresh token, and what the store may know of it. */
export interface RefreshToken {
  readonly token: string;
  readonly sessionId: string;
  readonly generation: number;
  readonly secretHash: string;
  /** The refresh key that sealed it. */
  readonly keyId: number;
}

/** A refresh token that a client has sent. */
export interface PresentedRefreshToken extends RefreshToken {
  /**
   * Whether the tag was checked and is right. False when the key that sealed the token is no longer among the keys: then
   * only the secret can show that this issuer made it.
   */
  readonly sealed: boolean;
  /** Whether the session belongs to an OAuth client. Means something only if `sealed`. */
  readonly hasClient: boolean;
  /** Hash of the predecessor's secret; `undefined` in generation 1. */
  readonly parentHash: string | undefined;
  /** What a successor is made from. It never leaves this process. */
  readonly parts: TokenParts;
}

interface TokenParts {
  readonly sessionId: Buffer;
  readonly flags: number;
  readonly secret: Buffer;
  readonly parentSecret: Buffer;
}

/** The highest generation that four bytes can count; no session lives that long. */
export const lastGeneration = 0xff_ff_ff_ff;

const version = 1;
const layout = {
  keyId: 1,
  flags: 2,
  sessionId: 4,
  generation: 32,
  secret: 36,
  parentSecret: 52,
  tag: 68,
  end: 84,
} as const;
const secretLength = 16;
const tagLength = layout.end - layout.tag;
const textLength = refreshTokenPrefix.length + (layout.end / 3) * 4;
const noSecret = Buffer.alloc(secretLength);
const clientFlag = 1;

/** Mints the first refresh token of a new session. */
export function mintRefreshToken(
  { active }: RefreshKeys,
  owner: string,
  hasClient: boolean,
): RefreshToken {
  return seal(active, 1, {
    sessionId: mintSessionId(owner),
    flags: hasClient ? clientFlag : 0,
    secret: randomBytes(secretLength),
    parentSecret: noSecret,
  });
}

/**
 * Makes the first refresh token of a session that takes over a refresh token of another system. The same foreign token always
 * gives the same session and the same token, so that two tabs with it get one session.
 *
 * It begins at generation 2: generation 1 may rotate at once because it is in one response only, and this token may be in several.
 */
export function adoptRefreshToken(
  key: RefreshKey,
  owner: string,
  hasClient: boolean,
  foreignToken: string,
): RefreshToken {
  const bytes = createHmac('sha256', key.ratchet).update('adopt ').update(foreignToken).digest();
  return seal(key, 2, {
    sessionId: toSessionId(owner, bytes.subarray(0, secretLength)),
    flags: hasClient ? clientFlag : 0,
    secret: bytes.subarray(secretLength),
    parentSecret: noSecret,
  });
}

/** Whether a text looks like a refresh token of this package, of whichever issuer. */
export function looksLikeOurs(token: string): boolean {
  return token.startsWith(refreshTokenPrefix);
}

/**
 * Opens a refresh token: checks its form, version, key ID and tag. Does not ask the store.
 *
 * @returns `undefined` for everything that this issuer did not seal: forged, truncated, altered or encoded differently.
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
  const [head, tag] = [bytes.subarray(0, layout.tag), bytes.subarray(layout.tag)];
  if (key !== undefined && !timingSafeEqual(tagOf(key, head), tag)) return undefined;
  const flags = bytes.readUInt16BE(layout.flags);
  const secret = bytes.subarray(layout.secret, layout.parentSecret);
  const parentSecret = bytes.subarray(layout.parentSecret, layout.tag);
  return {
    token,
    sessionId: bytes.toString('base64url', layout.sessionId, layout.generation),
    generation,
    secretHash: hashSecret(secret),
    keyId,
    sealed: key !== undefined,
    hasClient: (flags & clientFlag) !== 0,
    parentHash: generation === 1 ? undefined : hashSecret(parentSecret),
    parts: {
      sessionId: bytes.subarray(layout.sessionId, layout.generation),
      flags,
      secret,
      parentSecret,
    },
  };
}

/**
 * A token whose tag could not be checked, with what its record says. Only its secret shows that it is genuine: its holder can have
 * altered all other parts.
 */
export function correctUnsealed(
  presented: PresentedRefreshToken,
  record: { readonly generation: number; readonly hasClient: boolean },
): PresentedRefreshToken {
  const flags = record.hasClient ? clientFlag : 0;
  return { ...presented, ...record, parts: { ...presented.parts, flags } };
}

/** Derives a successor of the presented token. The same token, key and generation always give the same successor. */
export function deriveSuccessor(
  key: RefreshKey,
  { parts }: PresentedRefreshToken,
  generation: number,
): RefreshToken {
  const secret = deriveSecret(key, parts.sessionId, generation, parts.secret);
  return seal(key, generation, { ...parts, secret, parentSecret: parts.secret });
}

/**
 * Mints a token of a later generation that cannot be derived: for a step-up.
 *
 * @param presented - `undefined` when the session is known by its ID only. Then the token does not name its predecessor, and a
 * store that loses the step-up is noticed, not repaired.
 */
export function mintSuccessor(
  key: RefreshKey,
  session: { readonly sessionId: string; readonly hasClient: boolean },
  presented: PresentedRefreshToken | undefined,
  generation: number,
): RefreshToken {
  return seal(key, generation, {
    sessionId: Buffer.from(session.sessionId, 'base64url'),
    flags: presented?.parts.flags ?? (session.hasClient ? clientFlag : 0),
    secret: randomBytes(secretLength),
    parentSecret: presented?.parts.secret ?? noSecret,
  });
}

/** Whether a token was derived from its predecessor under this key. That of a step-up was not. */
export function isDerived(
  key: RefreshKey,
  { generation, secretHash, parts: { sessionId, parentSecret } }: PresentedRefreshToken,
): boolean {
  return hashSecret(deriveSecret(key, sessionId, generation, parentSecret)) === secretHash;
}

function deriveSecret(
  { ratchet }: RefreshKey,
  sessionId: Buffer,
  generation: number,
  presentedSecret: Buffer,
): Buffer {
  return createHmac('sha256', ratchet)
    .update(sessionId)
    .update(uint32(generation))
    .update(presentedSecret)
    .digest()
    .subarray(0, secretLength);
}

function seal(key: RefreshKey, generation: number, parts: TokenParts): RefreshToken {
  const { sessionId, flags, secret, parentSecret } = parts;
  const head = Buffer.concat([
    Buffer.from([version, writeKeyId(key.id), flags >> 8, flags & 0xff]),
    sessionId,
    uint32(generation),
    secret,
    parentSecret,
  ]);
  const bytes = Buffer.concat([head, tagOf(key, head)]);
  return {
    token: refreshTokenPrefix + bytes.toString('base64url'),
    sessionId: sessionId.toString('base64url'),
    generation,
    secretHash: hashSecret(secret),
    keyId: key.id,
  };
}

function tagOf(key: RefreshKey, head: Buffer): Buffer {
  return createHmac('sha256', key.mac).update(head).digest().subarray(0, tagLength);
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

// Half of a SHA-256 is enough: the secret has 128 random bits, and no client chooses it.
function hashSecret(secret: Buffer): string {
  return hash('sha256', secret, 'buffer').toString('base64url', 0, secretLength);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
