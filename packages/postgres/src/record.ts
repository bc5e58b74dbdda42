// Reads session records from the rows of the tables.

import { StoreUnavailableError, type Expected, type SessionSnapshot } from '@tokenpair/core/store';

import { unescapeText } from './text.js';

/** Whether a record is as expected, as the statement of a swap compares it. */
export function isFit(expect: Expected, session: SessionSnapshot | undefined): boolean {
  if (session === undefined) return false;
  const { olderThan = -1, ...members } = expect;
  const isEqual = Object.entries(members).every(
    ([name, value]) => value === undefined || value === Reflect.get(session, name),
  );
  return isEqual && Math.abs(session.asOf - session.rotatedAt) > olderThan;
}

/** Whether a session had not ended when its record was read. */
export function isLive({ asOf, rotatedAt, idleLifetime, expiresAt }: SessionSnapshot): boolean {
  return asOf < Math.min(rotatedAt + idleLifetime, expiresAt);
}

/**
 * Reads the JSON of a row, or of an array of rows. Columns that a newer version has added are left out.
 *
 * @param time - the time of the database as JSON.
 * @throws StoreUnavailableError a row is not a session record.
 */
export function readRows(
  text: string | null | undefined,
  time: string | null | undefined,
): SessionSnapshot[] {
  if (text === null || text === undefined) return [];
  try {
    const asOf = Date.parse(String(JSON.parse(time ?? 'null')));
    return [JSON.parse(text) as unknown].flat().map((row) => readRow(row, asOf));
  } catch (cause) {
    // A parser of JSON quotes what it could not read.
    const isQuote = cause instanceof SyntaxError;
    throw new StoreUnavailableError({ cause: isQuote ? new Error(noRecord) : cause });
  }
}

const noRecord = 'the row of a session is not a session record';

function readRow(row: unknown, asOf: number): SessionSnapshot {
  const columns: Readonly<Record<string, unknown>> = Object(row);
  const {
    session_id: sessionId,
    owner,
    generation,
    secret_hash: secretHash,
    state,
    data,
    ...rest
  } = columns;
  const { confirmed, idle_lifetime_ms: idleLifetime } = rest;
  const timeOf = (column: string) => Date.parse(String(rest[column]));
  const [rotatedAt, expiresAt] = [timeOf('rotated_at'), timeOf('expires_at')];
  const createdAt = timeOf('created_at');
  const isRecord =
    isText(sessionId) &&
    isText(owner) &&
    isText(state) &&
    isText(data) &&
    isText(secretHash) &&
    /^[\w-]+$/.test(secretHash) &&
    [generation, confirmed, idleLifetime].every(isCount) &&
    [rotatedAt, expiresAt, createdAt, asOf].every(Number.isSafeInteger);
  if (!isRecord) throw new Error(noRecord);
  return {
    sessionId,
    owner: unescapeText(owner),
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
