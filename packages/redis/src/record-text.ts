// A session record as the one string that Redis holds. What a rotation replaces stands first and is written here; the
// scripts put the time behind it, and hand on the rest as it was.
//
//   generation|secretHash|keyId|parent|attempt|confirmed|rotatedAt|anchor|cnf|createdAt|absolute lifetime|idle lifetime|
//   length of subject|subject data
//
// Numbers are in base 36. What is nearly always the same is left out: the parent where it is the generation before, the
// anchor where it is rotatedAt, and `confirmed` where it is false. Redis keeps a string of at most 252 bytes in 256, and a
// longer one in 320.

import type { ExpectedGeneration, NewSession, SessionSnapshot } from '@tokenpair/core';

/** What a record begins with when it is of this generation and secret. */
export function writeExpected({ generation, secretHash }: ExpectedGeneration): string {
  return `${writeNumber(generation)}|${secretHash}|`;
}

/** A record up to the time of its rotation. */
export function writeHead(
  next: Pick<NewSession, 'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'>,
): string {
  const { generation, keyId, parentGeneration, attempt } = next;
  const parent = parentGeneration === generation - 1 ? '' : writeNumber(parentGeneration);
  const name = encodeURIComponent(attempt);
  return `${writeExpected(next)}${writeNumber(keyId)}|${parent}|${name}||`;
}

/** A new record from its lifetimes on. */
export function writeTail(session: NewSession): string {
  const { absoluteLifetime, idleLifetime, subject, data } = session;
  const [absolute, idle, length] = [absoluteLifetime, idleLifetime, subject.length].map(
    writeNumber,
  );
  return `${absolute}|${idle}|${length}|${subject}${data}`;
}

function writeNumber(number: number): string {
  return number.toString(36);
}

function readNumber(digits: string | undefined): number {
  return Number.parseInt(digits ?? '', 36);
}

// Nearly always there is nothing to decode.
function readText(text = ''): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

const recordText =
  /^([\da-z]+)\|([\w-]+)\|([\da-z]+)\|([\da-z]*)\|([^|]*)\|(1?)\|([\da-z]+)\|([\da-z]*)\|([^|]*)\|([\da-z]+)\|([\da-z]+)\|([\da-z]+)\|([\da-z]+)\|(.*)$/s;

/** @throws Error the text is no record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [, ...fields] = recordText.exec(text) ?? [];
  const [generationDigits, secretHash, keyId, parent, attempt, confirmed, ...rest] = fields;
  const [rotated, anchor, cnf, created, absoluteLifetime, idleLifetime, subjectDigits, tail] = rest;
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
    attempt: readText(attempt),
    confirmed: confirmed === '1',
    cnf: readText(cnf),
    createdAt,
    rotatedAt,
    anchorAt: anchor === '' ? rotatedAt : readNumber(anchor),
    expiresAt: createdAt + readNumber(absoluteLifetime),
    idleLifetime: readNumber(idleLifetime),
    data: tail.slice(subjectLength),
    asOf,
  };
}
