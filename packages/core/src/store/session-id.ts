// The session ID: how it is made, and the tag of its owner that it begins with.

import { hash, randomBytes } from 'node:crypto';

import { isBase64url } from '../lib/base64url.js';
import { requireWellFormed } from '../lib/subject.js';

const tagBytes = 12;
const randomPartBytes = 16;

// Twelve bytes are exactly sixteen characters, so the tag can be cut from the text of an ID.
const tagLength = (tagBytes / 3) * 4;
const idLength = Math.ceil(((tagBytes + randomPartBytes) * 8) / 6);

/** Mints the ID of a new session: the tag of its owner, then 16 random bytes. */
export function mintSessionId(owner: string): Buffer {
  return toSessionId(owner, randomBytes(randomPartBytes));
}

/** The session ID with this random part, of 16 bytes. */
export function toSessionId(owner: string, randomPart: Buffer): Buffer {
  return Buffer.concat([Buffer.from(ownerTag(owner), 'base64url'), randomPart]);
}

/**
 * The first 16 characters of the SHA-256 of an owner in base64url. Every session ID of the owner begins with them, so a
 * store can keep the sessions of an owner together.
 *
 * @throws TypeError the owner has a lone surrogate: another text has the same UTF-8 form and would have the same tag.
 */
export function ownerTag(owner: string): string {
  return hash('sha256', requireWellFormed(owner), 'base64url').slice(0, tagLength);
}

/** The owner tag that a session ID begins with. */
export function ownerTagOf(sessionId: string): string {
  return sessionId.slice(0, tagLength);
}

/** Whether a text has the form of a session ID. Only the store knows whether there is such a session. */
export function isSessionId(text: string): boolean {
  return text.length === idLength && isBase64url(text);
}
