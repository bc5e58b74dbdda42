// Reads session records from what the statements answer.

import type { SessionSnapshot } from '@tokenpair/core/store';

/** An owner as it is stored. A text of Postgres cannot hold a NUL, so control characters are escaped as in JSON. */
export function writeOwner(owner: string): string {
  return JSON.stringify(owner).slice(1, -1);
}

const numbers = [
  'generation',
  'rotatedAt',
  'confirmed',
  'idleLifetime',
  'expiresAt',
  'createdAt',
  'asOf',
] as const;

/** @throws Error the value is not a session record. */
export function readSession(value: unknown): SessionSnapshot {
  const record = Object(value) as Record<keyof SessionSnapshot, unknown>;
  const { sessionId, owner, generation, secretHash, state, data, confirmed } = record;
  const isRecord =
    numbers.every((name) => Number.isSafeInteger(record[name])) &&
    [sessionId, owner, secretHash, state, data].every((text) => typeof text === 'string') &&
    /^[\w-]+$/.test(String(secretHash)) &&
    Number(generation) >= 0 &&
    Number(confirmed) >= 0;
  if (!isRecord) throw new Error('the row of a session is not a session record');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every member was checked
  return { ...(record as unknown as SessionSnapshot), owner: JSON.parse(`"${String(owner)}"`) as string };
}

/** What `json_agg` answers: NULL for no row. */
export function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
