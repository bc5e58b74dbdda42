// A session record as the one string that Redis holds. The scripts read and write its header; what follows it they
// hand on unread.
//
//   generation|secretHash|keyId|parent|attempt|confirmed|cnf|createdAt|rotatedAt|anchor|absolute lifetime|idle lifetime|
//   length of subject|subject data
//
// Numbers are in base 36. What is nearly always the same is left out: the parent where it is the generation before, the
// anchor where it is rotatedAt, and `confirmed` where it is false. Redis keeps a string of at most 252 bytes in 256, and a
// longer one in 320.

import type { NewSession, SessionSnapshot } from '@tokenpair/core';

/** The part of a new record that the script does not make itself. */
export interface NewRecordText {
  readonly head: string;
  readonly tail: string;
}

export function writeNewRecord(session: NewSession): NewRecordText {
  const { generation, secretHash, keyId, parentGeneration, attempt, cnf, subject, data } = session;
  return {
    head: [
      writeNumber(generation),
      secretHash,
      writeNumber(keyId),
      writeParent(generation, parentGeneration),
      encodeURIComponent(attempt),
      '',
      encodeURIComponent(cnf),
    ].join('|'),
    tail: `${writeNumber(subject.length)}|${subject}${data}`,
  };
}

export function writeNumber(number: number): string {
  return number.toString(36);
}

export function writeParent(generation: number, parentGeneration: number): string {
  return parentGeneration === generation - 1 ? '' : writeNumber(parentGeneration);
}

function readNumber(digits: string | undefined): number {
  return Number.parseInt(digits ?? '', 36);
}

const recordText =
  /^([\da-z]+)\|([\w-]+)\|([\da-z]+)\|([\da-z]*)\|([^|]*)\|(1?)\|([^|]*)\|([\da-z]+)\|([\da-z]+)\|([\da-z]*)\|([\da-z]+)\|([\da-z]+)\|([\da-z]+)\|(.*)$/s;

/** @throws Error the text is no record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [, ...fields] = recordText.exec(text) ?? [];
  const [generationDigits, secretHash, keyId, parent, attempt, confirmed, cnf, ...rest] = fields;
  const [created, rotated, anchor, absoluteLifetime, idleLifetime, subjectDigits, tail] = rest;
  const subjectLength = readNumber(subjectDigits);
  if (tail === undefined || subjectLength > tail.length) {
    throw new Error('what stands under the key of a session is no session record');
  }
  const generation = readNumber(generationDigits);
  const createdAt = readNumber(created);
  const rotatedAt = readNumber(rotated);
  return {
    sessionId,
    subject: tail.slice(0, subjectLength),
    generation,
    secretHash: secretHash ?? '',
    keyId: readNumber(keyId),
    parentGeneration: parent === '' ? generation - 1 : readNumber(parent),
    attempt: decodeURIComponent(attempt ?? ''),
    confirmed: confirmed === '1',
    cnf: decodeURIComponent(cnf ?? ''),
    createdAt,
    rotatedAt,
    anchorAt: anchor === '' ? rotatedAt : readNumber(anchor),
    expiresAt: createdAt + readNumber(absoluteLifetime),
    idleLifetime: readNumber(idleLifetime),
    data: tail.slice(subjectLength),
    asOf,
  };
}
