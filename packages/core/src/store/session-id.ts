// Under the issuing journeys: how a session id is made, and how a store finds a subject's place from it.

import { isBase64url } from '../lib/base64url.js';
import { sha256, sha256Text } from '../lib/digest.js';
import { randomBytes } from '../lib/random.js';
import { requireWellFormed } from '../lib/subject.js';

const tagBytes = 12;
const randomPartBytes = 16;

/** Bytes of a session id. */
export const sessionIdBytes: number = tagBytes + randomPartBytes;

// Twelve bytes are sixteen characters exactly, so the tag can be cut from the text of an id.
const tagLength = (tagBytes / 3) * 4;
const idLength = Math.ceil((sessionIdBytes * 8) / 6);

/** Makes the id of a new session of a subject: subject tag, then 16 random bytes. */
export function mintSessionId(subject: string): Buffer {
  return Buffer.concat([tagOf(subject), randomBytes(randomPartBytes)]);
}

/**
 * Where the sessions of a subject live: 16 characters of base64url, the same for every session of the subject.
 *
 * @throws TypeError the subject has a lone surrogate: its UTF-8 form, of which this is a hash, is that of another text too.
 */
export function subjectTag(subject: string): string {
  return sha256Text(requireWellFormed(subject)).slice(0, tagLength);
}

/** The subject tag that a session id begins with. */
export function subjectTagOf(sessionId: string): string {
  return sessionId.slice(0, tagLength);
}

/** Whether a text has the one spelling of a session id; whether there is such a session only the store knows. */
export function isSessionId(text: string): boolean {
  return text.length === idLength && isBase64url(text);
}

function tagOf(subject: string): Buffer {
  return sha256(subject).subarray(0, tagBytes);
}
