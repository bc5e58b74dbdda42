// Reads session records from the rows of the tables.

import type { SessionSnapshot } from '@tokenpair/core/store';

/** An owner as it is stored. A text of Postgres cannot hold a NUL, so control characters are escaped as in JSON. */
export function writeOwner(owner: string): string {
  return JSON.stringify(owner).slice(1, -1);
}

/**
 * Reads the JSON of a row. Columns that a newer version has added are left out.
 *
 * @param asOf - milliseconds of the database's clock.
 * @throws Error the row is not a session record.
 */
export function readRow(row: unknown, asOf: number): SessionSnapshot {
  const {
    session_id: sessionId,
    owner,
    generation,
    secret_hash: secretHash,
    state,
    data,
    ...rest
  } = Object(row) as Readonly<Record<string, unknown>>;
  const { confirmed, idle_lifetime_ms: idleLifetime } = rest;
  const [rotatedAt = NaN, expiresAt = NaN, createdAt = NaN] = [
    'rotated_at',
    'expires_at',
    'created_at',
  ].map((column) => Date.parse(String(rest[column])));
  const isRecord =
    isText(sessionId) &&
    isText(owner) &&
    isText(state) &&
    isText(data) &&
    isText(secretHash) &&
    /^[\w-]+$/.test(secretHash) &&
    [generation, confirmed, idleLifetime].every(isCount) &&
    [rotatedAt, expiresAt, createdAt, asOf].every(Number.isSafeInteger);
  if (!isRecord) throw new Error('the row of a session is not a session record');
  return {
    sessionId,
    owner: String(JSON.parse(`"${owner}"`)),
    generation: Number(generation),
    secretHash,
    state,
    rotatedAt,
    data,
    idleLifetime: Number(idleLifetime),
    expiresAt,
    createdAt,
    confirmed: Number(confirmed),
    asOf,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
