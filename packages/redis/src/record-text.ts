// The text form of a session record in Redis, one line:
//
//   generation|secretHash|state|rotatedAt;confirmed|idle lifetime|absolute end|createdAt|later members|owner|data
//
// A rotation writes the part before the semicolon and copies the rest unread. The later members are a place for members that
// a newer version of this package may add: this version writes none and copies them. State and owner are percent-encoded,
// data is not. Instants are milliseconds with thirteen digits.

import type { Change, Expected, NewSession, SessionSnapshot } from '@tokenpair/core/store';

/** The beginning of a record with this generation and secret; empty when they are not expected. */
export function writeExpectedHead({ generation, secretHash }: Expected): string {
  const isNamed = generation !== undefined || secretHash !== undefined;
  return isNamed ? `${generation}|${secretHash}|` : '';
}

/** A record up to `rotatedAt`. */
export function writeHead(token: NonNullable<Change['token']>): string {
  const { generation, secretHash, state } = token;
  return `${generation}|${secretHash}|${encodeURIComponent(state)}|`;
}

/** A new record after `createdAt`. */
export function writeTail({ owner, data }: NewSession): string {
  return `|${encodeURIComponent(owner)}|${data}`;
}

const recordText =
  /^(\d+)\|([\w-]+)\|([^|;]*)\|(\d{13});(\d+)\|(\d+)\|(\d+)\|(\d+)\|[^|]*\|([^|]*)\|/;

/** @throws Error the text is not a session record. */
export function readRecord(sessionId: string, text: string, asOf: number): SessionSnapshot {
  const [head = '', generation, secretHash, state = '', ...rest] = recordText.exec(text) ?? [];
  const [rotatedAt, confirmed, idleLifetime, expiresAt, createdAt, owner = ''] = rest;
  if (secretHash === undefined) {
    throw new Error('the value under the key of a session is not a session record');
  }
  return {
    sessionId,
    owner: decodeURIComponent(owner),
    generation: Number(generation),
    secretHash,
    state: decodeURIComponent(state),
    rotatedAt: Number(rotatedAt),
    data: text.slice(head.length),
    idleLifetime: Number(idleLifetime),
    expiresAt: Number(expiresAt),
    createdAt: Number(createdAt),
    confirmed: Number(confirmed),
    asOf,
  };
}
