// A session record as the one string that Redis holds. What a rotation replaces stands before the semicolon: core writes
// it but for the times, which the script puts in, and the script hands on what stands behind as it was.
//
//   generation|secretHash|keyId|parent|attempt|confirmed|anchor|rotatedAt;
//   idle lifetime|absolute end|createdAt|cnf|length of subject|subject data
//
// Instants have thirteen digits. What is nearly always the same is left out: the parent where it is the generation before,
// the anchor where it is rotatedAt, and `confirmed` where it is false. Redis keeps a string of at most 252 bytes in 256,
// and a longer one in 320.

import type { ExpectedGeneration, NewSession, SessionSnapshot } from '@tokenpair/core/store';

/** What a record begins with when it is of this generation and secret. */
export function writeExpected({ generation, secretHash }: ExpectedGeneration): string {
  return `${generation}|${secretHash}|`;
}

/** A record up to the times of its rotation. */
export function writeHead(
  next: Pick<NewSession, 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'>,
): string {
  const { generation, keyId, parentGeneration, attempt } = next;
  const parent = parentGeneration === generation - 1 ? '' : parentGeneration;
  return `${writeExpected(next)}${keyId}|${parent}|${encodeURIComponent(attempt)}||`;
}

/** A new record from behind its instants on. */
export function writeTail({ cnf, subject, data }: NewSession): string {
  return `${encodeURIComponent(cnf)}|${subject.length}|${subject}${data}`;
}

const recordText =
  /^(\d+)\|([\w-]+)\|(\d+)\|(\d*)\|([^|]*)\|(1?)\|(\d*)\|(\d{13});(\d+)\|(\d+)\|(\d+)\|([^|]*)\|(\d+)\|/;

/** @throws Error the text is no record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [head, digits, secretHash, keyId, parent, attempt, confirmed, anchor, ...rest] =
    recordText.exec(text) ?? [];
  const [rotated, idle, finish, created, cnf, subjectLength] = rest;
  const start = head?.length ?? 0;
  const end = start + Number(subjectLength);
  if (secretHash === undefined || end > text.length) {
    throw new Error('what stands under the key of a session is no session record');
  }
  const generation = Number(digits);
  const rotatedAt = Number(rotated);
  return {
    sessionId,
    subject: text.slice(start, end),
    generation,
    secretHash,
    keyId: Number(keyId),
    parentGeneration: parent === '' ? generation - 1 : Number(parent),
    attempt: readText(attempt),
    confirmed: confirmed === '1',
    cnf: readText(cnf),
    createdAt: Number(created),
    rotatedAt,
    anchorAt: anchor === '' ? rotatedAt : Number(anchor),
    expiresAt: Number(finish),
    idleLifetime: Number(idle),
    data: text.slice(end),
    asOf,
  };
}

// Nearly always there is nothing to decode.
function readText(text = ''): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}
