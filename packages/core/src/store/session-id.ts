// The session ID: how it is made, and the tag of its subject that it begins with.

import { hash, randomBytes } from 'node:crypto';

import { isBase64url } from '../lib/base64url.js';
import { requireWellFormed } from '../lib/subject.js';

// Twelve bytes are exactly sixteen characters, so the tag can be cut from the text of an ID.
const tagLength = 16;
const randomPartBytes = 16;
const idLength = Math.ceil(((12 + randomPartBytes) * 8) / 6);

/** Mints the ID of a new session: the tag of its subject, then 16 random bytes. */
export function mintSessionId(subject: string): Buffer {
  const tag = Buffer.from(subjectTag(subject), 'base64url');
  return Buffer.concat([tag, randomBytes(randomPartBytes)]);
}

/**
 * The first 16 characters of the SHA-256 of a subject in base64url. Every session ID of the subject begins with them, so a
 * store can keep the sessions of a subject together.
 *
 * @throws TypeError the subject has a lone surrogate: another text has the same UTF-8 form and would have the same tag.
 */
export function subjectTag(subject: string): string {
  return hash('sha256', requireWellFormed(subject), 'base64url').slice(0, tagLength);
}

/** The subject tag that a session ID begins with. */
export function subjectTagOf(sessionId: string): string {
  return sessionId.slice(0, tagLength);
}

/** Whether a text has the form of a session ID. Only the store knows whether there is such a session. */
export function isSessionId(text: string): boolean {
  return text.length === idLength && isBase64url(text);
}
