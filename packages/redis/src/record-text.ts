// A session record as the one string that Redis holds. The scripts read and write its header; what follows it they
// hand on unread.
//
//   generation|secretHash|keyId|parentGeneration|attempt|confirmed|cnf|createdAt|rotatedAt|anchorAt|expiresAt|idle|
//   length of subject|subject data

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
      generation,
      secretHash,
      keyId,
      parentGeneration,
      encodeURIComponent(attempt),
      0,
      encodeURIComponent(cnf),
    ].join('|'),
    tail: `${subject.length}|${subject}${data}`,
  };
}

const recordText =
  /^(\d+)\|([\w-]+)\|(\d+)\|(\d+)\|([^|]*)\|([01])\|([^|]*)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|(.*)$/s;

/** @throws Error the text is no record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [, ...fields] = recordText.exec(text) ?? [];
  const [generation, secretHash, keyId, parentGeneration, attempt, confirmed, cnf, ...rest] =
    fields;
  const [createdAt, rotatedAt, anchorAt, expiresAt, idleLifetime, subjectLength, tail] = rest;
  if (tail === undefined || Number(subjectLength) > tail.length) {
    throw new Error('what stands under the key of a session is no session record');
  }
  return {
    sessionId,
    subject: tail.slice(0, Number(subjectLength)),
    generation: Number(generation),
    secretHash: secretHash ?? '',
    keyId: Number(keyId),
    parentGeneration: Number(parentGeneration),
    attempt: decodeURIComponent(attempt ?? ''),
    confirmed: confirmed === '1',
    cnf: decodeURIComponent(cnf ?? ''),
    createdAt: Number(createdAt),
    rotatedAt: Number(rotatedAt),
    anchorAt: Number(anchorAt),
    expiresAt: Number(expiresAt),
    idleLifetime: Number(idleLifetime),
    data: tail.slice(Number(subjectLength)),
    asOf,
  };
}
