// The text form of a session record in Redis.
//
//   generation|secretHash|keyId|parent|attempt|confirmed|anchorAt|rotatedAt;
//   idle lifetime|absolute end|createdAt|cnf|length of the subject|subject, then data
//
// A rotation replaces the part before the semicolon and leaves the rest as it is. This package writes the head, up to
// `confirmed`; the scripts add the times, which are Redis's. Instants are milliseconds with thirteen digits.

import type { ExpectedGeneration, NewSession, SessionSnapshot } from '@tokenpair/core/store';

/** The beginning of a record with this generation and secret. */
export function writeExpected({ generation, secretHash }: ExpectedGeneration): string {
  return `${generation}|${secretHash}|`;
}

/** A record up to `anchorAt`, after a rotation or at its creation. */
export function writeHead(
  next: Pick<NewSession, 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'>,
): string {
  const { keyId, parentGeneration, attempt } = next;
  return `${writeExpected(next)}${keyId}|${parentGeneration}|${encodeURIComponent(attempt)}|0|`;
}

/** A new record from `cnf` on. */
export function writeTail({ cnf, subject, data }: NewSession): string {
  return `${encodeURIComponent(cnf)}|${subject.length}|${subject}${data}`;
}

const recordText =
  /^(\d+)\|([\w-]+)\|(\d+)\|(\d+)\|([^|]*)\|([01])\|(\d{13})\|(\d{13});(\d+)\|(\d+)\|(\d+)\|([^|]*)\|(\d+)\|/;

/** @throws Error the text is not a session record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [head = '', generation, secretHash, keyId, parent, attempt, confirmed, anchorAt, ...rest] =
    recordText.exec(text) ?? [];
  const [rotatedAt, idleLifetime, expiresAt, createdAt, cnf, subjectLength] = rest;
  const subjectEnd = head.length + Number(subjectLength);
  if (secretHash === undefined || subjectEnd > text.length) {
    throw new Error('the value under the key of a session is not a session record');
  }
  return {
    sessionId,
    subject: text.slice(head.length, subjectEnd),
    generation: Number(generation),
    secretHash,
    keyId: Number(keyId),
    parentGeneration: Number(parent),
    attempt: decodeURIComponent(attempt ?? ''),
    confirmed: confirmed === '1',
    cnf: decodeURIComponent(cnf ?? ''),
    createdAt: Number(createdAt),
    rotatedAt: Number(rotatedAt),
    anchorAt: Number(anchorAt),
    expiresAt: Number(expiresAt),
    idleLifetime: Number(idleLifetime),
    data: text.slice(subjectEnd),
    asOf,
  };
}
